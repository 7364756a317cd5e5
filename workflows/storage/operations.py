"""Putting bytes to rest, streamed: at no time is more than one chunk of a file in memory."""

import hashlib
import tempfile
from dataclasses import dataclass
from typing import BinaryIO, cast

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_or_keep

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


def weigh(stream: BinaryIO) -> Stored:
    """Tell checksum and size of a stream that can be rewound, and rewind it."""
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(CHUNK_SIZE):
        digest.update(piece)
        size += len(piece)
    stream.seek(0)
    return Stored(digest.hexdigest(), size)
