"""Signed-in sessions: kept here and not in the cookie, so that they end at once, everywhere, when they should.

The browser holds an opaque token; a new one is made at every step of the sign-in and after every change of privilege.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import contains_eager

from workflows.journal.operations import record
from workflows.people import queries
from workflows.people.models import User, UserSession
from workflows.transaction import Tx

Stage = Literal["second_factor", "enrolment", "new_password", "open"]

# The rule of the house for idle browsers (security.md 3).
IDLE = timedelta(minutes=30)
# However busy the browser is: a working day, then the password is asked for again.
LONGEST_LIFE = timedelta(hours=12)
# How long a sign-in may stand between its steps.
BETWEEN_STEPS = timedelta(minutes=10)
# For how long a lapsed session still tells whose typed words are to be kept.
_REMEMBERED = timedelta(days=1)
# A use is written down at most this often, so that reading pages stays reading.
_TOUCHED_EVERY = timedelta(minutes=1)


def open_session(tx: Tx, user_id: UUID, *, stage: Stage = "open") -> str:
    """Open a session and give its token, which is told only now; journals `user.signed_in` when it is "open".

    Asks for no right: the caller has proof of who it is. Raises NotFound for an unknown user.
    """
    user = queries.user(tx.session, user_id)

    token = secrets.token_urlsafe(32)
    life = IDLE if stage == "open" else BETWEEN_STEPS
    tx.session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user.id,
            stage=stage,
            created_at=tx.now,
            last_seen_at=tx.now,
            expires_at=tx.now + life,
        )
    )
    if stage == "open":
        user.last_signed_in_at = tx.now
        actor = queries.actor_for(tx.session, user.id, tx.now)
        record(tx.acting_as(actor), "user.signed_in", user=user.id)
    return token


def alive_session(tx: Tx, token: str, *stages: Stage) -> UserSession | None:
    """Give the living session of the token, if it is in one of `stages` and its user is active."""
    return tx.session.scalar(
        select(UserSession)
        .join(UserSession.user)
        .options(contains_eager(UserSession.user))
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > tx.now,
            UserSession.stage.in_(stages),
            User.active,
        )
    )


def touch_session(tx: Tx, token: str) -> UserSession | None:
    """Give the open session of the token and prolong it, or None when there is none: then nobody is signed in."""
    found = alive_session(tx, token, "open")
    if found is not None and tx.now - found.last_seen_at >= _TOUCHED_EVERY:
        found.last_seen_at = tx.now
        found.expires_at = min(tx.now + IDLE, found.created_at + LONGEST_LIFE)
    return found


def owner_of_lapsed(tx: Tx, token: str) -> UUID | None:
    """Give whose session it was that lapsed by itself in the last day, so that what was typed in it can be kept.

    Never for a session that was ended on purpose, and never a reason to let anybody in.
    """
    return tx.session.scalar(
        select(UserSession.user_id)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.stage == "open",
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > tx.now - _REMEMBERED,
            User.active,
        )
    )


def close_session(tx: Tx, token: str) -> None:
    """End the session of the token, if it lives; journals `user.signed_out` when it was open."""
    found = alive_session(tx, token, "second_factor", "enrolment", "new_password", "open")
    if found is None:
        return
    found.revoked_at = tx.now
    if found.stage == "open":
        record(tx, "user.signed_out", user=found.user_id)


def end_sessions(tx: Tx, user_id: UUID) -> int:
    """What other verbs do when a password or a role changes; the right to do so is theirs to ask for."""
    ended = tx.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > tx.now)
        .values(revoked_at=tx.now)
    )
    count = ended.rowcount if isinstance(ended, CursorResult) else 0
    if count:
        record(tx, "user.sessions_revoked", user=user_id)
    return count


def token_hash(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
