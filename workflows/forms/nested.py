"""Values under names whose dots make them nested, and whose numbers in brackets are rows of a list."""

import re
from collections.abc import Mapping
from typing import Any


def found_in(values: Mapping[str, Any], name: str) -> Any:
    """Look up a name of dots and row numbers."""
    found: Any = values
    for part in re.split(r"[.\[]", name.replace("]", "")):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list | tuple) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def put(values: dict[str, Any], key: str, value: Any) -> None:
    """Put a value under a key whose dots make it nested."""
    *groups, last = key.split(".")
    for group in groups:
        inner = values.get(group)
        if not isinstance(inner, dict):
            inner = values[group] = {}
        values = inner
    values[last] = value


def merge(values: dict[str, Any], key: str, inner: Mapping[str, Any]) -> None:
    """Put values into the group of that key beside those that are there."""
    for name, value in inner.items():
        put(values, f"{key}.{name}", value)
    if not inner:
        put(values, key, found_in(values, key) or {})
