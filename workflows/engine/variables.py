"""Process variables and what an expression sees of them.

The variables of an instance are one JSON document outside all task data; SpiffWorkflow copies data from task to task
and merges it at joins, which loses updates, drops equal list values and rewrites what earlier tasks held. A document is
never edited in place: writing makes a new one, so the state that was handed in stays as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.feel.values import from_json, plain, to_json

_MISSING = object()


class Variables:
    """A JSON document of variables, decoded on demand and copied on the first write."""

    __slots__ = ("_decoded", "_own", "document", "written")

    def __init__(self, document: dict[str, Any]) -> None:
        # The document as it stands; shared with the state that was handed in until something is written.
        self.document = document
        self._own = False
        self._decoded: dict[str, Any] = {}
        # Names written since.
        self.written: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """Give the value of a variable."""
        value = self._decoded.get(name, _MISSING)
        if value is _MISSING:
            if name not in self.document:
                return default
            value = self._decoded[name] = from_json(self.document[name])
        return value

    def write(self, values: Mapping[str, Any]) -> None:
        """Write variables; every value is copied on its way in."""
        for name, value in values.items():
            if not self._own:
                self.document = dict(self.document)
                self._own = True
            self.document[str(name)] = encode(value)
            self._decoded.pop(name, None)
            self.written.add(str(name))


class Context(Mapping[str, Any]):
    """What an expression sees: local values, innermost first, on top of the variables of the process."""

    __slots__ = ("_layers", "_variables")

    def __init__(self, layers: Sequence[Mapping[str, Any]], variables: Variables) -> None:
        self._layers = layers
        self._variables = variables

    def get(self, name: str, default: Any = None) -> Any:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        return self._variables.get(name, default)

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, _MISSING)
        if value is _MISSING:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers) or name in self._variables.document

    def __iter__(self) -> Iterator[str]:
        seen = dict.fromkeys(name for layer in self._layers for name in layer)
        return iter({**seen, **dict.fromkeys(self._variables.document)})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def encode(value: Any) -> Any:
    """Give the JSON form of a value, whole numbers as plain integers."""
    return to_json(plain(value))


def decode(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a small JSON document of local values."""
    return {name: from_json(value) for name, value in document.items()}
