"""Reads of the calendar table: the calendar that counts now, and how it came to be so."""

from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflows.calendar.models import CalendarDay, CalendarYear
from workflows.calendar.sources import packaged_year
from workflows.calendar.working_days import WorkingCalendar
from workflows.rows import READS_NOTHING_HELD

# Years beyond those of the table that are read from the package, so that a long count still knows the feasts.
_YEARS_BEYOND = 2
# Years that are read from the package while the table has none.
_UNSEEDED = range(2020, 2033)


@dataclass(frozen=True)
class YearState:
    """A year of the table and how certain it is."""

    year: int
    provisional: bool
    source: str


# Two tables hold the same rows if they have as many, written by the same transactions.
_AS_IT_STANDS = text(
    "SELECT (SELECT row(count(*), sum(xmin::text::bigint)) FROM calendar_day)::text,"
    " (SELECT row(count(*), sum(xmin::text::bigint)) FROM calendar_year)::text"
)
# What was read last from each database, and how the tables stood then.
_read: WeakKeyDictionary[Engine, tuple[tuple[str, ...], WorkingCalendar]] = WeakKeyDictionary()


def current_calendar(session: Session) -> WorkingCalendar:
    """Give the calendar as it stands now.

    The two years after the last one of the table come from the package and are provisional, and so does everything
    while the table is empty. Its hundreds of rows are read only when one of them has changed: every act asks.
    """
    session.flush()
    engine = session.get_bind().engine
    stands = tuple(session.execute(_AS_IT_STANDS, execution_options=READS_NOTHING_HELD).one())
    known = _read.get(engine)
    if known is not None and known[0] == stands:
        return known[1]
    calendar = _read_calendar(session)
    _read[engine] = stands, calendar
    return calendar


def _read_calendar(session: Session) -> WorkingCalendar:
    days = session.scalars(
        select(CalendarDay).ext(distinct_on(CalendarDay.day)).order_by(CalendarDay.day, CalendarDay.version.desc())
    ).all()
    states = years(session)
    holidays = {row.day: row.name for row in days if row.kind == "holiday"}
    joint_leave = {row.day: row.name for row in days if row.kind == "joint_leave"}
    english = {row.day: row.name_en for row in days}
    last = max((state.year for state in states), default=None)
    for year in _UNSEEDED if last is None else range(last + 1, last + 1 + _YEARS_BEYOND):
        for off in packaged_year(year).days:
            # A day that somebody entered already speaks for itself, also when it says "ordinary".
            if off.day not in english:
                (holidays if off.kind == "holiday" else joint_leave)[off.day] = off.name
                english[off.day] = off.name_en
    settled = {state.year for state in states if not state.provisional}
    return WorkingCalendar(holidays, joint_leave, english=english, settled_years=settled)


def years(session: Session) -> list[YearState]:
    """Give every year of the table in order, as it stands now."""
    rows = session.scalars(
        select(CalendarYear)
        .ext(distinct_on(CalendarYear.year))
        .order_by(CalendarYear.year, CalendarYear.version.desc())
    )
    return [YearState(row.year, row.provisional, row.source) for row in rows]


def changes_of(session: Session, year: int, *, limit: int = 20) -> list[CalendarDay]:
    """Give what people entered about the days of a year, the newest first."""
    edited = (
        select(CalendarDay)
        .where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)), CalendarDay.recorded_by_id.is_not(None))
        .order_by(CalendarDay.recorded_at.desc(), CalendarDay.id.desc())
        .limit(limit)
    )
    return list(session.scalars(edited))
