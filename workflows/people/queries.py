"""Reads about people: who acts, who fills a role, how the units hang together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import QueryableAttribute, Session, aliased, joinedload

from workflows.errors import NotFound
from workflows.people.models import Deputy, Membership, Role, Unit, User
from workflows.rows import READS_NOTHING_HELD
from workflows.transaction import NOBODY, Actor, Mandate

# Where a session keeps the rights of the roles that were asked for; whoever changes roles forgets it.
RIGHTS_KNOWN = "rights of roles"


def actor_for(session: Session, user_id: UUID, now: datetime) -> Actor:
    """Give the user as an actor, with the roles held at `now`: own ones, and those held as somebody's deputy.

    Whoever is unknown or deactivated is NOBODY. A deputy's own deputy inherits nothing from the principal.
    """
    user = session.get(User, user_id)
    if user is None or not user.active:
        return NOBODY
    stands_in_for = (
        select(Deputy.principal_id)
        .join(User, User.id == Deputy.principal_id)
        .where(Deputy.deputy_id == user_id, Deputy.begins_at <= now, Deputy.ends_at > now, User.active)
    )
    rows = session.execute(
        select(Membership.role_id, Membership.unit_id, Role.rights)
        .join(Role, Role.id == Membership.role_id)
        .where(or_(Membership.user_id == user_id, Membership.user_id.in_(stands_in_for)), _holds_at(now))
        .distinct()
    )
    mandates = frozenset(Mandate(role, unit_id, frozenset(rights)) for role, unit_id, rights in rows)
    return Actor(kind="user", user_id=user.id, name=user.name, mandates=mandates)


def rights_of(session: Session, roles: Collection[str]) -> frozenset[str]:
    """Give the rights that the roles grant together; an unknown role grants none.

    A session remembers them, since the law asks again and again within one request.
    """
    known: dict[str, frozenset[str]] = session.info.setdefault(RIGHTS_KNOWN, {})
    missing = set(roles) - known.keys()
    if missing:
        known.update(
            (role.id, frozenset(role.rights)) for role in session.scalars(select(Role).where(Role.id.in_(missing)))
        )
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))


def all_roles(session: Session) -> list[Role]:
    """Give every role in the order of the register."""
    return list(session.scalars(select(Role).order_by(Role.place, Role.id)))


def user(session: Session, user_id: UUID) -> User:
    """Give the user; raise NotFound (`user.unknown`)."""
    found = session.get(User, user_id)
    if found is None:
        raise NotFound("user.unknown", user=str(user_id))
    return found


def user_by_login(session: Session, login: str) -> User | None:
    """Give the user with this login, whatever its case."""
    if "\x00" in login:
        # PostgreSQL refuses the sign as such; nobody is called so.
        return None
    return session.scalar(select(User).where(User.login == login.strip().lower()))


def user_signing_in(session: Session, typed: str) -> User | None:
    """Give the user who is meant at sign-in: by login, or by the number of a civil servant (NIP), however spaced."""
    digits = "".join(typed.split())
    by_number = session.scalar(select(User).where(User.employee_number == digits)) if digits.isdecimal() else None
    return user_by_login(session, typed) or by_number


def users_by_id(session: Session, user_ids: Collection[UUID]) -> dict[UUID, User]:
    """Give the users of a page's rows in one statement."""
    found = session.scalars(select(User).where(User.id.in_(set(user_ids))))
    return {person.id: person for person in found}


@dataclass(frozen=True)
class UserPage:
    """A page of users."""

    users: Sequence[User]
    total: int
    # From 1; the last one where a later was asked for.
    page: int
    pages: int


