"""Whether what a cell or an expression writes can ever be of a type, as far as its text alone tells.

Only what is certain is told: a variable of no known type may be anything.
"""

from collections.abc import Mapping

from workflows.decisions.constants import constant, is_constant
from workflows.decisions.types import ItemType
from workflows.feel.judging import Clash, Judge
from workflows.feel.nodes import INPUT, HalfComparison, Name, Node, RangeOf, walk
from workflows.feel.values import kind
from workflows.language import say

# What holds values may hold the right one.
_HOLDING = frozenset({"list", "range", "function", "Any"})
# Between these nothing is smaller or larger.
_WITHOUT_ORDER = frozenset({"boolean", "context", "list"})
_EXAMPLES = {
    "string": '"…"',
    "number": "1500000",
    "boolean": "true",
    "date": '@"2026-01-31"',
    "time": '@"10:30:00"',
    "date and time": '@"2026-01-31T10:30:00"',
    "days and time duration": '@"P3D"',
    "years and months duration": '@"P1M"',
}


def never_fits(test: Node, of_type: ItemType) -> bool:
    """Tell whether a test of a cell can never be passed by an input of the type, whatever the variables are."""
    return _is_other_type(test, of_type) or _is_computed_otherwise(test, of_type)


def never_becomes(root: Node, of_type: ItemType) -> bool:
    """Tell whether an answer can never be brought to the type, whatever the variables are."""
    if _is_other_type(root, of_type):
        return True
    found = Judge({}).kind(root)
    if found is None or found in _HOLDING or of_type.base in ("Any", found) or of_type.collection:
        return False
    # Texts are read as dates and numbers, and instants have a day.
    return found != "string" and {found, of_type.base} != {"date", "date and time"}


def clashing(root: Node, known: Mapping[str, ItemType]) -> Clash | None:
    """Give the first place where kinds meet that never go together; `known` are the types of variables."""
    judge = Judge({name: _kind_of(of_type) for name, of_type in known.items()})
    judge.kind(root)
    return judge.clashes[0] if judge.clashes else None


def example(of_type: ItemType) -> str:
    """Say how a value of the type is written; empty where that has no short form."""
    written = _EXAMPLES.get(of_type.base)
    if written is None:
        return ""
    return " " + say(f"{of_type.base} ditulis {written}.", f"A {of_type.base} is written {written}.")


def _is_other_type(test: Node, of_type: ItemType) -> bool:
    """Tell whether a constant can never be of the type; what is computed may."""
    if of_type.base == "Any" or of_type.collection:
        return False
    if isinstance(test, RangeOf):
        ends_differ = _is_other_type(test.low, of_type) or _is_other_type(test.high, of_type)
        return ends_differ or of_type.base in _WITHOUT_ORDER
    if isinstance(test, HalfComparison):
        unordered = of_type.base in _WITHOUT_ORDER and test.operator not in ("=", "!=")
        return unordered or _is_other_type(test.bound, of_type)
    if not is_constant(test):
        return False
    value = constant(test)
    return value is not None and kind(value) != of_type.base


def _is_computed_otherwise(test: Node, of_type: ItemType) -> bool:
    if isinstance(test, HalfComparison | RangeOf):
        return any(_is_computed_otherwise(bound, of_type) for bound in test.children)
    judge = Judge({INPUT: _kind_of(of_type)})
    found = judge.kind(test)
    if judge.clashes:
        return True
    reads_input = any(isinstance(part, Name) and part.name == INPUT for part in walk(test))
    if found is None or found in _HOLDING or (found == "boolean" and reads_input):
        return False
    return not of_type.collection and of_type.base not in ("Any", found)


def _kind_of(of_type: ItemType) -> str | None:
    if of_type.collection:
        return "list"
    return None if of_type.base == "Any" else of_type.base
