"""What kind of value an expression gives, as far as its text alone tells, and where kinds cannot go together.

FEEL answers null to what does not fit, so a condition that compares a text with a number is never true and nobody
hears of it. Only what is certain is told: a name whose kind nobody declared may be anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.feel import nodes
from workflows.feel.builtins.registry import BUILTINS, Signature
from workflows.feel.errors import FeelError
from workflows.feel.patterns import compile_pattern
from workflows.feel.properties import PROPERTIES
from workflows.feel.values import kind as kind_of_value

DATE, MOMENT, TIME = "date", "date and time", "time"
DAYS, MONTHS = "days and time duration", "years and months duration"
_DURATIONS = frozenset({DAYS, MONTHS})
_POINTS = frozenset({DATE, MOMENT, TIME})
# What a value of these kinds is compared with cannot be told from the kind alone.
_LOOSE = frozenset({"list", "range", "function", "Any"})

_RESULTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("string", "substring", "upper case", "lower case", "replace", "string join", "trim", "substring before",
         "substring after", "day of week", "month of year"), "string"),
    **dict.fromkeys(
        ("number", "count", "mean", "median", "product", "stddev", "string length", "floor", "ceiling", "decimal",
         "round up", "round down", "round half up", "round half down", "modulo", "sqrt", "log", "exp", "day of year",
         "week of year"), "number"),
    **dict.fromkeys(
        ("contains", "starts with", "ends with", "matches", "not", "list contains", "all", "any", "is defined", "even",
         "odd", "is", "before", "after", "meets", "met by", "overlaps", "overlaps before", "overlaps after", "includes",
         "during", "starts", "started by", "finishes", "finished by", "coincides"), "boolean"),
    **dict.fromkeys(
        ("append", "concatenate", "distinct values", "union", "flatten", "split", "sublist", "insert before", "remove",
         "reverse", "index of", "list replace", "mode", "sort", "get entries"), "list"),
    **dict.fromkeys(("context", "context put", "context merge"), "context"),
    "date": DATE, "time": TIME, "date and time": MOMENT, "now": MOMENT, "today": DATE,
    "years and months duration": MONTHS,
}  # fmt: skip


@dataclass(frozen=True)
class Clash:
    """Two kinds that never meet, or an argument that never fits."""

    left: str
    right: str
    # The built-in function that does not take `left`; empty for an operator.
    function: str = ""


# Where the pattern and its flags stand among the arguments, and what they are called.
_PATTERNS: Mapping[str, tuple[tuple[int, str], tuple[int, str]]] = {
    "matches": ((1, "pattern"), (2, "flags")),
    "replace": ((1, "pattern"), (3, "flags")),
    "split": ((1, "delimiter"), (2, "")),
}


def wrong_patterns(root: nodes.Node) -> Iterator[tuple[str, str]]:
    """Give every regular expression that is written out and that no text can be held against, and why not."""
    for call in nodes.walk(root):
        if not isinstance(call, nodes.Call) or not isinstance(call.callee, nodes.Name):
            continue
        if call.callee.name not in _PATTERNS:
            continue
        pattern, flags = (_written(call, place, name) for place, name in _PATTERNS[call.callee.name])
        try:
            compile_pattern(pattern or "", flags or "")
        except FeelError as problem:
            yield pattern or "", problem.message


def _written(call: nodes.Call, place: int, name: str) -> str | None:
    if call.names is not None:
        place = call.names.index(name) if name in call.names else len(call.arguments)
    argument = call.arguments[place] if place < len(call.arguments) else None
    written = argument.content if isinstance(argument, nodes.Literal) else None
    return written if isinstance(written, str) else None


class Judge:
    """Looks at one expression; `known` maps names to kinds as `values.kind` writes them."""

    def __init__(self, known: Mapping[str, str | None]) -> None:
        self._known = known
        self.clashes: list[Clash] = []

    def kind(self, node: Any) -> str | None:
        """Give the kind of value, None when that cannot be told; what clashes below is kept in `clashes`."""
        judge = _JUDGES.get(type(node))
        if judge is not None:
            found: str | None = judge(self, node)
            return found
        # What is not named in the table gives anything; only its parts are looked at.
        for part in node.children:
            self.kind(part)
        return None

    # --- operators ---------------------------------------------------------------------------------------------------

    def _literal(self, node: nodes.Literal) -> str | None:
        found = kind_of_value(node.content)
        return None if found in ("Null", "Any") else found

    def _name(self, node: nodes.Name) -> str | None:
        return self._known.get(node.name)

    def _comparison(self, node: nodes.Comparison) -> str:
        self._meet(self.kind(node.left), self.kind(node.right))
        return "boolean"

    def _between(self, node: nodes.Between) -> str:
        operand = self.kind(node.operand)
        for bound in (node.low, node.high):
            self._meet(operand, self.kind(bound))
        return "boolean"

    def _membership(self, node: nodes.Membership) -> str:
        operand = self.kind(node.operand)
        for test in node.tests:
            if isinstance(test, nodes.RangeOf):
                self.kind(test)
            for bound in _bounds(test):
                self._meet(operand, self.kind(bound))
        return "boolean"

    def _logic(self, node: nodes.Logic) -> str:
        for part in node.operands:
            self._ask(part)
        return "boolean"

    def _instance_of(self, node: nodes.InstanceOf) -> str:
        self.kind(node.operand)
        return "boolean"

    def _chain(self, node: nodes.Chain) -> str | None:
        found = self.kind(node.first)
        for operator, operand in zip(node.operators, node.operands, strict=True):
            right = self.kind(operand)
            if found is None or right is None or found in _LOOSE or right in _LOOSE:
                found = None
                continue
            given = _calculated(operator, found, right)
            if given is None:
                self.clashes.append(Clash(found, right))
            found = given
        return found

    def _negation(self, node: nodes.Negation) -> str | None:
        found = self.kind(node.operand)
        if found is not None and found not in _LOOSE and found not in ("number", *_DURATIONS):
            self.clashes.append(Clash(found, "number"))
            return None
        return found

    def _conditional(self, node: nodes.Conditional) -> str | None:
        self._ask(node.condition)
        then, otherwise = self.kind(node.then), self.kind(node.otherwise)
        return then if then == otherwise else None

    # --- lists, contexts, functions ----------------------------------------------------------------------------------

    def _list(self, node: nodes.ListOf) -> str:
        for item in node.items:
            self.kind(item)
        return "list"

    def _context(self, node: nodes.ContextOf) -> str:
        # Each entry sees those before it, and they may hide a variable.
        inner = self._inside(dict.fromkeys(node.keys))
        for value in node.values:
            inner.kind(value)
        return "context"

    def _range(self, node: nodes.RangeOf) -> str:
        self._meet(self.kind(node.low), self.kind(node.high))
        return "range"

    def _path(self, node: nodes.Path) -> str | None:
        operand = self.kind(node.operand)
        if operand in (None, "context") or operand in _LOOSE:
            return None
        if (operand, node.name) not in PROPERTIES:
            self.clashes.append(Clash(str(operand), f".{node.name}"))
            return None
        return _property(node.name)

    def _filter(self, node: nodes.Filter) -> str | None:
        self.kind(node.operand)
        # A name in the condition may be an entry of an element, whatever it is outside.
        inner = Judge({"item": self._element(node.operand)})
        found = inner.kind(node.condition)
        self.clashes += inner.clashes
        if found is not None and found not in _LOOSE and found not in ("boolean", "number"):
            self.clashes.append(Clash(found, "boolean"))
        return self._element(node.operand) if found == "number" else "list"

    def _loop(self, node: nodes.Loop) -> str:
        inner = self._rounds(node.iterations)
        inner._known = {**inner._known, "partial": "list"}
        inner.kind(node.result)
        return "list"

    def _quantified(self, node: nodes.Quantified) -> str:
        self._rounds(node.iterations)._ask(node.condition)
        return "boolean"

    def _definition(self, node: nodes.Definition) -> str:
        given = {
            name: None if type_ is None else type_.name for name, type_ in zip(node.parameters, node.types, strict=True)
        }
        self._inside(given).kind(node.body)
        return "function"

    def _call(self, node: nodes.Call) -> str | None:
        kinds = [self.kind(argument) for argument in node.arguments]
        if not isinstance(node.callee, nodes.Name):
            self.kind(node.callee)
            return None
        name = node.callee.name
        if name in self._known or name not in BUILTINS:
            return None
        signatures = [each for each in BUILTINS[name].signatures if _takes(each, node)]
        if signatures and not any(_fits(each, kinds, node.names) for each in signatures):
            wrong = next((kind for kind in kinds if kind is not None), "Null")
            self.clashes.append(Clash(wrong, "", name))
        if name in ("duration", "abs", "sum", "min", "max"):
            # These give what they were given.
            return None
        return _RESULTS.get(name)

    # --- helpers -----------------------------------------------------------------------------------------------------

    def _ask(self, node: nodes.Node) -> None:
        """Look at a part that must be true or false."""
        found = self.kind(node)
        if found is not None and found != "boolean" and found != "Any":
            self.clashes.append(Clash(found, "boolean"))

    def _inside(self, names: Mapping[str, str | None]) -> "Judge":
        inner = Judge({**self._known, **names})
        inner.clashes = self.clashes
        return inner

    def _rounds(self, iterations: Sequence[nodes.Iteration]) -> "Judge":
        inner: Judge = self
        for each in iterations:
            inner.kind(each.domain)
            element = inner._element(each.domain)
            if each.end is not None:
                inner._meet(inner.kind(each.domain), inner.kind(each.end))
                element = inner.kind(each.domain)
            inner = inner._inside({each.name: element})
        return inner

    def _element(self, node: nodes.Node) -> str | None:
        """Give the kind that all elements of a written list or range have, if it is one."""
        parts = {nodes.ListOf: getattr(node, "items", ()), nodes.RangeOf: (getattr(node, "low", None),)}.get(
            type(node), ()
        )
        quiet = Judge(self._known)
        kinds = {quiet.kind(part) for part in parts if part is not None}
        return kinds.pop() if len(kinds) == 1 else None

    def _meet(self, left: str | None, right: str | None) -> None:
        if left is None or right is None or left == right or left in _LOOSE or right in _LOOSE:
            return
        self.clashes.append(Clash(left, right))


_JUDGES: Mapping[type, Any] = {
    nodes.Literal: Judge._literal,
    nodes.Name: Judge._name,
    nodes.Comparison: Judge._comparison,
    nodes.Between: Judge._between,
    nodes.Membership: Judge._membership,
    nodes.Logic: Judge._logic,
    nodes.InstanceOf: Judge._instance_of,
    nodes.Chain: Judge._chain,
    nodes.Negation: Judge._negation,
    nodes.Conditional: Judge._conditional,
    nodes.ListOf: Judge._list,
    nodes.ContextOf: Judge._context,
    nodes.RangeOf: Judge._range,
    nodes.Path: Judge._path,
    nodes.Filter: Judge._filter,
    nodes.Loop: Judge._loop,
    nodes.Quantified: Judge._quantified,
    nodes.Definition: Judge._definition,
    nodes.Call: Judge._call,
}


def _bounds(test: nodes.Node) -> Iterator[nodes.Node]:
    """Give what a test of `in` compares its value with."""
    if isinstance(test, nodes.HalfComparison):
        yield test.bound
    elif isinstance(test, nodes.RangeOf):
        yield from (test.low, test.high)
    elif isinstance(test, nodes.Literal):
        yield test
    elif isinstance(test, nodes.ListOf):
        yield from (item for item in test.items if isinstance(item, nodes.Literal))


def _calculated(operator: str, left: str, right: str) -> str | None:
    """Give the kind of a sum, product or power; None when it is always null (DMN 1.3, tables 53 to 57)."""
    if left == right == "number":
        return "number"
    if left == right == "string" and operator == "+":
        return "string"
    if left == right and left in _DURATIONS:
        return {"+": left, "-": left, "/": "number"}.get(operator)
    if operator in "+-" and left in _POINTS and right in _DURATIONS:
        return None if (left, right) == (TIME, MONTHS) else left
    if operator == "+" and left in _DURATIONS and right in _POINTS:
        return None if (right, left) == (TIME, MONTHS) else right
    if operator == "-" and ({left, right} <= {DATE, MOMENT} or left == right == TIME):
        return DAYS
    if operator == "*" and {left, right} & _DURATIONS and "number" in (left, right):
        return left if left in _DURATIONS else right
    if operator == "/" and left in _DURATIONS and right == "number":
        return left
    return None


def _property(name: str) -> str | None:
    if name in ("time offset", "timezone", "start", "end"):
        return None
    return "boolean" if name.endswith("included") else "number"


def _takes(signature: Signature, node: nodes.Call) -> bool:
    return signature.takes(len(node.arguments)) if node.names is None else signature.takes_names(node.names)


def _fits(signature: Signature, kinds: Sequence[str | None], names: Sequence[str] | None) -> bool:
    for place, kind in enumerate(kinds):
        if names is not None:
            parameter = next(each for each in signature.parameters if each.name == names[place])
        else:
            parameter = signature.parameters[min(place, len(signature.parameters) - 1)]
        # A single value counts as a list of one, and a list of one as its element (DMN 1.3, 10.3.2.9.4).
        if kind is None or not parameter.kinds or kind in parameter.kinds or "list" in parameter.kinds | {kind}:
            continue
        return False
    return True
