"""Signing in, step by step: password, then the code or the enrolment, then a password of one's own, then open.

Every verb here gives a `SignIn` that names the next step and never raises for a wrong guess, so that the refusal is
committed to the journal. Unknown login, wrong password and deactivated user look and last the same. No list of tried
logins, passwords or codes is kept; a guess at a password costs a hash, guesses at codes are few.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from workflows.errors import InvalidAnswers
from workflows.journal.operations import record
from workflows.people import passwords, queries
from workflows.people.enrolment import begin_enrolment, confirm_enrolment
from workflows.people.models import User, UserSession
from workflows.people.second_factor import matching_step
from workflows.people.sessions import Stage, alive_session, end_sessions, open_session
from workflows.transaction import Tx

# Ten wrong codes in a row close the second factor for a while: six digits would fall to patience otherwise. Only who
# knows the password gets here, so that nobody can lock out another.
_WRONG_CODES = 10
_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True)
class SignIn:
    """Where a sign-in stands."""

    # What is due next; "password" means from the beginning, "open" that it is done.
    step: Literal["password"] | Stage
    # Token of the session of that step, to be put into the cookie in place of the former; None at "password".
    token: str | None = None
    user_id: UUID | None = None
    # What was typed was wrong.
    wrong: bool = False
    # Until when no code is looked at, after too many wrong ones.
    paused_until: datetime | None = None


def sign_in(tx: Tx, login: str, password: str, *, second_factor_required: bool) -> SignIn:
    """Take login and password. Journals `user.sign_in_failed`, or `user.signed_in` when no further step is due.

    `second_factor_required` makes officers without a second factor enrol one first. Raises Conflict (`sign_in.busy`)
    when too many people sign in at once.
    """
    user = queries.user_signing_in(tx.session, login)

    fits = passwords.verify(user.password_hash if user and user.active else None, password)
    if user is None or not fits:
        record(tx, "user.sign_in_failed", user=user.id if user else None)
        return SignIn("password", wrong=True)

    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    if user.has_second_factor:
        stage: Stage = "second_factor"
    elif second_factor_required and _is_officer(tx, user):
        stage = "enrolment"
    else:
        stage = _last_steps(user)
    return SignIn(stage, open_session(tx, user.id, stage=stage), user.id)


def give_code(tx: Tx, token: str, code: str) -> SignIn:
    """Take the code of the second factor. Each code is good once; journals `user.sign_in_failed` for a wrong one."""
    pending = alive_session(tx, token, "second_factor")
    user = _locked_user(tx, pending)
    if pending is None or user is None or user.totp_secret is None:
        return SignIn("password")

    if user.totp_paused_until is not None and tx.now < user.totp_paused_until:
        return SignIn("second_factor", token, user.id, wrong=True, paused_until=user.totp_paused_until)

    step = matching_step(user.totp_secret, code, tx.now, used=user.totp_last_step)
    if step is None:
        user.totp_failures += 1
        if user.totp_failures >= _WRONG_CODES:
            user.totp_failures, user.totp_paused_until = 0, tx.now + _PAUSE
        record(tx, "user.sign_in_failed", user=user.id)
        return SignIn("second_factor", token, user.id, wrong=True, paused_until=user.totp_paused_until)

    user.totp_last_step, user.totp_failures, user.totp_paused_until = step, 0, None
    return _next(tx, pending, user)


def enrolment_secret(tx: Tx, token: str) -> str | None:
    """Give the secret that who is at the step "enrolment" shall put into an authenticator; None at another step."""
    pending = alive_session(tx, token, "enrolment")
    if pending is None:
        return None
    return begin_enrolment(_as_user(tx, pending.user_id), pending.user_id)


def finish_enrolment(tx: Tx, token: str, code: str) -> SignIn:
    """Take the first code of a new authenticator; journals `user.second_factor_enrolled`."""
    pending = alive_session(tx, token, "enrolment")
    user = _locked_user(tx, pending)
    if pending is None or user is None or user.totp_pending_secret is None:
        return SignIn("password")

    try:
        confirm_enrolment(_as_user(tx, user.id), user.id, code)
    except InvalidAnswers:
        return SignIn("enrolment", token, user.id, wrong=True)
    return _next(tx, pending, user)


def choose_password(tx: Tx, token: str, chosen: str) -> SignIn:
    """Take a password of the user's own in place of the one that was given out; journals `user.password_changed`.

    Raises InvalidAnswers when it is too short, too simple, or the same.
    """
    pending = alive_session(tx, token, "new_password")
    user = _locked_user(tx, pending)
    if pending is None or user is None:
        return SignIn("password")

    found = passwords.problems("chosen", chosen, login=user.login)
    if not found and passwords.verify(user.password_hash, chosen):
        found = [("chosen", "password.unchanged", {})]
    if found:
        raise InvalidAnswers(found)

    user.password_hash, user.password_changed_at = passwords.hash_password(chosen), tx.now
    user.must_change_password = False
    acting = _as_user(tx, user.id)
    end_sessions(acting, user.id)
    record(acting, "user.password_changed", user=user.id)
    return _next(tx, pending, user)


def _next(tx: Tx, pending: UserSession, user: User) -> SignIn:
    """Close the session of the step that is done and open that of the next."""
    pending.revoked_at = tx.now
    stage = _last_steps(user)
    return SignIn(stage, open_session(tx, user.id, stage=stage), user.id)


def _last_steps(user: User) -> Stage:
    return "new_password" if user.must_change_password else "open"


def _is_officer(tx: Tx, user: User) -> bool:
    """Tell whether the user holds any right: citizens follow their own reports and need no second factor."""
    return bool(queries.rights_of(tx.session, queries.actor_for(tx.session, user.id, tx.now).roles))


def _as_user(tx: Tx, user_id: UUID) -> Tx:
    return tx.acting_as(queries.actor_for(tx.session, user_id, tx.now))


def _locked_user(tx: Tx, pending: UserSession | None) -> User | None:
    """Find the session's user with the row locked: of two requests with one code only one may use it."""
    if pending is None:
        return None
    statement = select(User).where(User.id == pending.user_id, User.active).with_for_update()
    return tx.session.scalars(statement, execution_options={"populate_existing": True}).first()
