"""Applies what the engine answered to the rows: the run itself, its tasks, timers and messages, its path, its end.

Every step comes through here, and nothing else writes these rows. A step that leaves the run alive but waiting for
nothing is refused whole: a case must always have a next thing.
"""

from datetime import datetime
from uuid import uuid4

from workflows import jobs
from workflows.cases import deadlines, operations
from workflows.engine import State, Step, WaitingTask
from workflows.errors import AmanahError
from workflows.journal.operations import record
from workflows.notices.operations import silence
from workflows.people.queries import user_by_login
from workflows.processes import early
from workflows.processes.calls import Call, begin_deadline, handling_roles, people, tell
from workflows.processes.models import AwaitedMessage, PathStep, StepRecord, Timer
from workflows.tasks.models import Task

# Task priority where the diagram gives none.
_ORDINARY = 50


def advance(call: Call, state: State, step: Step, *, kind: str, what: str = "", actor_name: str = "") -> None:
    """Write a step of the run: `kind` and `what` say what moved it, `actor_name` who did.

    Raises AmanahError: `process.uncaught_error` (error) when the run died of an error that nothing caught,
    `process.stuck` when it lives and waits for nothing. The act is then rolled back by whoever opened it.
    """
    if step.error is not None:
        raise AmanahError("process.uncaught_error", instance=call.instance.id, error=step.error)
    if step.stuck:
        raise AmanahError("process.stuck", instance=call.instance.id)
    instance, session = call.instance, call.tx.session
    instance.tokens, instance.variables = state.tokens, dict(state.variables)
    instance.tokens_at = list(step.tokens)
    instance.revision += 1
    path = _path(call, step)
    instance.path_length += len(path)
    if instance not in session:
        # A new run, whose row the others refer to.
        session.add(instance)
        session.flush()
    session.add_all(path)
    session.add(
        StepRecord(
            instance_id=instance.id,
            revision=instance.revision,
            kind=kind,
            what=what,
            at=call.tx.now,
            actor_name=actor_name,
            changed=list(step.changed),
        )
    )
    _match_tasks(call, step)
    _match_timers(call, step)
    _match_messages(call, step)
    if step.ended:
        _end(call, step)
    session.flush()


def halt(call: Call) -> None:
    """Take away everything that the run waits for; used when it is cancelled."""
    nothing = Step(ended=True)
    _match_tasks(call, nothing)
    _match_timers(call, nothing)
    _match_messages(call, nothing)
    call.instance.tokens_at = []
    deadlines.stop_deadlines(call.tx, call.case)


def _path(call: Call, step: Step) -> list[PathStep]:
    """Give what the step adds to the path, of which the run has counted what was before."""
    return [
        PathStep(
            instance_id=call.instance.id,
            sequence=call.instance.path_length + place,
            element=entry.element,
            event=entry.kind,
            at=call.tx.now,
            revision=call.instance.revision,
        )
        for place, entry in enumerate(step.trace, start=1)
    ]


def _match_tasks(call: Call, step: Step) -> None:
    """Bring the open tasks to those that wait: cancel what waits no more, make what waits newly."""
    open_rows = {task.engine_task: task for task in call.waiting.tasks if task.is_open}
    waiting = {waiting.id: waiting for waiting in step.tasks}
    gone = [task for name, task in open_rows.items() if name not in waiting]
    for task in gone:
        task.status, task.completed_at = "cancelled", call.tx.now
        record(call.tx, "task.cancelled", case_id=task.case_id, task=task.id, element=task.element)
    silence(call.tx, [task.id for task in call.waiting.tasks if not task.is_open])
    made = [_make_task(call, new) for name, new in waiting.items() if name not in open_rows]
    call.waiting.tasks = [*(task for task in open_rows.values() if task.is_open), *made]
    still_watched = {open_rows[name].deadline_id for name in waiting if name in open_rows}
    for deadline_id in {task.deadline_id for task in gone if task.deadline_id} - still_watched:
        if deadline_id is not None and not any(each.due == deadline_id for each in waiting.values()):
            deadlines.stop_deadlines(call.tx, call.case, deadline_id=deadline_id)


