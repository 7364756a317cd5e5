"""What an operator looks at: runs that are suspended, timers that are late, and one run with everything it waits for.

Nothing here tells what a case is about: elements, instants and roles alone. The caller has asked for the right.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from workflows.cases.models import Case, CaseDeadline
from workflows.catalogue import queries as catalogue
from workflows.catalogue.models import ProcessVersion
from workflows.engine import Element
from workflows.errors import NotFound
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.journal.queries import entries_about
from workflows.processes.models import AwaitedMessage, EarlyMessage, ProcessInstance, Timer
from workflows.processes.moving import standing_at
from workflows.processes.suspension import held_by
from workflows.tasks.models import Task

# A timer that its job has not fired for this long is late; a worker fires within seconds.
LATE_AFTER = timedelta(minutes=1)
# What operators do to a run, as the journal calls it.
_INTERVENTIONS = (
    "process.suspended",
    "process.resumed",
    "process.moved",
    "process.migrated",
    "process.migration_undone",
)
_HELD = and_(ProcessInstance.suspended_at.is_not(None), ProcessInstance.status == "running")


@dataclass(frozen=True)
class LateTimer:
    """A timer that should have fired."""

    instance_id: UUID
    case_id: UUID
    element: str
    due_at: datetime


@dataclass(frozen=True)
class Overview:
    """One run with everything that it waits for."""

    instance: ProcessInstance
    version: ProcessVersion
    case_id: UUID
    # Elements that hold a token.
    standing: Sequence[Element]
    tasks: Sequence[Task]
    timers: Sequence[Timer]
    messages: Sequence[AwaitedMessage]
    # Messages that came before it could take them, first come first.
    kept: Sequence[EarlyMessage]
    deadlines: Sequence[CaseDeadline]
    incidents: Sequence[Incident]
    # Element -> what people call it.
    names: Mapping[str, str]


def late_timers(session: Session, now: datetime, *, limit: int = 50) -> Sequence[LateTimer]:
    """Give the timers that are late in runs that may move, the longest due first."""
    late = (
        select(Timer.instance_id, ProcessInstance.case_id, Timer.element, Timer.due_at)
        .where(_is_late(now))
        .order_by(Timer.due_at, Timer.id)
        .limit(limit)
    )
    return [LateTimer(*row) for row in session.execute(late)]


def count_late_timers(session: Session, now: datetime) -> int:
    """Tell how many timers are late in runs that may move."""
    return session.scalar(select(func.count(Timer.id)).where(_is_late(now))) or 0


def suspended(session: Session, *, limit: int = 50) -> Sequence[ProcessInstance]:
    """Give the runs that are kept from moving, the longest first."""
    return session.scalars(
        select(ProcessInstance).where(_HELD).order_by(ProcessInstance.suspended_at).limit(limit)
    ).all()


def count_suspended(session: Session) -> int:
    """Tell how many runs are kept from moving."""
    return session.scalar(select(func.count()).select_from(ProcessInstance).where(_HELD)) or 0


def kept_for(session: Session, instance_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Count the messages that are kept for each of the runs; one without any is not among them."""
    counted = (
        select(EarlyMessage.instance_id, func.count().label("kept"))
        .where(EarlyMessage.instance_id.in_(instance_ids), EarlyMessage.state == "kept")
        .group_by(EarlyMessage.instance_id)
    )
    return {row.instance_id: row.kept for row in session.execute(counted)}


def suspended_tasks(session: Session, task_ids: Collection[UUID]) -> Collection[UUID]:
    """Give those of the tasks that nobody can do now because their run is suspended."""
    if not task_ids:
        return frozenset()
    held = (
        select(Task.id)
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .where(Task.id.in_(task_ids), Task.status == "open", ProcessInstance.suspended_at.is_not(None))
    )
    return frozenset(session.scalars(held))


def names_in(session: Session, instance_ids: Collection[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    """Give for each of the runs what people call the elements of its diagram, by their ids."""
    runs = session.execute(
        select(ProcessInstance.id, ProcessInstance.version_id).where(ProcessInstance.id.in_(instance_ids))
    ).all()
    editions = {version_id: catalogue.version(session, version_id) for version_id in {run.version_id for run in runs}}
    names = {version_id: _names(session, edition) for version_id, edition in editions.items()}
    return {run.id: names[run.version_id] for run in runs}


def run_of_number(session: Session, number: str) -> UUID:
    """Find the latest run of a case by the case's number; NotFound (`process.unknown`)."""
    found = session.scalar(
        select(ProcessInstance.id)
        .join(Case, Case.id == ProcessInstance.case_id)
        .where(func.upper(Case.number) == number.strip().upper())
        .order_by(ProcessInstance.started_at.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound("process.unknown")
    return found


def interventions(session: Session, instance: ProcessInstance) -> Sequence[JournalEntry]:
    """Give what operators did to the run, the latest first."""
    entries = entries_about(
        session, _INTERVENTIONS, since=instance.started_at, case_id=instance.case_id, instance=instance.id
    )
    return entries[::-1]


def overview(session: Session, instance_id: UUID) -> Overview:
    """Give one run with everything that it waits for; NotFound (`process.unknown`)."""
    instance = session.get(ProcessInstance, instance_id)
    if instance is None:
        raise NotFound("process.unknown")
    version = catalogue.version(session, instance.version_id)
    held = held_by(session, instance_id)
    messages = select(AwaitedMessage).where(AwaitedMessage.instance_id == instance_id).order_by(AwaitedMessage.id)
    incidents = select(Incident).where(Incident.instance_id == instance_id, Incident.state == "open")
    return Overview(
        instance=instance,
        version=version,
        case_id=instance.case_id,
        standing=standing_at(session, instance),
        tasks=held.tasks,
        timers=held.timers,
        messages=session.scalars(messages).all(),
        kept=held.messages,
        deadlines=held.deadlines,
        incidents=session.scalars(incidents.order_by(Incident.first_at)).all(),
        names=_names(session, version),
    )


def _is_late(now: datetime) -> ColumnElement[bool]:
    """Give the condition on timers beside their runs."""
    return and_(
        ProcessInstance.id == Timer.instance_id,
        Timer.due_at < now - LATE_AFTER,
        ProcessInstance.status == "running",
        ProcessInstance.suspended_at.is_(None),
    )


def _names(session: Session, version: ProcessVersion) -> Mapping[str, str]:
    return {each.id: each.name or each.id for each in catalogue.definition(session, version).elements}
