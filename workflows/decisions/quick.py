"""Cells that are nothing but constants, tested without the interpreter of FEEL: most cells of most tables.

The answer is the same as FEEL's, which a test asks of both; a cell for which that cannot be promised has none here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from workflows.decisions.constants import constant, is_constant
from workflows.feel.expressions import UnaryTests
from workflows.feel.nodes import HalfComparison, Node, RangeOf
from workflows.feel.nodes import Literal as Written

Sign = Literal["=", "<", "<=", ">", ">=", "range"]
# Values whose order and likeness Python and FEEL see alike; times and instants have zones, durations of months none.
_PLAIN = frozenset({str, bool, Decimal, date, timedelta})
_ORDERED = frozenset({str, Decimal, date, timedelta})


@dataclass(frozen=True)
class _Test:
    """One comparison with constants."""

    sign: Sign
    low: Any
    # The upper end of a range, and whether the ends belong to it.
    high: Any = None
    low_included: bool = True
    high_included: bool = True

    def result(self, value: Any) -> bool | None:
        """Compare; null where the kinds differ."""
        sign, low = self.sign, self.low
        if sign == "=":
            if value is None or low is None:
                return value is low
            return value == low if type(value) is type(low) else None
        if type(value) is not type(low):
            return None
        match sign:
            case "<":
                return bool(value < low)
            case "<=":
                return bool(value <= low)
            case ">":
                return bool(value > low)
            case ">=":
                return bool(value >= low)
        above = value >= low if self.low_included else value > low
        return bool(above and (value <= self.high if self.high_included else value < self.high))


@dataclass(frozen=True)
class QuickCell:
    """A cell of constants."""

    tests: tuple[_Test, ...]
    negated: bool

    def takes(self, value: Any) -> bool:
        """Tell whether the value passes the cell."""
        if self.negated:
            return all(test.result(value) is False for test in self.tests)
        return any(test.result(value) is True for test in self.tests)


def quick(cell: UnaryTests) -> QuickCell | None:
    """Give the cell for testing without FEEL; None where only FEEL can tell."""
    tests = [_test(node) for node in cell.tests]
    found = tuple(test for test in tests if test is not None)
    return QuickCell(found, cell.negated) if found and len(found) == len(tests) else None


def _test(node: Node) -> _Test | None:
    if isinstance(node, HalfComparison):
        bound = _plain(node.bound)
        if node.operator in ("<", "<=", ">", ">=") and type(bound) in _ORDERED:
            return _Test(node.operator, bound)  # type: ignore[arg-type]
        return None
    if isinstance(node, RangeOf):
        low, high = _plain(node.low), _plain(node.high)
        if type(low) not in _ORDERED or type(low) is not type(high) or low > high:
            return None
        return _Test("range", low, high, node.low_included, node.high_included)
    value = _plain(node)
    is_null = isinstance(node, Written) and node.content is None
    return _Test("=", value) if is_null or type(value) in _PLAIN else None


def _plain(node: Node) -> Any:
    return constant(node) if is_constant(node) else None
