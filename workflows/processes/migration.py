"""Moving running cases from one published edition of their type to another.

Old cases finish on their edition unless somebody decides otherwise: plan, try on copies, run, and take back until
somebody has acted. Which cases belong to a batch is settled when it begins; each is then moved in an act of its own,
with a result of its own, so that a batch can be interrupted and goes on where it stood.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from sqlalchemy import Select, exists, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, undefer

from workflows import jobs
from workflows.cases import operations
from workflows.cases.models import CaseDeadline
from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import counting_by
from workflows.catalogue.models import ProcessVersion
from workflows.engine import Step, WaitingTask
from workflows.engine.concerns import RISKS, Concern
from workflows.engine.migration import Crossing, Hindered, migrate, take_back
from workflows.errors import AmanahError, Conflict, InvalidAnswers, NotFound, SealBroken
from workflows.feel.errors import FeelError
from workflows.journal.operations import record
from workflows.journal.queries import has_followed
from workflows.processes.advance import advance, check_step, role_for
from workflows.processes.calls import Call, admit, handling_roles
from workflows.processes.delivery import catch_up
from workflows.processes.models import MigrationBatch, MigrationResult, ProcessInstance
from workflows.processes.running import call_of, locked_run_of, state_of
from workflows.processes.sealing import tell_of_broken_seal
from workflows.processes.services import bound
from workflows.processes.suspension import OPERATE
from workflows.tasks.models import Task, TaskDraft
from workflows.transaction import Tx

# How somebody takes a task upon themselves, as the journal tells it.
_TAKEN = ("task.claimed", "task.assigned")
# Cases of which the states are in memory at once while all are tried.
_AT_ONCE = 100


@dataclass(frozen=True)
class Move:
    """From which edition to which, and what to do about the elements that do not meet."""

    from_version_id: UUID
    to_version_id: UUID
    # Element of the old diagram -> element of the new one, where a token goes on under another id.
    mapping: Mapping[str, str] = field(default_factory=dict)
    # Element of the old diagram -> element of the new one at which a token begins anew.
    anew: Mapping[str, str] = field(default_factory=dict)
    # Codes of the risks that are taken; see `engine.concerns.RISKS`.
    accepted: Collection[str] = ()


@dataclass(frozen=True)
class Trial:
    """What moving one case would come to."""

    instance_id: UUID
    case_id: UUID
    # Elements where it stands.
    standing: tuple[str, ...]
    concerns: tuple[Concern, ...]
    # Whether it would be moved.
    possible: bool


def crossing_of(session: Session, move: Move) -> Crossing:
    """Read the two editions; raise NotFound (`version.unknown`), Conflict (`migration.other_type`, `.same_version`)."""
    old, new = (catalogue.version(session, each) for each in (move.from_version_id, move.to_version_id))
    if old.case_type != new.case_type:
        raise Conflict("migration.other_type", old=old.case_type, new=new.case_type)
    if old.id == new.id:
        raise Conflict("migration.same_version", version=old.number)
    before, variables = (catalogue.manifest(session, each).variables for each in (old, new))
    return Crossing(
        catalogue.definition(session, old),
        catalogue.definition(session, new),
        mapping=move.mapping,
        anew=move.anew,
        accepted=frozenset(move.accepted),
        writers={name: variable.writers for name, variable in variables.items()},
        retyped={
            name: (before[name].type, variable.type)
            for name, variable in variables.items()
            if name in before and before[name].type != variable.type
        },
    )


def try_on_copies(tx: Tx, move: Move) -> Sequence[Trial]:
    """Tell for each running case of the old edition what moving it would come to; nothing is stored, no step is done.

    Needs `process.operate`. Raises as `crossing_of`.
    """
    tx.require(OPERATE)
    crossing = crossing_of(tx.session, move)
    new = catalogue.version(tx.session, move.to_version_id)
    running = (
        _running_on(move.from_version_id)
        .options(undefer(ProcessInstance.tokens), undefer(ProcessInstance.variables))
        .execution_options(populate_existing=True, yield_per=_AT_ONCE)
    )
    return [tried(tx, crossing, instance, new) for instance in tx.session.scalars(running)]


def begin_batch(tx: Tx, move: Move, *, reason: str) -> MigrationBatch:
    """Settle which cases are moved and leave each to a job; journals `migration.begun`.

    Needs `process.operate`. Raises InvalidAnswers without a reason, Conflict: `migration.unknown_risk`,
    `migration.busy` while another batch of the old edition is not done, else as `crossing_of`.
    """
    tx.require(OPERATE)
    crossing_of(tx.session, move)
    if not reason.strip():
        raise InvalidAnswers([("reason", "required", {})])
    if not set(move.accepted) <= RISKS:
        raise Conflict("migration.unknown_risk", risks=sorted(set(move.accepted) - RISKS))
    # Of two who begin at once the second waits here and finds the first one's batch.
    old = tx.session.get_one(ProcessVersion, move.from_version_id, with_for_update=True)
    busy = (
        select(MigrationResult.batch_id)
        .join(MigrationBatch, MigrationBatch.id == MigrationResult.batch_id)
        .where(MigrationResult.state == "waiting", MigrationBatch.from_version_id == old.id, ~MigrationBatch.trial)
    )
    if tx.session.scalar(busy.limit(1)) is not None:
        raise Conflict("migration.busy")

    batch = batch_of(tx, move, reason=reason.strip())
    cases = settle_cases(tx, batch)
    record(
        tx,
        "migration.begun",
        batch=batch.id,
        case_type=old.case_type,
        from_version=old.id,
        to_version=move.to_version_id,
        cases=cases,
    )
    _defer(tx, batch.id)
    return batch


def batch_of(tx: Tx, move: Move, *, reason: str = "", trial: bool = False) -> MigrationBatch:
    """Make a batch of the move, asked for by the actor now; `settle_cases` says which cases it is about."""
    return MigrationBatch(
        id=uuid4(),
        from_version_id=move.from_version_id,
        to_version_id=move.to_version_id,
        mapping=dict(move.mapping),
        anew=dict(move.anew),
        accepted=sorted(move.accepted),
        reason=reason,
        trial=trial,
        created_at=tx.now,
        created_by_id=tx.actor.user_id,
    )


def settle_cases(tx: Tx, batch: MigrationBatch) -> int:
    """Settle that the batch is about the cases which run on its old edition now, and count them."""
    tx.session.add(batch)
    tx.session.flush()
    empty = literal([], JSONB)
    each = _running_on(batch.from_version_id).with_only_columns(
        literal(batch.id), ProcessInstance.id, literal("waiting"), empty, empty
    )
    columns = ("batch_id", "instance_id", "state", "findings", "cancelled")
    # Thousands of cases in one statement, none of which travels.
    settled = tx.session.execute(
        insert(MigrationResult).from_select(columns, each).returning(MigrationResult.instance_id)
    )
    return len(settled.all())


def go_on(tx: Tx, batch_id: UUID) -> int:
    """Leave the cases of an interrupted batch to jobs again, and tell how many still wait. Needs `process.operate`."""
    tx.require(OPERATE)
    return _defer(tx, batch_id)


def migrate_case(tx: Tx, batch_id: UUID, instance_id: UUID) -> MigrationResult:
    """Move one case of a batch; journals `process.migrated`. A case that had its turn stays as it is.

    What is due already happens before, by the old edition. Tasks that go on keep their holder and their deadline,
    timers their instant; what differs in the new edition (name, role, form) is taken over. The rights were asked when
    the batch began. Raises NotFound (`migration.unknown`).
    """
    call = locked_run_of(tx, instance_id)
    batch, result = _result(tx, batch_id, instance_id)
    if result.state != "waiting":
        return result
    instance = call.instance
    if instance.version_id == batch.from_version_id:
        catch_up(call)
    result.at = tx.now
    if not instance.is_running or instance.version_id != batch.from_version_id:
        result.state = "passed"
        return result
    before = instance.tokens
    open_before = {task.id for task in call.waiting.tasks if task.is_open}
    # An edition that cannot go on from here leaves this case as it was, and the others their turn.
    try:
        with tx.session.begin_nested():
            concerns = _cross(call, batch)
    except (AmanahError, FeelError) as error:
        if isinstance(error, SealBroken):
            tell_of_broken_seal(tx, error)
        result.state, result.findings = "refused", [concern.as_json() for concern in _why(error)]
        return result
    result.state, result.tokens, result.revision = "migrated", before, instance.revision
    result.findings = [concern.as_json() for concern in concerns]
    open_after = {task.id for task in call.waiting.tasks if task.is_open}
    result.cancelled = sorted(str(task_id) for task_id in open_before - open_after)
    return result


def undo_case(tx: Tx, batch_id: UUID, instance_id: UUID) -> MigrationResult:
    """Take one case back to its old edition, as if it had not been moved; journals `process.migration_undone`.

    Only until somebody has acted: completed, claimed or typed into a task of it, or a timer or message has moved it.
    Needs `process.operate`. Raises NotFound (`migration.unknown`), Conflict: `migration.not_migrated`,
    `migration.acted`.
    """
    call = locked_run_of(tx, instance_id)
    batch, result = _result(tx, batch_id, instance_id)

    tx.require(OPERATE)

    if result.state != "migrated" or result.tokens is None:
        raise Conflict("migration.not_migrated")
    if not call.instance.is_running or _has_acted(call, result):
        raise Conflict("migration.acted")

    reopened = _reopen(call, result)
    call.instance.version_id = batch.from_version_id
    back = call_of(tx, call.instance, waiting=call.waiting)
    old, new = (catalogue.definition(tx.session, each.version) for each in (back, call))
    state, step = take_back(old, new, result.tokens, state_of(call.instance), now=tx.now)
    facts = {"from_version": batch.to_version_id, "to_version": batch.from_version_id, "batch": batch.id}
    record(tx, "process.migration_undone", case_id=call.case.id, instance=instance_id, **facts)
    for task in reopened:
        record(tx, "task.reopened", case_id=task.case_id, task=task.id, element=task.element)
    advance(back, state, step, kind="undo", actor_name=tx.actor.name)
    _take_over(back, step)
    result.state, result.tokens, result.revision, result.at = "undone", None, None, tx.now
    return result


def can_be_undone(session: Session, result: MigrationResult) -> bool:
    """Tell whether nobody has acted on the case since it was moved, as far as can be told without locking it."""
    if result.state != "migrated":
        return False
    instance = session.get_one(ProcessInstance, result.instance_id)
    tasks = session.scalars(select(Task).where(Task.instance_id == instance.id, Task.status == "open")).all()
    return instance.is_running and not _touched(session, instance, tasks, result)


def tried(tx: Tx, crossing: Crossing, instance: ProcessInstance, new: ProcessVersion) -> Trial:
    """Tell what moving the run would come to; it is neither locked nor changed."""
    call = call_of(tx, instance, new)
    try:
        with counting_by(call.counting):
            crossed = migrate(crossing, state_of(instance), now=tx.now)
        if not crossed.stopped:
            _check_landing(call, crossed.step)
        concerns, possible = crossed.concerns, True
    except (AmanahError, FeelError) as error:
        concerns, possible = _why(error), False
    return Trial(instance.id, instance.case_id, tuple(instance.tokens_at), concerns, possible)


def _check_landing(call: Call, step: Step) -> None:
    """Refuse what would be refused when the step is written: its end, and the tasks that it makes newly."""
    check_step(call, step)
    on = call.tx.now.astimezone(call.office.zone).date()
    asks = [task for task in step.tasks if task.lane not in call.manifest.lanes or task.due]
    held = select(Task.engine_task).where(Task.instance_id == call.instance.id, Task.status == "open")
    known = set(call.tx.session.scalars(held)) if asks else set()
    for task in asks:
        if task.id not in known:
            role_for(call, task)
            if task.due and task.due_at is None:
                call.office.register.rule(task.due, on)


def _why(error: AmanahError | FeelError) -> tuple[Concern, ...]:
    if isinstance(error, Hindered):
        return error.concerns
    facts = getattr(error, "facts", {})
    return (Concern("move.failed", str(facts.get("element") or ""), facts={"code": getattr(error, "code", "feel")}),)


def _cross(call: Call, batch: MigrationBatch) -> tuple[Concern, ...]:
    """Move the locked run of the batch's old edition to the new one, and give what there is to know about it."""
    session, instance = call.tx.session, call.instance
    move = Move(batch.from_version_id, batch.to_version_id, batch.mapping, batch.anew, batch.accepted)
    crossing = crossing_of(session, move)
    beyond = call_of(call.tx, instance, catalogue.version(session, batch.to_version_id), waiting=call.waiting)
    with counting_by(beyond.counting):
        crossed = migrate(crossing, state_of(instance), now=call.tx.now, services=bound(beyond))
    instance.version_id = batch.to_version_id
    facts = {"from_version": batch.from_version_id, "to_version": batch.to_version_id, "batch": batch.id}
    record(call.tx, "process.migrated", case_id=call.case.id, instance=instance.id, **facts)
    stale = _fields_that_differ(call, beyond, crossed.step)
    advance(
        beyond, crossed.state, replace(crossed.step, changed=stale), kind="migration", actor_name=call.tx.actor.name
    )
    _take_over(beyond, crossed.step)
    return crossed.concerns


