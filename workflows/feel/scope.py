"""What an expression sees while it is evaluated: the names in scope, innermost first, and the run itself."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.values import admit

MISSING = object()


class Scope:
    """Names that an iteration, a function or a filter binds, in front of those around it."""

    __slots__ = ("_outer", "_values")

    def __init__(self, values: Mapping[str, Any], outer: "Scope | None" = None) -> None:
        self._values = values
        self._outer = outer

    def find(self, name: str) -> Any:
        """Give the innermost value of the name, or MISSING."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.own(name)
            if value is not MISSING:
                return value
            scope = scope._outer
        return MISSING

    def own(self, name: str) -> Any:
        """Give the value that this scope itself binds to the name, or MISSING."""
        return self._values.get(name, MISSING)


class HostScope(Scope):
    """The outermost scope: variables of the host, admitted into FEEL one by one when they are asked for."""

    __slots__ = ("_admitted", "_budget")

    def __init__(self, values: Mapping[str, Any], budget: Budget) -> None:
        super().__init__(values)
        self._admitted: dict[str, Any] = {}
        self._budget = budget

    def own(self, name: str) -> Any:
        if name in self._admitted:
            return self._admitted[name]
        if name not in self._values:
            return MISSING
        value = self._admitted[name] = admit(self._values[name], self._budget)
        return value


class Run:
    """One evaluation: its clock, its budget and the host functions."""

    __slots__ = ("budget", "clock", "functions", "zone")

    def __init__(self, clock: Clock, functions: Mapping[str, Callable[..., Any]], budget: Budget) -> None:
        self.clock = clock
        self.zone: tzinfo = clock.zone
        self.functions = functions
        self.budget = budget
