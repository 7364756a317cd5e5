"""Verbs that edit the calendar. Each adds an edition; none changes or deletes one.

What a change means for deadlines that are already running is not settled here: a promised date is never shortened
silently, and recounting is the business of `cases`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from sqlalchemy import func, select, text

from workflows.calendar.models import CalendarDay, CalendarYear
from workflows.calendar.queries import years as years_known
from workflows.calendar.sources import PACKAGE, packaged_year
from workflows.errors import Conflict, InvalidAnswers
from workflows.journal.operations import record
from workflows.transaction import Tx

Kind = Literal["holiday", "joint_leave", "ordinary"]


def seed_years(tx: Tx, years: Iterable[int]) -> list[int]:
    """Enter the years that the table lacks from the `holidays` package and give them; a second call adds nothing.

    Journals `calendar.year_set` for each. A year whose dates are estimates is marked provisional.
    """
    tx.require("calendar.edit")

    _queue_up(tx)
    known = {state.year for state in years_known(tx.session)}
    missing = sorted(set(years) - known)

    for year in missing:
        packaged = packaged_year(year)
        for off in packaged.days:
            _add_day(tx, off.day, off.kind, name=off.name, name_en=off.name_en, reason=PACKAGE)
        _add_year(tx, year, provisional=packaged.provisional, source=PACKAGE, reason=PACKAGE)
    return missing


def set_day(tx: Tx, day: date, kind: Kind, *, name: str, name_en: str, reason: str) -> CalendarDay:
    """Say what a day is from now on, and why; journals `calendar.day_set`.

    A late decree adds joint leave, a correction makes a day ordinary again. Raises InvalidAnswers for an empty name or
    reason, Conflict (`calendar.unchanged`) when the day is that already.
    """
    tx.require("calendar.edit")

    _insist({"name": name, "name_en": name_en, "reason": reason})
    _queue_up(tx)
    current = tx.session.scalar(
        select(CalendarDay).where(CalendarDay.day == day).order_by(CalendarDay.version.desc()).limit(1)
    )
    before = (current.kind, current.name, current.name_en) if current else ("ordinary", name, name_en)
    if before == (kind, name, name_en):
        raise Conflict("calendar.unchanged", day=day)

    row = _add_day(tx, day, kind, name=name, name_en=name_en, reason=reason)

    record(tx, "calendar.day_set", day=day, kind=kind, version=row.version)
    return row


def set_year(tx: Tx, year: int, *, provisional: bool, source: str, reason: str) -> CalendarYear:
    """Say how certain a year is from now on: settled once the joint decree is filed; journals `calendar.year_set`.

    Raises InvalidAnswers for an empty source or reason.
    """
    tx.require("calendar.edit")

    _insist({"source": source, "reason": reason})
    _queue_up(tx)

    return _add_year(tx, year, provisional=provisional, source=source, reason=reason)


def _queue_up(tx: Tx) -> None:
    """Let editors of the calendar wait for one another until the end of the transaction: versions have no gaps."""
    tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('calendar'))"))


def _insist(fields: dict[str, str]) -> None:
    missing = [field for field, value in fields.items() if not value.strip()]
    if missing:
        raise InvalidAnswers([(field, "answer.required", {}) for field in missing])


def _add_day(tx: Tx, day: date, kind: str, *, name: str, name_en: str, reason: str) -> CalendarDay:
    version = tx.session.scalar(select(func.max(CalendarDay.version)).where(CalendarDay.day == day)) or 0
    row = CalendarDay(
        day=day,
        version=version + 1,
        kind=kind,
        name=name,
        name_en=name_en,
        recorded_at=tx.now,
        recorded_by_id=tx.actor.user_id,
        recorded_by=tx.actor.name,
        reason=reason,
    )
    tx.session.add(row)
    return row


def _add_year(tx: Tx, year: int, *, provisional: bool, source: str, reason: str) -> CalendarYear:
    version = tx.session.scalar(select(func.max(CalendarYear.version)).where(CalendarYear.year == year)) or 0
    row = CalendarYear(
        year=year,
        version=version + 1,
        provisional=provisional,
        source=source,
        recorded_at=tx.now,
        recorded_by_id=tx.actor.user_id,
        recorded_by=tx.actor.name,
        reason=reason,
    )
    tx.session.add(row)
    record(tx, "calendar.year_set", year=year, provisional=provisional, version=row.version)
    return row
