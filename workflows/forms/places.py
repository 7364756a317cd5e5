"""A form in its places: every component once, those of a list once for each row, with what stands in each.

Fields inside a list are posted with the number of their row, `witnesses[0].name`; `witnesses#` says how many rows the
page shows.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.feel.clock import Clock
from workflows.forms import typing_in
from workflows.forms.components import CHOICE_TYPES, SEVERAL_TYPES, Component
from workflows.forms.nested import found_in
from workflows.forms.typing_in import Unfit
from workflows.language import say

Posted = Mapping[str, Sequence[str]]
# For each list that the host offers (`Component.values_key`), the values that may be chosen.
Choices = Mapping[str, Collection[str]]

# Values of a list of choices that are looked at.
_CHOICES = 50
# Names that a browser may post; more are not looked at.
_NAMES = 20_000
_ROW = re.compile(r"(.+?)\[(\d{1,4})\]\.")


@dataclass
class Place:
    """A component in its place: in a list there is one for each row."""

    component: Component
    # Name under which it is posted.
    name: str
    # What was posted, and what it means; None when it means nothing.
    typed: Sequence[str] = ()
    value: Any = None
    # What is wrong with it, when something is.
    unfit: Unfit | None = None
    # What stands in the field when it is drawn.
    shown: str | bool | tuple[str, ...] = ""
    # The places inside a group, and the rows of a list.
    inside: tuple["Place", ...] = ()
    rows: tuple[tuple["Place", ...], ...] = ()
    # The row in which it stands, as people call it, for example "Objek 3"; empty outside lists.
    within: str = ""
    # How many rows were posted for a list, although no more are read than it may have.
    wanted: int = 0


def everything(page: Sequence[Place]) -> Iterator[Place]:
    """Give the places of a page with those inside groups; rows belong to their list."""
    for place in page:
        yield place
        yield from everything(place.inside)


@dataclass
class Reading:
    """Puts what was posted into its places and reads it."""

    posted: Posted
    files_present: frozenset[str]
    clock: Clock
    variables: dict[str, Any]
    offered: Choices
    # The rows of long lists that are wanted, by list; all of a list that is not named.
    only: Mapping[str, Collection[int]] = field(default_factory=dict)
    # Highest number of a row for each list, found once.
    _row_counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._row_counts = row_counts(self.posted)

    def page(
        self, components: Sequence[Component], prefix: str, *, at_least_one_row: bool = False, within: str = ""
    ) -> tuple[Place, ...]:
        """Give the places of these components in their order, `prefix` before their names."""
        places = []
        for component in components:
            place = self._place(component, prefix, at_least_one_row, within)
            place.within = within
            places.append(place)
        return tuple(places)

    def _place(self, component: Component, prefix: str, drawing: bool, within: str) -> Place:
        if component.type == "dynamiclist":
            return self._list(component, prefix, drawing)
        if component.type == "group":
            inner = f"{prefix}{component.path}." if component.path else prefix
            place = Place(component, prefix + component.path if component.path else "")
            place.inside = self.page(component.components, inner, at_least_one_row=drawing, within=within)
            return place
        place = Place(component, prefix + component.key if component.key else "")
        self.fill(place)
        return place

    def fill(self, place: Place) -> None:
        """Read what belongs into the place."""
        component = place.component
        if component.type == "filepicker":
            place.value = True if place.name in self.files_present else None
        elif component.read_only:
            place.value = found_in(self.variables, place.name)
            place.shown = typing_in.typed_again(component, place.value, self.clock)
        elif component.takes_answer:
            place.typed = self.posted.get(place.name, ())
            place.shown = _typed(component, place.typed)
            self._read(place)

    def _read(self, place: Place) -> None:
        component = place.component
        try:
            if component.type in CHOICE_TYPES:
                offered = self._offered(component)
                several = component.type in SEVERAL_TYPES
                read_choice: Any = typing_in.choices if several else typing_in.choice
                place.value = read_choice(component, place.typed, offered)
            else:
                place.value = typing_in.READERS[component.type](component, place.typed, self.clock)
        except Unfit as problem:
            place.unfit = problem

    def _offered(self, component: Component) -> Collection[str] | None:
        if component.values_key:
            return self.offered.get(component.values_key)
        return {option.value for option in component.options}

    def _list(self, component: Component, prefix: str, drawing: bool) -> Place:
        place = Place(component, prefix + component.path)
        place.wanted = self.rows(place, drawing)
        wanted = self.only.get(place.name)
        place.rows = tuple(
            ()
            if wanted is not None and number not in wanted
            else self.page(
                component.components,
                f"{place.name}[{number}].",
                at_least_one_row=drawing,
                within=row_words(component, number),
            )
            for number in range(min(place.wanted, component.max_rows))
        )
        return place

    def rows(self, place: Place, drawing: bool) -> int:
        """Count the rows of a list."""
        found = self._row_counts.get(place.name, 0)
        asked = next(iter(self.posted.get(f"{place.name}#", ())), "")
        if not drawing:
            return found
        return max(found, min(int(asked), place.component.max_rows)) if re.fullmatch(r"\d{1,4}", asked) else found


@dataclass
class Recalling(Reading):
    """Puts stored values into their places, with the defaults of the form where there are none."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def fill(self, place: Place) -> None:
        component = place.component
        source = self.variables if component.read_only else self.values
        stored = found_in(source, place.name) if place.name else None
        place.value = component.default if stored is None else stored
        if component.type in SEVERAL_TYPES and place.value is None:
            place.value = []
        place.shown = typing_in.typed_again(component, place.value, self.clock)

    def rows(self, place: Place, drawing: bool) -> int:
        stored = found_in(self.values, place.name)
        return max(len(stored) if isinstance(stored, list) else 0, place.component.rows, place.component.min_rows)


def row_words(component: Component, number: int) -> str:
    """Say which row of a list it is, as people count: "Objek 3" for number 2."""
    word = component.row() or say("Baris", "Row")
    return f"{word} {number + 1}"


def row_counts(posted: Posted) -> dict[str, int]:
    """Give, by list, one more than the highest number of a row under which something was posted."""
    counts: dict[str, int] = {}
    for name in list(posted)[:_NAMES]:
        for list_name, number in _row_marks(name):
            counts[list_name] = max(counts.get(list_name, 0), number + 1)
    return counts


def _row_marks(name: str) -> Iterator[tuple[str, int]]:
    """Give the lists that a posted name runs through, with the numbers of their rows."""
    for match in _ROW.finditer(name[:300]):
        yield name[: match.end(1)], int(match[2])


def _typed(component: Component, posted: Sequence[str]) -> str | bool | tuple[str, ...]:
    """Give what was typed as it was, cut where it is no answer any more."""
    if component.type == "checkbox":
        return any(each.strip() for each in posted)
    if component.type in SEVERAL_TYPES:
        return tuple(each[:1_000] for each in posted[:_CHOICES])
    return next((each for each in posted if each.strip()), "")[:100_000]
