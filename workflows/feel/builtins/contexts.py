"""Built-in functions on contexts and on values of any type, DMN 1.3, 10.3.4.6 and 10.3.4.2."""

from typing import Any

from workflows.feel.builtins.registry import builtin
from workflows.feel.scope import Run
from workflows.feel.values import equal, kind


@builtin("not(negand: boolean)")
def negation(run: Run, value: bool) -> bool:
    """Turn true and false."""
    return not value


@builtin("get value(m: context, key: string)")
def get_value(run: Run, context: dict[str, Any], key: str) -> Any:
    """Give the entry of that name."""
    return context.get(key)


@builtin("get value(context: context, keys: list)")
def get_nested(run: Run, context: dict[str, Any], keys: list[Any]) -> Any:
    """Give the entry at the end of the path of names."""
    value: Any = context
    for key in keys:
        value = value.get(key) if isinstance(value, dict) and isinstance(key, str) else None
    return value if keys else None


@builtin("get entries(m: context)")
def get_entries(run: Run, context: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the entries as contexts of `key` and `value`."""
    run.budget.grow(3 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context(entries: list)")
def context_of(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    """Make a context of contexts with `key` and `value`; null when one is not so, or a key comes twice."""
    run.budget.grow(len(entries))
    made: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry or not isinstance(entry.get("key"), str):
            return None
        if entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put(context: context, key: string, value: Any)")
def context_put(run: Run, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Give the context with one more or another entry."""
    run.budget.grow(1 + len(context))
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: Any)")
def context_put_nested(run: Run, context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    """Give the context with another entry at the end of the path of names."""
    if not keys or not isinstance(keys[0], str):
        return None
    run.budget.grow(1 + len(context))
    if len(keys) > 1:
        inner = context.get(keys[0], {})
        value = context_put_nested(run, inner, keys[1:], value) if isinstance(inner, dict) and len(keys) < 64 else None
        if value is None:
            return None
    return {**context, keys[0]: value}


@builtin("context merge(contexts: list)")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    """Merge contexts into one; of equal names the last counts."""
    merged: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        run.budget.grow(len(context))
        merged.update(context)
    return merged


@builtin("is(value1: Any, value2: Any)")
def is_same(run: Run, left: Any, right: Any) -> bool:
    """Tell whether both are of one type and equal; times also in the way their zone is written."""
    if kind(left) != kind(right):
        return False
    if kind(left) in ("time", "date and time") and left.utcoffset() != right.utcoffset():
        return False
    return equal(left, right, run.zone, run.budget) is True


@builtin("is defined(value: Any)")
def is_defined(run: Run, value: Any) -> bool:
    """Tell whether there is a value, as Camunda's forms ask it."""
    return value is not None
