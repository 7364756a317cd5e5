"""What kind of value an expression gives, as far as its text alone tells, and where kinds cannot go together.

FEEL answers null to what does not fit, so a condition that compares a text with a number is never true and nobody
hears of it. Only what is certain is told: what a variable holds is known when somebody declares it, otherwise not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.feel import nodes
from workflows.feel.values import kind as kind_of_value
from workflows.language import say

# What counts in two kinds at once: the same operators put different kinds of time together.
TIMES = frozenset({"date", "time", "date and time", "days and time duration", "years and months duration", "string"})
_LOOSE = frozenset({"list", "range", "function", "Any"})

_RESULTS: Mapping[str, str] = {
    **dict.fromkeys(("string", "substring", "upper case", "lower case", "replace", "string join"), "string"),
    **dict.fromkeys(("number", "count", "sum", "mean", "string length", "floor", "ceiling", "abs", "modulo"), "number"),
    **dict.fromkeys(("contains", "starts with", "ends with", "matches", "not", "list contains"), "boolean"),
    **dict.fromkeys(("all", "any", "is defined", "even", "odd"), "boolean"),
    **dict.fromkeys(("append", "concatenate", "distinct values", "union", "flatten", "split"), "list"),
}


@dataclass(frozen=True)
class Use:
    """An expression where the engine evaluates it."""

    # Element and process, and where it stands.
    element: str
    process: str
    file: str
    line: int
    # The text as it is read, without marks.
    text: str
    # What the place asks for: "boolean", "time", "number", "list" (a single value counts as one), or "" for any value.
    wanted: str
    root: nodes.Node


def problems(use: Use, known: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give (code, Indonesian, English) for what cannot be right; `known` maps variables to kinds of value."""
    judge = _Judge(known)
    found = judge.kind(use.root)
    for left, right in judge.clashes:
        yield (
            "expression.kinds_differ",
            f'"{use.text}": {left} dan {right} tidak dapat dipertemukan; hasilnya selalu kosong.',
            f'"{use.text}": {left} and {right} do not go together; the result is always null.',
        )
    if found is None or use.wanted == "":
        return
    if use.wanted == "boolean" and found != "boolean":
        yield (
            "condition.not_boolean",
            f'"{use.text}" memberi {found}, bukan ya atau tidak; syarat ini tidak pernah terpenuhi.',
            f'"{use.text}" gives {found}, not true or false; this condition never holds.',
        )
    if use.wanted == "time" and found not in TIMES:
        yield (
            "timer.not_a_time",
            f'"{use.text}" memberi {found}, bukan waktu atau lama waktu.',
            f'"{use.text}" gives {found}, which is no instant and no duration.',
        )
    if use.wanted == "number" and found != "number":
        yield (
            "repetition.not_a_number",
            f'"{use.text}" memberi {found}, bukan bilangan.',
            f'"{use.text}" gives {found}, not a number.',
        )


def mend(code: str) -> str:
    """Say what to do about a problem."""
    if code == "timer.not_a_time":
        return say(
            'Pakai duration("P3D"), date and time(...), atau deadline("...").',
            'Use duration("P3D"), date and time(...) or deadline("...").',
        )
    return say(
        "Bandingkan nilai yang sejenis; teks ditulis dalam tanda kutip, bilangan tanpa tanda kutip.",
        "Compare values of one kind; a text stands in quotes, a number does not.",
    )


class _Judge:
    """Looks at one expression."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self.clashes: list[tuple[str, str]] = []

    def kind(self, node: Any) -> str | None:
        """Give the kind of value, None when that cannot be told."""
        match node:
            case nodes.Literal(content):
                found = kind_of_value(content)
                return None if found in ("Null", "Any") else found
            case nodes.Name():
                return self._known.get(node.name)
            case nodes.Comparison():
                self._meet(self.kind(node.left), self.kind(node.right))
                return "boolean"
            case nodes.Between():
                operand = self.kind(node.operand)
                self._meet(operand, self.kind(node.low))
                self._meet(operand, self.kind(node.high))
                return "boolean"
            case nodes.Membership():
                operand = self.kind(node.operand)
                for test in node.tests:
                    if isinstance(test, nodes.Literal):
                        self._meet(operand, self.kind(test))
                return "boolean"
            case nodes.Logic():
                for part in node.operands:
                    given = self.kind(part)
                    if given is not None and given != "boolean":
                        self.clashes.append((given, "boolean"))
                return "boolean"
            case nodes.Chain():
                return self._chain([self.kind(part) for part in node.children], node.operators)
            case nodes.Conditional():
                self.kind(node.condition)
                then, otherwise = self.kind(node.then), self.kind(node.otherwise)
                return then if then == otherwise else None
            case nodes.Call():
                for argument in node.arguments:
                    self.kind(argument)
                return _RESULTS.get(node.callee.name) if isinstance(node.callee, nodes.Name) else None
            case nodes.InstanceOf():
                return "boolean"
            case nodes.ListOf():
                return "list"
            case nodes.ContextOf():
                return "context"
        # Names inside loops, filters, functions and quantifiers may be other things than variables.
        return "boolean" if isinstance(node, nodes.Quantified) else None

    def _chain(self, kinds: list[str | None], operators: tuple[str, ...]) -> str | None:
        if any(found is None for found in kinds):
            return None
        if set(kinds) == {"number"}:
            return "number"
        if set(kinds) == {"string"} and set(operators) == {"+"}:
            return "string"
        if set(kinds) == {"number", "string"}:
            self.clashes.append(("number", "string"))
        return None

    def _meet(self, left: str | None, right: str | None) -> None:
        if left is None or right is None or left == right or left in _LOOSE or right in _LOOSE:
            return
        self.clashes.append((left, right))
