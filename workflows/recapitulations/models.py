"""The tables of recapitulations: the figures of a period as they were counted, the documents printed from them, and
whom the clock told that one is due.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
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


class RecapitulationReminder(Base):
    """That a role was told of a period whose recapitulation is due; one for each share, whatever the clock does."""

    __tablename__ = "recapitulation_reminder"
    __table_args__ = (
        UniqueConstraint("case_type", "period", "share", "to_role"),
        CheckConstraint("share > 0 AND share <= 1", name="share_of_the_deadline"),
    )

    id: Mapped[UuidKey]
    case_type: Mapped[str]
    period: Mapped[str]
    # The deadline in the register, and the day it gave.
    deadline_id: Mapped[str]
    due_on: Mapped[date]
    # How much of the time was used up; 1 is the breach, which was raised to the role.
    share: Mapped[Decimal]
    to_role: Mapped[str]
    told_at: Mapped[datetime]
    # Who of those whom a breach reaches has taken note of it.
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))

    @property
    def is_breach(self) -> bool:
        """Tell whether the time was over, and the lateness raised."""
        return self.share == 1
