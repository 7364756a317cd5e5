"""Reading what people posted: only visible fields, typed, checked on the server whatever the browser did.

What is posted under names that the form does not show is dropped and counted, never kept.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.errors import InvalidAnswers
from workflows.feel.clock import Clock
from workflows.forms.components import CHOICE_TYPES, ROWS_OF, Form
from workflows.forms.conditions import Conditions
from workflows.forms.nested import merge, put
from workflows.forms.places import Choices, Place, Posted, Reading, Recalling, everything

# Every code that a problem may have, with the facts that come with it.
PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "required": ("label",),
    "choose": ("label",),
    "agree": ("label",),
    "too_short": ("label", "minimum", "length"),
    "too_long": ("label", "maximum", "length"),
    "pattern": ("label", "message"),
    "not_text": ("label",),
    "not_email": ("label",),
    "not_phone": ("label",),
    "not_number": ("label",),
    "decimals": ("label", "decimals"),
    "below_minimum": ("label", "minimum"),
    "above_maximum": ("label", "maximum"),
    "not_date": ("label",),
    "not_time": ("label",),
    "passed": ("label",),
    "ahead": ("label",),
    "too_early": ("label", "earliest"),
    "unknown_option": ("label",),
    "too_many": ("label", "maximum"),
    "too_few": ("label", "minimum", "length"),
}


@dataclass(frozen=True)
class Answers:
    """What was answered, ready to become variables and contents."""

    # Typed values by key; groups are nested, lists are lists of rows. Whole numbers are int, others Decimal.
    values: dict[str, Any]
    # How many posted names were not taken: hidden, read-only or unknown ones.
    dropped: int = 0
    # Names of the fields of the form that were hidden when it was posted.
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """One component as it is to be drawn: whether it is seen, and what stands in it."""

    # Name under which it is posted, with its row put in, for example "witnesses[0].name".
    name: str
    # Whether the conditions show it.
    visible: bool
    # Texts to show again: one, or several for checklists; True or False for a checkbox.
    value: str | bool | tuple[str, ...]
    # For a list, its rows; each holds all components of one row by id.
    rows: tuple[Mapping[str, "Shown"], ...] = ()


def read(
    form: Form,
    posted: Posted,
    *,
    files_present: Collection[str] = (),
    clock: Clock,
    variables: Mapping[str, Any] | None = None,
    choices: Choices | None = None,
) -> Answers:
    """Read and check the posted form; InvalidAnswers lists (field name, code of PROBLEMS, facts) in its order.

    `variables` are what conditions may see besides the answers. `choices` are the lists of the host; a list that is
    not among them is not checked here. `files_present` names the fields for which files came or are kept.
    """
    reading = Reading(posted, frozenset(files_present), clock, dict(variables or {}), choices or {})
    page = reading.page(form.components, "")
    conditions = Conditions(page, reading.variables, clock)
    conditions.settle()
    collected = _Collected(reading, conditions)
    values = collected.all(page)
    if collected.problems:
        raise InvalidAnswers(collected.problems)
    dropped = sum(1 for name in posted if name not in collected.taken and _is_an_answer(name, posted[name]))
    return Answers(values, dropped, tuple(collected.hidden))


def show(
    form: Form,
    *,
    clock: Clock,
    values: Mapping[str, Any] | None = None,
    posted: Posted | None = None,
    variables: Mapping[str, Any] | None = None,
    only: Mapping[str, Collection[int]] | None = None,
) -> Mapping[str, Shown]:
    """Give by component id what drawing needs: of stored values, or of a rejected form exactly what was typed.

    `only` names, by list, the rows that are wanted of what was typed; the others are given empty, and conditions do not
    see them.
    """
    stored = {**(variables or {}), **(values or {})}
    if posted is None:
        reading: Reading = Recalling({}, frozenset(), clock, stored, {}, values=values or {})
    else:
        reading = Reading(posted, frozenset(), clock, stored, {}, only=only or {})
    page = reading.page(form.components, "", at_least_one_row=True)
    conditions = Conditions(page, reading.variables, clock)
    conditions.settle()
    return {place.component.id: shown for place, shown in _drawn(page, conditions, visible=True)}


def so_far(form: Form, posted: Posted, *, clock: Clock, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give what the answers mean while the form is still being filled in; null for what means nothing yet."""
    reading = Reading(posted, frozenset(), clock, dict(variables or {}), {})
    conditions = Conditions(reading.page(form.components, ""), reading.variables, clock)
    conditions.settle()
    return conditions.data(conditions.page)


