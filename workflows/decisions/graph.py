"""Decisions of one file and how they need each other (the decision requirements graph, DMN 1.3, chapter 6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workflows.decisions.boxed import Logic, Parameter, called
from workflows.decisions.errors import DecisionError
from workflows.decisions.tables import DecisionTable, Outcome
from workflows.decisions.types import Misfit, NotAllowed, converted
from workflows.errors import Finding
from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.scope import Run
from workflows.feel.values import Function


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function that decisions share."""

    # Its name, by which FEEL calls it.
    name: str
    # Its parameters with their types.
    parameters: tuple[Parameter, ...]
    # What it computes.
    logic: Logic
    # Further knowledge that it calls.
    knowledge: tuple["Knowledge", ...] = ()

    def function(self) -> Function:
        """Give the function as FEEL calls it."""
        return Function(self.name, tuple(parameter.name for parameter in self.parameters), self._call)

    def _call(self, run: Run, *arguments: Any) -> Any:
        around = {inner.name: inner.function() for inner in self.knowledge}
        return called(self.logic, self.parameters, arguments, around, run)


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
    inputs: tuple[Parameter, ...] = ()
    # The decisions that it needs.
    required: tuple["Decision", ...] = ()
    # The functions that it calls.
    knowledge: tuple[Knowledge, ...] = ()
    # File and line where it begins.
    file: str = ""
    line: int = 1
    # SHA-256 of that file.
    checksum: str = ""

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
            context[data.name] = self._input(data, variables.get(data.name), clock, budget)
        required: dict[str, Outcome] = {}
        for decision in self.required:
            outcome = decision._decide(variables, clock, budget, done)
            required[decision.id] = outcome
            context[decision.id] = context[decision.variable] = outcome.result
        outcome = self.logic.decide(context, clock, budget)
        dated = (answered.effective_on for answered in (outcome, *required.values()))
        done[self.id] = replace(
            outcome,
            required=required,
            effective_on=next((day for day in dated if day is not None), None),
            checksum=self.checksum,
        )
        return done[self.id]

    def _input(self, data: Parameter, value: Any, clock: Clock, budget: Budget) -> Any:
        try:
            return converted(value, data.type, clock, budget)
        except NotAllowed as refusal:
            raise DecisionError(
                "decision.input_value", decision=self.id, input=data.name, allowed=refusal.allowed
            ) from None
        except Misfit:
            raise DecisionError("decision.input_type", decision=self.id, input=data.name, type=data.type.name) from None

    @property
    def governing_date(self) -> str | None:
        """The variable with the day whose law applies, of this table or of those it needs; None when none is dated."""
        own = self.logic.governing_date if isinstance(self.logic, DecisionTable) else None
        if own is not None:
            return own
        return next((day for decision in self.required if (day := decision.governing_date) is not None), None)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the host that this decision, and those it needs, read."""
        own = {decision.variable for decision in self.required} | {decision.id for decision in self.required}
        own |= {knowledge.name for knowledge in self.knowledge}
        names = [name for decision in self.required for name in decision.variables]
        names.extend(name for name in self.logic.names if name not in own)
        return tuple(dict.fromkeys(names))

    @property
    def takes(self) -> tuple[str, ...]:
        """The names that it may be asked with: what is read, and what is drawn for it."""
        drawn = [data.name for data in self.inputs]
        drawn += [name for decision in self.required for name in decision.takes]
        return tuple(dict.fromkeys((*self.variables, *drawn)))


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