def _fields_that_differ(call: Call, beyond: Call, step: Step) -> tuple[str, ...]:
    """Give the variables that were written, and the fields of waiting forms that differ: whoever sees one is told."""
    differing = set(step.changed)
    waiting = {task.id: task for task in step.tasks}
    for task in call.waiting.tasks:
        goes_on = waiting.get(task.engine_task)
        old = catalogue.forms(call.tx.session, call.version).get(task.form)
        new = catalogue.forms(call.tx.session, beyond.version).get(goes_on.form or "") if goes_on is not None else None
        if goes_on is not None and old != new:
            differing |= {key for form in (old, new) if form is not None for key in form.keys}
    return tuple(sorted(differing))


def _take_over(call: Call, step: Step) -> None:
    """Bring tasks and timers that went on up to what their elements say in the present edition."""
    waiting = {task.id: task for task in step.tasks}
    for task in call.waiting.tasks:
        if task.is_open and task.engine_task in waiting:
            _take_over_task(call, task, waiting[task.engine_task])
    elements = {timer.id: timer.element for timer in step.timers}
    for timer in call.waiting.timers:
        timer.element = elements.get(timer.engine_timer, timer.element)
    call.tx.session.flush()


def _take_over_task(call: Call, task: Task, waiting: WaitingTask) -> None:
    lane = call.manifest.lanes.get(waiting.lane or "")
    role = lane.role if lane is not None else next(iter(waiting.candidate_groups), task.role)
    handling = lane.unit == "handling" if lane is not None else role in handling_roles(call.manifest)
    unit_id = call.case.handling_unit_id if handling else None
    renamed = task.element != waiting.element
    task.element, task.name, task.lane = waiting.element, waiting.name or waiting.element, waiting.lane or ""
    task.form = waiting.form or ""
    task.four_eyes = waiting.properties.get("four_eyes") or None
    task.recusal = waiting.properties.get("recusal") == "true"
    if task.role != role:
        task.role, task.unit_id = role, unit_id
        admit(call, role, unit_id=unit_id)
        if task.assignee_id is not None:
            task.assignee_id = task.claimed_at = None
            record(call.tx, "task.released", case_id=task.case_id, task=task.id)
    stage = waiting.properties.get("stage")
    if stage and (renamed or call.case.stage not in call.manifest.stages):
        operations.set_stage(call.tx, call.case, stage)


