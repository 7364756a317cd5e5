"""The calendar of working days: a year for everybody in the office, and its correction for whoever keeps it.

A change counts for what begins from then on. What runs already moves when it is counted anew, which is asked for here
and done by jobs; nothing becomes due earlier.
"""

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import format_date, gettext
from werkzeug.wrappers import Response

from webapp import labels
from webapp.actor import has_right
from webapp.extensions import db
from webapp.fields import Field, Option
from webapp.guards import requires, signed_in_only
from webapp.transaction import begin, now
from workflows.calendar import operations, queries
from workflows.calendar.working_days import WorkingCalendar
from workflows.cases.deadlines import Shift, shifts
from workflows.errors import Conflict, InvalidAnswers
from workflows.processes.office import current_office
from workflows.processes.recounting import ask_recount

blueprint = Blueprint("calendar", __name__)

_KINDS = ("holiday", "joint_leave", "ordinary")
_RIGHT = "calendar.edit"


@dataclass(frozen=True)
class Day:
    """A day in the picture of a month; None stands where the week belongs to another month."""

    on: date
    # "", "weekend", "holiday" or "joint_leave".
    kind: str
    name: str


@dataclass(frozen=True)
class Month:
    """A month as it is drawn."""

    name: str
    # From Monday to Sunday.
    weeks: list[list[Day | None]]


@dataclass(frozen=True)
class Typed:
    """What was typed into the form about a day, and what is wrong with it."""

    values: dict[str, str]
    problems: Sequence[tuple[str, str, dict[str, Any]]] = ()


@blueprint.get("/kalender")
@signed_in_only
def index() -> str:
    """Show a year, and to whoever keeps the calendar what may be changed in it."""
    return _page()


@blueprint.post("/kalender/hari")
@requires(_RIGHT)
def set_day() -> str | tuple[str, int] | Response:
    """Say what a day is, or only show what that would move."""
    typed = {name: request.form.get(name, "").strip()[:200] for name in ("day", "kind", "name", "name_en", "reason")}
    day = _date(typed["day"])
    problems: list[tuple[str, str, dict[str, Any]]] = [] if day is not None else [("day", "calendar.no_day", {})]
    problems += [(name, "answer.required", {}) for name in ("name", "name_en") if not typed[name]]
    if typed["kind"] not in _KINDS:
        problems.append(("kind", "answer.required", {}))
    if request.form.get("act") == "preview" and not problems and day is not None:
        return _page(Typed(typed), _moved_by(day, typed), year=day.year)
    if not problems and day is not None:
        try:
            with begin() as tx:
                operations.set_day(
                    tx,
                    day,
                    typed["kind"],  # type: ignore[arg-type]
                    name=typed["name"],
                    name_en=typed["name_en"],
                    reason=typed["reason"],
                )
        except InvalidAnswers as error:
            problems = error.problems
        except Conflict as error:
            problems = [("day", error.code, error.facts)]
    if problems or day is None:
        return _page(Typed(typed, problems)), 422
    flash(gettext("Hari itu dicatat. Yang mulai sejak sekarang dihitung dengannya."), "done")
    return redirect(url_for("calendar.index", tahun=day.year), code=303)


@blueprint.post("/kalender/tahun")
@requires(_RIGHT)
def set_year() -> Response:
    """Say how certain a year is: settled once its joint decree is filed."""
    year = request.form.get("year", 0, type=int)
    source, reason = (request.form.get(name, "").strip()[:200] for name in ("source", "year_reason"))
    place = redirect(url_for("calendar.index", tahun=year, _anchor="kepastian"), code=303)
    if not _FIRST_YEAR <= year <= _LAST_YEAR or not source:
        flash(gettext("Tulis dasar penetapan tahun itu, misalnya nomor SKB."), "late")
        return place
    provisional = request.form.get("state") != "settled"
    with begin() as tx:
        operations.seed_years(tx, [year])
        operations.set_year(tx, year, provisional=provisional, source=source, reason=reason or source)
    flash(gettext("Keadaan tahun %(year)s dicatat.", year=year), "done")
    return place


