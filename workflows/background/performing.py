"""How one job is done, wherever it is done: one transaction, growing patience, and an incident in the end."""

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from jinja2 import TemplateError
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.background.duties import DESIGNER, DUTIES, Duty, Workshop, subject_of
from workflows.background.holds import Hold, Unqueued
from workflows.errors import AmanahError, BrokenDefinition, NewerState, NotFound, SealBroken
from workflows.evidence.copies import CannotCopy
from workflows.feel.errors import FeelError
from workflows.incidents.operations import ADMINISTRATOR, Cause, raise_incident, settle
from workflows.letters.render import ForbiddenSource, PrinterMissing
from workflows.notices.models import Notice
from workflows.processes import sealing
from workflows.processes.queries import looked_after_by
from workflows.transaction import SYSTEM, begin

logger = logging.getLogger(__name__)

# How long a failed job waits before each further try. After the last one it is an incident: a provider that is down
# for a night is nobody's fault, one that is down for a working day is somebody's business.
WAITS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=8))


UNQUEUED = Unqueued()


@dataclass(frozen=True)
class Attempt:
    """How a try went."""

    # What went wrong; None when it went well.
    error: Exception | None = None
    # How long to wait before the next try; None when there will be none.
    wait: timedelta | None = None
    # Whether the effect is there. Neither an error nor done: the job is in other hands by now.
    done: bool = True


def attempt(
    session: Session,
    workshop: Workshop,
    task: str,
    arguments: Mapping[str, Any],
    now: datetime,
    *,
    attempts: int,
    hold: Hold = UNQUEUED,
    troubled: bool = True,
) -> Attempt:
    """Try to do one job in one transaction, and note it in another when it fails; what fails for good is an incident.

    `attempts` counts the tries before this one. `hold` proves within the transaction that the job is still in these
    hands; in other ones nothing is written, neither the effect nor a failure. Unless the office is `troubled`, no
    incident is open that could be about the job.
    """
    try:
        with begin(session, SYSTEM, now=now) as tx:
            if not hold.take(tx):
                return Attempt(done=False)
            DUTIES[task].run(tx, workshop, **arguments)
            if troubled:
                settle(tx, _mending(tx.session, task, arguments)[0])
    except Exception as error:
        wait = wait_after(error, attempts)
        noted = note_failure(session, task, arguments, error, attempts=attempts + 1, wait=wait, now=now, hold=hold)
        return Attempt(error, wait, done=False) if noted else Attempt(done=False)
    return Attempt()


def wait_after(error: BaseException, attempts: int) -> timedelta | None:
    """Say how long to wait before the next try; None when another one would change nothing."""
    lasting = isinstance(error, AmanahError | TemplateError | ForbiddenSource | PrinterMissing | CannotCopy)
    # What a newer edition of the program wrote is read by another worker, or by this one once it is brought up to date.
    if lasting and not isinstance(error, NewerState):
        return None
    return WAITS[attempts] if attempts < len(WAITS) else None


def note_failure(
    session: Session,
    task: str,
    arguments: Mapping[str, Any],
    error: BaseException,
    *,
    attempts: int,
    wait: timedelta | None,
    now: datetime,
    hold: Hold = UNQUEUED,
) -> bool:
    """Note that a job failed, in a transaction of its own; without a `wait` for another try it becomes an incident.

    `attempts` counts this one. Only class and code of the error are kept. Tells whether it was noted: the failure of a
    job that is in other hands by now is nobody's business.
    """
    cause = Cause.of(error)
    duty = DUTIES[task]
    logger.warning("job failed: %s %s %s", task, cause.name, cause.code)
    with begin(session, SYSTEM, now=now) as tx:
        if not hold.give_back(tx, wait):
            return False
        with contextlib.suppress(NotFound):
            if duty.failed is not None:
                duty.failed(tx, cause, final=wait is None, **arguments)
        if wait is not None:
            return True
        subject, retry_task, retry_arguments = _mending(tx.session, task, arguments)
        case_id = duty.case_of(tx.session, **arguments)
        facts = getattr(error, "facts", {})
        raise_incident(
            tx,
            sealing.KIND if isinstance(error, SealBroken) else "job.failed",
            subject,
            cause,
            owner_role=_owner(tx.session, error, duty, case_id),
            case_id=case_id,
            instance_id=UUID(arguments["instance_id"]) if "instance_id" in arguments else None,
            element=facts.get("element") if isinstance(facts, dict) else None,
            attempts=attempts,
            task=retry_task,
            arguments=retry_arguments,
        )
    return True


def _mending(session: Session, task: str, arguments: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """What an incident about the job is called, and the job that mends it.

    A channel that is down is one incident, not one for each message; trying it again sends whatever was given up.
    """
    if task == "notices.send":
        channel = session.scalar(select(Notice.channel).where(Notice.id == UUID(arguments["notice_id"]))) or "?"
        return f"notices.send:{channel}", "notices.resend", {"channel": channel}
    kept = {name: value for name, value in arguments.items() if name != "timestamp"}
    return subject_of(task, kept), task, kept


def _owner(session: Session, error: BaseException, duty: Duty, case_id: UUID | None) -> str:
    if isinstance(error, FeelError | BrokenDefinition | TemplateError | ForbiddenSource):
        return DESIGNER
    if isinstance(error, SealBroken | PrinterMissing) or not duty.is_of_the_case or case_id is None:
        return ADMINISTRATOR
    return looked_after_by(session, case_id) or ADMINISTRATOR
