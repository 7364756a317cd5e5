"""Verbs that move the token: start, complete_task, send_message, wake, cancel; and stepping back for a conflict.

Each locks the instance first and its open tasks next, runs the engine on the saved state, and has `advance` write what
the engine answered. An engine call that raises changes nothing, and the exception leaves the transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from workflows import engine
from workflows.cases import contents, deadlines, operations
from workflows.cases.duplicates import CONFIRMED, choose_duplicate
from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import counting_by
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.evidence.operations import attach
from workflows.evidence.uploads import Upload
from workflows.feel.clock import Clock
from workflows.feel.values import from_json
from workflows.forms import answers as forms
from workflows.incidents.operations import Cause, raise_incident
from workflows.journal.operations import record
from workflows.people.queries import actor_for, holders_of
from workflows.processes.advance import advance, due_timers, halt
from workflows.processes.answers import Parted, choices, part, present_fields
from workflows.processes.calls import Call, make_confidential
from workflows.processes.models import AwaitedMessage, ProcessInstance, StepRecord
from workflows.processes.office import current_office
from workflows.processes.services import bound
from workflows.processes.submissions import heard, remember
from workflows.tasks.models import Task
from workflows.tasks.operations import check_open, drop_draft, locked_task, name_of
from workflows.transaction import SYSTEM, Tx, permits

# Field id -> the strings that were posted for it, as a web form gives them.
Posted = Mapping[str, Sequence[str]]
# What the form of a task with the property `recusal` posts beside its own fields: "I have no conflict of interest".
NO_CONFLICT = "_no_conflict"
# Who looks after faults of running processes.
FAULTS_OWNER = "administrator"


@dataclass(frozen=True)
class Outcome:
    """What a step led to, for the page that follows."""

    case_id: UUID
    case_number: str
    instance_id: UUID
    # Of the run after the step.
    revision: int
    # Names of the tasks that wait now.
    next_tasks: tuple[str, ...]
    ended: bool
    # Whether this answers a repeated post, which changed nothing.
    repeated: bool = False


def start(tx: Tx, case_id: UUID, version_id: UUID, variables: Mapping[str, Any]) -> ProcessInstance:
    """Start the edition for the case with FEEL values as variables; journals `process.started` and what followed.

    Called by the verbs that open cases. Raises Conflict (`process.running`) when the case has a running process.
    """
    case = tx.session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise NotFound("case.unknown")

    if tx.session.scalar(_running(case_id).with_only_columns(ProcessInstance.id)) is not None:
        raise Conflict("process.running", number=case.number)

    instance = ProcessInstance(
        id=uuid4(),
        case_id=case_id,
        version_id=version_id,
        tokens=b"",
        variables={},
        revision=0,
        path_length=0,
        status="running",
        started_at=tx.now,
    )
    tx.session.add(instance)
    tx.session.flush()
    record(tx, "process.started", case_id=case_id, instance=instance.id, version=version_id)
    call = _call(tx, instance)
    state, step = _run(call, engine.start, variables)

    advance(call, state, step, kind="start", actor_name=tx.actor.name)
    return instance


def complete_task(
    tx: Tx, task_id: UUID, *, posted: Posted, files: Sequence[Upload] = (), revision: int, key: str
) -> Outcome:
    """Complete a task with what was typed into its form; journals `task.completed` and what followed.

    `revision` is that of the shown form, `key` its idempotency key; a repeated key gives the first outcome. Whoever
    completes an unclaimed task held it. Raises NotFound (`task.unknown`); InvalidAnswers; NotAllowed, also with
    `task.four_eyes` (by); Conflict: `task.done` (by), `task.cancelled`, `task.taken` (by), `process.ended`,
    `task.stale` (by, at, fields: names of the variables that changed since the form was shown).
    """
    instance = _locked_instance_of_task(tx, task_id)
    first = heard(tx, key, "task.complete", task_id)
    if first is not None:
        return _repeated(first)
    task = locked_task(tx, task_id)

    tx.require("task.work", task)
    _check_four_eyes(tx, task)

    check_open(tx, task)
    if task.assignee_id not in (None, tx.actor.user_id):
        raise Conflict("task.taken", by=name_of(tx, task.assignee_id))
    if not instance.is_running:
        raise Conflict("process.ended")
    _check_fresh(tx, instance, revision)

    call = _call(tx, instance)
    parted = _answered(call, task.form, posted, files, recusal=task.recusal)
    _keep(tx, call, parted, task.form, task.element, files)
    task.assignee_id, task.claimed_at = tx.actor.user_id, task.claimed_at or tx.now
    task.status, task.completed_at, task.completed_by_id = "done", tx.now, tx.actor.user_id
    record(tx, "task.completed", case_id=task.case_id, task=task.id, element=task.element)
    if task.deadline_id is not None:
        deadlines.meet_deadline(tx, call.case, task.deadline_id)
    drop_draft(tx, task.id)
    state, step = _run(call, engine.complete, _state(instance), task.engine_task, parted.variables)
    advance(call, state, step, kind="task", what=task.element, actor_name=tx.actor.name)

    outcome = _outcome(call)
    remember(tx, key, "task.complete", task_id, result=_stored(outcome))
    return outcome


def declare_conflict(tx: Tx, task_id: UUID, *, reason: str) -> None:
    """Step back from a task for conflict of interest: one is barred from the case, and the task goes to others.

    Journals `exclusion.added`; the reason is kept with the case. When nobody is left who may do the task, an incident
    says so. Raises NotFound (`task.unknown`), InvalidAnswers without a reason, Conflict as `complete_task` does.
    """
    task = locked_task(tx, task_id)

    tx.require("task.work", task)
    user_id = tx.actor.user_id
    if user_id is None:
        raise NotAllowed("act.not_allowed", act="task.work")

    check_open(tx, task)
    if not reason.strip():
        raise InvalidAnswers([("reason", "required", {})])

    contents.put(tx, task.case, "recusal", {"reason": reason.strip()}, element=task.element)
    if task.assignee_id == user_id:
        task.assignee_id = task.claimed_at = None
        record(tx, "task.released", case_id=task.case_id, task=task.id)
    operations.exclude(tx, task.case, "recused", user_id=user_id)
    _raise_if_orphan(tx.acting_as(SYSTEM), task)


def send_message(
    tx: Tx, case_id: UUID, message: str, *, posted: Posted | None = None, files: Sequence[Upload] = (), key: str
) -> Outcome:
    """Deliver a message that the case's process awaits, with the answers of its form; journals `message.received`.

    A reporter may send what the manifest lists, on the case that they follow; an officer with `case.work` anything
    that is awaited. Raises NotFound (`case.unknown`), InvalidAnswers, Conflict (`message.unawaited`) when the process
    does not wait for it now. A repeated key gives the first outcome.
    """
    case = tx.session.get(Case, case_id)
    if case is None or not (tx.may("case.follow", case) or tx.may("case.read", case)):
        raise NotFound("case.unknown")
    instance = tx.session.scalars(_running(case_id).with_for_update()).first()
    first = heard(tx, key, "message.send", case_id, message)
    if first is not None:
        return _repeated(first)

    if instance is None:
        raise Conflict("message.unawaited", message=message)
    call = _call(tx, instance)
    from_reporter = call.manifest.reporter_messages.get(message)
    if from_reporter is None or not tx.may("case.follow", case):
        tx.require("case.work", case)

    _lock_open_tasks(tx, instance)
    if not _is_awaited(tx, instance, message):
        raise Conflict("message.unawaited", message=message)

    form = from_reporter.form if from_reporter is not None else ""
    parted = _answered(call, form, posted or {}, files)
    _keep(tx, call, parted, form, message, files)
    record(tx, "message.received", case_id=case_id, instance=instance.id, message=message)
    state, step = _run(call, engine.deliver, _state(instance), message, parted.variables)
    advance(call, state, step, kind="message", what=message, actor_name=tx.actor.name)

    outcome = _outcome(call)
    remember(tx, key, "message.send", case_id, message, result=_stored(outcome))
    return outcome


def confirm_duplicate(tx: Tx, case_id: UUID, other_id: UUID, *, key: str) -> Outcome:
    """Confirm that the case repeats another one, and let the diagram take it from there.

    Needs `case.work`. Raises as `send_message` and `cases.duplicates.choose_duplicate` do.
    """
    case = tx.session.get(Case, case_id)
    if case is None or not tx.may("case.read", case):
        raise NotFound("case.unknown")

    tx.require("case.work", case)

    choose_duplicate(tx, case, other_id)
    return send_message(tx, case_id, CONFIRMED, key=key)


def wake(tx: Tx, instance_id: UUID) -> int:
    """Fire the instance's timers that are due by now, each once, and tell how many; journals `timer.fired` for each.

    Called by jobs; a job that comes late, early or twice finds by itself what is left to do.
    """
    instance = _locked_instance(tx, instance_id)

    if not instance.is_running:
        return 0
    _lock_open_tasks(tx, instance)
    call = _call(tx, instance)
    due = due_timers(call)
    if not due:
        return 0
    call = replace(call, fired=frozenset(timer.due_at for timer in due))

    for timer in due:
        record(
            tx,
            "timer.fired",
            case_id=instance.case_id,
            instance=instance.id,
            element=timer.element,
            due_at=timer.due_at,
            late_seconds=int((tx.now - timer.due_at).total_seconds()),
        )
    state, step = _run(call, engine.wake, _state(instance))
    advance(call, state, step, kind="timer", actor_name=tx.actor.name)
    return len(due)


def cancel(tx: Tx, instance_id: UUID, *, reason: str) -> None:
    """Take the token from the diagram: open tasks, timers and messages end; journals `process.cancelled`.

    Needs `incident.handle`. `reason` is a code, never a text. Raises Conflict (`process.ended`) when it is over.
    """
    instance = _locked_instance(tx, instance_id)

    tx.require("incident.handle")

    if not instance.is_running:
        raise Conflict("process.ended")

    _lock_open_tasks(tx, instance)
    instance.status, instance.ended_at = "cancelled", tx.now
    instance.revision += 1
    halt(_call(tx, instance))

    record(tx, "process.cancelled", case_id=instance.case_id, instance=instance.id, reason=reason)


def _call(tx: Tx, instance: ProcessInstance) -> Call:
    """Gather where the diagram's services are called: in the system's name, on the case and edition of the run."""
    version = catalogue.version(tx.session, instance.version_id)
    return Call(
        tx=tx.acting_as(SYSTEM),
        case=tx.session.get_one(Case, instance.case_id),
        instance=instance,
        version=version,
        manifest=catalogue.manifest(tx.session, version),
        office=current_office(),
    )


def _run(
    call: Call, move: Callable[..., tuple[engine.State, engine.Step]], *given: Any
) -> tuple[engine.State, engine.Step]:
    """Have the engine move the run by one step, with the services and the deadlines of this act."""
    definition = catalogue.definition(call.tx.session, call.version)
    with counting_by(call.counting):
        return move(definition, *given, now=call.tx.now, services=bound(call))


def _state(instance: ProcessInstance) -> engine.State:
    return engine.State(instance.tokens, instance.variables)


def _running(case_id: UUID) -> Any:
    return select(ProcessInstance).where(ProcessInstance.case_id == case_id, ProcessInstance.status == "running")


def _locked_instance(tx: Tx, instance_id: UUID) -> ProcessInstance:
    instance = tx.session.get(ProcessInstance, instance_id, with_for_update=True, populate_existing=True)
    if instance is None:
        raise NotFound("process.unknown")
    return instance


def _locked_instance_of_task(tx: Tx, task_id: UUID) -> ProcessInstance:
    """Lock the instance that the task belongs to, then every open task of it: always in this order."""
    instance_id = tx.session.scalar(select(Task.instance_id).where(Task.id == task_id))
    if instance_id is None:
        raise NotFound("task.unknown")
    instance = _locked_instance(tx, instance_id)
    _lock_open_tasks(tx, instance)
    return instance


def _lock_open_tasks(tx: Tx, instance: ProcessInstance) -> None:
    """Lock what a step may end, so that nobody claims a task while it is being taken away."""
    tx.session.execute(
        select(Task.id)
        .where(Task.instance_id == instance.id, Task.status == "open")
        .order_by(Task.id)
        .with_for_update()
    ).all()


def _check_four_eyes(tx: Tx, task: Task) -> None:
    """Refuse whoever last did one of the elements that the diagram names in `four_eyes`."""
    elements = [element.strip() for element in (task.four_eyes or "").split(",") if element.strip()]
    for element in elements:
        performer = tx.session.scalar(
            select(Task.completed_by_id)
            .where(Task.instance_id == task.instance_id, Task.element == element, Task.status == "done")
            .order_by(Task.completed_at.desc())
            .limit(1)
        )
        if performer is not None and performer == tx.actor.user_id:
            raise NotAllowed("task.four_eyes", by=tx.actor.name, element=element)


def _check_fresh(tx: Tx, instance: ProcessInstance, revision: int) -> None:
    """Refuse a form that was shown before somebody changed what it may rest upon.

    A step that changed no variable, such as a reminder, makes no form stale.
    """
    if revision > instance.revision:
        raise Conflict("task.stale", by="", at=None, fields=[])
    news = tx.session.scalars(
        select(StepRecord)
        .where(StepRecord.instance_id == instance.id, StepRecord.revision > revision)
        .order_by(StepRecord.revision)
    ).all()
    changed = sorted({name for step in news for name in step.changed})
    if changed:
        latest = next(step for step in reversed(news) if step.changed)
        raise Conflict("task.stale", by=latest.actor_name, at=latest.at, fields=changed)


def _answered(call: Call, form_id: str, posted: Posted, files: Sequence[Upload], *, recusal: bool = False) -> Parted:
    """Read the posted form and part its answers; InvalidAnswers with every problem."""
    problems: list[tuple[str, str, dict[str, Any]]] = []
    if recusal and not posted.get(NO_CONFLICT):
        problems.append((NO_CONFLICT, "agree", {}))
    values: dict[str, Any] = {}
    if form_id:
        form = catalogue.form(call.tx.session, call.version, form_id)
        try:
            values = forms.read(
                form,
                {name: texts for name, texts in posted.items() if name != NO_CONFLICT},
                files_present=present_fields(files),
                clock=Clock(call.tx.now, call.office.zone),
                variables=from_json(call.instance.variables),
                choices=choices(call.tx.session),
            ).values
        except InvalidAnswers as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidAnswers(problems)
    return part(call.tx.session, call.manifest, values)


def _keep(tx: Tx, call: Call, parted: Parted, form_id: str, element: str, files: Sequence[Upload]) -> None:
    """Store the words and files of a form, and what it decides about the case's own columns."""
    if parted.writing:
        contents.put(tx, call.case, form_id, parted.writing, element=element)
    if files:
        attach(tx, call.case, files, limits=call.office.limits, element=element)
    columns = dict(parted.columns)
    if columns.pop("confidential", False) and not call.case.confidential:
        make_confidential(tx, call.case, call.manifest)
    if columns:
        operations.classify(tx, call.case, columns)


