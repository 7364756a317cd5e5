"""The parts of a FEEL expression. Each part is immutable and knows how to give its value in a scope.

`levels` is how deep a part is nested and `weight` how many parts it has; both are known once it is built, so that
cost is charged where parts are repeated: in iterations, filters and calls.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from workflows.feel import arithmetic
from workflows.feel.budget import LEVELS, too_deep
from workflows.feel.builtins.registry import BUILTINS
from workflows.feel.calls import call_builtin, call_host, host_function
from workflows.feel.properties import property_of
from workflows.feel.scope import MISSING, Run, Scope
from workflows.feel.types import Type
from workflows.feel.values import Function, Range, equal, order, within

INPUT = "?"


class Node:
    """One part of an expression."""

    __slots__ = ()
    # Fields that hold parts or tuples of parts.
    parts: ClassVar[tuple[str, ...]] = ()

    @property
    def children(self) -> Iterator["Node"]:
        """The parts directly below this one."""
        for name in self.parts:
            value = getattr(self, name)
            if isinstance(value, Node):
                yield value
            elif value is not None:
                yield from value

    def value(self, run: Run, scope: Scope) -> Any:
        """Give the value of this part."""
        raise NotImplementedError


@dataclass(frozen=True)
class Measured(Node):
    """A part that has parts below it."""

    # How deep the part is nested, and how many parts it has in all.
    levels: int = field(init=False, default=1)
    weight: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        children = list(self.children)
        levels = 1 + max((levels_of(child) for child in children), default=0)
        if levels > LEVELS:
            raise too_deep()
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "weight", 1 + sum(weight_of(child) for child in children))


def levels_of(node: Node) -> int:
    """Tell how deep the part is nested."""
    return node.levels if isinstance(node, Measured) else 1


def weight_of(node: Node) -> int:
    """Tell how many parts the part has."""
    return node.weight if isinstance(node, Measured) else 1


@dataclass(frozen=True)
class Literal(Node):
    """A value that is written out."""

    content: Any

    def value(self, run: Run, scope: Scope) -> Any:
        return self.content


@dataclass(frozen=True)
class Name(Node):
    """A name in scope; one that is not in scope is a built-in function or null."""

    name: str
    # Where the name stands in the text.
    at: int

    def value(self, run: Run, scope: Scope) -> Any:
        value = scope.find(self.name)
        if value is not MISSING:
            return value
        if self.name in run.functions:
            return host_function(self.name)
        return BUILTINS[self.name].function() if self.name in BUILTINS else None


@dataclass(frozen=True)
class Chain(Measured):
    """Sums, products and powers: a first value and what is done to it, from left to right."""

    parts = ("first", "operands")
    first: Node
    operators: tuple[str, ...]
    operands: tuple[Node, ...]

    def value(self, run: Run, scope: Scope) -> Any:
        value = self.first.value(run, scope)
        for operator, operand in zip(self.operators, self.operands, strict=True):
            value = _ARITHMETIC[operator](value, operand.value(run, scope), run.zone, run.budget)
        return value


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": arithmetic.add,
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
    "**": arithmetic.power,
}


@dataclass(frozen=True)
class Negation(Measured):
    """A minus before a value."""

    parts = ("operand",)
    operand: Node

    def value(self, run: Run, scope: Scope) -> Any:
        return arithmetic.negate(self.operand.value(run, scope))


@dataclass(frozen=True)
class Logic(Measured):
    """`and` or `or` of several parts in three-valued logic: what is neither true nor false counts as unknown."""

    parts = ("operands",)
    # The value that decides alone: False for `and`, True for `or`.
    decisive: bool
    operands: tuple[Node, ...]

    def value(self, run: Run, scope: Scope) -> bool | None:
        unknown = False
        for operand in self.operands:
            value = operand.value(run, scope)
            if value is self.decisive:
                return bool(value)
            if value is not (not self.decisive):
                unknown = True
        return None if unknown else not self.decisive


def compare(operator: str, left: Any, right: Any, run: Run) -> bool | None:
    """Compare two values with one of `= != < <= > >=`."""
    if operator == "=":
        return equal(left, right, run.zone, run.budget)
    if operator == "!=":
        same = equal(left, right, run.zone, run.budget)
        return None if same is None else not same
    rank = order(left, right, run.zone)
    if rank is None:
        return None
    if operator == "<":
        return rank < 0
    if operator == "<=":
        return rank <= 0
    return rank > 0 if operator == ">" else rank >= 0


@dataclass(frozen=True)
class Comparison(Measured):
    """Two values and a sign between them."""

    parts = ("left", "right")
    operator: str
    left: Node
    right: Node

    def value(self, run: Run, scope: Scope) -> bool | None:
        return compare(self.operator, self.left.value(run, scope), self.right.value(run, scope), run)


@dataclass(frozen=True)
class Between(Measured):
    """`x between a and b`, both ends included."""

    parts = ("operand", "low", "high")
    operand: Node
    low: Node
    high: Node

    def value(self, run: Run, scope: Scope) -> bool | None:
        value, low, high = (part.value(run, scope) for part in (self.operand, self.low, self.high))
        above, below = compare(">=", value, low, run), compare("<=", value, high, run)
        if above is False or below is False:
            return False
        return None if above is None or below is None else True


@dataclass(frozen=True)
class HalfComparison(Measured):
    """`< 5` as a test of an input; as a value it is the range that the test describes."""

    parts = ("bound",)
    operator: str
    bound: Node

    def value(self, run: Run, scope: Scope) -> Any:
        bound = self.bound.value(run, scope)
        if bound is None or self.operator == "!=":
            return None
        if self.operator == "=":
            return Range(bound, bound)
        if self.operator in ("<", "<="):
            return Range(None, bound, False, self.operator == "<=")
        return Range(bound, None, self.operator == ">=", False)


def passes(value: Any, test: Node, run: Run, scope: Scope) -> bool | None:
    """Tell whether the value passes one test of a cell or of `in`: a comparison, a range, a list, a value."""
    if isinstance(test, HalfComparison):
        return compare(test.operator, value, test.bound.value(run, scope), run)
    wanted = test.value(run, scope)
    if wanted is None and isinstance(test, RangeOf):
        # A range that begins after its end is null, and null is what a missing value equals; it holds nothing.
        return None
    if isinstance(wanted, Range):
        inside = within(value, wanted, run.zone)
        return equal(value, wanted, run.zone, run.budget) if isinstance(value, Range) else inside
    if isinstance(wanted, list):
        return in_list(value, wanted, run)
    return equal(value, wanted, run.zone, run.budget)


def passes_cell(value: Any, test: Node, run: Run, scope: Scope) -> bool | None:
    """Test an input: an expression over `?` decides by being true, every other one is compared with the input."""
    if isinstance(test, Measured) and any(isinstance(part, Name) and part.name == INPUT for part in walk(test)):
        result = test.value(run, scope)
        if result is None or isinstance(result, bool):
            # What cannot be told of a missing input is not told; it is no test for null.
            return result
    return passes(value, test, run, scope)


def in_list(value: Any, wanted: Sequence[Any], run: Run) -> bool | None:
    """Tell whether the value equals an element, or lies in an element that is a range."""
    run.budget.spend(len(wanted))
    if isinstance(value, list) and equal(value, wanted, run.zone, run.budget) is True:
        return True
    return any(
        (within(value, item, run.zone) if isinstance(item, Range) else equal(value, item, run.zone, run.budget)) is True
        for item in wanted
    )


@dataclass(frozen=True)
class Membership(Measured):
    """`x in test`, or `x in (test, test)`: true when one test passes."""

    parts = ("operand", "tests")
    operand: Node
    tests: tuple[Node, ...]

    def value(self, run: Run, scope: Scope) -> bool | None:
        value = self.operand.value(run, scope)
        inner = Scope({INPUT: value}, scope)
        results = [passes_cell(value, test, run, inner) for test in self.tests]
        if True in results:
            return True
        return None if all(result is None for result in results) else False


@dataclass(frozen=True)
class InstanceOf(Measured):
    """`x instance of type`."""

    parts = ("operand",)
    operand: Node
    type: Type

    def value(self, run: Run, scope: Scope) -> bool:
        return self.type.admits(self.operand.value(run, scope))


@dataclass(frozen=True)
class Path(Measured):
    """`x.name`: an entry of a context, of each context of a list, or a property of a date or duration."""

    parts = ("operand",)
    operand: Node
    name: str

    def value(self, run: Run, scope: Scope) -> Any:
        return property_of(self.operand.value(run, scope), self.name, run)


@dataclass(frozen=True)
class Filter(Measured):
    """`list[n]` counts from 1, or from the end when negative; `list[condition]` keeps what fulfils it."""

    parts = ("operand", "condition")
    operand: Node
    condition: Node

    def value(self, run: Run, scope: Scope) -> Any:
        value = self.operand.value(run, scope)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not items or isinstance(self.condition, Literal | Negation):
            return self._element(items, self.condition.value(run, Scope({"item": None}, scope)))
        kept: list[Any] = []
        for item in items:
            run.budget.spend(weight_of(self.condition))
            entries = {"item": item} | item if isinstance(item, dict) else {"item": item}
            result = self.condition.value(run, Scope(entries, scope))
            if isinstance(result, Decimal):
                # A condition that gives a number is a place, the same for every item.
                return self._element(items, result)
            if result is True:
                kept.append(item)
        run.budget.grow(len(kept))
        return kept

    @staticmethod
    def _element(items: Sequence[Any], place: Any) -> Any:
        if not isinstance(place, Decimal):
            return list(items) if place is True else []
        if place != place.to_integral_value() or not 1 <= abs(place) <= len(items):
            return None
        return items[int(place) - 1 if place > 0 else int(place)]


@dataclass(frozen=True)
class Call(Measured):
    """A function called with arguments by place, or by name when `names` is given."""

    parts = ("callee", "arguments")
    callee: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None

    def value(self, run: Run, scope: Scope) -> Any:
        run.budget.spend(1)
        arguments = [argument.value(run, scope) for argument in self.arguments]
        if isinstance(self.callee, Name):
            name = self.callee.name
            bound = scope.find(name)
            # A variable that is called `date` or `count`, and is no function, does not take the function away.
            if not isinstance(bound, Function):
                if name in run.functions:
                    return call_host(run, name, arguments, self.names)
                if name in BUILTINS or bound is MISSING:
                    return call_builtin(run, name, arguments, self.names)
            return call_function(run, bound, arguments, self.names)
        return call_function(run, self.callee.value(run, scope), arguments, self.names)


def call_function(run: Run, function: Any, arguments: list[Any], names: Sequence[str] | None = None) -> Any:
    """Call a function value; null when it is none or when the arguments do not fit."""
    if not isinstance(function, Function):
        return None
    if names is not None:
        if set(names) != set(function.parameters):
            return None
        given = dict(zip(names, arguments, strict=True))
        arguments = [given[name] for name in function.parameters]
    return function.call(run, *arguments)


@dataclass(frozen=True)
class Definition(Measured):
    """A function written in FEEL; it sees the names around it."""

    parts = ("body",)
    parameters: tuple[str, ...]
    types: tuple[Type | None, ...]
    body: Node

    def value(self, run: Run, scope: Scope) -> Function:
        levels = levels_of(self.body)

        def call(run: Run, *arguments: Any) -> Any:
            if len(arguments) != len(self.parameters):
                return None
            given = (
                argument if expected is None else expected.conformed(argument)
                for argument, expected in zip(arguments, self.types, strict=True)
            )
            run.budget.spend(weight_of(self.body))
            run.budget.enter(levels)
            try:
                return self.body.value(run, Scope(dict(zip(self.parameters, given, strict=True)), scope))
            finally:
                run.budget.leave(levels)

        return Function("", self.parameters, call, self.types)


@dataclass(frozen=True)
class ListOf(Measured):
    """A list written out."""

    parts = ("items",)
    items: tuple[Node, ...]

    def value(self, run: Run, scope: Scope) -> list[Any]:
        run.budget.grow(len(self.items))
        return [item.value(run, scope) for item in self.items]


@dataclass(frozen=True)
class ContextOf(Measured):
    """A context written out; each entry sees those before it."""

    parts = ("values",)
    keys: tuple[str, ...]
    values: tuple[Node, ...]

    def value(self, run: Run, scope: Scope) -> dict[str, Any] | None:
        run.budget.grow(len(self.keys))
        entries: dict[str, Any] = {}
        inner = Scope(entries, scope)
        for key, value in zip(self.keys, self.values, strict=True):
            if key in entries:
                return None
            entries[key] = value.value(run, inner)
        return entries


@dataclass(frozen=True)
class RangeOf(Measured):
    """A range written out."""

    parts = ("low", "high")
    low: Node
    high: Node
    low_included: bool
    high_included: bool

    def value(self, run: Run, scope: Scope) -> Range | None:
        low, high = self.low.value(run, scope), self.high.value(run, scope)
        # An end that is missing is unknown, not open: nothing can be said to lie in such a range.
        rank = order(low, high, run.zone)
        if rank is None or rank > 0:
            return None
        return Range(low, high, self.low_included, self.high_included)


@dataclass(frozen=True)
class Conditional(Measured):
    """`if ... then ... else`; only true is true."""

    parts = ("condition", "then", "otherwise")
    condition: Node
    then: Node
    otherwise: Node

    def value(self, run: Run, scope: Scope) -> Any:
        if self.condition.value(run, scope) is True:
            return self.then.value(run, scope)
        return self.otherwise.value(run, scope)


@dataclass(frozen=True)
class Iteration(Measured):
    """`name in domain`, or `name in low..high`, of a loop or quantifier."""

    parts = ("domain", "end")
    name: str
    domain: Node
    end: Node | None = None

    def values(self, run: Run, scope: Scope) -> Sequence[Any] | None:
        """Give what the name goes through; null when that is no list and no range of numbers or dates."""
        domain = self.domain.value(run, scope)
        if self.end is not None:
            return _steps(domain, self.end.value(run, scope), True, True, run)
        if isinstance(domain, Range):
            return _steps(domain.low, domain.high, domain.low_included, domain.high_included, run)
        if isinstance(domain, list):
            return domain
        return None if domain is None else [domain]


def _steps(low: Any, high: Any, low_included: bool, high_included: bool, run: Run) -> Sequence[Any] | None:
    if type(low) is date and type(high) is date:
        days = _whole_steps(low.toordinal(), high.toordinal(), low_included, high_included, run)
        return [date.fromordinal(day) for day in days]
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return None
    if any(end != end.to_integral_value() or end.adjusted() > 15 for end in (low, high)):
        return None
    return [Decimal(step) for step in _whole_steps(int(low), int(high), low_included, high_included, run)]


def _whole_steps(low: int, high: int, low_included: bool, high_included: bool, run: Run) -> range:
    way = 1 if low <= high else -1
    steps = range(low if low_included else low + way, high + way if high_included else high, way)
    run.budget.spend(len(steps))
    return steps


def _rounds(iterations: tuple[Iteration, ...], run: Run, scope: Scope) -> Iterator[Scope | None]:
    """Give one scope per round, the last iteration running fastest; None once when a domain is null."""

    def inner(number: int, around: Scope) -> Iterator[Scope | None]:
        if number == len(iterations):
            yield around
            return
        values = iterations[number].values(run, around)
        if values is None:
            yield None
            return
        for value in values:
            run.budget.spend(1)
            yield from inner(number + 1, Scope({iterations[number].name: value}, around))

    return inner(0, scope)


@dataclass(frozen=True)
class Loop(Measured):
    """`for ... return`; `partial` is the list of the results so far."""

    parts = ("iterations", "result")
    iterations: tuple[Iteration, ...]
    result: Node

    def value(self, run: Run, scope: Scope) -> list[Any] | None:
        results: list[Any] = []
        around = Scope({"partial": results}, scope)
        uses_partial = any(isinstance(node, Name) and node.name == "partial" for node in walk(self.result))
        for inner in _rounds(self.iterations, run, around):
            if inner is None:
                return None
            run.budget.spend(weight_of(self.result))
            run.budget.grow(1)
            if uses_partial:
                run.budget.spend(len(results))
                inner = Scope({"partial": list(results)}, inner)
            results.append(self.result.value(run, inner))
        return results


@dataclass(frozen=True)
class Quantified(Measured):
    """`some ... satisfies` and `every ... satisfies` in three-valued logic."""

    parts = ("iterations", "condition")
    # The answer that one round alone can give: True for `some`, False for `every`.
    decisive: bool
    iterations: tuple[Iteration, ...]
    condition: Node

    def value(self, run: Run, scope: Scope) -> bool | None:
        unknown = False
        for inner in _rounds(self.iterations, run, scope):
            if inner is None:
                return None
            run.budget.spend(weight_of(self.condition))
            result = self.condition.value(run, inner)
            if result is self.decisive:
                return bool(result)
            unknown = unknown or not isinstance(result, bool)
        return None if unknown else not self.decisive


def walk(node: Node) -> Iterator[Node]:
    """Give the part and all parts below it."""
    yield node
    for child in node.children:
        yield from walk(child)
