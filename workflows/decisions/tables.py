"""Decision tables: which rules an input meets, and what the hit policy makes of them (DMN 1.3, 8.2.10 and 8.2.11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from workflows.decisions.errors import DecisionError
from workflows.decisions.quick import QuickCell, quick
from workflows.decisions.types import ItemType, Misfit, converted
from workflows.feel.arithmetic import add
from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.expressions import Expression, UnaryTests
from workflows.feel.nodes import Name
from workflows.feel.values import equal, order

HitPolicy = Literal["UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"]
Aggregation = Literal["SUM", "MIN", "MAX", "COUNT"]
HIT_POLICIES: tuple[HitPolicy, ...] = (
    "UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT",
)  # fmt: skip
AGGREGATIONS: tuple[Aggregation, ...] = ("SUM", "MIN", "MAX", "COUNT")
_SINGLE = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})

Row = dict[str, Any]


@dataclass(frozen=True)
class FiredRule:
    """A rule that decided, as pages show it: which rule, which source."""

    # Id of the rule in the file.
    id: str
    # Its number in the table, from 1.
    number: int
    # Texts of the annotation columns, by the name of the column.
    annotations: tuple[tuple[str, str], ...] = ()
    # The description of the rule.
    description: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a decision answers, and why."""

    # The answer as FEEL has it: a value, a context of the outputs, or a list; None when no rule fits.
    result: Any
    # The answer as rows of named outputs, one for a single answer; empty when no rule fits.
    rows: tuple[Row, ...]
    # Whether the answer is a list by its nature.
    several: bool = False
    # The rules that fired, in the order of the answer.
    rules: tuple[FiredRule, ...] = ()
    # What the inputs of the table were, by their label.
    inputs: tuple[tuple[str, Any], ...] = ()
    # The outcomes of the decisions that this one needed, by their id.
    required: Mapping[str, "Outcome"] = field(default_factory=dict)
    # The day whose law answered: the value of the governing date; None when it is unknown, or nothing is dated.
    effective_on: date | None = None
    # SHA-256 of the file of the decision, which says which edition of a table answered.
    checksum: str = ""


@dataclass(frozen=True)
class Input:
    """An input column."""

    # Id of the column.
    id: str
    # What the column is called.
    label: str
    # What is tested.
    expression: Expression
    # The type it is brought to.
    type: ItemType
    # What values the column takes; None for all.
    allowed: UnaryTests | None = None


@dataclass(frozen=True)
class Output:
    """An output column."""

    # Id of the column.
    id: str
    # Name of the value in the answer.
    name: str
    # What the column is called.
    label: str
    # The type it is brought to.
    type: ItemType
    # What values may be given; None for all.
    allowed: UnaryTests | None = None
    # These values in the order of their priority, the highest first.
    priorities: tuple[Any, ...] = ()
    # What is answered when no rule fits.
    default: Expression | None = None


