"""Values on their way to JSON and back."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.feel.budget import Budget
from workflows.feel.errors import FeelError
from workflows.feel.values import Range, YearsMonths, from_json, plain, read_duration, read_temporal, to_json, write

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7)), ZoneInfo("Asia/Jakarta")])),
    st.timedeltas(),
    st.integers(-(10**6), 10**6).map(YearsMonths),
)
values = st.recursive(
    scalars,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(st.text(max_size=8), below, max_size=4)),
    max_leaves=10,
)


@given(values)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_values_come_back_from_json_as_they_were(value: Any) -> None:
    again = from_json(json.loads(json.dumps(to_json(value))))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        {"$number": "1"},
        {"$context": {"$date": "x"}},
        {"typename": "Decimal", "value": 1},
        Decimal("1.50"),
        Range(Decimal(1), None, True, False),
        datetime(2026, 1, 31, 10, tzinfo=ZoneInfo("Asia/Makassar")),
        # The clocks of Jakarta jumped over this hour, and those of Amsterdam showed the other one twice.
        datetime(1942, 3, 23, 0, 0, tzinfo=ZoneInfo("Asia/Jakarta")),
        datetime(2025, 10, 26, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Amsterdam")),
        timedelta(days=-1, microseconds=5),
    ],
)
def test_odd_values_and_keys_that_look_like_marks_survive(value: Any) -> None:
    again = from_json(json.loads(json.dumps(to_json(value))))
    assert again == value
    assert type(again) is type(value)
    if isinstance(value, datetime):
        assert (str(again), str(again.tzinfo)) == (str(value), str(value.tzinfo))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), object(), lambda: None])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(FeelError):
        to_json({"x": [value]})


def test_documents_nested_too_deeply_are_refused() -> None:
    deep: Any = 1
    for _ in range(3000):
        deep = [deep]
    with pytest.raises(FeelError):
        to_json(deep)
    with pytest.raises(FeelError):
        from_json(deep)


def test_an_unknown_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="typo"):
        from_json({"$typo": 1})


def test_integral_decimals_become_ints_where_variables_are_written() -> None:
    result = plain({"a": Decimal("5.00"), "b": [Decimal("1.5"), True, "5"], "c": Decimal("1E+30")})
    assert result == {"a": 5, "b": [Decimal("1.5"), True, "5"], "c": 10**30}
    assert type(result["a"]) is int
    assert result["b"][1] is True
    assert plain(Decimal("1E+6000")) == Decimal("1E+6000")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("P3D", timedelta(days=3)),
        ("-P1DT2H3M4.5S", -timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("P14M", YearsMonths(14)),
        ("P1Y2M", YearsMonths(14)),
        ("P1M1D", None),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("P999999999999D", None),
        ("3 hari", None),
    ],
)
def test_durations_are_of_one_kind_or_the_other(text: str, value: object) -> None:
    assert read_duration(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "10:30:00",
        "10:30:00.5Z",
        "2026-01-31T10:30:00+07:00",
        "2026-01-31T10:30:00@Asia/Jakarta",
        "P1DT2H",
        "P1Y2M",
        "-PT1M",
    ],
)
def test_what_is_written_is_read_again(text: str) -> None:
    assert write(read_temporal(text), Budget()) == text


def test_dates_that_are_none_are_not_read() -> None:
    assert read_temporal("2026-02-29") is None
    assert read_temporal("2028-02-29") == date(2028, 2, 29)
    assert read_temporal("24:00:00") is None
    assert read_temporal("10:30:00@Mars/Olympus") is None
    assert read_temporal("23:59:59") == time(23, 59, 59)
