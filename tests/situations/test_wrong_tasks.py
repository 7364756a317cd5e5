"""Completing what is not to be done: a cancelled run, a future step, a guessed id, somebody else's. No row moves."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from due_jobs import run_due_jobs
from factories import NOW
from looking import READING, row_counts
from pages import Visitor
from stories import VERIFIED, Story, person
from workflows.background.duties import Workshop
from workflows.processes import operations as processes
from workflows.tasks.models import Task

SignIn = Callable[[str], Visitor]
ANSWERS = {**VERIFIED, "_no_conflict": "true", "note": "Catatan yang tidak boleh hilang."}
# What was typed is kept, and that is the only trace.
QUIET = READING | {"task_draft", "journal_entry", "journal_head"}


def post(visit: Visitor, task_id: UUID, **more: str) -> tuple[int, str]:
    """Complete the task as whoever kept an old form, and give status and page."""
    token = visit("/kredit").form("/keluar").values["csrf_token"]
    form = {"csrf_token": token, "revision": "1", "key": uuid4().hex, **ANSWERS, **more}
    answer = visit.client.post(f"/tugas/{task_id}", data=form)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_task_of_a_cancelled_run_is_refused_calmly(sign_in: SignIn, story: Story, session: Session) -> None:
    story.file()
    task_id = story.task(session, "verify").id
    visit = sign_in("petugas")
    with story.begin(person(session, "admin")) as tx:
        processes.cancel(tx, story.instance(session).id, reason="test")
    before = row_counts(session, leaving_out=QUIET)

    status, page = post(visit, task_id)

    assert status == 409
    assert "Catatan yang tidak boleh hilang." in page
    assert row_counts(session, leaving_out=QUIET) == before
    assert story.instance(session).status == "cancelled"


def test_a_task_that_its_timer_took_away_is_refused_calmly(
    sign_in: SignIn, story: Story, session: Session, workshop: Workshop
) -> None:
    story.file()
    story.do("verify", verification="postponed", requested="Mohon kirim foto lokasi yang lebih jelas.")
    run_due_jobs(session, workshop, NOW + timedelta(days=60), since=NOW)
    assert story.waiting(session) != ["verify"]
    done = session.scalars(select(Task).where(Task.case_id == story.case_id, Task.element == "verify")).first()
    assert done is not None
    before = row_counts(session, leaving_out=QUIET)

    status, page = post(sign_in("petugas"), done.id)

    assert status == 409
    assert "Catatan yang tidak boleh hilang." in page
    assert row_counts(session, leaving_out=QUIET) == before


def test_a_form_of_the_future_and_a_guessed_id_open_nothing(sign_in: SignIn, story: Story, session: Session) -> None:
    story.file()
    visit = sign_in("petugas")
    task_id = story.task(session, "verify").id
    before = row_counts(session, leaving_out=QUIET)

    assert post(visit, task_id, revision="99")[0] == 409
    assert post(visit, task_id, key="short")[0] == 409
    for guessed in (uuid4(), UUID(int=0), UUID(int=task_id.int ^ 1)):
        assert post(visit, guessed)[0] == 404
    assert post(sign_in("opd"), task_id)[0] == post(sign_in("warga"), task_id)[0] == 404
    assert row_counts(session, leaving_out=QUIET) == before
    assert story.waiting(session) == ["verify"]


@pytest.mark.parametrize("login", ["opd", "penyelia"])
def test_four_eyes_cannot_be_one_pair(sign_in: SignIn, story: Story, session: Session, login: str) -> None:
    story.file()
    story.work_through("review_answer")
    writer = session.scalars(
        select(Task.completed_by_id).where(Task.case_id == story.case_id, Task.element == "write_answer")
    ).one()
    review = story.task(session, "review_answer")
    status, _ = post(sign_in(login), review.id, review="approved")
    assert status == 404
    assert writer is not None
    assert story.waiting(session) == ["review_answer"]
