"""Due jobs done here and now, on a clock that is moved by hand."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import create_case, create_user
from due_jobs import run_due_jobs
from factories import NOW
from workflows import jobs
from workflows.background import duties
from workflows.background.duties import Duty, Workshop
from workflows.background.performing import WAITS
from workflows.incidents.models import Incident
from workflows.incidents.operations import retry
from workflows.notices.models import Notice
from workflows.notices.operations import Recipient, notify
from workflows.notices.senders import Message, NullSender, SendingFailed
from workflows.notices.templates import NEUTRAL
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, datetime]]:
    """What a duty named "sample" was called with, and when."""
    calls: list[tuple[str, datetime]] = []

    def sample(tx: Tx, workshop: Workshop, *, name: str) -> None:
        calls.append((name, tx.now))
        if name == "chain":
            jobs.defer(tx.session, "sample", name="link")
        if name == "stumble":
            raise OSError(name)

    monkeypatch.setattr(duties, "DUTIES", {"sample": Duty(sample)})
    for module in ("due_jobs", "workflows.background.performing"):
        monkeypatch.setattr(f"{module}.DUTIES", {"sample": Duty(sample)})
    return calls


def test_job_of_an_act_is_done_once(
    begin_tx: BeginTx, session: Session, workshop: Workshop, seen: list[Any], count: Callable[[str], int]
) -> None:
    with begin_tx() as tx:
        jobs.defer(tx.session, "sample", name="a")

    assert run_due_jobs(session, workshop, NOW) == 1
    assert run_due_jobs(session, workshop, NOW) == 0
    assert seen == [("a", NOW)]
    assert count("procrastinate_jobs") == 0


def test_job_sleeps_until_its_instant(begin_tx: BeginTx, session: Session, workshop: Workshop, seen: list[Any]) -> None:
    with begin_tx() as tx:
        jobs.defer(tx.session, "sample", at=NOW + timedelta(days=3), name="later")

    assert run_due_jobs(session, workshop, NOW + timedelta(days=2)) == 0
    assert run_due_jobs(session, workshop, NOW + timedelta(days=3)) == 1


def test_time_passes_from_job_to_job(begin_tx: BeginTx, session: Session, workshop: Workshop, seen: list[Any]) -> None:
    with begin_tx() as tx:
        jobs.defer(tx.session, "sample", at=NOW + timedelta(days=5), name="second")
        jobs.defer(tx.session, "sample", at=NOW + timedelta(days=1), name="chain")

    run_due_jobs(session, workshop, NOW + timedelta(days=9), since=NOW)

    first, second = NOW + timedelta(days=1), NOW + timedelta(days=5)
    assert seen == [("chain", first), ("link", first), ("second", second)]


def test_sleeper_keeps_nobody_of_its_lock_waiting(
    begin_tx: BeginTx, session: Session, workshop: Workshop, seen: list[Any], count: Callable[[str], int]
) -> None:
    lock = uuid4()
    with begin_tx() as tx:
        jobs.defer(tx.session, "sample", lock=lock, at=NOW + timedelta(days=60), name="sleeper")
        jobs.defer(tx.session, "sample", lock=lock, name="now")

    assert count(f"procrastinate_jobs WHERE lock = '{lock}'") == 1
    run_due_jobs(session, workshop, NOW)
    assert [name for name, _ in seen] == ["now"]


def test_second_job_of_a_queueing_lock_is_not_taken_and_spoils_nothing(
    begin_tx: BeginTx, count: Callable[[str], int]
) -> None:
    with begin_tx() as tx:
        assert jobs.defer(tx.session, "sample", queueing_lock="one", name="a") is not None
        assert jobs.defer(tx.session, "sample", queueing_lock="one", name="b") is None
        create_case(tx)

    assert count("procrastinate_jobs") == 1
    assert count("case_file") == 1


def test_job_that_is_taken_back_is_gone(begin_tx: BeginTx, count: Callable[[str], int]) -> None:
    with begin_tx() as tx:
        job = jobs.defer(tx.session, "sample", at=NOW, name="a")
        assert job is not None
        assert jobs.cancel(tx.session, job)
        assert not jobs.cancel(tx.session, job)

    assert count("procrastinate_jobs") == 0


def test_job_that_stumbles_comes_back_until_it_is_an_incident(
    begin_tx: BeginTx, session: Session, workshop: Workshop, seen: list[Any], count: Callable[[str], int]
) -> None:
    with begin_tx() as tx:
        jobs.defer(tx.session, "sample", name="stumble")

    at = NOW
    for wait in WAITS:
        assert run_due_jobs(session, workshop, at) == 1
        assert count("incident") == 0
        at += wait
    assert run_due_jobs(session, workshop, at) == 1

    (incident,) = session.scalars(select(Incident)).all()
    assert (incident.kind, incident.subject, incident.cause_class) == ("job.failed", "sample:stumble", "OSError")
    assert incident.attempts == len(WAITS) + 1
    assert "stumble" not in incident.cause_code
    assert count("procrastinate_jobs WHERE status = 'failed'") == 1
    assert run_due_jobs(session, workshop, at + timedelta(days=30)) == 0


def test_incident_goes_away_when_its_job_succeeds_at_last(
    begin_tx: BeginTx, session: Session, workshop: Workshop, seen: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with begin_tx() as tx:
        jobs.defer(tx.session, "sample", name="stumble")
    run_due_jobs(session, workshop, NOW + timedelta(days=9), since=NOW)
    (incident,) = session.scalars(select(Incident)).all()

    mended = {"sample": Duty(lambda tx, workshop, **arguments: None)}
    for module in ("due_jobs", "workflows.background.performing"):
        monkeypatch.setattr(f"{module}.DUTIES", mended)
    with begin_tx() as tx:
        retry(tx, incident.id)
    run_due_jobs(session, workshop, NOW + timedelta(days=9))

    session.refresh(incident)
    assert (incident.state, incident.resolved_by_id) == ("resolved", None)


class _Down:
    def __init__(self) -> None:
        self.up = False
        self.inner = NullSender()

    def send(self, message: Message) -> str:
        if not self.up:
            raise SendingFailed("smtp.421")
        return self.inner.send(message)


def test_channel_that_is_down_is_one_incident_and_mending_it_sends_everything(
    begin_tx: BeginTx, session: Session, workshop: Workshop, count: Callable[[str], int]
) -> None:
    server = _Down()
    workshop = replace(workshop, senders={"email": server})
    with begin_tx() as tx:
        for _ in range(3):
            user = create_user(tx)
            user.email = f"{user.login}@localhost"
            notify(tx, NEUTRAL, [Recipient(user.id)], create_case(tx))
    later = NOW + timedelta(days=2)
    run_due_jobs(session, workshop, later, since=NOW)

    assert count("notice WHERE state = 'failed'") == 3
    (incident,) = session.scalars(select(Incident)).all()
    assert (incident.subject, incident.owner_role) == ("notices.send:email", "administrator")

    server.up = True
    with begin_tx(now=later) as tx:
        retry(tx, incident.id)
    run_due_jobs(session, workshop, later)

    assert len(server.inner.messages) == 3
    assert {notice.state for notice in session.scalars(select(Notice))} == {"sent"}
    session.refresh(incident)
    assert incident.state == "resolved"


def test_job_about_something_that_is_gone_is_an_incident_and_not_a_crash(
    begin_tx: BeginTx, session: Session, workshop: Workshop
) -> None:
    with begin_tx() as tx:
        jobs.defer(tx.session, "letters.print", letter_id=uuid4())

    assert run_due_jobs(session, workshop, NOW) == 1
    assert [incident.cause_code for incident in session.scalars(select(Incident))] == ["letter.unknown"]


def test_entries_of_the_journal_are_linked_by_a_job(
    begin_tx: BeginTx, session: Session, workshop: Workshop, count: Callable[[str], int]
) -> None:
    with begin_tx() as tx:
        create_case(tx)
        jobs.defer(tx.session, "journal.link")

    run_due_jobs(session, workshop, NOW)

    assert count("journal_link") == count("journal_entry") > 0
