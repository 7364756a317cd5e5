"""The inbox of escalations: what was raised to the reader, by the clock or by hand, and acknowledging it.

Raising one by hand is done on the case page; the ladder of a single case is shown there too.
"""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp.actor import current_actor
from webapp.extensions import db
from webapp.guards import requires
from webapp.languages import chosen_language
from webapp.navigation import page_number
from webapp.transaction import begin
from workflows.access.policy import visible_cases
from workflows.cases.escalations import acknowledge as acknowledge_escalation
from workflows.cases.ladder import escalations_for
from workflows.recapitulations import reminding
from workflows.recapitulations.queries import raised_to

blueprint = Blueprint("escalations", __name__)


@blueprint.get("/eskalasi")
@requires("work")
def index() -> str:
    """Show the escalations that reach the reader, newest first."""
    actor, session = current_actor(), db.session()
    everything = request.args.get("lihat") == "semua"
    page = page_number()
    found = escalations_for(session, actor, visible_cases(session, actor), open_only=not everything, page=page)
    return render_template(
        "escalations/index.html",
        title=gettext("Eskalasi"),
        page=found,
        recapitulations=raised_to(session, actor, open_only=not everything),
        language=chosen_language(),
        pages=-(-found.total // found.per_page),
        everything=everything,
        page_address=lambda number: url_for(
            "escalations.index", lihat="semua" if everything else None, halaman=number if number > 1 else None
        ),
    )


@blueprint.post("/eskalasi/<uuid:escalation_id>/terima")
@requires("work")
def acknowledge(escalation_id: UUID) -> Response:
    """Say that the escalation has been taken note of."""
    with begin() as tx:
        acknowledge_escalation(tx, escalation_id)
    flash(gettext("Eskalasi dicatat sebagai diterima."), "done")
    return redirect(url_for("escalations.index"), code=303)


@blueprint.post("/eskalasi/rekapitulasi/<uuid:reminder_id>/terima")
@requires("work")
def acknowledge_recapitulation(reminder_id: UUID) -> Response:
    """Say that a late recapitulation has been taken note of."""
    with begin() as tx:
        reminding.acknowledge(tx, reminder_id)
    flash(gettext("Eskalasi dicatat sebagai diterima."), "done")
    return redirect(url_for("escalations.index"), code=303)
