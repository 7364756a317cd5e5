"""The tables of human work: one row per step that waits for a person, what they typed so far, and their saved views."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.orm import Base, RowKey, UuidKey
from workflows.people.models import Unit, User

_OPEN = text("status = 'open'")


class Task(Base):
    """One human step, waiting or done. `processes` makes and ends it; here it only changes hands."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'done', 'cancelled')", name="status_known"),
        UniqueConstraint("instance_id", "engine_task"),
        # The inbox reads open tasks in this order: what is due first, then what came first.
        Index("ix_task_open_due", "due_at", "created_at", "id", postgresql_where=_OPEN),
        Index("ix_task_open_role", "role", "unit_id", "due_at", "created_at", "id", postgresql_where=_OPEN),
        Index("ix_task_open_assignee", "assignee_id", "due_at", "created_at", "id", postgresql_where=_OPEN),
    )

    id: Mapped[UuidKey]
    # The run of the diagram that waits for it.
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    # The engine's own id of the waiting step; changes when a loop comes round again.
    engine_task: Mapped[str]
    # Id of the diagram's element.
    element: Mapped[str]
    # What the step is called, as drawn.
    name: Mapped[str]
    # Id of the diagram's lane.
    lane: Mapped[str]
    # Role that may do it, as the manifest maps the lane.
    role: Mapped[str]
    # Unit whose holders of the role may do it; None means any unit.
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Unit.id), index=True)
    # Id of the form; empty when the step is only confirmed.
    form: Mapped[str] = mapped_column(default="")
    # Id of the deadline that runs while it waits, if one does.
    deadline_id: Mapped[str | None]
    due_at: Mapped[datetime | None]
    # Smaller is sooner among tasks of one due instant; 50 unless drawn otherwise.
    priority: Mapped[int] = mapped_column(default=50)
    # Id of the element whose performer may not do this one (property `four_eyes`), if drawn.
    four_eyes: Mapped[str | None]
    # Whether the performer must declare that no conflict of interest exists (property `recusal`).
    recusal: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    # Who holds it now.
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    claimed_at: Mapped[datetime | None]
    # "open", "done" or "cancelled".
    status: Mapped[str] = mapped_column(default="open")
    completed_at: Mapped[datetime | None]
    completed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))

    case: Mapped[Case] = relationship(lazy="select")
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id], lazy="select")

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still do it."""
        return self.status == "open"

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the task is late at `now`, or was when it was done."""
        return self.due_at is not None and self.due_at <= (self.completed_at or now)


class TaskDraft(Base):
    """What one person has typed into a task's form without sending it; seen by nobody else."""

    __tablename__ = "task_draft"

    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    # Field id -> list of strings, exactly as posted.
    posted: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class SavedView(Base):
    """A person's own name for a set of inbox filters."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[RowKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    name: Mapped[str]
    # The filters as they stand in the address, without the question mark.
    query: Mapped[str]
