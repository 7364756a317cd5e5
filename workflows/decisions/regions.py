"""The cells of a decision table as intervals, so that it can be asked what its rules cover together.

Every input column gets a scale of its own: the values that its cells name, and the open spaces between them, numbered
from 0 (spaces are even, values odd); texts and booleans are numbered one by one. Missing (null) is -1. A cell is then a
few intervals of whole numbers, and a rule a box. A cell that computes something is opaque: nothing is claimed about it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import cmp_to_key
from typing import Any

from workflows.decisions.constants import CLOCK, constant, is_constant
from workflows.decisions.tables import DecisionTable, Input
from workflows.decisions.types import ItemType
from workflows.feel.clock import OFFICE_ZONE
from workflows.feel.expressions import UnaryTests
from workflows.feel.nodes import HalfComparison, ListOf, Literal, Node, RangeOf
from workflows.feel.values import YearsMonths, kind, located, order

Span = tuple[int, int]
Spans = tuple[Span, ...]

MISSING = -1
_NOTHING = object()
_ORDERED = frozenset({"number", "date", "time", "date and time", "days and time duration", "years and months duration"})


class Opaque(Exception):
    """A cell computes something; what it takes cannot be told from its text."""


@dataclass(frozen=True)
class Scale:
    """The numbered places of one input column."""

    # Kind of its values; empty when it is never tested, or its cells cannot be told apart.
    kind: str
    # Values that cells name: in their order, or in the order of their appearance for texts.
    points: Sequence[Any]
    # Whether values lie between the points.
    has_spaces: bool
    # Highest place.
    last: int
    # Places whose values the column takes.
    universe: Spans
    # Whether numbers must be whole.
    whole: bool
    # Place of "any other text"; None where there is none.
    other: int | None
    # Place of each point.
    places: dict[Any, int] = field(default_factory=dict, hash=False)

    def sample(self, span: Span) -> Any:
        """Give a value of the span, or raise LookupError when there is none."""
        for place in range(span[0], span[1] + 1):
            value = self._at(place)
            if value is not _NOTHING:
                return value
        raise LookupError

    def has_values(self, span: Span) -> bool:
        """Tell whether the span holds a value; two places side by side always do."""
        return span[0] < span[1] or self._at(span[0]) is not _NOTHING

    def _at(self, place: int) -> Any:
        if place == MISSING:
            return None
        if not self.kind:
            return _NOTHING if place else "…"
        if not self.has_spaces:
            return "…" if place == self.other else self.points[place]
        if place % 2:
            return self.points[place // 2]
        low = self.points[place // 2 - 1] if place else None
        high = self.points[place // 2] if place < self.last else None
        return _between(low, high, self.kind, self.whole)


@dataclass(frozen=True)
class Box:
    """One rule: for each column the places that it takes."""

    # Place of the rule in the table, from 0.
    rule: int
    # What its cells take; an opaque one counts as everything.
    spans: tuple[Spans, ...]
    # Whether no cell is opaque.
    exact: bool


@dataclass(frozen=True)
class Grid:
    """A table as boxes over scales."""

    scales: tuple[Scale, ...]
    boxes: tuple[Box, ...]


def grid_of(table: DecisionTable) -> Grid:
    """Give the table as boxes over the scales of its columns."""
    scales: list[Scale] = []
    columns: list[list[Spans | None]] = []
    for number, column in enumerate(table.inputs):
        scale, cells = _column(column, [rule.tests[number] for rule in table.rules])
        scales.append(scale)
        columns.append(cells)
    boxes = []
    for place in range(len(table.rules)):
        row = [cells[place] for cells in columns]
        spans = (((MISSING, scale.last),) if cell is None else cell for cell, scale in zip(row, scales, strict=True))
        boxes.append(Box(place, tuple(spans), None not in row))
    return Grid(tuple(scales), tuple(boxes))


def cut(spans: Spans, others: Spans) -> Spans:
    """Give what both have in common; both are in order."""
    found = []
    for low, high in spans:
        for other_low, other_high in others:
            if other_low > high:
                break
            if other_high >= low:
                found.append((max(low, other_low), min(high, other_high)))
    return tuple(found)


def _column(column: Input, cells: Sequence[UnaryTests]) -> tuple[Scale, list[Spans | None]]:
    """Give the scale of a column, and what each cell takes of it; None for an opaque cell."""
    limits = [tests for tests in (column.allowed, column.type.allowed) if tests is not None]
    texts = dict.fromkeys(cell.text for cell in cells if not cell.takes_anything)
    by_text = {cell.text: cell for cell in cells}
    constants: dict[str, list[Node]] = {}
    values: list[Any] = []
    for tests in (*limits, *(by_text[text] for text in texts)):
        try:
            values += list(_values(tests))
            constants[tests.text] = list(tests.tests)
        except Opaque:
            continue
    scale = _scale(column.type, values, [tests for tests in limits if tests.text in constants])
    everything = ((MISSING, scale.last),)
    taken: dict[str, Spans | None] = {}
    for text in texts:
        try:
            taken[text] = _taken(by_text[text], scale) if text in constants and scale.kind else None
        except Opaque:
            taken[text] = None
    return scale, [everything if cell.takes_anything else taken[cell.text] for cell in cells]


def _scale(of_type: ItemType, values: list[Any], limits: list[UnaryTests]) -> Scale:
    kinds = {kind(value) for value in values if value is not None}
    if of_type.base != "Any":
        kinds.add(of_type.base)
    # Values of several kinds have no place side by side; a list has no place at all.
    name = kinds.pop() if len(kinds) == 1 and not of_type.collection else ""
    if name in _ORDERED:
        points = _sorted(value for value in values if value is not None)
        last = 2 * len(points)
        scale = Scale(name, points, True, last, ((0, last),), of_type.whole, None)
        scale.places.update({value: 2 * number + 1 for number, value in enumerate(points)})
    elif name in ("string", "boolean"):
        points = [False, True] if name == "boolean" else list(dict.fromkeys(v for v in values if v is not None))
        other = len(points) if name == "string" else None
        last = len(points) if other is not None else len(points) - 1
        scale = Scale(name, points, False, last, ((0, last),), False, other)
        scale.places.update({value: number for number, value in enumerate(points)})
    else:
        return Scale("", (), False, 0, ((0, 0),), False, None)
    for tests in limits:
        try:
            universe = cut(scale.universe, _taken(tests, scale))
        except Opaque:
            continue
        scale = Scale(
            scale.kind, scale.points, scale.has_spaces, scale.last, universe, scale.whole, scale.other, scale.places
        )
    return scale


def _sorted(values: Iterable[Any]) -> list[Any]:
    ordered = sorted(values, key=cmp_to_key(lambda a, b: order(a, b, OFFICE_ZONE) or 0))
    points: list[Any] = []
    for value in ordered:
        if not points or order(points[-1], value, OFFICE_ZONE) != 0:
            points.append(value)
    return points


def _values(tests: UnaryTests) -> Iterator[Any]:
    """Give the values that a cell names; raise Opaque when it is more than constants."""
    for test in tests.tests:
        for node in _parts(test):
            yield _constant(node)


def _parts(test: Node) -> Iterator[Node]:
    if isinstance(test, HalfComparison):
        yield test.bound
    elif isinstance(test, RangeOf):
        yield test.low
        yield test.high
    elif isinstance(test, ListOf):
        for item in test.items:
            yield from _parts(item)
    else:
        yield test


def _constant(node: Node) -> Any:
    if not is_constant(node):
        raise Opaque
    value = constant(node)
    if value is None and not isinstance(node, Literal):
        raise Opaque
    return value


def _taken(tests: UnaryTests, scale: Scale) -> Spans:
    """Give what a cell of constants takes of the scale."""
    spans = _joined(span for test in tests.tests for span in _spans(test, scale))
    if tests.negated:
        spans = _rest(spans, scale.last)
    # Whether a missing value passes is asked of the cell itself: null has rules of its own in FEEL.
    return ((MISSING, MISSING), *spans) if tests.matches(None, {}, CLOCK) else spans


def _spans(test: Node, scale: Scale) -> Iterator[Span]:
    if isinstance(test, ListOf):
        for item in test.items:
            yield from _spans(item, scale)
    elif isinstance(test, RangeOf):
        low, high = _constant(test.low), _constant(test.high)
        if low is None or high is None:
            # Of a range with an unknown end nothing is known.
            return
        first = _place(low, scale) + (not test.low_included)
        end = _place(high, scale) - (not test.high_included)
        if not scale.has_spaces:
            raise Opaque
        if first <= end:
            yield first, end
    elif isinstance(test, HalfComparison):
        yield from _half(test, scale)
    else:
        value = _constant(test)
        if value is not None:
            yield _place(value, scale), _place(value, scale)


def _half(test: HalfComparison, scale: Scale) -> Iterator[Span]:
    bound = _constant(test.bound)
    if bound is None:
        if test.operator == "!=":
            yield 0, scale.last
        return
    place = _place(bound, scale)
    if test.operator in ("=", "!="):
        spans: Spans = ((place, place),)
        yield from spans if test.operator == "=" else _rest(spans, scale.last)
        return
    if not scale.has_spaces:
        raise Opaque
    if test.operator in ("<", "<="):
        yield 0, place - (test.operator == "<")
    else:
        yield place + (test.operator == ">"), scale.last


def _place(value: Any, scale: Scale) -> int:
    known = scale.places.get(value)
    if known is not None and kind(value) == scale.kind:
        return known
    for number, point in enumerate(scale.points):
        if order(point, value, OFFICE_ZONE) == 0:
            return 2 * number + 1
    raise Opaque


def _joined(spans: Iterable[Span]) -> Spans:
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def _rest(spans: Spans, last: int) -> Spans:
    left, begin = [], 0
    for low, high in spans:
        if begin < low:
            left.append((begin, low - 1))
        begin = high + 1
    return tuple(left) if begin > last else (*left, (begin, last))


def _between(low: Any, high: Any, of_kind: str, whole: bool) -> Any:
    """Give a value between two others, of which either may be missing; `_NOTHING` when there is none."""
    try:
        if of_kind == "number":
            return _number_between(low, high, whole)
        if of_kind == "date":
            day = _count_between(
                None if low is None else low.toordinal(), None if high is None else high.toordinal(), _SOME_DAY
            )
            return _NOTHING if day is None or day < 1 else date.fromordinal(day)
        if of_kind == "time":
            return _time_between(low, high)
        if of_kind == "years and months duration":
            months = _count_between(None if low is None else low.months, None if high is None else high.months, 1)
            return _NOTHING if months is None else YearsMonths(months)
        return _moment_between(low, high, of_kind)
    except OverflowError:
        return _NOTHING


def _number_between(low: Decimal | None, high: Decimal | None, whole: bool) -> Any:
    if high is None:
        return Decimal(0) if low is None else low + 1
    if low is None:
        return high - 1
    step = low.to_integral_value(rounding=ROUND_FLOOR) + 1
    if step < high:
        return step
    return _NOTHING if whole else (low + high) / 2


def _moment_between(low: Any, high: Any, of_kind: str) -> Any:
    if of_kind == "date and time":
        low, high = (end if end is None else located(end, OFFICE_ZONE) for end in (low, high))
    if low is not None and high is not None:
        return low + (high - low) / 2
    if low is None and high is None:
        return CLOCK.now if of_kind == "date and time" else timedelta(hours=1)
    return low + timedelta(hours=1) if high is None else high - timedelta(hours=1)


def _time_between(low: time | None, high: time | None) -> Any:
    """Give a time of the office's day to the second: what lies within a second nobody writes into a table."""
    first = 0 if low is None else _second(low) + 1
    last = _DAY - 1 if high is None else _second(high) - 1
    if max(first, 0) > min(last, _DAY - 1):
        return _NOTHING
    within = min(max(first if low is None else min(first + 3599, last), 0), _DAY - 1)
    return time(within // 3600, within // 60 % 60, within % 60)


def _second(value: time) -> int:
    """Give the second of the office's day; below 0 or beyond its end for a time of another zone."""
    midnight = datetime.combine(_TIMES_DAY, time(), OFFICE_ZONE)
    return int((located(datetime.combine(_TIMES_DAY, value), OFFICE_ZONE) - midnight).total_seconds())


def _count_between(low: int | None, high: int | None, otherwise: int) -> int | None:
    """Give a whole number between two others; `otherwise` when both are missing."""
    if low is None:
        return otherwise if high is None else high - 1
    return low + 1 if high is None or low + 1 < high else None


# Seconds of a day, and the day as of which times are compared (`workflows.feel.values`).
_DAY = 86_400
_TIMES_DAY = date(1970, 1, 1)
# What an example shows where any day would do.
_SOME_DAY = date(2026, 1, 1).toordinal()
