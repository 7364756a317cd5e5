"""Messages that come before the diagram waits for them: kept for a while, then delivered once or told.

How long is the manifest's decision (`early_messages`). What is kept is delivered by a job that the waiting step defers,
so that a message that cannot be taken is an incident of its own and never undoes the step of whoever acted. This module
stands below `advance`; the verbs that move the run with a kept message are in `delivery`.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import exists, select

from workflows import jobs
from workflows.feel.values import to_json
from workflows.journal.operations import record
from workflows.processes.calls import Call
from workflows.processes.models import EarlyMessage
from workflows.transaction import Tx


def keep_early(tx: Tx, call: Call, message: str, variables: Mapping[str, Any]) -> EarlyMessage:
    """Keep a message for the locked run until it waits for it, or its time is over; journals `message.kept`."""
    kept = EarlyMessage(
        id=uuid4(),
        instance_id=call.instance.id,
        name=message,
        variables={name: to_json(value) for name, value in variables.items()},
        actor_name=tx.actor.name,
        received_at=tx.now,
        expires_at=tx.now + call.manifest.early_messages[message],
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
    kept = exists().where(
        EarlyMessage.instance_id == call.instance.id, EarlyMessage.state == "kept", EarlyMessage.name.in_(early)
    )
    if call.tx.session.scalar(select(kept)):
        jobs.defer(call.tx.session, "messages.deliver", instance_id=call.instance.id)
