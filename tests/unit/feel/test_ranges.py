"""The functions on ranges beside a slow and obvious reading: a range is the set of its points (DMN 1.3, 10.3.4.7)."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest

from workflows.feel.budget import Budget
from workflows.feel.calls import call_builtin
from workflows.feel.clock import Clock
from workflows.feel.scope import Run
from workflows.feel.values import Range

Points = frozenset[Decimal]
# Ends are whole; three points stand between them, too, so that an open end differs from a closed one, on either side.
GRID = [Decimal(step) / 4 for step in range(21)]
ENDS = [Decimal(end) for end in range(1, 5)]
RANGES = [
    Range(low, high, low_included, high_included)
    for low, high, low_included, high_included in product(ENDS, ENDS, (True, False), (True, False))
    # A range without any point is nowhere; the specification says nothing sensible about it.
    if low < high or (low == high and low_included and high_included)
]
RUN = Run(Clock(datetime(2026, 3, 2, tzinfo=UTC)), {}, Budget(10_000_000))


def points(value: Range) -> Points:
    return frozenset(
        point
        for point in GRID
        if (value.low < point or (value.low_included and value.low == point))
        and (point < value.high or (value.high_included and value.high == point))
    )


def reaches_below(one: Points, two: Points) -> bool:
    return min(one) < min(two)


def reaches_above(one: Points, two: Points) -> bool:
    return max(one) > max(two)


OBVIOUS: dict[str, Callable[[Points, Points], bool]] = {
    "before": lambda one, two: max(one) < min(two),
    "after": lambda one, two: min(one) > max(two),
    "meets": lambda one, two: max(one) == min(two),
    "met by": lambda one, two: min(one) == max(two),
    "overlaps": lambda one, two: bool(one & two),
    "overlaps before": lambda one, two: bool(one & two) and reaches_below(one, two) and not reaches_above(one, two),
    "overlaps after": lambda one, two: bool(one & two) and reaches_below(two, one) and not reaches_above(two, one),
    "includes": lambda one, two: one >= two,
    "during": lambda one, two: one <= two,
    "starts": lambda one, two: one <= two and min(one) == min(two),
    "started by": lambda one, two: one >= two and min(one) == min(two),
    "finishes": lambda one, two: one <= two and max(one) == max(two),
    "finished by": lambda one, two: one >= two and max(one) == max(two),
    "coincides": lambda one, two: one == two,
}


@pytest.mark.parametrize("name", OBVIOUS)
def test_ranges_are_compared_as_the_sets_of_their_points(name: str) -> None:
    different = [
        (one, two)
        for one, two in product(RANGES, RANGES)
        if call_builtin(RUN, name, (one, two), None) is not OBVIOUS[name](points(one), points(two))
    ]

    assert different == []


@pytest.mark.parametrize("name", ["before", "after", "includes", "during", "starts", "started by", "finishes"])
def test_a_point_is_compared_with_a_range_as_a_set_of_one(name: str) -> None:
    different = []
    for value, point in product(RANGES, GRID[::2]):
        given = (value, point) if name in ("includes", "started by") else (point, value)
        one, two = (points(each) if isinstance(each, Range) else frozenset({each}) for each in given)
        if call_builtin(RUN, name, given, None) is not OBVIOUS[name](one, two):
            different.append(given)

    assert different == []