@dataclass(frozen=True)
class Rule:
    """One rule."""

    # How it is shown once it fired.
    fired: FiredRule
    # Its input cells.
    tests: tuple[UnaryTests, ...]
    # Its output cells.
    outputs: tuple[Expression, ...]
    # Its input cells once more, those that need no interpreter; None for the others.
    quick: tuple[QuickCell | None, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quick", tuple(quick(test) for test in self.tests))


@dataclass(frozen=True)
class DecisionTable:
    """A decision table."""

    # Id of the decision that it decides, for messages.
    decision: str
    # What several hits mean.
    hit_policy: HitPolicy
    # What COLLECT makes of its hits; None for a list of them.
    aggregation: Aggregation | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    # The names that cells read; most tables have constants only.
    read_by_cells: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        texts: list[UnaryTests | Expression] = [column.default for column in self.outputs if column.default is not None]
        for rule in self.rules:
            texts += (*rule.tests, *rule.outputs)
        object.__setattr__(self, "read_by_cells", frozenset(name for text in texts for name in text.names))

    @property
    def several(self) -> bool:
        """Tell whether the table answers with a list."""
        return self.hit_policy not in _SINGLE and self.aggregation is None

    @property
    def names(self) -> tuple[str, ...]:
        """The names that columns and cells read from outside."""
        found = [name for column in self.inputs for name in column.expression.names]
        for rule in self.rules:
            found += [name for test in rule.tests for name in test.names]
            found += [name for output in rule.outputs for name in output.names]
        return tuple(dict.fromkeys(found))

    @property
    def governing_date(self) -> str | None:
        """The variable in the leading column when that is a plain date: the day whose law applies, row by row."""
        leading = self.inputs[0] if self.inputs else None
        if leading is None or leading.type.base != "date" or not isinstance(leading.expression.root, Name):
            return None
        return leading.expression.root.name

    def decide(self, context: Mapping[str, Any], clock: Clock, budget: Budget) -> Outcome:
        """Answer; DecisionError when the inputs are refused or the rules contradict each other."""
        asking = _Asking(self, context, clock, budget)
        values = [asking.input(column) for column in self.inputs]
        if self.read_by_cells:
            asking = replace(asking, context=self._seen_by_cells(context, values))
        hits = list(asking.hits(values))
        rows = [asking.row(rule) for rule in hits]
        inputs = tuple((column.label, value) for column, value in zip(self.inputs, values, strict=True))
        outcome = _Answer(self, clock, budget).of(hits, rows, asking.defaults, inputs)
        return replace(outcome, effective_on=values[0]) if self.governing_date is not None else outcome

    def _seen_by_cells(self, context: Mapping[str, Any], values: Sequence[Any]) -> Mapping[str, Any]:
        """Give what cells read: of a variable that a column reads, the value as the column's type has it."""
        read = {
            column.expression.root.name: value
            for column, value in zip(self.inputs, values, strict=True)
            if isinstance(column.expression.root, Name)
        }
        return {**context, **read}


@dataclass(frozen=True)
class _Asking:
    """One question to a table."""

    table: DecisionTable
    context: Mapping[str, Any]
    clock: Clock
    budget: Budget

    def input(self, column: Input) -> Any:
        value = column.expression.evaluate(self.context, self.clock, budget=self.budget)
        try:
            value = converted(value, column.type, self.clock, self.budget)
        except Misfit:
            raise DecisionError(
                "decision.input_type", decision=self.table.decision, input=column.label, type=column.type.name
            ) from None
        # A missing input is null, which a table may test for; its list of values is about those that are there.
        if column.allowed is None or value is None:
            return value
        values = value if isinstance(value, list) else [value]
        if not all(column.allowed.matches(one, self.context, self.clock, budget=self.budget) for one in values):
            raise DecisionError(
                "decision.input_value", decision=self.table.decision, input=column.label, allowed=column.allowed.text
            )
        return value

    def hits(self, values: Sequence[Any]) -> Iterable[Rule]:
        for rule in self.table.rules:
            self.budget.spend(1)
            if self._fits(rule, values):
                yield rule
                if self.table.hit_policy == "FIRST":
                    return

    def _fits(self, rule: Rule, values: Sequence[Any]) -> bool:
        for test, plain, value in zip(rule.tests, rule.quick, values, strict=True):
            if plain is not None:
                if not plain.takes(value):
                    return False
            elif not test.matches(value, self.context, self.clock, budget=self.budget):
                return False
        return True

    def row(self, rule: Rule) -> Row:
        return {
            column.name: self._output(column, cell, rule.fired.id)
            for column, cell in zip(self.table.outputs, rule.outputs, strict=True)
        }

    def defaults(self) -> Row | None:
        """Give the row of the default outputs; None when the table has none."""
        if all(column.default is None for column in self.table.outputs):
            return None
        return {
            column.name: None if column.default is None else self._output(column, column.default, None)
            for column in self.table.outputs
        }

    def _output(self, column: Output, cell: Expression, rule: str | None) -> Any:
        value = cell.evaluate(self.context, self.clock, budget=self.budget)
        facts = {"decision": self.table.decision, "output": column.name, "rule": rule}
        try:
            value = converted(value, column.type, self.clock, self.budget)
        except Misfit:
            raise DecisionError("decision.output_type", **facts, type=column.type.name) from None
        if column.allowed is None or value is None:
            return value
        values = value if isinstance(value, list) else [value]
        if not all(column.allowed.matches(one, self.context, self.clock, budget=self.budget) for one in values):
            raise DecisionError("decision.output_value", **facts, allowed=column.allowed.text)
        return value


@dataclass(frozen=True)
class _Answer:
    """What the hit policy makes of the rows that were hit."""

    table: DecisionTable
    clock: Clock
    budget: Budget

    def of(self, hits: list[Rule], rows: list[Row], defaults: Any, inputs: tuple[tuple[str, Any], ...]) -> Outcome:
        table = self.table
        ordered = list(zip(hits, rows, strict=True))
        if table.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
            ordered.sort(key=lambda hit: self._rank(hit[1]))
        if not ordered:
            row = defaults()
            if row is not None:
                return self._outcome([row], (), inputs)
        self._refuse_contradictions(hits, rows)
        if table.hit_policy in _SINGLE:
            ordered = ordered[:1]
        fired = tuple(rule.fired for rule, _ in ordered)
        kept = [row for _, row in ordered]
        if table.aggregation is not None:
            return self._aggregated(kept, fired, inputs)
        return self._outcome(kept, fired, inputs)

    def _refuse_contradictions(self, hits: list[Rule], rows: list[Row]) -> None:
        table = self.table
        numbers = [rule.fired.number for rule in hits]
        if table.hit_policy == "UNIQUE" and len(hits) > 1:
            raise DecisionError("decision.not_unique", decision=table.decision, rules=numbers)
        if table.hit_policy == "ANY" and any(
            equal(row, rows[0], self.clock.zone, self.budget) is not True for row in rows[1:]
        ):
            raise DecisionError("decision.not_any", decision=table.decision, rules=numbers)

    def _rank(self, row: Row) -> tuple[int, ...]:
        ranks = []
        for column in self.table.outputs:
            places = (
                place
                for place, value in enumerate(column.priorities)
                if equal(value, row[column.name], self.clock.zone, self.budget) is True
            )
            ranks.append(next(places, len(column.priorities)))
        return tuple(ranks)

    def _value(self, row: Row) -> Any:
        return row if len(row) != 1 else next(iter(row.values()))

    def _outcome(self, rows: list[Row], fired: tuple[FiredRule, ...], inputs: tuple[tuple[str, Any], ...]) -> Outcome:
        values = [self._value(row) for row in rows]
        several = self.table.several
        result = values if several else values[0] if values else None
        return Outcome(result, tuple(rows), several, fired, inputs)

    def _aggregated(
        self, rows: list[Row], fired: tuple[FiredRule, ...], inputs: tuple[tuple[str, Any], ...]
    ) -> Outcome:
        values = [self._value(row) for row in rows]
        total = self._total(values)
        row = {self.table.outputs[0].name: total}
        return Outcome(total, () if total is None else (row,), False, fired, inputs)

    def _total(self, values: list[Any]) -> Any:
        if self.table.aggregation == "COUNT":
            return converted(len(values), ItemType("number", "number"), self.clock, self.budget)
        if not values:
            return None
        total = values[0]
        for value in values[1:]:
            if self.table.aggregation == "SUM":
                total = add(total, value, self.clock.zone, self.budget)
                continue
            rank = order(value, total, self.clock.zone)
            if rank is None:
                return None
            if rank == (-1 if self.table.aggregation == "MIN" else 1):
                total = value
        return total
