"""Reads of human work: the inbox, one task, drafts, saved views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.tasks.models import SavedView, Task, TaskDraft
from workflows.transaction import Actor

Scope = Literal["mine", "unit", "all"]
# Matching tasks are counted up to here; beyond, a page says "more than".
COUNT_LIMIT = 500


@dataclass(frozen=True)
class InboxFilters:
    """What the inbox is narrowed to; the empty value of a field means no narrowing."""

    # "mine": what I hold; "unit": what my roles may do and nobody else holds; "all": every open task that I may see.
    scope: Scope = "mine"
    overdue: bool = False
    case_type: str = ""
    # Id of a stage.
    stage: str = ""
    # Code of the handling unit.
    office: str = ""
    # Code of the kecamatan.
    district: str = ""
    # Words or a case number.
    search: str = ""
    # "due": what is due first (overdue on top); "newest": what came last.
    sort: Literal["due", "newest"] = "due"


@dataclass(frozen=True)
class InboxRow:
    """One line of the inbox."""

    task_id: UUID
    # What the step is called, as drawn.
    name: str
    element: str
    case_id: UUID
    case_number: str
    case_type: str
    # Empty when the reader may not read contents.
    case_title: str
    stage: str
    confidential: bool
    district: str | None
    handling_unit: str
    role: str
    deadline_id: str | None
    created_at: datetime
    due_at: datetime | None
    overdue: bool
    # Working days left until the due day (negative: days late); None without a due instant.
    remaining_days: int | None
    assignee_id: UUID | None
    assignee: str


@dataclass(frozen=True)
class InboxPage:
    """One page of the inbox."""

    rows: tuple[InboxRow, ...]
    # Number of matching tasks, counted up to COUNT_LIMIT; `more` says that there are more.
    total: int
    more: bool
    page: int
    per_page: int


@dataclass(frozen=True)
class InboxCounts:
    """How many open tasks stand in each scope, each counted up to COUNT_LIMIT, and how many of mine are late."""

    mine: int
    unit: int
    all: int
    mine_overdue: int


@dataclass(frozen=True)
class TaskView:
    """One task as its page shows it."""

    id: UUID
    instance_id: UUID
    case_id: UUID
    case_number: str
    case_type: str
    element: str
    name: str
    role: str
    unit: str
    # Id of the form; empty when the step is only confirmed.
    form: str
    deadline_id: str | None
    due_at: datetime | None
    overdue: bool
    remaining_days: int | None
    created_at: datetime
    assignee_id: UUID | None
    assignee: str
    # "open", "done" or "cancelled".
    status: str
    completed_at: datetime | None
    completed_by: str
    recusal: bool
    # What the reader may do now.
    may_work: bool
    may_assign: bool


@dataclass(frozen=True)
class Person:
    """Somebody to whom a task can be given."""

    id: UUID
    name: str
    # Open tasks that they hold.
    open_tasks: int


def inbox(
    session: Session, actor: Actor, filters: InboxFilters, now: datetime, *, page: int = 1, per_page: int = 25
) -> InboxPage:
    """Give one page of open tasks on cases that the actor may see; at most 50 a page."""
    raise NotImplementedError


def counts(session: Session, actor: Actor, now: datetime) -> InboxCounts:
    """Count the open tasks of each scope."""
    raise NotImplementedError


def task(session: Session, actor: Actor, task_id: UUID, now: datetime) -> TaskView:
    """Give one task; NotFound (`task.unknown`) when there is none or the actor may not see its case."""
    raise NotImplementedError


def open_tasks_of(session: Session, actor: Actor, case_id: UUID) -> Sequence[Task]:
    """Give the open tasks of a case, what is due first."""
    raise NotImplementedError


def draft(session: Session, actor: Actor, task_id: UUID) -> TaskDraft | None:
    """Give what the actor has typed into the task's form."""
    raise NotImplementedError


def saved_views(session: Session, actor: Actor) -> Sequence[SavedView]:
    """Give the actor's own saved views by name."""
    raise NotImplementedError


def assignable_people(session: Session, actor: Actor, task_id: UUID, now: datetime) -> Sequence[Person]:
    """Give those who may do the task, who holds least first; nobody unless the actor may assign it."""
    raise NotImplementedError
