"""Reads of recapitulations: which case types have one, what was made, what is due, and what may be verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from workflows.calendar.queries import current_calendar
from workflows.case_reports.stationery import stationery_in
from workflows.catalogue import queries as catalogue
from workflows.deadlines import counting
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.language import Language
from workflows.processes.office import Office
from workflows.recapitulations.models import Recapitulation
from workflows.recapitulations.operations import RIGHT
from workflows.recapitulations.periods import Period
from workflows.recapitulations.plan import Plan, plan_in
from workflows.recapitulations.printing import sheet
from workflows.storage import queries as storage
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class Made:
    """A recapitulation as lists show it."""

    id: UUID
    case_type: str
    period: str
    edition: str
    made_at: datetime
    state: str
    document_id: str
    size: int | None


@dataclass(frozen=True)
class Due:
    """The quarter that was over last: whether it was handed in, and by when it must be."""

    period: str
    # None where the register of deadlines gives no day.
    due_on: date | None
    made: bool


@dataclass(frozen=True)
class Verified:
    """What /verifikasi may say to anybody who holds the id of the document."""

    period: str
    made_at: datetime
    checksum: str | None
    size: int | None


def plans(session: Session) -> dict[str, Plan]:
    """Give the plans of recapitulations by the key of their case type."""
    found: dict[str, Plan] = {}
    for kept in catalogue.case_types(session):
        version = catalogue.newest_version(session, kept.key)
        plan = plan_in(catalogue.bundle(session, version), catalogue.manifest(session, version))
        if plan is not None:
            found[kept.key] = plan
    return found


def made(session: Session, actor: Actor, case_type: str, *, limit: int = 50) -> Sequence[Made]:
    """Give what was made of a case type, newest first; NotAllowed without the right."""
    _require(session, actor)
    rows = select(Recapitulation).where(Recapitulation.case_type == case_type)
    ordered = rows.order_by(Recapitulation.made_at.desc(), Recapitulation.id).limit(limit)
    return [_made(row) for row in session.scalars(ordered)]


def shown(
    session: Session, actor: Actor, recapitulation_id: UUID, *, office: Office, language: Language
) -> tuple[Made, dict[str, Any]]:
    """Give one with its figures written out as on its paper; NotFound (`recapitulation.unknown`), NotAllowed."""
    row = _visible(session, actor, recapitulation_id)
    words = stationery_in(office.settings.definitions / "shared" / "reports").words[language]["recapitulation"]
    address = f"{office.settings.public_url}/verifikasi/{row.document_id}"
    return _made(row), sheet(row, office=office.settings.office_name, address=address, words=words, language=language)


def document(session: Session, actor: Actor, recapitulation_id: UUID, *, kind: str) -> tuple[Made, bytes]:
    """Give the bytes of the "pdf" or the "xlsx". Raises NotFound, NotAllowed, Conflict (`report.not_ready`)."""
    row = _visible(session, actor, recapitulation_id)
    checksum = row.checksum if kind == "pdf" else row.sheet_checksum
    if checksum is None:
        raise Conflict("report.not_ready", report=recapitulation_id, state=row.state)
    return _made(row), storage.read(session, checksum)


def due(session: Session, case_type: str, plan: Plan, office: Office, now: datetime) -> Due:
    """Tell of the quarter that was over last whether its full edition was made since, and by when it is due."""
    today = now.astimezone(office.zone).date()
    period = Period.quarter_of(today).before()
    handed_in = select(Recapitulation.id).where(
        Recapitulation.case_type == case_type,
        Recapitulation.period == period.name,
        Recapitulation.edition == "full",
        Recapitulation.made_at >= _end(period, office.zone),
    )
    return Due(
        period.name, _due_on(session, plan, period, office), session.scalars(handed_in.limit(1)).first() is not None
    )


def verified(session: Session, document_id: str) -> Verified | None:
    """Give the recapitulation of this document id, as anybody may know it; None when there is none."""
    row = session.scalars(
        select(Recapitulation).where(Recapitulation.document_id == document_id.strip().upper())
    ).one_or_none()
    return Verified(row.period, row.made_at, row.checksum, row.size) if row is not None else None


def _due_on(session: Session, plan: Plan, period: Period, office: Office) -> date | None:
    if not plan.deadline:
        return None
    rule = office.register.rule(plan.deadline, on=period.last)
    last_instant = _end(period, office.zone) - timedelta(minutes=1)
    return counting.due(rule, last_instant, current_calendar(session), office.zone, reading="lenient").due_on


def _end(period: Period, zone: ZoneInfo) -> datetime:
    """Give the first instant after the period."""
    return datetime.combine(period.following().first, time(), tzinfo=zone)


def _require(session: Session, actor: Actor) -> None:
    if not permits(session, actor, RIGHT):
        raise NotAllowed("act.not_allowed", act=RIGHT)


def _visible(session: Session, actor: Actor, recapitulation_id: UUID) -> Recapitulation:
    _require(session, actor)
    row = session.get(Recapitulation, recapitulation_id, options=[undefer(Recapitulation.figures)])
    if row is None:
        raise NotFound("recapitulation.unknown", recapitulation=recapitulation_id)
    return row


def _made(row: Recapitulation) -> Made:
    return Made(row.id, row.case_type, row.period, row.edition, row.made_at, row.state, row.document_id, row.size)
