"""Double click, replayed POST, two tabs of the same form: one effect, judged in every table; the same answer again."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from complaints import ANSWERS, FORM, fill, picture
from due_jobs import run_due_jobs
from looking import row_counts
from pages import Page, Visitor
from stories import Story
from workflows.background.duties import Workshop
from workflows.background.performing import attempt
from workflows.journal.verification import verify
from workflows.tasks.models import Task

SignIn = Callable[[str], Visitor]


def twice(
    session: Session, visit: Visitor, page: Page, action: str, data: dict[str, Any] | None = None, *, status: int = 200
) -> tuple[Page, Page]:
    """Send the same form twice; the second post may add no row anywhere."""
    before = row_counts(session)
    first = visit.fill(page, action, data)
    between = row_counts(session)
    second = visit.fill(page, action, data, status=status)
    assert between != before
    assert row_counts(session) == between
    assert verify(session) is None
    return first, second


def test_a_report_sent_twice_is_one_report_with_one_receipt(visit: Visitor, session: Session) -> None:
    first, second = twice(session, visit, visit(FORM), FORM, ANSWERS)
    assert first.heading == second.heading
    assert first.tree.xpath("string(//*[@class='app-code'])") == second.tree.xpath("string(//*[@class='app-code'])")


def test_a_report_with_a_photo_sent_twice_stores_it_once(visit: Visitor, session: Session) -> None:
    page, photo = visit(FORM), picture().getvalue()
    fill(visit, ANSWERS | {"files": [(picture(), "jalan.jpg")]}, page=page)
    between = row_counts(session)
    fill(visit, ANSWERS | {"files": [(picture(), "jalan.jpg")]}, page=page)
    assert row_counts(session) == between
    assert between["evidence"] == between["stored_file"] == 1, len(photo)


def test_the_receipt_of_a_replay_with_other_words_shows_no_code(
    visit: Visitor, another_visitor: Callable[[], Visitor], session: Session
) -> None:
    page = visit(FORM)
    code = fill(visit, ANSWERS, page=page).tree.xpath("string(//*[@class='app-code'])")
    between = row_counts(session)
    thief = another_visitor()
    key = page.form(FORM).values["_key"]
    answer = thief.post(FORM, thief(FORM).form(FORM).values | ANSWERS | {"_key": key, "title": "Lain sama sekali"})
    assert row_counts(session) == between
    assert len(code) == 29
    assert code not in answer.source


class TestReporter:
    @pytest.fixture
    def tracked(self, visit: Visitor, story: Story) -> Page:
        story.file()
        return visit.fill(visit("/lacak"), "/lacak", {"code": story.code})

    def test_information_sent_twice_is_kept_once(self, visit: Visitor, tracked: Page, session: Session) -> None:
        twice(session, visit, tracked, "/lacak/keterangan", {"information": "Tadi malam ada yang jatuh lagi."})

    def test_a_withdrawal_sent_twice_ends_the_case_once(
        self, visit: Visitor, tracked: Page, session: Session, story: Story
    ) -> None:
        form = "/lacak/pesan/withdrawn"
        visit.fill(tracked, form, {"withdrawal_confirmed": "true"})
        between = row_counts(session)
        again = visit.fill(tracked, form, {"withdrawal_confirmed": "true"}, status=409)
        assert again.heading == "Keadaan sudah berubah"
        assert row_counts(session) == between
        assert story.case(session).disposition == "withdrawn"


class TestOfficer:
    def test_a_task_completed_twice_moves_the_case_once(self, sign_in: SignIn, session: Session, story: Story) -> None:
        story.file()
        visit = sign_in("petugas")
        address = f"/tugas/{story.task(session, 'verify').id}"
        answers = {"verification": "verified", "confirmed_class": "complaint", "problem_code": "02"}
        first, second = twice(session, visit, visit(address), address, {**answers, "_no_conflict": "true"})
        assert "Tugas selesai." in first.text
        assert "Tugas selesai." in second.text

    def test_the_second_of_two_tabs_is_told_that_it_is_done(
        self, sign_in: SignIn, session: Session, story: Story
    ) -> None:
        story.file()
        visit = sign_in("petugas")
        address = f"/tugas/{story.task(session, 'verify').id}"
        one, other = visit(address), visit(address)
        answers = {"verification": "verified", "confirmed_class": "complaint", "problem_code": "02"}
        visit.fill(one, address, {**answers, "_no_conflict": "true"})
        between = row_counts(session, leaving_out={"user_session", "task_draft", "procrastinate_events"})
        page = visit.fill(other, address, {**answers, "_no_conflict": "true", "note": "Dari tab kedua"}, status=409)
        assert "Dari tab kedua" in page.source
        assert row_counts(session, leaving_out={"user_session", "task_draft", "procrastinate_events"}) == between

    def test_an_escalation_by_hand_sent_twice_rises_once(self, sign_in: SignIn, session: Session, story: Story) -> None:
        story.file()
        visit = sign_in("penyelia")
        address = f"/kasus/{story.number}/eskalasi"
        twice(
            session,
            visit,
            visit(f"/kasus/{story.number}"),
            address,
            {"role": "regional_secretary", "reason": "Menyangkut dua dinas."},
        )

    def test_a_report_asked_for_twice_is_printed_once(self, sign_in: SignIn, session: Session, story: Story) -> None:
        story.file()
        visit = sign_in("penyelia")
        address = f"/kasus/{story.number}/laporan"
        twice(session, visit, visit(address), address, {"edition": "internal", "variant": "archival"})

    def test_what_is_claimed_assigned_and_released_twice_is_journalled_once(
        self, sign_in: SignIn, session: Session, story: Story
    ) -> None:
        story.file()
        visit, superior = sign_in("petugas"), sign_in("penyelia")
        address = f"/tugas/{story.task(session, 'verify').id}"
        twice(session, visit, visit(address), f"{address}/ambil")
        twice(session, visit, visit(address), f"{address}/lepas")
        page = superior(address)
        person = page.tree.xpath("string(//select[@name='person']/option[contains(., 'Fadli')]/@value)")
        twice(session, superior, page, f"{address}/tugaskan", {"person": person})

    def test_stepping_back_twice_excludes_once(self, sign_in: SignIn, session: Session, story: Story) -> None:
        story.file()
        visit = sign_in("petugas")
        address = f"/tugas/{story.task(session, 'verify').id}"
        page, action, reason = visit(address), f"{address}/benturan", {"reason": "Pelapor adik saya."}
        visit.fill(page, action, reason)
        between = row_counts(session)

        visit.fill(page, action, reason, status=404)

        # Who is excluded by now is refused, and the journal says so; nothing else moves.
        assert row_counts(session) == between | {"journal_entry": between["journal_entry"] + 1}

    def test_an_escalation_acknowledged_twice_is_journalled_once(
        self, sign_in: SignIn, session: Session, story: Story, workshop: Workshop
    ) -> None:
        story.file()
        superior = sign_in("penyelia")
        page = superior(f"/kasus/{story.number}")
        superior.fill(
            page, f"/kasus/{story.number}/eskalasi", {"role": "intake_supervisor", "reason": "Perlu keputusan."}
        )
        page = superior("/eskalasi")
        action = page.tree.xpath("string(//form[contains(@action, '/terima')]/@action)")
        assert action
        twice(session, superior, page, action)


def test_a_job_that_comes_twice_does_its_work_once(
    story: Story, session: Session, workshop: Workshop, begin_tx: Callable[..., Any]
) -> None:
    """At least once is what the queue promises; every duty bears it."""
    story.file(email="siti@contoh.example", name="Siti")
    jobs = session.execute(text("SELECT task_name, args FROM procrastinate_jobs WHERE scheduled_at IS NULL")).all()
    run_due_jobs(session, workshop, story.now)
    between = row_counts(session)

    for task, arguments in jobs:
        assert attempt(session, workshop, task, arguments, story.now, attempts=0).error is None
    after = row_counts(session)
    assert after == between
    assert session.scalars(select(Task).where(Task.case_id == story.case_id, Task.status == "open")).one()