def _has_acted(call: Call, result: MigrationResult) -> bool:
    return _touched(call.tx.session, call.instance, call.waiting.tasks, result)


def _touched(session: Session, instance: ProcessInstance, tasks: Sequence[Task], result: MigrationResult) -> bool:
    """Tell whether anything happened since the case was moved, or with it, that taking it back would lose."""
    if instance.revision != result.revision or any(each["code"] == "step.follows" for each in result.findings):
        return True
    if has_followed(session, instance.case_id, _TAKEN, after="process.migrated"):
        return True
    typed = exists().where(TaskDraft.task_id.in_([task.id for task in tasks]), TaskDraft.saved_at >= result.at)
    return bool(session.scalar(select(typed)))


def _reopen(call: Call, result: MigrationResult) -> Sequence[Task]:
    """Open the tasks again that the move took away, and the deadlines that stopped with them."""
    session = call.tx.session
    taken = select(Task).where(Task.id.in_([UUID(each) for each in result.cancelled])).with_for_update(of=Task)
    tasks = session.scalars(taken.order_by(Task.id)).all()
    for task in tasks:
        task.status, task.completed_at = "open", None
    call.waiting.tasks = [*call.waiting.tasks, *tasks]
    stopped = select(CaseDeadline).where(
        CaseDeadline.case_id == call.case.id,
        CaseDeadline.stopped_at == result.at,
        CaseDeadline.deadline_id.in_({task.deadline_id for task in tasks if task.deadline_id}),
    )
    for running in session.scalars(stopped).all():
        running.stopped_at = None
        facts = {"deadline": running.deadline_id, "round": running.round}
        record(call.tx, "deadline.resumed", case_id=call.case.id, **facts)
    return tasks


