"""Packages for authorities: what is still missing, asking for one, watching it being made, opening it.

Both asking and opening read who the reporter is, so both are acts that the journal knows, never a mere link.
"""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from webapp import labels
from webapp.actor import current_actor
from webapp.downloads import send_download
from webapp.extensions import db
from webapp.form_words import lines
from webapp.guards import requires
from webapp.languages import spoken
from webapp.transaction import begin
from workflows.cases.models import Case
from workflows.cases.queries import case_by_number
from workflows.catalogue import queries as catalogue
from workflows.errors import Conflict, NotFound
from workflows.evidence.queries import Download
from workflows.packages import operations, queries
from workflows.storage import queries as storage

blueprint = Blueprint("packages", __name__)

ZIP = "application/zip"


@blueprint.get("/kasus/<number>/paket")
@requires("party.identity")
def index(number: str) -> str:
    """Show the packages that the case may have, and those that were asked for."""
    actor, session = current_actor(), db.session()
    case = case_by_number(session, actor, number)
    offers = queries.offers(session, actor, case)
    if not offers:
        raise NotFound("package.none", case=number)
    made = queries.packages_of(session, actor, case)
    return render_template(
        "packages/index.html",
        title=gettext("Paket %(number)s", number=number),
        number=number,
        offers=offers,
        spoken=spoken,
        missing=lambda code: str(labels.ERRORS[code]),
        records={offer.package.id: _records(case, offer) for offer in offers},
        packages=made,
        making=any(package.state in {"queued", "making"} for package in made),
    )


def _records(case: Case, offer: queries.Offer) -> list[tuple[str, datetime, list[tuple[str, str]]]]:
    """Give what was recorded of the authority's own numbers and dates: the step, when, and its answers."""
    edition, _ = queries.edition_of(db.session(), case)
    forms = catalogue.forms(db.session(), edition)
    steps = {element.id: element.name for element in catalogue.definition(db.session(), edition).elements}
    return [
        (steps.get(writing.element) or kind, writing.at, lines(forms.get(kind), writing.body))
        for kind, writing in offer.records.items()
    ]


@blueprint.post("/kasus/<number>/paket/<name>")
@requires("party.identity")
def ask(number: str, name: str) -> AnyResponse:
    """Ask for a package."""
    try:
        with begin() as tx:
            operations.ask_package(tx, case_by_number(tx.session, tx.actor, number).id, name)
    except Conflict as error:
        flash(labels.error_sentence(error), "late")
    else:
        flash(gettext("Paket sedang disusun. Halaman ini menunjukkan sejauh mana."), "done")
    return redirect(url_for("packages.index", number=number), code=303)


@blueprint.post("/kasus/<number>/paket/<uuid:package_id>/unduh")
@requires("party.identity")
def file(number: str, package_id: UUID) -> Response:
    """Send a package; that it was read is written into the journal."""
    with begin() as tx:
        case_by_number(tx.session, tx.actor, number)
        package = operations.open_package(tx, package_id)
        name, checksum, size = package.name, package.checksum or "", package.size or 0
    return send_download(Download(f"{number} {name}.zip", ZIP, size, storage.chunks(db.session(), checksum)))