@blueprint.post("/kalender/hitung-ulang")
@requires(_RIGHT)
def recount() -> Response:
    """Have everything that runs counted anew by today's calendar."""
    with begin() as tx:
        ask_recount(tx)
    flash(gettext("Penghitungan ulang dimulai. Setiap tanggal yang bergeser tercatat di jurnal kasusnya."), "done")
    return redirect(url_for("calendar.index", _anchor="hitung-ulang"), code=303)


# A calendar of these years is shown; beyond them nothing that runs here can fall due.
_FIRST_YEAR, _LAST_YEAR = 2020, 2060


def _page(typed: Typed | None = None, preview: Sequence[Shift] | None = None, *, year: int | None = None) -> str:
    session, zone = db.session(), current_office().zone
    today = now().astimezone(zone).date()
    year = year or request.values.get("tahun", today.year, type=int)
    year = min(max(year, _FIRST_YEAR), _LAST_YEAR)
    calendar = queries.current_calendar(session)
    states = {state.year: state for state in queries.years(session)}
    editing = has_right(_RIGHT)
    fields = _day_fields(typed) if editing else ()
    return render_template(
        "calendar/index.html",
        title=gettext("Kalender kerja %(year)s", year=year),
        year=year,
        first_year=_FIRST_YEAR,
        last_year=_LAST_YEAR,
        months=_months(calendar, year),
        # The first of June 2026 is a Monday.
        weekdays=[format_date(date(2026, 6, number), "EEEE") for number in range(1, 8)],
        days_off=calendar.days_off(year),
        working_days={
            "strict": calendar.working_days_of(year, joint_leave_works=True),
            "lenient": calendar.working_days_of(year, joint_leave_works=False),
        },
        state=states.get(year),
        editing=editing,
        fields=fields,
        problems=[(field.id, field.error) for field in fields if field.error],
        preview=preview,
        outstanding=_moved_by(None, {}) if editing and typed is None else (),
        changes=queries.changes_of(session, year),
    )


def _moved_by(day: date | None, typed: dict[str, str]) -> Sequence[Shift]:
    """Tell what counting anew would move: with one day changed, or with the calendar as it is."""
    office, session = current_office(), db.session()
    calendar = queries.current_calendar(session)
    if day is not None:
        calendar = calendar.with_day(day, typed["kind"], typed["name"], typed["name_en"])
    return shifts(session, office.register, calendar, office.zone, now())


def _months(calendar: WorkingCalendar, year: int) -> list[Month]:
    """Give the months of the year as they are drawn."""
    named = {skipped.day: skipped.reason for skipped in calendar.days_off(year)}

    def drawn(on: date, month: int) -> Day | None:
        if on.month != month:
            return None
        reason = named.get(on)
        weekend = "weekend" if on.weekday() >= months.SATURDAY else ""
        return Day(on, reason.kind if reason else weekend, str(reason) if reason else "")

    weeks = months.Calendar(months.MONDAY)
    return [
        Month(
            format_date(date(year, month, 1), "LLLL"),
            [[drawn(on, month) for on in week] for week in weeks.monthdatescalendar(year, month)],
        )
        for month in range(1, 13)
    ]


def _day_fields(typed: Typed | None) -> tuple[Field, ...]:
    values = typed.values if typed else {}
    wrong = {name: (code, facts) for name, code, facts in (typed.problems if typed else ())}

    def error(name: str, label: str) -> str:
        return labels.problem_sentence(*wrong[name], label) if name in wrong else ""

    def text(name: str, label: str, hint: str = "") -> Field:
        return Field("text", name, name, label, hint, error(name, label), values.get(name, ""), required=True)

    day, kind = gettext("Tanggal"), gettext("Hari itu adalah")
    return (
        Field("date", "day", "day", day, "", error("day", day), values.get("day", ""), required=True),
        Field(
            "radios",
            "kind",
            "kind",
            kind,
            error=error("kind", kind),
            required=True,
            options=tuple(
                Option(each, labels.label("calendar.kind", each), values.get("kind") == each) for each in _KINDS
            ),
        ),
        text(
            "name", gettext("Nama hari"), gettext("Misalnya “Cuti Bersama Idulfitri”; untuk hari kerja, nama liburnya.")
        ),
        text("name_en", gettext("Nama hari dalam bahasa Inggris")),
        text("reason", gettext("Dasar"), gettext("Nomor keputusan, misalnya SKB 3 Menteri.")),
    )


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
