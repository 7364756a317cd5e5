"""The escalation ladder of a case, who was told what and when, and the inbox of those whom an escalation reaches."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.cases import contents
from workflows.cases.lists import MOST_PER_PAGE, bounded_count
from workflows.cases.models import Case, CaseDeadline, DeadlineReminder, Escalation
from workflows.people.models import Unit, User
from workflows.people.queries import holders_of
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class Told:
    """That a role was told about a deadline, as the list of escalations shows it."""

    # "reminder", "escalation" (by the clock) or "by_hand".
    kind: Literal["reminder", "escalation", "by_hand"]
    # Id of the deadline; None for an escalation by hand.
    deadline_id: str | None
    # Share of the deadline for a reminder, for example "0.75"; empty otherwise.
    share: str
    role: str
    at: datetime


@dataclass(frozen=True)
class Step:
    """One step that the ladder of a case type has."""

    # Id of the deadline whose breach reaches it, and the role that is told.
    deadline_id: str
    role: str
    # Id of the deadline in whose running the step falls: without it the step never comes.
    within: str


@dataclass(frozen=True)
class EscalationView:
    """An escalation with names, for the ladder and for the inbox of those it reaches."""

    id: UUID
    case_id: UUID
    case_number: str
    case_type: str
    title: str
    # Id of the stage in which the case stands now, and how it ended; None while it runs.
    stage: str
    disposition: str | None
    # Who was told about the case, and when, oldest first.
    told: tuple[Told, ...]
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


def ladder_of(
    session: Session,
    actor: Actor,
    case: Case,
    steps: Sequence[Step],
    now: datetime,
    *,
    ends: Callable[[str, datetime], datetime | None],
    unit_roles: Collection[str] = (),
) -> Sequence[Rung]:
    """Give the ladder of the case: what was said to whom and when, then the steps ahead, soonest first.

    `steps` are those of the case type; `ends` counts a deadline, by its id, from an instant, for a step that falls in
    the running of another one. `unit_roles` are the roles that are meant in the unit that handles the case: while there
    is none, nobody is named. Nothing to whoever may not see the case.
    """
    if not permits(session, actor, "case.read", case):
        return []
    runnings = {
        running.id: running for running in session.scalars(select(CaseDeadline).where(CaseDeadline.case_id == case.id))
    }
    running_ids = {running.deadline_id for running in runnings.values()}
    told = [*_reminders(session, case, runnings, unit_roles), *_raised(session, actor, case, runnings)]
    # A step of an edition that does not say within what it falls comes once, and then no more.
    raised = {(rung.deadline_id, rung.role) for rung in told if rung.kind == "escalation"}
    steps = [step for step in steps if step.within in running_ids or (step.deadline_id, step.role) not in raised]
    ahead = _ahead(session, case, steps, runnings.values(), now, ends, unit_roles) if case.is_open else []
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
    told = _told_about(session, {case.id for _, case, *_ in rows})
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
            stage=case.stage,
            disposition=case.disposition,
            told=tuple(told[case.id]),
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


def _told_about(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Told]]:
    """Give who was told about each of these cases, oldest first; the caller has asked whether they may be seen."""
    told: dict[UUID, list[Told]] = defaultdict(list)
    reminders = session.execute(
        select(CaseDeadline.case_id, CaseDeadline.deadline_id, DeadlineReminder)
        .join(CaseDeadline, CaseDeadline.id == DeadlineReminder.case_deadline_id)
        .where(CaseDeadline.case_id.in_(case_ids))
    )
    for case_id, deadline_id, reminder in reminders:
        told[case_id].append(Told("reminder", deadline_id, reminder.share, reminder.to_role, reminder.at))
    for raised in session.scalars(select(Escalation).where(Escalation.case_id.in_(case_ids))):
        kind: Literal["escalation", "by_hand"] = "escalation" if raised.deadline_id else "by_hand"
        told[raised.case_id].append(Told(kind, raised.deadline_id, "", raised.to_role, raised.raised_at))
    for each in told.values():
        each.sort(key=lambda one: (one.at, one.role))
    return told


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


def _people(session: Session, role: str, at: datetime, unit_id: UUID | None) -> tuple[str, ...]:
    return tuple(user.name for user in holders_of(session, role, at, unit_id=unit_id))


def _people_of_case(
    session: Session, case: Case, role: str, at: datetime, unit_roles: Collection[str]
) -> tuple[str, ...]:
    """Give who holds the role for this case: in the unit that handles it where the role works there, else anywhere."""
    if role not in unit_roles:
        return _people(session, role, at, None)
    return _people(session, role, at, case.handling_unit_id) if case.handling_unit_id is not None else ()


def _reminders(
    session: Session, case: Case, runnings: Mapping[int, CaseDeadline], unit_roles: Collection[str]
) -> Iterable[Rung]:
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
            people=_people_of_case(session, case, reminder.to_role, reminder.at, unit_roles),
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
    session: Session,
    case: Case,
    steps: Sequence[Step],
    runnings: Iterable[CaseDeadline],
    now: datetime,
    ends: Callable[[str, datetime], datetime | None],
    unit_roles: Collection[str],
) -> Iterable[Rung]:
    """Give the steps that will come if nothing happens: those whose deadline runs, or has not begun."""
    handler = session.get(Unit, case.handling_unit_id) if case.handling_unit_id is not None else None
    latest = {running.deadline_id: running for running in sorted(runnings, key=lambda each: each.round)}
    for step in steps:
        running = latest.get(step.within)
        if running is not None and (not running.is_running or running.is_overdue(now)):
            continue
        at = running.due_at if running else None
        if running is not None and step.within != step.deadline_id:
            at = ends(step.deadline_id, running.trigger_at)
            if at is not None and at <= now:
                continue
        yield Rung(
            kind="ahead",
            deadline_id=step.deadline_id,
            round=running.round if running else None,
            role=step.role,
            unit=handler.name if handler is not None and step.role in unit_roles else "",
            at=at,
            share="",
            people=_people_of_case(session, case, step.role, now, unit_roles),
            acknowledged_at=None,
            acknowledged_by="",
            reason="",
        )
