"""The task inbox and the page of one task: what to do next, who holds it, and doing it.

A task only changes hands here or is completed; the case itself is shown in `cases`.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from webapp import form_fields, form_steps, kept_files, labels
from webapp.actor import current_actor
from webapp.extensions import db
from webapp.fields import Field, Problems
from webapp.form_steps import stepped
from webapp.form_words import lines
from webapp.guards import keeps_answers, requires
from webapp.inbox import filters as inbox_filters
from webapp.kept_files import DomainProblem, KeptFile
from webapp.navigation import page_number
from webapp.objects import given_in
from webapp.transaction import begin, now
from webapp.writings import written_in
from workflows.cases import queries as cases
from workflows.catalogue.queries import form, version
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.evidence.queries import items_of
from workflows.forms import rows
from workflows.packages.queries import offers
from workflows.processes import by_hand
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.processes.outcomes import Outcome
from workflows.processes.queries import TaskForm, instances_of, task_form
from workflows.tasks import operations, queries
from workflows.tasks.models import TaskDraft
from workflows.transaction import Tx

blueprint = Blueprint("inbox", __name__)

PER_PAGE = 25


@blueprint.get("/tugas")
@requires("work")
def index() -> str:
    """Show the inbox: mine, my unit's or all, what is overdue first."""
    actor, session = current_actor(), db.session()
    narrowed = inbox_filters.read(request.args)
    page = page_number()
    rows = queries.inbox(session, actor, narrowed, now(), page=page, per_page=PER_PAGE)
    return render_template(
        "inbox/index.html",
        title=gettext("Tugas"),
        page=rows,
        pages=-(-rows.total // PER_PAGE),
        counts=queries.counts(session, actor, now()),
        filters=narrowed,
        filters_module=inbox_filters,
        choices=inbox_filters.choices(session),
        views=queries.saved_views(session, actor),
        address=inbox_filters.address,
        page_address=partial(inbox_filters.address, narrowed),
    )


@blueprint.post("/tugas/tampilan")
@requires("work")
def save_view() -> AnyResponse:
    """Keep the present filters under a name."""
    narrowed = inbox_filters.read(request.form)
    name = request.form.get("nama", "").strip()
    if not name:
        flash(gettext("Tulis nama untuk tampilan ini."), "late")
        return redirect(inbox_filters.address(narrowed), code=303)
    with begin() as tx:
        operations.save_view(tx, name[:60], inbox_filters.address(narrowed).partition("?")[2])
    flash(gettext("Tampilan “%(name)s” disimpan.", name=name[:60]), "done")
    return redirect(inbox_filters.address(narrowed), code=303)


@blueprint.post("/tugas/tampilan/<int:view_id>/hapus")
@requires("work")
def forget_view(view_id: int) -> AnyResponse:
    """Drop a saved view."""
    with begin() as tx:
        operations.forget_view(tx, view_id)
    flash(gettext("Tampilan dihapus."), "done")
    return redirect(url_for("inbox.index"), code=303)


@blueprint.get("/tugas/<uuid:task_id>")
@requires("work")
def task(task_id: UUID) -> str:
    """Show one task: its case in brief, its form, and who holds it."""
    return _task_page(task_id)


def _keep_as_draft(tx: Tx, *, task_id: UUID, posted: Mapping[str, Sequence[str]]) -> None:
    """Keep what was posted after the session had lapsed."""
    ours = {"csrf_token", "key", "revision", "simpan"}
    operations.save_draft(tx, task_id, {name: values for name, values in posted.items() if name not in ours})


@blueprint.post("/tugas/<uuid:task_id>")
@requires("work")
@keeps_answers(_keep_as_draft)
def complete(task_id: UUID) -> AnyResponse:
    """Complete the task with what was typed into its form."""
    shown = _shown_form(task_id)
    posted = form_steps.posted_to(shown.form if shown is not None else None)
    after = stepped(shown.form, posted, shown.values) if shown is not None and shown.form is not None else None
    if after is not None:
        return make_response(
            _task_page(task_id, posted=after.typed, problems=after.problems, kept=after.kept, focus=after.focus),
            after.status,
        )
    fields = form_fields.file_fields(shown.form, posted) if shown is not None and shown.form is not None else ()
    received = kept_files.receive(fields, posted)
    if "simpan" in request.form:
        return _save_draft(task_id, posted, received)
    if received.problems:
        kept = _keep(received)
        page = _task_page(task_id, posted=posted, problems=received.problems, kept=kept)
        return make_response(page, kept_files.status_of(received.problems))
    try:
        with begin() as tx:
            outcome = processes.complete_task(
                tx,
                task_id,
                posted=posted,
                files=received.uploads,
                revision=request.form.get("revision", 0, type=int),
                key=request.form.get("key", ""),
            )
    except InvalidAnswers as error:
        return make_response(_task_page(task_id, posted=posted, invalid=error, kept=_keep(received)), 422)
    except Conflict as conflict:
        return _told_calmly(task_id, {**posted, **kept_files.tokens(_keep(received))}, conflict)
    flash(_what_follows(outcome), "done")
    return redirect(url_for("inbox.index"), code=303)


@blueprint.get("/tugas/<uuid:task_id>/templat/<list_name>.<ending>")
@requires("work")
def template(task_id: UUID, list_name: str, ending: str) -> Response:
    """Give the empty spreadsheet of a list of the task's form."""
    shown = task_form(db.session(), current_actor(), task_id)
    if shown.form is None:
        raise NotFound("form.no_such_list")
    return form_steps.template(shown.form, list_name, ending)


@blueprint.post("/tugas/<uuid:task_id>/ambil")
@requires("work")
def claim(task_id: UUID) -> AnyResponse:
    """Take the task upon oneself."""
    try:
        with begin() as tx:
            by_hand.claim(tx, task_id)
    except Conflict as conflict:
        flash(labels.error_sentence(conflict), "calm")
    return redirect(url_for("inbox.task", task_id=task_id), code=303)


@blueprint.post("/tugas/<uuid:task_id>/lepas")
@requires("work")
def release(task_id: UUID) -> AnyResponse:
    """Give the task back."""
    with begin() as tx:
        operations.release(tx, task_id)
    flash(gettext("Tugas dilepas dan kini terbuka bagi rekan Anda."), "done")
    return redirect(url_for("inbox.task", task_id=task_id), code=303)


@blueprint.post("/tugas/<uuid:task_id>/tugaskan")
@requires("task.assign")
def assign(task_id: UUID) -> AnyResponse:
    """Give the task to somebody."""
    person = request.form.get("person", type=UUID)
    if person is None:
        flash(gettext("Pilih petugas yang akan mengerjakannya."), "late")
        return redirect(url_for("inbox.task", task_id=task_id), code=303)
    with begin() as tx:
        given = operations.assign(tx, task_id, person)
        name = given.assignee.name if given.assignee else ""
    flash(gettext("Tugas diberikan kepada %(name)s.", name=name), "done")
    return redirect(url_for("inbox.task", task_id=task_id), code=303)


@blueprint.post("/tugas/<uuid:task_id>/benturan")
@requires("work")
def declare_conflict(task_id: UUID) -> AnyResponse:
    """Step back from the case for conflict of interest."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        flash(gettext("Tulis hubungan apa yang membuat Anda mundur."), "late")
        return redirect(url_for("inbox.task", task_id=task_id), code=303)
    with begin() as tx:
        by_hand.declare_conflict(tx, task_id, reason=reason)
    flash(gettext("Terima kasih. Kasus ini kini ditangani orang lain dan tidak lagi terbuka bagi Anda."), "done")
    return redirect(url_for("inbox.index"), code=303)


def _shown_form(task_id: UUID) -> TaskForm | None:
    """Give the form of the task; None where it is not waiting any more, which completing it will say."""
    try:
        return task_form(db.session(), current_actor(), task_id)
    except (Conflict, NotFound):
        return None


def _keep(received: kept_files.Received) -> dict[str, tuple[kept_files.KeptFile, ...]]:
    if not received.uploads:
        return {}
    with begin() as tx:
        return kept_files.keep(tx, received.uploads)


def _save_draft(task_id: UUID, posted: Mapping[str, Sequence[str]], received: kept_files.Received) -> AnyResponse:
    kept = {name: list(values) for name, values in posted.items() if name not in {"csrf_token", "simpan"}}
    kept |= kept_files.tokens(_keep(received))
    with begin() as tx:
        operations.save_draft(tx, task_id, kept)
    flash(gettext("Isian disimpan. Belum ada yang dikirim; hanya Anda yang melihatnya."), "done")
    return redirect(url_for("inbox.task", task_id=task_id), code=303)


def _task_page(
    task_id: UUID,
    *,
    posted: Mapping[str, Sequence[str]] | None = None,
    invalid: InvalidAnswers | None = None,
    problems: Sequence[DomainProblem] = (),
    kept: Mapping[str, tuple[KeptFile, ...]] | None = None,
    focus: str = "",
    conflict: Conflict | None = None,
) -> str:
    """Draw the page of a task; with `posted` the form shows what was typed instead of what was kept."""
    actor, session = current_actor(), db.session()
    view = queries.task(session, actor, task_id, now())
    case = cases.case_by_id(session, actor, view.case_id)
    run = session.get_one(ProcessInstance, view.instance_id)
    draft = queries.draft(session, actor, task_id)
    drawn: Sequence[Field] = ()
    sentences: Problems = ()
    shown: Any = None
    if view.status == "open":
        shown = task_form(session, actor, task_id)
        typed = posted if posted is not None else (draft.posted if draft else None)
        if shown.form is not None:
            found = [problem for problem in invalid.problems if problem[0] != processes.NO_CONFLICT] if invalid else []
            fields = form_fields.file_fields(shown.form, typed)
            drawn, sentences = form_fields.draw(
                shown.form,
                posted=typed,
                values=shown.values,
                variables=shown.variables,
                problems=[*found, *problems],
                kept=kept_files.waiting(typed or {}, fields) if kept is None else kept,
                sheet_address=partial(_sheet_address, task_id),
                focus=focus,
            )
        if view.recusal:
            drawn = (*drawn, _declaration(typed, invalid))
            sentences = [*sentences, *((field.id, field.error) for field in drawn[-1:] if field.error)]
    return render_template(
        "inbox/task.html",
        title=view.name,
        task=view,
        case=cases.header(session, actor, case),
        evidence=items_of(session, actor, case),
        objects=given_in(session, actor, case, run),
        packages=any(not each.missing for each in offers(session, actor, case)),
        writings=[each for each in written_in(session, actor, case, version(session, run.version_id)) if each.lines],
        held_by_me=view.assignee_id == actor.user_id,
        fields=drawn,
        problems=sentences,
        revision=shown.revision if shown else 0,
        # A page drawn again keeps its key, so that a post that did arrive is not counted twice.
        key=_key(posted),
        draft=draft,
        typed_lines=_typed_lines(view, draft) if view.status != "open" and draft else (),
        conflict=labels.error_sentence(conflict) if conflict else "",
        people=queries.assignable_people(session, actor, task_id, now()) if view.may_assign else (),
    )


def _sheet_address(task_id: UUID, list_name: str, ending: str) -> str:
    return url_for("inbox.template", task_id=task_id, list_name=list_name, ending=ending)


def _typed_lines(view: queries.TaskView, draft: TaskDraft) -> list[tuple[str, str]]:
    """Give what was typed into a form that can no longer be sent, in the words of that form."""
    session = db.session()
    run = next(run for run in instances_of(session, view.case_id) if run.id == view.instance_id)
    edition = version(session, run.version_id)
    known = form(session, edition, view.form) if view.form else None
    typed = rows.unpacked(known, draft.posted) if known is not None else draft.posted
    mine = {name: ", ".join(texts) for name, texts in typed.items() if not name.startswith("_")}
    return lines(known, mine)


def _declaration(typed: Mapping[str, Sequence[str]] | None, invalid: InvalidAnswers | None) -> Field:
    """The declaration that a diagram asks for before a task is done: that no conflict of interest stands in the way."""
    missing = invalid is not None and any(field == processes.NO_CONFLICT for field, _, _ in invalid.problems)
    return Field(
        kind="checkbox",
        id="tanpa-benturan",
        name=processes.NO_CONFLICT,
        label=gettext("Saya tidak punya benturan kepentingan dalam perkara ini"),
        hint=gettext("Bukan keluarga, rekan usaha, atau bekas rekan seunit siapa pun di sini (PermenPANRB 17/2024)."),
        error=gettext("Nyatakan bahwa tidak ada benturan kepentingan, atau mundur dari perkara ini.")
        if missing
        else "",
        value=bool((typed or {}).get(processes.NO_CONFLICT)),
        required=True,
    )


def _key(posted: Mapping[str, Sequence[str]] | None) -> str:
    return next(iter((posted or {}).get("key", ())), "") or uuid4().hex


def _told_calmly(task_id: UUID, posted: Mapping[str, Sequence[str]], conflict: Conflict) -> Response:
    """Say who was quicker, and keep what was typed: on the page, and as a draft."""
    kept = {name: list(values) for name, values in posted.items() if name not in {"csrf_token", "key", "revision"}}
    with begin() as tx:
        operations.save_draft(tx, task_id, kept)
    return make_response(_task_page(task_id, posted=kept, conflict=conflict), 409)


def _what_follows(outcome: Outcome) -> str:
    if outcome.ended:
        return gettext("Tugas selesai. Kasus %(number)s sudah berakhir.", number=outcome.case_number)
    if outcome.next_tasks:
        return gettext(
            "Tugas selesai. Kasus %(number)s berlanjut ke: %(tasks)s.",
            number=outcome.case_number,
            tasks=", ".join(outcome.next_tasks),
        )
    return gettext("Tugas selesai. Kasus %(number)s kini menunggu langkah berikutnya.", number=outcome.case_number)
