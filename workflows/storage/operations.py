"""Putting bytes to rest, streamed: at no time is more than one chunk of a file in memory."""

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, cast

from sqlalchemy import delete, exists, insert
from sqlalchemy.dialects.postgresql import insert as insert_or_keep

from workflows.orm import Base
from workflows.storage.models import CHUNK_SIZE, StoredChunk, StoredFile
from workflows.transaction import Tx


@dataclass(frozen=True)
class Stored:
    """What `put` promises to give back later."""

    # SHA-256 of the bytes, in hexadecimal; the name under which they are kept.
    checksum: str
    # Number of bytes.
    size: int


def put(tx: Tx, stream: BinaryIO) -> Stored:
    """Store all bytes of `stream` and say under which checksum; bytes that are there already are kept once.

    A stream that cannot be rewound is spooled first, since the checksum, which is the key, is known only at its end.
    """
    if not stream.seekable():
        with tempfile.SpooledTemporaryFile(max_size=CHUNK_SIZE) as spool:
            while piece := stream.read(CHUNK_SIZE):
                spool.write(piece)
            spool.seek(0)
            return put(tx, cast(BinaryIO, spool))
    stored = weigh(stream)
    # Two acts may bring the same bytes at once: the second waits here for the first one's commit or rollback.
    claimed = tx.session.execute(
        insert_or_keep(StoredFile)
        .values(checksum=stored.checksum, size=stored.size, stored_at=tx.now)
        .on_conflict_do_nothing()
        .returning(StoredFile.checksum)
    ).first()
    if claimed is not None:
        stream.seek(0)
        position = 0
        while body := stream.read(CHUNK_SIZE):
            tx.session.execute(insert(StoredChunk).values(checksum=stored.checksum, position=position, body=body))
            position += 1
    return stored


def forget_unclaimed(tx: Tx, *, before: datetime) -> int:
    """Forget bytes that were stored before `before` and that nothing points at; tell how many files that were.

    Such bytes came ahead of a report that was never sent. Whatever has a foreign key to a stored file claims it, so
    that a table of tomorrow is heeded too.
    """
    claims = [
        key.parent
        for table in Base.metadata.tables.values()
        if table is not StoredChunk.__table__
        for key in table.foreign_keys
        if key.column is StoredFile.__table__.c.checksum
    ]
    unclaimed = [~exists().where(claim == StoredFile.checksum) for claim in claims]
    forgotten = tx.session.scalars(
        delete(StoredFile).where(StoredFile.stored_at < before, *unclaimed).returning(StoredFile.checksum)
    )
    return len(forgotten.all())


def weigh(stream: BinaryIO) -> Stored:
    """Tell checksum and size of a stream that can be rewound, and rewind it."""
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(CHUNK_SIZE):
        digest.update(piece)
        size += len(piece)
    stream.seek(0)
    return Stored(digest.hexdigest(), size)
