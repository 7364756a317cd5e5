"""Reads of recapitulations: which case types have one, what was made, what is due, and what may be verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, undefer

from workflows.calendar.queries import current_calendar
from workflows.case_reports.stationery import stationery_in
from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.catalogue.models import CaseTypeRecord
from workflows.deadlines import counting
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.language import Language
from workflows.people.models import User
from workflows.processes.office import Office
from workflows.recapitulations.models import Recapitulation, RecapitulationReminder
from workflows.recapitulations.operations import RIGHT
from workflows.recapitulations.periods import Period
from workflows.recapitulations.plan import Plan, plan_in
from workflows.recapitulations.printing import sheet
from workflows.storage import queries as storage
from workflows.transaction import Actor, permits

# Quarters that are chased: whoever did not hand one in for a year was told often enough.
_QUARTERS_CHASED = 4


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
    """A quarter that is over: whether it was handed in, and by when it must be."""

    period: str
    last: date
    # None where the register of deadlines gives no day.
    due_on: date | None
    made: bool


@dataclass(frozen=True)
class Told:
    """That a role was told of a period, as lists show it; `share` 1 is a breach, which was raised."""

    id: UUID
    case_type: str
    # Title of the case type's recapitulation, by language.
    title: Mapping[str, str]
    period: str
    deadline_id: str
    due_on: date
    share: Decimal
    to_role: str
    told_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


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
    return _made(row), sheet(row, office=office, address=address, words=words, language=language)


def document(session: Session, actor: Actor, recapitulation_id: UUID, *, kind: str) -> tuple[Made, bytes]:
    """Give the bytes of the "pdf" or the "xlsx". Raises NotFound, NotAllowed, Conflict (`report.not_ready`)."""
    row = _visible(session, actor, recapitulation_id)
    checksum = row.checksum if kind == "pdf" else row.sheet_checksum
    if checksum is None:
        raise Conflict("report.not_ready", report=recapitulation_id, state=row.state)
    return _made(row), storage.read(session, checksum)


def due(session: Session, case_type: str, plan: Plan, office: Office, now: datetime) -> Due:
    """Tell of the quarter that was over last whether its full edition was made since, and by when it is due."""
    return _due(session, case_type, plan, office, Period.quarter_of(now.astimezone(office.zone).date()).before())


def outstanding(session: Session, case_type: str, plan: Plan, office: Office, now: datetime) -> Sequence[Due]:
    """Give the quarters of the year that passed whose full edition was not made since they ended, the oldest first.

    Only those that have a day by which they are due, and in which there was something to count: the case type was
    published before the quarter ended, or a case of it is that old.
    """
    periods = [Period.quarter_of(now.astimezone(office.zone).date()).before()]
    while len(periods) < _QUARTERS_CHASED:
        periods.insert(0, periods[0].before())
    since = _began_at(session, case_type)
    found = [
        _due(session, case_type, plan, office, period)
        for period in periods
        if since is not None and since < _end(period.last, office.zone)
    ]
    return [each for each in found if not each.made and each.due_on is not None]


def told(session: Session, actor: Actor, case_type: str, period: str) -> Sequence[Told]:
    """Give who was told of the period and when, the first first; NotAllowed without the right."""
    _require(session, actor)
    return _told(
        session, RecapitulationReminder.case_type == case_type, RecapitulationReminder.period == period, newest=False
    )


def raised_to(session: Session, actor: Actor, *, open_only: bool = True) -> Sequence[Told]:
    """Give the late recapitulations that were raised to a role of the actor's, newest first."""
    conditions = [RecapitulationReminder.share == 1, RecapitulationReminder.to_role.in_(actor.roles)]
    if open_only:
        conditions.append(RecapitulationReminder.acknowledged_at.is_(None))
    return _told(session, *conditions, newest=True)


def counts_from(last: date, zone: ZoneInfo) -> datetime:
    """Give the instant from which the days after a period count: a minute of its last day."""
    return _end(last, zone) - timedelta(minutes=1)


def verified(session: Session, document_id: str) -> Verified | None:
    """Give the recapitulation of this document id, as anybody may know it; None when there is none."""
    row = session.scalars(
        select(Recapitulation).where(Recapitulation.document_id == document_id.strip().upper())
    ).one_or_none()
    return Verified(row.period, row.made_at, row.checksum, row.size) if row is not None else None


def _due(session: Session, case_type: str, plan: Plan, office: Office, period: Period) -> Due:
    handed_in = select(Recapitulation.id).where(
        Recapitulation.case_type == case_type,
        Recapitulation.period == period.name,
        Recapitulation.edition == "full",
        Recapitulation.made_at >= _end(period.last, office.zone),
    )
    made = session.scalars(handed_in.limit(1)).first() is not None
    return Due(period.name, period.last, _due_on(session, plan, period, office), made)


def _due_on(session: Session, plan: Plan, period: Period, office: Office) -> date | None:
    if not plan.deadline or not office.register.is_in_force(plan.deadline, on=period.last):
        return None
    rule = office.register.rule(plan.deadline, on=period.last)
    trigger = counts_from(period.last, office.zone)
    return counting.due(rule, trigger, current_calendar(session), office.zone, reading="lenient").due_on


def _end(last: date, zone: ZoneInfo) -> datetime:
    """Give the first instant after the last day of a period."""
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)


def _began_at(session: Session, case_type: str) -> datetime | None:
    """Give the instant since which there is something to count: the first publishing, or the oldest case."""
    published = session.scalar(select(CaseTypeRecord.first_published_at).where(CaseTypeRecord.key == case_type))
    oldest = session.scalar(select(func.min(Case.opened_at)).where(Case.case_type == case_type))
    return min((each for each in (published, oldest) if each is not None), default=None)


def _told(session: Session, *conditions: ColumnElement[bool], newest: bool) -> list[Told]:
    rows = (
        select(RecapitulationReminder, User.name)
        .outerjoin(User, User.id == RecapitulationReminder.acknowledged_by_id)
        .where(*conditions)
    )
    at = RecapitulationReminder.told_at
    ordered = rows.order_by(at.desc() if newest else at, RecapitulationReminder.share, RecapitulationReminder.to_role)
    found = session.execute(ordered).all()
    titles = {key: plan.title.plain() for key, plan in plans(session).items()} if found else {}
    return [
        Told(
            id=row.id,
            case_type=row.case_type,
            title=titles.get(row.case_type, {"id": row.case_type, "en": row.case_type}),
            period=row.period,
            deadline_id=row.deadline_id,
            due_on=row.due_on,
            share=row.share,
            to_role=row.to_role,
            told_at=row.told_at,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=name or "",
        )
        for row, name in found
    ]


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
