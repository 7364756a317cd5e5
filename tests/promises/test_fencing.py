"""R5: a job is done under one attempt at a time; who was taken over writes nothing, wherever he stood still."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from procrastinate.jobs import Job
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from factories import NOW
from promises.conftest import Matter
from workflows import worker
from workflows.background.duties import Workshop
from workflows.background.holds import RunningJob
from workflows.background.performing import Attempt, attempt
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.processes.models import Timer

LATER = NOW + timedelta(days=30)


class Hands:
    """Workers of the queue, as far as the queue knows them: registered, handed a job, found without a heartbeat."""

    def __init__(self, matter: Matter, workshop: Workshop) -> None:
        self.matter, self.workshop = matter, workshop

    def fetch(self) -> RunningJob:
        """Hand the matter's waking to a new worker."""
        with self.matter.look() as session:
            worker_id = session.scalar(text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id"))
            session.execute(
                text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'processes.wake'")
            )
            job = session.execute(
                text("SELECT id, attempts FROM procrastinate_fetch_job_v2(ARRAY['timers'], :worker)"),
                {"worker": worker_id},
            ).one()
            session.commit()
        assert job.id is not None
        return RunningJob(job.id, worker_id, job.attempts)

    def do(self, hold: RunningJob) -> Callable[[Session], Attempt]:
        """Do the handed job."""
        arguments = {"instance_id": str(self.matter.instance_id)}
        return lambda session: attempt(
            session, self.workshop, "processes.wake", arguments, LATER, attempts=hold.attempts, hold=hold
        )

    def rescue(self) -> None:
        """Find every worker dead and give its jobs to the living, as the queue's own job does it."""

        async def rescuing() -> None:
            queue = worker._queue_at(self.matter.database.url)
            async with queue.open_async():
                context = _Context(queue, {"sessions": self.matter.look})
                await worker._rescue(context, 0)  # type: ignore[arg-type]

        with self.matter.look() as session:
            session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
            session.commit()
        asyncio.run(rescuing())


class _Context:
    def __init__(self, app: Any, additional_context: dict[str, Any]) -> None:
        self.app, self.additional_context = app, additional_context


@pytest.fixture
def hands(matter: Matter, workshop: Workshop) -> Hands:
    return Hands(matter, workshop)


def fired(matter: Matter) -> int:
    with matter.look() as session:
        entries = select(func.count()).where(JournalEntry.kind == "timer.fired", JournalEntry.case_id == matter.case_id)
        assert session.scalars(select(Incident).where(Incident.case_id == matter.case_id)).all() == []
        return session.scalar(entries) or 0


def jobs_left(matter: Matter) -> list[tuple[int, str]]:
    with matter.look() as session:
        rows = session.execute(text("SELECT attempts, status FROM procrastinate_jobs WHERE status <> 'todo'"))
        return [(attempts, status) for attempts, status in rows]


def test_who_was_taken_over_before_the_first_write_writes_nothing(hands: Hands, matter: Matter) -> None:
    first = hands.fetch()
    paused = matter.walker(hands.do(first)).to("before taking the job")
    hands.rescue()
    second = hands.fetch()
    assert (second.id, second.attempts) == (first.id, first.attempts + 1)

    with matter.look() as session:
        assert hands.do(second)(session).done
    resumed = paused.finish()

    assert (resumed.done, resumed.error) == (False, None)
    assert fired(matter) == 1
    assert jobs_left(matter) == []


def test_who_was_taken_over_writes_nothing_while_the_successor_is_still_at_it(hands: Hands, matter: Matter) -> None:
    """The job is there and in somebody's hands: only attempt and worker tell that these are not the same hands."""
    first = hands.fetch()
    paused = matter.walker(hands.do(first)).to("before taking the job")
    hands.rescue()
    second = hands.fetch()

    resumed = paused.finish()

    assert (resumed.done, resumed.error, fired(matter)) == (False, None, 0)
    assert jobs_left(matter) == [(second.attempts, "doing")]
    with matter.look() as session:
        assert hands.do(second)(session).done
    assert fired(matter) == 1


@pytest.mark.parametrize("point", ["after taking the job", "before writing", "before commit"])
def test_who_was_taken_over_in_the_middle_is_undone_whole(hands: Hands, matter: Matter, point: str) -> None:
    """The successor does not wait for the one who stands still: his connection is cut, and his transaction with it."""
    first = hands.fetch()
    paused = matter.walker(hands.do(first)).to(point)
    hands.rescue()
    second = hands.fetch()

    with matter.look() as session:
        assert hands.do(second)(session).done
    resumed = paused.finish()

    assert (resumed.done, resumed.error) == (False, None)
    assert fired(matter) == 1
    assert jobs_left(matter) == []


def test_who_comes_back_after_the_commit_leaves_nothing_to_be_done_again(hands: Hands, matter: Matter) -> None:
    paused = matter.walker(hands.do(hands.fetch())).to("after commit")
    hands.rescue()

    with matter.look() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")) == 0
    assert paused.finish().done
    assert fired(matter) == 1


def test_the_dead_hand_can_neither_end_nor_repeat_what_its_successor_does(hands: Hands, matter: Matter) -> None:
    """procrastinate's own statements name the job alone; ours name the attempt as well."""
    first = hands.fetch()
    hands.rescue()
    second = hands.fetch()

    async def come_back() -> None:
        queue = worker._queue_at(matter.database.url)
        async with queue.open_async():
            job = Job(
                id=first.id, status="doing", queue="timers", task_name="processes.wake", lock=None,
                queueing_lock=None, attempts=first.attempts, worker_id=first.worker_id,
            )  # fmt: skip
            await queue.job_manager.finish_job(job, worker.Status.SUCCEEDED, delete_job=True)
            await queue.job_manager.retry_job(job)

    asyncio.run(come_back())

    assert jobs_left(matter) == [(second.attempts, "doing")]
    with matter.look() as session:
        assert hands.do(second)(session).done


def test_a_failure_of_the_dead_hand_is_nobodys_incident(
    hands: Hands, matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hands.fetch()
    hands.rescue()

    def fails(tx: Any) -> bool:
        raise OperationalError("SELECT", {}, ConnectionResetError())

    monkeypatch.setattr(RunningJob, "take", lambda self, tx: fails(tx))
    with matter.look() as session:
        tried = hands.do(first)(session)

    assert (tried.done, tried.error) == (False, None)
    with matter.look() as session:
        assert session.scalars(select(Timer).where(Timer.instance_id == matter.instance_id)).first() is not None
