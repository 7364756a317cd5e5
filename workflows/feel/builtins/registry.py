"""How a built-in function is declared, found and called.

A function is declared by its signature as the specification prints it: `@builtin("substring(string: string,
start position: number, length?: number)")`. A question mark marks what may be left out, three dots what may be
repeated. One name may have several signatures. Arguments that fit none give null (DMN 1.3, 10.3.2.13.3), after the
implicit conversions between a value and a list of one (10.3.2.9.4) have been tried.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from workflows.feel.scope import Run
from workflows.feel.values import Function, kind

_SIGNATURE = re.compile(r"([^(]+)\((.*)\)")
_UNFIT = object()


@dataclass(frozen=True)
class Parameter:
    """One parameter of a built-in function."""

    # Its name in the specification.
    name: str
    # The kinds of value it takes; empty for any, null included.
    kinds: frozenset[str]
    # Whether it may be left out.
    optional: bool
    # Whether it takes all arguments that follow.
    repeated: bool

    def fit(self, value: Any, *, convert: bool) -> Any:
        """Give the value as the function takes it, or the mark that it does not fit."""
        if not self.kinds or kind(value) in self.kinds:
            return value
        if value is None:
            return None if self.optional else _UNFIT
        if convert:
            if isinstance(value, list) and len(value) == 1 and kind(value[0]) in self.kinds:
                return value[0]
            if "list" in self.kinds and not isinstance(value, list):
                return [value]
        return _UNFIT


@dataclass(frozen=True)
class Signature:
    """One way to call a built-in function."""

    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]

    @property
    def least(self) -> int:
        """How many arguments are needed."""
        return sum(not p.optional and not p.repeated for p in self.parameters) + any(
            p.repeated and not p.optional for p in self.parameters
        )

    @property
    def most(self) -> int | None:
        """How many arguments are taken; None for any number."""
        return None if any(p.repeated for p in self.parameters) else len(self.parameters)

    def takes(self, count: int) -> bool:
        """Tell whether so many arguments may be given."""
        return count >= self.least and (self.most is None or count <= self.most)

    def takes_names(self, names: Sequence[str]) -> bool:
        """Tell whether arguments of these names may be given."""
        known = {p.name for p in self.parameters}
        needed = {p.name for p in self.parameters if not p.optional}
        return needed <= set(names) <= known and len(set(names)) == len(names)

    def arranged(self, arguments: Sequence[Any], names: Sequence[str] | None) -> list[Any] | None:
        """Put the arguments into the order of the parameters; null when they are too many, too few or misnamed."""
        if names is None:
            return list(arguments) if self.takes(len(arguments)) else None
        if not self.takes_names(names):
            return None
        given = dict(zip(names, arguments, strict=True))
        arranged: list[Any] = []
        for parameter in self.parameters:
            value = given.get(parameter.name)
            if parameter.repeated and isinstance(value, list):
                arranged.extend(value)
            else:
                arranged.append(value)
        return arranged

    def fitted(self, arguments: Sequence[Any], *, convert: bool) -> list[Any] | None:
        """Give the arguments as the function takes them; null when one does not fit."""
        fitted = []
        for number, argument in enumerate(arguments):
            parameter = self.parameters[min(number, len(self.parameters) - 1)]
            value = parameter.fit(argument, convert=convert)
            if value is _UNFIT:
                return None
            fitted.append(value)
        return fitted


class Builtin:
    """A built-in function with all its signatures."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.signatures: list[Signature] = []

    def call(self, run: Run, arguments: Sequence[Any], names: Sequence[str] | None) -> Any:
        """Call the first signature that the arguments fit; null when they fit none."""
        for argument in arguments:
            if isinstance(argument, list):
                run.budget.spend(len(argument))
            elif isinstance(argument, str):
                run.budget.spend(len(argument) >> 6)
        for convert in (False, True):
            for signature in self.signatures:
                arranged = signature.arranged(arguments, names)
                fitted = None if arranged is None else signature.fitted(arranged, convert=convert)
                if fitted is not None:
                    return signature.call(run, *fitted)
        return None

    def takes(self, count: int) -> bool:
        """Tell whether some signature takes so many arguments."""
        return any(signature.takes(count) for signature in self.signatures)

    def takes_names(self, names: Sequence[str]) -> bool:
        """Tell whether some signature takes arguments of these names."""
        return any(signature.takes_names(names) for signature in self.signatures)

    def usage(self) -> str:
        """Write how the function is called, for messages."""
        return " / ".join(
            f"{self.name}({', '.join(p.name + ('?' if p.optional else '') for p in signature.parameters)})"
            for signature in self.signatures
        )

    def function(self) -> Function:
        """Give the function as a value that other functions can call."""
        parameters = tuple(parameter.name for parameter in self.signatures[0].parameters)
        return Function(self.name, parameters, lambda run, *arguments: self.call(run, arguments, None))


BUILTINS: dict[str, Builtin] = {}


Call = TypeVar("Call", bound=Callable[..., Any])


def builtin(signature: str) -> Callable[[Call], Call]:
    """Declare a built-in function by its signature."""
    match = _SIGNATURE.fullmatch(" ".join(signature.split()))
    if match is None:
        raise ValueError(signature)
    name, listed = match[1], match[2]
    parameters = tuple(_parameter(text.strip()) for text in listed.split(",") if text.strip())

    def declare(call: Call) -> Call:
        BUILTINS.setdefault(name, Builtin(name)).signatures.append(Signature(parameters, call))
        return call

    return declare


def _parameter(text: str) -> Parameter:
    name, _, kinds = (part.strip() for part in text.partition(":"))
    repeated = name.endswith("...")
    name = name.removesuffix("...")
    optional = name.endswith("?")
    return Parameter(
        name.removesuffix("?"),
        frozenset(kind.strip() for kind in kinds.split("|")) if kinds and kinds != "Any" else frozenset(),
        optional,
        repeated,
    )
