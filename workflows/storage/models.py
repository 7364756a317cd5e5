"""Where bytes rest: files by their checksum, cut into chunks, in the same database as everything else.

A file commits and rolls back with the act that stores it, and one backup holds the whole office. Names, types and
rights are not here; evidence, letters and case reports point at a checksum and say who may read it.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from workflows.orm import Base

# Bytes in one row; small enough that reading a file never needs more memory than a few of them.
CHUNK_SIZE = 1_000_000


class StoredFile(Base):
    """One sequence of bytes, kept once however many rows point at it."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("checksum ~ '^[0-9a-f]{64}$'", name="checksum"),
        CheckConstraint("size >= 0", name="size"),
    )

    # SHA-256 of the bytes, in hexadecimal.
    checksum: Mapped[str] = mapped_column(primary_key=True)
    # Number of bytes.
    size: Mapped[int] = mapped_column(BigInteger)
    stored_at: Mapped[datetime]


class StoredChunk(Base):
    """One piece of a stored file; all but the last one hold CHUNK_SIZE bytes."""

    __tablename__ = "stored_chunk"

    checksum: Mapped[str] = mapped_column(ForeignKey(StoredFile.checksum, ondelete="CASCADE"), primary_key=True)
    # Place of the chunk in the file, from 0.
    position: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
