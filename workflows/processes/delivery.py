"""Kept messages on their way: each is delivered to the element that waits longest, or given up after its time.

A job does it. Whoever acts before the job came brings the run up to date first (`catch_up`), so that what happened
earlier has happened before, however late the queue is.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select

from workflows import engine, jobs
from workflows.errors import NotFound
from workflows.feel.values import from_json
from workflows.incidents.operations import ADMINISTRATOR, Cause, raise_incident
from workflows.journal.operations import record
from workflows.processes.advance import advance
from workflows.processes.calls import Call
from workflows.processes.early import kept_messages
from workflows.processes.firing import fire_due, given_to_somebody
from workflows.processes.models import EarlyMessage, Timer
from workflows.processes.running import locked_run_of, move, state_of
from workflows.tasks.models import Task
from workflows.transaction import Tx

# How long a kept message whose time is over waits for a suspended run before it is looked at again.
_LOOK_AGAIN = timedelta(days=1)


def deliver_early(tx: Tx, instance_id: UUID) -> int:
    """Deliver what was kept for the run and is awaited now, the oldest first, and tell how many were delivered.

    Called by jobs; one that comes twice finds nothing left. Each is taken by one element, as any message, in the order
    of what happened: after the timers that were due before it came, before those that became due since, which are left
    to their own job. What was kept only because the run was suspended, and is not awaited after all, is given up; so is
    everything once the run is over.
    """
    call = locked_run_of(tx, instance_id)
    delivered = _deliver_kept(call)
    if call.waiting.due(tx.now) and not _is_held(call):
        jobs.defer(tx.session, "processes.wake", queueing_lock=f"sweep:{instance_id}", instance_id=instance_id)
    return delivered


def catch_up(call: Call, *, last: bool = False, insist: bool = False) -> int:
    """Let happen in the locked run what has happened before this act, and tell how many timers fired.

    Messages that are kept for it and timers that are due, in the order of their instants and each once. Nothing in the
    act follows the `last` thing that it does. Does nothing while the run is suspended. A message that cannot be taken
    and a timer that cannot fire keep nobody from acting once their incident has told of it; of timers only those who
    `insist` try it again.
    """
    moves = call.waiting.has_kept and call.instance.is_running and not _is_held(call)
    if moves and not given_to_somebody(call, "messages.deliver"):
        _deliver_kept(call, insist=insist)
    return fire_due(call, last=last, insist=insist)


def catch_up_around(tx: Tx, task_id: UUID) -> None:
    """Do so in the run that the task belongs to; an unknown task has none.

    The run is locked only when something is due or kept, so that taking a task upon oneself stays cheap.
    """
    run = select(Task.instance_id).where(Task.id == task_id).scalar_subquery()
    due = exists().where(Timer.instance_id == run, Timer.due_at <= tx.now)
    kept = exists().where(EarlyMessage.instance_id == run, EarlyMessage.state == "kept")
    instance_id = tx.session.scalar(select(Task.instance_id).where(Task.id == task_id, or_(due, kept)))
    if instance_id is not None:
        catch_up(locked_run_of(tx, instance_id))


def _deliver_kept(call: Call, *, insist: bool = False) -> int:
    """Deliver what is kept for the locked run, and fire before each what was due when it came; tell how many went."""
    delivered = 0
    for message in kept_messages(call.tx.session, call.instance.id):
        fire_due(call, by=message.received_at, insist=insist)
        if _deliver(call, message):
            delivered += 1
        elif not call.instance.is_running or (message.name not in call.manifest.early_messages and not _is_held(call)):
            _give_up(call, message)
    return delivered


def expire_early(tx: Tx, message_id: UUID) -> None:
    """Give a kept message up whose time is over; journals `message.expired` and raises an incident.

    One that is awaited by now is delivered all the same: its job was late, not the message. While the run is suspended
    it is kept on. Does nothing for a message that found its way.
    """
    message = tx.session.get(EarlyMessage, message_id)
    if message is None:
        raise NotFound("message.unknown")
    call = locked_run_of(tx, message.instance_id)
    tx.session.refresh(message)
    if message.state != "kept" or message.expires_at > tx.now:
        return
    if _is_held(call):
        jobs.defer(tx.session, "messages.expire", at=tx.now + _LOOK_AGAIN, message_id=message.id)
    elif not _deliver(call, message):
        _give_up(call, message)


def _is_held(call: Call) -> bool:
    return call.instance.is_running and call.instance.suspended_at is not None


def _give_up(call: Call, message: EarlyMessage) -> None:
    """Tell whoever looks after messages that nobody took this one; its words are with the case."""
    message.state, message.ended_at = "expired", call.tx.now
    record(call.tx, "message.expired", case_id=call.case.id, instance=call.instance.id, message=message.name)
    raise_incident(
        call.tx,
        "message.expired",
        f"message:{message.id}",
        Cause("EarlyMessage", "message.never_awaited"),
        owner_role=call.manifest.looked_after_by or ADMINISTRATOR,
        case_id=call.case.id,
        instance_id=call.instance.id,
    )


def _deliver(call: Call, message: EarlyMessage) -> bool:
    """Hand the message to the locked run if it waits for it, and tell whether it did."""
    instance = call.instance
    if not instance.is_running or instance.suspended_at is not None or not call.waiting.awaits(message.name):
        return False
    message.state, message.ended_at = "delivered", call.tx.now
    record(call.tx, "message.received", case_id=call.case.id, instance=instance.id, message=message.name)
    state, step = move(call, engine.deliver, state_of(instance), message.name, from_json(message.variables))
    advance(call, state, step, kind="message", what=message.name, actor_name=message.actor_name)
    return True
