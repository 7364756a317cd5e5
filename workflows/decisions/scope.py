"""What the expressions of one decision may name, and how their mistakes become findings."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from workflows.decisions.documents import Report
from workflows.decisions.types import ItemType
from workflows.feel import expressions as feel
from workflows.feel.errors import FeelError, suggestion
from workflows.feel.expressions import Expression, UnaryTests
from workflows.feel.nodes import Call, Name, walk
from workflows.feel.resolving import FindType
from workflows.language import say

Element = etree._Element


@dataclass(frozen=True)
class Scope:
    """The names of one decision."""

    # Where findings go.
    report: Report
    # Functions of the host.
    functions: Mapping[str, Callable[..., Any]]
    # Inputs and decisions that are drawn, or parameters.
    declared: frozenset[str]
    # Functions of the file that may be called, with the names of their parameters.
    callables: Mapping[str, tuple[str, ...]]
    # Names of entries that occur in types, and of the types; they only tell where a name ends.
    spellings: frozenset[str]
    # Whether anything is drawn; a table alone reads the variables of the process.
    is_drawn: bool
    # Finds the types of the file.
    types: FindType | None = None
    # The types of the variables that have one.
    typed: Mapping[str, ItemType] = field(default_factory=dict)

    def with_names(self, names: Iterable[str]) -> "Scope":
        """Give the scope with further names."""
        hidden = set(names)
        typed = {name: of_type for name, of_type in self.typed.items() if name not in hidden}
        return replace(self, declared=self.declared | hidden, typed=typed)

    def with_callable(self, name: str, parameters: tuple[str, ...]) -> "Scope":
        """Give the scope with a further function."""
        return replace(self, callables={**self.callables, name: parameters})

    def expression(self, text: str, at: Element | None, *, closed: bool) -> Expression | None:
        """Compile an expression; None, with a finding, when it is wrong. `closed` refuses names never declared."""
        compiled = self._compiled(feel.compile, text, at, closed)
        return compiled if isinstance(compiled, Expression) else None

    def tests(self, text: str, at: Element | None, *, closed: bool) -> UnaryTests | None:
        """Compile a cell; None, with a finding, when it is wrong."""
        compiled = self._compiled(feel.compile_unary_tests, text, at, closed)
        return compiled if isinstance(compiled, UnaryTests) else None

    def _compiled(
        self, compile_: Callable[..., Expression | UnaryTests], text: str, at: Element | None, closed: bool
    ) -> Expression | UnaryTests | None:
        known = self.declared | self.callables.keys()
        try:
            compiled = compile_(
                text,
                names=known,
                functions=self.functions,
                strict=False,
                spellings=self.spellings,
                types=self.types,
            )
        except FeelError as problem:
            self._wrong(text, at, problem)
            return None
        roots = (compiled.root,) if isinstance(compiled, Expression) else compiled.tests
        for call in (part for root in roots for part in walk(root) if isinstance(part, Call)):
            name = call.callee.name if isinstance(call.callee, Name) else ""
            # A name that is bound inside the expression, or is a variable, hides the function and may take anything.
            if name in self.callables and name in compiled.names and name not in self.declared:
                self.examine_call(name, len(call.arguments), call.names, at)
        for name in compiled.names:
            if name in self.declared or name in self.callables:
                continue
            if closed:
                self._unknown(text, at, name)
                return None
            if self.is_drawn:
                self.report.warning(
                    "decision.undrawn_input",
                    at,
                    say(
                        f'"{name}" dibaca, tetapi tidak ada panah kebutuhan untuknya.',
                        f'"{name}" is read, but no requirement is drawn for it.',
                    ),
                    say("Gambar input data dan panahnya.", "Draw the input data and its arrow."),
                )
        return compiled

    def examine_call(self, function: str, count: int, names: Collection[str] | None, at: Element | None) -> None:
        """Tell of a call of a function of this file that gives too few arguments, too many, or misnamed ones."""
        wanted = self.callables[function]
        if count == len(wanted) and (names is None or set(names) == set(wanted)):
            return
        usage = f"{function}({', '.join(wanted)})"
        self.report.unsound(
            "decision.arguments",
            at,
            say(
                f'"{function}" tidak dapat dipanggil dengan argumen seperti ini; hasilnya selalu null.',
                f'"{function}" cannot be called with such arguments; this always gives null.',
            ),
            say(f"Panggillah {usage}.", f"Call {usage}."),
        )

    def _wrong(self, text: str, at: Element | None, problem: FeelError) -> None:
        lines = text[: problem.position or 0].count("\n")
        self.report.error(
            problem.code,
            at,
            problem.message,
            say(f"Perbaiki FEEL ini: {_short(text)}", f"Mend this FEEL: {_short(text)}"),
            lines=lines,
        )

    def _unknown(self, text: str, at: Element | None, name: str) -> None:
        message = say(
            f'Sel ini membaca "{name}", yang bukan masukan tabel ini.',
            f'This cell reads "{name}", which is no input of this table.',
        )
        self.report.error(
            "decision.unknown_name",
            at,
            message + suggestion(name, {*self.declared, *self.callables}),
            say(
                f'Teks ditulis dengan tanda kutip: "{name}". Nilai lain perlu digambar sebagai input data.',
                f'Texts are written with quotes: "{name}". Another value must be drawn as input data.',
            ),
        )

    def foreign_language(self, at: Element, language: str) -> None:
        """Note an expression in a language that is not FEEL."""
        self.report.error(
            "decision.language",
            at,
            say(f'Bahasa ungkapan "{language}" tidak dijalankan.', f'The language "{language}" is not run.'),
            say("Tulislah dalam FEEL.", "Write it in FEEL."),
        )


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= 80 else joined[:79] + "…"
