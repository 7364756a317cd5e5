"""Mail that fails, hangs, refuses or comes twice: a state for each destination, and deadlines that do not care."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from due_jobs import run_due_jobs
from factories import NOW
from stories import Story
from workflows import jobs
from workflows.background.duties import Workshop
from workflows.cases.models import CaseDeadline, Escalation
from workflows.incidents.models import Incident
from workflows.incidents.operations import retry
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.notices.models import Notice
from workflows.notices.senders import Message, NullSender, SendingFailed, Undeliverable
from workflows.processes.models import Timer

DAY = timedelta(days=1)


class Provider(NullSender):
    """Does to each message what the test says."""

    def __init__(self, treat: Callable[[Message], None]) -> None:
        super().__init__()
        self.treat = treat

    def send(self, message: Message) -> str:
        self.treat(message)
        return super().send(message)


def fail(code: str) -> Callable[[Message], None]:
    def treat(message: Message) -> None:
        raise SendingFailed(code)

    return treat


def what_the_clock_did(session: Session, story: Story) -> object:
    """Give all that must be the same whatever the provider does."""
    deadlines = session.execute(
        select(CaseDeadline.deadline_id, CaseDeadline.due_at, CaseDeadline.met_at)
        .where(CaseDeadline.case_id == story.case_id)
        .order_by(CaseDeadline.id)
    ).all()
    rungs = session.execute(
        select(Escalation.deadline_id, Escalation.to_role).where(Escalation.case_id == story.case_id)
    ).all()
    timers = session.execute(
        select(Timer.element, Timer.due_at)
        .where(Timer.instance_id == story.instance(session).id)
        .order_by(Timer.due_at, Timer.element)
    ).all()
    return deadlines, sorted(map(tuple, rungs), key=str), timers, story.waiting(session), story.case(session).stage


def test_a_provider_that_is_down_changes_no_deadline(story: Story, session: Session, workshop: Workshop) -> None:
    untroubled, story = story, Story(story.begin)
    untroubled.file(name="Siti", email="siti@contoh.example")
    run_due_jobs(session, workshop, NOW + 20 * DAY, since=NOW)
    down = Provider(fail("smtp.421"))
    workshop = replace(workshop, senders={"email": down})

    story.file(name="Siti", email="siti@contoh.example")
    run_due_jobs(session, workshop, NOW + 20 * DAY, since=NOW)

    assert what_the_clock_did(session, story) == what_the_clock_did(session, untroubled)
    mails = session.scalars(select(Notice).where(Notice.channel == "email", Notice.case_id == story.case_id)).all()
    assert {mail.state for mail in mails} == {"failed"}
    incident = session.scalars(select(Incident)).one()
    assert (incident.subject, incident.owner_role) == ("notices.send:email", "administrator")
    bells = select(func.count()).select_from(Notice).where(Notice.channel == "bell", Notice.state == "sent")
    assert session.scalar(bells)
    assert verify(session) is None

    down.treat = lambda message: None
    with story.begin(now=NOW + 20 * DAY) as tx:
        retry(tx, incident.id)
    run_due_jobs(session, workshop, NOW + 20 * DAY)

    assert len(down.messages) == len({message.id for message in down.messages}) == len(mails)


def test_each_destination_has_its_own_fate(story: Story, session: Session, workshop: Workshop) -> None:
    def treat(message: Message) -> None:
        if message.to == "siti@contoh.example":
            raise Undeliverable("smtp.550")
        if message.to.startswith("petugas@"):
            raise SendingFailed("smtp.451")

    provider = Provider(treat)
    story.file(name="Siti", email="siti@contoh.example")
    run_due_jobs(session, replace(workshop, senders={"email": provider}), NOW)

    fates = {
        (notice.party_id is not None, notice.state, notice.failure)
        for notice in session.scalars(select(Notice).where(Notice.channel == "email"))
    }
    assert (True, "failed", "smtp.550") in fates
    assert (False, "waiting", "SendingFailed") in fates or any(
        not party and state == "waiting" for party, state, _ in fates
    )
    assert (False, "sent", None) in fates
    assert not any(message.to == "siti@contoh.example" for message in provider.messages)
    # However many mails one destination refuses, somebody is told of it once.
    refused = session.execute(select(Incident.owner_role, Incident.cause_code).where(Incident.kind == "notice.refused"))
    assert [tuple(row) for row in refused] == [("administrator", "smtp.550")]


def test_a_job_that_comes_twice_sends_once(story: Story, session: Session, workshop: Workshop) -> None:
    provider = Provider(lambda message: None)
    workshop = replace(workshop, senders={"email": provider})
    story.file(name="Siti", email="siti@contoh.example")
    run_due_jobs(session, workshop, NOW)
    with story.begin() as tx:
        for notice in session.scalars(select(Notice.id)).all():
            for _ in range(3):
                jobs.defer(tx.session, "notices.send", notice_id=notice)
    run_due_jobs(session, workshop, NOW)

    assert len(provider.messages) == len({message.id for message in provider.messages})
    sent = select(func.count()).select_from(JournalEntry).where(JournalEntry.kind == "notice.sent")
    assert session.scalar(sent) == len(provider.messages)
