"""Reading one decision table: columns, rules and cells, each mistake with its line."""

from typing import Any

from lxml import etree

from workflows.decisions import fitting, soundness
from workflows.decisions.constants import constant, is_constant
from workflows.decisions.coverage import Effort
from workflows.decisions.documents import Report, child, children, is_feel, local, text_of
from workflows.decisions.scope import Scope
from workflows.decisions.tables import (
    AGGREGATIONS,
    HIT_POLICIES,
    Aggregation,
    DecisionTable,
    FiredRule,
    HitPolicy,
    Input,
    Output,
    Rule,
)
from workflows.decisions.type_reader import Types
from workflows.decisions.types import ItemType
from workflows.feel.expressions import Expression, UnaryTests
from workflows.feel.nodes import Literal
from workflows.language import say

Element = etree._Element

_RULES = 5_000
_CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"
_SPELLINGS = {
    "U": "UNIQUE", "A": "ANY", "F": "FIRST", "P": "PRIORITY", "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
    "RULE_ORDER": "RULE ORDER", "OUTPUT_ORDER": "OUTPUT ORDER",
}  # fmt: skip
_PARTS = frozenset({"input", "output", "rule", "annotation", "description", "extensionElements"})


def read_table(
    element: Element, decision: str, answer: str, types: Types, scope: Scope, effort: Effort
) -> DecisionTable | None:
    """Read the table of that decision; None, with findings, when it is wrong. `answer` names a nameless output.

    `effort` bounds the look for gaps and overlaps.
    """
    table = _TableReader(element, decision, answer, types, scope).table()
    if table is None or scope.report.unsound_is == "pass":
        return table
    before = len(scope.report.findings)
    soundness.examine(table, element, list(children(element, "rule")), scope.report, effort)
    contradicts = any(finding.severity == "error" for finding in scope.report.findings[before:])
    return None if contradicts else table


