"""Types of inputs and outputs (`typeRef`), and how values of the host become values of these types."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, DecimalException
from typing import Any

from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.expressions import UnaryTests
from workflows.feel.types import Type, simple
from workflows.feel.values import (
    NUMBERS,
    YearsMonths,
    admit,
    kind,
    located,
    read_date,
    read_datetime,
    read_duration,
    read_time,
)

# Spellings of Camunda and dmn-js beside those of FEEL; the whole ones refuse a fraction.
_WHOLE = frozenset({"integer", "long", "int", "short"})
_NUMBERS = frozenset({"double", "float", "decimal"})


class Misfit(Exception):
    """A value is not of the type that is asked for."""


class NotAllowed(Misfit):
    """A value is of the right kind, but none of those that the type allows."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        # The allowed values as the file writes them.
        self.allowed = allowed


@dataclass(frozen=True)
class ItemType:
    """The type of an input, output or variable."""

    # Its name in the file.
    name: str
    # The FEEL type below it; "Any" when everything is taken.
    base: str = "Any"
    # Whether numbers must be whole.
    whole: bool = False
    # Whether it is a list of such values.
    collection: bool = False
    # What values are allowed; None for all.
    allowed: UnaryTests | None = None
    # The entries of a context, by name.
    entries: tuple[tuple[str, "ItemType"], ...] = ()


ANYTHING = ItemType("Any")


def built_in(name: str) -> ItemType | None:
    """Give the type that DMN, FEEL or dmn-js itself names so; None for a name that only the file can define."""
    if name in _WHOLE:
        return ItemType(name, "number", whole=True)
    if name in _NUMBERS:
        return ItemType(name, "number")
    known = simple(name)
    return None if known is None else ItemType(name, known.name)


def as_feel(item: ItemType) -> Type:
    """Give the type as FEEL has it."""
    entries = tuple((name, as_feel(entry)) for name, entry in item.entries)
    one = Type("context", entries=entries) if entries else Type(item.base)
    return Type("list", element=one) if item.collection else one


def converted(value: Any, wanted: ItemType, clock: Clock, budget: Budget) -> Any:
    """Give the value as that type, or raise Misfit; null fits every type.

    Texts become numbers, dates and durations where those are wanted, since JSON and forms have no others; an instant
    becomes its day in the office's zone.
    """
    value = admit(value, budget)
    if value is None:
        return None
    if wanted.collection:
        items = value if isinstance(value, list) else [value]
        return [_one(item, wanted, clock, budget) for item in items]
    if isinstance(value, list) and len(value) == 1 and wanted.base not in ("list", "Any"):
        value = value[0]
    return _one(value, wanted, clock, budget)


def _one(value: Any, wanted: ItemType, clock: Clock, budget: Budget) -> Any:
    if value is None:
        return None
    if wanted.base != "Any" and kind(value) != wanted.base:
        value = _other(value, wanted.base, clock)
    if wanted.whole and value != value.to_integral_value():
        raise Misfit
    if wanted.entries and isinstance(value, Mapping):
        budget.spend(len(wanted.entries))
        value = {**value, **{n: converted(value[n], t, clock, budget) for n, t in wanted.entries if n in value}}
    if wanted.allowed is not None and not wanted.allowed.matches(value, {}, clock, budget=budget):
        raise NotAllowed(wanted.allowed.text)
    return value


def _other(value: Any, base: str, clock: Clock) -> Any:
    if base == "date" and isinstance(value, datetime):
        return located(value, clock.zone).astimezone(clock.zone).date()
    if base == "date and time" and isinstance(value, date):
        return datetime.combine(value, time(0), tzinfo=clock.zone)
    result = _read(value, base) if isinstance(value, str) else None
    if result is None or kind(result) != base:
        raise Misfit
    return result


def _read(text: str, base: str) -> Decimal | date | time | YearsMonths | Any:
    if base == "number":
        try:
            number = NUMBERS.create_decimal(text) if len(text) < 100 else None
        except DecimalException:
            return None
        return number if number is not None and number.is_finite() else None
    if base == "date":
        return read_date(text)
    if base == "date and time":
        return read_datetime(text)
    if base == "time":
        return read_time(text)
    return read_duration(text) if base.endswith("duration") else None
