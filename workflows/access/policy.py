"""The one law of who may do and see what: for one row (`may`) and for many (`visible_cases`).

Acts that are asked for:

- `case.read` (Case): see the case page and what is written there; `case.work`: act on it beyond reading.
- `case.follow` (Case): the reporter's own view, by receipt or by account.
- `case.report`, `case.escalate`, `item.amend` (Case): the right of that name, on a case that one may read.
- `party.identity` (Case): that right, and for an anonymous reporter no part in the reported office.
- `task.work`, `task.assign` (Task): do a task, or say who does it.
- `escalation.acknowledge` (Escalation): be one of those whom it reaches.
- `report.submit`: file a report; anybody may.
- Any other act names a right of the role register; whoever holds it in any unit may.

Exclusions win over everything else. The circle of a case sees it: whoever the diagram gives work in it, and whoever
was admitted. Nobody else sees a confidential case; any other case is also seen by the units that handle or handled it
and by those who may read all. The system may do anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from workflows.cases.ladder import reaches
from workflows.cases.models import Case, CaseCircle, CaseExclusion, Escalation, Referral
from workflows.people.queries import rights_of, units_below
from workflows.transaction import Actor, Mandate, install_policy


class HandledWork(Protocol):
    """What the law needs to know of a task; `tasks.models.Task` is one."""

    @property
    def case_id(self) -> UUID: ...
    @property
    def role(self) -> str: ...
    @property
    def unit_id(self) -> UUID | None: ...


@dataclass(frozen=True)
class Standing:
    """All that the law of lists asks about an actor; two of the same standing see the same cases."""

    # The one who sees everything that happens in the house: the system.
    sees_all: bool
    user_id: UUID | None
    # In a fixed order, so that like actors ask with like statements.
    mandates: tuple[Mandate, ...]
    # Whether the actor reads every case that is not confidential, and in which units they read what the unit handles.
    reads_all: bool
    reads_in: frozenset[UUID]


def may(session: Session, actor: Actor, act: str, subject: Any = None, *, seen: bool | None = None) -> bool:
    """Tell whether the actor may do the act on the subject.

    `seen` is the answer of `visible_cases` about the subject's case, where the caller has it already.
    """
    if actor.kind == "system" or act == "report.submit":
        return True
    if act == "case.follow":
        return _follows(actor, subject)
    if actor.kind != "user":
        return False
    if act == "case.read":
        return _sees(session, actor, subject.id, seen)
    if act == "task.work":
        return _works(session, actor, subject) and _sees(session, actor, subject.case_id, seen)
    if act == "task.assign":
        return _assigns(session, actor, subject) and _sees(session, actor, subject.case_id, seen)
    if act == "escalation.acknowledge":
        return _is_reached(session, actor, subject)
    right = "work" if act == "case.work" else act
    holders = _mandates_with(session, actor, right)
    if not holders:
        return False
    if act == "party.identity" and isinstance(subject, Case):
        return _may_know_reporter(session, actor, subject) and _sees(session, actor, subject.id, seen)
    return not isinstance(subject, Case) or _sees(session, actor, subject.id, seen)


def visible_cases(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Give the condition on `Case` that holds for exactly the cases on which the actor may `case.read`."""
    return visible_to(standing_of(session, actor))


def standing_of(session: Session, actor: Actor) -> Standing:
    """Give what the law of lists asks about the actor."""
    acts = actor.kind == "user"
    return Standing(
        sees_all=actor.kind == "system",
        user_id=actor.user_id if acts else None,
        mandates=tuple(_in_order(actor.mandates)) if acts else (),
        reads_all=acts and bool(_mandates_with(session, actor, "case.read_all")),
        reads_in=frozenset(mandate.unit_id for mandate in _mandates_with(session, actor, "case.read_unit"))
        if acts
        else frozenset(),
    )


@lru_cache(maxsize=256)
def visible_to(standing: Standing) -> ColumnElement[bool]:
    """Give the condition that holds for the cases which that standing sees; made once, since making it takes longer
    than asking it.
    """
    if standing.sees_all:
        return true()
    if not standing.mandates:
        return false()
    law: ColumnElement[bool] = true()
    if not standing.reads_all:
        units = standing.reads_in
        # A reported office sees the case when it is referred to it, not before.
        referred = exists().where(Referral.case_id == Case.id, Referral.to_unit_id.in_(units))
        law = or_(Case.handling_unit_id.in_(units), referred) if units else false()
    # The cheaper question first: PostgreSQL asks in this order, and most cases are answered without their circle.
    return and_(~_excluded(standing), or_(and_(~Case.confidential, law), _in_circle(standing)))


def install() -> None:
    """Make this the law of every transaction; called once when the program starts."""
    install_policy(may)


def _sees(session: Session, actor: Actor, case_id: UUID, seen: bool | None = None) -> bool:
    """Ask the law of lists about one row, so that a page and a list cannot disagree."""
    if seen is not None:
        return seen
    return session.scalar(select(Case.id).where(Case.id == case_id, visible_cases(session, actor))) is not None


def _excluded(actor: Standing) -> ColumnElement[bool]:
    return exists().where(
        CaseExclusion.case_id == Case.id,
        or_(
            CaseExclusion.user_id == actor.user_id,
            CaseExclusion.unit_id.in_({mandate.unit_id for mandate in actor.mandates}),
        ),
    )


def _in_circle(actor: Standing) -> ColumnElement[bool]:
    return exists().where(
        CaseCircle.case_id == Case.id,
        or_(
            CaseCircle.user_id == actor.user_id,
            *(
                and_(
                    CaseCircle.role == mandate.role,
                    or_(CaseCircle.unit_id.is_(None), CaseCircle.unit_id == mandate.unit_id),
                )
                for mandate in actor.mandates
            ),
        ),
    )


def _works(session: Session, actor: Actor, task: HandledWork) -> bool:
    return any(
        mandate.role == task.role and task.unit_id in (None, mandate.unit_id)
        for mandate in _mandates_with(session, actor, "work")
    )


def _assigns(session: Session, actor: Actor, task: HandledWork) -> bool:
    return any(task.unit_id in (None, mandate.unit_id) for mandate in _mandates_with(session, actor, "task.assign"))


def _is_reached(session: Session, actor: Actor, escalation: Escalation) -> bool:
    return (
        session.scalar(
            select(Escalation.id)
            .join(Case, Case.id == Escalation.case_id)
            .where(Escalation.id == escalation.id, reaches(actor), visible_cases(session, actor))
        )
        is not None
    )


def _follows(actor: Actor, case: Case) -> bool:
    if actor.kind == "reporter":
        return actor.case_id == case.id
    return actor.user_id is not None and case.reporter_user_id == actor.user_id


def _may_know_reporter(session: Session, actor: Actor, case: Case) -> bool:
    """Who has a part in the reported office learns no anonymous reporter's name, whatever other roles they fill."""
    if not case.anonymous or case.subject_unit_id is None:
        return True
    reported = units_below(session, case.subject_unit_id)
    return all(mandate.unit_id not in reported for mandate in actor.mandates)


def _mandates_with(session: Session, actor: Actor, right: str) -> list[Mandate]:
    def grants(mandate: Mandate) -> bool:
        return right in (mandate.rights if mandate.rights is not None else rights_of(session, (mandate.role,)))

    return [mandate for mandate in _in_order(actor.mandates) if grants(mandate)]


def _in_order(mandates: Iterable[Mandate]) -> list[Mandate]:
    """Give the mandates in a fixed order, so that like actors ask with like statements."""
    return sorted(mandates, key=lambda mandate: (mandate.role, mandate.unit_id))
