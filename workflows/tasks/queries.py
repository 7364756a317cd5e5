"""Reads of human work: the inbox, one task, drafts, saved views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workflows.access.policy import visible_cases
from workflows.calendar.queries import current_calendar
from workflows.calendar.working_days import WorkingCalendar
from workflows.cases import contents
from workflows.cases.lists import MOST_PER_PAGE, bounded_count
from workflows.cases.models import Case
from workflows.cases.search import matches
from workflows.deadlines.counting import remaining_working_days
from workflows.errors import NotFound
from workflows.feel.clock import office_zone
from workflows.people.models import Unit, User
from workflows.people.queries import actor_for, holders_of, rights_of, stands_in_for
from workflows.tasks.models import SavedView, Task, TaskDraft
from workflows.transaction import Actor, permits

Scope = Literal["mine", "unit", "all"]


@dataclass(frozen=True)
class InboxFilters:
    """What the inbox is narrowed to; the empty value of a field means no narrowing."""

    # "mine": what I hold; "unit": what my roles may do in my units, whoever holds it; "all": every open task on the
    # cases that I may see.
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
    """How many open tasks stand in each scope, and how many of mine are late, each counted up to `MOST`."""

    # That there is more to do is all that a glance can use, and every row that is counted costs time.
    MOST: ClassVar[int] = 99

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
    # Somebody else holds it, in whose place the reader does not act.
    taken: bool


@dataclass(frozen=True)
class Person:
    """Somebody to whom a task can be given."""

    id: UUID
    name: str
    # Open tasks that they hold.
    open_tasks: int


def inbox(
    session: Session,
    actor: Actor,
    filters: InboxFilters,
    now: datetime,
    *,
    page: int = 1,
    per_page: int = 25,
    zone: ZoneInfo | None = None,
) -> InboxPage:
    """Give one page of open tasks on cases that the actor may see; at most 50 a page."""
    chosen = (
        select(Task, Case, Unit.name, User.name)
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Unit, Unit.id == Case.handling_unit_id)
        .outerjoin(User, User.id == Task.assignee_id)
        .where(_in_scope(session, actor, filters.scope), *_narrowed(filters, now))
    )
    per_page = max(1, min(per_page, MOST_PER_PAGE))
    page = max(1, page)
    total, more = bounded_count(session, chosen)
    rows = session.execute(chosen.order_by(*_order(filters)).offset((page - 1) * per_page).limit(per_page)).all()
    visible = visible_cases(session, actor)
    summaries = contents.summaries(session, visible, {case.id for _, case, *_ in rows})
    calendar = current_calendar(session)
    return InboxPage(
        rows=tuple(
            InboxRow(
                task_id=task.id,
                name=task.name,
                element=task.element,
                case_id=case.id,
                case_number=case.number,
                case_type=case.case_type,
                case_title=summaries[case.id].title if case.id in summaries else "",
                stage=case.stage,
                confidential=case.confidential,
                district=case.district,
                handling_unit=unit or "",
                role=task.role,
                deadline_id=task.deadline_id,
                created_at=task.created_at,
                due_at=task.due_at,
                overdue=task.is_overdue(now),
                remaining_days=_remaining(task, now, calendar, zone or office_zone()),
                assignee_id=task.assignee_id,
                assignee=assignee or "",
            )
            for task, case, unit, assignee in rows
        ),
        total=total,
        more=more,
        page=page,
        per_page=per_page,
    )


def counts(session: Session, actor: Actor, now: datetime) -> InboxCounts:
    """Count the open tasks of each scope."""

    def count(scope: Scope, *, overdue: bool = False) -> int:
        narrowed = _narrowed(InboxFilters(scope=scope, overdue=overdue), now)
        chosen = select(Task, Case).join(Case, Case.id == Task.case_id)
        return bounded_count(
            session, chosen.where(_in_scope(session, actor, scope), *narrowed), limit=InboxCounts.MOST
        )[0]

    return InboxCounts(
        mine=count("mine"), unit=count("unit"), all=count("all"), mine_overdue=count("mine", overdue=True)
    )


def task(session: Session, actor: Actor, task_id: UUID, now: datetime, *, zone: ZoneInfo | None = None) -> TaskView:
    """Give one task; NotFound (`task.unknown`) when there is none or the actor may not see its case."""
    holder, performer = aliased(User), aliased(User)
    row = session.execute(
        select(Task, Case, Unit.name, holder.name, performer.name)
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Unit, Unit.id == Task.unit_id)
        .outerjoin(holder, holder.id == Task.assignee_id)
        .outerjoin(performer, performer.id == Task.completed_by_id)
        .where(Task.id == task_id, visible_cases(session, actor))
    ).first()
    if row is None:
        raise NotFound("task.unknown")
    found, case, unit, assignee, completed_by = row
    return TaskView(
        id=found.id,
        instance_id=found.instance_id,
        case_id=case.id,
        case_number=case.number,
        case_type=case.case_type,
        element=found.element,
        name=found.name,
        role=found.role,
        unit=unit or "",
        form=found.form,
        deadline_id=found.deadline_id,
        due_at=found.due_at,
        overdue=found.is_overdue(now),
        remaining_days=_remaining(found, now, current_calendar(session), zone or office_zone()),
        created_at=found.created_at,
        assignee_id=found.assignee_id,
        assignee=assignee or "",
        status=found.status,
        completed_at=found.completed_at,
        completed_by=completed_by or "",
        recusal=found.recusal,
        may_work=found.is_open and permits(session, actor, "task.work", found),
        may_assign=found.is_open and permits(session, actor, "task.assign", found),
        taken=found.assignee_id is not None
        and found.assignee_id != actor.user_id
        and not stands_in_for(session, actor.user_id, found.assignee_id, now),
    )


def open_tasks_of(session: Session, actor: Actor, case_id: UUID) -> Sequence[Task]:
    """Give the open tasks of a case that the actor may see, what is due first."""
    return session.scalars(
        select(Task)
        .join(Case, Case.id == Task.case_id)
        .where(Task.case_id == case_id, Task.status == "open", visible_cases(session, actor))
        .order_by(*_order(InboxFilters()))
    ).all()


def draft(session: Session, actor: Actor, task_id: UUID) -> TaskDraft | None:
    """Give what the actor has typed into the task's form."""
    return session.get(TaskDraft, (task_id, actor.user_id)) if actor.user_id is not None else None


