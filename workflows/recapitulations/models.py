"""The table of recapitulations: the figures of a period as they were counted, and the documents printed from them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workflows.orm import Base, UuidKey
from workflows.people.models import User
from workflows.storage.models import StoredFile

EDITIONS = ("full", "public")


class Recapitulation(Base):
    """What was counted once. It is never counted again: later figures are another recapitulation."""

    __tablename__ = "recapitulation"
    __table_args__ = (
        CheckConstraint("edition IN ('full', 'public')", name="edition_known"),
        CheckConstraint("state IN ('queued', 'ready', 'failed')", name="state_known"),
        Index(None, "case_type", "first"),
    )

    id: Mapped[UuidKey]
    case_type: Mapped[str]
    # "2026" or "2026-Q3", and its days.
    period: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    # "full" for those whom the law names; "public" withholds small counts.
    edition: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    # As `composition` gives them; the journal bears their SHA-256.
    figures: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    # What stands in the QR code; opens /verifikasi/<document id>.
    document_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="queued")
    ready_at: Mapped[datetime | None]
    # SHA-256 of the printed PDF and of the spreadsheet in `storage`; None until they are ready.
    checksum: Mapped[str | None] = mapped_column(ForeignKey(StoredFile.checksum))
    size: Mapped[int | None] = mapped_column(BigInteger)
    sheet_checksum: Mapped[str | None] = mapped_column(ForeignKey(StoredFile.checksum))
