"""Forms that were already heard: a repeated post finds its first answer instead of happening twice."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import rows
from workflows.errors import Conflict
from workflows.processes.models import Submission
from workflows.transaction import Tx

# A key is drawn by us and only echoed by the browser; one that could be guessed is somebody else's invention.
_SHORTEST_KEY = 16
_LONGEST_KEY = 200


@dataclass(frozen=True)
class Post:
    """A form that came in: under which name its answer is kept, and who sent what to where."""

    name: str
    fingerprint: str

    def first_answer(self, kept: tuple[str, Mapping[str, Any]] | None) -> Mapping[str, Any] | None:
        """Give the answer that is kept under the name, or None when there is none.

        Raises Conflict (`submission.bad_key`) for one to another form, act or person.
        """
        if kept is None:
            return None
        fingerprint, result = kept
        if fingerprint != self.fingerprint:
            raise Conflict("submission.bad_key")
        return result

    def answered(self, tx: Tx, result: dict[str, Any]) -> Submission:
        """Give the row that keeps the answer. `result` holds ids and counts only."""
        return rows.make(Submission, key=self.name, at=tx.now, fingerprint=self.fingerprint, result=result)


def post_of(tx: Tx, key: str, act: str, *subject: object) -> Post:
    """Name a form by the key that it carried; raises Conflict (`submission.bad_key`) for one that we never drew."""
    if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise Conflict("submission.bad_key")
    return Post(_name(key), _fingerprint(tx, act, subject))


def heard(tx: Tx, key: str, act: str, *subject: object) -> Mapping[str, Any] | None:
    """Give the first answer to the post with this key, or None when it is new.

    Whoever sends the same key at the same time waits here until the first one has committed or failed. Raises Conflict
    (`submission.bad_key`) for no key, and for one that belonged to another form, act or person.
    """
    post = post_of(tx, key, act, *subject)
    # A row that is not there yet cannot be locked; the lock on the key's hash holds until the end of the act.
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(post.name, 0))))
    return kept_answer(tx, post)


def kept_answer(tx: Tx, post: Post) -> Mapping[str, Any] | None:
    """Give the first answer to the form as it is kept now. For whoever holds a lock that its first sender held."""
    known = tx.session.get(Submission, post.name, populate_existing=True)
    return post.first_answer((known.fingerprint, known.result) if known is not None else None)


def remember(tx: Tx, key: str, act: str, *subject: object, result: dict[str, Any]) -> None:
    """Keep the answer for a repeated post. `result` holds ids and counts only."""
    tx.session.add(post_of(tx, key, act, *subject).answered(tx, result))


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
