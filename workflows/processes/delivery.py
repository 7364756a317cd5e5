"""Kept messages on their way: each is delivered to the element that waits longest, or given up after its time."""

from uuid import UUID

from sqlalchemy import select

from workflows import engine
from workflows.errors import NotFound
from workflows.feel.values import from_json
from workflows.incidents.operations import Cause, raise_incident
from workflows.journal.operations import record
from workflows.processes.advance import advance
from workflows.processes.calls import Call
from workflows.processes.models import EarlyMessage
from workflows.processes.running import locked_run_of, move, state_of
from workflows.transaction import Tx

# Who looks after a message that nobody waited for.
OWNER = "intake_supervisor"


def deliver_early(tx: Tx, instance_id: UUID) -> int:
    """Deliver what was kept for the run and is awaited now, the oldest first, and tell how many were delivered.

    Called by jobs; one that comes twice finds nothing left. Each is taken by one element, as any message, before any
    timer that is due by now: it came first.
    """
    call = locked_run_of(tx, instance_id)
    kept = select(EarlyMessage).where(EarlyMessage.instance_id == instance_id, EarlyMessage.state == "kept")
    delivered = 0
    for message in tx.session.scalars(kept.order_by(EarlyMessage.received_at, EarlyMessage.id)).all():
        delivered += _deliver(call, message)
    return delivered


def expire_early(tx: Tx, message_id: UUID) -> None:
    """Give a kept message up whose time is over; journals `message.expired` and raises an incident.

    One that is awaited by now is delivered all the same: its job was late, not the message. Does nothing for a message
    that found its way.
    """
    message = tx.session.get(EarlyMessage, message_id)
    if message is None:
        raise NotFound("message.unknown")
    call = locked_run_of(tx, message.instance_id)
    tx.session.refresh(message)
    if message.state != "kept" or message.expires_at > tx.now or _deliver(call, message):
        return
    message.state, message.ended_at = "expired", tx.now
    record(tx, "message.expired", case_id=call.case.id, instance=call.instance.id, message=message.name)
    raise_incident(
        tx,
        "message.expired",
        f"message:{message.id}",
        Cause("EarlyMessage", "message.never_awaited"),
        owner_role=OWNER,
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
