"""Taking running cases to another edition of their type: the plan, the trial on copies, the batch and its results."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from webapp.actor import current_actor
from webapp.case_words import case_type_title
from webapp.extensions import db
from webapp.guards import requires
from webapp.operations.views import RIGHT
from webapp.operations.views import blueprint as blueprint
from webapp.transaction import begin
from workflows.cases.queries import numbers_of
from workflows.catalogue import queries as catalogue
from workflows.catalogue.models import ProcessVersion
from workflows.engine.concerns import RISKS, Concern
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.processes import migration, migration_plan, trying
from workflows.processes.migration import Move
from workflows.processes.models import MigrationBatch, MigrationResult

# What of the form says where the tokens of an element go: "tujuan-<element>", and "baru-<element>" to begin anew there.
_TARGET, _ANEW = "tujuan-", "baru-"
# Cases that one request takes back; a page must answer before anybody doubts it.
_AT_ONCE = 200
# Cases on one page of results.
_SHOWN = 100


@blueprint.get("/operasi/versi/<key>")
@requires(RIGHT)
def edition(key: str) -> str:
    """Show the plan between two editions, and ask where the cases go."""
    session = db.session()
    versions = catalogue.versions(session, key)
    if len(versions) < 2:
        raise NotFound("version.unknown")
    chosen = _move(key, request.args)
    return render_template(
        "operations/edition.html",
        title=gettext("Pindah versi: %(key)s", key=case_type_title(key)),
        key=key,
        versions=versions,
        plan=migration_plan.plan(session, chosen),
        move=chosen,
        risks=sorted(RISKS),
    )


@blueprint.post("/operasi/versi/<key>/coba")
@requires(RIGHT)
def try_edition(key: str) -> Response:
    """Have every running case tried on a copy; workers do it."""
    chosen = _move(key, request.form)
    with begin() as tx:
        trial = trying.begin_trial(tx, chosen)
    return redirect(url_for("operations.batch", batch_id=trial.id), code=303)


@blueprint.post("/operasi/perpindahan/<uuid:batch_id>/mulai")
@requires(RIGHT)
def begin_migration(batch_id: UUID) -> Response | tuple[str, int]:
    """Do what was tried; workers move the cases."""
    tried = _batch(batch_id)
    if not tried.trial:
        raise NotFound("migration.unknown")
    try:
        with begin() as tx:
            batch = migration.begin_batch(tx, trying.move_of(tried), reason=request.form.get("reason", ""))
    except InvalidAnswers:
        return _batch_page(batch_id, unsaid=True), 422
    flash(gettext("Perpindahan dimulai. Kasus dipindahkan satu per satu oleh pekerja latar."), "done")
    return redirect(url_for("operations.batch", batch_id=batch.id), code=303)


@blueprint.get("/operasi/perpindahan/<uuid:batch_id>")
@requires(RIGHT)
def batch(batch_id: UUID) -> str:
    """Show what became of each case of a batch, or would become of it."""
    return _batch_page(batch_id)


@blueprint.post("/operasi/perpindahan/<uuid:batch_id>/lanjut")
@requires(RIGHT)
def continue_batch(batch_id: UUID) -> Response:
    """Leave the cases that still wait to the workers again."""
    again = trying.go_on if _batch(batch_id).trial else migration.go_on
    with begin() as tx:
        left = again(tx, batch_id)
    flash(ngettext("%(num)s kasus dijadwalkan lagi.", "%(num)s kasus dijadwalkan lagi.", left), "done")
    return redirect(url_for("operations.batch", batch_id=batch_id), code=303)


@blueprint.post("/operasi/perpindahan/<uuid:batch_id>/batal")
@requires(RIGHT)
def undo(batch_id: UUID) -> Response:
    """Take one case back, or all of the batch on which nobody has acted since, each in an act of its own."""
    one = request.form.get("instance", type=UUID)
    moved = migration_plan.results_of(db.session(), batch_id, state="migrated")
    chosen = [each.instance_id for each in moved if one in (None, each.instance_id)][:_AT_ONCE]
    undone, acted = 0, 0
    for instance_id in chosen:
        try:
            with begin() as tx:
                migration.undo_case(tx, batch_id, instance_id)
            undone += 1
        except Conflict:
            acted += 1
    if undone:
        flash(ngettext("%(num)s kasus dikembalikan.", "%(num)s kasus dikembalikan.", undone), "done")
    if acted:
        sentence = ngettext(
            "%(num)s kasus tetap: sudah ada yang mengerjakannya.",
            "%(num)s kasus tetap: sudah ada yang mengerjakannya.",
            acted,
        )
        flash(sentence, "late")
    return redirect(url_for("operations.batch", batch_id=batch_id), code=303)


def _batch_page(batch_id: UUID, *, unsaid: bool = False) -> str:
    actor, session = current_actor(), db.session()
    found = _batch(batch_id)
    old, new = (catalogue.version(session, each) for each in (found.from_version_id, found.to_version_id))
    page = max(request.args.get("halaman", 1, type=int), 1)
    results = migration_plan.results_of(session, batch_id, offset=_SHOWN * (page - 1), limit=_SHOWN)
    runs = migration_plan.runs_of(session, [result.instance_id for result in results])
    counts = migration_plan.counts_of(session, [batch_id]).get(batch_id, {})
    title = (
        gettext("Percobaan pindah versi: %(key)s, %(old)s ke %(new)s")
        if found.trial
        else gettext("Pindah versi: %(key)s, %(old)s ke %(new)s")
    )
    return render_template(
        "operations/batch.html",
        title=title % {"key": case_type_title(old.case_type), "old": old.number, "new": new.number},
        batch=found,
        old=old,
        results=results,
        total=sum(counts.values()),
        percent=trying.progress_of(session, batch_id),
        page=page,
        pages=-(-sum(counts.values()) // _SHOWN),
        counts=counts,
        concerns={result.instance_id: _concerns(result) for result in results},
        can_be_undone={result.instance_id: migration.can_be_undone(session, result) for result in results},
        runs=runs,
        numbers=numbers_of(session, actor, {each.case_id for each in runs.values()}),
        choices=_choices(found, old, new),
        unsaid=unsaid,
        typed=request.form.get("reason", ""),
    )


def _choices(batch: MigrationBatch, old: ProcessVersion, new: ProcessVersion) -> dict[str, Any]:
    """Give the choices of a batch as the form of the plan asks them, for an address that shows it so again."""
    targets = {_TARGET + element: target for element, target in {**batch.mapping, **batch.anew}.items()}
    anew = {_ANEW + element: "1" for element in batch.anew}
    return {"dari": old.number, "ke": new.number, "risiko": batch.accepted, **targets, **anew}


def _move(key: str, asked: "MultiDict[str, str]") -> Move:
    """Read which editions and what to do about the elements.

    Without a choice of editions: from the eldest with running cases to the open one.
    """
    versions = catalogue.versions(db.session(), key)
    numbered = {str(version.number): version for version in versions}
    if not versions:
        raise NotFound("case_type.unknown")
    new = numbered.get(asked.get("ke", ""), _open_one(versions))
    old = numbered.get(asked.get("dari", ""), _eldest_other(versions, new))
    targets = {name.removeprefix(_TARGET): value for name, value in asked.items() if name.startswith(_TARGET) and value}
    anew = {element for element in targets if asked.get(_ANEW + element)}
    return Move(
        old.id,
        new.id,
        mapping={element: target for element, target in targets.items() if element not in anew},
        anew={element: target for element, target in targets.items() if element in anew},
        accepted=frozenset(asked.getlist("risiko")) & RISKS,
    )


def _open_one(versions: list[ProcessVersion]) -> ProcessVersion:
    return next((version for version in versions if version.is_open), versions[0])


def _eldest_other(versions: list[ProcessVersion], new: ProcessVersion) -> ProcessVersion:
    running = migration_plan.running_by_version(db.session()).get(new.case_type, ())
    busy = [each.version for each in running if each.cases and each.version.id != new.id]
    return busy[-1] if busy else next((each for each in versions if each.id != new.id), new)


def _concerns(result: MigrationResult) -> list[Concern]:
    return [Concern.read(each) for each in result.findings]


def _batch(batch_id: UUID) -> MigrationBatch:
    found = db.session().get(MigrationBatch, batch_id)
    if found is None:
        raise NotFound("migration.unknown")
    return found
