"""The register of activities: reading it, writing a line, striking a wrong one."""

from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import labels
from webapp.extensions import db
from webapp.fields import Field, Kind, Option
from webapp.guards import requires
from webapp.languages import spoken
from webapp.navigation import page_number
from webapp.transaction import begin
from workflows.activities import operations, queries
from workflows.activities.register import Register
from workflows.errors import Conflict, InvalidAnswers
from workflows.people.queries import all_units
from workflows.processes.office import current_office

blueprint = Blueprint("activities", __name__)

PER_PAGE = 25
# What stands in a field of numbers that holds none: refused as "not a number", like any other text.
_NO_NUMBER = Decimal("NaN")


@blueprint.get("/kegiatan")
@requires(operations.RIGHT)
def index() -> str | Response:
    """Show which registers are kept; the only one opens at once."""
    registers = queries.registers(db.session())
    if len(registers) == 1:
        return redirect(url_for("activities.register", case_type=next(iter(registers))), code=303)
    return render_template("activities/index.html", title=gettext("Kegiatan"), registers=registers)


@blueprint.get("/kegiatan/<case_type>")
@requires(operations.RIGHT)
def register(case_type: str) -> str:
    """Show the lines of a register, and the form for a new one."""
    return _page(case_type)


@blueprint.post("/kegiatan/<case_type>")
@requires(operations.RIGHT)
def add(case_type: str) -> str | tuple[str, int] | Response:
    """Write a line."""
    typed = request.form
    try:
        with begin() as tx:
            operations.record_activity(
                tx,
                case_type,
                typed.get("kind", ""),
                held_on=_day(typed.get("held_on", "")),
                title=typed.get("title", ""),
                place=typed.get("place", ""),
                hours=_number(typed.get("hours", "")),
                participants=_count(typed.get("participants", "")),
                units=typed.getlist("units"),
                zone=current_office().zone,
            )
    except InvalidAnswers as error:
        return _page(case_type, error), 422
    flash(gettext("Kegiatan dicatat."), "done")
    return redirect(url_for("activities.register", case_type=case_type), code=303)


@blueprint.post("/kegiatan/<case_type>/<uuid:activity_id>/coret")
@requires(operations.RIGHT)
def strike(case_type: str, activity_id: UUID) -> Response:
    """Strike a line."""
    try:
        with begin() as tx:
            operations.strike_activity(tx, activity_id, reason=request.form.get("reason", ""))
    except InvalidAnswers:
        flash(gettext("Tulis alasan pencoretan."), "late")
    except Conflict as error:
        flash(labels.error_sentence(error), "late")
    else:
        flash(gettext("Catatan dicoret."), "done")
    return redirect(url_for("activities.register", case_type=case_type), code=303)


def _page(case_type: str, invalid: InvalidAnswers | None = None) -> str:
    session = db.session()
    kept = queries.register_of(session, case_type)
    page, total = page_number(), queries.count_lines(session, case_type)
    fields = _fields(kept, invalid)
    return render_template(
        "activities/register.html",
        title=spoken(kept),
        case_type=case_type,
        register=kept,
        basis=spoken(kept, "basis"),
        fields=fields,
        problems=[(field.id, field.error) for field in fields if field.error],
        lines=queries.lines(session, case_type, limit=PER_PAGE, offset=(page - 1) * PER_PAGE),
        units={unit.code: unit.name for unit in all_units(session)},
        page=page,
        pages=-(-total // PER_PAGE),
        page_address=lambda number: url_for(
            "activities.register", case_type=case_type, halaman=number if number > 1 else None
        ),
    )


def _fields(kept: Register, invalid: InvalidAnswers | None) -> tuple[Field, ...]:
    def field(kind: Kind, name: str, words: str, hint: str = "", *, required: bool = False, suffix: str = "") -> Field:
        value = request.form.get(name, "") if invalid else ""
        error = _error(invalid, name, words)
        return Field(kind, name, name, words, hint, error, value, required=required, suffix=suffix)

    chosen = request.form.get("kind", "") if invalid else ""
    reached = set(request.form.getlist("units")) if invalid else set()
    words = {"kind": gettext("Jenis kegiatan"), "units": gettext("Perangkat daerah yang dijangkau")}
    return (
        Field(
            "select", "kind", "kind", words["kind"], "", _error(invalid, "kind", words["kind"]), chosen, required=True,
            options=tuple(Option(kind.id, spoken(kind), kind.id == chosen) for kind in kept.kinds.values()),
        ),
        field("text", "title", gettext("Judul kegiatan"), required=True),
        field("date", "held_on", gettext("Tanggal"), required=True),
        field("text", "place", gettext("Tempat")),
        field("text", "hours", gettext("Lama"), gettext("Misalnya 2 atau 1,5."), suffix=gettext("jam")),
        field("text", "participants", gettext("Jumlah peserta"), gettext("Jumlahnya saja, tanpa nama.")),
        Field(
            "checkboxes", "units", "units", words["units"], "", _error(invalid, "units", words["units"]),
            options=tuple(Option(unit.code, unit.name, unit.code in reached) for unit in all_units(db.session())),
        ),
    )  # fmt: skip


def _error(invalid: InvalidAnswers | None, name: str, words: str) -> str:
    found = next((problem for problem in invalid.problems if problem[0] == name), None) if invalid else None
    return labels.problem_sentence(found[1], found[2], words) if found else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return _NO_NUMBER


def _count(text: str) -> int | Decimal | None:
    number = _number(text.replace(".", ""))
    if number is None or not number.is_finite() or number != number.to_integral_value():
        return number if number is None else _NO_NUMBER
    return int(number)
