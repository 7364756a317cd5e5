"""Forms that were already heard: a repeated post finds its first answer instead of happening twice."""

import hashlib
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.errors import Conflict
from workflows.processes.models import Submission
from workflows.transaction import Tx

# A key is drawn by us and only echoed by the browser; one that could be guessed is somebody else's invention.
_SHORTEST_KEY = 16
_LONGEST_KEY = 200


def heard(tx: Tx, key: str, act: str, *subject: object) -> dict[str, Any] | None:
    """Give the first answer to the post with this key, or None when it is new.

    Whoever sends the same key at the same time waits here until the first one has committed or failed. Raises Conflict
    (`submission.bad_key`) for no key, and for one that belonged to another form, act or person.
    """
    if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise Conflict("submission.bad_key")
    # A row that is not there yet cannot be locked; the lock on the key's hash holds until the end of the act.
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_name(key), 0))))
    known = tx.session.get(Submission, _name(key), populate_existing=True)
    if known is None:
        return None
    if known.fingerprint != _fingerprint(tx, act, subject):
        raise Conflict("submission.bad_key")
    return known.result


def remember(tx: Tx, key: str, act: str, *subject: object, result: dict[str, Any]) -> None:
    """Keep the answer for a repeated post. `result` holds ids and counts only."""
    tx.session.add(Submission(key=_name(key), at=tx.now, fingerprint=_fingerprint(tx, act, subject), result=result))


def was_heard(session: Session, key: str) -> bool:
    """Tell whether a post with this key was answered, without answering it again."""
    return session.get(Submission, _name(key)) is not None


def _name(key: str) -> str:
    """Name the key without giving it away: with the key itself a report's receipt could be had again."""
    return hashlib.sha256(f"submission:{key}".encode()).hexdigest()


def _fingerprint(tx: Tx, act: str, subject: tuple[object, ...]) -> str:
    actor = tx.actor
    text = "|".join(str(part) for part in (actor.kind, actor.user_id, actor.case_id, act, *subject))
    return hashlib.sha256(text.encode()).hexdigest()
