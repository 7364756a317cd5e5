"""Messages that come before the run can take them: kept for a while, then delivered once or told.

Two kinds are kept: one of the manifest's `early_messages` that came before the diagram waits for it, and any message
that comes for a suspended run. How long is the manifest's decision; a suspension is nobody's fault, so nothing is given
up while it lasts. What is kept is delivered by a job that the waiting step, or the resumption, defers, so that a
message that cannot be taken is an incident of its own and never undoes the step of whoever acted. This module stands
below `advance`; the verbs that move the run with a kept message are in `delivery`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from workflows import jobs
from workflows.errors import Conflict
from workflows.feel.values import to_json
from workflows.journal.operations import record
from workflows.processes.calls import Call
from workflows.processes.models import EarlyMessage
from workflows.transaction import Tx

# How long a message to a suspended run is kept where the case type says nothing of its name.
HELD_FOR = timedelta(days=30)


def is_kept(call: Call, message: str) -> bool:
    """Tell whether the message, which has come now, is kept rather than delivered at once.

    Raises Conflict: `message.unawaited` when it is neither awaited nor one that may come early; `message.kept` when the
    suspended run awaits it and as many of that name are kept already.
    """
    awaited = sum(each.name == message for each in call.waiting.messages)
    rule = call.manifest.early_messages.get(message)
    if call.instance.is_running and rule is not None and (awaited or rule.admits(call.case.stage)):
        return not awaited or call.instance.suspended_at is not None
    if not awaited:
        raise Conflict("message.unawaited", message=message)
    if call.instance.suspended_at is None:
        return False
    if len(kept_messages(call.tx.session, call.instance.id, message)) >= awaited:
        raise Conflict("message.kept", message=message)
    return True


def kept_messages(session: Session, instance_id: UUID, *names: str) -> Sequence[EarlyMessage]:
    """Give what is kept for the run, under these names or any, in the order in which it came."""
    kept = select(EarlyMessage).where(_kept_for(instance_id))
    if names:
        kept = kept.where(EarlyMessage.name.in_(names))
    return session.scalars(kept.order_by(EarlyMessage.received_at, EarlyMessage.id)).all()


def keep_early(tx: Tx, call: Call, message: str, variables: Mapping[str, Any]) -> EarlyMessage:
    """Keep a message for the locked run until it can take it, or its time is over; journals `message.kept`."""
    rule = call.manifest.early_messages.get(message)
    kept = EarlyMessage(
        id=uuid4(),
        instance_id=call.instance.id,
        name=message,
        variables={name: to_json(value) for name, value in variables.items()},
        actor_name=tx.actor.name,
        received_at=tx.now,
        expires_at=tx.now + (rule.kept_for if rule is not None else HELD_FOR),
        state="kept",
    )
    tx.session.add(kept)
    record(
        tx,
        "message.kept",
        case_id=call.case.id,
        instance=call.instance.id,
        message=message,
        expires_at=kept.expires_at,
    )
    jobs.defer(tx.session, "messages.expire", at=kept.expires_at, message_id=kept.id)
    return kept


def hasten(call: Call, names: Collection[str]) -> None:
    """Have whatever was kept under these names delivered, because the diagram begins to wait for it."""
    early = sorted(call.manifest.early_messages.keys() & set(names))
    if not early:
        return
    if call.tx.session.scalar(select(exists().where(_kept_for(call.instance.id), EarlyMessage.name.in_(early)))):
        have_delivered(call)


def leave(call: Call) -> None:
    """Have whoever looks after messages told of what is kept for a run that ends, since nobody will wait for it."""
    if call.manifest.early_messages and call.tx.session.scalar(select(exists().where(_kept_for(call.instance.id)))):
        have_delivered(call)


def have_delivered(call: Call) -> None:
    """Leave what is kept for the run to a job, which exists if and only if the act is committed."""
    jobs.defer(call.tx.session, "messages.deliver", instance_id=call.instance.id)


def _kept_for(instance_id: UUID) -> ColumnElement[bool]:
    return (EarlyMessage.instance_id == instance_id) & (EarlyMessage.state == "kept")
