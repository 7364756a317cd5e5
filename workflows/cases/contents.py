"""The one door to what people wrote: put and read. Nobody else touches `Content.body`.

Until sealing exists, contents are plain rows; who may read them is asked here, every time: whoever may see the case,
for a confidential one its circle alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.cases.models import Case, Content
from workflows.transaction import Actor, Tx

Audience = Literal["internal", "reporter", "public"]


@dataclass(frozen=True)
class Writing:
    """What somebody wrote in a case, as a reader may see it."""

    id: UUID
    # Id of the form that was answered, or "summary", "message", "escalation", ...
    kind: str
    # Id of the diagram's element in which it was written; empty for the report itself.
    element: str
    at: datetime
    author_id: UUID | None
    # "user", "reporter" or "system".
    author_kind: str
    audience: Audience
    # Field id -> value, as `feel.values` writes it to JSON.
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Summary:
    """What a list says about a case."""

    title: str
    text: str


def put(
    tx: Tx, case: Case, kind: str, body: Mapping[str, Any], *, element: str = "", audience: Audience = "internal"
) -> Content:
    """Store what somebody wrote; journals `content.put` without its words. Bodies are JSON values."""
    raise NotImplementedError


def read(session: Session, actor: Actor, case: Case, *, kinds: Collection[str] | None = None) -> Sequence[Writing]:
    """Give what was written in the case (of these kinds), oldest first; nothing to whoever may not see it.

    A reporter by receipt reads what was released to the reporter, and what they wrote themselves.
    """
    raise NotImplementedError


def latest(session: Session, actor: Actor, case: Case, kind: str) -> Writing | None:
    """Give the newest writing of the kind that the actor may read."""
    raise NotImplementedError


def by_id(session: Session, actor: Actor, case: Case, content_id: UUID) -> Writing | None:
    """Give one writing of the case if the actor may read it."""
    raise NotImplementedError


def summaries(session: Session, actor: Actor, cases: Collection[Case]) -> dict[UUID, Summary]:
    """Give title and text of those of the cases that the actor may see, by case id, in one statement."""
    raise NotImplementedError


def publish(tx: Tx, case: Case, kind: str, *, audience: Audience = "reporter") -> Content | None:
    """Release the latest content of the kind to a wider audience; journals `content.published`.

    None when there is none of that kind. Releasing again changes nothing.
    """
    raise NotImplementedError
