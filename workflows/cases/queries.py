"""Reads of cases that return frozen values for pages, lists and reports.

Which cases an actor may see is the law of `access`; the condition comes in as an argument or is asked through
`transaction.permits`, so a page and a list can never disagree.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.cases import contents
from workflows.cases.models import Case, CaseDeadline, DeadlineReminder, Escalation, Referral
from workflows.cases.search import matches
from workflows.errors import NotFound
from workflows.feel.clock import OFFICE_ZONE
from workflows.journal.queries import entries_of
from workflows.language import say
from workflows.people.models import Unit, User
from workflows.people.queries import holders_of
from workflows.transaction import Actor, permits

# Rows of a list are counted up to here; beyond, a page says "more than".
COUNT_LIMIT = 500
# Most rows that a page of a list may hold.
MOST_PER_PAGE = 50


@dataclass(frozen=True)
class CaseHeader:
    """The top of a case page, and a line of a list."""

    id: UUID
    number: str
    case_type: str
    opened_at: datetime
    closed_at: datetime | None
    # Id of a stage of the case type.
    stage: str
    disposition: str | None
    classification: str | None
    category: str | None
    anonymous: bool
    confidential: bool
    district: str | None
    village: str | None
    latitude: float | None
    longitude: float | None
    event_on: date | None
    channel: str
    # Names of the units; empty when there is none.
    subject_unit: str
    handling_unit: str
    handling_unit_id: UUID | None
    # Number of the case that it repeats.
    duplicate_of: str | None
    # What the report says it is about; empty when the reader may not read contents.
    title: str
    text: str


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened, in the words of the journal's codes."""

    sequence: int
    kind: str
    at: datetime
    # "user", "reporter", "system" or "nobody".
    actor_kind: str
    actor_name: str
    facts: Mapping[str, Any]
    # Names for the ids in `facts`: id as text -> number, name or title.
    names: Mapping[str, str]
    hash: str


@dataclass(frozen=True)
class DeadlineView:
    """One running of a deadline, as the case page and the report tell it."""

    deadline_id: str
    round: int
    # Legal basis or promise, in the reader's language.
    basis: str
    trigger_at: datetime
    due_at: datetime
    strict_on: date
    lenient_on: date
    # In the reader's language.
    explanation: str
    met_at: datetime | None
    # "running", "met", "late" (met after it had passed), "breached" (passed and not met), or "stopped" (the diagram
    # went another way before it had passed).
    state: Literal["running", "met", "late", "breached", "stopped"]


@dataclass(frozen=True)
class ReferralView:
    """A referral with names instead of ids."""

    id: UUID
    # "referral" or "hand_over".
    kind: str
    from_unit: str
    to_unit: str
    at: datetime
    by: str
    # The instruction, as the form that wrote it keeps it; None when there is none or the reader may not read it.
    content: contents.Writing | None


@dataclass(frozen=True)
class EscalationView:
    """An escalation with names, for the ladder and for the inbox of those it reaches."""

    id: UUID
    case_id: UUID
    case_number: str
    case_type: str
    title: str
    # Id of the breached deadline; None when a person escalated.
    deadline_id: str | None
    to_role: str
    to_unit: str
    reason: str
    raised_at: datetime
    # Empty when the clock escalated.
    raised_by: str
    acknowledged_at: datetime | None
    acknowledged_by: str


@dataclass(frozen=True)
class EscalationPage:
    """One page of the escalations that reach somebody."""

    rows: tuple[EscalationView, ...]
    # Number of matching escalations, counted up to COUNT_LIMIT; `more` says that there are more.
    total: int
    more: bool
    page: int
    per_page: int


@dataclass(frozen=True)
class Rung:
    """One step of a case's ladder: who is or will be told about which deadline, and when that happened."""

    # "reminder", "escalation" (by the clock), "by_hand", or "ahead" for a step that has not come yet.
    kind: Literal["reminder", "escalation", "by_hand", "ahead"]
    # Id of the deadline; None for an escalation by hand.
    deadline_id: str | None
    round: int | None
    role: str
    unit: str
    # When they were told; for a step ahead, when they will be if nothing happens. None when it cannot be said yet.
    at: datetime | None
    # Share of the deadline for a reminder, for example "0.75"; empty otherwise.
    share: str
    # Names of the people who held the role when they were told; for a step ahead, who hold it now.
    people: tuple[str, ...]
    acknowledged_at: datetime | None
    acknowledged_by: str
    reason: str


