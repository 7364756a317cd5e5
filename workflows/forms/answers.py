"""Reading what people posted: only visible fields, typed, checked on the server whatever the browser did.

Fields inside a list are posted with the number of their row, `witnesses[0].name`; `witnesses#` says how many rows the
page shows. What is posted under other names is dropped and counted, never kept.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.errors import InvalidAnswers
from workflows.feel.clock import Clock
from workflows.feel.errors import FeelError
from workflows.feel.expressions import Expression
from workflows.feel.values import plain
from workflows.forms import typing_in
from workflows.forms.components import CHOICE_TYPES, ROWS_OF, SEVERAL_TYPES, Component, Form
from workflows.forms.typing_in import Unfit
from workflows.language import say

Posted = Mapping[str, Sequence[str]]
# For each list that the host offers (`Component.values_key`), the values that may be chosen.
Choices = Mapping[str, Collection[str]]

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

# Values of a list of choices that are looked at.
_CHOICES = 50
# Conditions may hang on each other; they are looked at again until nothing changes, but not without end.
_ROUNDS = 10
# Names that a browser may post; more are not looked at.
_NAMES = 20_000
_ROW = re.compile(r"(.+?)\[(\d{1,4})\]\.")


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
    reading = _Reading(posted, frozenset(files_present), clock, dict(variables or {}), choices or {})
    page = reading.page(form.components, "")
    conditions = _Conditions(page, reading.variables, clock)
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
        reading: _Reading = _Recalling({}, frozenset(), clock, stored, {}, values=values or {})
    else:
        reading = _Reading(posted, frozenset(), clock, stored, {}, only=only or {})
    page = reading.page(form.components, "", at_least_one_row=True)
    conditions = _Conditions(page, reading.variables, clock)
    conditions.settle()
    return {place.component.id: shown for place, shown in _drawn(page, conditions, visible=True)}


def numbered(answers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give answers by the names under which they are posted: those in the rows of a list bear the row's number."""
    for name, value in answers.items():
        if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            for number, row in enumerate(value):
                yield from ((f"{name}[{number}].{inner}", answer) for inner, answer in row.items())
        else:
            yield name, value


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


def so_far(form: Form, posted: Posted, *, clock: Clock, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give what the answers mean while the form is still being filled in; null for what means nothing yet."""
    reading = _Reading(posted, frozenset(), clock, dict(variables or {}), {})
    conditions = _Conditions(reading.page(form.components, ""), reading.variables, clock)
    conditions.settle()
    return conditions.data(conditions.page)


def _is_an_answer(name: str, typed: Sequence[str]) -> bool:
    """Tell whether something was filled in under the name of a field, and not under one of the page's own."""
    ours = name.startswith("_") or name.endswith(("#", "@")) or name == "csrf_token"
    return not ours and any(each.strip() for each in typed)


@dataclass
class _Place:
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
    inside: tuple["_Place", ...] = ()
    rows: tuple[tuple["_Place", ...], ...] = ()
    # The row in which it stands, as people call it, for example "Objek 3"; empty outside lists.
    within: str = ""
    # How many rows were posted for a list, although no more are read than it may have.
    wanted: int = 0


def _everything(page: Sequence[_Place]) -> Iterator[_Place]:
    """Give the places of a page with those inside groups; rows belong to their list."""
    for place in page:
        yield place
        yield from _everything(place.inside)


@dataclass
class _Reading:
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
    ) -> tuple[_Place, ...]:
        places = []
        for component in components:
            place = self._place(component, prefix, at_least_one_row, within)
            place.within = within
            places.append(place)
        return tuple(places)

    def _place(self, component: Component, prefix: str, drawing: bool, within: str) -> _Place:
        if component.type == "dynamiclist":
            return self._list(component, prefix, drawing)
        if component.type == "group":
            inner = f"{prefix}{component.path}." if component.path else prefix
            place = _Place(component, prefix + component.path if component.path else "")
            place.inside = self.page(component.components, inner, at_least_one_row=drawing, within=within)
            return place
        place = _Place(component, prefix + component.key if component.key else "")
        self.fill(place)
        return place

    def fill(self, place: _Place) -> None:
        """Read what belongs into the place."""
        component = place.component
        if component.type == "filepicker":
            place.value = True if place.name in self.files_present else None
        elif component.read_only:
            place.value = _found(self.variables, place.name)
            place.shown = typing_in.typed_again(component, place.value, self.clock)
        elif component.takes_answer:
            place.typed = self.posted.get(place.name, ())
            place.shown = _typed(component, place.typed)
            self._read(place)

    def _read(self, place: _Place) -> None:
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

    def _list(self, component: Component, prefix: str, drawing: bool) -> _Place:
        place = _Place(component, prefix + component.path)
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

    def rows(self, place: _Place, drawing: bool) -> int:
        """Count the rows of a list."""
        found = self._row_counts.get(place.name, 0)
        asked = next(iter(self.posted.get(f"{place.name}#", ())), "")
        if not drawing:
            return found
        return max(found, min(int(asked), place.component.max_rows)) if re.fullmatch(r"\d{1,4}", asked) else found


