"""Whose hands a job is in: proven, under the job's own row lock, by the transaction that has its effect.

A worker that stood still longer than its heartbeat allows may wake up when somebody else has long done its job. So an
effect's transaction begins by taking the job off the queue, and only when the job still runs under the very attempt
that was handed out; otherwise it writes nothing. The job is gone if and only if its effect is there: a worker that dies
after its commit leaves nothing to be done twice. There is no lease table: procrastinate's row is the lease, its attempt
the fencing number.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from procrastinate.connector import BaseConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.utils import utcnow
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from workflows.transaction import Tx

_TAKE_RUNNING = text(
    "DELETE FROM procrastinate_jobs"
    " WHERE id = :id AND status = 'doing' AND attempts = :attempts AND worker_id = :worker_id RETURNING id"
)
_KEEP_RUNNING = text(
    "SELECT id FROM procrastinate_jobs"
    " WHERE id = :id AND status = 'doing' AND attempts = :attempts AND worker_id = :worker_id FOR UPDATE"
)
# Whoever else is at a waiting job will do it; nobody stands in line for it.
_TAKE_WAITING = text(
    "DELETE FROM procrastinate_jobs WHERE id ="
    " (SELECT id FROM procrastinate_jobs WHERE id = :id AND status = 'todo' FOR UPDATE SKIP LOCKED) RETURNING id"
)
_PUT_OFF = text(
    "UPDATE procrastinate_jobs SET attempts = attempts + 1, scheduled_at = COALESCE(:again, scheduled_at),"
    " status = CAST(:status AS procrastinate_job_status) WHERE id = :id AND status = 'todo' RETURNING id"
)


# The queue's own rule, also for the locks of jobs. Its own function reads past every job that sleeps, of which there
# are as many as open cases; this one looks among the awake ones first, and then who of the sleepers is due longest.
# A job that sleeps has no lock, so only awake ones are compared.
_FREE = (
    "(job.lock IS NULL OR NOT EXISTS (SELECT 1 FROM procrastinate_jobs other"
    " WHERE other.lock = job.lock AND other.status = 'doing')"
    " AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs other"
    " WHERE other.lock = job.lock AND other.status = 'todo' AND other.priority >= job.priority"
    " AND (-other.priority, other.id) < (-job.priority, job.id)))"
)
_FETCH = (
    "WITH awake AS (SELECT job.id FROM procrastinate_jobs job"  # noqa: S608 (made of the words above)
    " WHERE job.status = 'todo' AND job.priority >= 0 AND job.queue_name = %(queue)s"
    " AND (%(knows)s::text[] IS NULL OR job.task_name = ANY (%(knows)s))"
    f" AND (job.scheduled_at IS NULL OR job.scheduled_at <= now()) AND {_FREE}"
    " ORDER BY job.priority DESC, job.id LIMIT 1 FOR UPDATE OF job SKIP LOCKED),"
    " asleep AS (SELECT job.id FROM procrastinate_jobs job WHERE NOT EXISTS (SELECT 1 FROM awake)"
    " AND job.status = 'todo' AND job.priority < 0 AND job.queue_name = %(queue)s"
    " AND (%(knows)s::text[] IS NULL OR job.task_name = ANY (%(knows)s))"
    f" AND job.scheduled_at <= now() AND {_FREE}"
    " ORDER BY job.scheduled_at LIMIT 1 FOR UPDATE OF job SKIP LOCKED)"
    " UPDATE procrastinate_jobs job SET status = 'doing', worker_id = %(worker_id)s"
    " FROM (SELECT id FROM awake UNION ALL SELECT id FROM asleep) found WHERE job.id = found.id"
    " RETURNING job.id, job.status, job.task_name, job.priority, job.lock, job.queueing_lock, job.args,"
    " job.scheduled_at, job.queue_name, job.attempts, job.worker_id"
)
# procrastinate's own functions, called only for the attempt that is meant.
_FINISH = (
    "WITH mine AS (SELECT id FROM procrastinate_jobs WHERE id = %(job_id)s AND status = 'doing'"
    " AND attempts = %(attempts)s AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint FOR UPDATE)"
    " SELECT procrastinate_finish_job_v1(id, %(status)s, %(delete_job)s) FROM mine"
)
_RETRY = (
    "WITH mine AS (SELECT id FROM procrastinate_jobs WHERE id = %(job_id)s AND status = 'doing'"
    " AND attempts = %(attempts)s AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint FOR UPDATE)"
    " SELECT procrastinate_retry_job_v2(id, %(retry_at)s, %(priority)s, %(queue)s, %(lock)s) FROM mine"
)
# The row's last locker or deleter is in its xmax; somebody who works, waits or sleeps without a lock is not touched.
_CUT_OFF = (
    "SELECT pg_terminate_backend(holder.pid, 5000) FROM procrastinate_jobs job"
    " JOIN pg_locks holder ON holder.locktype = 'transactionid' AND holder.granted AND holder.transactionid = job.xmax"
    " JOIN pg_stat_activity activity ON activity.pid = holder.pid AND activity.state LIKE 'idle in transaction%%'"
    " WHERE job.id = %(job_id)s AND job.status = 'doing' AND job.attempts = %(attempts)s"
    " AND job.worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint AND holder.pid <> pg_backend_pid()"
)


# How long a queue in which nothing was found is left alone, in seconds. Whoever asks at every knock is handed singly
# what comes in a stream, each with several transactions of the queue's own; a moment later they stand in line.
_GATHERING = 0.2


class Hold(Protocol):
    """A job in somebody's hands."""

    def take(self, tx: Tx) -> bool:
        """Take the job off the queue within the act; False when it is in other hands, and nothing may be written."""
        ...

    def give_back(self, tx: Tx, wait: timedelta | None) -> bool:
        """Leave the job, which failed, to its next try after `wait`, or to nobody without one; False as above."""
        ...


