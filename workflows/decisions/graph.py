"""Decisions of one file and how they need each other (the decision requirements graph, DMN 1.3, chapter 6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.decisions.errors import DecisionError
from workflows.decisions.tables import DecisionTable, Outcome
from workflows.decisions.types import ItemType, Misfit, converted
from workflows.errors import Finding
from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.expressions import Expression
from workflows.feel.scope import Run
from workflows.feel.values import Function


@dataclass(frozen=True)
class LiteralExpression:
    """A decision that is one FEEL expression."""

    # Id of the decision, for messages.
    decision: str
    # Name of the value in the answer.
    name: str
    # The expression.
    expression: Expression
    # The type it is brought to.
    type: ItemType

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Answer; DecisionError when the value is not of its type."""
        value = self.expression.evaluate(context, clock, budget=budget)
        try:
            value = converted(value, self.type, clock, budget)
        except Misfit:
            raise DecisionError(
                "decision.output_type", decision=self.decision, output=self.name, rule=None, type=self.type.name
            ) from None
        return Outcome(value, ({self.name: value},))


Logic = DecisionTable | LiteralExpression


@dataclass(frozen=True)
class InputData:
    """A value that comes from the host."""

    # Its name, by which FEEL reads it.
    name: str
    # The type it is brought to.
    type: ItemType


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function that decisions share."""

    # Its name, by which FEEL calls it.
    name: str
    # Its parameters with their types.
    parameters: tuple[InputData, ...]
    # What it computes.
    logic: Logic
    # Further knowledge that it calls.
    knowledge: tuple["Knowledge", ...] = ()

    def function(self) -> Function:
        """Give the function as FEEL calls it."""
        return Function(self.name, tuple(parameter.name for parameter in self.parameters), self._call)

    def _call(self, run: Run, *arguments: Any) -> Any:
        if len(arguments) != len(self.parameters):
            return None
        context: dict[str, Any] = {inner.name: inner.function() for inner in self.knowledge}
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            try:
                context[parameter.name] = converted(argument, parameter.type, run.clock, run.budget)
            except Misfit:
                return None
        run.budget.spend(1)
        return self.logic.decide(context, run.clock, run.budget).result


@dataclass(frozen=True)
class Decision:
    """One decision, ready to be asked."""

    # Id in the file, which `camunda:decisionRef` names.
    id: str
    # What people call it.
    name: str
    # Name under which decisions that need this one read its answer.
    variable: str
    # What it computes.
    logic: Logic
    # The inputs that are drawn for it.
    inputs: tuple[InputData, ...] = ()
    # The decisions that it needs.
    required: tuple["Decision", ...] = ()
    # The functions that it calls.
    knowledge: tuple[Knowledge, ...] = ()
    # File and line where it begins.
    file: str = ""
    line: int = 1

    def evaluate(self, variables: Mapping[str, Any], clock: Clock) -> dict[str, Any] | list[dict[str, Any]] | None:
        """Give the outputs by name: one row, a list of rows where the hit policy gives several, or None for none."""
        outcome = self.decide(variables, clock)
        if outcome.several:
            return list(outcome.rows)
        return outcome.rows[0] if outcome.rows else None

    def decide(self, variables: Mapping[str, Any], clock: Clock) -> Outcome:
        """Answer, with the rules that fired and the answers of the decisions that were needed."""
        return self._decide(variables, clock, Budget(), {})

    def _decide(self, variables: Mapping[str, Any], clock: Clock, budget: Budget, done: dict[str, Outcome]) -> Outcome:
        if self.id in done:
            return done[self.id]
        context: dict[str, Any] = dict(variables)
        for knowledge in self.knowledge:
            context[knowledge.name] = knowledge.function()
        for data in self.inputs:
            try:
                context[data.name] = converted(variables.get(data.name), data.type, clock, budget)
            except Misfit:
                raise DecisionError(
                    "decision.input_type", decision=self.id, input=data.name, type=data.type.name
                ) from None
        required: dict[str, Outcome] = {}
        for decision in self.required:
            outcome = decision._decide(variables, clock, budget, done)
            required[decision.id] = outcome
            context[decision.id] = context[decision.variable] = outcome.result
        outcome = self.logic.decide(context, clock, budget)
        answer = Outcome(outcome.result, outcome.rows, outcome.several, outcome.rules, outcome.inputs, required)
        done[self.id] = answer
        return answer

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the host that this decision, and those it needs, read."""
        own = {decision.variable for decision in self.required} | {decision.id for decision in self.required}
        own |= {knowledge.name for knowledge in self.knowledge}
        names = [name for decision in self.required for name in decision.variables]
        names.extend(name for name in _read_by(self.logic) if name not in own)
        return tuple(dict.fromkeys(names))


def _read_by(logic: Logic) -> Iterator[str]:
    if isinstance(logic, LiteralExpression):
        yield from logic.expression.names
        return
    for column in logic.inputs:
        yield from column.expression.names
    for rule in logic.rules:
        for test in rule.tests:
            yield from test.names
        for output in rule.outputs:
            yield from output.names


@dataclass(frozen=True)
class Decisions(Mapping[str, Decision]):
    """The decisions of one file, by id."""

    # Name of the file.
    file: str
    # The decisions, by id, in the order of the file.
    decisions: Mapping[str, Decision]
    # SHA-256 of the file, which says which edition of a table decided.
    checksum: str = ""
    # Warnings and notes about the file; errors never get this far.
    findings: tuple[Finding, ...] = field(default=())

    def __getitem__(self, decision: str) -> Decision:
        return self.decisions[decision]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decisions)

    def __len__(self) -> int:
        return len(self.decisions)
