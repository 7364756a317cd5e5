"""Verbs on faults: raise one, try again, resolve it.

A fault is told with the class and the code of its cause, never with its message, since a message may quote what
somebody wrote. Who looks after it is a role; the page `/insiden` shows each role its own.
"""

from dataclasses import dataclass
from datetime import timedelta
from traceback import walk_tb
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from workflows import jobs
from workflows.errors import AmanahError, Conflict, InvalidAnswers, NotFound
from workflows.incidents.models import Incident, WatchdogRun
from workflows.journal.operations import record
from workflows.rows import READS_NOTHING_HELD
from workflows.transaction import Tx

# Looks after whatever no other role is named for.
ADMINISTRATOR = "administrator"
# Beginnings of the names of the modules of this house.
_OURS = ("workflows.", "webapp.")
_WATCHES_KEPT = timedelta(days=31)
# Every job asks, so it is built once.
_OPEN_ABOUT = (
    select(Incident)
    .where(Incident.subject == bindparam("subject"), Incident.state == "open")
    .with_for_update()
    .execution_options(**READS_NOTHING_HELD)
)


@dataclass(frozen=True)
class Cause:
    """What went wrong, without a word of content."""

    # Class of the exception, for example "FeelError".
    name: str
    # Its code when the house knows it, otherwise the place where it was raised, as "module:line".
    code: str

    @classmethod
    def of(cls, error: BaseException) -> "Cause":
        """Read class and code off an exception and leave its message alone.

        The code of a database error is the address of its library's help and says nothing; like any stranger's its
        place is told, which is the innermost one of this house, since that is where somebody will look.
        """
        code = getattr(error, "code", None)
        if isinstance(error, AmanahError) or (isinstance(code, str) and not isinstance(error, SQLAlchemyError)):
            return cls(type(error).__name__, str(code))
        places = [f"{frame.f_globals.get('__name__', '?')}:{line}" for frame, line in walk_tb(error.__traceback__)]
        ours = [place for place in places if place.startswith(_OURS)]
        return cls(type(error).__name__, (ours or places or ["?"])[-1])


def raise_incident(
    tx: Tx,
    kind: str,
    subject: str,
    cause: Cause,
    *,
    owner_role: str,
    case_id: UUID | None = None,
    instance_id: UUID | None = None,
    element: str | None = None,
    attempts: int = 1,
    task: str | None = None,
    arguments: dict[str, Any] | None = None,
) -> Incident:
    """Tell that something stopped; while it is open the same `subject` stays one incident with a growing count.

    `task` with `arguments` names the job that `retry` defers again. Journals `incident.opened` the first time.
    """
    incident = _open_incident(tx, subject)
    if incident is not None:
        incident.latest_at = tx.now
        incident.attempts += attempts
        return incident
    incident = Incident(
        subject=subject,
        kind=kind,
        case_id=case_id,
        instance_id=instance_id,
        element=element,
        owner_role=owner_role,
        cause_class=cause.name,
        cause_code=cause.code,
        first_at=tx.now,
        latest_at=tx.now,
        attempts=attempts,
        task=task,
        arguments=arguments,
    )
    tx.session.add(incident)
    tx.session.flush()
    record(tx, "incident.opened", case_id=case_id, incident=incident.id, code=cause.code)
    return incident


def note_told(tx: Tx, owner_role: str) -> None:
    """Note that the role was told of all open incidents that it owns."""
    mine = update(Incident).where(Incident.owner_role == owner_role, Incident.state == "open")
    tx.session.execute(mine.where(Incident.told_at.is_(None)).values(told_at=tx.now))


def retry(tx: Tx, incident_id: UUID) -> Incident:
    """Try the failed job again; the incident goes away by itself when that succeeds.

    For whoever looks after it (`_require_charge`). Refused (Conflict `incident.not_retryable`) for incidents that are
    resolved or that no job can mend.
    """
    incident = _locked(tx, incident_id)
    _require_charge(tx, incident)
    if incident.state != "open" or incident.task is None:
        raise Conflict("incident.not_retryable", incident=incident.id)
    incident.latest_at = tx.now
    jobs.defer(tx.session, incident.task, queueing_lock=retry_lock(incident.id), **(incident.arguments or {}))
    record(tx, "incident.retried", case_id=incident.case_id, incident=incident.id)
    return incident


def retry_lock(incident_id: UUID) -> str:
    """Name the job that tries an incident's again, of which one at most waits in the queue."""
    return f"incident:{incident_id}"


def resolve(tx: Tx, incident_id: UUID, *, note: str) -> Incident:
    """Lay an incident aside because somebody has mended its cause another way, and says how in the note.

    For whoever looks after it (`_require_charge`). InvalidAnswers without a note: nothing tries its job again, so that
    whoever asks later must find why. Conflict (`incident.resolved`) when it is closed already.
    """
    incident = _locked(tx, incident_id)
    _require_charge(tx, incident)
    if incident.state != "open":
        raise Conflict("incident.resolved", incident=incident.id)
    if not note.strip():
        raise InvalidAnswers([("note", "required", {})])
    _close(tx, incident, note.strip())
    return incident


def settle(tx: Tx, subject: str) -> None:
    """Close the open incident about `subject`, if there is one, because what it tells about has gone well since."""
    # Nearly always there is none, so nobody is made to wait; whoever raises one meanwhile does so about a later try.
    incident = tx.session.scalars(_OPEN_ABOUT, {"subject": subject}).one_or_none()
    if incident is not None:
        _close(tx, incident, "")


def note_watch(tx: Tx, *, cases: int, stuck: int, falsely_ended: int, orphaned: int) -> WatchdogRun:
    """Note that the watchdog looked, and what it found; the notes of a month are kept."""
    tx.session.execute(delete(WatchdogRun).where(WatchdogRun.at < tx.now - _WATCHES_KEPT))
    run = WatchdogRun(at=tx.now, cases=cases, stuck=stuck, falsely_ended=falsely_ended, orphaned=orphaned)
    tx.session.add(run)
    return run


def _close(tx: Tx, incident: Incident, note: str) -> None:
    incident.state = "resolved"
    incident.resolved_at = tx.now
    incident.resolved_by_id = tx.actor.user_id
    incident.note = note
    record(tx, "incident.resolved", case_id=incident.case_id, incident=incident.id)


def _require_charge(tx: Tx, incident: Incident) -> None:
    """Let pass whoever holds the role that looks after it, and whoever mends faults in general; else NotAllowed."""
    if incident.owner_role not in tx.actor.roles:
        tx.require("incident.handle", incident)


def _locked(tx: Tx, incident_id: UUID) -> Incident:
    incident = tx.session.scalars(select(Incident).where(Incident.id == incident_id).with_for_update()).one_or_none()
    if incident is None:
        raise NotFound("incident.unknown", incident=incident_id)
    return incident


def _open_incident(tx: Tx, subject: str) -> Incident | None:
    # Two workers may meet the same fault at once; the advisory lock makes the second one see the first one's row.
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))
    return tx.session.scalars(_OPEN_ABOUT, {"subject": subject}).one_or_none()