def _result(tx: Tx, batch_id: UUID, instance_id: UUID) -> tuple[MigrationBatch, MigrationResult]:
    key = (batch_id, instance_id)
    options = [undefer(MigrationResult.tokens)]
    result = tx.session.get(MigrationResult, key, with_for_update=True, options=options, populate_existing=True)
    if result is None:
        raise NotFound("migration.unknown")
    return tx.session.get_one(MigrationBatch, batch_id), result


def _running_on(version_id: UUID) -> Select[ProcessInstance]:
    return (
        select(ProcessInstance)
        .where(ProcessInstance.version_id == version_id, ProcessInstance.status == "running")
        .order_by(ProcessInstance.id)
    )


def _defer(tx: Tx, batch_id: UUID) -> int:
    """Leave the cases that wait to jobs, and count them."""
    waiting = (
        select(ProcessInstance.id, ProcessInstance.case_id)
        .join(MigrationResult, MigrationResult.instance_id == ProcessInstance.id)
        .where(MigrationResult.batch_id == batch_id, MigrationResult.state == "waiting")
        .order_by(ProcessInstance.id)
    )
    errands = [
        jobs.Errand("processes.migrate", {"batch_id": batch_id, "instance_id": instance_id}, lock=case_id)
        for instance_id, case_id in tx.session.execute(waiting)
    ]
    return len(jobs.defer_together(tx.session, errands))
