"""The list of cases, the page of one case with all that belongs to it, and the acts that start there.

Tasks are done in `inbox`; what was raised to the reader is listed in `escalations`.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from webapp import labels
from webapp.actor import current_actor, has_right
from webapp.case_words import end_of_deadline
from webapp.cases import amending, listing, previews
from webapp.cases.journal_words import journal_of
from webapp.downloads import send_document, send_download
from webapp.extensions import db
from webapp.guards import requires
from webapp.navigation import page_number
from webapp.objects import given_in
from webapp.runs import run_of
from webapp.transaction import begin, now
from webapp.writings import written_in
from workflows.access.policy import visible_cases
from workflows.cases import duplicates, parties, queries
from workflows.cases.ladder import Step, ladder_of
from workflows.cases.lists import list_cases
from workflows.catalogue.queries import definition, manifest, version
from workflows.errors import Conflict
from workflows.evidence import queries as evidence_queries
from workflows.incidents.models import Incident
from workflows.incidents.queries import incidents_among, incidents_of_case
from workflows.items import operations as items
from workflows.language import say
from workflows.letters import queries as letters
from workflows.packages.queries import may_open
from workflows.people.queries import all_roles
from workflows.processes import by_hand
from workflows.processes.calls import handling_roles
from workflows.processes.queries import instances_of, takes_now
from workflows.tasks.queries import open_tasks_of

blueprint = Blueprint("cases", __name__)

PER_PAGE = 25


@blueprint.get("/kasus")
@requires("work")
def index() -> str:
    """Show the cases that the reader may see, newest first."""
    actor, session = current_actor(), db.session()
    narrowed = listing.read(request.args)
    page = page_number()
    found = list_cases(session, visible_cases(session, actor), narrowed, page=page, per_page=PER_PAGE)
    return render_template(
        "cases/index.html",
        title=gettext("Kasus"),
        page=found,
        pages=-(-found.total // PER_PAGE),
        filters=narrowed,
        listing=listing,
        choices=listing.choices(session),
        page_address=lambda number: listing.address(narrowed, number),
    )


@blueprint.get("/kasus/<uuid:case_id>")
@requires("work")
def case_by_code(case_id: UUID) -> AnyResponse:
    """Lead to a case by the code that stands where a confidential one is not named."""
    found = queries.case_by_id(db.session(), current_actor(), case_id)
    return redirect(url_for("cases.case", number=found.number), code=303)


@blueprint.get("/kasus/<number>")
@requires("work")
def case(number: str) -> str:
    """Show one case: where it stands, its path, deadlines, ladder, papers and journal."""
    actor, session = current_actor(), db.session()
    found = queries.case_by_number(session, actor, number)
    runs = instances_of(session, found.id)
    edition = version(session, runs[-1].version_id) if runs else None
    case_type = manifest(session, edition) if edition else None
    elements = {each.id: each.name for each in definition(session, edition).elements} if edition else {}
    rungs = case_type.ladder if case_type else ()
    steps = [Step(rung.deadline, rung.role, rung.within) for rung in rungs]
    unit_roles = handling_roles(case_type) if case_type else frozenset()
    roles = all_roles(session)
    troubles = incidents_of_case(session, found.id)
    failed = [each.element for each in troubles if each.element]
    writings = written_in(session, actor, found, edition, amended=amending.corrections(session, actor, found, edition))
    return render_template(
        "cases/case.html",
        title=number,
        case=queries.header(session, actor, found),
        run=run_of(session, runs[-1], number, now(), failed=failed) if runs else None,
        troubles=troubles,
        element_names=elements,
        looks_after=_business(troubles),
        tasks=open_tasks_of(session, actor, found.id),
        deadlines=queries.deadlines_of(session, actor, found, now()),
        ladder=ladder_of(session, actor, found, steps, now(), ends=end_of_deadline, unit_roles=unit_roles),
        rung_titles={(rung.deadline, rung.role): say(rung.title, rung.title_en) for rung in rungs},
        referrals=queries.referrals_of(session, actor, found),
        parties=parties.parties_of(session, actor, found),
        may_reveal=has_right("party.identity"),
        objects=given_in(session, actor, found, runs[-1] if runs else None),
        writings=writings,
        lines_of={written.id: written.lines for written in writings},
        evidence=evidence_queries.items_of(session, actor, found),
        letters=letters.letters_of(session, actor, found),
        letter_types=list(case_type.letters.values()) if case_type else [],
        lookalikes=duplicates.lookalikes(session, visible_cases(session, actor), found.id),
        duplicate_message=_duplicate_message(found.id),
        journal=journal_of(queries.timeline(session, actor, found), case_type, elements, [role.id for role in roles]),
        roles=[role for role in roles if "case.escalate" in role.rights or "task.assign" in role.rights],
        may_escalate=has_right("case.escalate"),
        packages=bool(case_type and case_type.packages and may_open(session, actor, found)),
        key=uuid4().hex,
    )


@blueprint.get("/kasus/<number>/diagram")
@requires("work")
def diagram(number: str) -> str:
    """Show the live diagram of the case alone, as wide as the window."""
    actor, session = current_actor(), db.session()
    found = queries.case_by_number(session, actor, number)
    runs = instances_of(session, found.id)
    failed = [each.element for each in incidents_of_case(session, found.id) if each.element]
    return render_template(
        "cases/diagram.html",
        title=gettext("Diagram kasus %(number)s", number=number),
        number=number,
        run=run_of(session, runs[-1], number, now(), failed=failed) if runs else None,
    )


@blueprint.get("/kasus/<number>/bukti/<uuid:evidence_id>")
@requires("work")
def evidence(number: str, evidence_id: UUID) -> Response:
    """Send the working copy of an item of evidence, as an attachment."""
    actor, session = current_actor(), db.session()
    queries.case_by_number(session, actor, number)
    return send_download(evidence_queries.download(session, actor, evidence_id))


@blueprint.get("/kasus/<number>/surat/<uuid:letter_id>")
@requires("work")
def letter(number: str, letter_id: UUID) -> Response:
    """Send a printed letter."""
    actor, session = current_actor(), db.session()
    queries.case_by_number(session, actor, number)
    view, printed = letters.document(session, actor, letter_id)
    return send_document(printed, f"{view.number}.pdf")


@blueprint.post("/kasus/<number>/eskalasi")
@requires("case.escalate")
def escalate(number: str) -> AnyResponse:
    """Raise the case by hand, with a reason."""
    found = queries.case_by_number(db.session(), current_actor(), number)
    role, reason = request.form.get("role", ""), request.form.get("reason", "").strip()
    if not role or not reason:
        flash(gettext("Pilih kepada siapa dan tulis alasannya; tanpa alasan kasus tidak dinaikkan."), "late")
        return _back(number, "tangga")
    with begin() as tx:
        by_hand.escalate(tx, found.id, to_role=role, reason=reason, key=request.form.get("key", ""))
    flash(gettext("Kasus dinaikkan. Yang dituju melihatnya di halaman Eskalasi."), "done")
    return _back(number, "tangga")


@blueprint.post("/kasus/<number>/identitas")
@requires("party.identity")
def reveal(number: str) -> str:
    """Show who the parties are; that it was read is written into the journal."""
    with begin() as tx:
        revealed = parties.reveal(tx, queries.case_by_number(tx.session, tx.actor, number))
    known = [
        (
            party.role,
            [(labels.label("identity", field), text) for field, text in (party.identity or {}).items() if text],
        )
        for party in revealed
    ]
    return render_template("cases/identity.html", title=gettext("Identitas pihak"), number=number, parties=known)


blueprint.get("/kasus/<number>/surat/pratinjau/<name>")(previews.letter_preview)
for method in (blueprint.get, blueprint.post):
    method("/kasus/<number>/objek/<uuid:item_id>")(amending.correct_item)
    method("/kasus/<number>/pemberi/<uuid:giver_id>")(amending.correct_giver)


@blueprint.post("/kasus/<number>/pemberi/<uuid:giver_id>/<uuid:other_id>")
@requires(items.RIGHT)
def settle_giver(number: str, giver_id: UUID, other_id: UUID) -> AnyResponse:
    """Say whether two givers are one person, with the reason."""
    queries.case_by_number(db.session(), current_actor(), number)
    reason, same = request.form.get("reason", ""), request.form.get("putusan") == "sama"
    if not reason.strip():
        flash(gettext("Tulis alasannya; tanpa alasan tidak ada yang diputuskan."), "late")
        return _back(number, "objek-pemberi")
    try:
        with begin() as tx:
            (items.confirm_giver if same else items.deny_giver)(tx, giver_id, other_id, reason=reason[:2_000])
    except Conflict as conflict:
        flash(labels.error_sentence(conflict), "calm")
        return _back(number, "objek-pemberi")
    flash(gettext("Dicatat: orang yang sama.") if same else gettext("Dicatat: dua orang yang berbeda."), "done")
    return _back(number, "objek-pemberi")


@blueprint.post("/kasus/<number>/ganda/<uuid:other_id>")
@requires("work")
def settle_duplicate(number: str, other_id: UUID) -> AnyResponse:
    """Link the case to another one that it repeats, or say that it does not repeat it."""
    found = queries.case_by_number(db.session(), current_actor(), number)
    if request.form.get("putusan") == "bukan":
        with begin() as tx:
            duplicates.dismiss_duplicate(tx, found.id, other_id)
        flash(gettext("Dicatat: bukan laporan yang sama."), "done")
        return _back(number, "ganda")
    with begin() as tx:
        outcome = by_hand.confirm_duplicate(tx, found.id, other_id, key=request.form.get("key", ""))
    if outcome.kept:
        flash(
            gettext("Kasus ini sedang ditangguhkan. Keputusan Anda disimpan dan dijalankan sesudah dilanjutkan."),
            "done",
        )
    else:
        flash(gettext("Kasus dihubungkan sebagai laporan ganda."), "done")
    return _back(number)


def _back(number: str, place: str = "") -> AnyResponse:
    return redirect(url_for("cases.case", number=number, _anchor=place or None), code=303)


def _business(troubles: Sequence[Incident]) -> frozenset[UUID]:
    """Give those of the case's faults whose page the reader may open."""
    if not troubles:
        return frozenset()
    return frozenset(each.id for each in incidents_among(db.session(), current_actor(), [each.id for each in troubles]))


def _duplicate_message(case_id: UUID) -> str:
    """Name the message by which the diagram takes a confirmed duplicate, if it waits for one."""
    return duplicates.CONFIRMED if duplicates.CONFIRMED in takes_now(db.session(), case_id) else ""
