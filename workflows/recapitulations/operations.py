"""Verbs on recapitulations: count a period, print what was counted."""

import hashlib
import io
from uuid import UUID

from sqlalchemy import select

from workflows import jobs
from workflows.case_reports.stationery import stationery_in
from workflows.catalogue import queries as catalogue
from workflows.errors import Conflict, NotFound
from workflows.feel.clock import Clock
from workflows.journal.chain import canonical
from workflows.journal.operations import record
from workflows.language import Language, speaking
from workflows.letters.operations import new_document_id
from workflows.letters.seals import Seal
from workflows.processes.office import Office
from workflows.recapitulations.composition import compose, public
from workflows.recapitulations.facts import facts_of
from workflows.recapitulations.models import EDITIONS, Recapitulation
from workflows.recapitulations.periods import Period
from workflows.recapitulations.plan import plan_in
from workflows.recapitulations.printing import period_words, print_recapitulation
from workflows.recapitulations.spreadsheet import spreadsheet
from workflows.storage.operations import put
from workflows.transaction import Tx

# The right that opens recapitulations.
RIGHT = "recapitulation.make"
# Papers to authorities of this country are in its language.
LANGUAGE: Language = "id"


def make_recapitulation(tx: Tx, case_type: str, period_name: str, *, edition: str, office: Office) -> Recapitulation:
    """Count a period as it is known now, keep the figures, and have them printed. Journals `recapitulation.made`.

    A period that is not over yet may be counted too; the paper tells the instant. Raises NotAllowed, NotFound
    (`case_type.unknown`, `recapitulation.none`, `recapitulation.unknown_edition`, `period.unknown`), Conflict
    (`period.to_come`) for one that has not begun, AmanahError (`recapitulation.cannot_count`).
    """
    tx.require(RIGHT)
    version = catalogue.newest_version(tx.session, case_type)
    plan = plan_in(catalogue.bundle(tx.session, version), catalogue.manifest(tx.session, version))
    if plan is None:
        raise NotFound("recapitulation.none", case_type=case_type)
    if edition not in EDITIONS:
        raise NotFound("recapitulation.unknown_edition", edition=edition)
    period = Period.named(period_name)
    if period.first > tx.now.astimezone(office.zone).date():
        raise Conflict("period.to_come", period=period.name)
    facts = facts_of(tx.session, case_type, period, now=tx.now, zone=office.zone)
    figures = compose(plan, facts, period, Clock(tx.now, office.zone))
    made = Recapitulation(
        case_type=case_type,
        period=period.name,
        first=period.first,
        last=period.last,
        edition=edition,
        made_at=tx.now,
        made_by_id=tx.actor.user_id,
        figures=public(figures, plan) if edition == "public" else figures,
        document_id=new_document_id(),
    )
    tx.session.add(made)
    tx.session.flush()
    record(
        tx,
        "recapitulation.made",
        recapitulation=made.id,
        case_type=case_type,
        period=period.name,
        edition=edition,
        checksum=hashlib.sha256(canonical(made.figures)).hexdigest(),
    )
    jobs.defer(tx.session, "recapitulations.print", recapitulation_id=made.id)
    return made


def print_figures(tx: Tx, recapitulation_id: UUID, *, office: Office, seal: Seal) -> Recapitulation:
    """Print PDF and spreadsheet of what was counted; called by a job, which may come twice.

    Journals `recapitulation.printed`. No row is locked while the print is made.
    """
    row = _found(tx, recapitulation_id)
    if row.checksum is not None:
        return row
    stationery = stationery_in(office.settings.definitions / "shared" / "reports")
    address = f"{office.settings.public_url}/verifikasi/{row.document_id}"
    words = stationery.words[LANGUAGE]["recapitulation"]
    with speaking(LANGUAGE):
        printed = print_recapitulation(row, stationery, office=office, address=address, language=LANGUAGE)
        about = [
            (words["period"], period_words(row.period, words)),
            (words["edition_title"], words["edition"][row.edition]),
            (words["document_id"], row.document_id),
        ]
        book = spreadsheet(row.figures, about, LANGUAGE)
    paper = put(tx, io.BytesIO(seal.seal(printed.content, reason=row.document_id)))
    sheet = put(tx, io.BytesIO(book))
    row = tx.session.scalars(
        select(Recapitulation)
        .where(Recapitulation.id == recapitulation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.checksum is None:
        row.checksum, row.size, row.sheet_checksum = paper.checksum, paper.size, sheet.checksum
        row.state, row.ready_at = "ready", tx.now
        record(tx, "recapitulation.printed", recapitulation=row.id, sha256=paper.checksum)
    return row


def note_failure(tx: Tx, recapitulation_id: UUID) -> None:
    """Write down that a recapitulation could not be printed. Journals `recapitulation.failed`."""
    row = _found(tx, recapitulation_id)
    if row.checksum is None:
        row.state = "failed"
        record(tx, "recapitulation.failed", recapitulation=row.id)


def _found(tx: Tx, recapitulation_id: UUID) -> Recapitulation:
    row = tx.session.get(Recapitulation, recapitulation_id)
    if row is None:
        raise NotFound("recapitulation.unknown", recapitulation=recapitulation_id)
    return row
