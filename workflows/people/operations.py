"""Verbs about users. Roles and deputies are in `mandates`, units, sessions and sign-in in modules of their own."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.operations import record
from workflows.people import passwords, queries
from workflows.people.mandates import end_all_mandates, insist_on_a_keeper
from workflows.people.models import Unit, User
from workflows.people.sessions import end_sessions
from workflows.transaction import Tx

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
# What may be corrected about a user without a verb of its own.
_CHANGEABLE = frozenset({"name", "employee_number", "position", "email", "phone", "language"})


def add_user(
    tx: Tx,
    *,
    login: str,
    name: str,
    password: str | None,
    employee_number: str | None = None,
    position: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    language: str = "id",
    must_change_password: bool = True,
) -> User:
    """Add somebody who can sign in; journals `user.added`. Roles are granted apart.

    Without a password nobody can sign in until one is reset. Raises InvalidAnswers for a login that is taken or has
    other signs than letters, digits, dot, hyphen and underscore, for an empty name, for somebody else's number, and for
    a weak password.
    """
    tx.require("user.manage")

    login = login.strip().lower()
    found: list[tuple[str, str, dict[str, Any]]] = []
    if not _LOGIN.fullmatch(login):
        found.append(("login", "login.malformed", {}))
    elif queries.user_by_login(tx.session, login) is not None:
        found.append(("login", "login.taken", {}))
    if not name.strip():
        found.append(("name", "answer.required", {}))
    if employee_number and _number_is_taken(tx, employee_number):
        found.append(("employee_number", "employee_number.taken", {}))
    if password is not None:
        found += passwords.problems("password", password, login=login)
    if found:
        raise InvalidAnswers(found)

    user = User(
        login=login,
        name=name.strip(),
        employee_number=employee_number,
        position=position,
        email=email,
        phone=phone,
        language=language,
        password_hash=passwords.hash_password(password) if password is not None else None,
        password_changed_at=tx.now if password is not None else None,
        must_change_password=must_change_password,
        added_at=tx.now,
    )
    tx.session.add(user)
    tx.session.flush()

    record(tx, "user.added", user=user.id)
    return user


def change_user(tx: Tx, user_id: UUID, **changes: str | None) -> User:
    """Correct name, employee_number, position, email, phone or language; journals `user.changed` with the fields.

    Needs `user.manage`; one's own language may be changed without. Raises InvalidAnswers for an empty name and for the
    number of somebody else.
    """
    user = queries.user(tx.session, user_id)

    if tx.actor.user_id != user_id or changes.keys() != {"language"}:
        tx.require("user.manage")

    unknown = changes.keys() - _CHANGEABLE
    if unknown:
        raise TypeError(f"not to be changed here: {', '.join(sorted(unknown))}")
    if "name" in changes and not (changes["name"] or "").strip():
        raise InvalidAnswers([("name", "answer.required", {})])

    number = changes.get("employee_number")
    if number and number != user.employee_number and _number_is_taken(tx, number):
        raise InvalidAnswers([("employee_number", "employee_number.taken", {})])

    changed = sorted(field for field, value in changes.items() if getattr(user, field) != value)
    for field in changed:
        setattr(user, field, changes[field])

    if changed:
        record(tx, "user.changed", user=user.id, fields=changed)
    return user


def _number_is_taken(tx: Tx, number: str) -> bool:
    return tx.session.scalar(select(User.id).where(User.employee_number == number)) is not None


def change_password(tx: Tx, user_id: UUID, *, current: str, chosen: str) -> None:
    """Let users change their own password; journals `user.password_changed`.

    Ends every session of the user; the caller opens a new one for this browser. Raises InvalidAnswers for a wrong
    current password (`password.wrong`) and for a weak or unchanged new one.
    """
    user = queries.user(tx.session, user_id)

    if tx.actor.user_id != user_id:
        raise NotAllowed("act.not_allowed", act="user.change_password")

    if not passwords.verify(user.password_hash, current):
        raise InvalidAnswers([("current", "password.wrong", {})])
    found = passwords.problems("chosen", chosen, login=user.login)
    if current == chosen:
        found.append(("chosen", "password.unchanged", {}))
    if found:
        raise InvalidAnswers(found)

    user.password_hash, user.password_changed_at = passwords.hash_password(chosen), tx.now
    user.must_change_password = False
    end_sessions(tx, user.id)

    record(tx, "user.password_changed", user=user.id)


def reset_password(tx: Tx, user_id: UUID) -> str:
    """Give the user a new password, to be handed over and changed at the first sign-in; journals `user.password_reset`.

    Ends every session of the user. Gives nobody what is sealed with keys. Raises Conflict (`user.deactivated`).
    """
    user = queries.user(tx.session, user_id)

    tx.require("user.manage")

    if not user.active:
        raise Conflict("user.deactivated")

    password = passwords.readable_password()
    user.password_hash, user.password_changed_at = passwords.hash_password(password), tx.now
    user.must_change_password = True
    end_sessions(tx, user.id)

    record(tx, "user.password_reset", user=user.id)
    return password


def deactivate(tx: Tx, user_id: UUID) -> None:
    """Close the account for good: no sign-in, no role, no deputy, no unit led; journals `user.deactivated`.

    The row stays, since the journal and old cases name it. Raises Conflict: `user.deactivated` when it was done
    before, `role.last_keeper` when nobody would be left who manages users.
    """
    user = queries.user(tx.session, user_id)

    tx.require("user.manage")

    if not user.active:
        raise Conflict("user.deactivated")

    user.active, user.deactivated_at = False, tx.now
    end_all_mandates(tx, user.id)
    tx.session.execute(update(Unit).where(Unit.head_id == user.id).values(head_id=None))
    insist_on_a_keeper(tx)
    end_sessions(tx, user.id)

    record(tx, "user.deactivated", user=user.id)
