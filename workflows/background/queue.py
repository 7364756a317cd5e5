"""The queue as an operator sees it: who works, what waits, what sleeps, and since when. Reads only.

The tables are procrastinate's own; they are named here and nowhere above.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.incidents.operations import retry_lock

# A worker without a sign of life for this long counts as gone; its jobs are given to others.
SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class Worker:
    """One part of a worker process: each looks after one queue."""

    id: int
    last_heartbeat: datetime
    # Jobs in its hands.
    doing: int
    silent: bool


@dataclass(frozen=True)
class Backlog:
    """The jobs of one task that are not done."""

    task: str
    # Due and in nobody's hands.
    waiting: int
    doing: int
    # To be done later.
    sleeping: int
    # Given up; each has an incident.
    failed: int
    # Since when the oldest of those that wait could have been done; None when none waits or its instant is unknown.
    oldest: datetime | None


def workers(session: Session, now: datetime) -> Sequence[Worker]:
    """Give the workers that have reported, the one that was heard last first."""
    rows = session.execute(
        text(
            "SELECT worker.id, worker.last_heartbeat, count(job.id) FROM procrastinate_workers worker"
            " LEFT JOIN procrastinate_jobs job ON job.worker_id = worker.id AND job.status = 'doing'"
            " GROUP BY worker.id ORDER BY worker.last_heartbeat DESC, worker.id"
        )
    )
    return [Worker(id_, heard, doing, heard < now - SILENT_AFTER) for id_, heard, doing in rows]


def backlog(session: Session, now: datetime) -> Sequence[Backlog]:
    """Count the jobs that are not done, by task; those that wait longest first."""
    rows = session.execute(
        text(
            "SELECT job.task_name,"
            " count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, :now) <= :now),"
            " count(*) FILTER (WHERE status = 'doing'),"
            " count(*) FILTER (WHERE status = 'todo' AND scheduled_at > :now),"
            " count(*) FILTER (WHERE status = 'failed'),"
            " min(coalesce(scheduled_at, deferred.at))"
            " FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, :now) <= :now)"
            " FROM procrastinate_jobs job"
            " LEFT JOIN LATERAL (SELECT min(event.at) AS at FROM procrastinate_events event"
            " WHERE event.job_id = job.id AND job.status = 'todo' AND job.scheduled_at IS NULL) deferred ON true"
            " WHERE status IN ('todo', 'doing', 'failed') GROUP BY job.task_name"
            " ORDER BY 6 NULLS LAST, 1"
        ),
        {"now": now},
    )
    return [Backlog(*row) for row in rows]


@dataclass(frozen=True)
class Trying:
    """A job that an operator had tried again, and that is not through with it."""

    # Whether a worker is at it.
    doing: bool
    # How often it has failed since.
    failed: int
    # When it is tried next; None as soon as a worker is free.
    next_at: datetime | None


def trying_again(session: Session, incident_ids: Collection[UUID]) -> Mapping[UUID, Trying]:
    """Give for each of the incidents whose job is being tried again how far that is; the others are not among them."""
    locks = {retry_lock(each): each for each in incident_ids}
    rows = session.execute(
        text(
            "SELECT queueing_lock, status = 'doing', attempts, scheduled_at FROM procrastinate_jobs"
            " WHERE queueing_lock = ANY(:locks) AND status IN ('todo', 'doing')"
        ),
        {"locks": list(locks)},
    )
    return {locks[lock]: Trying(doing, attempts, at) for lock, doing, attempts, at in rows}
