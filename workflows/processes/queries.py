"""Reads of running processes: what a task's form needs, the path for the picture, and cases that wait for nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, column, exists, func, or_, select, table
from sqlalchemy.orm import Session, undefer

from workflows.cases import contents
from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.errors import BrokenDefinition, NotFound
from workflows.feel.values import from_json
from workflows.forms.schema import Form
from workflows.incidents.models import Incident
from workflows.processes.models import AwaitedMessage, DecisionRecord, EarlyMessage, PathStep, ProcessInstance, Timer
from workflows.tasks.models import Task
from workflows.transaction import Actor, permits

# The queue's own table, as far as the watchdog reads it.
_jobs = table("procrastinate_jobs", column("id"), column("status"))
# Where a token can wait for a signal; the start of an event sub-process stands beside the token, not under it.
_CATCHING = ("intermediateCatchEvent", "boundaryEvent")


@dataclass(frozen=True)
class TaskForm:
    """What the page of a task draws: the form, what is known already, and what the post must carry back."""

    # None when the task is only confirmed.
    form: Form | None
    # Field -> FEEL value that is known already: from the process, and from this form's last answers in the case.
    values: Mapping[str, Any]
    # What the process knows; conditions of the form may ask for it.
    variables: Mapping[str, Any]
    # The revision that `complete_task` must be given.
    revision: int


@dataclass(frozen=True)
class ElementState:
    """How far one element of the diagram is, for the picture."""

    element: str
    state: Literal["waiting", "done", "cancelled"]
    # The token is there now and its task is late.
    late: bool
    # How often it was entered.
    visits: int
    # When it was first entered and last left or taken from.
    entered_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True)
class Stuck:
    """An open case with no next thing; the watchdog makes an incident of it."""

    case_id: UUID
    # None when the case has no running process at all.
    instance_id: UUID | None
    since: datetime


def instances_of(session: Session, case_id: UUID) -> Sequence[ProcessInstance]:
    """Give the runs of a case, oldest first."""
    return session.scalars(
        select(ProcessInstance)
        .where(ProcessInstance.case_id == case_id)
        .order_by(ProcessInstance.started_at, ProcessInstance.id)
    ).all()


def task_form(session: Session, actor: Actor, task_id: UUID) -> TaskForm:
    """Give what the page of a task draws; NotFound (`task.unknown`) as the task itself."""
    task = session.get(Task, task_id)
    if task is None or not permits(session, actor, "case.read", task.case):
        raise NotFound("task.unknown")
    instance = session.get_one(ProcessInstance, task.instance_id, options=[undefer(ProcessInstance.variables)])
    if not task.form:
        return TaskForm(form=None, values={}, variables={}, revision=instance.revision)
    version = catalogue.version(session, instance.version_id)
    form = catalogue.form(session, version, task.form)
    variables = known = from_json(instance.variables)
    # A task that comes round again shows what was answered the last time, except what the case has changed since.
    earlier = contents.latest(session, actor, task.case, task.form)
    if earlier is not None and earlier.element == task.element:
        known = {**from_json(dict(earlier.body)), **known}
    values = {key: known[key] for key in form.keys if key in known}
    return TaskForm(form=form, values=values, variables=variables, revision=instance.revision)


def path_of(session: Session, instance_id: UUID) -> Sequence[PathStep]:
    """Give the path that the token took, in order. The caller has asked whether the reader may see the case."""
    return session.scalars(
        select(PathStep).where(PathStep.instance_id == instance_id).order_by(PathStep.sequence)
    ).all()


def element_states(session: Session, instance_id: UUID, now: datetime) -> Mapping[str, ElementState]:
    """Give how far each touched element is, by element id."""
    instance = session.get_one(ProcessInstance, instance_id)
    late = set(
        session.scalars(
            select(Task.element).where(Task.instance_id == instance_id, Task.status == "open", Task.due_at <= now)
        )
    )
    states: dict[str, ElementState] = {}
    for step in path_of(session, instance_id):
        before = states.get(step.element)
        entered = step.event == "entered"
        states[step.element] = ElementState(
            element=step.element,
            state="cancelled" if step.event == "cancelled" else "done",
            late=False,
            visits=(before.visits if before else 0) + entered,
            entered_at=before.entered_at if before else step.at,
            left_at=(before.left_at if before else None) if entered else step.at,
        )
    for element in instance.tokens_at:
        before = states.get(element)
        states[element] = ElementState(
            element=element,
            state="waiting",
            late=element in late,
            visits=before.visits if before else 1,
            entered_at=before.entered_at if before else None,
            left_at=before.left_at if before else None,
        )
    return states


def last_answers(session: Session, instance_id: UUID, decision: str) -> Sequence[DecisionRecord]:
    """Give what the decision answered when the run asked for it last, in the order of asking: one, or one for each of
    a list. The caller has asked whether the reader may see the case."""
    asked = (DecisionRecord.instance_id == instance_id, DecisionRecord.decision == decision)
    last = select(func.max(DecisionRecord.revision)).where(*asked).scalar_subquery()
    return session.scalars(
        select(DecisionRecord).where(*asked, DecisionRecord.revision == last).order_by(DecisionRecord.place)
    ).all()


def has_kept(session: Session, case_id: UUID, message: str) -> bool:
    """Tell whether a message of that name waits until a run of the case can take it."""
    kept = (
        exists()
        .where(EarlyMessage.name == message, EarlyMessage.state == "kept")
        .where(ProcessInstance.id == EarlyMessage.instance_id, ProcessInstance.case_id == case_id)
    )
    return bool(session.scalar(select(kept)))


def takes_now(session: Session, case_id: UUID) -> Collection[str]:
    """Give the names of the messages that may be sent to the case now.

    Not those that its suspended run awaits and that were sent meanwhile: they are kept for it.
    """
    sent = exists().where(
        EarlyMessage.instance_id == AwaitedMessage.instance_id,
        EarlyMessage.name == AwaitedMessage.name,
        EarlyMessage.state == "kept",
        ProcessInstance.suspended_at.is_not(None),
    )
    names = (
        select(AwaitedMessage.name)
        .join(ProcessInstance, ProcessInstance.id == AwaitedMessage.instance_id)
        .where(AwaitedMessage.case_id == case_id, ~sent)
    )
    return frozenset(session.scalars(names))


def taken_until(session: Session, case_id: UUID) -> Mapping[str, datetime]:
    """Give until when the awaited messages are taken: a timer beside them at an event-based gateway ends the wait.

    A message without such a timer is not among them.
    """
    rows = session.execute(
        select(AwaitedMessage.name, AwaitedMessage.element, ProcessInstance.id, ProcessInstance.version_id)
        .join(ProcessInstance, ProcessInstance.id == AwaitedMessage.instance_id)
        .where(AwaitedMessage.case_id == case_id)
    ).all()
    ends: dict[str, datetime] = {}
    for instance_id, version_id in {(row.id, row.version_id) for row in rows}:
        edition = catalogue.definition(session, catalogue.version(session, version_id))
        gateways = {each.id for each in edition.elements if each.kind == "eventBasedGateway"}
        beside = {flow.target: flow.source for flow in edition.flows if flow.source in gateways}
        timers = select(Timer.element, Timer.due_at).where(Timer.instance_id == instance_id)
        over = {beside[element]: due_at for element, due_at in session.execute(timers) if element in beside}
        for row in rows:
            if row.id == instance_id and row.element in beside and beside[row.element] in over:
                ends[row.name] = over[beside[row.element]]
    return ends


def going_on_again(session: Session) -> Sequence[str]:
    """Give what the open incidents about stuck cases are about, of those cases that move again or are closed."""
    moves = exists().where(
        ProcessInstance.case_id == Incident.case_id, ProcessInstance.status == "running", _has_next_thing()
    )
    closed = exists().where(Case.id == Incident.case_id, Case.closed_at.is_not(None))
    return session.scalars(
        select(Incident.subject)
        .where(Incident.kind == "case.stuck", Incident.state == "open", or_(moves, closed))
        .order_by(Incident.id)
    ).all()


def looked_after_by(session: Session, case_id: UUID) -> str | None:
    """Give the role that looks after what went wrong with the case, as the edition of its latest run says.

    None where that names nobody or cannot be read, and for a case that never ran.
    """
    latest = (
        select(ProcessInstance.version_id)
        .where(ProcessInstance.case_id == case_id)
        .order_by(ProcessInstance.started_at.desc())
        .limit(1)
    )
    version_id = session.scalar(latest)
    if version_id is None:
        return None
    try:
        return catalogue.manifest(session, catalogue.version(session, version_id)).looked_after_by
    except BrokenDefinition:
        # Whoever tells of a fault must not fail over another one.
        return None


def _has_next_thing() -> ColumnElement[bool]:
    """Give the condition that a run waits for a task, a message, or a timer whose job is there to fire it."""
    has_job = exists().where(_jobs.c.id == Timer.job_id, cast(_jobs.c.status, Text).in_(("todo", "doing")))
    return or_(
        exists().where(Task.instance_id == ProcessInstance.id, Task.status == "open"),
        exists().where(Timer.instance_id == ProcessInstance.id, has_job),
        exists().where(AwaitedMessage.instance_id == ProcessInstance.id),
    )


def stuck_cases(session: Session) -> Sequence[Stuck]:
    """Give the open cases whose process waits for nothing: no task, timer, message, signal, or open incident.

    A timer counts as a next thing only while its job is there to fire it. Awaited signals have no rows; the few runs
    without any other next thing are held against their diagram.
    """
    running = ProcessInstance.status == "running"
    told = exists().where(Incident.case_id == Case.id, Incident.state == "open")
    rows = session.execute(
        select(Case.id, Case.opened_at, ProcessInstance)
        .outerjoin(ProcessInstance, (ProcessInstance.case_id == Case.id) & running)
        .where(Case.closed_at.is_(None), ~told, ProcessInstance.id.is_(None) | ~_has_next_thing())
        .where(ProcessInstance.suspended_at.is_(None))
        .order_by(Case.opened_at)
    )
    return [
        Stuck(case_id, None, opened_at) if run is None else Stuck(case_id, run.id, run.started_at)
        for case_id, opened_at, run in rows
        if run is None or not _hears_a_signal(session, run)
    ]


def _hears_a_signal(session: Session, run: ProcessInstance) -> bool:
    """Tell whether a token stands on an event, or in an activity with an event at its edge, that waits for a signal."""
    standing = set(run.tokens_at)
    try:
        elements = catalogue.definition(session, catalogue.version(session, run.version_id)).elements
    except BrokenDefinition:
        # What cannot be read hears nothing, and is told of like any other that stands still.
        return False
    catching = (each for each in elements if each.event == "signal" and each.kind in _CATCHING)
    return any((each.attached_to or each.id) in standing for each in catching)
