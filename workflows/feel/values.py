"""The values of FEEL: which Python types they are, how they compare, and how they go to JSON and back.

number is Decimal (34 digits), string str, boolean bool, null None, date, time and date and time are those of
`datetime`, days and time duration is timedelta, list is list, context is dict; the rest is defined here.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.feel.budget import NESTING, Budget, too_deep
from workflows.feel.errors import FeelError
from workflows.language import say

# IEEE 754 decimal128, which DMN 1.3 (10.3.2.3.1) names for its numbers.
NUMBERS = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
# Integers of more bits than decimal128 can hold are refused before their costly conversion.
_INTEGER_BITS = 20_500


@dataclass(frozen=True)
class YearsMonths:
    """A years and months duration; months have no fixed length, so it never mixes with days and hours."""

    # Whole months, negative for a duration that goes back.
    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if self.months < 0 else "") + "P" + (text or "0M")


@dataclass(frozen=True)
class Range:
    """All values between two ends; an end that is None is open to infinity."""

    # The lower end.
    low: Any
    # The upper end.
    high: Any
    # Whether the lower end itself belongs to the range.
    low_included: bool = True
    # Whether the upper end itself belongs to the range.
    high_included: bool = True


@dataclass(frozen=True)
class Function:
    """Something that FEEL can call: a built-in function, a host function, or one written in FEEL."""

    # What the function is called in messages; empty for one without a name.
    name: str
    # Names of the parameters, in order.
    parameters: tuple[str, ...]
    # Takes the run of the evaluation and the arguments.
    call: Callable[..., Any]
    # The types that a function written in FEEL names for its parameters, None for one of any; None for all others.
    types: tuple[Any, ...] | None = None


def kind(value: Any) -> str:
    """Name the FEEL type of the value, as the specification writes it."""
    known = _KINDS.get(type(value))
    if known is not None:
        return known
    return "function" if isinstance(value, Function) else "date and time" if isinstance(value, datetime) else "Any"


_KINDS: dict[type, str] = {
    type(None): "Null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    date: "date",
    time: "time",
    datetime: "date and time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}


def admit(value: Any, budget: Budget, nesting: int = 0) -> Any:
    """Turn a value of the host into a value of FEEL: ints become Decimal, tuples lists; foreign types are refused."""
    value_type = type(value)
    if value_type is str or value is None or value_type is bool:
        return value
    if value_type is list or value_type is dict:
        if nesting >= NESTING:
            raise too_deep()
        budget.spend(1 + len(value))
        if value_type is list:
            return [admit(item, budget, nesting + 1) for item in value]
        return {str(key): admit(item, budget, nesting + 1) for key, item in value.items()}
    if value_type is Decimal:
        return _admit_number(value)
    if value_type in _KINDS:
        return value
    return _admit_rare(value, budget, nesting)


def _admit_number(value: Decimal) -> Decimal | None:
    """Round a decimal of the host to what FEEL's numbers hold; one that is no number is null."""
    try:
        return NUMBERS.plus(value) if value.is_finite() else None
    except Overflow:
        raise _too_large() from None


def _too_large() -> FeelError:
    return FeelError("feel.too_large", say("Bilangan terlalu besar.", "A number is too large."))


def _admit_rare(value: Any, budget: Budget, nesting: int) -> Any:
    if isinstance(value, int):
        if value.bit_length() > _INTEGER_BITS:
            raise _too_large()
        return NUMBERS.create_decimal(value)
    if isinstance(value, float):
        return NUMBERS.create_decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value
    if isinstance(value, Mapping):
        return admit(dict(value), budget, nesting)
    if isinstance(value, list | tuple | set | frozenset):
        return admit(list(value), budget, nesting)
    raise FeelError(
        "feel.foreign_value",
        say(
            f"Nilai berjenis {type(value).__name__} tidak dikenal FEEL.",
            f"FEEL does not know values of type {type(value).__name__}.",
        ),
    )


