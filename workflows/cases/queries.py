"""Reads of one case that return frozen values for its page and its report; see also `lists` and `ladder`.

Whether the reader may see the case is asked every time through `transaction.permits`, the law of `access`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from workflows.cases import contents
from workflows.cases.models import Case, CaseDeadline, Content, Referral
from workflows.errors import NotFound
from workflows.journal.queries import entries_of
from workflows.language import say
from workflows.people.models import Unit, User
from workflows.people.queries import memberships_by_user
from workflows.transaction import Actor, permits

# Which facts of the journal hold ids that have a name worth showing.
_UNIT_FACTS = ("unit", "from_unit", "to_unit")
_USER_FACTS = ("user", "to", "deputy")
_CASE_FACTS = ("other",)
# The other rows that a line of a list names.
_SUBJECT = aliased(Unit)
HANDLER = aliased(Unit)
_FIRST = aliased(Case)


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
    row = session.execute(lines().where(Case.id == case.id)).one()
    said = contents.Summary(str(summary.body.get("title", "")), str(summary.body.get("text", ""))) if summary else None
    return header_of(row, said)


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
    """Give the referrals of the case, oldest first; nothing to whoever may not see the case.

    The sender is the unit that had the case; for the first referral, the unit of whoever wrote the instruction.
    """
    if not permits(session, actor, "case.read", case):
        return []
    sender = aliased(Unit)
    receiver = aliased(Unit)
    rows = session.execute(
        select(Referral, sender.name, receiver.name, User)
        .outerjoin(sender, sender.id == Referral.from_unit_id)
        .join(receiver, receiver.id == Referral.to_unit_id)
        .outerjoin(Content, Content.id == Referral.content_id)
        .outerjoin(User, User.id == func.coalesce(Referral.by_id, Content.author_id))
        .where(Referral.case_id == case.id)
        .order_by(Referral.at, Referral.id)
    ).all()
    writings = {writing.id: writing for writing in contents.read(session, actor, case)} if rows else {}
    return [
        ReferralView(
            id=referral.id,
            kind=referral.kind,
            from_unit=from_name or _unit_of(session, by, referral.at),
            to_unit=to_name,
            at=referral.at,
            by=by.name if by else "",
            content=writings.get(referral.content_id) if referral.content_id else None,
        )
        for referral, from_name, to_name, by in rows
    ]


def _unit_of(session: Session, person: User | None, at: datetime) -> str:
    """Name the unit in which somebody worked then; nothing where that is not known."""
    if person is None:
        return ""
    held = memberships_by_user(session, {person.id}, at)[person.id]
    return held[0].unit.name if held else ""


def _seen(session: Session, actor: Actor, case: Case | None) -> Case:
    if case is None or not permits(session, actor, "case.read", case):
        raise NotFound("case.unknown")
    return case


def lines() -> Select[*tuple[Any, ...]]:
    """Select cases with the names that a line of a list shows."""
    return (
        select(Case, _SUBJECT.name, HANDLER.name, _FIRST.number)
        .outerjoin(_SUBJECT, _SUBJECT.id == Case.subject_unit_id)
        .outerjoin(HANDLER, HANDLER.id == Case.handling_unit_id)
        .outerjoin(_FIRST, _FIRST.id == Case.duplicate_of_id)
    )


def header_of(row: Any, summary: contents.Summary | None) -> CaseHeader:
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


def _state(running: CaseDeadline, now: datetime) -> Literal["running", "met", "late", "breached", "stopped"]:
    if running.met_at is not None:
        return "late" if running.is_overdue(now) else "met"
    if running.is_overdue(now):
        return "breached"
    return "running" if running.is_running else "stopped"


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
