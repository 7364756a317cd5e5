"""What stands behind a dot: entries of contexts, and the properties of dates, times, durations and ranges."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from workflows.feel.scope import Run
from workflows.feel.values import Range, YearsMonths, kind


def property_of(value: Any, name: str, run: Run) -> Any:
    """Give the entry or property of that name; null when there is none. A list gives those of its elements."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        run.budget.spend(len(value))
        run.budget.grow(len(value))
        return [property_of(item, name, run) for item in value]
    read = PROPERTIES.get((kind(value), name))
    return None if read is None else read(value)


def _offset(value: time | datetime) -> timedelta | None:
    return value.utcoffset()


def _zone(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _seconds(value: timedelta) -> int:
    """Count whole seconds toward zero; days-time properties all carry the sign of the duration."""
    whole = abs(value) // timedelta(seconds=1)
    return -whole if value < timedelta(0) else whole


def _part(whole: int, above: int, unit: int) -> Decimal:
    size = abs(whole) % above // unit if above else abs(whole) // unit
    return Decimal(-size if whole < 0 else size)


def _number(read: Callable[[Any], int]) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(read(value))


_DAY: dict[str, Callable[[Any], Any]] = {
    "year": _number(lambda value: value.year),
    "month": _number(lambda value: value.month),
    "day": _number(lambda value: value.day),
    "weekday": _number(date.isoweekday),
}
_CLOCK: dict[str, Callable[[Any], Any]] = {
    "hour": _number(lambda value: value.hour),
    "minute": _number(lambda value: value.minute),
    "second": _number(lambda value: value.second),
    "time offset": _offset,
    "timezone": _zone,
}
_DAYS_TIME: dict[str, Callable[[Any], Any]] = {
    "days": lambda value: _part(_seconds(value), 0, 86_400),
    "hours": lambda value: _part(_seconds(value), 86_400, 3_600),
    "minutes": lambda value: _part(_seconds(value), 3_600, 60),
    "seconds": lambda value: _part(_seconds(value), 60, 1),
}
_YEARS_MONTHS: dict[str, Callable[[YearsMonths], Any]] = {
    "years": lambda value: _part(value.months, 0, 12),
    "months": lambda value: _part(value.months, 12, 1),
}
_RANGE: dict[str, Callable[[Range], Any]] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_included,
    "end included": lambda value: value.high_included,
}
PROPERTIES: dict[tuple[str, str], Callable[[Any], Any]] = {
    (owner, name): read
    for owner, table in (
        ("date", _DAY),
        ("date and time", _DAY | _CLOCK),
        ("time", _CLOCK),
        ("days and time duration", _DAYS_TIME),
        ("years and months duration", _YEARS_MONTHS),
        ("range", _RANGE),
    )
    for name, read in table.items()
}
PROPERTY_NAMES = frozenset(name for _, name in PROPERTIES)
