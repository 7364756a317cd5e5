"""Officers go on leave, are deleted, move, or were the last of their role: no task stays with nobody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from due_jobs import run_due_jobs
from factories import NOW
from pages import Visitor
from stories import VERIFIED, Story, person
from workflows import jobs
from workflows.background.duties import Workshop
from workflows.cases.models import Escalation
from workflows.errors import Conflict
from workflows.incidents.models import Incident
from workflows.people.mandates import move_to_unit, set_deputy
from workflows.people.operations import deactivate
from workflows.people.queries import unit_by_code, user_by_login
from workflows.processes.queries import stuck_cases
from workflows.tasks import operations as tasks

SignIn = Callable[[str], Visitor]
DAY = timedelta(days=1)


def held(story: Story, session: Session, login: str = "petugas") -> Story:
    """A complaint whose verification somebody has claimed."""
    story.file()
    with story.begin(person(session, login), now=NOW) as tx:
        tasks.claim(tx, story.task(session, "verify").id)
    return story


def user_id(session: Session, login: str) -> UUID:
    user = user_by_login(session, login)
    assert user is not None
    return user.id


def let_the_house_notice(story: Story, session: Session, workshop: Workshop, at: datetime = NOW) -> None:
    """What happens by the clock soon after somebody left."""
    with story.begin() as tx:
        for duty in ("tasks.release", "processes.watch"):
            jobs.defer(tx.session, duty)
    run_due_jobs(session, workshop, at)


def claims(story: Story, session: Session, login: str, at: datetime = NOW) -> bool:
    """Tell whether this person can take the task now."""
    try:
        with story.begin(person(session, login, at), now=at) as tx:
            tasks.claim(tx, story.task(session, "verify").id)
    except Conflict:
        return False
    return True


def test_what_an_active_colleague_holds_stays_theirs(story: Story, session: Session) -> None:
    held(story, session)
    assert not claims(story, session, "petugas2")


def test_the_task_of_a_deleted_officer_is_open_to_colleagues(
    story: Story, session: Session, workshop: Workshop
) -> None:
    held(story, session)
    with story.begin() as tx:
        deactivate(tx, user_id(session, "petugas"))
    let_the_house_notice(story, session, workshop)

    assert claims(story, session, "petugas2")
    assert story.task(session, "verify").assignee_id == user_id(session, "petugas2")


def test_the_task_of_an_officer_who_moved_is_open_to_colleagues(
    story: Story, session: Session, workshop: Workshop
) -> None:
    held(story, session)
    unit = unit_by_code(session, "DINKES")
    assert unit is not None
    with story.begin() as tx:
        move_to_unit(tx, user_id(session, "petugas"), unit.id, roles=["office_liaison"])
    let_the_house_notice(story, session, workshop)

    assert claims(story, session, "petugas2")


def test_a_deputy_does_what_the_officer_on_leave_holds(sign_in: SignIn, story: Story, session: Session) -> None:
    held(story, session)
    with story.begin() as tx:
        set_deputy(
            tx,
            user_id(session, "petugas"),
            user_id(session, "dlh"),
            kind="plh",
            begins_at=NOW - DAY,
            ends_at=NOW + 9 * DAY,
        )

    assert not claims(story, session, "petugas2")
    visit = sign_in("dlh")
    address = f"/tugas/{story.task(session, 'verify').id}"
    page = visit.fill(visit(address), address, {**VERIFIED, "_no_conflict": "true"})
    assert "Tugas selesai." in page.text
    assert story.waiting(session) == ["refer"]


def test_the_superior_can_always_give_it_to_somebody(story: Story, session: Session) -> None:
    held(story, session)
    with story.begin() as tx:
        deactivate(tx, user_id(session, "petugas"))
    with story.begin(person(session, "penyelia"), now=NOW) as tx:
        tasks.assign(tx, story.task(session, "verify").id, user_id(session, "petugas2"))
    story.do("verify", VERIFIED)
    assert story.waiting(session) == ["refer"]


def test_the_colleague_completes_it_in_the_browser(
    sign_in: SignIn, story: Story, session: Session, workshop: Workshop
) -> None:
    held(story, session)
    with story.begin() as tx:
        deactivate(tx, user_id(session, "petugas"))
    let_the_house_notice(story, session, workshop)
    visit = sign_in("petugas2")
    address = f"/tugas/{story.task(session, 'verify').id}"
    page = visit.fill(visit(address), address, {**VERIFIED, "_no_conflict": "true"})
    assert "Tugas selesai." in page.text


def test_when_the_last_of_a_role_is_gone_somebody_is_told(story: Story, session: Session, workshop: Workshop) -> None:
    story.file()
    with story.begin() as tx:
        for login in ("petugas", "petugas2"):
            deactivate(tx, user_id(session, login))

    for _ in range(2):
        let_the_house_notice(story, session, workshop)

    incident = session.scalars(select(Incident)).one()
    assert (incident.kind, incident.case_id) == ("task.orphan", story.case_id)
    assert stuck_cases(session) == []


def test_a_deadline_without_anybody_to_remind_still_rises(story: Story, session: Session, workshop: Workshop) -> None:
    story.file()
    with story.begin() as tx:
        for login in ("petugas", "petugas2"):
            deactivate(tx, user_id(session, login))

    run_due_jobs(session, workshop, NOW + 9 * DAY, since=NOW)

    assert "intake_supervisor" in set(session.scalars(select(Escalation.to_role)))