@dataclass(frozen=True)
class CaseFilters:
    """What a list of cases is narrowed to; empty means all."""

    case_type: str = ""
    stage: str = ""
    # Code of the handling unit.
    office: str = ""
    district: str = ""
    category: str = ""
    # "open", "closed" or empty.
    state: str = ""
    search: str = ""
    opened_from: date | None = None
    opened_to: date | None = None


@dataclass(frozen=True)
class CasePage:
    """One page of a list of cases."""

    rows: tuple[CaseHeader, ...]
    # Number of matching cases, counted up to COUNT_LIMIT; `more` says that there are more.
    total: int
    more: bool
    page: int
    per_page: int


@dataclass(frozen=True)
class Figure:
    """One line of a table of figures."""

    key: str
    count: int
    open: int
    late: int


def case_by_number(session: Session, actor: Actor, number: str) -> Case:
    """Give the case of this number; NotFound (`case.unknown`) when there is none or the actor may not see it."""
    return _seen(session, actor, session.scalars(select(Case).where(Case.number == number)).first())


def case_by_id(session: Session, actor: Actor, case_id: UUID) -> Case:
    """Give the case; NotFound (`case.unknown`) when there is none or the actor may not see it."""
    return _seen(session, actor, session.get(Case, case_id))


def numbers_of(session: Session, actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the numbers of cases by id, for whoever handles incidents: a number tells nothing of what is in it.

    Of a confidential case only if the actor may see it.
    """
    found = session.scalars(select(Case).where(Case.id.in_(case_ids))).all() if case_ids else []
    return {
        case.id: case.number for case in found if not case.confidential or permits(session, actor, "case.read", case)
    }


def header(session: Session, actor: Actor, case: Case) -> CaseHeader:
    """Give the top of the case page; without title and text for whoever may not read contents."""
    summary = contents.latest(session, actor, case, contents.SUMMARY)
    row = session.execute(_lines().where(Case.id == case.id)).one()
    said = contents.Summary(str(summary.body.get("title", "")), str(summary.body.get("text", ""))) if summary else None
    return _header(row, said)


def timeline(session: Session, actor: Actor, case: Case) -> Sequence[TimelineEntry]:
    """Give the journal of the case, oldest first; nothing to whoever may not see the case."""
    if not permits(session, actor, "case.read", case):
        return []
    entries = entries_of(session, case.id)
    names = _names(session, [entry.facts for entry in entries])
    return [
        TimelineEntry(
            sequence=entry.sequence or 0,
            kind=entry.kind,
            at=entry.at,
            actor_kind=entry.actor_kind,
            actor_name=entry.actor_name,
            facts=entry.facts,
            names={value: names[value] for value in entry.facts.values() if isinstance(value, str) and value in names},
            hash=entry.hash,
        )
        for entry in entries
    ]


def deadlines_of(session: Session, actor: Actor, case: Case, now: datetime) -> Sequence[DeadlineView]:
    """Give the deadlines of the case in the order in which they started; nothing to whoever may not see the case.

    A reporter may see them too: they are promises.
    """
    if not (permits(session, actor, "case.read", case) or permits(session, actor, "case.follow", case)):
        return []
    runnings = session.scalars(
        select(CaseDeadline)
        .where(CaseDeadline.case_id == case.id)
        .order_by(CaseDeadline.trigger_at, CaseDeadline.due_at, CaseDeadline.id)
    )
    return [
        DeadlineView(
            deadline_id=running.deadline_id,
            round=running.round,
            basis=say(running.basis, running.basis_en),
            trigger_at=running.trigger_at,
            due_at=running.due_at,
            strict_on=running.strict_on,
            lenient_on=running.lenient_on,
            explanation=say(running.explanation, running.explanation_en),
            met_at=running.met_at,
            state=_state(running, now),
        )
        for running in runnings
    ]


def referrals_of(session: Session, actor: Actor, case: Case) -> Sequence[ReferralView]:
    """Give the referrals of the case, oldest first; nothing to whoever may not see the case."""
    if not permits(session, actor, "case.read", case):
        return []
    sender = aliased(Unit)
    receiver = aliased(Unit)
    rows = session.execute(
        select(Referral, sender.name, receiver.name, User.name)
        .outerjoin(sender, sender.id == Referral.from_unit_id)
        .join(receiver, receiver.id == Referral.to_unit_id)
        .outerjoin(User, User.id == Referral.by_id)
        .where(Referral.case_id == case.id)
        .order_by(Referral.at, Referral.id)
    ).all()
    writings = {writing.id: writing for writing in contents.read(session, actor, case)} if rows else {}
    return [
        ReferralView(
            id=referral.id,
            kind=referral.kind,
            from_unit=from_name or "",
            to_unit=to_name,
            at=referral.at,
            by=by or "",
            content=writings.get(referral.content_id) if referral.content_id else None,
        )
        for referral, from_name, to_name, by in rows
    ]


def ladder_of(
    session: Session, actor: Actor, case: Case, rungs: Sequence[tuple[str, str]], now: datetime
) -> Sequence[Rung]:
    """Give the ladder of the case: what was said to whom and when, then the steps ahead, soonest first.

    `rungs` are the (deadline id, role) pairs of the case type's ladder. Nothing to whoever may not see the case.
    """
    if not permits(session, actor, "case.read", case):
        return []
    runnings = {
        running.id: running for running in session.scalars(select(CaseDeadline).where(CaseDeadline.case_id == case.id))
    }
    told = [*_reminders(session, case, runnings), *_raised(session, actor, case, runnings)]
    ahead = _ahead(session, case, rungs, runnings.values(), now) if case.is_open else []
    return [
        *sorted(told, key=lambda rung: rung.at or case.opened_at),
        *sorted(ahead, key=lambda rung: (rung.at is None, rung.at or case.opened_at)),
    ]


def escalations_for(
    session: Session,
    actor: Actor,
    visible: ColumnElement[bool],
    *,
    open_only: bool = True,
    page: int = 1,
    per_page: int = 25,
) -> EscalationPage:
    """Give the escalations that reach the actor's roles and units, newest first.

    `visible` is `access.policy.visible_cases(session, actor)`.
    """
    raiser, seer = aliased(User), aliased(User)
    chosen = (
        select(Escalation, Case, Unit.name, raiser.name, seer.name)
        .join(Case, Case.id == Escalation.case_id)
        .outerjoin(Unit, Unit.id == Escalation.to_unit_id)
        .outerjoin(raiser, raiser.id == Escalation.raised_by_id)
        .outerjoin(seer, seer.id == Escalation.acknowledged_by_id)
        .where(visible, reaches(actor))
    )
    if open_only:
        chosen = chosen.where(Escalation.acknowledged_at.is_(None))
    per_page = max(1, min(per_page, MOST_PER_PAGE))
    page = max(1, page)
    total, more = bounded_count(session, chosen)
    rows = session.execute(
        chosen.order_by(Escalation.raised_at.desc(), Escalation.id).offset((page - 1) * per_page).limit(per_page)
    ).all()
    summaries = contents.summaries(session, visible, [case.id for _, case, *_ in rows])
    reasons = contents.texts(
        session, visible, [each.reason_content_id for each, *_ in rows if each.reason_content_id is not None], "reason"
    )
    views = tuple(
        EscalationView(
            id=escalation.id,
            case_id=case.id,
            case_number=case.number,
            case_type=case.case_type,
            title=summaries[case.id].title if case.id in summaries else "",
            deadline_id=escalation.deadline_id,
            to_role=escalation.to_role,
            to_unit=unit or "",
            reason=reasons.get(escalation.reason_content_id, "") if escalation.reason_content_id else "",
            raised_at=escalation.raised_at,
            raised_by=raised_by or "",
            acknowledged_at=escalation.acknowledged_at,
            acknowledged_by=acknowledged_by or "",
        )
        for escalation, case, unit, raised_by, acknowledged_by in rows
    )
    return EscalationPage(rows=views, total=total, more=more, page=page, per_page=per_page)


def reaches(actor: Actor) -> ColumnElement[bool]:
    """Give the condition on `Escalation` that one of the actor's roles is meant, in the unit that is meant."""
    return or_(
        false(),
        *(
            and_(
                Escalation.to_role == mandate.role,
                or_(Escalation.to_unit_id.is_(None), Escalation.to_unit_id == mandate.unit_id),
            )
            for mandate in sorted(actor.mandates, key=str)
        ),
    )


def list_cases(
    session: Session,
    visible: ColumnElement[bool],
    filters: CaseFilters,
    *,
    page: int = 1,
    per_page: int = 25,
    zone: ZoneInfo = OFFICE_ZONE,
) -> CasePage:
    """Give one page of the cases that `visible` holds for, newest first.

    `visible` is `access.policy.visible_cases(session, actor)`.
    """
    chosen = _lines().where(visible, *_narrowed(filters, zone))
    per_page = max(1, min(per_page, MOST_PER_PAGE))
    page = max(1, page)
    total, more = bounded_count(session, chosen)
    rows = session.execute(
        chosen.order_by(Case.opened_at.desc(), Case.id).offset((page - 1) * per_page).limit(per_page)
    ).all()
    summaries = contents.summaries(session, visible, [row[0].id for row in rows])
    return CasePage(
        rows=tuple(_header(row, summaries.get(row[0].id)) for row in rows),
        total=total,
        more=more,
        page=page,
        per_page=per_page,
    )


def figures_by(
    session: Session,
    visible: ColumnElement[bool],
    dimension: Literal["stage", "category", "district", "handling_unit_id"],
    now: datetime,
) -> Sequence[Figure]:
    """Count the visible cases along one dimension: all, open, and open with a breached deadline; the largest first."""
    column = {
        "stage": Case.stage,
        "category": Case.category,
        "district": Case.district,
        "handling_unit_id": Unit.code,
    }[dimension]
    late = exists().where(
        CaseDeadline.case_id == Case.id,
        CaseDeadline.met_at.is_(None),
        CaseDeadline.stopped_at.is_(None),
        CaseDeadline.due_at <= now,
    )
    count = func.count()
    rows = session.execute(
        select(
            column,
            count,
            count.filter(Case.closed_at.is_(None)),
            count.filter(Case.closed_at.is_(None), late),
        )
        .select_from(Case)
        .outerjoin(Unit, Unit.id == Case.handling_unit_id)
        .where(visible)
        .group_by(column)
        .order_by(count.desc(), column)
    )
    return [Figure(key=key or "", count=all_, open=open_, late=late_) for key, all_, open_, late_ in rows]


def bounded_count(session: Session, chosen: Select[*tuple[Any, ...]]) -> tuple[int, bool]:
    """Count rows up to COUNT_LIMIT, and tell whether there are more: a page must not cost more in a large office."""
    some = chosen.with_only_columns(Case.id).order_by(None).limit(COUNT_LIMIT + 1).subquery()
    counted = session.scalar(select(func.count()).select_from(some)) or 0
    return min(counted, COUNT_LIMIT), counted > COUNT_LIMIT


def _seen(session: Session, actor: Actor, case: Case | None) -> Case:
    if case is None or not permits(session, actor, "case.read", case):
        raise NotFound("case.unknown")
    return case


_Subject = aliased(Unit)
_Handler = aliased(Unit)
_First = aliased(Case)


def _lines() -> Select[*tuple[Any, ...]]:
    """Select cases with the names that a line of a list shows."""
    return (
        select(Case, _Subject.name, _Handler.name, _First.number)
        .outerjoin(_Subject, _Subject.id == Case.subject_unit_id)
        .outerjoin(_Handler, _Handler.id == Case.handling_unit_id)
        .outerjoin(_First, _First.id == Case.duplicate_of_id)
    )


def _header(row: Any, summary: contents.Summary | None) -> CaseHeader:
    case, subject, handler, duplicate_of = row
    return CaseHeader(
        id=case.id,
        number=case.number,
        case_type=case.case_type,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        stage=case.stage,
        disposition=case.disposition,
        classification=case.classification,
        category=case.category,
        anonymous=case.anonymous,
        confidential=case.confidential,
        district=case.district,
        village=case.village,
        latitude=case.latitude,
        longitude=case.longitude,
        event_on=case.event_on,
        channel=case.channel,
        subject_unit=subject or "",
        handling_unit=handler or "",
        handling_unit_id=case.handling_unit_id,
        duplicate_of=duplicate_of,
        title=summary.title if summary else "",
        text=summary.text if summary else "",
    )


def _narrowed(filters: CaseFilters, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Give the conditions that the filters mean."""
    equal = {
        Case.case_type: filters.case_type,
        Case.stage: filters.stage,
        Case.district: filters.district,
        Case.category: filters.category,
        _Handler.code: filters.office,
    }
    conditions = [column == wanted for column, wanted in equal.items() if wanted]
    if filters.state:
        conditions.append(Case.closed_at.is_(None) if filters.state == "open" else Case.closed_at.is_not(None))
    if filters.search.strip():
        conditions.append(matches(filters.search))
    if filters.opened_from is not None:
        conditions.append(Case.opened_at >= datetime.combine(filters.opened_from, time.min, tzinfo=zone))
    if filters.opened_to is not None:
        after = datetime.combine(filters.opened_to + timedelta(days=1), time.min, tzinfo=zone)
        conditions.append(Case.opened_at < after)
    return conditions


def _state(running: CaseDeadline, now: datetime) -> Literal["running", "met", "late", "breached", "stopped"]:
    if running.met_at is not None:
        return "late" if running.is_overdue(now) else "met"
    if running.is_overdue(now):
        return "breached"
    return "running" if running.is_running else "stopped"


# Which facts of the journal hold ids that have a name worth showing.
_UNIT_FACTS = ("unit", "from_unit", "to_unit")
_USER_FACTS = ("user", "to", "deputy")
_CASE_FACTS = ("other",)


def _names(session: Session, facts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Give the names behind the ids in the facts, by id as text."""

    def ids(keys: Collection[str]) -> set[UUID]:
        values = (each.get(key) for each in facts for key in keys)
        return {UUID(value) for value in values if isinstance(value, str) and len(value) == 36}

    found: dict[str, str] = {}
    for wanted, key, name in (
        (ids(_UNIT_FACTS), Unit.id, Unit.name),
        (ids(_USER_FACTS), User.id, User.name),
        (ids(_CASE_FACTS), Case.id, Case.number),
    ):
        if wanted:
            found.update((str(id_), text) for id_, text in session.execute(select(key, name).where(key.in_(wanted))))
    return found


def _people(session: Session, role: str, at: datetime, unit_id: UUID | None) -> tuple[str, ...]:
    return tuple(user.name for user in holders_of(session, role, at, unit_id=unit_id))


def _reminders(session: Session, case: Case, runnings: Mapping[int, CaseDeadline]) -> Iterable[Rung]:
    given = session.scalars(
        select(DeadlineReminder).where(DeadlineReminder.case_deadline_id.in_(runnings)).order_by(DeadlineReminder.at)
    )
    for reminder in given.all():
        running = runnings[reminder.case_deadline_id]
        yield Rung(
            kind="reminder",
            deadline_id=running.deadline_id,
            round=running.round,
            role=reminder.to_role,
            unit="",
            at=reminder.at,
            share=reminder.share,
            people=_people(session, reminder.to_role, reminder.at, case.handling_unit_id),
            acknowledged_at=None,
            acknowledged_by="",
            reason="",
        )


def _raised(session: Session, actor: Actor, case: Case, runnings: Mapping[int, CaseDeadline]) -> Iterable[Rung]:
    rows = session.execute(
        select(Escalation, Unit.name, User.name)
        .outerjoin(Unit, Unit.id == Escalation.to_unit_id)
        .outerjoin(User, User.id == Escalation.acknowledged_by_id)
        .where(Escalation.case_id == case.id)
        .order_by(Escalation.raised_at, Escalation.id)
    ).all()
    words = {writing.id: writing.body for writing in contents.read(session, actor, case, kinds=("escalation",))}
    for escalation, unit, acknowledged_by in rows:
        running = runnings.get(escalation.case_deadline_id) if escalation.case_deadline_id else None
        reason = words.get(escalation.reason_content_id, {}) if escalation.reason_content_id else {}
        yield Rung(
            kind="escalation" if escalation.deadline_id else "by_hand",
            deadline_id=escalation.deadline_id,
            round=running.round if running else None,
            role=escalation.to_role,
            unit=unit or "",
            at=escalation.raised_at,
            share="",
            people=_people(session, escalation.to_role, escalation.raised_at, escalation.to_unit_id),
            acknowledged_at=escalation.acknowledged_at,
            acknowledged_by=acknowledged_by or "",
            reason=str(reason.get("reason", "")),
        )


def _ahead(
    session: Session, case: Case, rungs: Sequence[tuple[str, str]], runnings: Iterable[CaseDeadline], now: datetime
) -> Iterable[Rung]:
    """Give the steps that will come if nothing happens: those whose deadline runs, or has not begun."""
    latest = {running.deadline_id: running for running in sorted(runnings, key=lambda each: each.round)}
    for deadline_id, role in rungs:
        running = latest.get(deadline_id)
        if running is not None and (not running.is_running or running.is_overdue(now)):
            continue
        yield Rung(
            kind="ahead",
            deadline_id=deadline_id,
            round=running.round if running else None,
            role=role,
            unit="",
            at=running.due_at if running else None,
            share="",
            people=_people(session, role, now, None),
            acknowledged_at=None,
            acknowledged_by="",
            reason="",
        )
