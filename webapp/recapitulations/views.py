"""Recapitulations of a quarter or a year: what is due, counting one, reading it, fetching paper and spreadsheet."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from webapp import labels
from webapp.actor import current_actor
from webapp.downloads import send_document, send_spreadsheet
from webapp.extensions import db
from webapp.guards import requires
from webapp.languages import chosen_language
from webapp.transaction import begin, now
from workflows.errors import AmanahError, Conflict, NotAllowed, NotFound
from workflows.language import Language
from workflows.processes.office import current_office
from workflows.recapitulations import operations, queries
from workflows.recapitulations.periods import Period

blueprint = Blueprint("recapitulations", __name__)

# Periods that are offered: the running quarter and those before it, the running year and the last one.
_QUARTERS = 6


@blueprint.get("/rekapitulasi")
@requires(operations.RIGHT)
def index() -> str:
    """Show what is due, what was made, and the form that counts a period."""
    session, actor, office = db.session(), current_actor(), current_office()
    today = now().astimezone(office.zone).date()
    plans = queries.plans(session)
    due = {key: queries.due(session, key, plan, office, now()) for key, plan in plans.items()}
    return render_template(
        "recapitulations/index.html",
        title=gettext("Rekapitulasi"),
        plans=plans,
        due=due,
        # Earlier quarters that nobody handed in do not vanish when the next one ends.
        earlier={
            key: [
                each
                for each in queries.outstanding(session, key, plan, office, now())
                if each.period != due[key].period
            ]
            for key, plan in plans.items()
        },
        told={key: queries.told(session, actor, key, due[key].period) for key in plans},
        made={key: queries.made(session, actor, key) for key in plans},
        periods=_offered(Period.quarter_of(today)),
        today=today,
        language=_language(),
    )


@blueprint.post("/rekapitulasi")
@requires(operations.RIGHT)
def make() -> AnyResponse:
    """Count a period."""
    try:
        with begin() as tx:
            found = operations.make_recapitulation(
                tx,
                request.form.get("case_type", ""),
                request.form.get("period", ""),
                edition=request.form.get("edition", ""),
                office=current_office(),
            )
            address = url_for("recapitulations.show", recapitulation_id=found.id)
    except (NotFound, NotAllowed):
        raise
    except (AmanahError, Conflict) as error:
        flash(labels.error_sentence(error), "late")
        return redirect(url_for("recapitulations.index"), code=303)
    flash(gettext("Rekapitulasi dihitung. Berkasnya sedang dicetak."), "done")
    return redirect(address, code=303)


@blueprint.get("/rekapitulasi/<uuid:recapitulation_id>")
@requires(operations.RIGHT)
def show(recapitulation_id: UUID) -> str:
    """Show the figures that were counted."""
    found, sheet = queries.shown(
        db.session(), current_actor(), recapitulation_id, office=current_office(), language=_language()
    )
    return render_template(
        "recapitulations/show.html", title=f"{sheet['title']}, {sheet['period']}", made=found, sheet=sheet
    )


@blueprint.get("/rekapitulasi/<uuid:recapitulation_id>/berkas.<any(pdf, xlsx):kind>")
@requires(operations.RIGHT)
def file(recapitulation_id: UUID, kind: str) -> Response:
    """Send the paper or the spreadsheet."""
    found, content = queries.document(db.session(), current_actor(), recapitulation_id, kind=kind)
    name = f"rekapitulasi {found.period} {found.edition}.{kind}"
    return send_document(content, name) if kind == "pdf" else send_spreadsheet(content, name)


def _language() -> Language:
    return "en" if chosen_language() == "en" else "id"


def _offered(running: Period) -> list[Period]:
    quarters = [running]
    while len(quarters) < _QUARTERS:
        quarters.append(quarters[-1].before())
    return [*quarters, Period(running.year), Period(running.year - 1)]


@blueprint.app_template_filter("period_title")
def period_title(name: str) -> str:
    """Give "Triwulan III 2026" for "2026-Q3"."""
    year, _, quarter = name.partition("-Q")
    if not quarter:
        return gettext("Tahun %(year)s", year=year)
    return gettext("Triwulan %(quarter)s %(year)s", quarter=("I", "II", "III", "IV")[int(quarter) - 1], year=year)
