"""What keeps the installation running: faults, stuck and suspended runs, late timers, workers, the queue, editions.

Whoever operates reads no case: elements of diagrams, instants, roles and counts, and numbers of cases that are open.
"""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import faults
from webapp.actor import current_actor, has_right
from webapp.extensions import db
from webapp.guards import requires
from webapp.labels import error_sentence
from webapp.runs import run_of
from webapp.transaction import begin, now
from workflows.background import queue
from workflows.cases.models import Case
from workflows.cases.queries import numbers_of
from workflows.engine.concerns import Concern
from workflows.engine.migration import Hindered
from workflows.errors import AmanahError, Conflict, InvalidAnswers, NotFound, SealBroken
from workflows.incidents import queries as incident_queries
from workflows.processes import migration_plan, moving, oversight, suspension
from workflows.processes.queries import stuck_cases
from workflows.transaction import permits

blueprint = Blueprint("operations", __name__)

RIGHT = "process.operate"
# Rows that a list of the page shows; how many there are stands in its heading.
_SHOWN = 20
# The watchdog looks every hour; silent for longer, it is not alive.
_WATCH_OVERDUE = timedelta(hours=2)


@blueprint.get("/operasi")
@requires(RIGHT)
def index() -> str:
    """Show what runs and what does not."""
    actor, session = current_actor(), db.session()
    causes = incident_queries.by_cause(session, actor, limit=_SHOWN)
    examples = faults.examples_of(causes)
    stuck = stuck_cases(session)
    held = oversight.suspended(session, limit=_SHOWN)
    late = oversight.late_timers(session, now(), limit=_SHOWN)
    known = {each.case_id for rows in (stuck[:_SHOWN], held, late) for each in rows}
    beside = faults.beside(examples.values())
    numbers = numbers_of(session, actor, known)
    backlog = queue.backlog(session, now())
    return render_template(
        "operations/index.html",
        title=gettext("Operasi"),
        **{**beside, "numbers": numbers},
        causes=causes,
        examples=examples,
        fault_count=incident_queries.count_open(session, actor),
        stuck=stuck[:_SHOWN],
        stuck_count=len(stuck),
        held=held,
        held_count=oversight.count_suspended(session),
        kept=oversight.kept_for(session, [each.id for each in held]),
        late=late,
        late_count=oversight.count_late_timers(session, now()),
        late_names=oversight.names_in(session, {each.instance_id for each in late}),
        workers=queue.workers(session, now()),
        backlog=backlog,
        jobs_waiting=sum(each.waiting for each in backlog),
        watch=incident_queries.last_watchdog_run(session),
        watch_overdue=_WATCH_OVERDUE,
        running=migration_plan.running_by_version(session),
        batches=migration_plan.batches(session),
    )


@blueprint.get("/operasi/proses")
@requires(RIGHT)
def find() -> Response:
    """Lead to the run of the case whose number was typed."""
    number = request.args.get("nomor", "")
    try:
        instance_id = oversight.run_of_number(db.session(), number)
    except NotFound:
        flash(gettext("Tidak ada proses untuk nomor itu."), "late")
        return redirect(url_for("operations.index"), code=303)
    return redirect(url_for("operations.run", instance_id=instance_id), code=303)


@blueprint.get("/operasi/proses/<uuid:instance_id>")
@requires(RIGHT)
def run(instance_id: UUID) -> str:
    """Show one run with what it waits for, and what can be done about it."""
    return _run_page(instance_id)


@blueprint.post("/operasi/proses/<uuid:instance_id>/tangguhkan")
@requires(RIGHT)
def suspend(instance_id: UUID) -> Response | tuple[str, int]:
    """Keep the run from moving."""
    try:
        with begin() as tx:
            suspension.suspend(tx, instance_id, reason=request.form.get("reason", ""))
    except InvalidAnswers:
        return _run_page(instance_id, unsaid="suspend"), 422
    flash(gettext("Proses ditangguhkan. Batas waktu menurut aturan tetap berjalan."), "done")
    return redirect(url_for("operations.run", instance_id=instance_id), code=303)


