"""What the rules of a table cover together: inputs that no rule takes, that two rules take, and rules never reached.

The boxes of the rules are swept column by column; what is known to be covered is not looked at twice. The effort is
bounded, and who asks is told when it did not suffice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.decisions.regions import MISSING, Box, Grid, Span, Spans, cut

# A rule that takes so many places of a column is kept apart from those that are found by their places.
_WIDE = 40


class TooMuch(Exception):
    """The effort did not suffice; what was found before stands."""


@dataclass
class Effort:
    """How much looking is left; one unit is one rule looked at in one column."""

    left: int

    def spend(self, units: int) -> None:
        """Take units; raise TooMuch when none are left."""
        self.left -= units
        if self.left < 0:
            raise TooMuch


@dataclass
class Sweep:
    """One look at one table."""

    grid: Grid
    effort: Effort
    # Columns in the order of looking: those first that tell most rules apart.
    columns: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        everything = [((MISSING, scale.last),) for scale in self.grid.scales]
        told = [
            sum(box.spans[number] != everything[number] for box in self.grid.boxes)
            for number in range(len(self.grid.scales))
        ]
        self.columns = tuple(sorted(range(len(told)), key=lambda number: -told[number]))
        # From which place in that order on a box takes everything.
        self._open_from = [self._opens(box, everything) for box in self.grid.boxes]

    def _opens(self, box: Box, everything: Sequence[Spans]) -> int:
        place = len(self.columns)
        while place and box.spans[self.columns[place - 1]] == everything[self.columns[place - 1]]:
            place -= 1
        return place

    def gap(self, universes: Sequence[Spans]) -> dict[int, Any] | None:
        """Give an input, by column, that no rule takes; None when every one is taken. Opaque cells take everything."""
        active = [box.rule for box in self.grid.boxes]
        return self._uncovered(0, active, universes, set())

    def never(self, universes: Sequence[Spans]) -> Iterator[tuple[int, int]]:
        """Give the rules that no input can meet, each with the column whose cell takes nothing that the column does."""
        for box in self.grid.boxes:
            self.effort.spend(len(self.columns))
            dead = (n for n in self.columns if not self._live(n, box.spans[n], universes[n]))
            column = next(dead, None)
            if column is not None:
                yield box.rule, column

    def shadowed(self, universes: Sequence[Spans]) -> Iterator[int]:
        """Give the rules that are never first, since those before them take every input that they take."""
        finder = _Finder(self.grid, self.columns[0]) if self.columns else None
        for box in self.grid.boxes:
            before = range(box.rule) if finder is None else finder.before(box)
            meeting = [rule for rule in before if self.grid.boxes[rule].exact and self._meet(rule, box)]
            own = [cut(spans, universe) for spans, universe in zip(box.spans, universes, strict=True)]
            if meeting and self._uncovered(0, meeting, own, set()) is None:
                yield box.rule
            if finder is not None:
                finder.add(box)

    def overlaps(
        self, universes: Sequence[Spans], answers: Sequence[Any] | None
    ) -> Iterator[tuple[int, int, dict[int, Any]]]:
        """Give pairs of rules with an input that both take, each pair once; `answers` leaves out those that agree."""
        active = [box.rule for box in self.grid.boxes if box.exact]
        yield from self._shared(0, active, universes, answers, set(), {})

    def _meet(self, rule: int, box: Box) -> bool:
        self.effort.spend(1)
        other = self.grid.boxes[rule].spans
        return all(cut(spans, theirs) for spans, theirs in zip(box.spans, other, strict=True))

    def _live(self, column: int, spans: Spans, universe: Spans) -> bool:
        return any(self.grid.scales[column].has_values(span) for span in cut(spans, universe))

    def _uncovered(
        self, place: int, active: list[int], universes: Sequence[Spans], covered: set[tuple[int, tuple[int, ...]]]
    ) -> dict[int, Any] | None:
        self.effort.spend(1 + len(active))
        if any(self._open_from[rule] <= place for rule in active):
            return None
        if not active:
            return self._example(place, universes)
        if place == len(self.columns):
            return None
        key = (place, tuple(active))
        if key in covered:
            return None
        column = self.columns[place]
        for span, inside in self._slices(column, active, universes[column]):
            found = self._uncovered(place + 1, inside, universes, covered)
            if found is not None:
                return {column: self.grid.scales[column].sample(span), **found}
        covered.add(key)
        return None

    def _shared(
        self,
        place: int,
        active: list[int],
        universes: Sequence[Spans],
        answers: Sequence[Any] | None,
        told: set[tuple[int, int]],
        done: dict[tuple[int, tuple[int, ...]], None],
    ) -> Iterator[tuple[int, int, dict[int, Any]]]:
        self.effort.spend(1 + len(active))
        if len(active) < 2 or (answers is not None and len({answers[rule] for rule in active}) == 1):
            return
        key = (place, tuple(active))
        if key in done:
            return
        done[key] = None
        if place == len(self.columns) or all(self._open_from[rule] <= place for rule in active):
            for first, second in self._pairs(active, answers, told):
                example = self._example(place, universes)
                if example is not None:
                    yield first, second, example
            return
        column = self.columns[place]
        for span, inside in self._slices(column, active, universes[column]):
            for first, second, example in self._shared(place + 1, inside, universes, answers, told, done):
                yield first, second, {column: self.grid.scales[column].sample(span), **example}

    def _pairs(
        self, active: list[int], answers: Sequence[Any] | None, told: set[tuple[int, int]]
    ) -> Iterator[tuple[int, int]]:
        for number, second in enumerate(active):
            for first in active[:number]:
                self.effort.spend(1)
                if (first, second) in told or (answers is not None and answers[first] == answers[second]):
                    continue
                told.add((first, second))
                yield first, second

    def _example(self, place: int, universes: Sequence[Spans]) -> dict[int, Any] | None:
        """Give a value for each column that was not looked at; None when a column takes nothing at all."""
        example = {}
        for column in self.columns[place:]:
            scale = self.grid.scales[column]
            span = next((span for span in universes[column] if scale.has_values(span)), None)
            if span is None:
                return None
            example[column] = scale.sample(span)
        return example

    def _slices(self, column: int, active: list[int], universe: Spans) -> Iterator[tuple[Span, list[int]]]:
        """Cut the column where rules begin and end; give each slice that holds values with the rules that take it."""
        starts: dict[int, list[int]] = {}
        ends: dict[int, list[int]] = {}
        for rule in active:
            for low, high in cut(self.grid.boxes[rule].spans[column], universe):
                starts.setdefault(low, []).append(rule)
                ends.setdefault(high + 1, []).append(rule)
        edges = sorted({*starts, *ends, *(low for low, _ in universe), *(high + 1 for _, high in universe)})
        begins, stops = {low for low, _ in universe}, {high + 1 for _, high in universe}
        inside: set[int] = set()
        within = False
        for edge, following in zip(edges, [*edges[1:], None], strict=True):
            within = (within and edge not in stops) or edge in begins
            inside.difference_update(ends.get(edge, ()))
            inside.update(starts.get(edge, ()))
            if following is None or not within:
                continue
            span = (edge, following - 1)
            if self.grid.scales[column].has_values(span):
                self.effort.spend(1 + len(inside))
                yield span, sorted(inside)


class _Finder:
    """Finds the rules that may take what another takes, by their places in one column."""

    def __init__(self, grid: Grid, column: int) -> None:
        self._column = column
        self._by_place: dict[int, list[int]] = {}
        self._wide: list[int] = []
        self._all: list[int] = []

    def add(self, box: Box) -> None:
        """Remember a rule."""
        self._all.append(box.rule)
        places = self._places(box)
        if places is None:
            self._wide.append(box.rule)
            return
        for place in places:
            self._by_place.setdefault(place, []).append(box.rule)

    def before(self, box: Box) -> list[int]:
        """Give the remembered rules that may take what this one takes, in their order."""
        places = self._places(box)
        if places is None:
            return self._all
        return sorted({*self._wide, *(rule for place in places for rule in self._by_place.get(place, ()))})

    def _places(self, box: Box) -> list[int] | None:
        spans = box.spans[self._column]
        if sum(high - low + 1 for low, high in spans) > _WIDE:
            return None
        return [place for low, high in spans for place in range(low, high + 1)]
