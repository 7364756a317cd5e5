"""A seal that does not fit: some step of the past is not what it was, so the database refuses to build upon it.

The refusal comes from the trigger of `models.SEAL_STEPS`, wherever an act writes its step. Here it becomes an error
that people can be told about, and an incident for whoever runs the installation and can compare with a backup.
"""

import re

from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext

from workflows.errors import SealBroken
from workflows.incidents.models import Incident
from workflows.incidents.operations import ADMINISTRATOR, Cause, raise_incident
from workflows.language import say
from workflows.processes.models import ProcessInstance
from workflows.transaction import Tx

KIND = "seal.broken"
# `restrict_violation`, and the words, of the trigger.
_SQLSTATE = "23001"
_REFUSAL = re.compile(r"step (?P<revision>\d+) of run (?P<instance>[0-9a-f-]{36}) is not what it was")


@event.listens_for(Engine, "handle_error", retval=True)
def _name_broken_seal(context: ExceptionContext) -> BaseException | None:
    """Give the refusal of the trigger its name; anything else stays what it is."""
    error = context.original_exception
    if getattr(error, "sqlstate", None) != _SQLSTATE:
        return None
    said = _REFUSAL.search(str(error))
    if said is None:
        return None
    return SealBroken("process.seal_broken", instance=said["instance"], revision=int(said["revision"]))


def tell_of_broken_seal(tx: Tx, broken: SealBroken) -> Incident:
    """Make an incident of it; the same run stays one incident with a growing count."""
    instance = tx.session.get(ProcessInstance, broken.instance_id)
    return raise_incident(
        tx,
        KIND,
        f"seal:{broken.instance_id}",
        Cause.of(broken),
        # Whoever can restore what was kept.
        owner_role=ADMINISTRATOR,
        case_id=instance.case_id if instance is not None else None,
        instance_id=instance.id if instance is not None else None,
    )


def refusal(broken: SealBroken) -> str:
    """Say it to whoever sits at the command line."""
    step, run = broken.facts["revision"], broken.instance_id
    return say(
        f"Langkah {step} dari proses {run} tidak sama lagi dengan saat ditulis, jadi kasusnya dihentikan dan tidak ada "
        "yang diubah. Gangguannya tercatat di /insiden. Periksa dengan amanah verify dan pulihkan dari cadangan.",
        f"Step {step} of process {run} is not what it was when it was written, so its case stands still and nothing "
        "was changed. The fault stands in /insiden. Check with amanah verify, and restore it from a backup.",
    )
