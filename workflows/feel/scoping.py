"""Which names of an expression come from outside, and whether every name and call can be right.

A name inside a filter may be an entry of the filtered elements, which nobody knows before there are any; so it is never
called unknown.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.feel import nodes
from workflows.feel.builtins.registry import BUILTINS
from workflows.feel.calls import host_takes
from workflows.feel.errors import FeelError, suggestion
from workflows.feel.nodes import INPUT, Literal, Name, Node
from workflows.feel.values import read_date, read_datetime, read_duration, read_time
from workflows.language import say

Functions = Mapping[str, Callable[..., Any]]

# Written with capitals, as in other languages, these would be variables that are always null.
_VALUES = frozenset({"true", "false", "null"})

_READERS: dict[str, Callable[[str], Any]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_datetime,
    "duration": read_duration,
}


@dataclass
class Names:
    """The names that an expression takes from outside."""

    # Variables that are certainly read, in order of appearance.
    free: list[str] = field(default_factory=list)
    # Names inside filters that may be variables or entries of the elements.
    open: list[str] = field(default_factory=list)


def examine(
    roots: Collection[Node],
    known: Collection[str] | None,
    functions: Functions,
    *,
    strict: bool = True,
    with_input: bool = False,
) -> Names:
    """Collect the names from outside; FeelError for an unknown name or function, or a call that never fits.

    Names are unknown only when `known` says which there are and `strict` says that there are no others.
    """
    examination = _Examination(known, functions, strict=strict)
    bound = frozenset({INPUT}) if with_input else frozenset()
    for root in roots:
        examination.look(root, bound, inside_filter=False)
    return examination.names


class _Examination:
    def __init__(self, known: Collection[str] | None, functions: Functions, *, strict: bool) -> None:
        self.known = frozenset(known or ())
        self.closed = strict and known is not None
        self.functions = functions
        self.names = Names()

    def look(self, node: Node, bound: frozenset[str], *, inside_filter: bool) -> None:
        if isinstance(node, Name):
            self._name(node, bound, inside_filter)
        elif isinstance(node, nodes.Call):
            self._call(node, bound, inside_filter)
        elif isinstance(node, nodes.Filter):
            self.look(node.operand, bound, inside_filter=inside_filter)
            self.look(node.condition, bound | {"item"}, inside_filter=True)
        elif isinstance(node, nodes.Membership):
            self.look(node.operand, bound, inside_filter=inside_filter)
            for test in node.tests:
                self.look(test, bound | {INPUT}, inside_filter=inside_filter)
        elif isinstance(node, nodes.Definition):
            self.look(node.body, bound | set(node.parameters), inside_filter=inside_filter)
        elif isinstance(node, nodes.ContextOf):
            for key, value in zip(node.keys, node.values, strict=True):
                # An entry sees those before it; a function may also call itself.
                itself = {key} if isinstance(value, nodes.Definition) else set()
                self.look(value, bound | itself, inside_filter=inside_filter)
                bound |= {key}
        elif isinstance(node, nodes.Loop | nodes.Quantified):
            self._rounds(node, bound, inside_filter)
        else:
            for child in node.children:
                self.look(child, bound, inside_filter=inside_filter)

    def _rounds(self, node: "nodes.Loop | nodes.Quantified", bound: frozenset[str], inside_filter: bool) -> None:
        if isinstance(node, nodes.Loop):
            bound |= {"partial"}
        for iteration in node.iterations:
            for child in iteration.children:
                self.look(child, bound, inside_filter=inside_filter)
            bound |= {iteration.name}
        body = node.result if isinstance(node, nodes.Loop) else node.condition
        self.look(body, bound, inside_filter=inside_filter)

    def _name(self, node: Name, bound: frozenset[str], inside_filter: bool) -> None:
        name = node.name
        if name in bound:
            return
        is_known = name in self.known
        if not is_known and (name in self.functions or name in BUILTINS):
            return
        if name == INPUT:
            raise FeelError(
                "feel.no_input",
                say('"?" hanya ada di dalam tabel keputusan.', '"?" exists only in a decision table.'),
                node.at,
            )
        if not is_known and inside_filter:
            if name not in self.names.open:
                self.names.open.append(name)
            return
        if name not in self.known and (self.closed or name.lower() in _VALUES):
            message = say(f'Nama "{name}" tidak dikenal di sini.', f'The name "{name}" is unknown here.')
            raise FeelError(
                "feel.unknown_name", message + suggestion(name, {*self.known, *bound, *_VALUES}), node.at, name=name
            )
        if name not in self.names.free:
            self.names.free.append(name)

    def _call(self, node: nodes.Call, bound: frozenset[str], inside_filter: bool) -> None:
        for argument in node.arguments:
            self.look(argument, bound, inside_filter=inside_filter)
        if not isinstance(node.callee, Name):
            self.look(node.callee, bound, inside_filter=inside_filter)
            return
        name, at = node.callee.name, node.callee.at
        if name in bound or name in self.known:
            if name not in bound and name not in self.names.free:
                self.names.free.append(name)
            return
        if name in self.functions:
            if not host_takes(self.functions[name], len(node.arguments), node.names):
                raise _misfit(name, name, at)
        elif name in BUILTINS:
            self._builtin_call(node, name, at)
        elif not inside_filter:
            message = say(f'Fungsi "{name}" tidak dikenal.', f'The function "{name}" is unknown.')
            known = {*BUILTINS, *self.functions, *bound}
            raise FeelError("feel.unknown_function", message + suggestion(name, known), at, name=name)

    def _builtin_call(self, node: nodes.Call, name: str, at: int) -> None:
        found = BUILTINS[name]
        fits = found.takes(len(node.arguments)) if node.names is None else found.takes_names(node.names)
        if not fits:
            raise _misfit(name, found.usage(), at)
        content = node.arguments[0] if len(node.arguments) == 1 else None
        if name not in _READERS or not isinstance(content, Literal) or not isinstance(content.content, str):
            return
        written = content.content
        if _READERS[name](written) is None:
            raise FeelError(
                "feel.literal",
                say(
                    f'{name}("{written}") tidak ada artinya. Contoh yang benar: {_FORMS[name]}.',
                    f'{name}("{written}") means nothing. Written right: {_FORMS[name]}.',
                ),
                at,
            )


_FORMS = {
    "date": "2026-01-31",
    "time": "10:30:00",
    "date and time": "2026-01-31T10:30:00",
    "duration": "P3D, PT4H, P1M",
}


def _misfit(name: str, usage: str, at: int) -> FeelError:
    return FeelError(
        "feel.arguments",
        say(
            f'Fungsi "{name}" tidak dapat dipanggil dengan argumen seperti ini: {usage}.',
            f'The function "{name}" cannot be called with such arguments: {usage}.',
        ),
        at,
        name=name,
    )
