"""A case type as the checks see it: every part that could be read, and what stood in the way of the others.

Reading never stops at the first broken part, so that a designer gets all findings at once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from workflows.catalogue.bundle import MANIFEST, Bundle
from workflows.catalogue.functions import FUNCTIONS
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.manifest_reader import read_manifest
from workflows.catalogue.outputs import Output, outputs_of
from workflows.deadlines import register
from workflows.deadlines.register import Register
from workflows.decisions.reader import parse as parse_decisions
from workflows.engine import Definition, Element, parse
from workflows.errors import BrokenDefinition, Finding
from workflows.forms import schema
from workflows.forms.schema import Form
from workflows.people.roles import read_roles

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Examined:
    """A case type, read as far as it can be."""

    bundle: Bundle
    # What was wrong in reading the parts; warnings and notes of the engine too.
    findings: tuple[Finding, ...]
    # None for parts that could not be read or are not there.
    case_type: CaseType | None
    definition: Definition | None
    register: Register | None
    # Ids of the roles of the office; None when their register is not there.
    roles: frozenset[str] | None
    # Forms by id, and the path of each.
    forms: Mapping[str, Form]
    form_files: Mapping[str, str]
    # What the cells of the decision tables may give.
    outputs: tuple[Output, ...]

    @property
    def elements(self) -> tuple[Element, ...]:
        """The elements of the diagram; none when it could not be read."""
        return self.definition.elements if self.definition is not None else ()

    def user_tasks(self) -> Iterator[Element]:
        """Give the user tasks of the diagram."""
        return (element for element in self.elements if element.kind == "userTask")

    def services(self, topic: str) -> Iterator[Element]:
        """Give the elements that call a service."""
        return (element for element in self.elements if element.topic == topic)

    def line_in_manifest(self, path: str) -> int:
        """Give the line of a dotted path in the manifest."""
        return self.case_type.line_of(path) if self.case_type is not None else 1


def examine(bundle: Bundle) -> Examined:
    """Read every part of the case type; the same files are read once."""
    return _examined(bundle, bundle.shared_folder)


@lru_cache(maxsize=8)
def _examined(bundle: Bundle, shared_folder: Path | None) -> Examined:
    """Where the registers stand is no part of a bundle's equality, so it is named beside it."""
    return _Reading(bundle).examined()


def _is_table(path: str, content: bytes) -> bool:
    """Tell whether a file holds decisions: by its name, or under a name of its own by what it says it is."""
    name = path.lower()
    return name.endswith(".dmn") or (not name.endswith(".bpmn") and b"omg.org/spec/DMN/" in content)


class _Reading:
    """One reading of one bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.findings: list[Finding] = []

    def examined(self) -> Examined:
        bundle = self.bundle
        case_type = self._part(lambda: read_manifest(bundle.files[MANIFEST])) if bundle.is_folder else None
        definition = self._definition()
        forms: dict[str, Form] = {}
        form_files: dict[str, str] = {}
        for path, content in bundle.under("forms", ".form"):
            form = self._part(lambda content=content, path=path: schema.read(content, path))  # type: ignore[misc]
            if form is not None:
                self.findings += form.findings
                forms[form.id], form_files[form.id] = form, path
        return Examined(
            bundle=bundle,
            findings=tuple(self.findings),
            case_type=case_type,
            definition=definition,
            register=self._register(),
            roles=self._roles(),
            forms=MappingProxyType(forms),
            form_files=MappingProxyType(form_files),
            outputs=tuple(outputs_of(bundle)),
        )

    def _definition(self) -> Definition | None:
        files = self.bundle.executable()
        if not self.bundle.is_folder and all(map(_is_table, files, files.values())):
            for path, content in files.items():
                read = self._part(partial(parse_decisions, content, path, functions=FUNCTIONS))
                self.findings += read.findings if read is not None else ()
            return None
        definition = self._part(lambda: parse(files, functions=FUNCTIONS))
        if definition is not None:
            self.findings += definition.findings
        return definition

    def _register(self) -> Register | None:
        folder = self.bundle.shared_folder
        path = folder / "deadlines.yml" if folder else None
        return self._part(lambda: register.load(path)) if path and path.is_file() else None

    def _roles(self) -> frozenset[str] | None:
        folder = self.bundle.shared_folder
        path = folder / "roles.yml" if folder else None
        entries = self._part(lambda: read_roles(path)) if path and path.is_file() else None
        return frozenset(entry["id"] for entry in entries) if entries is not None else None

    def _part(self, read: Callable[[], _Part]) -> _Part | None:
        try:
            return read()
        except BrokenDefinition as broken:
            self.findings += broken.findings
            return None
