"""What is wrong with a decision table as a whole, though each cell is right: gaps, overlaps, rules never reached.

Told with an input that shows it. What cannot be told from the text of the cells is never claimed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from workflows.decisions.coverage import Effort, Sweep, TooMuch
from workflows.decisions.documents import Report
from workflows.decisions.regions import MISSING, Scale, Spans, cut, grid_of
from workflows.decisions.tables import DecisionTable
from workflows.feel.budget import Budget
from workflows.feel.nodes import Literal
from workflows.feel.values import write
from workflows.language import say

Element = etree._Element

# A designer mends a table pair by pair; more lines of the same help nobody.
_MOST_PAIRS = 10
_MOST_RULES = 20
_SINGLE = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})


def examine(table: DecisionTable, element: Element, rules: Sequence[Element], report: Report, effort: Effort) -> None:
    """Add the findings about the table; `rules` are the elements of its rules, in their order."""
    if not table.rules or not table.inputs:
        return
    _Examination(table, element, rules, report, effort).look()


class _Examination:
    def __init__(
        self, table: DecisionTable, element: Element, rules: Sequence[Element], report: Report, effort: Effort
    ) -> None:
        self.table = table
        self.element = element
        self.rules = rules
        self.report = report
        self.grid = grid_of(table)
        self.sweep = Sweep(self.grid, effort)
        # What a column takes, and the same with a missing value, which any column may meet.
        self.taken: list[Spans] = [scale.universe for scale in self.grid.scales]
        self.taken_or_missing = [((MISSING, MISSING), *spans) for spans in self.taken]

    def look(self) -> None:
        try:
            dead = self._never()
            if self.table.hit_policy == "FIRST":
                self._shadowed(dead)
            if self.table.hit_policy in ("UNIQUE", "ANY"):
                self._overlaps()
            if self.table.hit_policy in _SINGLE and all(column.default is None for column in self.table.outputs):
                self._gaps()
        except TooMuch:
            self.report.note(
                "decision.not_all_examined",
                self.element,
                say(
                    "Tabel ini terlalu besar untuk diperiksa celah dan tumpang tindihnya sampai tuntas.",
                    "This table is too large to look for all its gaps and overlaps.",
                ),
                say("Pecahlah menjadi beberapa tabel.", "Split it into several tables."),
            )

    def _never(self) -> set[int]:
        dead = dict(self.sweep.never(self.taken_or_missing))
        for rule in sorted(dead)[:_MOST_RULES]:
            column = self.table.inputs[dead[rule]]
            cell, allowed = self.table.rules[rule].tests[dead[rule]].text.strip(), column.allowed or column.type.allowed
            listed = "" if allowed is None else say(f" Yang ada: {allowed.text}.", f" There are: {allowed.text}.")
            self.report.warning(
                "decision.unreachable",
                self.rules[rule],
                say(
                    f"Aturan {rule + 1} tidak pernah cocok: {cell} pada {column.label} tidak menerima nilai apa pun.",
                    f"Rule {rule + 1} never fits: {cell} of {column.label} takes no value at all.",
                )
                + listed,
                say("Perbaiki sel itu atau hapus aturannya.", "Mend that cell or remove the rule."),
            )
        return set(dead)

    def _shadowed(self, dead: set[int]) -> None:
        shadowed = (rule for rule in self.sweep.shadowed(self.taken_or_missing) if rule not in dead)
        for rule in _first(shadowed, _MOST_RULES):
            self.report.warning(
                "decision.shadowed",
                self.rules[rule],
                say(
                    f"Aturan {rule + 1} tidak pernah dipakai: aturan di atasnya sudah menerima semua yang diterimanya.",
                    f"Rule {rule + 1} is never used: the rules above it take everything that it takes.",
                ),
                say("Pindahkan ke atas, atau hapus.", "Move it up, or remove it."),
            )

    def _overlaps(self) -> None:
        answers = self._answers() if self.table.hit_policy == "ANY" else None
        if self.table.hit_policy == "ANY" and answers is None:
            return
        told: set[tuple[int, int]] = set()
        # Inputs that are all there first: an overlap for missing values only is less certain to be meant.
        for universes, certain in ((self.taken, True), (self.taken_or_missing, False)):
            for first, second, example in self.sweep.overlaps(universes, answers):
                if (first, second) not in told and len(told) < _MOST_PAIRS:
                    told.add((first, second))
                    self._overlap(first, second, example, certain and self._independent())
                if len(told) >= _MOST_PAIRS:
                    return

    def _overlap(self, first: int, second: int, example: Mapping[int, Any], certain: bool) -> None:
        at, shown = self.rules[second], self._shown(example)
        if self.table.hit_policy == "UNIQUE":
            said = say(
                f"Aturan {first + 1} dan {second + 1} cocok bersama, misalnya pada {shown}; UNIQUE mengizinkan satu.",
                f"The rules {first + 1} and {second + 1} both fit, for example with {shown}; UNIQUE allows one.",
            )
        else:
            said = say(
                f"Aturan {first + 1} dan {second + 1} cocok bersama dengan jawaban berbeda, misalnya pada {shown}.",
                f"The rules {first + 1} and {second + 1} both fit and answer differently, for example with {shown}.",
            )
        fix = say(
            "Persempit salah satunya, atau pakai hit policy lain, misalnya FIRST.",
            "Narrow one of them, or use another hit policy, for example FIRST.",
        )
        tell = self.report.unsound if certain else self.report.warning
        tell("decision.overlap", at, said, fix)

    def _gaps(self) -> None:
        # Texts that nobody listed are no gap, but an input for which there is no answer all the same.
        listed = [self._without_other(scale) for scale in self.grid.scales]
        policy, example = self.table.hit_policy, self.sweep.gap(listed)
        if example is not None and policy in ("UNIQUE", "ANY"):
            shown = self._shown(example)
            self.report.warning(
                "decision.gap",
                self.element,
                say(f"Tidak ada aturan untuk {shown}.", f"There is no rule for {shown}."),
                say(
                    "Tambahkan aturan, keluaran baku, atau batasi nilai masukannya (input values).",
                    "Add a rule or a default output, or limit the values of the input.",
                ),
            )
            return
        example = example or self.sweep.gap(self.taken)
        if example is not None:
            shown = self._shown(example)
            self.report.warning(
                "decision.no_default",
                self.element,
                say(
                    f"Tabel ini tidak punya jawaban baku, dan tidak ada aturan untuk {shown}.",
                    f"This table has no default answer, and there is no rule for {shown}.",
                ),
                say(
                    "Tambahkan aturan terakhir dengan tanda -, atau keluaran baku.",
                    "Add a last rule of dashes, or a default output.",
                ),
            )

    @staticmethod
    def _without_other(scale: Scale) -> Spans:
        if scale.other is None:
            return scale.universe
        # A column of texts that names none takes any text.
        return cut(scale.universe, ((0, scale.last - 1),)) if scale.points else scale.universe

    def _answers(self) -> list[Any] | None:
        """Give what each rule answers, to be compared; None when an answer is computed."""
        if not all(isinstance(cell.root, Literal) for rule in self.table.rules for cell in rule.outputs):
            return None
        return [tuple(write(cell.root.content, Budget(), 1) for cell in rule.outputs) for rule in self.table.rules]  # type: ignore[attr-defined]

    def _independent(self) -> bool:
        """Tell whether no two columns read the same variable, so that any values of them may meet."""
        names = [name for column in self.table.inputs for name in column.expression.names]
        return len(names) == len(set(names))

    def _shown(self, example: Mapping[int, Any]) -> str:
        told = (number for number in sorted(example) if self.grid.scales[number].kind)
        return ", ".join(self._shown_column(number, example[number]) for number in told)

    def _shown_column(self, number: int, value: Any) -> str:
        name = " ".join(self.table.inputs[number].expression.text.split())
        return f"{name} = {write(value, Budget(), 1)}"


def _first(rules: Iterable[int], count: int) -> Iterator[int]:
    for number, rule in enumerate(rules):
        if number == count:
            return
        yield rule
