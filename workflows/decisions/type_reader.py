"""Reading `typeRef` and `itemDefinition`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from workflows.decisions.documents import Report, child, children, text_of
from workflows.decisions.types import ANYTHING, ItemType, as_feel, built_in
from workflows.feel import expressions as feel
from workflows.feel.errors import FeelError, suggestion
from workflows.feel.expressions import UnaryTests
from workflows.feel.types import TYPE_NAMES, Type
from workflows.language import say

Element = etree._Element
_NESTING = 20


class Types:
    """The types of one file."""

    def __init__(self, root: Element, report: Report, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._report = report
        self._functions = functions
        self._definitions = {name: e for e in children(root, "itemDefinition") if (name := _name(e))}
        self._known: dict[str, ItemType] = {}
        self._underway: set[str] = set()
        # Names of the entries of all types and answers, which FEEL must know to tell where a name ends.
        named = root.iter("{*}itemComponent", "{*}output", "{*}column")
        entries = (variable for entry in root.iter("{*}contextEntry") for variable in children(entry, "variable"))
        self.entry_names = frozenset(name for each in (*named, *entries) if (name := _name(each)))

    def of(self, reference: str | None, at: Element) -> ItemType:
        """Give the type that a `typeRef` names; an unknown one is a finding."""
        if not reference:
            return ANYTHING
        # A prefix says which namespace; modellers also write one that the file never declares.
        name = reference.strip()
        if name not in self._definitions:
            name = reference.rpartition(":")[2].strip()
        if name in self._definitions:
            return self._defined(name)
        known = built_in(name)
        if known is None:
            message = say(f'Jenis "{name}" tidak dikenal.', f'The type "{name}" is unknown.')
            self._report.error(
                "decision.unknown_type",
                at,
                message + suggestion(name, {*TYPE_NAMES, *self._definitions}),
                say(
                    "Jenis yang ada: string, number, boolean, date, time, date and time, dan jenis di berkas ini.",
                    "There are string, number, boolean, date, time, date and time, and the types of this file.",
                ),
            )
            return ANYTHING
        return known

    @property
    def names(self) -> frozenset[str]:
        """The names of the types that the file defines."""
        return frozenset(self._definitions)

    def find(self, name: str) -> Type | None:
        """Give the type of the file that FEEL names so; what values it allows is nothing to FEEL (10.3.2.9)."""
        return as_feel(self._defined(name)) if name in self._definitions else None

    def _defined(self, name: str) -> ItemType:
        if name not in self._known:
            if name in self._underway or len(self._underway) > _NESTING:
                self._report.error(
                    "decision.type_cycle",
                    self._definitions[name],
                    say(f'Jenis "{name}" memuat dirinya sendiri.', f'The type "{name}" holds itself.'),
                )
                return ANYTHING
            self._underway.add(name)
            self._known[name] = self._item(self._definitions[name], name)
            self._underway.discard(name)
        return self._known[name]

    def _item(self, element: Element, name: str, nesting: int = 0) -> ItemType:
        parts = list(children(element, "itemComponent"))
        collection = element.get("isCollection") == "true"
        if parts and nesting < _NESTING:
            entries = tuple((_name(part), self._item(part, _name(part), nesting + 1)) for part in parts)
            item = ItemType(name, "context", entries=entries)
        else:
            reference = child(element, "typeRef")
            text = "" if reference is None else "".join(reference.itertext()).strip()
            inner = self.of(text, element if reference is None else reference)
            item = replace(inner, name=name)
        allowed = self.allowed(child(element, "allowedValues")) or item.allowed
        return replace(item, collection=collection or item.collection, allowed=allowed)

    def allowed(self, element: Element | None) -> UnaryTests | None:
        """Read a list of allowed values; None when there is none, or it is wrong."""
        text, at = text_of(element)
        if not text.strip():
            return None
        try:
            return feel.compile_unary_tests(text, names=(), functions=self._functions)
        except FeelError as problem:
            self._report.error(
                problem.code,
                at,
                problem.message,
                say('Tulis nilainya seperti "a","b" atau [1..5].', 'Write the values like "a","b" or [1..5].'),
            )
            return None


def _name(element: Element) -> str:
    return " ".join(element.get("name", "").split())
