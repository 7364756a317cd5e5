"""Counting of working days against the figures of the joint decrees."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.calendar.sources import packaged_calendar
from workflows.calendar.working_days import Reason, WorkingCalendar
from workflows.language import speaking

CALENDAR = packaged_calendar(range(2020, 2032))


@pytest.mark.parametrize(
    ("start", "days", "lenient", "strict"),
    [
        ("2026-03-13", 10, "2026-04-06", "2026-03-30"),
        ("2026-03-13", 30, "2026-05-05", "2026-04-28"),
        ("2026-02-13", 30, "2026-04-08", "2026-03-31"),
        ("2026-05-13", 10, "2026-06-03", "2026-05-29"),
        ("2026-06-12", 5, "2026-06-22", "2026-06-22"),
        ("2026-07-01", 30, "2026-08-12", "2026-08-12"),
        ("2026-08-14", 3, "2026-08-20", "2026-08-20"),
        ("2026-12-22", 3, "2026-12-29", "2026-12-28"),
        ("2026-01-02", 60, "2026-04-09", "2026-04-01"),
    ],
)
def test_counts_end_where_the_decree_of_2026_says(start: str, days: int, lenient: str, strict: str) -> None:
    first = date.fromisoformat(start)

    assert CALENDAR.add(first, days, joint_leave_works=False).day.isoformat() == lenient
    assert CALENDAR.add(first, days, joint_leave_works=True).day.isoformat() == strict


@pytest.mark.parametrize(("year", "lenient", "strict"), [(2025, 237, 248), (2026, 240, 248), (2027, 242, 250)])
def test_working_days_of_a_year(year: int, lenient: int, strict: int) -> None:
    assert CALENDAR.working_days_of(year, joint_leave_works=False) == lenient
    assert CALENDAR.working_days_of(year, joint_leave_works=True) == strict


def test_a_count_tells_every_day_it_passed_over_and_why() -> None:
    counted = CALENDAR.add(date(2026, 5, 13), 1, joint_leave_works=False)

    assert counted.day == date(2026, 5, 18)
    assert [(day.isoformat(), reason.kind, reason.name) for day, reason in counted.skipped] == [
        ("2026-05-14", "holiday", "Kenaikan Yesus Kristus"),
        ("2026-05-15", "joint_leave", "Cuti Bersama Kenaikan Yesus Kristus"),
        ("2026-05-16", "weekend", "Sabtu"),
        ("2026-05-17", "weekend", "Minggu"),
    ]


def test_a_holiday_on_a_sunday_is_told_as_weekend() -> None:
    reason = CALENDAR.reason_off(date(2026, 4, 5), joint_leave_works=False)

    assert reason is not None
    assert reason.kind == "weekend"


def test_a_reason_speaks_the_readers_language() -> None:
    reason = Reason("holiday", "Hari Suci Nyepi", "Day of Silence")

    assert str(reason) == "Hari Suci Nyepi"
    with speaking("en"):
        assert str(reason) == "Day of Silence"


def test_day_zero_may_itself_be_off() -> None:
    saturday = date(2026, 7, 4)

    assert CALENDAR.add(saturday, 1, joint_leave_works=False).day == date(2026, 7, 6)


def test_a_count_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="begins at one"):
        CALENDAR.add(date(2026, 7, 1), 0, joint_leave_works=False)


def test_late_joint_leave_of_2025_is_known() -> None:
    assert not CALENDAR.is_working_day(date(2025, 8, 18), joint_leave_works=False)
    assert CALENDAR.is_working_day(date(2025, 8, 18), joint_leave_works=True)


def test_years_without_a_decree_are_provisional() -> None:
    assert CALENDAR.provisional_years(date(2025, 1, 1), date(2028, 12, 31)) == (2027, 2028)
    assert CALENDAR.add(date(2026, 12, 22), 10, joint_leave_works=True).provisional_years == (2027,)


def test_a_calendar_told_nothing_about_years_trusts_its_lists() -> None:
    assert WorkingCalendar({}, {}).provisional_years(date(2020, 1, 1), date(2040, 1, 1)) == ()


def test_days_off_of_a_year_are_named_in_order() -> None:
    days = CALENDAR.days_off(2026)

    assert len(days) == 17 + 8
    assert [off.day for off in days] == sorted(off.day for off in days)
    assert days[0].reason.name_en == "New Year's Day"


days_of_the_calendar = st.dates(date(2020, 1, 1), date(2030, 6, 1))
counts = st.integers(1, 90)


@settings(max_examples=80)
@given(start=days_of_the_calendar, days=counts, joint_leave_works=st.booleans())
def test_a_count_never_ends_on_a_day_off(start: date, days: int, joint_leave_works: bool) -> None:
    end = CALENDAR.add(start, days, joint_leave_works=joint_leave_works).day

    assert CALENDAR.is_working_day(end, joint_leave_works=joint_leave_works)


@settings(max_examples=80)
@given(start=days_of_the_calendar, later=st.integers(0, 40), days=counts, joint_leave_works=st.booleans())
def test_a_later_start_never_ends_earlier(start: date, later: int, days: int, joint_leave_works: bool) -> None:
    early = CALENDAR.add(start, days, joint_leave_works=joint_leave_works).day
    late = CALENDAR.add(start + timedelta(days=later), days, joint_leave_works=joint_leave_works).day

    assert early <= late


@settings(max_examples=80)
@given(start=days_of_the_calendar, days=counts, joint_leave_works=st.booleans())
def test_one_day_more_ends_later(start: date, days: int, joint_leave_works: bool) -> None:
    shorter = CALENDAR.add(start, days, joint_leave_works=joint_leave_works).day

    assert CALENDAR.add(start, days + 1, joint_leave_works=joint_leave_works).day > shorter


@settings(max_examples=80)
@given(start=days_of_the_calendar, days=counts)
def test_strict_never_ends_after_lenient(start: date, days: int) -> None:
    strict = CALENDAR.add(start, days, joint_leave_works=True).day

    assert strict <= CALENDAR.add(start, days, joint_leave_works=False).day


@settings(max_examples=80)
@given(start=days_of_the_calendar, days=counts, joint_leave_works=st.booleans())
def test_between_undoes_add(start: date, days: int, joint_leave_works: bool) -> None:
    end = CALENDAR.add(start, days, joint_leave_works=joint_leave_works).day

    assert CALENDAR.between(start, end, joint_leave_works=joint_leave_works) == days
    assert CALENDAR.between(end, start, joint_leave_works=joint_leave_works) == -days


@settings(max_examples=80)
@given(start=days_of_the_calendar, length=st.integers(0, 200), joint_leave_works=st.booleans())
def test_between_counts_what_walking_counts(start: date, length: int, joint_leave_works: bool) -> None:
    walked = sum(
        CALENDAR.is_working_day(start + timedelta(days=step), joint_leave_works=joint_leave_works)
        for step in range(1, length + 1)
    )

    assert CALENDAR.between(start, start + timedelta(days=length), joint_leave_works=joint_leave_works) == walked
