"""Calling what is not written in FEEL: the built-in functions and those of the host."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

# Importing these modules fills the table of built-in functions.
from workflows.feel.builtins import contexts, lists, numbers, ranges, strings, temporal
from workflows.feel.builtins.registry import BUILTINS
from workflows.feel.scope import Run
from workflows.feel.values import Function, admit

_BUILTIN_MODULES = (contexts, lists, numbers, ranges, strings, temporal)


def call_builtin(run: Run, name: str, arguments: Sequence[Any], names: Sequence[str] | None) -> Any:
    """Call the built-in function; null when there is none of that name."""
    found = BUILTINS.get(name)
    return None if found is None else found.call(run, arguments, names)


def call_host(run: Run, name: str, arguments: Sequence[Any], names: Sequence[str] | None) -> Any:
    """Call a function of the host; what it raises goes up, what it returns comes into FEEL."""
    call = run.functions[name]
    given: dict[str, Any] = {"now": run.clock.now} if wants_now(call) else {}
    if names is None:
        result = call(*arguments, **given)
    else:
        result = call(**dict(zip((host_name(name) for name in names), arguments, strict=True)), **given)
    return admit(result, run.budget)


def host_function(name: str) -> Function:
    """Give a function of the host as a value."""
    return Function(name, (), lambda run, *arguments: call_host(run, name, arguments, None))


def host_name(name: str) -> str:
    """Turn the name of an argument in FEEL into the name of a Python parameter."""
    return name.replace(" ", "_")


def wants_now(call: Callable[..., Any]) -> bool:
    """Tell whether the function of the host has a keyword-only parameter `now`."""
    parameter = _signature(call).get("now")
    return parameter is not None and parameter.kind is inspect.Parameter.KEYWORD_ONLY


def host_takes(call: Callable[..., Any], count: int, names: Sequence[str] | None) -> bool:
    """Tell whether the function of the host can be called with such arguments."""
    given: dict[str, Any] = {"now": None} if wants_now(call) else {}
    try:
        if names is None:
            inspect.signature(call).bind(*(None,) * count, **given)
        else:
            inspect.signature(call).bind(**dict.fromkeys(host_name(name) for name in names), **given)
    except TypeError:
        return False
    except ValueError:
        # Some functions written in C tell nothing about their parameters.
        return True
    return True


def _signature(call: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(call).parameters)
    except ValueError:
        return {}
