"""The sum before an object, against an obvious second way of counting it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.items.accumulation import Counted, Known, Window, first_day, persons_of, sum_within, sums_before

FILED = datetime(2026, 3, 2, tzinfo=UTC)


def uid(number: int) -> UUID:
    return UUID(int=number)


@pytest.mark.parametrize(
    ("on", "window", "first"),
    [
        (date(2026, 3, 10), "rolling", date(2025, 3, 11)),
        (date(2026, 1, 1), "rolling", date(2025, 1, 2)),
        (date(2024, 2, 29), "rolling", date(2023, 3, 1)),
        (date(2025, 2, 28), "rolling", date(2024, 2, 29)),
        (date(2025, 3, 1), "rolling", date(2024, 3, 2)),
        (date(2026, 1, 1), "calendar", date(2026, 1, 1)),
        (date(2026, 12, 31), "calendar", date(2026, 1, 1)),
    ],
)
def test_a_year_begins_on_the_day_after_the_day_of_the_year_before(on: date, window: Window, first: date) -> None:
    assert first_day(on, window) == first


@pytest.mark.parametrize(
    ("days", "window", "sums"),
    [
        ([date(2025, 3, 10), date(2026, 3, 9)], "rolling", [0, 100]),
        ([date(2025, 3, 10), date(2026, 3, 10)], "rolling", [0, 0]),
        ([date(2025, 12, 31), date(2026, 1, 1)], "calendar", [0, 0]),
        ([date(2026, 1, 1), date(2026, 12, 31)], "calendar", [0, 100]),
        ([date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2)], "rolling", [0, 100, 200]),
    ],
)
def test_boundary_days(days: list[date], window: Window, sums: list[int]) -> None:
    rows = [Counted(uid(place), uid(0), day, FILED, place, 100) for place, day in enumerate(days)]
    found = sums_before(rows, {uid(0): uid(0)}, window)
    assert [found[row.item_id] for row in rows] == sums


rows_of_gifts = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 900), st.integers(0, 2), st.integers(0, 5_000_000), st.booleans()
    ),
    max_size=14,
)  # fmt: skip


@given(rows_of_gifts, st.sampled_from(["rolling", "calendar"]), st.lists(st.integers(0, 3), min_size=4, max_size=4))
@settings(max_examples=120, deadline=None)
def test_sums_are_those_of_an_obvious_count(
    drawn: list[tuple[int, int, int, int, bool]], window: Window, person_of: list[int]
) -> None:
    rows = [
        Counted(uid(place + 1), uid(giver), date(2024, 1, 1) + timedelta(days=day), FILED + timedelta(hours=filed),
                place, value, counts)
        for place, (giver, day, filed, value, counts) in enumerate(drawn)
    ]  # fmt: skip
    persons = {uid(giver): uid(person_of[giver]) for giver in range(4)}

    found = sums_before(rows, persons, window)

    for row in rows:
        expected = 0
        for other in rows:
            if persons[other.giver_id] != persons[row.giver_id] or not other.counts:
                continue
            if window == "calendar":
                in_window = other.received_on.year == row.received_on.year
            else:
                age = row.received_on.year * 10_000 + row.received_on.month * 100 + row.received_on.day
                age -= other.received_on.year * 10_000 + other.received_on.month * 100 + other.received_on.day
                in_window = age < 10_000
            came_before = (other.received_on, other.filed_at, other.ordinal) < (
                row.received_on, row.filed_at, row.ordinal)  # fmt: skip
            expected += other.value if in_window and came_before else 0
        assert found[row.item_id] == expected


@given(rows_of_gifts)
@settings(max_examples=50, deadline=None)
def test_the_sum_of_a_window_is_that_of_its_days(drawn: list[tuple[int, int, int, int, bool]]) -> None:
    rows = [
        Counted(uid(place), uid(0), date(2024, 1, 1) + timedelta(days=day), FILED, place, value, counts)
        for place, (_, day, _, value, counts) in enumerate(drawn)
    ]
    on = date(2025, 6, 30)
    assert sum_within(rows, on, "calendar") == sum(
        row.value for row in rows if row.counts and row.received_on.year == 2025 and row.received_on <= on
    )


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.integers(-1, 7)), min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_one_person_is_what_marks_and_officers_join(drawn: list[tuple[str, int]]) -> None:
    givers = [
        Known(uid(place), mark or None, uid(to) if 0 <= to < len(drawn) and to != place else None)
        for place, (mark, to) in enumerate(drawn)
    ]

    persons = persons_of(givers)

    groups = [{giver.giver_id} for giver in givers]
    joined = True
    while joined:
        joined = False
        for one in groups:
            for two in groups:
                if one is not two and any(_one(a, b) for a in givers if a.giver_id in one
                                          for b in givers if b.giver_id in two):  # fmt: skip
                    groups = [group for group in groups if group is not one and group is not two] + [one | two]
                    joined = True
                    break
            if joined:
                break
    for one in givers:
        for two in givers:
            together = any({one.giver_id, two.giver_id} <= group for group in groups)
            assert (persons[one.giver_id] == persons[two.giver_id]) is together


def _one(a: Known, b: Known) -> bool:
    marked = a.fingerprint is not None and a.fingerprint == b.fingerprint
    return marked or a.confirmed_as_id == b.giver_id or b.confirmed_as_id == a.giver_id
