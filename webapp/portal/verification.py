"""Checking a printed document: its number, its date and its checksum, for whoever holds the paper. Never its case."""

from dataclasses import dataclass
from datetime import datetime

from flask import make_response, render_template
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.extensions import db
from webapp.labels import label
from webapp.languages import spoken
from workflows.case_reports.models import CaseReport
from workflows.letters.models import Letter
from workflows.recapitulations import queries as recapitulations


@dataclass(frozen=True)
class PrintedDocument:
    """What the house says about a document that it printed."""

    title: str
    # The number written on it; empty for reports, which bear that of their case.
    number: str
    issued_at: datetime
    # SHA-256 and size of the file; None while it is being printed.
    checksum: str | None
    size: int | None
    # Whose seal it bears: "none", "trial", "office"; None while it is being printed, or printed before this was noted.
    seal: str | None = None


def verify(document_id: str) -> Response:
    """Say whether the house printed this document, and how to tell a changed copy."""
    document = _document(document_id)
    page = render_template("portal/verify.html", document=document, document_id=document_id)
    return make_response(page, 200 if document else 404)


def _document(document_id: str) -> PrintedDocument | None:
    letter = db.session.scalar(select(Letter).where(Letter.document_id == document_id))
    if letter is not None:
        return PrintedDocument(
            spoken(letter), letter.number, letter.issued_at, letter.checksum, letter.size, letter.seal
        )
    report = db.session.scalar(select(CaseReport).where(CaseReport.document_id == document_id))
    if report is not None:
        title = label("report.edition", report.edition)
        printed_at = report.ready_at or report.requested_at
        return PrintedDocument(title, "", printed_at, report.checksum, report.size, report.seal)
    recapitulation = recapitulations.verified(db.session(), document_id)
    if recapitulation is not None:
        title = gettext("Rekapitulasi")
        return PrintedDocument(
            title, recapitulation.period, recapitulation.made_at, recapitulation.checksum, recapitulation.size
        )
    return None