class Unqueued:
    """Work that came from no queue, which nobody else can take over."""

    def take(self, tx: Tx) -> bool:
        """Nothing has to be taken."""
        return True

    def give_back(self, tx: Tx, wait: timedelta | None) -> bool:
        """Nothing has to be given back."""
        return True


@dataclass(frozen=True)
class RunningJob:
    """A job as a worker of the queue was handed it."""

    id: int | None
    worker_id: int | None
    attempts: int

    def take(self, tx: Tx) -> bool:
        """Take the job off the queue while it runs under the same attempt of the same worker."""
        return _found(tx.session, _TAKE_RUNNING, vars(self))

    def give_back(self, tx: Tx, wait: timedelta | None) -> bool:
        """Lock the job while it runs under the same attempt of the same worker; the queue itself puts it off."""
        return _found(tx.session, _KEEP_RUNNING, vars(self))


@dataclass(frozen=True)
class WaitingJob:
    """A job that waits on the queue, and is done by somebody who was not handed it."""

    id: int

    def take(self, tx: Tx) -> bool:
        """Take the job off the queue unless somebody is at it."""
        return _found(tx.session, _TAKE_WAITING, vars(self))

    def give_back(self, tx: Tx, wait: timedelta | None) -> bool:
        """Let the job wait for its next try; without `wait` it is given up."""
        again = None if wait is None else tx.now + wait
        status = Status.FAILED if wait is None else Status.TODO
        return _found(tx.session, _PUT_OFF, {"id": self.id, "again": again, "status": status.value})


@dataclass(frozen=True)
class TakenJob(WaitingJob):
    """A waiting job that was taken off the queue in the very transaction that does it."""

    def take(self, tx: Tx) -> bool:
        """It has been taken."""
        return True


def _found(session: Session, statement: TextClause, parameters: Mapping[str, object]) -> bool:
    return session.execute(statement, parameters).one_or_none() is not None


class FencedJobs(JobManager):
    """procrastinate's own bookkeeping, which ends or repeats a job only while the caller's attempt still runs.

    Its own statements name the job alone: a worker that comes back from the dead would end what its successor does.
    """

    def __init__(
        self, connector: BaseConnector, *, in_line: Collection[str] = (), knows: Collection[str] | None = None
    ) -> None:
        """Keep the books; whoever is handed one of the tasks `in_line` goes on with the others of its kind.

        Only tasks that this edition of the program `knows` are handed out, all without it: while machines are brought
        up to date one by one, a job of the new edition waits for a worker that can do it.
        """
        super().__init__(connector)
        self._in_line, self._knows = frozenset(in_line), None if knows is None else sorted(knows)
        # By queue, on the clock of the loop.
        self._left_alone_until: dict[str, float] = {}

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Hand out the next job of the one queue that a worker looks after; None when none is due.

        Waits for a moment when none was due a moment ago, and before it calls others to help with a line.
        """
        (queue,) = queues or ()
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(self._left_alone_until.get(queue, 0.0) - loop.time(), 0.0))
        found = await self.connector.execute_query_all_async(
            query=_FETCH, queue=queue, worker_id=worker_id, knows=self._knows
        )
        job = Job.from_row(found[0]) if found else None
        if job is None or job.task_name in self._in_line:
            self._left_alone_until[queue] = loop.time() + _GATHERING
        return job

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Set a job to its final state; one that is gone or in other hands is left alone."""
        await self.connector.execute_query_async(
            query=_FINISH,
            status=status.value,
            delete_job=delete_job,
            **_fence(job),
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back on the queue; one that is gone or in other hands is left alone.

        Of jobs with the same queueing lock one may wait. Where another one does it does what this one was to do, which
        would otherwise stay in dead hands and keep that one from beginning.
        """
        try:
            await self.connector.execute_query_async(
                query=_RETRY,
                retry_at=retry_at or utcnow(),
                priority=priority,
                queue=queue,
                lock=lock,
                **_fence(job),
            )
        except UniqueViolation:
            await self.finish_job(job, Status.FAILED, delete_job=True)

    async def cut_off(self, job: Job) -> None:
        """Cut the database connection of whoever stands still in the middle of a job; its transaction is undone.

        For jobs whose worker gives no sign of life: the row lock that it may hold would keep its successor waiting. One
        that another rescuer gave to somebody else meanwhile is left alone.
        """
        await self.connector.execute_query_async(query=_CUT_OFF, **_fence(job))


def _fence(job: Job) -> dict[str, int | None]:
    return {"job_id": job.id, "attempts": job.attempts, "worker_id": job.worker_id}
