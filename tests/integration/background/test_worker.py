"""The worker itself, on a database of its own: it does what was committed, stops when asked, and buries the dead."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Job, Status
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import create_case, create_user
from databases import REPOSITORY, TestDatabase
from stepping import Walker
from workflows import jobs, transaction, worker
from workflows.background.duties import DUTIES, workshop_of
from workflows.background.holds import FencedJobs, RunningJob
from workflows.background.performing import attempt
from workflows.incidents.models import Incident
from workflows.journal import operations as journal
from workflows.journal.models import JournalLink
from workflows.notices.models import Notice
from workflows.notices.operations import Recipient, notify
from workflows.notices.templates import NEUTRAL
from workflows.processes import office
from workflows.settings import Settings
from workflows.transaction import SYSTEM, begin, read_clock

# Far beyond what anything here takes; only a broken worker gets there.
PATIENCE = 180.0


@pytest.fixture
def at(settings: Settings, committed_database: TestDatabase) -> Settings:
    """An installation on the test's own database."""
    return replace(settings, database_url=committed_database.url)


@pytest.fixture(autouse=True)
def _own_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(office, "_opened", [])


@contextmanager
def working(settings: Settings, workers: int = 1) -> Iterator[None]:
    """Run workers in threads for the length of the block."""
    assert settings.database_url is not None
    stop = threading.Event()
    threads = [
        threading.Thread(target=worker.run, args=(settings, settings.database_url), kwargs={"stop": stop})
        for _ in range(workers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)


def eventually(database: TestDatabase, holds: Callable[[Session], bool]) -> None:
    """Look until it holds."""
    pause, deadline = threading.Event(), read_clock() + timedelta(seconds=PATIENCE)
    while read_clock() < deadline:
        with Session(database.engine) as session:
            if holds(session):
                return
        pause.wait(0.05)
    pytest.fail("it never came")


def no_jobs_left(session: Session) -> bool:
    open_jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
    return session.execute(open_jobs).scalar_one() == 0


def test_worker_does_what_was_committed_and_stops_when_asked(at: Settings, committed_database: TestDatabase) -> None:
    with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
        notify(tx, NEUTRAL, [Recipient(create_user(tx).id)], create_case(tx))
        jobs.defer(tx.session, "journal.link")

    with working(at):
        eventually(committed_database, no_jobs_left)

    with Session(committed_database.engine) as session:
        mail = session.scalars(select(Notice).where(Notice.channel == "email")).one()
        assert (mail.state, mail.failure) == ("unsendable", "no_sender")
        assert session.scalars(select(JournalLink)).first() is not None


def test_worker_hears_of_a_job_that_comes_while_it_waits(at: Settings, committed_database: TestDatabase) -> None:
    with working(at):
        with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
            jobs.defer(tx.session, "journal.link")
        eventually(committed_database, no_jobs_left)


def test_many_workers_do_every_job_once(at: Settings, committed_database: TestDatabase) -> None:
    with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
        case, user = create_case(tx), create_user(tx)
        for _ in range(20):
            notify(tx, NEUTRAL, [Recipient(user.id)], case)

    with working(at, workers=3):
        eventually(committed_database, no_jobs_left)

    with Session(committed_database.engine) as session:
        mails = session.scalars(select(Notice).where(Notice.channel == "email")).all()
        assert {mail.state for mail in mails} == {"unsendable"}
        assert session.scalars(select(Incident)).all() == []


def test_job_of_a_dead_worker_is_done_by_a_living_one(at: Settings, committed_database: TestDatabase) -> None:
    """Also one that comes by the clock, whose next one waits already and may not begin before it."""
    by_the_clock = {"lock": "processes.sweep", "queueing_lock": "processes.sweep"}
    with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
        jobs.defer(tx.session, "journal.link")
        jobs.defer(tx.session, "processes.sweep", **by_the_clock)
        tx.session.execute(
            text(
                "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
                " RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
            )
        )
        jobs.defer(tx.session, "processes.sweep", **by_the_clock)
        jobs.defer(tx.session, "queue.rescue", timestamp=0)

    with working(at):
        eventually(committed_database, no_jobs_left)

    with Session(committed_database.engine) as session:
        assert session.scalars(select(Incident)).all() == []


def test_the_queue_hands_out_awake_jobs_first_and_of_one_lock_one_at_a_time(committed_database: TestDatabase) -> None:
    now = read_clock()
    with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
        jobs.defer(tx.session, "messages.expire", at=now + timedelta(days=1))
        jobs.defer(tx.session, "messages.expire", at=now - timedelta(hours=1), message_id="later")
        jobs.defer(tx.session, "messages.expire", at=now - timedelta(hours=2), message_id="sooner")
        jobs.defer(tx.session, "letters.print")
        jobs.defer(tx.session, "tasks.release", lock="one")
        jobs.defer(tx.session, "processes.watch", lock="one")
        jobs.defer(tx.session, "storage.tidy")
        # Of an edition of tomorrow, whose workers will come.
        jobs.defer(tx.session, "tomorrow.first")
        jobs.defer(tx.session, "tomorrow.later", at=now - timedelta(hours=3))

    async def hand_out() -> list[Job]:
        connector = PsycopgConnector(conninfo=committed_database.url)
        async with App(connector=connector).open_async():
            queue = FencedJobs(connector, knows=DUTIES)
            number = await queue.register_worker()
            handed = []
            while (job := await queue.fetch_job([jobs.ACTS], number)) is not None:
                handed.append(job)
                if job.task_kwargs == {"message_id": "later"}:
                    await queue.finish_job(handed[0], Status.SUCCEEDED, delete_job=True)
            return handed

    handed = asyncio.run(hand_out())
    assert [job.task_kwargs.get("message_id", job.task_name) for job in handed] == [
        "tasks.release",
        "storage.tidy",
        "sooner",
        "later",
        "processes.watch",
    ]


def test_links_that_go_on_never_wait_for_the_clock_which_waits_for_them(
    at: Settings, committed_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock defers the next run while one that will go on holds the note of when it was itself deferred."""
    monkeypatch.setattr(journal, "LINKS_PER_RUN", 1)
    name = "journal.link"
    by_the_clock = text(
        "SELECT procrastinate_defer_periodic_job_v2('acts', :name, :name, :name, 0, '', :minute, '{}'::jsonb)"
    )
    with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
        create_case(tx)
        job = tx.session.scalar(by_the_clock, {"name": name, "minute": 1})
        worker_id = tx.session.scalar(text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id"))
        handed_out = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :job"
        tx.session.execute(text(handed_out), {"worker": worker_id, "job": job})
    hold, workshop = RunningJob(job, worker_id, 0), workshop_of(at)

    linking = Walker(
        committed_database.engine,
        lambda session: attempt(session, workshop, name, {}, read_clock(), attempts=0, hold=hold),
    ).to("after taking the job")
    clock = Walker(
        committed_database.engine,
        lambda session: (session.execute(by_the_clock, {"name": name, "minute": 2}), session.commit()),
    ).start()
    assert clock.waits()

    assert linking.finish().error is None
    clock.finish()


def test_job_that_died_with_several_workers_is_an_incident(at: Settings, committed_database: TestDatabase) -> None:
    with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
        create_case(tx)
        jobs.defer(tx.session, "journal.link")
        tx.session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL, attempts = 9"))
        jobs.defer(tx.session, "queue.rescue", timestamp=0)

    with working(at):
        eventually(committed_database, lambda session: session.scalars(select(Incident)).first() is not None)

    with Session(committed_database.engine) as session:
        incident = session.scalars(select(Incident)).one()
        assert (incident.subject, incident.cause_code) == ("journal.link", "job.worker_died")


def test_worker_comes_back_when_the_database_was_away(at: Settings, committed_database: TestDatabase) -> None:
    def listening(session: Session) -> bool:
        return session.execute(text("SELECT count(*) FROM procrastinate_workers")).scalar_one() == len(worker.AT_ONCE)

    with working(at):
        eventually(committed_database, listening)
        with Session(committed_database.engine) as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        committed_database.engine.dispose()
        with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
            jobs.defer(tx.session, "journal.link")
        eventually(committed_database, no_jobs_left)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_process_ends_in_peace_when_it_is_signalled(
    at: Settings, committed_database: TestDatabase, number: signal.Signals
) -> None:
    with Session(committed_database.engine) as session, begin(session, SYSTEM) as tx:
        jobs.defer(tx.session, "journal.link")
    program = "; ".join(
        (
            "import os; from workflows.garbage import look_less_often",
            "look_less_often()",
            "from workflows import worker; from workflows.settings import Settings",
            "worker.run(Settings.from_env(os.environ), os.environ['DATABASE_URL'])",
        )
    )
    environment = os.environ | {
        "DATABASE_URL": committed_database.url,
        "AMANAH_HOME": str(at.home),
        "AMANAH_DEFINITIONS": str(at.definitions),
    }
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=REPOSITORY, stderr=subprocess.PIPE)

    eventually(committed_database, no_jobs_left)
    process.send_signal(number)
    _, complaints = process.communicate(timeout=PATIENCE)

    assert (process.returncode, complaints) == (0, b"")
    with Session(committed_database.engine) as session:
        assert session.execute(text("SELECT count(*) FROM procrastinate_workers")).scalar_one() == 0
