"""The public face of FEEL: compile a text once, evaluate it as often as wanted.

`compile` reads expressions (conditions, timers, scripts, form rules); `compile_unary_tests` reads the cells of
decision tables. What is compiled is immutable and may be shared between threads and pickled, when the host functions
handed in can be.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.feel.clock import Clock
from workflows.feel.errors import FeelError

__all__ = ["Clock", "Expression", "FeelError", "UnaryTests", "compile", "compile_unary_tests", "evaluate"]

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Expression:
    """A FEEL expression that has been read and found right."""

    # The text as it was written.
    text: str
    # The variables that the text reads from its context, in the order of their appearance.
    names: tuple[str, ...]

    def evaluate(self, context: Mapping[str, Any], clock: Clock) -> Any:
        """Give the value of the expression; unknown variables and type mistakes give None.

        Numbers leave as Decimal, date-times aware. FeelError is raised only when the evaluation would cost too much.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class UnaryTests:
    """The content of one decision table cell."""

    # The text as it was written.
    text: str
    # The variables that the text reads from its context.
    names: tuple[str, ...]

    def matches(self, value: Any, context: Mapping[str, Any], clock: Clock) -> bool:
        """Tell whether the value passes the cell; a test that gives null does not pass."""
        raise NotImplementedError


def compile(text: str, *, names: Collection[str] | None = None, functions: Functions | None = None) -> Expression:
    """Read a FEEL expression; FeelError says where it is wrong.

    `names` are the variables in scope; with them a name may contain spaces and signs, and an unknown variable is an
    error. Without them every variable is accepted, and an unknown one is null. `functions` are plain callables that
    join the built-in ones; one with a keyword-only parameter `now` is given the instant of the evaluation. An unknown
    function is always an error.
    """
    raise NotImplementedError


def compile_unary_tests(
    text: str, *, names: Collection[str] | None = None, functions: Functions | None = None
) -> UnaryTests:
    """Read the cell of a decision table: `-`, comparisons, ranges, lists, `not(...)`, expressions over `?`."""
    raise NotImplementedError


def evaluate(text: str, context: Mapping[str, Any], clock: Clock, *, functions: Functions | None = None) -> Any:
    """Compile the text (cached) and evaluate it once."""
    raise NotImplementedError
