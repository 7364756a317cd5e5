"""The calendar of working days: seen by officers, changed by its keeper, and what a change moves."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from factories import NOW, jakarta
from pages import Visitor
from stories import VERIFIED, Story
from workflows.calendar.models import CalendarDay
from workflows.calendar.operations import seed_years
from workflows.cases.models import CaseDeadline
from workflows.feel.values import from_json
from workflows.journal.models import JournalEntry

SignIn = Callable[[str], Visitor]
HOLIDAY = {
    "day": "2026-03-04",
    "kind": "holiday",
    "name": "Hari berkabung",
    "name_en": "Day of mourning",
    "reason": "SKB 7/2026",
}


@pytest.fixture
def visit(sign_in: SignIn, begin_tx) -> Visitor:
    """The browser of whoever keeps the calendar."""
    with begin_tx() as tx:
        seed_years(tx, range(2025, 2028))
    return sign_in("admin")


def test_officers_read_the_year_and_change_nothing(visit: Visitor, sign_in: SignIn) -> None:
    officer = sign_in("petugas")
    page = officer("/kalender?tahun=2026")

    assert page.heading == "Kalender kerja 2026"
    assert page.tree.xpath("string(//nav[contains(@class, 'app-nav')]//a[@aria-current])") == "Kalender"
    assert "240 hari kerja tanpa cuti bersama" in page.text
    assert "Hari Suci Nyepi" in page.text
    assert not page.tree.xpath("//form[contains(@action, '/kalender/')]")
    token = {"csrf_token": officer("/akun").value("csrf_token")}
    officer.post("/kalender/hari", {**HOLIDAY, **token, "act": "save"}, status=404)
    officer.post("/kalender/hitung-ulang", token, status=404)


@pytest.mark.parametrize("year", ["1066", "9999", "kemarin"])
def test_a_year_beyond_all_years_is_none(visit: Visitor, year: str) -> None:
    assert visit(f"/kalender?tahun={year}").heading in {f"Kalender kerja {each}" for each in (2020, 2060, NOW.year)}


def test_what_a_holiday_would_move_is_shown_before_anything_is_saved(
    visit: Visitor, a_case: Story, session: Session
) -> None:
    page = visit.fill(visit("/kalender"), "/kalender/hari", {**HOLIDAY, "act": "preview"})

    row = page.tree.xpath("string(//section//tr[contains(., 'P-01')])")
    assert "1" in row
    assert "5 Mar 2026 → 6 Mar 2026" in row
    assert page.value("name") == "Hari berkabung"
    assert session.scalar(select(CalendarDay.id).where(CalendarDay.day == date(2026, 3, 4))) is None


def test_a_saved_holiday_moves_what_runs_once_it_is_counted_anew(
    visit: Visitor, a_case: Story, session: Session, do_what_is_due: Callable[[], int]
) -> None:
    a_case.do("verify", VERIFIED)
    task = a_case.task(session, "refer")
    assert task.due_at == jakarta(2026, 3, 6, 0)

    page = visit.fill(visit("/kalender"), "/kalender/hari", {**HOLIDAY, "act": "save"})
    assert "Hari berkabung" in page.text
    assert "SKB 7/2026" in page.text
    assert "seharusnya berakhir pada hari lain" in page.text
    visit.fill(page, "/kalender/hitung-ulang")
    do_what_is_due()

    session.expire_all()
    assert task.due_at == jakarta(2026, 3, 7, 0)
    assert from_json(a_case.instance(session).variables)["verification_due"] == jakarta(2026, 3, 7, 0)
    running = session.scalars(select(CaseDeadline).where(CaseDeadline.deadline_id == "P-05")).one()
    assert "Hari berkabung" in running.explanation
    kinds = set(session.scalars(select(JournalEntry.kind).where(JournalEntry.case_id == a_case.case_id)))
    assert {"deadline.recounted", "timer.recounted", "variable.recounted"} <= kinds
    assert "sesuai dengan kalender ini" in visit("/kalender").text


def test_what_is_missing_is_said_at_its_field(visit: Visitor) -> None:
    page = visit.fill(visit("/kalender"), "/kalender/hari", {"day": "2026-02-30", "act": "save"}, status=422)

    assert set(page.problems) == {"day", "kind", "name", "name_en"}
    page = visit.fill(page, "/kalender/hari", {**HOLIDAY, "reason": "", "act": "save"}, status=422)
    assert set(page.problems) == {"reason"}


def test_a_day_that_stands_there_so_already_is_not_entered_twice(visit: Visitor) -> None:
    page = visit.fill(visit("/kalender"), "/kalender/hari", {**HOLIDAY, "act": "save"})

    page = visit.fill(page, "/kalender/hari", {**HOLIDAY, "act": "save"}, status=422)

    assert page.problems == {"day": "Hari itu sudah tercatat demikian"}


def test_a_year_is_settled_by_its_decree(visit: Visitor) -> None:
    page = visit("/kalender?tahun=2027")
    assert "Sementara" in page.tree.xpath("string(//ul[@class='app-figures'])")

    page = visit.fill(page, "/kalender/tahun", {"state": "settled", "source": "SKB 2027"})

    assert "Ditetapkan SKB 2027" in " ".join(page.tree.xpath("string(//ul[@class='app-figures'])").split())
    assert "Tulis dasar penetapan" in visit.fill(page, "/kalender/tahun", {"state": "settled", "source": ""}).text