def numbered(answers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give answers by the names under which they are posted: those in the rows of a list bear the row's number."""
    for name, value in answers.items():
        if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            for number, row in enumerate(value):
                yield from ((f"{name}[{number}].{inner}", answer) for inner, answer in row.items())
        else:
            yield name, value


def _is_an_answer(name: str, typed: Sequence[str]) -> bool:
    """Tell whether something was filled in under the name of a field, and not under one of the page's own."""
    ours = name.startswith("_") or name.endswith(("#", "@")) or name == "csrf_token"
    return not ours and any(each.strip() for each in typed)


class _Collected:
    """Walks over the visible places, takes their values and notes what is wrong."""

    def __init__(self, reading: Reading, conditions: Conditions) -> None:
        self.reading = reading
        self.conditions = conditions
        self.problems: list[tuple[str, str, dict[str, Any]]] = []
        self.hidden: list[str] = []
        self.taken: set[str] = set()
        # List name -> the numbers of its rows that were filled in, for answers that name a row.
        self.filled = {place.name: _filled_numbers(place) for place in everything(conditions.page) if place.wanted}

    def all(self, places: Sequence[Place]) -> dict[str, Any]:
        """Give the values of these places."""
        found: dict[str, Any] = {}
        for place in places:
            component = place.component
            if id(place) in self.conditions.hidden:
                self.hidden.extend(each.name for each in _fields(place))
            elif component.type == "group":
                inner = self.all(place.inside)
                if component.path:
                    merge(found, component.path, inner)
                else:
                    for key, value in inner.items():
                        merge(found, key, value) if isinstance(value, dict) else put(found, key, value)
            elif component.type == "dynamiclist":
                put(found, component.path, self._rows(place))
            elif component.type == "expression" and component.key:
                put(found, component.key, place.value)
            elif component.takes_answer:
                self._one(place, found)
        return found

    def _rows(self, place: Place) -> list[dict[str, Any]]:
        component = place.component
        if place.wanted > component.max_rows:
            self._problem(place, "too_many", maximum=component.max_rows)
        filled = _filled_numbers(place)
        if not filled and (component.required or component.min_rows):
            self._problem(place, "required")
        elif len(filled) < component.min_rows:
            self._problem(place, "too_few", minimum=component.min_rows, length=len(filled))
        return [self.all(place.rows[number]) for number in filled]

    def _one(self, place: Place, found: dict[str, Any]) -> None:
        component = place.component
        if place.name in self.reading.posted:
            self.taken.add(place.name)
        if place.unfit is not None:
            self._problem(place, place.unfit.code, **place.unfit.facts)
            return
        if component.required and place.value in (None, [], False):
            chosen = component.type in CHOICE_TYPES or component.type == "filepicker"
            self._problem(place, "agree" if component.type == "checkbox" else "choose" if chosen else "required")
            return
        if component.values_key.startswith(ROWS_OF) and place.value is not None:
            place.value = self._row_named(place)
        if component.type != "filepicker":
            put(found, component.key, place.value)

    def _row_named(self, place: Place) -> str | None:
        """Give the number, from 1, that the named row has among those that are kept: empty rows before it fall away."""
        kept = self.filled.get(place.component.values_key.removeprefix(ROWS_OF), [])
        number = int(place.value) - 1 if re.fullmatch(r"\d{1,3}", str(place.value)) else -1
        if number in kept:
            return str(kept.index(number) + 1)
        self._problem(place, "unknown_option")
        return None

    def _problem(self, place: Place, code: str, **facts: Any) -> None:
        label = ", ".join(filter(None, (place.within, place.component.label())))
        self.problems.append((place.name, code, {"label": label, **facts}))


def _drawn(places: Sequence[Place], conditions: Conditions, *, visible: bool) -> Iterator[tuple[Place, Shown]]:
    """Give the places of a page or row as they are drawn; what stands in a hidden group is hidden with it."""
    for place in places:
        is_seen = visible and id(place) not in conditions.hidden
        rows = tuple(
            {each.component.id: shown for each, shown in _drawn(row, conditions, visible=is_seen)} for row in place.rows
        )
        yield place, Shown(place.name, is_seen, place.shown, rows)
        yield from _drawn(place.inside, conditions, visible=is_seen)


def _fields(place: Place) -> Iterator[Place]:
    """Give the places below, or this one, that take answers."""
    if place.component.takes_answer:
        yield place
    for inner in place.inside:
        yield from _fields(inner)
    for row in place.rows:
        for inner in row:
            yield from _fields(inner)


def _filled_numbers(place: Place) -> list[int]:
    """Give the numbers of the rows in which something was filled in; the others the page offered in vain."""
    return [number for number, row in enumerate(place.rows) if any(_is_filled(each) for each in everything(row))]


def _is_filled(place: Place) -> bool:
    """Tell whether somebody filled it in; what the form itself proposed says nothing."""
    component = place.component
    if place.unfit is not None:
        return True
    if not component.takes_answer or place.value in (None, [], False):
        return False
    return component.default is None or place.value != component.default
