"""Built-in functions that compare points and ranges, DMN 1.3, 10.3.4.9."""

from typing import Any

from workflows.feel.builtins.registry import builtin
from workflows.feel.scope import Run
from workflows.feel.values import Range, order, within


def _range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


def _rank(run: Run, left: Any, right: Any) -> int | None:
    return None if left is None or right is None else order(left, right, run.zone)


@builtin("before(point1: Any, point2: Any)")
def before(run: Run, left: Any, right: Any) -> bool | None:
    """Tell whether the first lies wholly before the second."""
    one, two = _range(left), _range(right)
    rank = _rank(run, one.high, two.low)
    return None if rank is None else rank < 0 or (rank == 0 and not (one.high_included and two.low_included))


@builtin("after(point1: Any, point2: Any)")
def after(run: Run, left: Any, right: Any) -> bool | None:
    """Tell whether the first lies wholly behind the second."""
    return before(run, right, left)


@builtin("meets(range1: range, range2: range)")
def meets(run: Run, one: Range, two: Range) -> bool | None:
    """Tell whether the first ends where the second begins, both with that point."""
    rank = _rank(run, one.high, two.low)
    return None if rank is None else rank == 0 and one.high_included and two.low_included


@builtin("met by(range1: range, range2: range)")
def met_by(run: Run, one: Range, two: Range) -> bool | None:
    """Tell whether the first begins where the second ends."""
    return meets(run, two, one)


@builtin("overlaps(range1: range, range2: range)")
def overlaps(run: Run, one: Range, two: Range) -> bool | None:
    """Tell whether the ranges have a point in common."""
    first, second = before(run, one, two), before(run, two, one)
    return None if first is None or second is None else not first and not second


@builtin("overlaps before(range1: range, range2: range)")
def overlaps_before(run: Run, one: Range, two: Range) -> bool | None:
    """Tell whether the first begins before the second and ends inside it, or with it."""
    begin, meet, end = _rank(run, one.low, two.low), _rank(run, one.high, two.low), _rank(run, one.high, two.high)
    if begin is None or meet is None or end is None:
        return None
    earlier = begin < 0 or (begin == 0 and one.low_included and not two.low_included)
    touching = meet > 0 or (meet == 0 and one.high_included and two.low_included)
    inside = end < 0 or (end == 0 and (not one.high_included or two.high_included))
    return earlier and touching and inside


@builtin("overlaps after(range1: range, range2: range)")
def overlaps_after(run: Run, one: Range, two: Range) -> bool | None:
    """Tell whether the first begins after the second has begun, inside it, and ends no earlier."""
    begin, meet, end = _rank(run, one.low, two.low), _rank(run, one.low, two.high), _rank(run, one.high, two.high)
    if begin is None or meet is None or end is None:
        return None
    later = begin > 0 or (begin == 0 and two.low_included and not one.low_included)
    touching = meet < 0 or (meet == 0 and one.low_included and two.high_included)
    behind = end > 0 or (end == 0 and (one.high_included or not two.high_included))
    return later and touching and behind


@builtin("includes(range: range, point: Any)")
def includes(run: Run, outer: Range, inner: Any) -> bool | None:
    """Tell whether the range holds the point or all of the other range."""
    if not isinstance(inner, Range):
        return within(inner, outer, run.zone)
    low, high = _rank(run, outer.low, inner.low), _rank(run, outer.high, inner.high)
    if low is None or high is None:
        return None
    begins = low < 0 or (low == 0 and (outer.low_included or not inner.low_included))
    return begins and (high > 0 or (high == 0 and (outer.high_included or not inner.high_included)))


@builtin("during(point: Any, range: range)")
def during(run: Run, inner: Any, outer: Range) -> bool | None:
    """Tell whether the point or range lies in the range."""
    return includes(run, outer, inner)


@builtin("starts(point: Any, range: range)")
def starts(run: Run, inner: Any, outer: Range) -> bool | None:
    """Tell whether the range begins with the point or with the other range, which ends no later."""
    one = _range(inner)
    low = _rank(run, one.low, outer.low)
    if low is None:
        return None
    if not isinstance(inner, Range):
        return low == 0 and outer.low_included
    high = _rank(run, one.high, outer.high)
    if high is None:
        return None
    ends = high < 0 or (high == 0 and (outer.high_included or not one.high_included))
    return low == 0 and one.low_included == outer.low_included and ends


@builtin("started by(range: range, point: Any)")
def started_by(run: Run, outer: Range, inner: Any) -> bool | None:
    """Tell whether the range begins with the point or range."""
    return starts(run, inner, outer)


@builtin("finishes(point: Any, range: range)")
def finishes(run: Run, inner: Any, outer: Range) -> bool | None:
    """Tell whether the range ends with the point or with the other range, which begins no earlier."""
    one = _range(inner)
    high = _rank(run, one.high, outer.high)
    if high is None:
        return None
    if not isinstance(inner, Range):
        return high == 0 and outer.high_included
    low = _rank(run, one.low, outer.low)
    if low is None:
        return None
    begins = low > 0 or (low == 0 and (outer.low_included or not one.low_included))
    return high == 0 and one.high_included == outer.high_included and begins


@builtin("finished by(range: range, point: Any)")
def finished_by(run: Run, outer: Range, inner: Any) -> bool | None:
    """Tell whether the range ends with the point or range."""
    return finishes(run, inner, outer)


@builtin("coincides(point1: Any, point2: Any)")
def coincides(run: Run, left: Any, right: Any) -> bool | None:
    """Tell whether both are the same point or the same range."""
    if isinstance(left, Range) != isinstance(right, Range):
        return None
    one, two = _range(left), _range(right)
    low, high = _rank(run, one.low, two.low), _rank(run, one.high, two.high)
    if low is None or high is None:
        return None
    return (low, high, one.low_included, one.high_included) == (0, 0, two.low_included, two.high_included)
