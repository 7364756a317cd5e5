"""Applies what the engine answered to the rows: the run itself, its tasks, timers and messages, its path, its end.

Every step comes through here, and nothing else writes these rows. A step that leaves the run alive but waiting for
nothing is refused whole: a case must always have a next thing.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from workflows import jobs, rows
from workflows.cases import deadlines, operations
from workflows.engine import State, Step, WaitingTask
from workflows.errors import AmanahError
from workflows.journal.operations import record
from workflows.people.queries import user_by_login
from workflows.processes import early
from workflows.processes.calls import Call, admit, begin_deadline, handling_roles, tell
from workflows.processes.decided import decided
from workflows.processes.models import AwaitedMessage, StepRecord, Timer
from workflows.processes.outcomes import Outcome, outcome_of, stored
from workflows.processes.projections import Changes, write
from workflows.processes.submissions import Post
from workflows.tasks.models import Task

# Task priority where the diagram gives none.
_ORDINARY = 50


def advance(
    call: Call,
    state: State,
    step: Step,
    *,
    kind: str,
    what: str = "",
    actor_name: str = "",
    post: Post | None = None,
    last: bool = False,
) -> Outcome:
    """Write a step of the run: `kind` and `what` say what moved it, `actor_name` who did; give what it led to.

    With a `post` the outcome is kept as the answer to it. Nothing in the act follows the `last` step. Raises
    AmanahError: `process.uncaught_error` (error) when the run died of an error that nothing caught, `process.stuck`
    when it lives and waits for nothing; else as `projections.write`. The act is then rolled back by whoever opened it.
    """
    check_step(call, step)
    instance, now = call.instance, call.tx.now
    revision = instance.revision + 1
    path = _path(call, step, revision)
    changes = _matched(call, step)
    changes.path = path
    changes.decisions = decided(call, step, revision)
    changes.step = rows.make(
        StepRecord,
        instance_id=instance.id,
        revision=revision,
        kind=kind,
        what=what,
        at=now,
        actor_name=actor_name,
        changed=list(step.changed),
        values={name: state.variables[name] for name in step.changed if name in state.variables},
    )
    changes.run = {
        "tokens": state.tokens,
        "variables": dict(state.variables),
        "tokens_at": list(step.tokens),
        "revision": revision,
        "path_length": instance.path_length + len(path),
    }
    if step.ended:
        changes.run |= {"status": "ended", "outcome": step.outcome, "ended_at": now}
        _end(call, step)
    for name in sorted({thrown.name for thrown in step.thrown if thrown.kind == "signal"}):
        # Those who wait for it in other cases; within this run the engine has handed it out.
        jobs.defer(call.tx.session, "signals.spread", name=name, instance_id=instance.id, revision=revision)
    outcome = outcome_of(call, revision=revision, ended=step.ended)
    changes.answer = post.answered(call.tx, stored(outcome)) if post is not None else None
    # Whoever posts a form does nothing after it, so that its rows can wait for those of the journal.
    write(call.tx.session, instance, changes, at_once=post is None and not last)
    return outcome


def check_step(call: Call, step: Step) -> None:
    """Refuse a step after which nobody could go on; raises as `advance` does."""
    if step.error is not None:
        raise AmanahError("process.uncaught_error", instance=call.instance.id, error=step.error)
    if step.stuck:
        raise AmanahError("process.stuck", instance=call.instance.id)


def role_for(call: Call, waiting: WaitingTask) -> str:
    """Give the role that does the task; AmanahError `process.no_role` where neither its lane nor itself names one."""
    lane = call.manifest.lanes.get(waiting.lane or "")
    role = lane.role if lane is not None else next(iter(waiting.candidate_groups), "")
    if not role:
        raise AmanahError("process.no_role", element=waiting.element)
    return role


def halt(call: Call) -> None:
    """Cancel the run and take away everything that it waits for."""
    changes = _matched(call, Step(ended=True))
    revision = call.instance.revision + 1
    changes.run = {"tokens_at": [], "revision": revision, "status": "cancelled", "ended_at": call.tx.now}
    deadlines.stop_deadlines(call.tx, call.case)
    early.leave(call)
    write(call.tx.session, call.instance, changes, at_once=True)


def _matched(call: Call, step: Step) -> Changes:
    """Bring what the run waits for to what it waits for after the step, and tell which rows that changes."""
    changes = Changes()
    _match_tasks(call, step, changes)
    _match_timers(call, step, changes)
    _match_messages(call, step, changes)
    return changes


def _path(call: Call, step: Step, revision: int) -> list[dict[str, Any]]:
    """Give what the step adds to the path, of which the run has counted what was before."""
    return [
        {
            "instance_id": call.instance.id,
            "sequence": call.instance.path_length + place,
            "element": entry.element,
            "event": entry.kind,
            "at": call.tx.now,
            "revision": revision,
        }
        for place, entry in enumerate(step.trace, start=1)
    ]


def _match_tasks(call: Call, step: Step, changes: Changes) -> None:
    """Bring the open tasks to those that wait: cancel what waits no more, make what waits newly."""
    open_rows = {task.engine_task: task for task in call.waiting.tasks if task.is_open}
    waiting = {waiting.id: waiting for waiting in step.tasks}
    gone = [task for name, task in open_rows.items() if name not in waiting]
    for task in gone:
        task.status, task.completed_at = "cancelled", call.tx.now
        record(call.tx, "task.cancelled", case_id=task.case_id, task=task.id, element=task.element)
    changes.tasks_ended = [task for task in call.waiting.tasks if not task.is_open]
    changes.tasks_made = [_make_task(call, new) for name, new in waiting.items() if name not in open_rows]
    call.waiting.tasks = [*(task for task in open_rows.values() if task.is_open), *changes.tasks_made]
    still_watched = {open_rows[name].deadline_id for name in waiting if name in open_rows}
    for deadline_id in {task.deadline_id for task in gone if task.deadline_id} - still_watched:
        if deadline_id is not None and not any(each.due == deadline_id for each in waiting.values()):
            deadlines.stop_deadlines(call.tx, call.case, deadline_id=deadline_id)


def _make_task(call: Call, waiting: WaitingTask) -> Task:
    """Make the row of a task that waits newly, let its role see the case, and tell those who may do it."""
    lane, role = call.manifest.lanes.get(waiting.lane or ""), role_for(call, waiting)
    handling = lane.unit == "handling" if lane is not None else role in handling_roles(call.manifest)
    deadline_id, due_at = _due(call, waiting)
    assignee = user_by_login(call.tx.session, waiting.assignee) if waiting.assignee else None
    task = rows.make(
        Task,
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
    admit(call, role, unit_id=task.unit_id)
    to = "assignee" if assignee else role
    tell(call, "task_waiting", to, assignee_id=task.assignee_id, step=task.name, task_id=task.id, optional=True)
    return task


def _due(call: Call, waiting: WaitingTask) -> tuple[str | None, datetime | None]:
    """Give the deadline that the task watches, started now unless it runs already, and when the task is due."""
    if waiting.due_at is not None:
        return None, waiting.due_at
    if not waiting.due:
        return None, None
    running = begin_deadline(call, waiting.due)
    return waiting.due, running.due_at


def _match_timers(call: Call, step: Step, changes: Changes) -> None:
    """Bring the timers to those that run; a job that was deferred for one that fired finds by itself nothing to do."""
    running = {timer.id: timer.due_at for timer in step.timers}
    kept = [row for row in call.waiting.timers if running.get(row.engine_timer) == row.due_at]
    changes.timers_gone = [row for row in call.waiting.timers if row not in kept]
    known = {row.engine_timer for row in kept}
    changes.timers_made = [
        Timer(instance_id=call.instance.id, engine_timer=timer.id, element=timer.element, due_at=timer.due_at)
        for timer in step.timers
        if timer.id not in known
    ]
    call.waiting.timers = kept + changes.timers_made


def _match_messages(call: Call, step: Step, changes: Changes) -> None:
    """Bring the messages to those that are awaited, and have delivered what came early for one of them."""
    awaited = {(message.name, message.element) for message in step.messages}
    kept = [row for row in call.waiting.messages if (row.name, row.element) in awaited]
    changes.messages_gone = [row for row in call.waiting.messages if row not in kept]
    changes.messages_made = [
        AwaitedMessage(instance_id=call.instance.id, case_id=call.case.id, name=name, element=element)
        for name, element in sorted(awaited - {(row.name, row.element) for row in kept})
    ]
    call.waiting.messages = kept + changes.messages_made
    early.hasten(call, {row.name for row in changes.messages_made})


def _end(call: Call, step: Step) -> None:
    """End the run: nothing waits any more, so no deadline of the case runs on unmet."""
    if step.tasks or step.timers or step.messages:
        raise AmanahError("process.false_end", instance=call.instance.id)
    deadlines.stop_deadlines(call.tx, call.case)
    early.leave(call)
    record(call.tx, "process.ended", case_id=call.case.id, instance=call.instance.id, outcome=step.outcome)
