"""The calendar that the office keeps: seeded, corrected, with its history."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from factories import NOW
from workflows.calendar.models import CalendarDay, CalendarYear
from workflows.calendar.operations import seed_years, set_day, set_year
from workflows.calendar.queries import current_calendar, years
from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.models import JournalEntry
from workflows.transaction import NOBODY, Actor

OFFICER = Actor(kind="user", user_id=uuid4(), name="Rahmat")
DECREE = "SKB 2027"


def test_seeded_years_count_like_the_package(session: Session, begin_tx) -> None:
    with begin_tx() as tx:
        assert seed_years(tx, range(2025, 2028)) == [2025, 2026, 2027]

    calendar = current_calendar(session)

    assert calendar.add(date(2026, 3, 13), 10, joint_leave_works=False).day == date(2026, 4, 6)
    assert calendar.add(date(2026, 3, 13), 10, joint_leave_works=True).day == date(2026, 3, 30)
    assert [calendar.working_days_of(year, joint_leave_works=False) for year in (2025, 2026, 2027)] == [237, 240, 242]
    assert [(state.year, state.provisional) for state in years(session)] == [(2025, False), (2026, False), (2027, True)]


def test_seeding_again_adds_nothing(session: Session, begin_tx) -> None:
    with begin_tx() as tx:
        seed_years(tx, [2026])
    with begin_tx() as tx:
        assert seed_years(tx, [2026]) == []

    assert session.scalar(select(func.count()).select_from(CalendarDay)) == 25


def test_seeding_keeps_what_an_officer_corrected(session: Session, begin_tx) -> None:
    with begin_tx() as tx:
        seed_years(tx, [2026])
    with begin_tx(OFFICER) as tx:
        set_day(tx, date(2026, 9, 4), "joint_leave", name="Cuti Bersama", name_en="Joint leave", reason="SKB perubahan")

    with begin_tx() as tx:
        seed_years(tx, [2026, 2027])

    assert not current_calendar(session).is_working_day(date(2026, 9, 4), joint_leave_works=False)


def test_a_late_decree_moves_the_count_from_then_on(session: Session, begin_tx) -> None:
    with begin_tx() as tx:
        seed_years(tx, [2026])
    before = current_calendar(session)

    with begin_tx(OFFICER) as tx:
        set_day(tx, date(2026, 9, 4), "joint_leave", name="Cuti Bersama", name_en="Joint leave", reason="SKB perubahan")

    after = current_calendar(session)
    assert before.add(date(2026, 9, 3), 1, joint_leave_works=False).day == date(2026, 9, 4)
    counted = after.add(date(2026, 9, 3), 1, joint_leave_works=False)
    assert counted.day == date(2026, 9, 7)
    assert counted.skipped[0].reason.name == "Cuti Bersama"
    assert after.add(date(2026, 9, 3), 1, joint_leave_works=True).day == date(2026, 9, 4)


def test_it_is_read_once_for_as_long_as_nothing_changes(session: Session, begin_tx) -> None:
    with begin_tx() as tx:
        seed_years(tx, [2026])
    before = current_calendar(session)
    assert current_calendar(session) is before

    joint_leave = {"name": "Cuti Bersama", "name_en": "Joint leave", "reason": "SKB perubahan"}

    def set_twice() -> None:
        with begin_tx(OFFICER) as tx:
            set_day(tx, date(2026, 9, 4), "joint_leave", **joint_leave)
            within = current_calendar(tx.session)
            assert not within.is_working_day(date(2026, 9, 4), joint_leave_works=False)
            # Refused, and with it the whole act.
            set_day(tx, date(2026, 9, 4), "joint_leave", **joint_leave)

    with pytest.raises(Conflict):
        set_twice()
    assert current_calendar(session).is_working_day(date(2026, 9, 4), joint_leave_works=False)

    with begin_tx(OFFICER) as tx:
        set_year(tx, 2026, provisional=False, source="SKB", reason="SKB")
    assert current_calendar(session) is not before


def test_a_correction_keeps_who_when_and_why(session: Session, begin_tx) -> None:
    holiday = date(2026, 12, 25)
    with begin_tx() as tx:
        seed_years(tx, [2026])

    later = NOW + timedelta(days=1)
    with begin_tx(OFFICER, now=later) as tx:
        set_day(tx, holiday, "ordinary", name="Hari Raya Natal", name_en="Christmas Day", reason="Salah catat")

    editions = select(CalendarDay).where(CalendarDay.day == holiday)
    oldest, newest = session.scalars(editions.order_by(CalendarDay.version))
    assert (newest.version, newest.kind, newest.recorded_by, newest.reason) == (2, "ordinary", "Rahmat", "Salah catat")
    assert (newest.recorded_at, newest.recorded_by_id) == (later, OFFICER.user_id)
    assert (oldest.version, oldest.kind, oldest.recorded_by_id) == (1, "holiday", None)
    assert current_calendar(session).is_working_day(holiday, joint_leave_works=False)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "calendar.day_set")).one()
    assert entry.facts == {"day": "2026-12-25", "kind": "ordinary", "version": 2}


def test_the_same_day_twice_is_a_conflict(begin_tx) -> None:
    with begin_tx(OFFICER) as tx:
        set_day(tx, date(2026, 9, 4), "holiday", name="Libur", name_en="Holiday", reason="SKB")

        with pytest.raises(Conflict, match=r"calendar\.unchanged"):
            set_day(tx, date(2026, 9, 4), "holiday", name="Libur", name_en="Holiday", reason="SKB lagi")
        with pytest.raises(Conflict, match=r"calendar\.unchanged"):
            set_day(tx, date(2026, 9, 3), "ordinary", name="Hari biasa", name_en="Ordinary", reason="?")


def test_a_change_without_a_reason_is_refused(begin_tx) -> None:
    with begin_tx(OFFICER) as tx, pytest.raises(InvalidAnswers) as refused:
        set_day(tx, date(2026, 9, 4), "holiday", name="Libur", name_en="Holiday", reason=" ")

    assert refused.value.problems == [("reason", "answer.required", {})]


def test_a_filed_decree_settles_a_year(session: Session, begin_tx) -> None:
    with begin_tx() as tx:
        seed_years(tx, [2026, 2027])
    assert current_calendar(session).provisional_years(date(2026, 12, 1), date(2027, 1, 31)) == (2027,)

    with begin_tx(OFFICER) as tx:
        set_year(tx, 2027, provisional=False, source=DECREE, reason="Salinan SKB diarsipkan")

    assert current_calendar(session).provisional_years(date(2026, 12, 1), date(2027, 1, 31)) == ()
    assert sorted(session.scalars(select(CalendarYear.version).where(CalendarYear.year == 2027))) == [1, 2]


def test_years_beyond_the_table_are_known_from_the_package_and_provisional(session: Session, begin_tx) -> None:
    with begin_tx() as tx:
        seed_years(tx, [2026])

    counted = current_calendar(session).add(date(2026, 12, 31), 1, joint_leave_works=False)

    assert counted.day == date(2027, 1, 4)
    assert counted.skipped[0].reason.name == "Tahun Baru Masehi"
    assert counted.provisional_years == (2027,)


def test_a_table_without_years_speaks_with_the_package(session: Session) -> None:
    counted = current_calendar(session).add(date(2026, 3, 13), 10, joint_leave_works=False)

    assert counted.day == date(2026, 4, 6)
    assert counted.provisional_years == (2026,)


def test_nobody_may_not_edit(begin_tx) -> None:
    with begin_tx(NOBODY) as tx, pytest.raises(NotAllowed):
        seed_years(tx, [2026])