@blueprint.post("/operasi/proses/<uuid:instance_id>/lanjutkan")
@requires(RIGHT)
def resume(instance_id: UUID) -> Response | tuple[str, int]:
    """Let the run move again."""
    try:
        with begin() as tx:
            suspension.resume(tx, instance_id, reason=request.form.get("reason", ""))
    except InvalidAnswers:
        return _run_page(instance_id, unsaid="resume"), 422
    flash(gettext("Proses dilanjutkan. Pengingat yang jatuh tempo selama penangguhan berjalan sekali."), "done")
    return redirect(url_for("operations.run", instance_id=instance_id), code=303)


@blueprint.get("/operasi/proses/<uuid:instance_id>/pindah")
@requires(RIGHT)
def preview_move(instance_id: UUID) -> str | tuple[str, int]:
    """Show what moving the token would take away and bring; nothing is done."""
    return _move_page(instance_id, request.args.get("dari", ""), request.args.get("ke", ""))


@blueprint.post("/operasi/proses/<uuid:instance_id>/pindah")
@requires(RIGHT)
def move(instance_id: UUID) -> Response | str | tuple[str, int]:
    """Move the token as it was shown."""
    source, target = request.form.get("dari", ""), request.form.get("ke", "")
    try:
        with begin() as tx:
            moving.move_token(
                tx,
                instance_id,
                source,
                target,
                reason=request.form.get("reason", ""),
                revision=request.form.get("revision", -1, type=int),
            )
    except InvalidAnswers:
        page = _move_page(instance_id, source, target, unsaid=True)
        return (page, 422) if isinstance(page, str) else page
    flash(gettext("Kasus dipindahkan. Alasannya tersimpan pada kasus dan tercatat dalam jurnal."), "done")
    return redirect(url_for("operations.run", instance_id=instance_id), code=303)


def _run_page(instance_id: UUID, *, unsaid: str = "") -> str:
    session = db.session()
    shown = oversight.overview(session, instance_id)
    return render_template(
        "operations/run.html",
        title=gettext("Proses %(case)s", case=_shown_as(shown)),
        run=shown,
        shown_as=_shown_as(shown),
        picture=run_of(session, shown.instance, _shown_as(shown), now(), failed=_failed(shown)),
        interventions=oversight.interventions(session, shown.instance),
        opens_case=has_right("work")
        and permits(session, current_actor(), "case.read", session.get_one(Case, shown.case_id)),
        **faults.beside(shown.incidents),
        places={each.id: moving.places_for(session, shown.instance, each.id) for each in shown.standing},
        unsaid=unsaid,
        typed=request.form.get("reason", ""),
    )


def _move_page(instance_id: UUID, source: str, target: str, *, unsaid: bool = False) -> str | tuple[str, int]:
    shown = oversight.overview(db.session(), instance_id)
    seen, refusal = None, ""
    concerns: tuple[Concern, ...] = ()
    try:
        with begin() as tx:
            seen = moving.preview(tx, instance_id, source, target)
    except Hindered as hindered:
        refusal, concerns = error_sentence(hindered), hindered.concerns
    except Conflict as conflict:
        refusal = error_sentence(conflict)
    except SealBroken as broken:
        refusal = error_sentence(broken)
    except AmanahError as error:
        # An automatic step on the way could not be done; the preview has left nothing behind.
        refusal = gettext("Langkah otomatis sesudahnya gagal (%(code)s).", code=error.code)
    page = render_template(
        "operations/move.html",
        title=gettext("Pratinjau pemindahan"),
        run=shown,
        shown_as=_shown_as(shown),
        source=source,
        target=target,
        seen=seen,
        refusal=refusal,
        concerns=concerns,
        unsaid=unsaid,
        typed=request.form.get("reason", ""),
    )
    return page if seen is not None else (page, 409)


def _failed(run: oversight.Overview) -> list[str]:
    return [each.element for each in run.incidents if each.element]


def _shown_as(run: oversight.Overview) -> str:
    """Give the number of the case, or what stands for it where the number itself is confidential."""
    number = numbers_of(db.session(), current_actor(), {run.case_id}).get(run.case_id)
    return number or gettext("Kasus rahasia %(id)s", id=str(run.instance.id)[:8])
