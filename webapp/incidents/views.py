"""Faults with an owner: by cause and one by one, what became of trying again, and laying one aside.

Whoever mends faults in general sees all of them, anybody else those that were given to a role of theirs. Classes, codes
and elements stand here, nothing of what is in a case.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from webapp import faults
from webapp.actor import current_actor, has_right
from webapp.extensions import db
from webapp.guards import signed_in_only
from webapp.labels import LABELS
from webapp.navigation import page_number
from webapp.runs import run_of
from webapp.transaction import begin, now
from workflows.cases.models import Case
from workflows.errors import AmanahError, InvalidAnswers, NotFound
from workflows.incidents import operations, queries
from workflows.incidents.models import Incident
from workflows.incidents.queries import Narrowed
from workflows.journal.queries import entries_about
from workflows.processes.models import ProcessInstance
from workflows.transaction import permits

blueprint = Blueprint("incidents", __name__)

PER_PAGE = 25
# Jobs that one request schedules anew; a page must answer before anybody doubts it.
AT_ONCE = 1000
# What the journal tells of one fault.
_COURSE = ("incident.opened", "incident.retried", "incident.resolved")


@blueprint.get("/insiden")
@signed_in_only
def index() -> str:
    """Show the open incidents by their cause and one by one, oldest first, and those resolved last."""
    actor, session = current_actor(), db.session()
    _check_business()
    narrowed = _narrowed(request.args)
    total = queries.count_open(session, actor, narrowed)
    # Faults go away while somebody turns the pages.
    pages = max(-(-total // PER_PAGE), 1)
    page = min(page_number(), pages)
    waiting = queries.open_incidents(session, actor, narrowed, page=page, page_size=PER_PAGE)
    resolved = queries.resolved_incidents(session, actor, limit=20) if narrowed == queries.ALL else []
    causes = queries.by_cause(session, actor, narrowed)
    examples = faults.examples_of(causes)
    return render_template(
        "incidents/index.html",
        title=gettext("Gangguan"),
        waiting=waiting,
        total=total,
        pages=pages,
        page=page,
        page_address=lambda number: url_for("incidents.index", **faults.address_of(narrowed), halaman=number),
        causes=causes,
        examples=examples,
        resolved=resolved,
        narrowed=narrowed,
        kinds=[(kind, str(words)) for kind, words in LABELS["incident.kind"].items()],
        owners=queries.owners_of_open(session, actor),
        **faults.beside([*waiting, *resolved, *examples.values()]),
    )


@blueprint.get("/insiden/<uuid:incident_id>")
@signed_in_only
def incident(incident_id: UUID) -> str:
    """Show one fault: where it stands in the diagram, why, whose it is, and what was tried."""
    return _incident_page(incident_id)


@blueprint.post("/insiden/<uuid:incident_id>/ulang")
@signed_in_only
def retry(incident_id: UUID) -> Response:
    """Try the job that failed again."""
    with begin() as tx:
        operations.retry(tx, incident_id)
    flash(gettext("Pekerjaan dijadwalkan ulang. Gangguan ini hilang sendiri bila berhasil."), "done")
    return redirect(url_for("incidents.incident", incident_id=incident_id), code=303)


@blueprint.get("/insiden/ulang")
@signed_in_only
def confirm_retry() -> str:
    """Ask before the jobs of many faults are tried again: how many there are is settled here."""
    actor, session = current_actor(), db.session()
    _check_business()
    narrowed = _narrowed(request.args, by=now())
    found = queries.retryable(session, actor, narrowed, limit=AT_ONCE + 1)
    causes = queries.by_cause(session, actor, narrowed)
    examples = faults.examples_of(causes)
    return render_template(
        "incidents/retry.html",
        title=gettext("Coba lagi semua"),
        count=min(len(found), AT_ONCE),
        more=len(found) > AT_ONCE,
        causes=causes,
        examples=examples,
        narrowed=narrowed,
        address=faults.address_of(narrowed),
        **faults.beside(examples.values()),
    )


@blueprint.post("/insiden/ulang")
@signed_in_only
def retry_many() -> Response:
    """Try the jobs of the chosen faults again, or of all that were asked about; each is an act of its own."""
    actor, session = current_actor(), db.session()
    narrowed = _narrowed(request.form, by=_instant(request.form.get("sampai", "")))
    if narrowed.by is not None:
        chosen: Iterable[UUID | None] = queries.retryable(session, actor, narrowed, limit=AT_ONCE)
    else:
        chosen = [_identity(each) for each in request.form.getlist("incident")]
    retried, refused = 0, 0
    for incident_id in chosen:
        try:
            with begin() as tx:
                operations.retry(tx, incident_id or UUID(int=0))
            retried += 1
        except AmanahError:
            refused += 1
    _tell(retried, refused)
    return redirect(url_for("incidents.index", **faults.address_of(narrowed)), code=303)


@blueprint.post("/insiden/<uuid:incident_id>/selesai")
@signed_in_only
def resolve(incident_id: UUID) -> Response | tuple[str, int]:
    """Lay the incident aside because its cause was mended another way."""
    try:
        with begin() as tx:
            operations.resolve(tx, incident_id, note=request.form.get("note", "")[:2000])
    except InvalidAnswers:
        return _incident_page(incident_id, unsaid=True), 422
    flash(gettext("Gangguan dinyatakan selesai."), "done")
    return redirect(url_for("incidents.index"), code=303)


def _incident_page(incident_id: UUID, *, unsaid: bool = False) -> str:
    actor, session = current_actor(), db.session()
    found = queries.incident(session, actor, incident_id)
    beside = faults.beside([found])
    instance = session.get(ProcessInstance, found.instance_id) if found.instance_id else None
    case_name = beside["numbers"].get(found.case_id) or gettext("rahasia")
    run = run_of(session, instance, case_name, now(), failed=_places(found)) if instance is not None else None
    course = entries_about(session, _COURSE, since=found.first_at, case_id=found.case_id, incident=found.id)
    return render_template(
        "incidents/incident.html",
        title=faults.title(found),
        found=found,
        run=run,
        course=course,
        opens_case=_opens_case(found),
        unsaid=unsaid,
        typed=request.form.get("note", ""),
        **beside,
    )


def _places(found: Incident) -> tuple[str, ...]:
    """Where the picture shows the fault; what is mended has no place in it."""
    return (found.element,) if found.element and found.state == "open" else ()


def _opens_case(found: Incident) -> bool:
    case = db.session().get(Case, found.case_id) if found.case_id else None
    return case is not None and has_right("work") and permits(db.session(), current_actor(), "case.read", case)


def _check_business() -> None:
    """Let the page look as if it did not exist to whoever mends no faults and was never given one."""
    if not queries.has_any(db.session(), current_actor()) and not has_right("incident.handle"):
        raise NotFound("incident.unknown")


def _narrowed(asked: "MultiDict[str, str]", *, by: datetime | None = None) -> Narrowed:
    """Read what narrows the list. What people choose as "all" is empty; a job or an element that is none, too."""
    facts: dict[str, Any] = {fact: asked.get(field) for field, fact in faults.FACTS.items() if field in asked}
    exact = "sebab" in asked
    kept = {fact: value for fact, value in facts.items() if value or (exact and fact in {"task", "element"})}
    return Narrowed(**kept, instance_id=_identity(asked.get(faults.RUN, "")), by=by)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _identity(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _tell(retried: int, refused: int) -> None:
    if not retried and not refused:
        flash(gettext("Pilih dahulu gangguan yang akan dicoba lagi."), "late")
    if retried:
        sentence = ngettext(
            "%(num)s pekerjaan dijadwalkan ulang. Yang berhasil hilang dari daftar ini.",
            "%(num)s pekerjaan dijadwalkan ulang. Yang berhasil hilang dari daftar ini.",
            retried,
        )
        flash(sentence, "done")
    if refused:
        sentence = ngettext(
            "%(num)s gangguan tidak dapat dicoba lagi.", "%(num)s gangguan tidak dapat dicoba lagi.", refused
        )
        flash(sentence, "late")