def _is_awaited(tx: Tx, instance: ProcessInstance, message: str) -> bool:
    awaited = select(AwaitedMessage.id).where(AwaitedMessage.instance_id == instance.id, AwaitedMessage.name == message)
    return tx.session.scalars(awaited.limit(1)).first() is not None


def _raise_if_orphan(tx: Tx, task: Task) -> None:
    """Tell whoever mends faults when nobody is left who may do the task."""
    able = (
        permits(tx.session, actor_for(tx.session, user.id, tx.now), "task.work", task)
        for user in holders_of(tx.session, task.role, tx.now, unit_id=task.unit_id)
    )
    if not any(able):
        raise_incident(
            tx,
            "task.orphan",
            f"task.orphan:{task.id}",
            Cause("Recusal", "task.orphan"),
            owner_role=FAULTS_OWNER,
            case_id=task.case_id,
            instance_id=task.instance_id,
            element=task.element,
        )


def _outcome(call: Call) -> Outcome:
    names = call.tx.session.scalars(
        select(Task.name)
        .where(Task.instance_id == call.instance.id, Task.status == "open")
        .order_by(Task.created_at, Task.id)
    ).all()
    return Outcome(
        case_id=call.case.id,
        case_number=call.case.number,
        instance_id=call.instance.id,
        revision=call.instance.revision,
        next_tasks=tuple(names),
        ended=not call.instance.is_running,
    )


def _stored(outcome: Outcome) -> dict[str, Any]:
    return {
        **asdict(outcome),
        "case_id": str(outcome.case_id),
        "instance_id": str(outcome.instance_id),
        "next_tasks": list(outcome.next_tasks),
        "repeated": True,
    }


def _repeated(result: Mapping[str, Any]) -> Outcome:
    return Outcome(
        **{
            **result,
            "case_id": UUID(result["case_id"]),
            "instance_id": UUID(result["instance_id"]),
            "next_tasks": tuple(result["next_tasks"]),
        }
    )
