"""What people type: numbers with Indonesian dots, dates as they are written here, addresses; each read or told wrong.

Every reader takes the component and the posted texts and gives the typed value, or raises `Unfit` with the code of the
problem. Required answers are not the business of these readers: an empty one is None, or no choice at all.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from workflows.feel.clock import Clock
from workflows.feel.patterns import compile_pattern
from workflows.feel.values import plain
from workflows.forms.components import Component
from workflows.money import RUPIAH

# Caps for texts whose form sets none; what is longer is no answer but an attack.
_LINE, _PAGE = 1_000, 20_000
# Control characters and halves of surrogate pairs (Unicode categories Cc and Cs); a page may have tabs and line breaks.
_NOT_IN_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_PAGES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
_PHONE = re.compile(r"\+?[0-9 ().\-/]{6,30}")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_OUR_DATE = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2}|[A-Za-z]+)\s*[/.\- ]\s*(\d{4})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?", re.ASCII)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("januari january jan", "februari february feb pebruari", "maret march mar", "april apr", "mei may",
         "juni june jun", "juli july jul", "agustus august agu aug ags", "september sep sept",
         "oktober october okt oct", "november nov nopember", "desember december des dec"),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NO = frozenset({"", "false", "0", "off", "no", "tidak"})


class Unfit(Exception):
    """An answer that cannot be taken; the code is one of `answers.PROBLEMS`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def first(posted: Sequence[str]) -> str:
    """Give the first text that is not empty, without space around it."""
    return next((text.strip() for text in posted if text.strip()), "")


def text(component: Component, posted: Sequence[str], clock: Clock) -> str | None:
    """Read a line or a page of text."""
    lines = component.type == "textarea"
    typed = first(posted)
    if not typed:
        return None
    limits = component.limits
    most = limits.max_length or (_PAGE if lines else _LINE)
    if len(typed) <= 4 * most:
        # Browsers post a line break as two characters, and some keyboards an accent as one of its own.
        typed = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n")
        if (_NOT_IN_PAGES if lines else _NOT_IN_LINES).search(typed):
            raise Unfit("not_text")
    if len(typed) > most:
        raise Unfit("too_long", maximum=most, length=len(typed))
    if limits.format == "email" and (len(typed) > 254 or not _EMAIL.fullmatch(typed)):
        raise Unfit("not_email")
    if limits.format == "phone" and not (_PHONE.fullmatch(typed) and sum(c.isdigit() for c in typed) >= 6):
        raise Unfit("not_phone")
    if limits.min_length is not None and len(typed) < limits.min_length:
        raise Unfit("too_short", minimum=limits.min_length, length=len(typed))
    if limits.pattern is not None and compile_pattern(limits.pattern).search(typed) is None:
        raise Unfit("pattern", message=limits.pattern_message())
    return typed


def number(component: Component, posted: Sequence[str], clock: Clock) -> Decimal | int | None:
    """Read a number: `1.500.000,50` as here, `1500000.50` as machines write it."""
    typed = first(posted)
    if not typed:
        return None
    limits = component.limits
    if component.money:
        # "Rp1.500.000,-" and "1.500.000,00" are whole rupiah, however they are finished.
        typed = re.sub(r",-{1,2}$|(?<=\d)[,.]00$" if component.money == RUPIAH else r",-{1,2}$", "", typed)
    found = _number(typed, limits.decimals, limits.maximum)
    if found is None:
        raise Unfit("not_number")
    places = -int(found.as_tuple().exponent)
    if limits.decimals is not None and places > limits.decimals and found != round(found, limits.decimals):
        raise Unfit("decimals", decimals=limits.decimals)
    if limits.minimum is not None and found < limits.minimum:
        raise Unfit("below_minimum", minimum=plain(limits.minimum))
    if limits.maximum is not None and found > limits.maximum:
        raise Unfit("above_maximum", maximum=plain(limits.maximum))
    result: Decimal | int = plain(found)
    return result


def _number(typed: str, decimals: int | None, maximum: Decimal | None) -> Decimal | None:
    typed = re.sub(r"[\s\u00a0\u202f]|^Rp\.?", "", typed.replace("−", "-"), flags=re.IGNORECASE)
    if len(typed) > 40 or not re.fullmatch(r"-?[\d.,]*\d", typed, re.ASCII):
        return None
    for grouping, point in ((".", ","), (",", ".")):
        if re.fullmatch(rf"-?[1-9]\d{{0,2}}(\{grouping}\d{{3}})+(\{point}\d+)?", typed, re.ASCII):
            grouped = Decimal(typed.replace(grouping, "").replace(point, "."))
            once = typed.count(grouping) == 1 and point not in typed
            if not once:
                return grouped
            # "3.597" is three thousand here, unless the form wants decimals and so much could never be meant.
            is_decimal = grouping == "," or (decimals != 0 and maximum is not None and grouped > maximum)
            return Decimal(typed.replace(grouping, ".")) if is_decimal else grouped
    if re.fullmatch(r"-?\d*[.,]?\d+", typed, re.ASCII):
        return Decimal(typed.replace(",", "."))
    return None