def find_users(
    session: Session,
    now: datetime,
    *,
    words: str = "",
    unit_id: UUID | None = None,
    role: str = "",
    page: int = 1,
    per_page: int = 25,
) -> UserPage:
    """Give a page of the users whose name, login, number or position holds the words, the closed accounts last.

    `unit_id` and `role` narrow to who fills a role there, or that role, at `now`.
    """
    chosen = select(User)
    for word in words.replace("\x00", "").split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        searched = (User.name, User.login, User.employee_number, User.position)
        chosen = chosen.where(or_(*(column.ilike(f"%{escaped}%") for column in searched)))
    if unit_id is not None or role:
        fills = select(Membership.id).where(Membership.user_id == User.id, _holds_at(now))
        if unit_id is not None:
            fills = fills.where(Membership.unit_id == unit_id)
        if role:
            fills = fills.where(Membership.role_id == role)
        chosen = chosen.where(fills.exists())
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    pages = max(1, -(-total // per_page))
    page = max(1, min(page, pages))
    shown = chosen.order_by(User.active.desc(), User.name, User.id).limit(per_page).offset((page - 1) * per_page)
    return UserPage(session.scalars(shown).all(), total, page, pages)


def user_named(session: Session, text: str) -> User | None:
    """Give the active user who is meant by a login or by the number of a civil servant."""
    typed = text.strip()
    found = user_by_login(session, typed)
    if found is None and typed.isdecimal():
        found = session.scalar(select(User).where(User.employee_number == typed))
    return found if found is not None and found.active else None


def unit(session: Session, unit_id: UUID) -> Unit:
    """Give the unit; raise NotFound (`unit.unknown`)."""
    found = session.get(Unit, unit_id)
    if found is None:
        raise NotFound("unit.unknown", unit=str(unit_id))
    return found


def unit_by_code(session: Session, code: str) -> Unit | None:
    """Give the unit with this code, exactly as written."""
    return session.scalar(select(Unit).where(Unit.code == code))


def all_units(session: Session) -> list[Unit]:
    """Give every active unit by name."""
    return list(session.scalars(select(Unit).where(Unit.active).order_by(Unit.name)))


def reportable_offices(session: Session) -> list[Unit]:
    """Give the offices that a report may be about, by name: the public list."""
    return list(session.scalars(select(Unit).where(Unit.active, Unit.reportable).order_by(Unit.name)))


def unit_tree(session: Session) -> list[tuple[int, Unit]]:
    """Give every active unit below the one it belongs to, with its depth from 0; units of one parent by name."""
    below: dict[UUID | None, list[Unit]] = {}
    units = all_units(session)
    known = {each.id for each in units}
    for each in units:
        # Whoever belongs to a closed unit stands at the top.
        below.setdefault(each.parent_id if each.parent_id in known else None, []).append(each)
    tree: list[tuple[int, Unit]] = []
    waiting = [(0, each) for each in reversed(below.get(None, []))]
    while waiting:
        depth, each = waiting.pop()
        tree.append((depth, each))
        waiting.extend((depth + 1, child) for child in reversed(below.get(each.id, [])))
    return tree


def member_counts(session: Session, now: datetime) -> dict[UUID, int]:
    """Give how many people fill a role in each unit at `now`."""
    rows = session.execute(
        select(Membership.unit_id, func.count(Membership.user_id.distinct()))
        .join(User, User.id == Membership.user_id)
        .where(User.active, _holds_at(now))
        .group_by(Membership.unit_id)
    )
    return {row[0]: row[1] for row in rows}


def units_led_by(session: Session, user_id: UUID) -> list[Unit]:
    """Give the units whose head the user is, by name."""
    return list(session.scalars(select(Unit).where(Unit.head_id == user_id).order_by(Unit.name)))


def units_below(session: Session, unit_id: UUID) -> frozenset[UUID]:
    """Give the ids of the unit itself and of every unit under it."""
    tree = select(Unit.id).where(Unit.id == unit_id).cte(recursive=True)
    # UNION drops what has been seen, so that a loop in the tree ends too.
    tree = tree.union(select(Unit.id).where(Unit.parent_id == tree.c.id))
    return frozenset(session.scalars(select(tree.c.id)))


def members_of(session: Session, unit_id: UUID, now: datetime) -> list[User]:
    """Give the active users who fill any role in the unit at `now`, by name."""
    return list(
        session.scalars(
            select(User)
            .where(
                User.active,
                select(Membership.id)
                .where(Membership.user_id == User.id, Membership.unit_id == unit_id, _holds_at(now))
                .exists(),
            )
            .order_by(User.name)
        )
    )


def holders_of(session: Session, role: str, now: datetime, *, unit_id: UUID | None = None) -> list[User]:
    """Give the active users who fill the role at `now` (in `unit_id`, or anywhere), and their deputies, by name."""
    asked = {"role": role, "now": now, "unit": unit_id}
    return list(session.scalars(_holders(anywhere=unit_id is None), asked))


@cache
def _holders(*, anywhere: bool) -> Select[User]:
    """Build the statement, which every step asks for whoever may do the next one."""
    now: ColumnElement[Any] = bindparam("now", type_=Membership.begins_at.type)
    fills = and_(Membership.role_id == bindparam("role"), _holds_at(now))
    if not anywhere:
        fills = and_(fills, Membership.unit_id == bindparam("unit"))
    own = select(Membership.user_id).where(fills)
    as_deputy = select(Deputy.deputy_id).where(
        Deputy.principal_id.in_(
            select(Membership.user_id).join(User, User.id == Membership.user_id).where(fills, User.active)
        ),
        Deputy.begins_at <= now,
        Deputy.ends_at > now,
    )
    holders = select(User).where(User.active, or_(User.id.in_(own), User.id.in_(as_deputy))).order_by(User.name)
    return holders.execution_options(**READS_NOTHING_HELD)


def may_fill(
    user_id: QueryableAttribute[Any], role: QueryableAttribute[Any], unit_id: QueryableAttribute[Any], now: datetime
) -> ColumnElement[bool]:
    """Give the condition that an active user fills the role at `now`, in the unit or, where that is null, in any.

    The list's form of `holders_of`, deputies included; the arguments are columns of the statement around it.
    """
    principals = (
        select(Deputy.principal_id)
        .join(User, User.id == Deputy.principal_id)
        .where(Deputy.deputy_id == user_id, Deputy.begins_at <= now, Deputy.ends_at > now, User.active)
    )
    fills = (
        select(Membership.id)
        .where(
            Membership.role_id == role,
            or_(unit_id.is_(None), Membership.unit_id == unit_id),
            or_(Membership.user_id == user_id, Membership.user_id.in_(principals)),
            _holds_at(now),
        )
        .exists()
    )
    holder = aliased(User)
    return and_(select(holder.id).where(holder.id == user_id, holder.active).exists(), fills)


def head_of(session: Session, unit_id: UUID, now: datetime) -> User | None:
    """Give who leads the unit at `now`: its head, or the deputy who acts for an absent one."""
    head = unit(session, unit_id).head
    if head is None:
        return None
    acting = session.scalar(
        select(User)
        .join(Deputy, Deputy.deputy_id == User.id)
        .where(Deputy.principal_id == head.id, Deputy.begins_at <= now, Deputy.ends_at > now, User.active)
        .order_by(Deputy.begins_at.desc())
        .limit(1)
    )
    return acting or (head if head.active else None)


def memberships_of(session: Session, user_id: UUID, now: datetime) -> list[Membership]:
    """Give the user's own roles at `now`, without those of a deputy."""
    return list(
        session.scalars(
            select(Membership).where(Membership.user_id == user_id, _holds_at(now)).order_by(Membership.begins_at)
        )
    )


def memberships_by_user(session: Session, user_ids: Collection[UUID], now: datetime) -> dict[UUID, list[Membership]]:
    """Give the own roles of a page's users at `now`, in one statement."""
    found: dict[UUID, list[Membership]] = {user_id: [] for user_id in user_ids}
    rows = (
        select(Membership)
        .where(Membership.user_id.in_(found), _holds_at(now))
        .options(joinedload(Membership.unit))
        .order_by(Membership.begins_at, Membership.id)
    )
    for membership in session.scalars(rows):
        found[membership.user_id].append(membership)
    return found


def stands_in_for(session: Session, deputy_id: UUID | None, principal_id: UUID, now: datetime) -> bool:
    """Tell whether the one acts for the other at `now`."""
    acting = select(Deputy.id).where(
        Deputy.deputy_id == deputy_id,
        Deputy.principal_id == principal_id,
        Deputy.begins_at <= now,
        Deputy.ends_at > now,
    )
    return session.scalar(acting.limit(1)) is not None


def deputies_at(session: Session, now: datetime) -> list[Deputy]:
    """Give every acting officer of now and later, the earliest first."""
    return list(session.scalars(select(Deputy).where(Deputy.ends_at > now).order_by(Deputy.begins_at)))


def _holds_at(now: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(Membership.begins_at <= now, or_(Membership.ends_at.is_(None), Membership.ends_at > now))
