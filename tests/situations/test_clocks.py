"""Clocks that jump, a scheduler that slept, many timers at once: each fires once, in order, and lateness is said."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from due_jobs import run_due_jobs
from factories import JAKARTA, NOW, jakarta
from pages import Visitor
from situations.conftest import MovableClock
from stories import VERIFIED, BeginTx, Story
from workflows import jobs
from workflows.background.duties import Workshop
from workflows.cases.models import CaseDeadline, DeadlineReminder, Escalation
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes.models import Timer

SignIn = Callable[[str], Visitor]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fired(session: Session, story: Story) -> list[tuple[str, str, int]]:
    """Give (element, due instant, lateness in seconds) of every timer that fired, in the order of the journal."""
    entries = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.case_id == story.case_id, JournalEntry.kind == "timer.fired")
        .order_by(JournalEntry.sequence)
    )
    return [(entry.facts["element"], entry.facts["due_at"], entry.facts["late_seconds"]) for entry in entries]


def test_a_year_later_each_step_was_taken_once_and_called_late(
    story: Story, session: Session, workshop: Workshop, sign_in: SignIn, clock: MovableClock
) -> None:
    story.file()
    run_due_jobs(session, workshop, NOW + 365 * DAY)

    told = fired(session, story)
    assert len({(element, due) for element, due, _ in told}) == len(told)
    # Timers that a late step set are on time again.
    assert all(late > 200 * 86_400 for _, due, late in told if due < "2026-06")
    assert len([late for _, _, late in told if late > 200 * 86_400]) >= 3
    assert [due for _, due, _ in told] == sorted(due for _, due, _ in told)
    rungs = session.execute(select(Escalation.deadline_id, Escalation.to_role)).all()
    assert len(rungs) == len(set(rungs))
    reminders = select(func.count()).select_from(DeadlineReminder).group_by(DeadlineReminder.case_deadline_id)
    assert all(count <= 2 for count in session.scalars(reminders))
    assert story.waiting(session) == ["verify"]
    assert session.scalars(select(Incident)).all() == []
    assert run_due_jobs(session, workshop, NOW + 365 * DAY) == 0
    assert verify(session) is None
    clock.instant = NOW + 365 * DAY
    assert "terlambat karena sistem" in sign_in("petugas")(f"/kasus/{story.number}").text


def test_deadlines_that_passed_in_a_jump_keep_their_own_days(
    story: Story, session: Session, workshop: Workshop
) -> None:
    story.file()
    before = {row.deadline_id: (row.due_at, row.explanation) for row in session.scalars(select(CaseDeadline))}
    run_due_jobs(session, workshop, NOW + 365 * DAY)

    for row in session.scalars(select(CaseDeadline)):
        if row.deadline_id in before:
            assert (row.due_at, row.explanation) == before[row.deadline_id]


def test_an_hour_back_harms_nothing_and_fires_nothing_twice(story: Story, session: Session, workshop: Workshop) -> None:
    story.file()
    later = NOW + 5 * DAY
    run_due_jobs(session, workshop, later, since=NOW)
    before = fired(session, story)
    assert before

    story.now = later - HOUR
    assert run_due_jobs(session, workshop, story.now) == 0
    with story.begin(now=story.now) as tx:
        assert processes.wake(tx, story.instance(session).id) == 0
    story.do("verify", VERIFIED)
    run_due_jobs(session, workshop, later)

    after = fired(session, story)
    assert after[: len(before)] == before
    assert len({(element, due) for element, due, _ in after}) == len(after)
    assert story.waiting(session) == ["refer"]
    assert verify(session) is None


@pytest.mark.parametrize(
    "day", [jakarta(2028, 2, 29, 23, 59), jakarta(2028, 2, 28, 23, 59), jakarta(2027, 12, 31, 23, 59)]
)
def test_a_leap_day_is_a_day_like_any_other(
    story: Story, session: Session, workshop: Workshop, day: datetime, sign_in: SignIn, clock: MovableClock
) -> None:
    story.now = day
    story.file(event_date="2026-02-28")
    run_due_jobs(session, workshop, day + 30 * DAY, since=day)
    clock.instant = story.now = day + 30 * DAY
    story.do("verify", VERIFIED)
    page = sign_in("petugas")(f"/kasus/{story.number}")
    assert story.number in page.text
    assert story.number == f"PGD-{day.astimezone(JAKARTA).year}-00001"
    assert session.scalars(select(Incident)).all() == []
    assert verify(session) is None


def test_a_scheduler_that_slept_twelve_hours_says_so(
    story: Story, session: Session, workshop: Workshop, begin_tx: BeginTx
) -> None:
    stories = [story, *(Story(begin_tx) for _ in range(9))]
    for number, each in enumerate(stories):
        each.file(title=f"Laporan nomor {number}")
    due = session.scalars(select(Timer.due_at).order_by(Timer.due_at)).first()
    assert due is not None

    run_due_jobs(session, workshop, due + 12 * HOUR)

    for each in stories:
        told = fired(session, each)
        assert told
        assert all(count == 1 for count in Counter((element, at) for element, at, _ in told).values())
        assert max(late for _, _, late in told) == 12 * 3600
    assert session.scalars(select(Timer.id).where(Timer.due_at <= due)).all() == []
    reminded = Counter(session.scalars(select(DeadlineReminder.case_deadline_id)))
    assert set(reminded.values()) <= {1}
    assert verify(session) is None


def test_a_timer_whose_job_was_lost_is_found_by_the_sweep(story: Story, session: Session, workshop: Workshop) -> None:
    story.file()
    session.execute(text("DELETE FROM procrastinate_jobs"))
    late = NOW + 20 * DAY
    with story.begin(now=late) as tx:
        jobs.defer(tx.session, "processes.sweep")

    run_due_jobs(session, workshop, late)

    assert fired(session, story)
    assert session.scalars(select(Timer.id).where(Timer.due_at <= late)).all() == []
