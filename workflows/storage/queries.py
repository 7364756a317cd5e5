"""Reading stored bytes, streamed. Whoever asks has already settled that the reader may have them."""

import hashlib
from collections.abc import Iterator
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.errors import NotFound
from workflows.storage.models import StoredChunk, StoredFile


def size_of(session: Session, checksum: str) -> int:
    """Tell the number of bytes kept under `checksum`; raise NotFound when there are none."""
    size = session.scalar(select(StoredFile.size).where(StoredFile.checksum == checksum))
    if size is None:
        raise NotFound("file.unknown", checksum=checksum)
    return size


def chunks(session: Session, checksum: str) -> Iterator[bytes]:
    """Give the bytes piece by piece, one row at a time."""
    left, position = size_of(session, checksum), 0
    while left > 0:
        body = session.scalar(
            select(StoredChunk.body).where(StoredChunk.checksum == checksum, StoredChunk.position == position)
        )
        if not body:
            raise NotFound("file.incomplete", checksum=checksum)
        yield body
        left -= len(body)
        position += 1


def read(session: Session, checksum: str) -> bytes:
    """Give all bytes at once, for files that are known to be small, such as letters."""
    return b"".join(chunks(session, checksum))


def copy_to(session: Session, checksum: str, target: IO[bytes]) -> None:
    """Write all bytes to `target`, one chunk in memory at a time."""
    for body in chunks(session, checksum):
        target.write(body)


def is_intact(session: Session, checksum: str) -> bool:
    """Tell whether the bytes that are kept still have their checksum."""
    digest = hashlib.sha256()
    try:
        for body in chunks(session, checksum):
            digest.update(body)
    except NotFound:
        return False
    return digest.hexdigest() == checksum
