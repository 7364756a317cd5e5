"""The worker: takes jobs from the queue and does them until it is asked to stop.

Any number of workers may run on one database. One job is one transaction of the system; a job whose worker died is
found by its missing heartbeat and done again. What the jobs are and how one is done is in `background`.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

import psycopg
import psycopg_pool
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from workflows import jobs, logs
from workflows.background.draining import LINES, drain
from workflows.background.duties import DUTIES, RHYTHM, Workshop, workshop_of
from workflows.background.holds import FencedJobs, RunningJob
from workflows.background.performing import WAITS, attempt, note_failure, wait_after
from workflows.connections import LivingPool
from workflows.errors import AmanahError
from workflows.incidents.operations import Cause
from workflows.settings import Settings
from workflows.transaction import read_clock

logger = logging.getLogger(__name__)

# Jobs done at once by one worker process: short acts; prints, which need a processor each; and timers, one after the
# other, so that a great many of them leave the machine to whoever works at a screen.
ACTS_AT_ONCE = 4
AT_ONCE = {jobs.ACTS: ACTS_AT_ONCE, jobs.PRINTS: 1, jobs.TIMERS: 1}
# A worker without a sign of life for this long is dead, and its jobs are done again.
HEARTBEAT = timedelta(seconds=10)
STALLED_AFTER = timedelta(seconds=30)


def run(settings: Settings, database_url: str, *, stop: threading.Event | None = None) -> None:
    """Do background work until SIGTERM, SIGINT or `stop`; what is being done then is finished first.

    A database that goes away is waited for.
    """
    asyncio.run(_run(settings, database_url, stop or threading.Event()))


class _Failed(Exception):
    """A job failed. The queue writes this into its log, so it says class and code and quotes nobody."""

    def __init__(self, cause: Cause, wait: timedelta | None) -> None:
        super().__init__(f"{cause.name} {cause.code}")
        self.wait = wait


class _Patience(BaseRetryStrategy):
    """Tells procrastinate when to try again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        wait = exception.wait if isinstance(exception, _Failed) else wait_after(exception, job.attempts)
        if wait is None:
            return None
        # A job that sleeps with the case's lock would keep back every other one of the case.
        return RetryDecision(retry_in={"seconds": int(wait.total_seconds())}, lock=f"retry:{job.id}")


