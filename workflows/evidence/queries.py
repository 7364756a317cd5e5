"""Reads of evidence, each through the law of who may see the case.

Whoever reads a case sees all its items and gets the working copies; a reporter sees what was handed in by them and
what was released to them; everybody else sees what is public, as long as the case is not confidential.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.errors import Conflict, NotFound
from workflows.evidence.copies import COPIED
from workflows.evidence.kinds import JPEG
from workflows.evidence.models import Evidence
from workflows.storage import queries as storage
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class Item:
    """One item of evidence as pages and reports show it."""

    id: UUID
    # Number within the case, from 1.
    ordinal: int
    name: str
    content_type: str
    # Bytes and SHA-256 of the original.
    size: int
    checksum: str
    # "reporter" or "officer".
    origin: str
    audience: str
    caption: str
    # Id of the form's field and of the diagram's element with which it came.
    field: str | None
    element: str | None
    attached_at: datetime
    attached_by_id: UUID | None
    # "ready", "preparing" (the working copy is being made) or "failed" (it could not be made).
    state: str
    is_picture: bool


@dataclass(frozen=True)
class Download:
    """Bytes on their way out; always served as an attachment."""

    name: str
    content_type: str
    size: int
    # The bytes, one stored chunk at a time.
    chunks: Iterator[bytes]


def items_of(session: Session, actor: Actor, case: Case) -> Sequence[Item]:
    """The items of the case that the actor may see, in their order."""
    statement = (
        select(Evidence).where(Evidence.case_id == case.id, _seen_by(session, actor, case)).order_by(Evidence.ordinal)
    )
    return [_item(evidence) for evidence in session.scalars(statement)]


def item(session: Session, actor: Actor, evidence_id: UUID) -> Item:
    """One item; NotFound when there is none or the actor may not see it."""
    return _item(_visible(session, actor, evidence_id))


def download(session: Session, actor: Actor, evidence_id: UUID) -> Download:
    """What the actor gets of an item: the working copy where there is one to make, otherwise the item itself.

    Raises NotFound, and Conflict (`evidence.not_ready`, `evidence.copy_failed`) while there is no copy to give. A
    copy keeps the name of the original; one in another format gets the ending of that one besides.
    """
    evidence = _visible(session, actor, evidence_id)
    if evidence.working_checksum is not None:
        return Download(
            _name_of_copy(evidence),
            evidence.working_type or evidence.content_type,
            evidence.working_size or 0,
            storage.chunks(session, evidence.working_checksum),
        )
    if evidence.content_type in COPIED:
        code = "evidence.copy_failed" if evidence.copy_failed else "evidence.not_ready"
        raise Conflict(code, evidence=evidence_id)
    return original(session, evidence)


def original(session: Session, evidence: Evidence) -> Download:
    """The item as it was handed in; the caller has gone through `operations.open_original`."""
    return Download(evidence.name, evidence.content_type, evidence.size, storage.chunks(session, evidence.checksum))


def _name_of_copy(evidence: Evidence) -> str:
    converted = evidence.working_type == JPEG.content_type and evidence.content_type != JPEG.content_type
    return f"{evidence.name}.{JPEG.endings[0]}" if converted else evidence.name


def _seen_by(session: Session, actor: Actor, case: Case) -> ColumnElement[bool]:
    if permits(session, actor, "case.read", case):
        return true()
    if permits(session, actor, "case.follow", case):
        return or_(Evidence.origin == "reporter", Evidence.audience.in_(("reporter", "public")))
    return Evidence.audience == "public" if not case.confidential else false()


def _visible(session: Session, actor: Actor, evidence_id: UUID) -> Evidence:
    evidence = session.get(Evidence, evidence_id)
    case = session.get(Case, evidence.case_id) if evidence is not None else None
    if evidence is None or case is None:
        raise NotFound("evidence.unknown", evidence=evidence_id)
    statement = select(Evidence.id).where(Evidence.id == evidence_id, _seen_by(session, actor, case))
    if session.scalar(statement) is None:
        raise NotFound("evidence.unknown", evidence=evidence_id)
    return evidence


def _item(evidence: Evidence) -> Item:
    waits = evidence.content_type in COPIED and evidence.working_checksum is None
    return Item(
        id=evidence.id,
        ordinal=evidence.ordinal,
        name=evidence.name,
        content_type=evidence.content_type,
        size=evidence.size,
        checksum=evidence.checksum,
        origin=evidence.origin,
        audience=evidence.audience,
        caption=evidence.caption,
        field=evidence.field,
        element=evidence.element,
        attached_at=evidence.attached_at,
        attached_by_id=evidence.attached_by_id,
        state="ready" if not waits else "failed" if evidence.copy_failed else "preparing",
        is_picture=evidence.is_picture,
    )
