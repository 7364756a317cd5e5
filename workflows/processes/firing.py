"""Timers that are due: fired by the job that was deferred for them, or by whoever comes first after their instant.

What was due before a person acted has happened before it, however late the queue is: a breach is escalated even when
the late task is completed in the same minute, and the journal says how late the system itself was.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import exists, select

from workflows import engine
from workflows.incidents.models import Incident
from workflows.journal.operations import record
from workflows.processes.advance import advance
from workflows.processes.calls import Call
from workflows.processes.running import move, state_of
from workflows.transaction import SYSTEM


def fire_due(call: Call, *, by: datetime | None = None, last: bool = False, insist: bool = False) -> int:
    """Fire the timers of the locked, running instance that are due by now, each once, and tell how many.

    With `by` only those that were due by that earlier instant. In the system's name, whoever acts; journals
    `timer.fired` for each with the seconds that it came late. Nothing in the act follows the `last` thing that it does.
    What cannot fire keeps nobody from acting, nor an operator from mending it, once its incident has told of it; only
    those who `insist` try it again.
    """
    now, instance = call.tx.now, call.instance
    if instance.suspended_at is not None:
        # They fire, each once, when the run is resumed.
        return 0
    due = call.waiting.due(now if by is None else min(by, now))
    if not due or (not insist and given_to_somebody(call, "processes.wake")):
        return 0
    for timer in due:
        record(
            call.tx,
            "timer.fired",
            case_id=instance.case_id,
            instance=instance.id,
            element=timer.element,
            due_at=timer.due_at,
            late_seconds=int((now - timer.due_at).total_seconds()),
        )
    call = replace(call, fired=frozenset(timer.due_at for timer in due))
    state, step = move(call, partial(engine.wake, by=by), state_of(instance))
    advance(call, state, step, kind="timer", actor_name=SYSTEM.name, last=last)
    return len(due)


def given_to_somebody(call: Call, task: str) -> bool:
    """Tell whether that job of the run failed for good, so that somebody has to look after it."""
    failed = exists().where(Incident.instance_id == call.instance.id, Incident.task == task, Incident.state == "open")
    return bool(call.tx.session.scalar(select(failed)))
