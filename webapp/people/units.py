"""Units for whoever manages users: the tree, one unit's data, who leads it, and closing it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import labels
from webapp.extensions import db
from webapp.fields import Field, Option
from webapp.guards import requires
from webapp.transaction import begin, now
from workflows.cases.units import close_unit
from workflows.errors import Conflict, InvalidAnswers
from workflows.people import queries, units
from workflows.people.models import Unit

blueprint = Blueprint("units", __name__)

_RIGHT = "user.manage"


@blueprint.get("/pengguna/unit")
@requires(_RIGHT)
def index() -> str:
    """Show the units as a tree, with who leads them and how many people are in each."""
    session = db.session()
    return render_template(
        "units/index.html",
        title=gettext("Unit kerja"),
        tree=queries.unit_tree(session),
        members=queries.member_counts(session, now()),
    )


@blueprint.get("/pengguna/unit/baru")
@requires(_RIGHT)
def new() -> str:
    """Show the form for a new unit."""
    return _new_page()


@blueprint.post("/pengguna/unit/baru")
@requires(_RIGHT)
def add() -> tuple[str, int] | Response:
    """Add a unit."""
    code = request.form.get("code", "").strip().upper()[:40]
    try:
        with begin() as tx:
            unit = units.add_unit(tx, code=code, **_typed())
    except InvalidAnswers as error:
        return _new_page(error), 422
    flash(gettext("Unit ditambahkan."), "done")
    return _back(unit.id)


@blueprint.get("/pengguna/unit/<uuid:unit_id>")
@requires(_RIGHT)
def unit(unit_id: UUID) -> str:
    """Show one unit with all that can be done about it."""
    return _unit_page(unit_id)


@blueprint.post("/pengguna/unit/<uuid:unit_id>")
@requires(_RIGHT)
def change(unit_id: UUID) -> tuple[str, int] | Response:
    """Correct a unit's data."""
    try:
        with begin() as tx:
            units.change_unit(tx, unit_id, **_typed())
    except InvalidAnswers as error:
        return _unit_page(unit_id, error), 422
    except Conflict as error:
        return _refused(unit_id, error)
    flash(gettext("Data unit disimpan."), "done")
    return _back(unit_id)


@blueprint.post("/pengguna/unit/<uuid:unit_id>/kepala")
@requires(_RIGHT)
def name_head(unit_id: UUID) -> Response:
    """Say who leads the unit; an empty field leaves the seat vacant."""
    typed = request.form.get("head", "").strip()[:100]
    head = queries.user_named(db.session(), typed) if typed else None
    if typed and head is None:
        flash(gettext("Tidak ada pengguna aktif dengan nama pengguna atau NIP itu."), "late")
        return _back(unit_id, "kepala")
    try:
        with begin() as tx:
            units.name_head(tx, unit_id, head.id if head is not None else None)
    except Conflict as error:
        return _refused(unit_id, error, "kepala")
    flash(gettext("Kepala unit dicatat."), "done")
    return _back(unit_id, "kepala")


@blueprint.post("/pengguna/unit/<uuid:unit_id>/tutup")
@requires(_RIGHT)
def close(unit_id: UUID) -> Response:
    """Close a unit in which nobody and nothing is any more."""
    if request.form.get("sure") != "true":
        flash(gettext("Centang dahulu bahwa unit ini memang ditutup."), "late")
        return _back(unit_id, "tutup")
    try:
        with begin() as tx:
            close_unit(tx, unit_id)
    except Conflict as error:
        return _refused(unit_id, error, "tutup")
    flash(gettext("Unit ditutup. Namanya tetap ada di kasus lama."), "done")
    return redirect(url_for("units.index"), code=303)


def _typed() -> dict[str, Any]:
    form = request.form
    return {
        "name": form.get("name", "").strip()[:200],
        "name_en": form.get("name_en", "").strip()[:200],
        "kind": form.get("kind", ""),
        "parent_id": form.get("parent", type=UUID),
        "reportable": form.get("reportable") == "true",
    }


def _new_page(invalid: InvalidAnswers | None = None) -> str:
    code = Field(
        "text",
        "code",
        "code",
        gettext("Kode unit"),
        gettext("Pendek dan tetap, misalnya DINKES; tidak dapat diubah sesudahnya."),
        _error("code", gettext("Kode unit"), invalid),
        request.form.get("code", ""),
        required=True,
        attributes={"autocapitalize": "characters", "spellcheck": "false"},
    )
    fields = (code, *_fields(None, invalid))
    return render_template("units/new.html", title=gettext("Tambah unit"), fields=fields, problems=_problems(fields))


def _unit_page(unit_id: UUID, invalid: InvalidAnswers | None = None) -> str:
    session = db.session()
    found = queries.unit(session, unit_id)
    fields = _fields(found, invalid)
    return render_template(
        "units/unit.html",
        title=found.name,
        unit=found,
        fields=fields,
        problems=_problems(fields),
        members=queries.members_of(session, unit_id, now()),
    )


def _fields(unit: Unit | None, invalid: InvalidAnswers | None) -> tuple[Field, ...]:
    posted = unit is None or invalid is not None

    def value(name: str) -> str:
        return request.form.get(name, "") if posted else str(getattr(unit, name) or "")

    def text(name: str, label: str) -> Field:
        return Field("text", name, name, label, "", _error(name, label, invalid), value(name), required=True)

    kind, parent = gettext("Jenis unit"), gettext("Di bawah unit")
    chosen = value("parent" if posted else "parent_id")
    return (
        text("name", gettext("Nama unit")),
        text("name_en", gettext("Nama unit dalam bahasa Inggris")),
        Field(
            "select",
            "kind",
            "kind",
            kind,
            error=_error("kind", kind, invalid),
            required=True,
            options=tuple(Option(each, labels.label("unit.kind", each), value("kind") == each) for each in units.KINDS),
        ),
        Field(
            "select",
            "parent",
            "parent",
            parent,
            error=_error("parent", parent, invalid),
            options=tuple(
                Option(str(each.id), "– " * depth + each.name, chosen == str(each.id))
                for depth, each in queries.unit_tree(db.session())
                if unit is None or each.id != unit.id
            ),
        ),
        Field(
            "checkbox",
            "reportable",
            "reportable",
            gettext("Dapat dipilih pelapor sebagai instansi terlapor"),
            value=request.form.get("reportable") == "true" if posted or unit is None else unit.reportable,
        ),
    )


def _error(name: str, label: str, invalid: InvalidAnswers | None) -> str:
    found = next((problem for problem in invalid.problems if problem[0] == name), None) if invalid else None
    return labels.problem_sentence(found[1], found[2], label) if found else ""


def _problems(fields: tuple[Field, ...]) -> list[tuple[str, str]]:
    return [(field.id, field.error) for field in fields if field.error]


def _refused(unit_id: UUID, error: Conflict, place: str = "") -> Response:
    flash(labels.error_sentence(error), "late")
    return _back(unit_id, place)


def _back(unit_id: UUID, place: str = "") -> Response:
    return redirect(url_for("units.unit", unit_id=unit_id, _anchor=place or None), code=303)
