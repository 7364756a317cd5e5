"""Verbs about roles and deputies: who may do what, where, and in whose place. Nothing is deleted, it ends.

Whoever gains or loses a role signs in anew: a session never outlives the privileges it was opened with.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select

from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.journal.operations import record
from workflows.people import queries
from workflows.people.models import Deputy, Membership, Role, User
from workflows.people.sessions import end_sessions
from workflows.transaction import Tx

# The right without which nobody could put the others right again.
KEEPERS_RIGHT = "user.manage"


def grant_role(tx: Tx, user_id: UUID, role_id: str, unit_id: UUID) -> Membership:
    """Let the user fill the role in the unit from now on; journals `role.granted`.

    Raises NotFound for an unknown user, role or unit; Conflict: `role.held` when it is so already, `user.deactivated`.
    """
    user = queries.user(tx.session, user_id)
    role = _role(tx, role_id)
    unit = queries.unit(tx.session, unit_id)

    tx.require("user.manage")

    if not user.active:
        raise Conflict("user.deactivated")
    if _open(tx, user.id, role.id, unit.id) is not None:
        raise Conflict("role.held", role=role.id)

    membership = _grant(tx, user.id, role.id, unit.id)
    end_sessions(tx, user.id)
    return membership


def revoke_role(tx: Tx, user_id: UUID, role_id: str, unit_id: UUID) -> None:
    """End the role from now on; journals `role.ended`.

    Raises NotFound (`role.not_held`), Conflict (`role.last_keeper`) when nobody would be left who manages users.
    """
    membership = _open(tx, user_id, role_id, unit_id)
    if membership is None:
        raise NotFound("role.not_held", role=role_id)

    tx.require("user.manage")

    _end(tx, membership)
    insist_on_a_keeper(tx)
    end_sessions(tx, user_id)


def move_to_unit(tx: Tx, user_id: UUID, unit_id: UUID, *, roles: Collection[str]) -> None:
    """Move the user: every role ends, and `roles` are granted in the new unit; journals `user.moved` and each role.

    Old roles do not travel along: what one may do in the new unit is said anew. A unit that the user led is left
    without a head. Raises NotFound for an unknown user, unit or role, Conflict: `user.deactivated`, `role.last_keeper`.
    """
    user = queries.user(tx.session, user_id)
    unit = queries.unit(tx.session, unit_id)
    granted = [_role(tx, role_id) for role_id in sorted(set(roles))]

    tx.require("user.manage")

    if not user.active:
        raise Conflict("user.deactivated")

    for membership in _all_open(tx, user.id):
        _end(tx, membership)
    for role in granted:
        _grant(tx, user.id, role.id, unit.id)
    for led in queries.units_led_by(tx.session, user.id):
        if led.id != unit.id:
            led.head_id = None
    insist_on_a_keeper(tx)
    end_sessions(tx, user.id)

    record(tx, "user.moved", user=user.id, unit=unit.id)


def set_deputy(
    tx: Tx,
    principal_id: UUID,
    deputy_id: UUID,
    *,
    kind: Literal["plt", "plh"],
    begins_at: datetime,
    ends_at: datetime,
    order_number: str | None = None,
) -> Deputy:
    """Name an acting officer: from `begins_at` until before `ends_at` the deputy holds the principal's roles too.

    Journals `deputy.named`. Needs `user.manage` unless one names one's own deputy. Raises InvalidAnswers for a time
    that is over or empty and for oneself; Conflict: `deputy.overlaps` when somebody acts already at that time,
    `user.deactivated`.
    """
    principal = queries.user(tx.session, principal_id)
    deputy = queries.user(tx.session, deputy_id)

    if tx.actor.user_id != principal_id:
        tx.require("user.manage")

    if principal_id == deputy_id:
        raise InvalidAnswers([("deputy", "deputy.oneself", {})])
    if ends_at <= begins_at or ends_at <= tx.now:
        raise InvalidAnswers([("ends_at", "deputy.over_before_it_begins", {})])
    if not (principal.active and deputy.active):
        raise Conflict("user.deactivated")
    # The principal's row is the queue at which two such orders wait for each other.
    tx.session.execute(select(User.id).where(User.id == principal_id).with_for_update())
    other = tx.session.scalar(
        select(Deputy.id).where(
            Deputy.principal_id == principal_id,
            Deputy.begins_at < ends_at,
            Deputy.ends_at > begins_at,
            Deputy.ends_at > Deputy.begins_at,
        )
    )
    if other is not None:
        raise Conflict("deputy.overlaps")

    acting = Deputy(
        principal_id=principal_id,
        deputy_id=deputy_id,
        kind=kind,
        begins_at=begins_at,
        ends_at=ends_at,
        order_number=order_number,
        named_at=tx.now,
        named_by_id=tx.actor.user_id,
    )
    tx.session.add(acting)
    tx.session.flush()

    record(tx, "deputy.named", user=principal_id, deputy=deputy_id)
    return acting


def end_deputy(tx: Tx, acting_id: UUID) -> None:
    """End an acting officer's time now, or cancel it before it begins; journals `deputy.ended`.

    Raises NotFound (`deputy.unknown`), Conflict (`deputy.ended`).
    """
    acting = tx.session.get(Deputy, acting_id)
    if acting is None:
        raise NotFound("deputy.unknown")

    if tx.actor.user_id != acting.principal_id:
        tx.require("user.manage")

    if acting.ends_at <= max(acting.begins_at, tx.now):
        raise Conflict("deputy.ended")

    _end_deputy(tx, acting)


def end_all_mandates(tx: Tx, user_id: UUID) -> None:
    """End every role of the user, and every deputy that the user has or is; part of deactivating somebody."""
    for membership in _all_open(tx, user_id):
        _end(tx, membership)
    acting = select(Deputy).where(
        or_(Deputy.principal_id == user_id, Deputy.deputy_id == user_id), Deputy.ends_at > tx.now
    )
    for each in tx.session.scalars(acting):
        _end_deputy(tx, each)


def insist_on_a_keeper(tx: Tx) -> None:
    """Raise Conflict (`role.last_keeper`) when nobody active is left who may manage users."""
    if not has_keeper(tx):
        raise Conflict("role.last_keeper")


def has_keeper(tx: Tx) -> bool:
    """Tell whether somebody active may manage users."""
    tx.session.flush()
    keeper = (
        select(Membership.id)
        .join(Role, Role.id == Membership.role_id)
        .join(User, User.id == Membership.user_id)
        .where(User.active, Role.rights.contains([KEEPERS_RIGHT]), Membership.begins_at <= tx.now)
        .where(or_(Membership.ends_at.is_(None), Membership.ends_at > tx.now))
        .limit(1)
    )
    return tx.session.scalar(keeper) is not None


def _role(tx: Tx, role_id: str) -> Role:
    role = tx.session.get(Role, role_id)
    if role is None:
        raise NotFound("role.unknown", role=role_id)
    return role


def _open(tx: Tx, user_id: UUID, role_id: str, unit_id: UUID) -> Membership | None:
    return tx.session.scalar(
        select(Membership).where(
            Membership.user_id == user_id,
            Membership.role_id == role_id,
            Membership.unit_id == unit_id,
            Membership.ends_at.is_(None),
        )
    )


def _all_open(tx: Tx, user_id: UUID) -> list[Membership]:
    return list(
        tx.session.scalars(
            select(Membership)
            .where(Membership.user_id == user_id, Membership.ends_at.is_(None))
            .order_by(Membership.id)
        )
    )


def _grant(tx: Tx, user_id: UUID, role_id: str, unit_id: UUID) -> Membership:
    membership = Membership(user_id=user_id, unit_id=unit_id, role_id=role_id, begins_at=tx.now)
    tx.session.add(membership)
    tx.session.flush()
    record(tx, "role.granted", user=user_id, role=role_id, unit=unit_id)
    return membership


def _end(tx: Tx, membership: Membership) -> None:
    membership.ends_at = tx.now
    tx.session.flush()
    record(tx, "role.ended", user=membership.user_id, role=membership.role_id, unit=membership.unit_id)


def _end_deputy(tx: Tx, acting: Deputy) -> None:
    acting.ends_at = max(acting.begins_at, tx.now)
    record(tx, "deputy.ended", user=acting.principal_id, deputy=acting.deputy_id)
