"""Faults with an owner: what stopped, since when, and trying it again or laying it aside."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp.actor import current_actor
from webapp.extensions import db
from webapp.guards import requires
from webapp.navigation import page_number
from webapp.transaction import begin
from workflows.cases.queries import numbers_of
from workflows.incidents import operations, queries

blueprint = Blueprint("incidents", __name__)


@blueprint.get("/insiden")
@requires("incident.handle")
def index() -> str:
    """Show the open incidents, oldest first, and those resolved last."""
    actor, session = current_actor(), db.session()
    page = page_number()
    waiting = queries.open_incidents(session, actor, page=page)
    resolved = queries.resolved_incidents(session, actor, limit=20)
    return render_template(
        "incidents/index.html",
        title=gettext("Gangguan"),
        waiting=waiting,
        total=queries.count_open(session, actor),
        resolved=resolved,
        numbers=numbers_of(session, actor, {found.case_id for found in (*waiting, *resolved) if found.case_id}),
        page=page,
    )


@blueprint.post("/insiden/<uuid:incident_id>/ulang")
@requires("incident.handle")
def retry(incident_id: UUID) -> Response:
    """Try the job that failed again."""
    with begin() as tx:
        operations.retry(tx, incident_id)
    flash(gettext("Pekerjaan dijadwalkan ulang. Gangguan ini hilang sendiri bila berhasil."), "done")
    return redirect(url_for("incidents.index"), code=303)


@blueprint.post("/insiden/<uuid:incident_id>/selesai")
@requires("incident.handle")
def resolve(incident_id: UUID) -> Response:
    """Lay the incident aside because its cause was mended another way."""
    with begin() as tx:
        operations.resolve(tx, incident_id, note=request.form.get("note", "").strip()[:2000])
    flash(gettext("Gangguan dinyatakan selesai."), "done")
    return redirect(url_for("incidents.index"), code=303)
