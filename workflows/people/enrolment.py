"""Verbs about the second factor of a user: begin to enrol it, prove it, take it away."""

from uuid import UUID

from sqlalchemy import select

from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.operations import record
from workflows.people import queries
from workflows.people.models import User
from workflows.people.second_factor import matching_step, new_secret
from workflows.people.sessions import end_sessions
from workflows.transaction import Tx


def begin_enrolment(tx: Tx, user_id: UUID) -> str:
    """Make a secret for the actor's own authenticator and give it; it counts for nothing until a code has proven it.

    Begun again before that, the same secret is given, so that a page shown twice shows one picture.
    Raises Conflict (`second_factor.enrolled`) when there is one already.
    """
    user = _own(tx, user_id)

    if user.totp_secret is not None:
        raise Conflict("second_factor.enrolled")

    user.totp_pending_secret = user.totp_pending_secret or new_secret()
    return user.totp_pending_secret


def confirm_enrolment(tx: Tx, user_id: UUID, code: str) -> None:
    """Enrol the second factor that `code` proves; journals `user.second_factor_enrolled`.

    Raises Conflict (`second_factor.not_begun`), InvalidAnswers (`second_factor.wrong_code`).
    """
    user = _own(tx, user_id)

    if user.totp_pending_secret is None:
        raise Conflict("second_factor.not_begun")
    step = matching_step(user.totp_pending_secret, code, tx.now, used=user.totp_last_step)
    if step is None:
        raise InvalidAnswers([("code", "second_factor.wrong_code", {})])

    user.totp_secret, user.totp_pending_secret = user.totp_pending_secret, None
    user.totp_last_step, user.totp_failures, user.totp_paused_until = step, 0, None

    record(tx, "user.second_factor_enrolled", user=user.id)


def remove_second_factor(tx: Tx, user_id: UUID) -> None:
    """Take away the second factor of somebody who lost the phone; journals `user.second_factor_removed`.

    Ends every session. Raises Conflict (`second_factor.none`).
    """
    user = queries.user(tx.session, user_id)

    tx.require("user.manage")

    if user.totp_secret is None:
        raise Conflict("second_factor.none")

    user.totp_secret = user.totp_pending_secret = user.totp_paused_until = None
    user.totp_failures = 0
    end_sessions(tx, user.id)

    record(tx, "user.second_factor_removed", user=user.id)


def _own(tx: Tx, user_id: UUID) -> User:
    """Find the user with the row locked: two confirmations at once must not both use one code."""
    queries.user(tx.session, user_id)
    if tx.actor.user_id != user_id:
        raise NotAllowed("act.not_allowed", act="second_factor.enrol")
    return tx.session.scalars(
        select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    ).one()
