"""The table of receipts: the reporter's proof, of which only a hash of the code is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case
from workflows.orm import Base, UuidKey


class Receipt(Base):
    """What lets a reporter follow their case; the code itself was shown once and is not here."""

    __tablename__ = "receipt"

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    # Argon2id of the code: found by equality, worth nothing to a thief of the table.
    lookup: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    issued_at: Mapped[datetime]
    # When the code stopped opening the case; None while it does.
    expired_at: Mapped[datetime | None]