def located(value: datetime, zone: tzinfo) -> datetime:
    """Give the date-time its place on the time line; one without offset is read in `zone`."""
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def equal(left: Any, right: Any, zone: tzinfo, budget: Budget, nesting: int = 0) -> bool | None:
    """Compare as `=` does: null when the types differ, true or false else; null equals only null."""
    if left is None or right is None:
        return left is right
    left_kind = kind(left)
    if left_kind != kind(right):
        return None
    if left_kind == "date and time":
        return located(left, zone) == located(right, zone)
    if left_kind == "time":
        return _seconds(left, zone) == _seconds(right, zone)
    if left_kind not in ("list", "context", "range"):
        return bool(left == right)
    if nesting >= NESTING:
        raise too_deep()
    if left_kind == "range":
        return (left.low_included, left.high_included) == (right.low_included, right.high_included) and all(
            equal(a, b, zone, budget, nesting + 1) is True for a, b in ((left.low, right.low), (left.high, right.high))
        )
    budget.spend(len(left))
    if len(left) != len(right):
        return False
    if left_kind == "list":
        return all(equal(a, b, zone, budget, nesting + 1) is True for a, b in zip(left, right, strict=True))
    return all(key in right and equal(left[key], right[key], zone, budget, nesting + 1) is True for key in left)


def order(left: Any, right: Any, zone: tzinfo) -> int | None:
    """Tell whether left is below (-1), like (0) or above (1) right; null when they have no order."""
    left_kind = kind(left)
    if left_kind != kind(right) or left_kind not in _ORDERED:
        return None
    if left_kind == "date and time":
        left, right = located(left, zone), located(right, zone)
    elif left_kind == "time":
        left, right = _seconds(left, zone), _seconds(right, zone)
    elif left_kind == "years and months duration":
        left, right = left.months, right.months
    return int(left > right) - int(left < right)


_ORDERED = frozenset(
    {"number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"}
)


def _seconds(value: time, zone: tzinfo) -> Decimal:
    """Count the seconds since midnight UTC; a time without offset is read in `zone`, as of 1 January 1970."""
    moment = datetime.combine(date(1970, 1, 1), value)
    offset = located(moment, zone).utcoffset() or timedelta(0)
    return Decimal(value.hour * 3600 + value.minute * 60 + value.second) + (
        Decimal(value.microsecond) / 1_000_000 - Decimal(int(offset.total_seconds()))
    )


def within(value: Any, span: Range, zone: tzinfo) -> bool | None:
    """Tell whether the value lies in the range; null when it cannot be compared with an end."""
    if span.low is not None:
        below = order(value, span.low, zone)
        if below is None:
            return None
        if below < 0 or (below == 0 and not span.low_included):
            return False
    if span.high is not None:
        above = order(value, span.high, zone)
        if above is None:
            return None
        if above > 0 or (above == 0 and not span.high_included):
            return False
    return None if span.low is None and span.high is None else True


# --- texts -----------------------------------------------------------------------------------------------------------

_DATE = re.compile(r"-?\d{4,9}-\d{2}-\d{2}")
_TIME = re.compile(
    r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:(Z|z)|([+-])(\d{2}):(\d{2})(?::(\d{2}))?|@([\w+/-]{1,40}))?", re.ASCII
)
_DAYS_TIME = re.compile(
    r"(-)?P(?:(\d{1,9})D)?(T(?:(\d{1,10})H)?(?:(\d{1,11})M)?(?:(\d{1,12})(?:\.(\d{1,9})\d*)?S)?)?", re.ASCII
)
_YEARS_MONTHS = re.compile(r"(-)?P(?:(\d{1,9})Y)?(?:(\d{1,10})M)?", re.ASCII)


