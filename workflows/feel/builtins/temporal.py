"""Built-in functions on dates, times and durations, DMN 1.3, 10.3.4.1, 10.3.4.7 and 10.3.4.8."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.feel.builtins.registry import builtin
from workflows.feel.scope import Run
from workflows.feel.values import YearsMonths, fixed, read_date, read_datetime, read_duration, read_time

# The specification names days and months in English.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@builtin("date(from: string)")
def date_of_text(run: Run, text: str) -> date | None:
    """Read a date."""
    return read_date(text)


@builtin("date(from: date | date and time)")
def date_of(run: Run, value: date) -> date:
    """Give the day of a date-time."""
    return date(value.year, value.month, value.day)


@builtin("date(year: number, month: number, day: number)")
def date_of_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> date | None:
    """Make a date; null when the calendar has none like it."""
    try:
        return date(*(_whole(part) for part in (year, month, day)))
    except ValueError:
        return None


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value() or number.adjusted() > 9:
        raise ValueError("a whole number is needed")
    return int(number)


@builtin("time(from: string)")
def time_of_text(run: Run, text: str) -> time | None:
    """Read a time."""
    return read_time(text)


@builtin("time(from: time | date | date and time)")
def time_of(run: Run, value: Any) -> time:
    """Give the time of a date-time, with its zone; of a date its midnight in UTC."""
    if isinstance(value, time):
        return value
    return value.timetz() if isinstance(value, datetime) else time(0, tzinfo=fixed(timedelta(0)))


@builtin("time(hour: number, minute: number, second: number, offset?: days and time duration)")
def time_of_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None
) -> time | None:
    """Make a time; null when the clock has none like it."""
    try:
        whole, rest = divmod(second, 1)
        zone = None if offset is None else fixed(offset)
        return time(_whole(hour), _whole(minute), _whole(whole), int(rest * 1_000_000), tzinfo=zone)
    except ValueError:
        return None


@builtin("date and time(from: string)")
def datetime_of_text(run: Run, text: str) -> datetime | None:
    """Read a date-time."""
    return read_datetime(text)


@builtin("date and time(date: date | date and time, time: time)")
def datetime_of_parts(run: Run, day: date, at: time) -> datetime:
    """Put a day and a time together."""
    return datetime.combine(date(day.year, day.month, day.day), at)


@builtin("date and time(date: date and time, timezone: string)")
def datetime_elsewhere(run: Run, value: datetime, zone: str) -> datetime | None:
    """Tell the same instant in another zone."""
    try:
        place = ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None
    return (value if value.tzinfo is not None else value.replace(tzinfo=run.zone)).astimezone(place)


@builtin("duration(from: string)")
def duration(run: Run, text: str) -> timedelta | YearsMonths | None:
    """Read a duration of either kind."""
    return read_duration(text)


@builtin("years and months duration(from: date | date and time, to: date | date and time)")
def years_and_months_between(run: Run, begin: date, end: date) -> YearsMonths:
    """Count the whole months between two days."""
    months = (end.year - begin.year) * 12 + end.month - begin.month
    if months > 0 and end.day < begin.day:
        months -= 1
    elif months < 0 and end.day > begin.day:
        months += 1
    return YearsMonths(months)


@builtin("now()")
def now(run: Run) -> datetime:
    """Give the instant of the evaluation, in the zone of the office."""
    return run.clock.now.astimezone(run.zone)


@builtin("today()")
def today(run: Run) -> date:
    """Give the day of the evaluation, in the zone of the office."""
    return run.clock.now.astimezone(run.zone).date()


@builtin("day of week(date: date | date and time)")
def day_of_week(run: Run, day: date) -> str:
    """Name the day of the week, in English as the specification has it."""
    return _DAYS[day.weekday()]


@builtin("month of year(date: date | date and time)")
def month_of_year(run: Run, day: date) -> str:
    """Name the month, in English as the specification has it."""
    return _MONTHS[day.month - 1]


@builtin("day of year(date: date | date and time)")
def day_of_year(run: Run, day: date) -> Decimal:
    """Count the days since the year began."""
    return Decimal(day.timetuple().tm_yday)


@builtin("week of year(date: date | date and time)")
def week_of_year(run: Run, day: date) -> Decimal:
    """Give the number of the week, ISO 8601."""
    return Decimal(day.isocalendar().week)
