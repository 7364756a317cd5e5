"""Applies what the engine answered to the rows: the run itself, its tasks, timers and messages, its path, its end.

Every step comes through here, and nothing else writes these rows. A step that leaves the run alive but waiting for
nothing is refused whole: a case must always have a next thing.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from workflows import jobs
from workflows.cases import deadlines, operations
from workflows.engine import State, Step, WaitingTask
from workflows.errors import AmanahError
from workflows.journal.operations import record
from workflows.people.queries import user_by_login
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
    instance = call.instance
    instance.tokens, instance.variables = state.tokens, dict(state.variables)
    instance.tokens_at = list(step.tokens)
    instance.revision += 1
    call.tx.session.add(
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
    _write_path(call, step)
    _match_tasks(call, step)
    _match_timers(call, step)
    _match_messages(call, step)
    if step.ended:
        _end(call, step)
    call.tx.session.flush()


def halt(call: Call) -> None:
    """Take away everything that the run waits for; used when it is cancelled."""
    nothing = Step(ended=True)
    _match_tasks(call, nothing)
    _match_timers(call, nothing)
    _match_messages(call, nothing)
    call.instance.tokens_at = []
    deadlines.stop_deadlines(call.tx, call.case)


def _write_path(call: Call, step: Step) -> None:
    instance = call.instance
    rows: list[dict[str, Any]] = [
        {
            "instance_id": instance.id,
            "sequence": instance.path_length + place,
            "element": entry.element,
            "event": entry.kind,
            "at": call.tx.now,
            "revision": instance.revision,
        }
        for place, entry in enumerate(step.trace, start=1)
    ]
    if rows:
        call.tx.session.execute(insert(PathStep), rows)
        instance.path_length += len(rows)


def _match_tasks(call: Call, step: Step) -> None:
    """Bring the open tasks to those that wait: cancel what waits no more, make what waits newly."""
    open_rows = {
        task.engine_task: task
        for task in call.tx.session.scalars(
            select(Task).where(Task.instance_id == call.instance.id, Task.status == "open").order_by(Task.created_at)
        )
    }
    waiting = {waiting.id: waiting for waiting in step.tasks}
    gone = [task for name, task in open_rows.items() if name not in waiting]
    for task in gone:
        task.status, task.completed_at = "cancelled", call.tx.now
        record(call.tx, "task.cancelled", case_id=task.case_id, task=task.id, element=task.element)
    for name, new in waiting.items():
        if name not in open_rows:
            _make_task(call, new)
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
    call.tx.session.flush()
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
    tell(call, "task_waiting", to, step=task.name, optional=True)
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
    rows = {
        timer.engine_timer: timer for timer in session.scalars(select(Timer).where(Timer.instance_id == instance.id))
    }
    running = {timer.id: timer for timer in step.timers}
    for name, row in rows.items():
        if name not in running or running[name].due_at != row.due_at:
            if row.due_at > call.tx.now and row.job_id is not None:
                jobs.cancel(session, row.job_id)
            session.delete(row)
    session.flush()
    for name, timer in running.items():
        if name in rows and rows[name].due_at == timer.due_at:
            continue
        job_id = jobs.defer(session, "processes.wake", lock=instance.case_id, at=timer.due_at, instance_id=instance.id)
        session.add(
            Timer(
                instance_id=instance.id,
                engine_timer=name,
                element=timer.element,
                due_at=timer.due_at,
                job_id=job_id,
            )
        )


def _match_messages(call: Call, step: Step) -> None:
    session, instance = call.tx.session, call.instance
    awaited = {(message.name, message.element) for message in step.messages}
    rows = session.scalars(select(AwaitedMessage).where(AwaitedMessage.instance_id == instance.id)).all()
    stale = [row.id for row in rows if (row.name, row.element) not in awaited]
    if stale:
        session.execute(delete(AwaitedMessage).where(AwaitedMessage.id.in_(stale)))
    for name, element in sorted(awaited - {(row.name, row.element) for row in rows}):
        session.add(AwaitedMessage(instance_id=instance.id, case_id=instance.case_id, name=name, element=element))


def _end(call: Call, step: Step) -> None:
    """End the run: nothing waits any more, so no deadline of the case runs on unmet."""
    if step.tasks or step.timers or step.messages:
        raise AmanahError("process.false_end", instance=call.instance.id)
    instance = call.instance
    instance.status, instance.outcome, instance.ended_at = "ended", step.outcome, call.tx.now
    deadlines.stop_deadlines(call.tx, call.case)
    record(call.tx, "process.ended", case_id=instance.case_id, instance=instance.id, outcome=step.outcome)


def due_timers(call: Call) -> list[Timer]:
    """Give the run's timers that are due by now, first due first."""
    return list(
        call.tx.session.scalars(
            select(Timer)
            .where(Timer.instance_id == call.instance.id, Timer.due_at <= call.tx.now)
            .order_by(Timer.due_at, Timer.id)
        )
    )
