"""Reads of cases that return frozen values for pages, lists and reports.

Which cases an actor may see is the law of `access`; the condition comes in as an argument or is asked through
`transaction.permits`, so a page and a list can never disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.transaction import Actor


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
    basis: str
    trigger_at: datetime
    due_at: datetime
    strict_on: date
    lenient_on: date
    # In the reader's language.
    explanation: str
    met_at: datetime | None
    # "running", "met", "late" (met after it had passed) or "breached" (passed and not met).
    state: Literal["running", "met", "late", "breached"]


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
    # The instruction; empty when the reader may not read contents.
    instruction: str


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
    # Number of matching cases, counted up to `limit`; more when `more` is set.
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
    raise NotImplementedError


def case_by_id(session: Session, actor: Actor, case_id: UUID) -> Case:
    """Give the case; NotFound (`case.unknown`) when there is none or the actor may not see it."""
    raise NotImplementedError


def header(session: Session, actor: Actor, case: Case) -> CaseHeader:
    """Give the top of the case page."""
    raise NotImplementedError


def timeline(session: Session, actor: Actor, case: Case) -> Sequence[TimelineEntry]:
    """Give the journal of the case, oldest first."""
    raise NotImplementedError


def deadlines_of(session: Session, actor: Actor, case: Case, now: datetime) -> Sequence[DeadlineView]:
    """Give the deadlines of the case in the order in which they started."""
    raise NotImplementedError


def referrals_of(session: Session, actor: Actor, case: Case) -> Sequence[ReferralView]:
    """Give the referrals of the case, oldest first."""
    raise NotImplementedError


def ladder_of(
    session: Session, actor: Actor, case: Case, rungs: Sequence[tuple[str, str]], now: datetime
) -> Sequence[Rung]:
    """Give the ladder of the case: what was said to whom and when, then the steps ahead.

    `rungs` are the (deadline id, role) pairs of the case type's ladder.
    """
    raise NotImplementedError


def escalations_for(
    session: Session, actor: Actor, visible: ColumnElement[bool], *, open_only: bool = True, page: int = 1
) -> Sequence[EscalationView]:
    """Give the escalations that reach the actor's roles and units, newest first, fifty a page.

    `visible` is `access.policy.visible_cases(session, actor)`.
    """
    raise NotImplementedError


def list_cases(
    session: Session,
    actor: Actor,
    visible: ColumnElement[bool],
    filters: CaseFilters,
    *,
    page: int = 1,
    per_page: int = 25,
) -> CasePage:
    """Give one page of the cases that the actor may see, newest first.

    `visible` is `access.policy.visible_cases(session, actor)`.
    """
    raise NotImplementedError


def figures_by(
    session: Session,
    visible: ColumnElement[bool],
    dimension: Literal["stage", "category", "district", "handling_unit"],
    now: datetime,
) -> Sequence[Figure]:
    """Count the visible cases along one dimension: all, open, and open with a breached deadline."""
    raise NotImplementedError
