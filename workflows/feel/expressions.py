"""The public face of FEEL: compile a text once, evaluate it as often as wanted.

`compile` reads expressions (conditions, timers, scripts, form rules); `compile_unary_tests` reads the cells of
decision tables. What is compiled is immutable and may be shared between threads, and pickled when the host functions
handed in can be.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from workflows.feel.budget import Budget, too_deep
from workflows.feel.clock import Clock
from workflows.feel.errors import FeelError
from workflows.feel.nodes import INPUT, Node, passes_cell
from workflows.feel.reader import read_expression, read_tests
from workflows.feel.resolving import FindType, resolve
from workflows.feel.resolving import is_open as has_open_types
from workflows.feel.scope import HostScope, Run, Scope
from workflows.feel.scoping import examine
from workflows.feel.values import admit, located

__all__ = ["Clock", "Expression", "FeelError", "UnaryTests", "compile", "compile_unary_tests", "evaluate"]

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Expression:
    """A FEEL expression that has been read and found right."""

    # The text as it was written.
    text: str
    # The variables that the text reads from its context, in the order of their appearance.
    names: tuple[str, ...]
    # Names inside filters that may be variables or entries of the filtered elements.
    filter_names: tuple[str, ...] = ()
    # The parts of the expression.
    root: Node = field(kw_only=True, repr=False)
    # Functions of the host that the text may call.
    functions: Functions = field(kw_only=True, repr=False, hash=False)

    def evaluate(self, context: Mapping[str, Any], clock: Clock, *, budget: Budget | None = None) -> Any:
        """Give the value of the expression; unknown variables and type mistakes give None.

        Numbers leave as Decimal, date-times aware. FeelError is raised only when the evaluation would cost too much;
        several evaluations may share one `budget`.
        """
        budget = budget or Budget()
        try:
            value = self.root.value(Run(clock, self.functions, budget), HostScope(context, budget))
            return _leaving(value, clock, budget)
        except RecursionError:
            raise too_deep() from None


@dataclass(frozen=True)
class UnaryTests:
    """The content of one decision table cell."""

    # The text as it was written.
    text: str
    # The variables that the text reads from its context.
    names: tuple[str, ...]
    # Whether the cell is one `not(...)`.
    negated: bool = field(kw_only=True)
    # The tests of the cell, of which one must pass; none stands for any value.
    tests: tuple[Node, ...] = field(kw_only=True, repr=False)
    # Functions of the host that the text may call.
    functions: Functions = field(kw_only=True, repr=False, hash=False)

    @property
    def takes_anything(self) -> bool:
        """Tell whether the cell is `-` or empty."""
        return not self.tests

    def matches(self, value: Any, context: Mapping[str, Any], clock: Clock, *, budget: Budget | None = None) -> bool:
        """Tell whether the value passes the cell; a test that gives null does not pass."""
        if not self.tests:
            return True
        budget = budget or Budget()
        try:
            run = Run(clock, self.functions, budget)
            tested = admit(value, budget)
            scope = Scope({INPUT: tested}, HostScope(context, budget))
            results = [passes_cell(tested, test, run, scope) for test in self.tests]
        except RecursionError:
            raise too_deep() from None
        if self.negated:
            return all(result is False for result in results)
        return True in results


def _leaving(value: Any, clock: Clock, budget: Budget) -> Any:
    """Give every date-time its offset, also inside lists and contexts."""
    if isinstance(value, datetime):
        return located(value, clock.zone)
    if isinstance(value, list):
        budget.spend(len(value))
        return [_leaving(item, clock, budget) for item in value]
    if isinstance(value, dict):
        budget.spend(len(value))
        return {key: _leaving(item, clock, budget) for key, item in value.items()}
    return value


def compile(
    text: str,
    *,
    names: Collection[str] | None = None,
    functions: Functions | None = None,
    strict: bool = True,
    spellings: Collection[str] = (),
    types: FindType | None = None,
) -> Expression:
    """Read a FEEL expression; FeelError says where it is wrong.

    `names` are the variables in scope; with them a name may contain keywords and signs, and an unknown variable is an
    error, unless `strict` is false. Without them every variable is accepted, and an unknown one is null. `spellings`
    are names of entries, which only tell where a name ends. `functions` are plain callables that join the built-in
    ones; one with a keyword-only parameter `now` is given the instant of the evaluation. An unknown function is always
    an error. `types` finds types that FEEL does not name itself.
    """
    host = functions or {}
    root, is_open = _read_expression(text, _hashable(names).union(spellings))
    if is_open:
        root = resolve(root, types)
    found = examine([root], names, host, strict=strict)
    return Expression(text, tuple(found.free), tuple(found.open), root=root, functions=host)


def compile_unary_tests(
    text: str,
    *,
    names: Collection[str] | None = None,
    functions: Functions | None = None,
    strict: bool = True,
    spellings: Collection[str] = (),
    types: FindType | None = None,
) -> UnaryTests:
    """Read the cell of a decision table: `-`, comparisons, ranges, lists, `not(...)`, expressions over `?`."""
    host = functions or {}
    negated, tests, is_open = _read_tests(text, _hashable(names).union(spellings))
    if is_open:
        tests = tuple(resolve(test, types) for test in tests)
    found = examine(tests, names, host, strict=strict, with_input=True)
    return UnaryTests(text, tuple(found.free), negated=negated, tests=tests, functions=host)


def evaluate(text: str, context: Mapping[str, Any], clock: Clock, *, functions: Functions | None = None) -> Any:
    """Compile the text (cached) and evaluate it once."""
    return compile(text, functions=functions).evaluate(context, clock)


def _hashable(names: Collection[str] | None) -> frozenset[str]:
    return frozenset(names or ())


# Errors are not cached, and their sentences follow the reader's language.
@lru_cache(maxsize=4096)
def _read_expression(text: str, names: frozenset[str]) -> tuple[Node, bool]:
    root = read_expression(text, names)
    return root, has_open_types(root)


@lru_cache(maxsize=4096)
def _read_tests(text: str, names: frozenset[str]) -> tuple[bool, tuple[Node, ...], bool]:
    negated, tests = read_tests(text, names)
    return negated, tests, any(has_open_types(test) for test in tests)
