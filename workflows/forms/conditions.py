"""Which places of a form are hidden, and what is computed in it. A hidden answer is null for every other condition."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.feel.clock import Clock
from workflows.feel.errors import FeelError
from workflows.feel.expressions import Expression
from workflows.feel.values import plain
from workflows.forms import typing_in
from workflows.forms.nested import merge, put
from workflows.forms.places import Place

# Conditions may hang on each other; they are looked at again until nothing changes, but not without end.
_ROUNDS = 10


class Conditions:
    """The conditions of one page, looked at with what is answered in it."""

    def __init__(self, page: Sequence[Place], variables: Mapping[str, Any], clock: Clock) -> None:
        self.page = page
        self.variables = variables
        self.clock = clock
        self.hidden: set[int] = set()

    def settle(self) -> None:
        """Look at the conditions, and compute what is computed, until nothing changes any more."""
        for _ in range(_ROUNDS):
            if not self._look(self.page, self.variables):
                return

    def _look(self, places: Sequence[Place], around: Mapping[str, Any]) -> bool:
        """Look once at the places of the page or of one row, and tell whether anything changed."""
        changed = False
        context = {**around, **self.data(places)}
        pending = list(reversed(places))
        while pending:
            place = pending.pop()
            if self._decide(place, context):
                changed = True
                # What follows sees at once that this answer is, or is no longer, there.
                context = {**around, **self.data(places)}
            if id(place) in self.hidden:
                continue
            pending.extend(reversed(place.inside))
            for row in place.rows:
                changed = self._look(row, context) or changed
        return changed

    def _decide(self, place: Place, context: Mapping[str, Any]) -> bool:
        component = place.component
        changed = False
        if component.hide is not None:
            is_hidden = _value(component.hide, context, self.clock) is True
            if is_hidden != (id(place) in self.hidden):
                self.hidden ^= {id(place)}
                changed = True
        if component.expression is not None and id(place) not in self.hidden:
            value = plain(_value(component.expression, context, self.clock))
            if value != place.value or type(value) is not type(place.value):
                place.value = value
                place.shown = typing_in.typed_again(component, value, self.clock)
                changed = True
        return changed

    def data(self, places: Sequence[Place]) -> dict[str, Any]:
        """Give the answers of these places, null for those that are hidden."""
        found: dict[str, Any] = {}
        for place in places:
            gone = id(place) in self.hidden
            component = place.component
            if component.type == "dynamiclist":
                put(found, component.path, None if gone else [self.data(row) for row in place.rows])
            elif component.type == "group":
                inner = {} if gone else self.data(place.inside)
                if component.path:
                    merge(found, component.path, inner)
                else:
                    found.update(inner)
            elif component.key and not component.read_only:
                # What is only shown stands among the variables already, perhaps with more beside it.
                put(found, component.key, None if gone else place.value)
        return found


def _value(expression: Expression, context: Mapping[str, Any], clock: Clock) -> Any:
    """Evaluate a condition; one that costs too much counts as null, so that its field is shown."""
    try:
        return expression.evaluate(context, clock)
    except FeelError:
        return None
