"""From a DMN file to decisions that can be asked; everything that could run otherwise than drawn is a finding."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from lxml import etree

from workflows.decisions import fitting, table_reader
from workflows.decisions.boxed import (
    BoxedContext,
    BoxedFunction,
    BoxedList,
    Invocation,
    LiteralExpression,
    Logic,
    Parameter,
)
from workflows.decisions.coverage import Effort
from workflows.decisions.documents import Report, Unsound, child, children, is_feel, local, read_document, text_of
from workflows.decisions.graph import Decision, Decisions, Knowledge
from workflows.decisions.scope import Scope
from workflows.decisions.type_reader import Types
from workflows.decisions.types import ANYTHING, ItemType
from workflows.errors import BrokenDefinition
from workflows.feel.expressions import Expression
from workflows.feel.nodes import Name
from workflows.language import say

Element = etree._Element
T = TypeVar("T")

# Some two seconds on a slow machine; a table of law takes a hundredth of it.
_EFFORT = 1_000_000
# How far decisions may be stacked; deeper ones are made to hurt.
_STACKED = 40
# How deep boxed expressions may be nested.
_NESTED = 20


def parse(
    xml: bytes, file: str, *, functions: Mapping[str, Callable[..., Any]] | None = None, unsound: Unsound = "refuse"
) -> Decisions:
    """Read a DMN file of version 1.1 to 1.5; BrokenDefinition carries the findings with line and element.

    `functions` are the host's FEEL functions that cells may call. A table that runs but is not sensible, for example
    one whose rules contradict each other, is refused, unless `unsound` says otherwise.
    """
    report = Report(file, unsound=unsound)
    root = read_document(xml, report)
    if root is None:
        raise BrokenDefinition(report.findings)
    checksum = hashlib.sha256(xml).hexdigest()
    decisions = _File(root, report, functions or {}, checksum).decisions()
    if report.has_errors:
        raise BrokenDefinition(report.findings)
    return Decisions(file, decisions, checksum, tuple(report.findings))


class _File:
    """Reads one file; each decision and each piece of knowledge is built once, after those that it needs."""

    def __init__(
        self, root: Element, report: Report, functions: Mapping[str, Callable[..., Any]], checksum: str
    ) -> None:
        self.root = root
        self.checksum = checksum
        self.report = report
        self.functions = functions
        self.types = Types(root, report, functions)
        self.elements = self._by_id()
        self.inputs = {id_: self._input_data(element) for id_, element in self._all("inputData")}
        self.built: dict[str, Decision | Knowledge | None] = {}
        self.underway: list[str] = []
        # What looking for gaps and overlaps may cost, all tables of the file together.
        self.effort = Effort(_EFFORT)
        # How deep the boxed expression is nested that is being read.
        self.nesting = 0

    def decisions(self) -> dict[str, Decision]:
        """Build every decision."""
        language = self.root.get("expressionLanguage", "")
        if not is_feel(language):
            nothing: frozenset[str] = frozenset()
            Scope(self.report, self.functions, nothing, {}, nothing, False).foreign_language(self.root, language)
        for element in children(self.root, "import"):
            self._unsupported(element, "import")
        for element in children(self.root, "decisionService"):
            self.report.warning(
                "decision.service_ignored",
                element,
                say("Decision service tidak dijalankan.", "A decision service is not run."),
                say("Tanyakan keputusannya sendiri, menurut id-nya.", "Ask the decision itself, by its id."),
            )
        found = {}
        for id_, element in self._all("decision"):
            decision = self._decision(element)
            if decision is not None:
                found[id_] = decision
        if not found and not self.report.has_errors:
            self.report.error(
                "decision.none",
                self.root,
                say("Berkas ini tidak memuat keputusan.", "This file holds no decision."),
            )
        return found

    def _by_id(self) -> dict[str, Element]:
        found: dict[str, Element] = {}
        for element in self.root.iter():
            id_ = element.get("id") if isinstance(element.tag, str) and local(element) else None
            if id_ is None:
                continue
            if id_ in found:
                self.report.error(
                    "decision.duplicate_id",
                    element,
                    say(f'Id "{id_}" dipakai dua kali.', f'The id "{id_}" is used twice.'),
                    say("Beri id yang lain.", "Give it another id."),
                )
            found.setdefault(id_, element)
        return found

    def _all(self, name: str) -> Iterable[tuple[str, Element]]:
        for element in children(self.root, name):
            id_ = element.get("id")
            if id_:
                yield id_, element
            else:
                self.report.error(
                    "decision.no_id",
                    element,
                    say(f"Elemen {name} ini tidak punya id.", f"This {name} has no id."),
                    say("Simpan ulang dari penyunting DMN.", "Save it again from the DMN editor."),
                )

    def _input_data(self, element: Element) -> Parameter:
        variable = child(element, "variable")
        name = _name(variable) or _name(element) or element.get("id", "")
        return Parameter(name, ANYTHING if variable is None else self.types.of(variable.get("typeRef"), variable))

    def _decision(self, element: Element) -> Decision | None:
        return self._once(element, Decision, self._built_decision)

    def _knowledge(self, element: Element) -> Knowledge | None:
        return self._once(element, Knowledge, self._built_knowledge)

    def _once(self, element: Element, kind: type[T], build: Callable[[Element], T | None]) -> T | None:
        id_ = element.get("id", "")
        if id_ in self.built:
            built = self.built[id_]
            return built if isinstance(built, kind) else None
        if id_ in self.underway or len(self.underway) >= _STACKED:
            self.report.error(
                "decision.cycle",
                element,
                say(
                    f'Keputusan "{id_}" memerlukan dirinya sendiri, atau susunannya terlalu dalam.',
                    f'The decision "{id_}" needs itself, or is stacked too deeply.',
                ),
                say("Hapus salah satu panah kebutuhan.", "Remove one of the arrows of need."),
            )
            return None
        self.underway.append(id_)
        built_now = build(element)
        self.underway.pop()
        self.built[id_] = built_now  # type: ignore[assignment]
        return built_now

    def _built_decision(self, element: Element) -> Decision | None:
        id_ = element.get("id", "")
        variable = child(element, "variable")
        name = _name(element) or id_
        required = [
            decision for each in self._needed(element, "requiredDecision") if (decision := self._decision(each))
        ]
        knowledge = self._called(element)
        inputs = [
            self.inputs[each.get("id", "")]
            for each in self._needed(element, "requiredInput")
            if each.get("id", "") in self.inputs
        ]
        known = [data.name for data in inputs]
        known += [name for decision in required for name in (decision.variable, decision.id)]
        scope = Scope(
            self.report,
            self.functions,
            declared=frozenset(known),
            callables=_parameters_of(knowledge),
            spellings=self.types.entry_names | self.types.names,
            is_drawn=bool(known),
            types=self.types.find,
            typed={data.name: data.type for data in inputs},
        )
        of_type = ANYTHING if variable is None else self.types.of(variable.get("typeRef"), variable)
        answer = _name(variable) or name
        logic = self._logic(element, id_, answer, of_type, scope)
        if logic is None:
            return None
        return Decision(
            id_,
            name,
            answer,
            logic,
            tuple(inputs),
            tuple(required),
            tuple(knowledge),
            self.report.file,
            element.sourceline or 1,
            self.checksum,
        )

    def _built_knowledge(self, element: Element) -> Knowledge | None:
        id_ = element.get("id", "")
        body = child(element, "encapsulatedLogic")
        if body is None:
            self.report.error(
                "decision.no_logic",
                element,
                say("Pengetahuan bisnis ini kosong.", "This business knowledge model is empty."),
            )
            return None
        if body.get("kind", "FEEL") != "FEEL":
            self._unsupported(body, f"kind={body.get('kind')}")
            return None
        knowledge = self._called(element)
        parameters = self._parameters(body)
        scope = Scope(
            self.report,
            self.functions,
            declared=frozenset(parameter.name for parameter in parameters),
            callables=_parameters_of(knowledge),
            spellings=self.types.entry_names | self.types.names,
            is_drawn=True,
            types=self.types.find,
            typed={parameter.name: parameter.type for parameter in parameters},
        )
        variable = child(element, "variable")
        of_type = ANYTHING if variable is None else self.types.of(variable.get("typeRef"), variable)
        name = _name(variable) or _name(element) or id_
        logic = self._logic(body, id_, name, of_type, scope)
        return None if logic is None else Knowledge(name, parameters, logic, tuple(knowledge))

    def _called(self, element: Element) -> list[Knowledge]:
        return [k for each in self._needed(element, "requiredKnowledge") if (k := self._knowledge(each))]

    def _needed(self, element: Element, kind: str) -> list[Element]:
        """Give the elements to which the requirements of that kind point."""
        group = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
        found = []
        for requirement in children(element, group):
            for each in children(requirement, kind):
                target = self.elements.get(each.get("href", "").rpartition("#")[2])
                if target is not None and local(target) in _TARGETS[kind]:
                    found.append(target)
                    continue
                self.report.error(
                    "decision.unknown_requirement",
                    requirement,
                    say(
                        f'Yang diperlukan, "{each.get("href", "")}", tidak ada di berkas ini.',
                        f'What is required, "{each.get("href", "")}", is not in this file.',
                    ),
                    say("Perbaiki atau hapus panahnya.", "Mend or remove the arrow."),
                )
        return found

    def _logic(self, element: Element, id_: str, answer: str, of_type: ItemType, scope: Scope) -> Logic | None:
        """Read the one expression that stands in the element."""
        for each in _expressions(element):
            return self._expression(each, id_, answer, of_type, scope)
        self.report.error(
            "decision.no_logic",
            element,
            say("Keputusan ini tidak punya tabel atau ungkapan.", "This decision has no table and no expression."),
            say("Isi tabel keputusannya.", "Fill in its decision table."),
        )
        return None

    def _expression(self, element: Element, id_: str, answer: str, of_type: ItemType, scope: Scope) -> Logic | None:
        name = local(element)
        if name in _NOT_RUN:
            self._unsupported(element, name)
            return None
        if name == "decisionTable":
            return table_reader.read_table(element, id_, answer, self.types, scope, self.effort)
        if name == "literalExpression":
            return self._literal(element, id_, answer, of_type, scope)
        if self.nesting >= _NESTED:
            self.report.error(
                "decision.too_deep",
                element,
                say("Kotak ungkapan ini bersusun terlalu dalam.", "These boxed expressions are nested too deeply."),
                say("Pecahlah menjadi beberapa keputusan.", "Split it into several decisions."),
            )
            return None
        own = element.get("typeRef")
        wanted = self.types.of(own, element) if own else of_type
        self.nesting += 1
        try:
            if name == "context":
                return self._context(element, id_, answer, wanted, scope)
            if name == "invocation":
                return self._invocation(element, id_, answer, wanted, scope)
            if name == "functionDefinition":
                return self._function(element, id_, answer, scope)
            if name == "relation":
                return self._relation(element, id_, answer, wanted, scope)
            items = [self._expression(each, id_, answer, ANYTHING, scope) for each in _expressions(element)]
            return BoxedList(id_, answer, tuple(i for i in items if i is not None), wanted) if all(items) else None
        finally:
            self.nesting -= 1

    def _context(self, element: Element, id_: str, answer: str, of_type: ItemType, scope: Scope) -> Logic | None:
        entries: list[tuple[Parameter, Logic]] = []
        result: Logic | None = None
        complete = True
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            name = _name(variable)
            of_entry = ANYTHING if variable is None else self.types.of(variable.get("typeRef"), variable)
            logic = self._logic(entry, id_, name or answer, of_entry, scope)
            if logic is None:
                complete = False
            elif not name:
                result = logic
            else:
                entries.append((Parameter(name, of_entry), logic))
            if name:
                if isinstance(logic, BoxedFunction):
                    scope = scope.with_callable(name, tuple(parameter.name for parameter in logic.parameters))
                else:
                    scope = scope.with_names([name])
        return BoxedContext(id_, answer, tuple(entries), result, of_type) if complete else None

    def _invocation(self, element: Element, id_: str, answer: str, of_type: ItemType, scope: Scope) -> Logic | None:
        called_by = child(element, "literalExpression")
        text, at = text_of(called_by)
        callee = scope.expression(text, element if at is None else at, closed=True)
        bindings: list[tuple[str, Logic]] = []
        complete = callee is not None
        for binding in children(element, "binding"):
            logic = self._logic(binding, id_, answer, ANYTHING, scope)
            complete = complete and logic is not None
            if logic is not None:
                bindings.append((_name(child(binding, "parameter")), logic))
        if callee is None or not complete:
            return None
        function = callee.root.name if isinstance(callee.root, Name) else ""
        names = [name for name, _ in bindings]
        if function in scope.callables:
            scope.examine_call(function, len(names), names, element)
        return Invocation(id_, answer, callee, tuple(bindings), of_type)

    def _function(self, element: Element, id_: str, answer: str, scope: Scope) -> Logic | None:
        if element.get("kind", "FEEL") != "FEEL":
            self._unsupported(element, f"kind={element.get('kind')}")
            return None
        parameters = self._parameters(element)
        inner = scope.with_names(parameter.name for parameter in parameters)
        body = self._logic(element, id_, answer, ANYTHING, inner)
        return None if body is None else BoxedFunction(id_, answer, parameters, body)

    def _relation(self, element: Element, id_: str, answer: str, of_type: ItemType, scope: Scope) -> Logic | None:
        """Read a relation: a list of contexts, one for each row, written as a table without conditions."""
        columns = [
            Parameter(_name(column), self.types.of(column.get("typeRef"), column))
            for column in children(element, "column")
        ]
        rows: list[Logic] = []
        for row in children(element, "row"):
            cells = [self._expression(each, id_, answer, ANYTHING, scope) for each in _expressions(row)]
            if len(cells) != len(columns) or not all(cells):
                if len(cells) != len(columns):
                    self.report.error(
                        "decision.cells",
                        row,
                        say(
                            f"Baris ini punya {len(cells)} sel, kolomnya {len(columns)}.",
                            f"This row has {len(cells)} cells, there are {len(columns)} columns.",
                        ),
                        say("Simpan ulang dari penyunting DMN.", "Save it again from the DMN editor."),
                    )
                return None
            entries = tuple((column, cell) for column, cell in zip(columns, cells, strict=True) if cell is not None)
            rows.append(BoxedContext(id_, answer, entries, None, ANYTHING))
        return BoxedList(id_, answer, tuple(rows), of_type)

    def _parameters(self, element: Element) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(_name(each), self.types.of(each.get("typeRef"), each))
            for each in children(element, "formalParameter")
        )

    def _literal(self, literal: Element, id_: str, answer: str, of_type: ItemType, scope: Scope) -> Logic | None:
        language = literal.get("expressionLanguage", "")
        if not is_feel(language):
            scope.foreign_language(literal, language)
            return None
        text, at = text_of(literal)
        expression = scope.expression(text, at, closed=False)
        own = literal.get("typeRef")
        wanted = self.types.of(own, literal) if own else of_type
        if expression is None:
            return None
        self._look_at_kinds(expression, wanted, scope, literal if at is None else at)
        return LiteralExpression(id_, answer, expression, wanted)

    def _look_at_kinds(self, expression: Expression, wanted: ItemType, scope: Scope, at: Element) -> None:
        """Tell of an expression that always gives null, or never gives its type."""
        clash = fitting.clashing(expression.root, scope.typed)
        if clash is not None:
            left, right = clash.left, clash.function or clash.right
            self.report.unsound(
                "decision.clash",
                at,
                say(
                    f"{left} dan {right} tidak dapat bertemu di sini; hasilnya selalu null.",
                    f"{left} and {right} never go together here; this always gives null.",
                ),
                say("Perbaiki ungkapannya.", "Mend the expression."),
            )
        elif fitting.never_becomes(expression.root, wanted):
            self.report.unsound(
                "decision.result_type",
                at,
                say(f"Ungkapan ini tidak pernah memberi {wanted.name}.", f"This never gives a {wanted.name}."),
                say("Perbaiki ungkapan atau jenisnya (typeRef).", "Mend the expression or its type (typeRef).")
                + fitting.example(wanted),
            )

    def _unsupported(self, element: Element, what: str) -> None:
        self.report.error(
            "decision.unsupported",
            element,
            say(f"Unsur DMN {what} belum dijalankan di sini.", f"The DMN construct {what} is not run here."),
            _advice(what),
        )


def _advice(what: str) -> str:
    written = _IN_FEEL.get(what)
    if written is not None:
        return say(f"Tulislah dalam FEEL: {written}.", f"Write it in FEEL: {written}.")
    if what == "import":
        return say(
            "Salin keputusan yang diperlukan ke dalam berkas ini.", "Copy the decisions that are needed into this file."
        )
    return say("Pakailah tabel atau ungkapan FEEL.", "Use a table or a FEEL expression.")


# How the boxes of DMN 1.4 are said in one literal expression.
_IN_FEEL = {
    "conditional": "if … then … else …",
    "filter": "list[item > 1]",
    "for": "for x in … return …",
    "some": "some x in … satisfies …",
    "every": "every x in … satisfies …",
}
_EXPRESSIONS = frozenset(
    {"decisionTable", "literalExpression", "context", "invocation", "list", "relation", "functionDefinition"}
)
# Boxes of DMN 1.4 and later, which level 2 does not ask for.
_NOT_RUN = frozenset({"conditional", "filter", "for", "some", "every"})
_TARGETS = {
    "requiredInput": ("inputData",),
    "requiredDecision": ("decision",),
    "requiredKnowledge": ("businessKnowledgeModel",),
}


def _parameters_of(knowledge: Iterable[Knowledge]) -> dict[str, tuple[str, ...]]:
    return {each.name: tuple(parameter.name for parameter in each.parameters) for each in knowledge}


def _expressions(element: Element) -> list[Element]:
    """Give the boxed expressions directly below, also those that are refused where they are read."""
    return [each for each in element if isinstance(each.tag, str) and local(each) in _EXPRESSIONS | _NOT_RUN]


def _name(element: Element | None) -> str:
    return "" if element is None else " ".join(element.get("name", "").split())
