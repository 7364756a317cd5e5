"""The one door to what people wrote: put and read. Nobody else touches `Content.body`.

Until sealing exists, contents are plain rows; who may read them is asked here, every time: whoever may see the case,
for a confidential one its circle alone.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session, undefer

from workflows import rows
from workflows.cases.models import Case, Content
from workflows.journal.chain import canonical
from workflows.journal.operations import record
from workflows.transaction import Actor, Tx, permits

Audience = Literal["internal", "reporter", "public"]
# Each audience includes those before it.
_WIDTH = {"internal": 0, "reporter": 1, "public": 2}
# What lists say about a case: {"title", "text"}, taken from the report as the manifest says.
SUMMARY = "summary"
_CONTENTS = rows.inserting(Content)


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
    """Store what somebody wrote; journals `content.put` without its words, but with their salted checksum.

    Bodies are JSON values.
    """
    content = rows.make(
        Content,
        id=uuid4(),
        case_id=case.id,
        kind=kind,
        element=element,
        at=tx.now,
        author_id=tx.actor.user_id,
        author_kind=tx.actor.kind,
        audience=audience,
        body=dict(body),
        salt=secrets.token_hex(16),
    )
    rows.hold(tx.session, _CONTENTS, [rows.values_of(content)])
    rows.know(tx.session, content)
    record(
        tx,
        "content.put",
        case_id=case.id,
        content=content.id,
        kind=kind,
        element=element,
        audience=audience,
        checksum=checksum(content.salt, content.body),
    )
    return content


def checksum(salt: str, body: Mapping[str, Any]) -> str:
    """Give the hexadecimal SHA-256 that the journal bears of a body: over its salt and its canonical text.

    It commits to the words without telling them. The salt lies with the body and goes when the body goes; what the
    journal keeps for ever is then a number that nobody can try guesses against.
    """
    return hashlib.sha256(salt.encode() + canonical(body)).hexdigest()


def read(session: Session, actor: Actor, case: Case, *, kinds: Collection[str] | None = None) -> Sequence[Writing]:
    """Give what was written in the case (of these kinds), oldest first; nothing to whoever may not see it.

    A reporter reads what was released to the reporter, and what they wrote themselves.
    """
    found, writing = _readable(session, actor, case)
    if kinds is not None:
        found = found.where(Content.kind.in_(kinds))
    return [writing(content) for content in session.scalars(found.order_by(Content.ordinal))]


def latest(session: Session, actor: Actor, case: Case, kind: str) -> Writing | None:
    """Give the newest writing of the kind that the actor may read."""
    found, writing = _readable(session, actor, case)
    content = session.scalars(found.where(Content.kind == kind).order_by(Content.ordinal.desc()).limit(1)).first()
    return writing(content) if content is not None else None


def by_id(session: Session, actor: Actor, case: Case, content_id: UUID) -> Writing | None:
    """Give one writing of the case if the actor may read it."""
    found, writing = _readable(session, actor, case)
    content = session.scalars(found.where(Content.id == content_id)).first()
    return writing(content) if content is not None else None


def summaries(session: Session, visible: ColumnElement[bool], case_ids: Collection[UUID]) -> dict[UUID, Summary]:
    """Give title and text of those of the cases that `visible` holds for, by case id, in one statement.

    `visible` is `access.policy.visible_cases(session, actor)`.
    """
    if not case_ids:
        return {}
    rows = session.execute(
        select(Content.case_id, Content.body)
        .join(Case, Case.id == Content.case_id)
        .where(Content.case_id.in_(case_ids), Content.kind == SUMMARY, visible)
        .order_by(Content.ordinal)
    )
    return {case_id: _summary(body) for case_id, body in rows}


def texts(session: Session, visible: ColumnElement[bool], content_ids: Collection[UUID], field: str) -> dict[UUID, str]:
    """Give one field of each of the contents on cases that `visible` holds for, by content id, in one statement."""
    if not content_ids:
        return {}
    rows = session.execute(
        select(Content.id, Content.body[field].astext)
        .join(Case, Case.id == Content.case_id)
        .where(Content.id.in_(content_ids), visible)
    )
    return {content_id: text or "" for content_id, text in rows}


def publish(
    tx: Tx, case: Case, kind: str, *, fields: Collection[str], audience: Audience = "reporter"
) -> Content | None:
    """Release the named fields of the latest content of the kind to a wider audience; journals `content.published`.

    The other fields stay with the office. None when there is no content of that kind. Releasing again changes nothing.
    """
    content = tx.session.scalars(
        select(Content)
        .where(Content.case_id == case.id, Content.kind == kind)
        .order_by(Content.ordinal.desc())
        .limit(1)
        .with_for_update()
    ).first()
    if content is None or _WIDTH[content.audience] >= _WIDTH[audience]:
        return content
    content.audience = audience
    content.published_at = tx.now
    content.published_fields = sorted(fields)
    record(tx, "content.published", case_id=case.id, content=content.id, kind=kind)
    return content


def _readable(session: Session, actor: Actor, case: Case) -> tuple[Select[Content], Callable[[Content], Writing]]:
    """Give what selects the contents of the case that the actor may read, and what makes of each what they may see."""
    contents = select(Content).where(Content.case_id == case.id).options(undefer(Content.body))
    if permits(session, actor, "case.read", case):
        return contents, _whole
    if permits(session, actor, "case.follow", case):
        own = Content.author_kind == "reporter"
        return contents.where(or_(own, Content.audience.in_(("reporter", "public")))), _released
    return contents.where(false()), _released


def _whole(content: Content) -> Writing:
    return Writing(
        id=content.id,
        kind=content.kind,
        element=content.element,
        at=content.at,
        author_id=content.author_id,
        author_kind=content.author_kind,
        audience=cast(Audience, content.audience),
        body=content.body,
    )


def _released(content: Content) -> Writing:
    """Give what a reporter may see: all that they wrote themselves, of the office's words what was released."""
    writing = _whole(content)
    if content.author_kind == "reporter" or content.published_at is None:
        return writing
    released = {field: value for field, value in content.body.items() if field in content.published_fields}
    return replace(writing, author_id=None, body=released)


def _summary(body: Mapping[str, Any]) -> Summary:
    return Summary(title=str(body.get("title", "")), text=str(body.get("text", "")))