def read_date(text: str) -> date | None:
    """Read `2026-01-31`; None when it is no date of the calendar between the years 1 and 9999."""
    if len(text) != 10 or not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """Read `10:30:00`, with `Z`, an offset or `@Asia/Jakarta` behind it if wanted."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction, utc, sign, off_hours, off_minutes, off_seconds, zone = match.groups()
    try:
        where: tzinfo | None = None
        if utc:
            where = UTC
        elif sign:
            offset = timedelta(hours=int(off_hours), minutes=int(off_minutes), seconds=int(off_seconds or 0))
            if offset > timedelta(hours=18) or int(off_minutes) > 59:
                return None
            where = fixed(-offset if sign == "-" else offset)
        elif zone:
            where = ZoneInfo(zone)
        microsecond = int((fraction or "0").ljust(6, "0")[:6])
        return time(int(hour), int(minute), int(second), microsecond, tzinfo=where)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def read_datetime(text: str) -> datetime | None:
    """Read `2026-01-31T10:30:00` with a zone as in `read_time`; a date alone means its midnight."""
    day, separator, rest = text.partition("T")
    on, at = read_date(day), read_time(rest) if separator else time(0)
    return None if on is None or at is None else datetime.combine(on, at)


def read_duration(text: str) -> timedelta | YearsMonths | None:
    """Read `P3D`, `PT36H`, `P1Y2M`; the two kinds never mix."""
    match = _YEARS_MONTHS.fullmatch(text)
    if match is not None and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS_TIME.fullmatch(text)
    if match is None:
        return None
    sign, days, clock, hours, minutes, seconds, fraction = match.groups()
    if not (days or hours or minutes or seconds) or (clock is not None and not (hours or minutes or seconds)):
        return None
    try:
        span = timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=int((fraction or "0").ljust(6, "0")[:6]),
        )
    except OverflowError:
        return None
    return -span if sign else span


def read_temporal(text: str) -> date | time | datetime | timedelta | YearsMonths | None:
    """Read the content of an `@"..."` literal; None when it is nothing that FEEL knows."""
    if "P" in text[:2]:
        return read_duration(text)
    # Names of zones hold capitals, too: 10:30:00@Asia/Tokyo is a time.
    if "T" in text.partition("@")[0]:
        return read_datetime(text)
    return read_date(text) or read_time(text)


def fixed(offset: timedelta) -> tzinfo:
    """Make the time zone of a fixed offset; UTC itself for none."""
    return UTC if not offset else timezone(offset)


def write(value: Any, budget: Budget, nesting: int = 0) -> str:
    """Write the value as `string()` does; texts inside lists and contexts keep their quotes."""
    if nesting > NESTING:
        raise too_deep()
    if isinstance(value, str):
        text = value if nesting == 0 else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    elif value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, Decimal):
        text = write_number(value)
    elif isinstance(value, datetime):
        text = write_datetime(value)
    elif isinstance(value, time):
        text = _write_time(value)
    elif isinstance(value, timedelta):
        text = write_days_time(value)
    elif isinstance(value, list):
        text = "[" + ", ".join(write(item, budget, nesting + 1) for item in value) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{_key(key)}: {write(item, budget, nesting + 1)}" for key, item in value.items()) + "}"
    elif isinstance(value, Range):
        low, high = (write(end, budget, nesting + 1) for end in (value.low, value.high))
        text = f"{'[' if value.low_included else '('}{low}..{high}{']' if value.high_included else ')'}"
    elif isinstance(value, Function):
        text = f"function({', '.join(value.parameters)})"
    else:
        text = str(value)
    budget.grow(len(text))
    return text


def _key(key: str) -> str:
    return key if re.fullmatch(r"[^\W\d][\w ]*", key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_number(value: Decimal) -> str:
    """Write a number without exponent and without zeros that say nothing."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def write_days_time(value: timedelta) -> str:
    """Write a days and time duration in the form that `read_duration` reads."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    clock = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{fraction}S" if seconds or fraction else "")
    )
    days = f"{value.days}D" if value.days else ""
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{days}{'T' + clock if clock else ''}"


def _write_time(value: time) -> str:
    fraction = f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""
    text = value.strftime("%H:%M:%S") + fraction
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{text}@{value.tzinfo.key}"
    return text + _write_offset(value.utcoffset())


def write_datetime(value: datetime) -> str:
    """Write a date-time as the specification does: with offset, or with the name of its zone."""
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}T{_write_time(value.timetz())}"


def _write_offset(offset: timedelta | None) -> str:
    if offset is None:
        return ""
    if not offset:
        return "Z"
    total = int(offset.total_seconds())
    sign, total = ("-", -total) if total < 0 else ("+", total)
    seconds = f":{total % 60:02d}" if total % 60 else ""
    return f"{sign}{total // 3600:02d}:{total % 3600 // 60:02d}{seconds}"


# --- JSON ------------------------------------------------------------------------------------------------------------

# A JSON object of one of these single keys stands for a value that JSON lacks; a context that has keys of the same
# look is wrapped in "$context" itself, so that every context comes back as it was.
_NUMBER, _DAY, _TIME_KEY, _MOMENT = "$number", "$date", "$time", "$datetime"
_DURATION, _RANGE, _CONTEXT = "$duration", "$range", "$context"


_LARGEST_INT = 2**63


def to_json(value: Any, nesting: int = 0) -> Any:
    """Turn a value into JSON from which `from_json` makes the same value; functions are refused.

    Ints stay ints as far as readers of JSON agree on them (64 bits); larger ones are written as numbers of ours.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if -_LARGEST_INT <= value < _LARGEST_INT else {_NUMBER: str(value)}
    if nesting > NESTING:
        raise too_deep()
    if isinstance(value, Decimal | float):
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
        if not number.is_finite():
            raise FeelError("feel.no_number", say("Nilai ini bukan bilangan.", "This value is not a number."))
        return {_NUMBER: str(number)}
    if isinstance(value, datetime):
        if isinstance(value.tzinfo, ZoneInfo):
            return {_MOMENT: value.isoformat(), "zone": value.tzinfo.key}
        return {_MOMENT: value.isoformat()}
    if isinstance(value, date):
        return {_DAY: value.isoformat()}
    if isinstance(value, time):
        zone = {"zone": value.tzinfo.key} if isinstance(value.tzinfo, ZoneInfo) else {}
        return {_TIME_KEY: value.isoformat(), **zone}
    if isinstance(value, timedelta):
        return {_DURATION: write_days_time(value)}
    if isinstance(value, YearsMonths):
        return {_DURATION: str(value)}
    if isinstance(value, Range):
        ends = [to_json(end, nesting + 1) for end in (value.low, value.high)]
        return {_RANGE: [*ends, value.low_included, value.high_included]}
    if isinstance(value, list | tuple):
        return [to_json(item, nesting + 1) for item in value]
    if isinstance(value, Mapping):
        content = {str(key): to_json(item, nesting + 1) for key, item in value.items()}
        return {_CONTEXT: content} if any(key.startswith("$") for key in content) else content
    raise FeelError(
        "feel.foreign_value",
        say(
            f"Nilai berjenis {type(value).__name__} tidak dapat disimpan.",
            f"A value of type {type(value).__name__} cannot be stored.",
        ),
    )


