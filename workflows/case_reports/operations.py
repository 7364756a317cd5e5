"""Verbs on case reports: ask for one, print it afterwards."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import func, select, update

from workflows import jobs
from workflows.case_reports.composition import compose
from workflows.case_reports.models import CaseReport
from workflows.case_reports.queries import editions_of
from workflows.case_reports.stationery import stationery_in
from workflows.cases.models import Case
from workflows.errors import Conflict, NotFound
from workflows.journal.operations import record
from workflows.language import Language, speaking
from workflows.letters import render
from workflows.letters.filling import fill, qr_picture
from workflows.letters.operations import new_document_id
from workflows.letters.render import Printed, Variant
from workflows.letters.seals import Seal
from workflows.processes.office import Office
from workflows.storage.operations import put
from workflows.transaction import Tx

# Told how far the print is, in percent.
Progress = Callable[[int], None]

LANGUAGES = ("id", "en")

# Prints that a reporter may ask for within a day.
MOST_A_DAY = 6

_TEMPLATES = {"internal": "report", "reporter": "report", "ombudsman": "summary"}


def ask_report(
    tx: Tx, case_id: UUID, *, edition: str = "internal", variant: str = "archival", language: str = ""
) -> CaseReport:
    """Ask for a print of the case; a job makes it. Journals `report.requested`.

    Whoever asks again while the same print is being made is given that one. Without a `language` the reporter's
    edition speaks the one in which the report was filed, and the others Indonesian. A reporter gets a few prints a day,
    since each costs seconds of work: Conflict (`report.too_many`).

    The internal edition needs `case.report` on the case; the reporter's edition and the one-page summary for the
    Ombudsman may also be asked for by the reporter. Raises NotFound (`case.unknown`) to whoever may not see the case,
    NotAllowed, NotFound (`report.unknown_edition`) for what the case type does not offer.
    """
    case = tx.session.get(Case, case_id)
    if case is None or not (tx.may("case.read", case) or tx.may("case.follow", case)):
        raise NotFound("case.unknown", case=case_id)
    if edition == "internal" or not tx.may("case.follow", case):
        tx.require("case.report", case)
    if edition not in editions_of(tx.session, case) or variant not in {"archival", "accessible"}:
        raise NotFound("report.unknown_edition", edition=edition, variant=variant)
    if language not in LANGUAGES:
        language = case.language if edition == "reporter" else LANGUAGES[0]
    # A double click comes as two acts at once: the second waits here for the first one's commit.
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"report:{case.id}", 0))))
    awaited = tx.session.scalars(
        select(CaseReport)
        .where(
            CaseReport.case_id == case.id,
            CaseReport.edition == edition,
            CaseReport.variant == variant,
            CaseReport.language == language,
            CaseReport.requested_by_id == tx.actor.user_id,
            CaseReport.state.in_(("queued", "printing")),
        )
        .limit(1)
    ).first()
    if awaited is not None:
        return awaited
    if tx.may("case.follow", case) and _asked_today(tx, case) >= MOST_A_DAY:
        raise Conflict("report.too_many", most=MOST_A_DAY)
    report = CaseReport(
        case_id=case.id,
        edition=edition,
        variant=variant,
        language=language,
        requested_at=tx.now,
        requested_by_id=tx.actor.user_id,
        document_id=new_document_id(),
    )
    tx.session.add(report)
    tx.session.flush()
    record(tx, "report.requested", case_id=case.id, report=report.id, edition=edition)
    jobs.defer(tx.session, "case_reports.print", report_id=report.id)
    return report


def _asked_today(tx: Tx, case: Case) -> int:
    """Count what reporters of the case asked for within a day."""
    asked = select(func.count()).where(
        CaseReport.case_id == case.id,
        CaseReport.requested_by_id.is_(None),
        CaseReport.requested_at > tx.now - timedelta(days=1),
    )
    return tx.session.scalar(asked) or 0


def print_report(tx: Tx, report_id: UUID, *, office: Office, seal: Seal, progress: Progress) -> CaseReport:
    """Print one requested report; called by a job, which may come twice. Journals `report.printed`.

    No row is locked while the print is made; `progress` is told in between.
    """
    report = _found(tx, report_id)
    if report.checksum is not None:
        return report
    progress(10)
    with speaking(cast(Language, report.language)):
        printed = _printed(tx, report, office, progress)
    content = seal.seal(printed.content, reason=report.document_id)
    progress(90)
    stored = put(tx, io.BytesIO(content))
    report = tx.session.scalars(
        select(CaseReport).where(CaseReport.id == report_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if report.checksum is None:
        report.checksum, report.size, report.pages = stored.checksum, stored.size, printed.pages
        report.seal = seal.kind
        report.state, report.progress, report.ready_at = "ready", 100, tx.now
        record(
            tx,
            "report.printed",
            case_id=report.case_id,
            report=report.id,
            edition=report.edition,
            sha256=stored.checksum,
        )
    return report


def note_progress(tx: Tx, report_id: UUID, percent: int) -> None:
    """Tell those who wait how far the print is."""
    tx.session.execute(
        update(CaseReport)
        .where(CaseReport.id == report_id, CaseReport.checksum.is_(None))
        .values(state="printing", progress=percent)
    )


def note_failure(tx: Tx, report_id: UUID) -> None:
    """Write down that a report could not be printed. Journals `report.failed`."""
    report = _found(tx, report_id)
    if report.checksum is None:
        report.state = "failed"
        record(tx, "report.failed", case_id=report.case_id, report=report.id)


def _printed(tx: Tx, report: CaseReport, office: Office, progress: Progress) -> Printed:
    stationery = stationery_in(office.settings.definitions / "shared" / "reports")
    composed = compose(tx.session, report, stationery, office, tx.now)
    progress(30)
    language = cast(Language, report.language)
    words = stationery.words[language]
    address = composed.report["address"]
    template = _TEMPLATES[report.edition]
    html = fill(
        stationery.texts,
        f"{template}.html",
        {
            "report": composed.report,
            "words": words,
            "diagram": composed.diagram,
            "diagram_is_wide": composed.diagram_is_wide,
            "chart": composed.chart,
            "qr": qr_picture(address, title=f"{words['document_id']} {report.document_id}"),
        },
        language=language,
    )
    printed = render.pdf(
        html,
        stationery.texts[f"{template}.css"],
        stationery.pictures,
        variant=cast(Variant, report.variant),
        data=composed.report,
    )
    progress(80)
    return printed


def _found(tx: Tx, report_id: UUID) -> CaseReport:
    report = tx.session.get(CaseReport, report_id)
    if report is None:
        raise NotFound("report.unknown", report=report_id)
    return report
