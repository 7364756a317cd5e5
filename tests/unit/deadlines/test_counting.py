"""When deadlines fall due: days, hours, shares, the two readings, and how it is explained."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.calendar.sources import packaged_calendar
from workflows.deadlines.counting import Due, due, end_of, last_day, remaining_working_days
from workflows.deadlines.explaining import answer, refusal
from workflows.deadlines.register import load
from workflows.deadlines.rules import Reading
from workflows.errors import AmanahError, NotFound
from workflows.language import speaking

REGISTER = load(Path(__file__).parents[3] / "bpmn" / "shared" / "deadlines.yml")
CALENDAR = packaged_calendar(range(2024, 2030))
WIB = ZoneInfo("Asia/Jakarta")
# Three years from the beginning of 2025.
INSTANTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda m: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


def counted(
    deadline_id: str, trigger: str, reading: Reading = "lenient", share: str | None = None, zone: ZoneInfo = WIB
) -> Due:
    """Count from a local time such as "2026-08-14 10:00"."""
    trigger_at = datetime.fromisoformat(trigger).replace(tzinfo=zone)
    rule = REGISTER.rule(deadline_id, trigger_at.date())
    return due(rule, trigger_at, CALENDAR, zone, reading=reading, share=Decimal(share) if share else None)


def test_a_day_deadline_ends_at_midnight_after_its_last_day() -> None:
    found = counted("P-01", "2026-08-14 10:00")

    assert found.due_on == date(2026, 8, 20)
    assert found.due_at == datetime(2026, 8, 20, 17, 0, tzinfo=UTC)
    assert found.due_at.utcoffset() == timedelta(0)


def test_day_zero_is_the_day_in_the_zone_of_the_office() -> None:
    last_minute = datetime(2026, 8, 13, 16, 59, tzinfo=UTC)
    next_minute = last_minute + timedelta(minutes=1)
    rule = REGISTER.rule("P-01", date(2026, 8, 13))

    thursday = due(rule, last_minute, CALENDAR, WIB, reading="lenient")
    friday = due(rule, next_minute, CALENDAR, WIB, reading="lenient")

    assert (thursday.due_on, friday.due_on) == (date(2026, 8, 19), date(2026, 8, 20))


def test_the_hour_of_the_trigger_does_not_matter_to_a_day_deadline() -> None:
    assert counted("P-02", "2026-03-13 00:00").due_at == counted("P-02", "2026-03-13 23:59").due_at


def test_strict_counts_joint_leave_and_lenient_skips_it() -> None:
    assert counted("P-10", "2026-03-13 09:00", "strict").due_on == date(2026, 3, 30)
    assert counted("P-10", "2026-03-13 09:00", "lenient").due_on == date(2026, 4, 6)


def test_calendar_days_pass_over_nothing() -> None:
    found = counted("P-08a", "2026-03-13 09:00")

    assert found.due_on == date(2026, 3, 27)
    assert found.skipped == ()


def test_hours_run_exactly_through_nights_and_holidays() -> None:
    found = counted("P-12", "2026-08-16 21:30")

    assert found.due_at == datetime(2026, 8, 17, 14, 30, tzinfo=UTC)
    assert found.due_on == date(2026, 8, 17)


def test_an_hour_is_an_hour_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    found = counted("P-12", "2026-10-24 12:00", zone=berlin)

    assert found.due_at.astimezone(berlin).isoformat() == "2026-10-25T11:00:00+01:00"


@pytest.mark.parametrize(
    ("deadline_id", "share", "days"),
    [
        ("P-01", "0.75", 2),
        ("P-01", "0.9", 2),
        ("P-01", "0.1", 1),
        ("P-02", "0.75", 3),
        ("P-02", "0.9", 4),
        ("P-05", "0.75", 10),
        ("P-05", "0.9", 12),
        ("P-06", "0.75", 45),
        ("P-06", "0.9", 54),
        ("P-01", "1", 3),
    ],
)
def test_a_share_of_days_is_rounded_down_to_at_least_one(deadline_id: str, share: str, days: int) -> None:
    found = counted(deadline_id, "2026-07-01 08:00", share=share)

    assert found.counted == days
    assert found.due_on == CALENDAR.add(date(2026, 7, 1), days, joint_leave_works=False).day
    assert found.due_at == end_of(found.due_on, WIB)


def test_a_share_of_hours_is_exact() -> None:
    assert counted("P-12", "2026-07-01 08:00", share="0.75").due_at == datetime(2026, 7, 1, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize("share", ["0.0", "-0.5", "1.01"])
def test_a_share_outside_of_the_deadline_is_refused(share: str) -> None:
    with pytest.raises(AmanahError, match=r"deadline\.bad_share") as refused:
        counted("P-01", "2026-07-01 08:00", share=share)

    assert "P-01" in refusal(refused.value)


def test_the_end_of_time_is_refused_in_words() -> None:
    with pytest.raises(AmanahError, match=r"deadline\.out_of_range") as refused:
        counted("P-01", "9999-12-30 08:00")

    assert "9999-12-30" in refusal(refused.value)


def test_the_explanation_tells_rule_source_and_every_skipped_day_with_its_reason() -> None:
    found = counted("P-01", "2026-05-13 08:00")

    assert found.explanation == (
        "P-01 (Verifikasi dan penerusan pengaduan): 3 hari kerja sejak pengaduan diterima. "
        "Hari ke-0 Rabu, 13 Mei 2026; hari terakhir Rabu, 20 Mei 2026, sampai pukul 24.00 WIB. "
        "Hitungan longgar: cuti bersama tidak dihitung sebagai hari kerja. "
        "Dilewati: 14 Mei 2026 (Kenaikan Yesus Kristus); 15 Mei 2026 (Cuti Bersama Kenaikan Yesus Kristus); "
        "16–17 Mei 2026 (akhir pekan). "
        "Dasar: Aturan operasional SP4N-LAPOR! (Perpres 76/2013; kini PermenPANRB 5/2025) – "
        "dibaca pada sumber sekunder, naskah resmi belum diperiksa. "
        "Jumlah hari dalam PermenPANRB 5/2025 belum dapat dibaca."
    )
    assert found.explanation_en == (
        "P-01 (Verification and referral of a complaint): 3 working days after the complaint was filed. "
        "Day 0 is Wednesday, 13 May 2026; the last day is Wednesday, 20 May 2026, until 24:00 WIB. "
        "Lenient count: joint leave (cuti bersama) does not count as working days. "
        "Skipped: 14 May 2026 (Ascension Day); 15 May 2026 (Ascension Joint Holiday); 16–17 May 2026 (weekend). "
        "Basis: Operating rule of SP4N-LAPOR! (Perpres 76/2013; now PermenPANRB 5/2025) – read in a secondary source, "
        "not in the gazette. The counts of days in PermenPANRB 5/2025 could not be read."
    )


@pytest.mark.parametrize(
    ("deadline_id", "trigger", "share", "indonesian", "english"),
    [
        ("P-01", "2026-07-06 08:00", None, "Tidak ada hari yang dilewati", "No day was skipped"),
        ("P-08a", "2026-07-01 08:00", None, "Setiap hari dihitung", "Every day counts"),
        (
            "P-12",
            "2026-07-01 08:00",
            None,
            "berakhir Kamis, 2 Juli 2026 pukul 08.00 WIB",
            "ends Thursday, 2 July 2026 at 08:00",
        ),
        ("P-12", "2026-07-01 08:00", "0.1", "10% dari batas itu, yaitu 2,4 jam", "10% of it, that is 2.4 hours"),
        ("P-02", "2026-07-01 08:00", "0.2", "yaitu 1 hari kerja", "that is 1 working day."),
        ("P-06", "2026-12-01 08:00", None, "Hari libur tahun 2027 masih perkiraan", "days off of 2027 are still"),
        ("P-11", "2026-07-01 08:00", None, "Jatuh tempo bila P-06 terlewati", "Falls due when P-06 is breached"),
        (
            "P-01",
            "2026-01-30 08:00",
            None,
            "31 Januari–1 Februari 2026 (akhir pekan)",
            "31 January–1 February 2026 (weekend)",
        ),
    ],
)
def test_the_explanation_fits_the_kind_of_deadline(
    deadline_id: str, trigger: str, share: str | None, indonesian: str, english: str
) -> None:
    found = counted(deadline_id, trigger, share=share)

    assert indonesian in found.explanation
    assert english in found.explanation_en
    assert "\n" not in found.explanation


def test_remaining_days_count_working_days_after_today() -> None:
    due_at = end_of(date(2026, 8, 20), WIB)

    def left(local: str) -> int:
        now = datetime.fromisoformat(local).replace(tzinfo=WIB)
        return remaining_working_days(due_at, now, CALENDAR, WIB)

    assert left("2026-08-14 10:00") == 3
    assert left("2026-08-18 10:00") == 2
    assert left("2026-08-20 23:59") == 0
    assert left("2026-08-21 00:00") == -1


def test_the_last_day_is_the_day_that_the_deadline_ends_with() -> None:
    assert last_day(end_of(date(2026, 8, 20), WIB), WIB) == date(2026, 8, 20)
    assert last_day(datetime(2026, 8, 17, 14, 30, tzinfo=UTC), WIB) == date(2026, 8, 17)


def test_an_answer_without_a_reading_gives_both_strict_first() -> None:
    answers = answer("P-10", date(2026, 3, 13), None, REGISTER, None, WIB)

    assert [(each.iso_date, each.reading) for each in answers] == [("2026-03-30", "strict"), ("2026-04-06", "lenient")]
    assert answers[0].sentence.startswith("P-10 (Jawaban permohonan informasi): 10 hari kerja")


def test_an_answer_in_one_reading_is_one() -> None:
    [only] = answer("P-01", date(2026, 12, 22), "strict", REGISTER, None, WIB)

    assert only.iso_date == "2026-12-28"


def test_a_group_is_answered_by_its_parts() -> None:
    answers = answer("P-08", date(2026, 3, 13), "lenient", REGISTER, None, WIB)

    assert [(each.deadline_id, each.iso_date) for each in answers] == [
        ("P-08a", "2026-03-27"),
        ("P-08b", "2026-04-12"),
        ("P-08c", "2026-05-12"),
    ]


def test_an_answer_speaks_the_readers_language() -> None:
    with speaking("en"):
        [only] = answer("P-12", datetime(2026, 3, 13, 9, tzinfo=WIB), "strict", REGISTER, None, WIB)

    assert only.iso_date == "2026-03-14"
    assert only.sentence.startswith("P-12 (Rapid-response team Langkat Hebat): 24 hours after a complaint")


@pytest.mark.parametrize("deadline_id", ["P-99", "", "P-08d"])
def test_an_unknown_deadline_is_not_found(deadline_id: str) -> None:
    with pytest.raises(NotFound):
        answer(deadline_id, date(2026, 3, 13), None, REGISTER, None, WIB)


def test_a_day_beyond_every_calendar_is_refused() -> None:
    with pytest.raises(AmanahError, match=r"deadline\.out_of_range"):
        answer("P-01", date(2150, 1, 1), None, REGISTER, None, WIB)


@settings(max_examples=60)
@given(
    deadline_id=st.sampled_from(REGISTER.ids),
    first=INSTANTS,
    later=st.timedeltas(timedelta(0), timedelta(days=30)),
    reading=st.sampled_from(["strict", "lenient"]),
)
def test_a_later_trigger_never_falls_due_earlier(
    deadline_id: str, first: datetime, later: timedelta, reading: Reading
) -> None:
    rule = REGISTER.rule(deadline_id, date(2026, 1, 1))

    early = due(rule, first, CALENDAR, WIB, reading=reading)
    late = due(rule, first + later, CALENDAR, WIB, reading=reading)

    assert first < early.due_at <= late.due_at


@settings(max_examples=60)
@given(
    deadline_id=st.sampled_from(REGISTER.ids),
    trigger_at=INSTANTS,
    share=st.decimals("0.01", "1", places=2),
)
def test_a_share_falls_due_no_later_than_the_whole_and_strict_no_later_than_lenient(
    deadline_id: str, trigger_at: datetime, share: Decimal
) -> None:
    rule = REGISTER.rule(deadline_id, date(2026, 1, 1))

    strict, lenient = (due(rule, trigger_at, CALENDAR, WIB, reading=each).due_at for each in ("strict", "lenient"))
    part = due(rule, trigger_at, CALENDAR, WIB, reading="lenient", share=share).due_at

    assert strict <= lenient
    assert trigger_at < part <= lenient
