"""Boxed expressions that are no table: contexts, lists, relations, functions and invocations (DMN 1.3, 10.2).

Each answers as a table does, with `decide`, and tells with `names` what it reads from outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from workflows.decisions.errors import DecisionError
from workflows.decisions.tables import Outcome
from workflows.decisions.types import ItemType, Misfit, converted
from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.expressions import Expression
from workflows.feel.scope import Run
from workflows.feel.values import Function


class Logic(Protocol):
    """What a decision, or a part of one, computes."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it reads from outside."""

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Answer; DecisionError when it cannot."""


@dataclass(frozen=True)
class LiteralExpression:
    """One FEEL expression."""

    # Id of the decision, for messages.
    decision: str
    # Name of the value in the answer.
    name: str
    # The expression.
    expression: Expression
    # The type it is brought to.
    type: ItemType

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it reads from outside."""
        return self.expression.names

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Answer; DecisionError when the value is not of its type."""
        return _typed(self, self.expression.evaluate(context, clock, budget=budget), clock, budget)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function, or an input of a decision."""

    # Its name, by which FEEL reads it.
    name: str
    # The type it is brought to.
    type: ItemType


@dataclass(frozen=True)
class BoxedContext:
    """Named entries, each of which sees those before it; a last one without name is the answer."""

    decision: str
    name: str
    entries: tuple[tuple[Parameter, Logic], ...]
    # The entry without name; None when the answer is the context itself.
    result: Logic | None
    type: ItemType

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it reads from outside."""
        found: list[str] = []
        bound: set[str] = set()
        for parameter, logic in self.entries:
            found += [name for name in logic.names if name not in bound]
            bound.add(parameter.name)
        if self.result is not None:
            found += [name for name in self.result.names if name not in bound]
        return tuple(dict.fromkeys(found))

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Answer; DecisionError when an entry cannot."""
        inner, entries = dict(context), {}
        for parameter, logic in self.entries:
            value = logic.decide(inner, clock, budget).result
            try:
                value = converted(value, parameter.type, clock, budget)
            except Misfit:
                raise DecisionError(
                    "decision.output_type",
                    decision=self.decision,
                    output=parameter.name,
                    rule=None,
                    type=parameter.type.name,
                ) from None
            inner[parameter.name] = entries[parameter.name] = value
            budget.grow(1)
        value = entries if self.result is None else self.result.decide(inner, clock, budget).result
        return _typed(self, value, clock, budget)


@dataclass(frozen=True)
class BoxedList:
    """A list of boxed expressions."""

    decision: str
    name: str
    items: tuple[Logic, ...]
    type: ItemType

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it reads from outside."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.names))

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Answer; DecisionError when an element cannot."""
        budget.grow(len(self.items))
        value = [item.decide(context, clock, budget).result for item in self.items]
        return _typed(self, value, clock, budget)


@dataclass(frozen=True)
class BoxedFunction:
    """A function written in a box."""

    decision: str
    name: str
    parameters: tuple[Parameter, ...]
    body: Logic

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it reads from outside."""
        own = {parameter.name for parameter in self.parameters}
        return tuple(name for name in self.body.names if name not in own)

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Give the function; it sees the names around it."""
        around = dict(context)

        def call(run: Run, *arguments: Any) -> Any:
            return called(self.body, self.parameters, arguments, around, run)

        function = Function(self.name, tuple(parameter.name for parameter in self.parameters), call)
        return Outcome(function, ({self.name: function},))


@dataclass(frozen=True)
class Invocation:
    """A function called with boxed arguments, by the names of its parameters."""

    decision: str
    name: str
    # What gives the function.
    callee: Expression
    # Name of the parameter -> its argument.
    bindings: tuple[tuple[str, Logic], ...]
    type: ItemType

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it reads from outside."""
        inside = (name for _, logic in self.bindings for name in logic.names)
        return tuple(dict.fromkeys((*self.callee.names, *inside)))

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Answer; null when there is no such function, or its parameters have other names."""
        function = self.callee.evaluate(context, clock, budget=budget)
        given = {name: logic.decide(context, clock, budget).result for name, logic in self.bindings}
        value = None
        if isinstance(function, Function) and set(function.parameters) == set(given):
            run = Run(clock, self.callee.functions, budget)
            value = function.call(run, *(given[name] for name in function.parameters))
        return _typed(self, value, clock, budget)


def called(
    body: Logic, parameters: tuple[Parameter, ...], arguments: tuple[Any, ...], around: Mapping[str, Any], run: Run
) -> Any:
    """Call a function of a file; null when there are too few arguments or too many.

    An argument that does not conform to the type of its parameter is null inside, as FEEL has it (10.3.2.9.4).
    """
    if len(arguments) != len(parameters):
        return None
    context = dict(around)
    for parameter, argument in zip(parameters, arguments, strict=True):
        try:
            context[parameter.name] = converted(argument, parameter.type, run.clock, run.budget)
        except Misfit:
            context[parameter.name] = None
    run.budget.spend(1)
    run.budget.enter(_LEVELS)
    try:
        return body.decide(context, run.clock, run.budget).result
    finally:
        run.budget.leave(_LEVELS)


# What one call of such a function takes of the levels that calls may be nested.
_LEVELS = 4


def _typed(
    logic: LiteralExpression | BoxedContext | BoxedList | Invocation, value: Any, clock: Clock, budget: Budget
) -> Outcome:
    try:
        value = converted(value, logic.type, clock, budget)
    except Misfit:
        raise DecisionError(
            "decision.output_type", decision=logic.decision, output=logic.name, rule=None, type=logic.type.name
        ) from None
    return Outcome(value, ({logic.name: value},))
