"""Parts of cells that are constants: written out, or made by a function that gives the same for ever."""

from datetime import UTC, datetime
from typing import Any

from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.nodes import Call, Literal, Name, Negation, Node
from workflows.feel.scope import Run, Scope

# No constant asks for the time; an evaluation needs one all the same.
CLOCK = Clock(datetime(2000, 1, 1, tzinfo=UTC))
_CALLS = frozenset({"date", "date and time", "time", "duration"})


def is_constant(node: Node) -> bool:
    """Tell whether the part is the same whatever the inputs are: a literal, or a date made of literals."""
    if isinstance(node, Literal):
        return True
    if isinstance(node, Negation):
        return is_constant(node.operand)
    return (
        isinstance(node, Call)
        and isinstance(node.callee, Name)
        and node.callee.name in _CALLS
        and all(is_constant(argument) for argument in node.arguments)
    )


def constant(node: Node) -> Any:
    """Give the value of a constant part."""
    return node.value(Run(CLOCK, {}, Budget()), Scope({}))
