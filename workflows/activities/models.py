"""The table of the register: what an office did besides handling cases."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from workflows.orm import Base, UuidKey
from workflows.people.models import User


class Activity(Base):
    """One training, one round of explaining the rules, one rule issued: a line of the register.

    A line is never changed or deleted; a wrong one is struck with a reason and written anew.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("hours >= 0 AND participants >= 0", name="not_negative"),
        CheckConstraint("(struck_at IS NULL) = (struck_because IS NULL)", name="struck_with_reason"),
        Index(None, "case_type", "held_on"),
    )

    id: Mapped[UuidKey]
    # The case type whose register this is.
    case_type: Mapped[str]
    # Code of the register's `activities.yml`.
    kind: Mapped[str]
    held_on: Mapped[date]
    title: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    # Length of a training; None where that says nothing.
    hours: Mapped[Decimal | None] = mapped_column(Numeric(7, 2))
    # Number of people who took part; never their names.
    participants: Mapped[int | None]
    # Codes of the units that it reached.
    units: Mapped[list[str]] = mapped_column(default=list)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    struck_at: Mapped[datetime | None]
    struck_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    struck_because: Mapped[str | None]