def from_json(document: Any, nesting: int = 0) -> Any:
    """Give back the value that `to_json` wrote; an object with an unknown mark is refused with ValueError."""
    if nesting > 2 * NESTING + 2:
        raise too_deep()
    if isinstance(document, list):
        return [from_json(item, nesting + 1) for item in document]
    if not isinstance(document, dict):
        return document
    mark = next((key for key in document if key.startswith("$")), None)
    if mark is None:
        return {key: from_json(item, nesting + 1) for key, item in document.items()}
    content = document[mark]
    if mark == _CONTEXT:
        return {key: from_json(item, nesting + 1) for key, item in content.items()}
    if mark == _RANGE:
        low, high, low_included, high_included = content
        return Range(from_json(low, nesting + 1), from_json(high, nesting + 1), low_included, high_included)
    value: Any = None
    if mark == _NUMBER:
        value = Decimal(content)
    elif mark == _DAY:
        value = date.fromisoformat(content)
    elif mark == _DURATION:
        value = read_duration(content)
    elif mark == _TIME_KEY:
        value = time.fromisoformat(content)
        value = value.replace(tzinfo=ZoneInfo(document["zone"])) if "zone" in document else value
    elif mark == _MOMENT:
        value = datetime.fromisoformat(content)
        value = _in_zone(value, ZoneInfo(document["zone"])) if "zone" in document else value
    if value is None:
        raise ValueError(f"no value of FEEL is marked {mark}")
    return value


def _in_zone(value: datetime, zone: ZoneInfo) -> datetime:
    """Keep what the wall clock showed; where it showed an hour twice or never, the offset tells which was meant."""
    there = value.replace(tzinfo=zone)
    return there if there.utcoffset() == value.utcoffset() else there.replace(fold=1)


def plain(value: Any) -> Any:
    """Make integral Decimals ints, throughout, as variables are written; all else stays as it is."""
    if isinstance(value, Decimal):
        if value.is_finite() and value.adjusted() < NUMBERS.prec and value == value.to_integral_value():
            return int(value)
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