class _TableReader:
    def __init__(self, element: Element, decision: str, answer: str, types: Types, scope: Scope) -> None:
        self.element = element
        self.decision = decision
        self.answer = answer
        self.types = types
        self.scope = scope
        self.report: Report = scope.report

    def table(self) -> DecisionTable | None:
        before = len(self.report.findings)
        self._refuse_strangers()
        policy = self._policy()
        aggregation = self._aggregation(policy)
        inputs = [self._input(each) for each in children(self.element, "input")]
        # Cells may name what the columns read, and what is drawn.
        read = {name for column in inputs if column is not None for name in column.expression.names}
        cells = self.scope.with_names(read)
        outputs = self._outputs(policy, cells)
        rules = self._rules([column for column in inputs if column is not None], outputs, cells)
        if aggregation is not None and len(outputs) != 1:
            self.report.error(
                "decision.aggregation",
                self.element,
                say("COLLECT dengan penggabung hanya untuk satu keluaran.", "An aggregation takes one output only."),
                say("Hapus penggabung atau keluaran lainnya.", "Remove the aggregation or the other outputs."),
            )
        if any(finding.severity == "error" for finding in self.report.findings[before:]):
            return None
        columns = tuple(column for column in inputs if column is not None)
        return DecisionTable(
            self.decision,
            policy,
            aggregation,
            columns,
            tuple(outputs),
            tuple(rules),
        )

    def _refuse_strangers(self) -> None:
        for each in self.element:
            if isinstance(each.tag, str) and local(each) and local(each) not in _PARTS:
                self.report.error(
                    "decision.unsupported",
                    each,
                    say(f"Bagian tabel {local(each)} tidak dikenal.", f"The part {local(each)} of a table is unknown."),
                )

    def _policy(self) -> HitPolicy:
        written = self.element.get("hitPolicy") or "UNIQUE"
        spelled = _SPELLINGS.get(written, written)
        policy = next((each for each in HIT_POLICIES if each == spelled), None)
        if policy is None:
            self.report.error(
                "decision.hit_policy",
                self.element,
                say(f'Hit policy "{written}" tidak dikenal.', f'The hit policy "{written}" is unknown.'),
                say(f"Pilih salah satu: {', '.join(HIT_POLICIES)}.", f"Choose one of {', '.join(HIT_POLICIES)}."),
            )
        return policy or "UNIQUE"

    def _aggregation(self, policy: HitPolicy) -> Aggregation | None:
        written = self.element.get("aggregation")
        if not written:
            return None
        aggregation = next((each for each in AGGREGATIONS if each == written), None)
        if policy != "COLLECT" or aggregation is None:
            self.report.error(
                "decision.aggregation",
                self.element,
                say(
                    f'Penggabung "{written}" tidak dapat dipakai di sini.',
                    f'The aggregation "{written}" cannot be used here.',
                ),
                say(
                    "SUM, MIN, MAX, dan COUNT ada pada hit policy COLLECT.",
                    "SUM, MIN, MAX and COUNT go with the hit policy COLLECT.",
                ),
            )
        return aggregation

    def _input(self, element: Element) -> Input | None:
        expression = child(element, "inputExpression")
        if element.get(f"{_CAMUNDA}inputVariable"):
            self.report.error(
                "decision.input_variable",
                element,
                say("camunda:inputVariable tidak dijalankan.", "camunda:inputVariable is not run."),
                say('Pakai tanda "?" di dalam sel.', 'Use "?" in the cells.'),
            )
        text, at = text_of(expression)
        label = element.get("label") or " ".join(text.split()) or element.get("id") or ""
        if expression is None or not self._is_feel(expression):
            if expression is None:
                self.report.error(
                    "decision.no_input",
                    element,
                    say("Kolom masukan ini tidak membaca apa-apa.", "This input column reads nothing."),
                    say("Isi ungkapannya.", "Fill in its expression."),
                )
            return None
        compiled = self.scope.expression(text, element if at is None else at, closed=False)
        of_type = self.types.of(expression.get("typeRef"), expression)
        allowed = self.types.allowed(child(element, "inputValues"))
        return None if compiled is None else Input(element.get("id", ""), label, compiled, of_type, allowed)

    def _is_feel(self, element: Element) -> bool:
        language = element.get("expressionLanguage", "")
        if is_feel(language):
            return True
        self.scope.foreign_language(element, language)
        return False

    def _outputs(self, policy: HitPolicy, cells: Scope) -> list[Output]:
        elements = list(children(self.element, "output"))
        if not elements:
            self.report.error(
                "decision.no_output",
                self.element,
                say("Tabel ini tidak punya keluaran.", "This table has no output."),
            )
        outputs: list[Output] = []
        for element in elements:
            name = " ".join(element.get("name", "").split()) or (self.answer if len(elements) == 1 else "")
            if not name or any(name == other.name for other in outputs):
                self.report.error(
                    "decision.output_name",
                    element,
                    say(
                        "Setiap keluaran memerlukan nama sendiri.",
                        "Each output needs a name of its own.",
                    ),
                )
            outputs.append(self._output(element, name, cells))
        if policy in ("PRIORITY", "OUTPUT ORDER") and outputs and not any(column.priorities for column in outputs):
            self.report.error(
                "decision.no_priorities",
                self.element,
                say(
                    f"Hit policy {policy} memerlukan daftar nilai keluaran menurut urutannya.",
                    f"The hit policy {policy} needs the output values listed in their order.",
                ),
                say("Isi output values.", "Fill in the output values."),
            )
        return outputs

    def _output(self, element: Element, name: str, cells: Scope) -> Output:
        of_type = self.types.of(element.get("typeRef"), element)
        allowed = self.types.allowed(child(element, "outputValues"))
        default = child(element, "defaultOutputEntry")
        text, at = text_of(default)
        compiled = cells.expression(text, at, closed=True) if text.strip() else None
        if compiled is not None and at is not None:
            self._check_output(compiled, of_type, allowed, at)
        return Output(
            element.get("id", ""), name, element.get("label") or name, of_type, allowed, _listed(allowed), compiled
        )

    def _rules(self, inputs: list[Input], outputs: list[Output], cells: Scope) -> list[Rule]:
        elements = list(children(self.element, "rule"))
        if len(elements) > _RULES:
            self.report.error(
                "decision.too_many_rules",
                self.element,
                say(f"Tabel ini punya lebih dari {_RULES} aturan.", f"This table has more than {_RULES} rules."),
            )
            return []
        if not elements:
            self.report.warning(
                "decision.no_rules",
                self.element,
                say("Tabel ini belum punya aturan; jawabannya selalu kosong.", "This table has no rule and no answer."),
                say("Tambahkan aturan.", "Add a rule."),
            )
        columns = [
            " ".join(each.get("name", "").split()) or "annotation" for each in children(self.element, "annotation")
        ]
        # Counted once: asking for each rule would walk over all the others every time.
        wanted = sum(1 for _ in children(self.element, "input"))
        rules = (
            self._rule(each, number, columns, wanted, inputs, outputs, cells) for number, each in enumerate(elements, 1)
        )
        return [rule for rule in rules if rule is not None]

    def _rule(
        self,
        element: Element,
        number: int,
        columns: list[str],
        wanted: int,
        inputs: list[Input],
        outputs: list[Output],
        cells: Scope,
    ) -> Rule | None:
        entries, results = list(children(element, "inputEntry")), list(children(element, "outputEntry"))
        if len(entries) != wanted or len(results) != len(outputs):
            self.report.error(
                "decision.cells",
                element,
                say(
                    f"Aturan {number} punya {len(entries)} + {len(results)} sel, tabelnya {wanted} + {len(outputs)}.",
                    f"Rule {number} has {len(entries)} + {len(results)} cells, its table {wanted} + {len(outputs)}.",
                ),
                say("Simpan ulang dari penyunting DMN.", "Save it again from the DMN editor."),
            )
            return None
        if len(inputs) != wanted:
            return None
        tests = [self._test(entry, column, cells) for entry, column in zip(entries, inputs, strict=True)]
        answers = [self._answer(entry, column, cells) for entry, column in zip(results, outputs, strict=True)]
        if None in tests or None in answers:
            return None
        notes = [text_of(each)[0].strip() for each in children(element, "annotationEntry")]
        described = child(element, "description")
        fired = FiredRule(
            element.get("id") or f"{self.decision}_{number}",
            number,
            tuple(zip(columns, notes, strict=False)),
            "" if described is None else "".join(described.itertext()).strip(),
        )
        return Rule(fired, tuple(t for t in tests if t is not None), tuple(a for a in answers if a is not None))

    def _test(self, entry: Element, column: Input, cells: Scope) -> UnaryTests | None:
        if not self._is_feel(entry):
            return None
        text, at = text_of(entry)
        tests = cells.tests(text, at, closed=True)
        for test in () if tests is None else tests.tests:
            if fitting.never_fits(test, column.type):
                self._wrong_type(entry if at is None else at, text, column.type, is_test=True)
                break
        return tests

    def _answer(self, entry: Element, column: Output, cells: Scope) -> Expression | None:
        if not self._is_feel(entry):
            return None
        text, at = text_of(entry)
        # An empty cell, or a dash, answers null, as editors write it.
        expression = cells.expression(text if text.strip() not in ("", "-") else "null", at, closed=True)
        if expression is not None:
            self._check_output(expression, column.type, column.allowed, entry if at is None else at)
        return expression

    def _check_output(self, expression: Expression, of_type: ItemType, allowed: UnaryTests | None, at: Element) -> None:
        """Refuse an answer that could never be given."""
        if fitting.never_becomes(expression.root, of_type):
            self._wrong_type(at, expression.text, of_type)
            return
        content = constant(expression.root) if is_constant(expression.root) else None
        if content is None:
            return
        known = _listed(allowed)
        if known and all(value != content for value in known):
            self.report.misfit(
                "decision.output_value",
                at,
                say(
                    f"{expression.text.strip()} tidak ada dalam daftar nilai keluaran.",
                    f"{expression.text.strip()} is not among the output values.",
                ),
                say("Tambahkan ke daftar, atau perbaiki sel ini.", "Add it to the list, or mend this cell."),
            )

    def _wrong_type(self, at: Element, text: str, of_type: ItemType, *, is_test: bool = False) -> None:
        about = say(' Masukan kolom ini bernama "?".', ' The input of this column is called "?".') if is_test else ""
        self.report.misfit(
            "decision.cell_type",
            at,
            say(
                f"{text.strip()} tidak dapat cocok dengan jenis {of_type.name}.",
                f"{text.strip()} can never fit the type {of_type.name}.",
            ),
            say("Perbaiki sel atau jenis kolomnya.", "Mend the cell or the type of its column.")
            + fitting.example(of_type)
            + about,
        )


def _listed(allowed: UnaryTests | None) -> tuple[Any, ...]:
    """Give the values of a list that is written out; none when it holds ranges or is negated."""
    if allowed is None or allowed.negated or not all(isinstance(test, Literal) for test in allowed.tests):
        return ()
    return tuple(test.content for test in allowed.tests if isinstance(test, Literal))
