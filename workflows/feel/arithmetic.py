"""What `+ - * / **` mean for numbers, texts, dates, times and durations; every other pair of types gives null."""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, DecimalException
from typing import Any, TypeVar

from workflows.feel.budget import Budget
from workflows.feel.values import NUMBERS, YearsMonths, kind, located

T = TypeVar("T")
_YM, _DT, _MOMENT = "years and months duration", "days and time duration", "date and time"


def add(left: Any, right: Any, zone: tzinfo, budget: Budget) -> Any:
    """Add two values; texts are joined, a month too long for its target ends on that month's last day."""
    kinds = kind(left), kind(right)
    if kinds == ("number", "number"):
        return _number(NUMBERS.add, left, right)
    if kinds == ("string", "string"):
        budget.grow(len(left) + len(right))
        return left + right
    if kinds[0] in (_YM, _DT) and kinds[1] in ("date", _MOMENT, "time"):
        return _shifted(right, left)
    if kinds[0] in ("date", _MOMENT, "time"):
        return _shifted(left, right)
    if kinds == (_YM, _YM):
        return YearsMonths(left.months + right.months)
    if kinds == (_DT, _DT):
        return _bounded(lambda: left + right)
    return None


def subtract(left: Any, right: Any, zone: tzinfo, budget: Budget) -> Any:
    """Subtract two values; two dates or two instants give a days and time duration."""
    kinds = kind(left), kind(right)
    if kinds == ("number", "number"):
        return _number(NUMBERS.subtract, left, right)
    if kinds[1] in (_YM, _DT) and kinds[0] in ("date", _MOMENT, "time"):
        return _shifted(left, negate(right))
    if kinds == (_YM, _YM):
        return YearsMonths(left.months - right.months)
    if kinds == (_DT, _DT):
        return _bounded(lambda: left - right)
    if kinds == ("time", "time"):
        if (left.tzinfo is None) != (right.tzinfo is None):
            return None
        day = date(1970, 1, 1)
        return located(datetime.combine(day, left), zone) - located(datetime.combine(day, right), zone)
    if kinds[0] in ("date", _MOMENT) and kinds[1] in ("date", _MOMENT):
        return _instant(left, zone) - _instant(right, zone)
    return None


def multiply(left: Any, right: Any, zone: tzinfo, budget: Budget) -> Any:
    """Multiply two numbers, or a duration by a number."""
    kinds = kind(left), kind(right)
    if kinds == ("number", "number"):
        return _number(NUMBERS.multiply, left, right)
    if kinds[0] == "number":
        left, right, kinds = right, left, (kinds[1], kinds[0])
    if kinds == (_YM, "number"):
        return _months(lambda: NUMBERS.multiply(Decimal(left.months), right))
    if kinds == (_DT, "number"):
        return _span(lambda: NUMBERS.multiply(seconds(left), right))
    return None


def divide(left: Any, right: Any, zone: tzinfo, budget: Budget) -> Any:
    """Divide two numbers, a duration by a number, or a duration by one of its kind; by zero gives null."""
    kinds = kind(left), kind(right)
    if kinds == ("number", "number"):
        return _number(NUMBERS.divide, left, right)
    if kinds == (_YM, "number"):
        return _months(lambda: NUMBERS.divide(Decimal(left.months), right))
    if kinds == (_DT, "number"):
        return _span(lambda: NUMBERS.divide(seconds(left), right))
    if kinds == (_YM, _YM):
        return _number(NUMBERS.divide, Decimal(left.months), Decimal(right.months))
    if kinds == (_DT, _DT):
        return _number(NUMBERS.divide, seconds(left), seconds(right))
    return None


def power(left: Any, right: Any, zone: tzinfo, budget: Budget) -> Any:
    """Raise a number to a power; what decimal128 cannot hold is null, so that no power can take long."""
    if kind(left) != "number" or kind(right) != "number":
        return None
    # IEEE 754 gives 1 for any number to the power of zero, zero itself included; Python's decimals refuse that.
    return Decimal(1) if not right else _number(NUMBERS.power, left, right)


def negate(value: Any) -> Any:
    """Turn the sign of a number or duration."""
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    if isinstance(value, timedelta):
        return _bounded(lambda: -value)
    return None


def seconds(value: timedelta) -> Decimal:
    """Count the seconds of a days and time duration."""
    return Decimal(value.days * 86_400 + value.seconds) + Decimal(value.microseconds) / 1_000_000


def plus_months(value: date, months: int) -> date | None:
    """Move a date or date-time by months; 31 January and one month is the last day of February."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return value.replace(year=year, month=month + 1, day=min(value.day, calendar.monthrange(year, month + 1)[1]))


def _shifted(value: Any, by: Any) -> Any:
    if isinstance(by, YearsMonths):
        return None if isinstance(value, time) else plus_months(value, by.months)
    if not isinstance(by, timedelta):
        return None
    if isinstance(value, time):
        return (
            (datetime.combine(date(1970, 1, 2), value.replace(tzinfo=None)) + timedelta(seconds=by.seconds))
            .time()
            .replace(microsecond=(value.microsecond + by.microseconds) % 1_000_000, tzinfo=value.tzinfo)
        )
    if not isinstance(value, datetime):
        moved = _bounded(lambda: datetime.combine(value, time(0)) + by)
        return None if moved is None else moved.date()
    if value.tzinfo is None:
        return _bounded(lambda: value + by)
    # Python moves the hands of the wall clock; FEEL counts elapsed time, which differs where clocks are set.
    return _bounded(lambda: (value.astimezone(UTC) + by).astimezone(value.tzinfo))


def _instant(value: date, zone: tzinfo) -> datetime:
    return located(value if isinstance(value, datetime) else datetime.combine(value, time(0)), zone)


def _number(act: Callable[..., Decimal], *operands: Decimal) -> Decimal | None:
    try:
        result = act(*operands)
    except DecimalException:
        return None
    return result if result.is_finite() else None


def _months(count: Callable[[], Decimal]) -> YearsMonths | None:
    total = _number(count)
    return None if total is None or total.adjusted() > 15 else YearsMonths(int(total))


def _span(count: Callable[[], Decimal]) -> timedelta | None:
    total = _number(count)
    if total is None or total.adjusted() > 18:
        return None
    whole, rest = divmod(total * 1_000_000, 1_000_000)
    return _bounded(lambda: timedelta(seconds=int(whole), microseconds=int(rest)))


def _bounded(act: Callable[[], T]) -> T | None:
    """Give null for what lies outside the years 1 to 9999, which is all the calendar that Python knows."""
    try:
        return act()
    except (OverflowError, ValueError):
        return None