def _make_task(call: Call, waiting: WaitingTask) -> Task:
    """Make the row of a task that waits newly, let its role see the case, and tell those who may do it."""
    lane = call.manifest.lanes.get(waiting.lane or "")
    role = lane.role if lane is not None else next(iter(waiting.candidate_groups), "")
    if not role:
        raise AmanahError("process.no_role", element=waiting.element)
    handling = lane.unit == "handling" if lane is not None else role in handling_roles(call.manifest)
    deadline_id, due_at = _due(call, waiting)
    assignee = user_by_login(call.tx.session, waiting.assignee) if waiting.assignee else None
    task = Task(
        id=uuid4(),
        instance_id=call.instance.id,
        case_id=call.case.id,
        engine_task=waiting.id,
        element=waiting.element,
        name=waiting.name or waiting.element,
        lane=waiting.lane or "",
        role=role,
        unit_id=call.case.handling_unit_id if handling else None,
        form=waiting.form or "",
        deadline_id=deadline_id,
        due_at=due_at,
        priority=int(waiting.priority) if waiting.priority and waiting.priority.isdecimal() else _ORDINARY,
        four_eyes=waiting.properties.get("four_eyes") or None,
        recusal=waiting.properties.get("recusal") == "true",
        created_at=call.tx.now,
        assignee_id=assignee.id if assignee is not None else None,
        claimed_at=call.tx.now if assignee is not None else None,
        status="open",
    )
    call.tx.session.add(task)
    record(
        call.tx,
        "task.created",
        case_id=task.case_id,
        task=task.id,
        element=task.element,
        role=task.role,
        unit=task.unit_id,
        due_at=task.due_at,
    )
    if stage := waiting.properties.get("stage"):
        operations.set_stage(call.tx, call.case, stage)
    operations.admit(call.tx, call.case, role=task.role, unit_id=task.unit_id)
    to = people(call, "assignee" if assignee else role, assignee_id=task.assignee_id)
    tell(call, "task_waiting", to, step=task.name, task_id=task.id, optional=True)
    return task


def _due(call: Call, waiting: WaitingTask) -> tuple[str | None, datetime | None]:
    """Give the deadline that the task watches, started now unless it runs already, and when the task is due."""
    if waiting.due_at is not None:
        return None, waiting.due_at
    if not waiting.due:
        return None, None
    running = begin_deadline(call, waiting.due)
    return waiting.due, running.due_at


def _match_timers(call: Call, step: Step) -> None:
    """Bring the rows and jobs of timers to those that run; a timer that fired was taken away by its own job."""
    session, instance = call.tx.session, call.instance
    running = {timer.id: timer for timer in step.timers}
    kept: list[Timer] = []
    taken_back: list[int] = []
    for row in call.waiting.timers:
        timer = running.get(row.engine_timer)
        if timer is not None and timer.due_at == row.due_at:
            kept.append(row)
            continue
        if row.due_at > call.tx.now and row.job_id is not None:
            taken_back.append(row.job_id)
        session.delete(row)
    known = {row.engine_timer for row in kept}
    new = [timer for timer in step.timers if timer.id not in known]
    arguments = {"instance_id": instance.id}
    jobs.cancel(session, *taken_back)
    deferred = jobs.defer_together(session, [jobs.Errand("processes.wake", arguments, at=each.due_at) for each in new])
    made = [
        Timer(
            instance_id=instance.id,
            engine_timer=timer.id,
            element=timer.element,
            due_at=timer.due_at,
            job_id=job_id,
        )
        for timer, job_id in zip(new, deferred, strict=True)
    ]
    session.add_all(made)
    call.waiting.timers = kept + made


def _match_messages(call: Call, step: Step) -> None:
    """Bring the rows of messages to those that are awaited."""
    session, instance = call.tx.session, call.instance
    awaited = {(message.name, message.element) for message in step.messages}
    kept: list[AwaitedMessage] = []
    for row in call.waiting.messages:
        if (row.name, row.element) in awaited:
            kept.append(row)
        else:
            session.delete(row)
    made = [
        AwaitedMessage(instance_id=instance.id, case_id=instance.case_id, name=name, element=element)
        for name, element in sorted(awaited - {(row.name, row.element) for row in kept})
    ]
    session.add_all(made)
    early.hasten(call, {row.name for row in made})
    call.waiting.messages = kept + made


def _end(call: Call, step: Step) -> None:
    """End the run: nothing waits any more, so no deadline of the case runs on unmet."""
    if step.tasks or step.timers or step.messages:
        raise AmanahError("process.false_end", instance=call.instance.id)
    instance = call.instance
    instance.status, instance.outcome, instance.ended_at = "ended", step.outcome, call.tx.now
    deadlines.stop_deadlines(call.tx, call.case)
    record(call.tx, "process.ended", case_id=instance.case_id, instance=instance.id, outcome=step.outcome)
