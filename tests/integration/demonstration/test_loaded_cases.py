"""A demonstration that was loaded: cases that ended, that wait and that are late, made by the verbs that people use."""

from sqlalchemy import select

from factories import NOW
from workflows.cases.models import Case, Escalation
from workflows.evidence.models import Evidence
from workflows.journal.models import JournalEntry
from workflows.notices.models import Notice
from workflows.people.models import User
from workflows.tasks.models import Task


def titled(session, number):
    return session.scalars(select(Case).where(Case.number == f"PGD-2026-{number:05d}")).one()


def test_cases_end_wait_and_are_late(session, played):
    assert (played.filed, played.known, played.running, played.late, played.left_path) == (4, 0, 2, 1, ())
    assert [case.disposition for case in session.scalars(select(Case).order_by(Case.number))] == [
        "resolved",
        None,
        "archived",
        None,
    ]


def test_numbers_ascend_with_the_days_of_filing(session, played):
    cases = session.scalars(select(Case).order_by(Case.number)).all()

    assert [case.opened_at for case in cases] == sorted(case.opened_at for case in cases)
    assert (NOW.date() - cases[0].opened_at.date()).days in (24, 25)


def test_no_clock_runs_backwards_in_a_case(session, played):
    for case_id in session.scalars(select(Case.id)):
        entries = select(JournalEntry.at).where(JournalEntry.case_id == case_id).order_by(JournalEntry.sequence)
        instants = session.scalars(entries).all()
        assert instants == sorted(instants)
        assert instants[-1] <= NOW


def test_timers_fire_at_their_own_instants(session, played):
    fired = session.scalars(select(JournalEntry).where(JournalEntry.kind == "timer.fired")).all()

    assert fired
    assert {entry.facts["late_seconds"] for entry in fired} == {0}


def test_a_case_that_nobody_verifies_is_escalated_to_the_supervisor(session, played):
    waiting = titled(session, 2)

    escalations = session.scalars(select(Escalation).where(Escalation.case_id == waiting.id)).all()
    assert ("P-01", "intake_supervisor") in {(each.deadline_id, each.to_role) for each in escalations}


def test_nobody_reviews_their_own_answer_even_where_one_person_could_do_both(session, played):
    tasks = select(Task).where(Task.case_id == titled(session, 1).id)
    by = {task.element: task.completed_by_id for task in session.scalars(tasks)}

    assert None not in by.values()
    assert by["write_answer"] != by["review_answer"]


def test_the_supervisor_is_not_the_one_who_receives(session, played):
    supervisor = session.scalars(select(User.id).where(User.login == "penyelia")).one()

    done = session.scalars(select(Task.completed_by_id).where(Task.element == "verify")).all()
    assert supervisor not in done


def test_a_task_that_was_taken_waits_with_its_holder(session, played):
    task = session.scalars(select(Task).where(Task.case_id == titled(session, 4).id)).one()

    assert task.status == "open"
    assert task.assignee_id is not None


def test_photographs_come_with_the_report_and_with_the_work(session, played):
    items = session.scalars(
        select(Evidence).where(Evidence.case_id == titled(session, 1).id).order_by(Evidence.ordinal)
    ).all()

    assert [(item.name, item.origin) for item in items] == [
        ("lampu-padam.jpg", "reporter"),
        ("lampu-menyala.jpg", "officer"),
    ]


def test_no_notice_waits_to_leave_the_house(session, played):
    states = set(session.scalars(select(Notice.state)))

    assert states <= {"sent", "unsendable"}


def test_a_signed_in_citizen_files_in_their_own_name(session, played):
    citizen = session.scalars(select(User.id).where(User.login == "warga")).one()

    assert titled(session, 2).reporter_user_id == citizen
    assert titled(session, 1).reporter_user_id is None


def test_the_code_of_a_report_that_shall_be_shown_is_given(session, played):
    ((number, code),) = played.shown

    assert number == titled(session, 1).number
    assert code
