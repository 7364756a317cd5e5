"""Verbs that move the token: start, complete_task, send_message, wake, cancel.

Each locks the instance first and its open tasks next, runs the engine on the saved state, and has `advance` write what
the engine answered. An engine call that raises changes nothing, and the exception leaves the transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from workflows import engine
from workflows.cases import deadlines
from workflows.cases.models import Case
from workflows.errors import Conflict, NotFound
from workflows.evidence.uploads import Upload
from workflows.journal.operations import record
from workflows.processes.advance import advance, halt
from workflows.processes.answers import NO_CONFLICT as NO_CONFLICT
from workflows.processes.answers import Posted as Posted
from workflows.processes.answers import answered, keep
from workflows.processes.delivery import catch_up
from workflows.processes.early import is_kept, keep_early
from workflows.processes.models import ProcessInstance
from workflows.processes.outcomes import Outcome, outcome_of, repeated, stored
from workflows.processes.running import (
    call_of,
    check_four_eyes,
    check_fresh,
    check_moving,
    locked_run,
    locked_run_of,
    move,
    state_of,
)
from workflows.processes.submissions import kept_answer, post_of
from workflows.processes.waiting import Waiting
from workflows.rows import note
from workflows.tasks.operations import check_free, check_open, check_work, locked_task
from workflows.transaction import Tx


def start(tx: Tx, case_id: UUID, version_id: UUID, variables: Mapping[str, Any]) -> ProcessInstance:
    """Start the edition for the case with FEEL values as variables; journals `process.started` and what followed.

    Called by the verbs that open cases. Raises Conflict (`process.running`) when the case has a running process.
    """
    case = tx.session.get(Case, case_id)
    if case is None:
        raise NotFound("case.unknown")

    # Of two starts at once the second is refused by the index on running instances.
    before = tx.session.scalars(select(ProcessInstance.status).where(ProcessInstance.case_id == case_id)).all()
    if "running" in before:
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
    record(tx, "process.started", case_id=case_id, instance=instance.id, version=version_id)
    # Without a run nothing has started a deadline yet.
    call = call_of(tx, instance, waiting=Waiting(deadlines=None if before else []))
    state, step = move(call, engine.start, variables)

    advance(call, state, step, kind="start", actor_name=tx.actor.name)
    return instance


def complete_task(
    tx: Tx, task_id: UUID, *, posted: Posted, files: Sequence[Upload] = (), revision: int, key: str
) -> Outcome:
    """Complete a task with what was typed into its form; journals `task.completed` and what followed.

    `revision` is that of the shown form, `key` its idempotency key; a repeated key gives the first outcome. Whoever
    completes an unclaimed task held it. Raises NotFound (`task.unknown`); InvalidAnswers; NotAllowed, also with
    `task.four_eyes` (by); Conflict: `task.done` (by), `task.cancelled`, `task.taken` (by), `process.ended`,
    `process.suspended` (since), `task.stale` (by, at, fields: names of the variables that changed since the form was
    shown). A timer that is due fires first: a breach is told although its job is late, and a task that it takes away
    is gone (`task.cancelled`).
    """
    post = post_of(tx, key, "task.complete", task_id)
    run = locked_run(tx, "task", task_id, post=post)
    if run is None:
        raise NotFound("task.unknown")
    if run.first_answer is not None:
        return repeated(run.first_answer)
    call = run.call
    task = call.waiting.task(task_id) or locked_task(tx, task_id)

    check_work(tx, task, seen=run.seen)
    check_four_eyes(tx, task)

    catch_up(call)
    check_open(tx, task)
    check_free(tx, task)
    if not call.instance.is_running:
        raise Conflict("process.ended")
    check_moving(call.instance)
    check_fresh(tx, call.instance, revision)

    parted = answered(call, task.form, posted, files, recusal=task.recusal)
    keep(tx, call, parted, task.form, task.element, files)
    by, claimed_at = tx.actor.user_id, task.claimed_at or tx.now
    note(task, status="done", assignee_id=by, claimed_at=claimed_at, completed_at=tx.now, completed_by_id=by)
    record(tx, "task.completed", case_id=task.case_id, task=task.id, element=task.element)
    if task.deadline_id is not None:
        deadlines.meet_deadline(tx, call.case, task.deadline_id)
    state, step = move(call, engine.complete, state_of(call.instance), task.engine_task, parted.variables)
    return advance(call, state, step, kind="task", what=task.element, actor_name=tx.actor.name, post=post)


def send_message(
    tx: Tx, case_id: UUID, message: str, *, posted: Posted | None = None, files: Sequence[Upload] = (), key: str
) -> Outcome:
    """Deliver a message that the case's process awaits, with the answers of its form; journals `message.received`.

    One of the manifest's `early_messages` that comes before it is awaited, and any that comes while the run is
    suspended, is kept and delivered later; journals `message.kept`, and the outcome says so. A reporter may send what
    the manifest lists, on the case that they follow; an officer with `case.work` anything that is awaited. Raises
    NotFound (`case.unknown`), InvalidAnswers, Conflict (`message.unawaited`) when the process does not wait for it now,
    also because a timer that is due took it away, or (`message.kept`) while it is suspended and was sent the like. A
    repeated key gives the first outcome.
    """
    post = post_of(tx, key, "message.send", case_id, message)
    run = locked_run(tx, "case", case_id, post=post)
    case, seen = (run.call.case, run.seen) if run is not None else (tx.session.get(Case, case_id), None)
    if case is None or not (tx.may("case.follow", case) or tx.may("case.read", case, seen=seen)):
        raise NotFound("case.unknown")
    first = run.first_answer if run is not None else kept_answer(tx, post)
    if first is not None:
        return repeated(first)

    if run is None:
        raise Conflict("message.unawaited", message=message)
    call = run.call
    from_reporter = call.manifest.reporter_messages.get(message)
    if from_reporter is None or not tx.may("case.follow", case):
        tx.require("case.work", case, seen=seen)

    catch_up(call)
    early = is_kept(call, message)

    form = from_reporter.form if from_reporter is not None else ""
    parted = answered(call, form, posted or {}, files)
    keep(tx, call, parted, form, message, files)
    if early:
        keep_early(tx, call, message, parted.variables)
        outcome = outcome_of(call, kept=True)
        tx.session.add(post.answered(tx, stored(outcome)))
        return outcome
    record(tx, "message.received", case_id=case_id, instance=call.instance.id, message=message)
    state, step = move(call, engine.deliver, state_of(call.instance), message, parted.variables)
    return advance(call, state, step, kind="message", what=message, actor_name=tx.actor.name, post=post)


def wake(tx: Tx, instance_id: UUID) -> int:
    """Fire the instance's timers that are due by now, each once, and tell how many; journals `timer.fired` for each.

    Called by jobs; a job that comes late, early or twice finds by itself what is left to do.
    """
    return catch_up(locked_run_of(tx, instance_id), last=True, insist=True)


def cancel(tx: Tx, instance_id: UUID, *, reason: str) -> None:
    """Take the token from the diagram: open tasks, timers and messages end; journals `process.cancelled`.

    Needs `incident.handle`. `reason` is a code, never a text. Raises Conflict (`process.ended`) when it is over.
    """
    call = locked_run_of(tx, instance_id)
    instance = call.instance

    tx.require("incident.handle")

    if not instance.is_running:
        raise Conflict("process.ended")

    halt(call)

    record(tx, "process.cancelled", case_id=instance.case_id, instance=instance.id, reason=reason)
