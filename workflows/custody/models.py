"""The tables of the custody register: what was entrusted, where it lies, and through whose hands it went."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case, Content
from workflows.orm import Base, RowKey, UuidKey
from workflows.people.models import User


class Custody(Base):
    """The objects of one case from the day on which they were entrusted until somebody took them away."""

    __tablename__ = "custody"
    __table_args__ = (
        CheckConstraint("(released_at IS NULL) = (released_to IS NULL)", name="released_to_somebody"),
        # A case entrusts its objects once at a time.
        Index("uq_custody_kept_case", "case_id", unique=True, postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    # Number of the deposit slip (tanda titip).
    slip_number: Mapped[str] = mapped_column(unique=True)
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    # Who keeps it now; the same as who took it until it is handed over.
    keeper_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    # Shelf, room or safe; and a code of the case type's `custody.conditions`.
    place: Mapped[str]
    condition: Mapped[str]
    # What was written when it was taken: a content of the case, with its photos.
    content_id: Mapped[UUID] = mapped_column(ForeignKey(Content.id))
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    # A code of the case type's `custody.released_to`.
    released_to: Mapped[str | None]

    @property
    def is_kept(self) -> bool:
        """Tell whether the office still keeps it."""
        return self.released_at is None


class CustodyMove(Base):
    """One hand-over or one change of place; written once."""

    __tablename__ = "custody_move"

    id: Mapped[RowKey]
    custody_id: Mapped[UUID] = mapped_column(ForeignKey(Custody.id), index=True)
    moved_at: Mapped[datetime]
    moved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    from_keeper_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    to_keeper_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    from_place: Mapped[str]
    to_place: Mapped[str]
    # As it was found at the hand-over.
    condition: Mapped[str]
    reason: Mapped[str]
