"""Printed reports of a case: asking for one, watching it being printed, fetching it. The worker prints them."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from webapp.actor import current_actor
from webapp.downloads import send_document
from webapp.extensions import db
from webapp.guards import requires
from webapp.transaction import begin
from workflows.case_reports import operations, queries
from workflows.cases.queries import case_by_number

blueprint = Blueprint("case_reports", __name__)


@blueprint.get("/kasus/<number>/laporan")
@requires("case.report")
def index(number: str) -> str:
    """Show the printed reports of the case, their progress, and the form that asks for one."""
    actor, session = current_actor(), db.session()
    found = case_by_number(session, actor, number)
    printed = queries.reports_of(session, actor, found)
    return render_template(
        "case_reports/index.html",
        title=gettext("Laporan penanganan %(number)s", number=number),
        number=number,
        reports=printed,
        editions=queries.editions_of(session, found),
        printing=any(report.state in {"queued", "printing"} for report in printed),
    )


@blueprint.post("/kasus/<number>/laporan")
@requires("case.report")
def ask(number: str) -> AnyResponse:
    """Ask for a report in the chosen edition, variant and language."""
    with begin() as tx:
        found = case_by_number(tx.session, tx.actor, number)
        operations.ask_report(
            tx,
            found.id,
            edition=request.form.get("edition", "internal"),
            variant=request.form.get("variant", "archival"),
            language=request.form.get("language", ""),
        )
    flash(gettext("Laporan sedang dicetak. Halaman ini menunjukkan sejauh mana."), "done")
    return redirect(url_for("case_reports.index", number=number), code=303)


@blueprint.get("/kasus/<number>/laporan/<uuid:report_id>")
@requires("case.report")
def file(number: str, report_id: UUID) -> Response:
    """Send a printed report."""
    actor, session = current_actor(), db.session()
    case_by_number(session, actor, number)
    view, printed = queries.document(session, actor, report_id)
    return send_document(printed, gettext("laporan %(number)s.pdf", number=f"{number} {view.edition} {view.language}"))