@dataclass
class _Recalling(_Reading):
    """Puts stored values into their places, with the defaults of the form where there are none."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def fill(self, place: _Place) -> None:
        component = place.component
        source = self.variables if component.read_only else self.values
        stored = _found(source, place.name) if place.name else None
        place.value = component.default if stored is None else stored
        if component.type in SEVERAL_TYPES and place.value is None:
            place.value = []
        place.shown = typing_in.typed_again(component, place.value, self.clock)

    def rows(self, place: _Place, drawing: bool) -> int:
        stored = _found(self.values, place.name)
        return max(len(stored) if isinstance(stored, list) else 0, place.component.rows, place.component.min_rows)


class _Conditions:
    """Which places are hidden. A hidden answer counts as null for every other condition."""

    def __init__(self, page: Sequence[_Place], variables: Mapping[str, Any], clock: Clock) -> None:
        self.page = page
        self.variables = variables
        self.clock = clock
        self.hidden: set[int] = set()

    def settle(self) -> None:
        """Look at the conditions, and compute what is computed, until nothing changes any more."""
        for _ in range(_ROUNDS):
            if not self._look(self.page, self.variables):
                return

    def _look(self, places: Sequence[_Place], around: Mapping[str, Any]) -> bool:
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

    def _decide(self, place: _Place, context: Mapping[str, Any]) -> bool:
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

    def data(self, places: Sequence[_Place]) -> dict[str, Any]:
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


class _Collected:
    """Walks over the visible places, takes their values and notes what is wrong."""

    def __init__(self, reading: _Reading, conditions: _Conditions) -> None:
        self.reading = reading
        self.conditions = conditions
        self.problems: list[tuple[str, str, dict[str, Any]]] = []
        self.hidden: list[str] = []
        self.taken: set[str] = set()
        # List name -> the numbers of its rows that were filled in, for answers that name a row.
        self.filled = {place.name: _filled_numbers(place) for place in _everything(conditions.page) if place.wanted}

    def all(self, places: Sequence[_Place]) -> dict[str, Any]:
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

    def _rows(self, place: _Place) -> list[dict[str, Any]]:
        component = place.component
        if place.wanted > component.max_rows:
            self._problem(place, "too_many", maximum=component.max_rows)
        filled = _filled_numbers(place)
        if not filled and (component.required or component.min_rows):
            self._problem(place, "required")
        elif len(filled) < component.min_rows:
            self._problem(place, "too_few", minimum=component.min_rows, length=len(filled))
        return [self.all(place.rows[number]) for number in filled]

    def _one(self, place: _Place, found: dict[str, Any]) -> None:
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

    def _row_named(self, place: _Place) -> str | None:
        """Give the number, from 1, that the named row has among those that are kept: empty rows before it fall away."""
        kept = self.filled.get(place.component.values_key.removeprefix(ROWS_OF), [])
        number = int(place.value) - 1 if re.fullmatch(r"\d{1,3}", str(place.value)) else -1
        if number in kept:
            return str(kept.index(number) + 1)
        self._problem(place, "unknown_option")
        return None

    def _problem(self, place: _Place, code: str, **facts: Any) -> None:
        label = ", ".join(filter(None, (place.within, place.component.label())))
        self.problems.append((place.name, code, {"label": label, **facts}))


def _drawn(places: Sequence[_Place], conditions: _Conditions, *, visible: bool) -> Iterator[tuple[_Place, Shown]]:
    """Give the places of a page or row as they are drawn; what stands in a hidden group is hidden with it."""
    for place in places:
        is_seen = visible and id(place) not in conditions.hidden
        rows = tuple(
            {each.component.id: shown for each, shown in _drawn(row, conditions, visible=is_seen)} for row in place.rows
        )
        yield place, Shown(place.name, is_seen, place.shown, rows)
        yield from _drawn(place.inside, conditions, visible=is_seen)


def _fields(place: _Place) -> Iterator[_Place]:
    """Give the places below, or this one, that take answers."""
    if place.component.takes_answer:
        yield place
    for inner in place.inside:
        yield from _fields(inner)
    for row in place.rows:
        for inner in row:
            yield from _fields(inner)


def _filled_numbers(place: _Place) -> list[int]:
    """Give the numbers of the rows in which something was filled in; the others the page offered in vain."""
    return [number for number, row in enumerate(place.rows) if any(_is_filled(each) for each in _everything(row))]


def _is_filled(place: _Place) -> bool:
    """Tell whether somebody filled it in; what the form itself proposed says nothing."""
    component = place.component
    if place.unfit is not None:
        return True
    if not component.takes_answer or place.value in (None, [], False):
        return False
    return component.default is None or place.value != component.default


def _typed(component: Component, posted: Sequence[str]) -> str | bool | tuple[str, ...]:
    """Give what was typed as it was, cut where it is no answer any more."""
    if component.type == "checkbox":
        return any(each.strip() for each in posted)
    if component.type in SEVERAL_TYPES:
        return tuple(each[:1_000] for each in posted[:_CHOICES])
    return next((each for each in posted if each.strip()), "")[:100_000]


def _value(expression: Expression, context: Mapping[str, Any], clock: Clock) -> Any:
    """Evaluate a condition; one that costs too much counts as null, so that its field is shown."""
    try:
        return expression.evaluate(context, clock)
    except FeelError:
        return None


def _row_marks(name: str) -> Iterator[tuple[str, int]]:
    """Give the lists that a posted name runs through, with the numbers of their rows."""
    for match in _ROW.finditer(name[:300]):
        yield name[: match.end(1)], int(match[2])


def _found(values: Mapping[str, Any], name: str) -> Any:
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
        put(values, key, _found(values, key) or {})