def moment(component: Component, posted: Sequence[str], clock: Clock) -> date | time | datetime | None:
    """Read a day (`2026-01-31`, `31/01/2026`, `31 Januari 2026`), a time of day, or both."""
    typed = " ".join(each.strip() for each in posted[:2] if each.strip())
    if not typed:
        return None
    if component.subtype == "time":
        return _time(typed)
    if component.subtype == "date":
        day = _date(typed)
        if component.limits.not_passed and day < clock.now.astimezone(clock.zone).date():
            raise Unfit("passed")
        if component.limits.not_ahead and day > clock.now.astimezone(clock.zone).date():
            raise Unfit("ahead")
        if component.limits.earliest is not None and day < component.limits.earliest:
            raise Unfit("too_early", earliest=component.limits.earliest)
        return day
    match = re.fullmatch(r"(.{6,30}?)(?:T|\s+|,\s*)(\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)", typed)
    if match is None:
        raise Unfit("not_date")
    at = datetime.combine(_date(match[1]), _time(match[2]), tzinfo=clock.zone)
    if component.limits.not_passed and at < clock.now:
        raise Unfit("passed")
    return at


def _date(typed: str) -> date:
    iso, ours = _ISO_DATE.fullmatch(typed), _OUR_DATE.fullmatch(typed)
    try:
        if iso is not None:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if ours is not None:
            month = int(ours[2]) if ours[2].isdecimal() else _MONTHS[ours[2].lower()]
            return date(int(ours[3]), month, int(ours[1]))
    except (ValueError, KeyError):
        raise Unfit("not_date") from None
    raise Unfit("not_date")


def _time(typed: str) -> time:
    match = _TIME.fullmatch(typed)
    try:
        if match is not None:
            return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        raise Unfit("not_time") from None
    raise Unfit("not_time")


def ticked(component: Component, posted: Sequence[str], clock: Clock) -> bool:
    """Read a checkbox, which browsers post only while it is ticked."""
    return any(each.strip().lower() not in _NO for each in posted)


def choice(component: Component, posted: Sequence[str], offered: Collection[str] | None) -> str | None:
    """Read the one value that was chosen; `offered` is None where the host's list is not at hand."""
    chosen = first(posted)
    if not chosen:
        return None
    if offered is not None and chosen not in offered and chosen.upper() in offered:
        # Codes of currencies are typed in small letters as well.
        chosen = chosen.upper()
    if (offered is not None and chosen not in offered) or len(chosen) > _LINE or not chosen.isprintable():
        raise Unfit("unknown_option")
    return chosen


def choices(component: Component, posted: Sequence[str], offered: Collection[str] | None) -> list[str]:
    """Read the values that were chosen, each once, in the order in which they are offered."""
    chosen = dict.fromkeys(each.strip() for each in posted if each.strip())
    for each in chosen:
        choice(component, (each,), offered)
    order = [option.value for option in component.options]
    return sorted(chosen, key=lambda value: order.index(value) if value in order else len(order))


Reader = Callable[[Component, Sequence[str], Clock], Any]
READERS: dict[str, Reader] = {
    "textfield": text,
    "textarea": text,
    "number": number,
    "datetime": moment,
    "checkbox": ticked,
}


def typed_again(component: Component, value: Any, clock: Clock) -> str | bool | tuple[str, ...]:
    """Write a stored value as it would be typed into its field."""
    if component.type == "checkbox":
        return value is True
    if component.type in ("checklist", "taglist"):
        return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()
    if value is None or isinstance(value, bool | dict | list):
        return ""
    if component.money and isinstance(value, int | float | Decimal):
        return _amount(Decimal(str(value)))
    if isinstance(value, float | Decimal):
        number_of = value if isinstance(value, Decimal) else Decimal(repr(value))
        return format(number_of.normalize() if number_of else number_of, "f").replace(".", ",")
    if isinstance(value, datetime):
        return value.astimezone(clock.zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


def _amount(value: Decimal) -> str:
    """Write an amount as it is written here, "1.500.000,5"."""
    return f"{value.normalize():,f}".translate(str.maketrans(",.", ".,"))
