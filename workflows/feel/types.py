"""Type names of FEEL, as `instance of`, function parameters and decision tables use them."""

from dataclasses import dataclass, field
from typing import Any

from workflows.feel.values import Range, kind

_SIMPLE = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "day and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "year and month duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "list": "list",
    "context": "context",
    "range": "range",
    "function": "function",
    "Null": "Null",
    "Any": "Any",
}
TYPE_NAMES = frozenset(_SIMPLE)


@dataclass(frozen=True)
class Type:
    """A FEEL type, with the types of its elements or entries where the text names them."""

    # One of the names that `values.kind` gives, or "Any".
    name: str
    # The type of the elements of a list or of the ends of a range.
    element: "Type | None" = None
    # The types that the entries of a context must have.
    entries: tuple[tuple[str, "Type"], ...] = field(default=())

    def admits(self, value: Any) -> bool:
        """Tell whether the value is of this type; null is of type Null only."""
        if self.name == "Any":
            return value is not None
        if kind(value) != self.name:
            return False
        if self.element is not None:
            if isinstance(value, list):
                return all(self.element.admits(item) for item in value)
            if isinstance(value, Range):
                return all(end is None or self.element.admits(end) for end in (value.low, value.high))
        if isinstance(value, dict):
            return all(key in value and (value[key] is None or t.admits(value[key])) for key, t in self.entries)
        return True


def simple(name: str) -> Type | None:
    """Give the type of that name, in the spellings of DMN 1.1 to 1.5; None for a name that FEEL does not know."""
    known = _SIMPLE.get(name)
    return None if known is None else Type(known)
