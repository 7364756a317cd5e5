"""Keeping a run from moving for a while, and letting it move again.

While it is suspended nobody completes its tasks, messages to it are kept (`early`) and no timer fires. Legal deadlines
know no pause: they run on, and both acts journal what that means for each of them. What came or became due meanwhile is
delivered and fires once, in the order of the instants, when the run is resumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows import jobs
from workflows.cases import contents
from workflows.cases.models import CaseDeadline
from workflows.errors import Conflict, InvalidAnswers
from workflows.journal.operations import record
from workflows.processes.calls import Call
from workflows.processes.delivery import catch_up
from workflows.processes.early import have_delivered, kept_messages
from workflows.processes.models import EarlyMessage, ProcessInstance, Timer
from workflows.processes.running import locked_run_of
from workflows.tasks.models import Task
from workflows.transaction import Tx

# The right to suspend, move and migrate runs.
OPERATE = "process.operate"
# What the reason of an operator's act is kept as in the case.
REASON = "intervention"


@dataclass(frozen=True)
class Held:
    """What a suspension holds back, and what it does not."""

    # Open tasks that nobody can complete meanwhile.
    tasks: Sequence[Task]
    # Timers that do not fire meanwhile, first due first; those that are due by the resumption fire then, each once.
    timers: Sequence[Timer]
    # Legal deadlines that run on, first due first.
    deadlines: Sequence[CaseDeadline]
    # Messages that wait for the run, first come first: they came early, or since it is suspended.
    messages: Sequence[EarlyMessage]


def held_by(session: Session, instance_id: UUID) -> Held:
    """Give what a suspension of the run holds back and what runs on. The caller has asked for the right."""
    instance = session.get_one(ProcessInstance, instance_id)
    tasks = select(Task).where(Task.instance_id == instance_id, Task.status == "open")
    timers = select(Timer).where(Timer.instance_id == instance_id)
    return Held(
        session.scalars(tasks.order_by(Task.created_at, Task.id)).all(),
        session.scalars(timers.order_by(Timer.due_at, Timer.id)).all(),
        session.scalars(open_deadlines(instance.case_id)).all(),
        kept_messages(session, instance_id),
    )


def suspend(tx: Tx, instance_id: UUID, *, reason: str) -> ProcessInstance:
    """Keep the run from moving; journals `process.suspended`, and what it means for each timer and deadline.

    What is due already happens before. Needs `process.operate`. Raises NotFound (`process.unknown`), InvalidAnswers
    without a reason, Conflict: `process.ended`, `process.suspended` when it is suspended already.
    """
    call = locked_run_of(tx, instance_id)
    instance = call.instance

    tx.require(OPERATE)

    catch_up(call)
    if not instance.is_running:
        raise Conflict("process.ended")
    if instance.suspended_at is not None:
        raise Conflict("process.suspended", since=instance.suspended_at)
    keep_reason(tx, call, reason)

    instance.suspended_at = tx.now
    record(tx, "process.suspended", case_id=instance.case_id, instance=instance.id)
    for timer in sorted(call.waiting.timers, key=lambda timer: (timer.due_at, timer.id)):
        facts = {"instance": instance.id, "element": timer.element, "due_at": timer.due_at}
        record(tx, "timer.held", case_id=instance.case_id, **facts)
    _journal_deadlines(tx, call)
    return instance


def resume(tx: Tx, instance_id: UUID, *, reason: str) -> ProcessInstance:
    """Let the run move again; journals `process.resumed` and what the wait has meant for each deadline.

    Messages that came and timers that became due meanwhile are delivered and fire at once, each once, by jobs of this
    act. Needs `process.operate`. Raises NotFound (`process.unknown`), InvalidAnswers without a reason, Conflict:
    `process.ended`, `process.not_suspended`.
    """
    call = locked_run_of(tx, instance_id)
    instance = call.instance

    tx.require(OPERATE)

    if not instance.is_running:
        raise Conflict("process.ended")
    if instance.suspended_at is None:
        raise Conflict("process.not_suspended")
    keep_reason(tx, call, reason)

    record(tx, "process.resumed", case_id=instance.case_id, instance=instance.id, since=instance.suspended_at)
    instance.suspended_at = None
    _journal_deadlines(tx, call)
    if kept_messages(tx.session, instance.id):
        # Which fires in its turn what was due before or after them.
        have_delivered(call)
    elif call.waiting.due(tx.now):
        # As a job: what fails there is an incident, and the run is resumed nevertheless.
        jobs.defer(tx.session, "processes.wake", queueing_lock=f"sweep:{instance.id}", instance_id=instance.id)
    return instance


def keep_reason(tx: Tx, call: Call, reason: str) -> None:
    """Keep why an operator reached into the run with the case; InvalidAnswers without a reason."""
    if not reason.strip():
        raise InvalidAnswers([("reason", "required", {})])
    contents.put(tx, call.case, REASON, {"reason": reason.strip()})


def _journal_deadlines(tx: Tx, call: Call) -> None:
    """Journal for each open deadline that it runs on, and whether it has passed by now."""
    for running in tx.session.scalars(open_deadlines(call.case.id)):
        record(
            tx,
            "deadline.kept_running",
            case_id=call.case.id,
            deadline=running.deadline_id,
            round=running.round,
            due_at=running.due_at,
            passed=running.is_overdue(tx.now),
        )


def open_deadlines(case_id: UUID) -> Select[CaseDeadline]:
    """Ask for the legal deadlines of the case that run, first due first."""
    return (
        select(CaseDeadline)
        .where(CaseDeadline.case_id == case_id, CaseDeadline.met_at.is_(None), CaseDeadline.stopped_at.is_(None))
        .order_by(CaseDeadline.due_at, CaseDeadline.id)
    )
