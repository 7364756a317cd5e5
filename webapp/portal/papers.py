"""What is on paper for the reporter: letters to them, and printed reports about their case, which they may ask for."""

from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import labels
from webapp.downloads import send_document
from webapp.extensions import db
from webapp.languages import chosen_language
from webapp.portal.tracking import address_of, reader_of, tracked
from webapp.transaction import begin
from workflows.case_reports import operations, queries
from workflows.errors import Conflict, NotFound
from workflows.intake.queries import TrackedCase
from workflows.letters import queries as letters


def letter(letter_id: UUID, number: str | None = None) -> Response:
    """Hand out a letter to the reporter."""
    case = _opened(number)
    view, content = letters.document(db.session(), reader_of(case), letter_id)
    return send_document(content, f"{view.title} {view.number}.pdf")


def ask_print(number: str | None = None) -> Response:
    """Ask for a printed report about one's own case, in the language of the page."""
    case = tracked(number)
    if case is None:
        return redirect(address_of(None), code=303)
    try:
        with begin(reader_of(case)) as tx:
            operations.ask_report(
                tx,
                case.case_id,
                edition=request.form.get("edition", "reporter"),
                variant="accessible",
                language=chosen_language(),
            )
    except Conflict as error:
        flash(labels.error_sentence(error), "late")
    else:
        flash(gettext("Sedang dicetak. Buka lagi halaman ini sebentar lagi untuk mengunduhnya."), "done")
    return redirect(f"{address_of(number)}#surat", code=303)


def printed(report_id: UUID, number: str | None = None) -> Response:
    """Hand out a printed report about the reporter's case."""
    case = _opened(number)
    view, content = queries.document(db.session(), reader_of(case), report_id)
    return send_document(content, f"{labels.label('report.edition', view.edition)} {case.number}.pdf")


def _opened(number: str | None) -> TrackedCase:
    case = tracked(number)
    if case is None:
        raise NotFound("receipt.unknown")
    return case
