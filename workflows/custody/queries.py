"""Reads of the custody register: what is kept where and for how long, and the way of one deposit.

Nothing here tells who entrusted an object; the register knows the case by its number alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.cases.models import Case, CaseDeadline
from workflows.custody.models import Custody, CustodyMove
from workflows.custody.operations import RIGHT
from workflows.errors import NotAllowed, NotFound
from workflows.people.models import User
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class Kept:
    """A deposit as the register shows it."""

    id: UUID
    slip_number: str
    case_id: UUID
    case_number: str
    case_type: str
    taken_at: datetime
    place: str
    condition: str
    keeper: str
    released_at: datetime | None
    released_to: str | None
    # Its case has ended, so that only a person can let it leave.
    case_closed: bool
    # Still kept although its case is closed, or a deadline of it has passed.
    overdue: bool


@dataclass(frozen=True)
class Move:
    """One hand-over."""

    moved_at: datetime
    moved_by: str
    from_keeper: str
    to_keeper: str
    from_place: str
    to_place: str
    condition: str
    reason: str


def register(
    session: Session, actor: Actor, now: datetime, *, kept_only: bool = True, limit: int = 25, offset: int = 0
) -> Sequence[Kept]:
    """Give deposits, overdue ones first, then the longest kept; NotAllowed without the right."""
    _require(session, actor)
    found = _deposits(now, kept_only=kept_only)
    ordered = found.order_by(Custody.released_at.is_not(None), _overdue(now).desc(), Custody.taken_at, Custody.id)
    return [_kept(row) for row in session.execute(ordered.limit(limit).offset(offset))]


def counts(session: Session, actor: Actor, now: datetime) -> tuple[int, int]:
    """Give how many deposits are kept, and how many of them are overdue; NotAllowed without the right."""
    _require(session, actor)
    kept = select(func.count(), func.count().filter(_overdue(now))).select_from(Custody).join(Case)
    all_kept, overdue = session.execute(kept.where(Custody.released_at.is_(None))).one()
    return all_kept, overdue


def total(session: Session, *, kept_only: bool) -> int:
    """Give how many lines the register has."""
    found = select(func.count()).select_from(Custody)
    return session.scalar(found.where(Custody.released_at.is_(None)) if kept_only else found) or 0


def one(session: Session, actor: Actor, custody_id: UUID, now: datetime) -> tuple[Kept, Sequence[Move]]:
    """Give one deposit and its way, the first hand-over first; NotFound (`custody.unknown`), NotAllowed."""
    _require(session, actor)
    row = session.execute(_deposits(now, kept_only=False).where(Custody.id == custody_id)).first()
    if row is None:
        raise NotFound("custody.unknown", custody=custody_id)
    mover, giver, taker = aliased(User), aliased(User), aliased(User)
    moves = (
        select(CustodyMove, mover.name, giver.name, taker.name)
        .outerjoin(mover, mover.id == CustodyMove.moved_by_id)
        .outerjoin(giver, giver.id == CustodyMove.from_keeper_id)
        .outerjoin(taker, taker.id == CustodyMove.to_keeper_id)
        .where(CustodyMove.custody_id == custody_id)
        .order_by(CustodyMove.moved_at, CustodyMove.id)
    )
    return _kept(row), [
        Move(
            moved_at=move.moved_at,
            moved_by=moved_by or "",
            from_keeper=from_keeper or "",
            to_keeper=to_keeper or "",
            from_place=move.from_place,
            to_place=move.to_place,
            condition=move.condition,
            reason=move.reason,
        )
        for move, moved_by, from_keeper, to_keeper in session.execute(moves)
    ]


def of_case(session: Session, case_id: UUID) -> Sequence[Custody]:
    """Give the deposits of a case, for whoever was asked already whether they may read it."""
    return session.scalars(select(Custody).where(Custody.case_id == case_id).order_by(Custody.taken_at)).all()


def _deposits(now: datetime, *, kept_only: bool) -> Select[Custody, str, str, datetime | None, str, bool]:
    found = (
        select(Custody, Case.number, Case.case_type, Case.closed_at, User.name, _overdue(now))
        .join(Case, Case.id == Custody.case_id)
        .outerjoin(User, User.id == Custody.keeper_id)
    )
    return found.where(Custody.released_at.is_(None)) if kept_only else found


def _overdue(now: datetime) -> ColumnElement[bool]:
    late = exists().where(
        CaseDeadline.case_id == Case.id,
        CaseDeadline.met_at.is_(None),
        CaseDeadline.stopped_at.is_(None),
        CaseDeadline.due_at <= now,
    )
    return and_(Custody.released_at.is_(None), or_(Case.closed_at.is_not(None), late))


def _kept(row: Row[Custody, str, str, datetime | None, str, bool]) -> Kept:
    custody, number, case_type, closed_at, keeper, overdue = row
    return Kept(
        id=custody.id,
        slip_number=custody.slip_number,
        case_id=custody.case_id,
        case_number=number,
        case_type=case_type,
        taken_at=custody.taken_at,
        place=custody.place,
        condition=custody.condition,
        # None for one whose account is gone.
        keeper=keeper or "",
        released_at=custody.released_at,
        released_to=custody.released_to,
        case_closed=closed_at is not None,
        overdue=overdue,
    )


def _require(session: Session, actor: Actor) -> None:
    if not permits(session, actor, RIGHT):
        raise NotAllowed("act.not_allowed", act=RIGHT)
