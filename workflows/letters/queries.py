"""Reads of letters: those of a case, the bytes of one, and the answer to whoever verifies a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.errors import Conflict, NotFound
from workflows.language import say
from workflows.letters.models import Letter
from workflows.storage import queries as storage
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class LetterView:
    """A letter as pages show it."""

    id: UUID
    number: str
    name: str
    # In the reader's language.
    title: str
    recipient: str
    # "issued" (the print is on its way), "printed" or "failed".
    state: str
    issued_at: datetime
    document_id: str
    # SHA-256 and size of the PDF; None until it is printed.
    checksum: str | None
    size: int | None


@dataclass(frozen=True)
class Verified:
    """What /verifikasi may say about a document to anybody who holds its id."""

    number: str
    title: str
    issued_at: datetime
    # SHA-256 of the genuine PDF; None until it is printed.
    checksum: str | None
    # None for a confidential case.
    case_number: str | None


def letters_of(session: Session, actor: Actor, case: Case) -> Sequence[LetterView]:
    """The letters of the case that the actor may see, oldest first; a reporter sees those to the reporter."""
    statement = (
        select(Letter).where(Letter.case_id == case.id, _seen_by(session, actor, case)).order_by(Letter.issued_at)
    )
    return [_view(letter) for letter in session.scalars(statement)]


def document(session: Session, actor: Actor, letter_id: UUID) -> tuple[LetterView, bytes]:
    """A letter and its PDF. Raises NotFound, and Conflict (`letter.not_printed`) until there is one."""
    letter = session.get(Letter, letter_id)
    case = session.get(Case, letter.case_id) if letter is not None else None
    if letter is None or case is None:
        raise NotFound("letter.unknown", letter=letter_id)
    seen = session.scalar(select(Letter.id).where(Letter.id == letter_id, _seen_by(session, actor, case)))
    if seen is None:
        raise NotFound("letter.unknown", letter=letter_id)
    if letter.checksum is None:
        raise Conflict("letter.not_printed", letter=letter_id)
    return _view(letter), storage.read(session, letter.checksum)


def slip_of(session: Session, case_id: UUID, name: str, slip: str) -> Letter | None:
    """Give the letter `name` that was issued for this deposit slip, for whoever may see the deposit; None for none."""
    issued = select(Letter).where(
        Letter.case_id == case_id, Letter.name == name, Letter.context["values"]["slip"].astext == slip
    )
    return session.scalars(issued.order_by(Letter.issued_at).limit(1)).first()


def verified(session: Session, document_id: str) -> Verified | None:
    """The letter of this document id, as anybody may know it; None when there is none."""
    letter = session.scalars(select(Letter).where(Letter.document_id == document_id.strip().upper())).one_or_none()
    if letter is None:
        return None
    case = session.get_one(Case, letter.case_id)
    return Verified(
        number=letter.number,
        title=say(letter.title, letter.title_en),
        issued_at=letter.issued_at,
        checksum=letter.checksum,
        case_number=None if case.confidential else case.number,
    )


def _seen_by(session: Session, actor: Actor, case: Case) -> ColumnElement[bool]:
    if permits(session, actor, "case.read", case):
        return true()
    if permits(session, actor, "case.follow", case):
        return Letter.recipient == "reporter"
    return false()


def _view(letter: Letter) -> LetterView:
    return LetterView(
        id=letter.id,
        number=letter.number,
        name=letter.name,
        title=say(letter.title, letter.title_en),
        recipient=letter.recipient,
        state=letter.state,
        issued_at=letter.issued_at,
        document_id=letter.document_id,
        checksum=letter.checksum,
        size=letter.size,
    )
