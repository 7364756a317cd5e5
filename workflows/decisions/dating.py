"""From when until when a row of a table of law is in force, as its cell on the governing date says."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from workflows.decisions.constants import constant, is_constant
from workflows.decisions.tables import DecisionTable
from workflows.feel.nodes import HalfComparison, Node, RangeOf


@dataclass(frozen=True)
class Period:
    """Days from the first to the last; None where it is open."""

    first: date | None = None
    last: date | None = None


def in_force(table: DecisionTable, rule: int) -> Period:
    """Give the period of the rule of that number, from 1; open on both sides when its row is not dated so plainly."""
    if table.governing_date is None:
        return Period()
    cell = table.rules[rule - 1].tests[0]
    if cell.negated or len(cell.tests) != 1:
        return Period()
    test = cell.tests[0]
    if isinstance(test, RangeOf):
        return Period(_end(test.low, 0 if test.low_included else 1), _end(test.high, 0 if test.high_included else -1))
    if isinstance(test, HalfComparison):
        match test.operator:
            case ">=" | ">":
                return Period(first=_end(test.bound, 0 if test.operator == ">=" else 1))
            case "<=" | "<":
                return Period(last=_end(test.bound, 0 if test.operator == "<=" else -1))
        return Period()
    day = _end(test, 0)
    return Period(day, day)


def _end(node: Node, move: int) -> date | None:
    value: Any = constant(node) if is_constant(node) else None
    return value + timedelta(days=move) if type(value) is date else None
