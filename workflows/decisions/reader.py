"""From a DMN file to decisions that can be asked; everything that could run otherwise than drawn is a finding."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from lxml import etree

from workflows.decisions import table_reader
from workflows.decisions.documents import Report, child, children, is_feel, local, read_document, text_of
from workflows.decisions.graph import Decision, Decisions, InputData, Knowledge, LiteralExpression, Logic
from workflows.decisions.scope import Scope
from workflows.decisions.type_reader import Types
from workflows.decisions.types import ANYTHING
from workflows.errors import BrokenDefinition
from workflows.language import say

Element = etree._Element
T = TypeVar("T")

# How far decisions may be stacked; deeper ones are made to hurt.
_STACKED = 40


def parse(xml: bytes, file: str, *, functions: Mapping[str, Callable[..., Any]] | None = None) -> Decisions:
    """Read a DMN file of version 1.1 to 1.5; BrokenDefinition carries the findings with line and element.

    `functions` are the host's FEEL functions that cells may call.
    """
    report = Report(file)
    root = read_document(xml, report)
    if root is None:
        raise BrokenDefinition(report.findings)
    decisions = _File(root, report, functions or {}).decisions()
    if report.has_errors:
        raise BrokenDefinition(report.findings)
    return Decisions(file, decisions, hashlib.sha256(xml).hexdigest(), tuple(report.findings))


class _File:
    """Reads one file; each decision and each piece of knowledge is built once, after those that it needs."""

    def __init__(self, root: Element, report: Report, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.root = root
        self.report = report
        self.functions = functions
        self.types = Types(root, report, functions)
        self.elements = self._by_id()
        self.inputs = {id_: self._input_data(element) for id_, element in self._all("inputData")}
        self.built: dict[str, Decision | Knowledge | None] = {}
        self.underway: list[str] = []

    def decisions(self) -> dict[str, Decision]:
        """Build every decision."""
        for element in children(self.root, "import"):
            self._unsupported(element, "import")
        for element in children(self.root, "decisionService"):
            self.report.warning(
                "decision.service_ignored",
                element,
                say("Decision service tidak dijalankan.", "A decision service is not run."),
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

    def _input_data(self, element: Element) -> InputData:
        variable = child(element, "variable")
        name = _name(variable) or _name(element) or element.get("id", "")
        return InputData(name, ANYTHING if variable is None else self.types.of(variable.get("typeRef"), variable))

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
            callable_names=frozenset(each.name for each in knowledge),
            spellings=self.types.entry_names,
            is_drawn=bool(known),
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
        parameters = [
            InputData(_name(each) or "", self.types.of(each.get("typeRef"), each))
            for each in children(body, "formalParameter")
        ]
        scope = Scope(
            self.report,
            self.functions,
            declared=frozenset(parameter.name for parameter in parameters),
            callable_names=frozenset(each.name for each in knowledge),
            spellings=self.types.entry_names,
            is_drawn=True,
        )
        variable = child(element, "variable")
        of_type = ANYTHING if variable is None else self.types.of(variable.get("typeRef"), variable)
        name = _name(variable) or _name(element) or id_
        logic = self._logic(body, id_, name, of_type, scope)
        return None if logic is None else Knowledge(name, tuple(parameters), logic, tuple(knowledge))

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

    def _logic(self, element: Element, id_: str, answer: str, of_type: Any, scope: Scope) -> Logic | None:
        table = child(element, "decisionTable")
        if table is not None:
            return table_reader.read_table(table, id_, answer, self.types, scope)
        literal = child(element, "literalExpression")
        if literal is not None:
            return self._literal(literal, id_, answer, of_type, scope)
        for other in (
            "context",
            "invocation",
            "list",
            "relation",
            "functionDefinition",
            "conditional",
            "filter",
            "for",
        ):
            boxed = child(element, other)
            if boxed is not None:
                self._unsupported(boxed, other)
                return None
        self.report.error(
            "decision.no_logic",
            element,
            say("Keputusan ini tidak punya tabel atau ungkapan.", "This decision has no table and no expression."),
            say("Isi tabel keputusannya.", "Fill in its decision table."),
        )
        return None

    def _literal(self, literal: Element, id_: str, answer: str, of_type: Any, scope: Scope) -> Logic | None:
        language = literal.get("expressionLanguage", "")
        if not is_feel(language):
            scope.foreign_language(literal, language)
            return None
        text, at = text_of(literal)
        expression = scope.expression(text, at, closed=False)
        own = literal.get("typeRef")
        wanted = self.types.of(own, literal) if own else of_type
        return None if expression is None else LiteralExpression(id_, answer, expression, wanted)

    def _unsupported(self, element: Element, what: str) -> None:
        self.report.error(
            "decision.unsupported",
            element,
            say(f"Unsur DMN {what} belum dijalankan di sini.", f"The DMN construct {what} is not run here."),
            say("Pakailah tabel atau satu ungkapan FEEL.", "Use a table or one FEEL expression."),
        )


_TARGETS = {
    "requiredInput": ("inputData",),
    "requiredDecision": ("decision",),
    "requiredKnowledge": ("businessKnowledgeModel",),
}


def _name(element: Element | None) -> str:
    return "" if element is None else " ".join(element.get("name", "").split())