def _without_database(record: logging.LogRecord) -> bool:
    """Keep back what the queue says, at length, of a database that is away: the worker says it in one line."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or not isinstance(error.__cause__ or error, psycopg.OperationalError)


def _hush() -> None:
    for name in ("procrastinate.utils", *(f"procrastinate.worker.{queue}" for queue in AT_ONCE)):
        logging.getLogger(name).addFilter(_without_database)
    # It warns of each connection that it could not have.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


def _queue_at(database_url: str) -> App:
    """The queue of a database, told how each job is done."""
    queue = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=8, timeout=10))
    for name in DUTIES:
        enter = queue.task(name=name, pass_context=True, retry=_Patience(), queue=jobs.queue_of(name))
        task = enter(partial(_do_job, name))
        if name in RHYTHM:
            queue.periodic(cron=RHYTHM[name], queueing_lock=name, lock=name, queue=jobs.queue_of(name))(task)
    rescue = queue.task(name="queue.rescue", pass_context=True, queue=jobs.ACTS)(_rescue)
    queue.periodic(cron="* * * * *", queueing_lock="queue.rescue", queue=jobs.ACTS)(rescue)
    queue.job_manager = FencedJobs(queue.connector, in_line=LINES, knows=queue.tasks)
    return queue


def _do_job(task: str, context: JobContext, **arguments: Any) -> None:
    """Do a job that the queue handed out; runs in a thread of its own."""
    workshop: Workshop = context.additional_context["workshop"]
    sessions: Callable[[], Session] = context.additional_context["sessions"]
    arguments.pop("timestamp", None)
    job = context.job
    began = monotonic()
    hold = RunningJob(job.id, job.worker_id, job.attempts)
    with sessions() as session:
        # The queue hands out by the clock of the database. Where ours is slow the job must not find itself early: a
        # waking that fires nothing is done, and nobody would come again for the timer.
        now = read_clock() if job.scheduled_at is None else max(read_clock(), job.scheduled_at)
        tried = attempt(session, workshop, task, arguments, now, attempts=job.attempts, hold=hold)
        if task in LINES:
            drain(session, workshop, task, read_clock, stop=context.additional_context["stopping"])
    outcome = "failed" if tried.error is not None else "done" if tried.done else "left"
    fields = {"task": task, "job": job.id, "attempt": job.attempts + 1, "outcome": outcome}
    logger.info("job", extra={**fields, "ms": round((monotonic() - began) * 1000)})
    if tried.error is None and not tried.done:
        logger.warning("job %s %s is in other hands by now; nothing was written", task, job.id)
    if tried.error is not None:
        # The queue asks _Patience what to do with it.
        raise _Failed(Cause.of(tried.error), tried.wait) from None


async def _rescue(context: JobContext, timestamp: int) -> None:
    """Give the jobs of dead workers to living ones; a job that was in several dying hands is given up."""
    manager = FencedJobs(context.app.connector)
    sessions: Callable[[], Session] = context.additional_context["sessions"]
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER.total_seconds()):
        await manager.cut_off(job)
        # Another worker may be rescuing as well; whoever finds a job taken care of goes on to the next one.
        with contextlib.suppress(ConnectorException):
            if job.attempts < len(WAITS):
                await manager.retry_job(job, lock=f"retry:{job.id}")
                continue
            # Told first: whoever dies in between tells it once more, and nothing is given up in silence.
            if job.task_name in DUTIES:
                await asyncio.to_thread(_give_up, sessions, job)
            await manager.finish_job(job, Status.FAILED, delete_job=False)


def _give_up(sessions: Callable[[], Session], job: Job) -> None:
    arguments = {name: value for name, value in job.task_kwargs.items() if name != "timestamp"}
    with sessions() as session:
        note_failure(
            session,
            job.task_name,
            arguments,
            AmanahError("job.worker_died"),
            attempts=job.attempts + 1,
            wait=None,
            now=read_clock(),
        )


async def _run(settings: Settings, database_url: str, stop: threading.Event) -> None:
    engine = create_engine(
        database_url,
        pool_size=sum(AT_ONCE.values()),
        max_overflow=4,
        poolclass=LivingPool,
        hide_parameters=True,
    )
    sessions = partial(Session, engine, expire_on_commit=False)
    workshop = workshop_of(settings, sessions)
    logs.configure(settings.log_format)
    _hush()
    with _asked_to_stop(stop):
        stopping = asyncio.create_task(asyncio.to_thread(stop.wait))
        try:
            await _work_until(stopping, engine, workshop, sessions, database_url)
        finally:
            # Also when something else ends the work: nobody may wait for this thread for ever.
            stop.set()
            await stopping
            engine.dispose()


async def _work_until(
    stopping: "asyncio.Task[bool]",
    engine: Engine,
    workshop: Workshop,
    sessions: Callable[[], Session],
    database_url: str,
) -> None:
    """Work, and begin again after a growing while whenever the database goes away."""
    pause = 1.0
    while not stopping.done():
        began = asyncio.get_running_loop().time()
        try:
            await _work(stopping, workshop, sessions, database_url)
        except (ConnectorException, psycopg.Error, psycopg_pool.PoolTimeout, OSError) as error:
            logger.warning("worker interrupted: %s", type(error).__name__)
        else:
            if not stopping.done():
                logger.warning("worker interrupted")
        if stopping.done():
            return
        # Whoever has worked for a minute was not stopped by what stopped it last time.
        pause = 1.0 if asyncio.get_running_loop().time() - began > 60 else min(pause * 2, 30.0)
        engine.dispose()
        await asyncio.wait([stopping], timeout=pause)


async def _work(
    stopping: "asyncio.Task[bool]", workshop: Workshop, sessions: Callable[[], Session], database_url: str
) -> None:
    # The queue would wait half a minute for a database that is away, complaining, and could not be told to stop.
    async with await psycopg.AsyncConnection.connect(database_url, connect_timeout=5):
        pass
    queue = _queue_at(database_url)
    async with queue.open_async():
        workers = [
            asyncio.create_task(
                queue.run_worker_async(
                    queues=[name],
                    name=name,
                    concurrency=at_once,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    update_heartbeat_interval=HEARTBEAT.total_seconds(),
                    stalled_worker_timeout=STALLED_AFTER.total_seconds(),
                    additional_context={"workshop": workshop, "sessions": sessions, "stopping": stopping.done},
                )
            )
            for name, at_once in AT_ONCE.items()
        ]
        await asyncio.wait([stopping, *workers], return_when=asyncio.FIRST_COMPLETED)
        # Cancelling a worker lets it finish what it does; it takes nothing new.
        for worker in workers:
            worker.cancel()
        ended = await asyncio.gather(*workers, return_exceptions=True)
    for result in ended:
        if isinstance(result, Exception):
            raise result


@contextlib.contextmanager
def _asked_to_stop(stop: threading.Event) -> Iterator[None]:
    """Turn SIGTERM and SIGINT into `stop`, in the main thread, for the length of the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
