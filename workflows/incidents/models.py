"""Faults with an owner: what stopped, in which case, since when, and whose business it is to mend it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.orm import Base, RowKey, UuidKey
from workflows.people.models import User


class Incident(Base):
    """One fault. It names classes, codes and ids; what people wrote never gets here."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("state in ('open', 'resolved')", name="state"),
        # The same fault is one incident, however often it strikes while it is open.
        Index(None, "subject", unique=True, postgresql_where=text("state = 'open'")),
        Index(None, "case_id"),
    )

    id: Mapped[UuidKey]
    # What failed, as one key: the name of the job with its ids, or "watchdog:<case id>".
    subject: Mapped[str]
    # Kind of fault for the screen, for example "job.failed" or "case.stuck".
    kind: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    # The running process and the element of its diagram at which it stopped, where that is known.
    instance_id: Mapped[UUID | None]
    element: Mapped[str | None]
    # The role that has to look after it.
    owner_role: Mapped[str]
    # Class of the first exception and its code or place, never its message.
    cause_class: Mapped[str]
    cause_code: Mapped[str]
    first_at: Mapped[datetime]
    latest_at: Mapped[datetime]
    # When its owner was told that it waits; None as long as nobody was.
    told_at: Mapped[datetime | None]
    # How often it was tried before and since somebody was told.
    attempts: Mapped[int] = mapped_column(default=1)
    # The job that may be tried again: its name and its ids; None when there is none.
    task: Mapped[str | None]
    arguments: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(default="open")
    resolved_at: Mapped[datetime | None]
    # None when it went away by itself.
    resolved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    note: Mapped[str] = mapped_column(default="")


class WatchdogRun(Base):
    """One look at every open case: when it was, and what was found."""

    __tablename__ = "watchdog_run"

    id: Mapped[RowKey]
    at: Mapped[datetime]
    # Open cases that were looked at.
    cases: Mapped[int]
    # Of those, how many had no next thing for so long that somebody was told.
    stuck: Mapped[int]
    # Runs that were marked as ended though something of them waited.
    falsely_ended: Mapped[int]
    # Open tasks that nobody may do.
    orphaned: Mapped[int]
