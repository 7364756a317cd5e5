"""The calendar as the office keeps it: days off and the state of each year, in editions that are never overwritten.

The row with the highest version of a day or a year counts; those below it are its history with who, when and why.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from workflows.orm import Base, RowKey


class CalendarDay(Base):
    """One edition of what a date is."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        UniqueConstraint("day", "version"),
        CheckConstraint("kind IN ('holiday', 'joint_leave', 'ordinary')", name="kind"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[RowKey]
    day: Mapped[date]
    version: Mapped[int]
    # "holiday" (national), "joint_leave" (cuti bersama), or "ordinary": no longer a day off.
    kind: Mapped[str]
    # Indonesian name; of an ordinary day, that of the day off it was.
    name: Mapped[str]
    name_en: Mapped[str]
    recorded_at: Mapped[datetime]
    # Who recorded it; None for the system. No foreign key: the calendar stands below people.
    recorded_by_id: Mapped[UUID | None]
    recorded_by: Mapped[str]
    # Why: the decree, the package, the correction.
    reason: Mapped[str]


class CalendarYear(Base):
    """One edition of how certain a year's days off are."""

    __tablename__ = "calendar_year"
    __table_args__ = (UniqueConstraint("year", "version"), CheckConstraint("version >= 1", name="version"))

    id: Mapped[RowKey]
    year: Mapped[int]
    version: Mapped[int]
    # Estimates, or no joint decree yet: a date counted through it may move.
    provisional: Mapped[bool]
    # Where its days were read, for example the number of the joint decree (SKB).
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]
    recorded_by: Mapped[str]
    reason: Mapped[str]
