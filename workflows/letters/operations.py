"""Verbs on letters: issue one in the act, print it afterwards.

Issuing decides everything (number, words, template) and takes no time; printing takes seconds and happens in a job, so
that no lock is held meanwhile. A reprint reads nothing but the letter's own row.
"""

import io
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from workflows import jobs
from workflows.cases.models import Case
from workflows.catalogue.manifest import CaseType
from workflows.errors import NotFound
from workflows.journal.operations import record
from workflows.letters import context, render
from workflows.letters.filling import fill, qr_picture
from workflows.letters.models import Letter, LetterSeries
from workflows.letters.seals import Seal
from workflows.letters.templates import LetterTemplate
from workflows.settings import Settings
from workflows.storage.operations import put
from workflows.transaction import Tx

_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
# Without I, L, O and U, which are misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def issue(
    tx: Tx,
    case: Case,
    case_type: CaseType,
    name: str,
    template: LetterTemplate,
    *,
    settings: Settings,
    version_id: UUID | None = None,
    values: Mapping[str, Any] | None = None,
) -> Letter:
    """Issue the letter `name` of the case type: give it the next number of its series and freeze what it says.

    `template` is that of the edition on which the case runs, `values` what the diagram hands in besides. The print is
    made by a job. Raises NotFound (`letter.unknown`) for a name that the manifest does not know. Journals
    `letter.issued`.
    """
    letter_type = case_type.letters.get(name)
    if letter_type is None:
        raise NotFound("letter.unknown", letter=name)
    today = tx.now.astimezone(settings.zone).date()
    document_id = new_document_id()
    sequence = _next_in_series(tx, letter_type.number, today.year)
    number = letter_type.number.format(sequence=sequence, year=today.year, month_roman=_MONTHS[today.month - 1])
    letter = Letter(
        case_id=case.id,
        number=number,
        name=name,
        title=letter_type.title,
        title_en=letter_type.title_en,
        recipient=letter_type.recipient,
        version_id=version_id,
        template_checksum=template.checksum,
        template=template.frozen(),
        context=context.compose(
            tx,
            case,
            case_type,
            letter_type,
            number=number,
            document_id=document_id,
            settings=settings,
            values=values,
        ),
        document_id=document_id,
        issued_at=tx.now,
        issued_by_id=tx.actor.user_id,
    )
    tx.session.add(letter)
    tx.session.flush()
    record(tx, "letter.issued", case_id=case.id, letter=letter.id, name=name, number=number)
    jobs.defer(tx.session, "letters.print", letter_id=letter.id)
    return letter


def print_letter(tx: Tx, letter_id: UUID, seal: Seal) -> Letter:
    """Print and seal one issued letter; called by a job, which may come twice. Journals `letter.printed`."""
    letter = tx.session.scalars(select(Letter).where(Letter.id == letter_id).with_for_update()).one_or_none()
    if letter is None:
        raise NotFound("letter.unknown", letter=letter_id)
    if letter.checksum is not None:
        return letter
    template = LetterTemplate.thawed(letter.template)
    html = fill(template.texts, "template.html", with_qr(letter.context, letter.number), lenient=("contents",))
    data = {name: letter.context[name] for name in ("letter", "case", "deadlines", "referrals")}
    printed = render.pdf(html, template.style, template.pictures, variant="archival", data=data)
    sealed = seal.seal(printed.content, reason=letter.number)
    stored = put(tx, io.BytesIO(sealed))
    letter.checksum, letter.size, letter.seal = stored.checksum, stored.size, seal.kind
    letter.state, letter.printed_at = "printed", tx.now
    record(tx, "letter.printed", case_id=letter.case_id, letter=letter.id, sha256=stored.checksum)
    return letter


def note_failure(tx: Tx, letter_id: UUID) -> None:
    """Write down that a letter could not be printed; it is issued all the same. Journals `letter.failed`."""
    letter = tx.session.get(Letter, letter_id)
    if letter is not None and letter.checksum is None:
        letter.state = "failed"
        record(tx, "letter.failed", case_id=letter.case_id, letter=letter.id)


def with_qr(context: Mapping[str, Any], number: str) -> dict[str, Any]:
    """Add to a letter's context the QR code that leads to its verification."""
    picture = qr_picture(context["letter"]["address"], title=f"Kode QR untuk memeriksa keaslian surat {number}")
    return {**context, "qr": picture}


def new_document_id() -> str:
    """Give a document a name that cannot be guessed: 80 random bits in four groups that people can type."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def _next_in_series(tx: Tx, series: str, year: int) -> int:
    """Take the next number; whoever takes one too waits here until this act commits, so that no number is missing."""
    statement = (
        insert(LetterSeries)
        .values(series=series, year=year, last=1)
        .on_conflict_do_update(
            index_elements=[LetterSeries.series, LetterSeries.year], set_={"last": LetterSeries.last + 1}
        )
        .returning(LetterSeries.last)
    )
    return tx.session.execute(statement).scalar_one()
