"""When a timer is due: ISO 8601 literals and FEEL values, counted once, in UTC.

SpiffWorkflow reads the wall clock, adds month lengths (31 January plus one month is 3 March), reads local times with
the offset of the process start and fires every missed round of a cycle. Nothing of it is used; this module replaces it.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflows.feel.values import YearsMonths, read_duration

_ISO_DURATION = re.compile(
    r"P(?=.)(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,10})S)?)?"
)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.+)?")
_ISO_CYCLE = re.compile(r"R(?P<count>\d{0,6})/(?:(?P<begin>\d[^/]*)/)?(?P<period>P[^/]*)(?:/(?P<end>\d[^/]*))?")


class TimerProblem(ValueError):
    """The text or the value says no time; the message is for the log, callers add the element."""


@dataclass(frozen=True)
class Span:
    """A length of time in calendar months and exact seconds; months are added first, days keep the wall clock."""

    months: int = 0
    days: int = 0
    rest: timedelta = timedelta(0)

    @property
    def is_positive(self) -> bool:
        """Whether it leads forward."""
        return self.months > 0 or self.days > 0 or self.rest > timedelta(0)

    def after(self, instant: datetime, zone: ZoneInfo, times: int = 1) -> datetime:
        """Give the instant `times` spans later (UTC). The 31st of a month without one becomes its last day."""
        local = instant.astimezone(zone)
        month_index = local.year * 12 + local.month - 1 + self.months * times
        year, month = divmod(month_index, 12)
        last = calendar.monthrange(year, month + 1)[1] if 1 <= year <= 9999 else 0
        if not last:
            raise TimerProblem("beyond the calendar")
        try:
            moved = local.replace(year=year, month=month + 1, day=min(local.day, last)) + timedelta(
                days=self.days * times
            )
            return moved.astimezone(UTC) + self.rest * times
        except OverflowError:
            raise TimerProblem("beyond the calendar") from None


@dataclass(frozen=True)
class Cycle:
    """Rounds of a repeated timer, counted from one instant so that month ends do not drift."""

    # How often it fires; None repeats for ever.
    count: int | None
    period: Span
    # The first round; None means one period after arming.
    begin: datetime | None = None

    def round(self, number: int, armed_at: datetime, zone: ZoneInfo) -> datetime:
        """Give the instant (UTC) of the round; the first one is number 1."""
        if self.begin is not None:
            return self.period.after(self.begin, zone, number - 1)
        return self.period.after(armed_at, zone, number)


def read_span(text: str) -> Span | None:
    """Read an ISO 8601 duration without fractions; None when it is none."""
    found = _ISO_DURATION.fullmatch(text)
    if found is None:
        return None
    part = {name: int(value or 0) for name, value in found.groupdict().items()}
    return Span(
        months=part["years"] * 12 + part["months"],
        days=part["weeks"] * 7 + part["days"],
        rest=timedelta(hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"]),
    )


def read_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Read an ISO 8601 date-time (without offset: in `zone`) or a date (its first moment in `zone`), as UTC."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _instant(moment, zone)


def read_cycle(text: str, zone: ZoneInfo) -> Cycle | None:
    """Read `R3/PT10S`, `R/P1D` or `R5/2030-01-01T00:00:00Z/P1D`; None when it is none or leads nowhere."""
    found = _ISO_CYCLE.fullmatch(text)
    if found is None or found["end"]:
        return None
    period = read_span(found["period"])
    begin = read_instant(found["begin"], zone) if found["begin"] else None
    if period is None or not period.is_positive or (found["begin"] and begin is None):
        return None
    return Cycle(int(found["count"]) if found["count"] else None, period, begin)


def looks_literal(form: str, text: str, zone: ZoneInfo) -> bool:
    """Tell whether the text is a right ISO 8601 literal of this form ("date", "duration" or "cycle")."""
    if form == "cycle":
        return read_cycle(text, zone) is not None
    if form == "duration":
        return read_span(text) is not None
    return read_instant(text, zone) is not None


def cycle_of(value: Any, zone: ZoneInfo) -> Cycle:
    """Make the rounds of a cycle from what its text or expression gave."""
    cycle = read_cycle(value, zone) if isinstance(value, str) else None
    if cycle is None and (span := _span_of(value)) is not None and span.is_positive:
        cycle = Cycle(None, span)
    if cycle is None:
        raise TimerProblem(f"{value!r} is no repetition")
    return cycle


def due_of(value: Any, now: datetime, zone: ZoneInfo) -> datetime:
    """Make the due instant (UTC) from what the text or expression of a date or duration timer gave.

    Both forms accept both kinds of value: `timeDuration` with `=deadline("P-01")` is as clear as with a duration.
    """
    if isinstance(value, str):
        instant = read_instant(value, zone)
        if instant is not None:
            return instant
    elif isinstance(value, date):
        return _instant(value if isinstance(value, datetime) else datetime.combine(value, time(0)), zone)
    span = _span_of(value)
    if span is None:
        raise TimerProblem(f"{value!r} is neither an instant nor a duration")
    return span.after(now, zone)


def next_round(cycle: Cycle, number: int, armed_at: datetime, now: datetime, zone: ZoneInfo) -> int | None:
    """Give the number of the first round after `number` that lies after `now`; None when the cycle is over.

    Rounds that were slept through are gone: they were one firing, not a burst.
    """
    low, reach = number + 1, 1
    while cycle.round(low + reach, armed_at, zone) <= now:
        reach *= 2
    high = low + reach
    while low < high:
        middle = (low + high) // 2
        if cycle.round(middle, armed_at, zone) <= now:
            low = middle + 1
        else:
            high = middle
    return None if cycle.count is not None and low > cycle.count else low


def _span_of(value: Any) -> Span | None:
    if isinstance(value, str):
        span = read_span(value)
        if span is not None:
            return span
        value = read_duration(value)
    if isinstance(value, YearsMonths):
        return Span(months=value.months)
    if isinstance(value, timedelta):
        return Span(days=value.days, rest=timedelta(seconds=value.seconds, microseconds=value.microseconds))
    return None


def _instant(moment: datetime, zone: ZoneInfo) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)