def saved_views(session: Session, actor: Actor) -> Sequence[SavedView]:
    """Give the actor's own saved views by name."""
    return session.scalars(select(SavedView).where(SavedView.user_id == actor.user_id).order_by(SavedView.name)).all()


def assignable_people(session: Session, actor: Actor, task_id: UUID, now: datetime) -> Sequence[Person]:
    """Give those who may do the task, who holds least first; nobody unless the actor may assign it."""
    task = session.get(Task, task_id)
    if task is None or not permits(session, actor, "task.assign", task):
        return []
    able = [
        user
        for user in holders_of(session, task.role, now, unit_id=task.unit_id)
        if permits(session, actor_for(session, user.id, now), "task.work", task)
    ]
    held: dict[UUID, int] = {
        user_id: number
        for user_id, number in session.execute(
            select(Task.assignee_id, func.count())
            .where(Task.status == "open", Task.assignee_id.in_([user.id for user in able]))
            .group_by(Task.assignee_id)
        )
        if user_id is not None
    }
    people = [Person(id=user.id, name=user.name, open_tasks=held.get(user.id, 0)) for user in able]
    return sorted(people, key=lambda person: (person.open_tasks, person.name))


def _in_scope(session: Session, actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Give the condition that an open task stands in the scope, on a case that the actor may see."""
    seen = and_(Task.status == "open", visible_cases(session, actor))
    if scope == "mine":
        return and_(Task.assignee_id == actor.user_id, seen)
    if scope == "unit":
        return and_(_entitled(session, actor), seen)
    return seen


def _entitled(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Give the condition that one of the actor's roles may do the task: the list's form of the act `task.work`."""
    return or_(
        false(),
        *(
            and_(Task.role == mandate.role, or_(Task.unit_id.is_(None), Task.unit_id == mandate.unit_id))
            for mandate in sorted(actor.mandates, key=lambda mandate: (mandate.role, mandate.unit_id))
            if "work" in rights_of(session, (mandate.role,))
        ),
    )


def _narrowed(filters: InboxFilters, now: datetime) -> list[ColumnElement[bool]]:
    """Give the conditions that the filters mean."""
    equal = {Case.case_type: filters.case_type, Case.stage: filters.stage, Case.district: filters.district}
    conditions = [column == wanted for column, wanted in equal.items() if wanted]
    if filters.office:
        office = select(Unit.id).where(Unit.code == filters.office).scalar_subquery()
        conditions.append(Case.handling_unit_id == office)
    if filters.overdue:
        conditions.append(Task.due_at <= now)
    if filters.search.strip():
        conditions.append(matches(filters.search))
    return conditions


def _order(filters: InboxFilters) -> Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]:
    """Give the order of the page; what is overdue stands first because it was due first."""
    if filters.sort == "newest":
        return [Task.created_at.desc(), Task.id]
    return [Task.due_at.asc(), Task.created_at.asc(), Task.id.asc()]


def _remaining(task: Task, now: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> int | None:
    if task.due_at is None or not task.is_open:
        return None
    return remaining_working_days(task.due_at, now, calendar, zone)
