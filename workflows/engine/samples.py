"""Values that make a diagram take different ways, guessed from what its expressions compare.

`amount > 5` asks for 4, 5 and 6, `route = "field"` for "field" and something else, a bare name for yes and no. Used by
the trial run and by nobody else; whether a value makes sense to people is not asked here.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from workflows.decisions.graph import Decision
from workflows.decisions.tables import DecisionTable
from workflows.engine.kinds import Use
from workflows.feel import nodes

# A variable, or an entry of a context in it: ("routing", "route").
Path = tuple[str, ...]

# Values that one name gets at most; a table of a hundred offices needs no hundred trials.
MOST_VALUES = 12


class Samples:
    """What each variable may be."""

    def __init__(self, uses: Iterable[Use], decisions: Iterable[Decision] = ()) -> None:
        self._values: dict[Path, list[Any]] = {}
        # What a table says of its inputs is all that they may be.
        self._closed: set[Path] = set()
        for decision in decisions:
            self._ask(decision)
        for use in uses:
            if use.wanted in _WANTED and (path := _path(use.root)) is not None:
                self._add(path, *_WANTED[use.wanted])
                continue
            self._look(use.root, use.wanted == "boolean")

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that some expression reads, in alphabetical order."""
        return tuple(sorted({path[0] for path in self._values}))

    def draw(self, names: Iterable[str], dice: Random) -> dict[str, Any]:
        """Give a value for each of the names; one that nobody compares stays unset."""
        drawn: dict[str, Any] = {}
        for path in sorted(self._values):
            if path[0] in names:
                _put(drawn, path, dice.choice(self._values[path]))
        return drawn

    def _ask(self, decision: Decision) -> None:
        """Look at the columns and cells of a table, and at the decisions that it needs."""
        for needed in decision.required:
            self._ask(needed)
        if not isinstance(decision.logic, DecisionTable):
            return
        for place, column in enumerate(decision.logic.inputs):
            path = _path(column.expression.root)
            if path is None:
                self._look(column.expression.root, False)
                continue
            allowed = column.allowed or column.type.allowed
            cells = [allowed] if allowed is not None else [rule.tests[place] for rule in decision.logic.rules]
            bounds = [bound for cell in cells for test in cell.tests for bound in _bounds(test)]
            for bound in bounds:
                if isinstance(bound, nodes.Literal):
                    self._add(path, *([bound.content] if allowed is not None else _around(bound.content)))
            self._add(path, *_BY_TYPE.get(column.type.base, ()))
            if allowed is not None:
                self._closed.add(path)

    def _add(self, path: Path, *values: Any) -> None:
        if path in self._closed:
            return
        known = self._values.setdefault(path, [])
        known += [value for value in values if not any(_same(value, other) for other in known)]
        del known[MOST_VALUES:]

    def _look(self, node: nodes.Node, is_condition: bool) -> None:
        path = _path(node)
        if path is not None:
            self._add(path, *((True, False) if is_condition else (None,)))
            return
        match node:
            case nodes.Comparison(left=left, right=right):
                self._compare(left, right)
                self._compare(right, left)
            case nodes.Between(operand=operand, low=low, high=high):
                self._compare(operand, low)
                self._compare(operand, high)
            case nodes.Membership(operand=operand, tests=tests):
                for test in tests:
                    for bound in _bounds(test):
                        self._compare(operand, bound)
            case nodes.Chain():
                for part in node.children:
                    if (inner := _path(part)) is not None:
                        self._add(inner, Decimal(2))
            case nodes.Iteration(domain=domain, end=None) | nodes.Filter(operand=domain):
                if (inner := _path(domain)) is not None:
                    self._add(inner, [Decimal(1), Decimal(2)], [])
        conditional = node.condition if isinstance(node, nodes.Conditional) else None
        asks = isinstance(node, nodes.Logic) or (
            isinstance(node, nodes.Call) and isinstance(node.callee, nodes.Name) and node.callee.name == "not"
        )
        for child in node.children:
            if not (isinstance(node, nodes.Call) and child is node.callee):
                self._look(child, asks or child is conditional)

    def _compare(self, one: nodes.Node, other: nodes.Node) -> None:
        path = _path(one)
        if path is not None and isinstance(other, nodes.Literal):
            self._add(path, *_around(other.content))


def _around(value: Any) -> Iterator[Any]:
    """Give the value and its neighbours on both sides."""
    yield value
    if isinstance(value, bool) or value is None:
        yield not value
    elif isinstance(value, Decimal):
        yield from (value - 1, value + 1)
    elif isinstance(value, str):
        yield f"{value}?"


def _bounds(test: nodes.Node) -> Iterator[nodes.Node]:
    match test:
        case nodes.HalfComparison(bound=bound):
            yield bound
        case nodes.RangeOf(low=low, high=high):
            yield from (low, high)
        case nodes.ListOf(items=items):
            yield from items
        case _:
            yield test


def _path(node: nodes.Node) -> Path | None:
    """Give the name and the entries behind it when the part is nothing else."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Path) and (before := _path(node.operand)) is not None:
        return (*before, node.name)
    return None


def _put(into: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        inner = into.get(name)
        if not isinstance(inner, dict):
            # What is read as a context somewhere is one.
            inner = into[name] = {}
        into = inner
    if not isinstance(into.get(path[-1]), dict):
        into[path[-1]] = value


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


_WANTED: Mapping[str, tuple[Any, ...]] = {
    "number": (Decimal(2), Decimal(0)),
    "time": (timedelta(days=1),),
    "list": ([Decimal(1), Decimal(2)], [], None),
}

_BY_TYPE: Mapping[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "number": (Decimal(1),),
    "date": (date(2026, 3, 2),),
}
