"""Type names of FEEL, as `instance of`, function parameters and decision tables use them."""

from dataclasses import dataclass, field
from typing import Any

from workflows.feel.values import Function, Range, kind

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
    # The types of the parameters of a function; None when the text names none.
    parameters: "tuple[Type, ...] | None" = None
    # The name of a type that FEEL does not know, and where it stands; empty once it is known (`resolving`).
    reference: str = ""
    at: int = field(default=0, compare=False)

    @property
    def is_open(self) -> bool:
        """Tell whether it is, or holds, a type that FEEL does not know."""
        inner = (self.element, *(entry for _, entry in self.entries), *(self.parameters or ()))
        return bool(self.reference) or any(each is not None and each.is_open for each in inner)

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
        if isinstance(value, Function) and self.parameters is not None and value.types is not None:
            # Whoever calls it gives these; so the function must take at least as much.
            return len(self.parameters) == len(value.types) and all(
                taken is None or taken.takes_all_of(given)
                for given, taken in zip(self.parameters, value.types, strict=True)
            )
        return True

    def takes_all_of(self, other: "Type") -> bool:
        """Tell whether every value of the other type is of this one (DMN 1.3, 10.3.2.9.2), as far as names tell."""
        if self.name == "Any":
            return True
        if self.name != other.name:
            return False
        if self.element is not None and (other.element is None or not self.element.takes_all_of(other.element)):
            return False
        theirs = dict(other.entries)
        return all(key in theirs and wanted.takes_all_of(theirs[key]) for key, wanted in self.entries)

    def conformed(self, value: Any) -> Any:
        """Give the value as this type takes it: as it is, out of a list of one, or in one; else null (10.3.2.9.4)."""
        if value is None or self.admits(value):
            return value
        if isinstance(value, list) and len(value) == 1 and self.admits(value[0]):
            return value[0]
        return [value] if self.name == "list" and self.admits([value]) else None


def simple(name: str) -> Type | None:
    """Give the type of that name, in the spellings of DMN 1.1 to 1.5; None for a name that FEEL does not know."""
    known = _SIMPLE.get(name)
    return None if known is None else Type(known)
