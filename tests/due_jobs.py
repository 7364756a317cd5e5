"""Everything that is due, done here and now with a moved clock, as workers would do it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.background.duties import DUTIES, Workshop
from workflows.background.holds import WaitingJob
from workflows.background.performing import attempt


def run_due_jobs(
    session: Session, workshop: Workshop, now: datetime, *, since: datetime | None = None, most: int = 100_000
) -> int:
    """Do everything that is due by `now` in this process, without waiting, and tell how many jobs were done.

    Without `since` every job happens at `now`; with it time passes from there: what was deferred for an instant
    happens at that instant, in order. What fails is treated as by a worker, its waiting included.
    """
    done, instant = 0, since or now
    while done < most:
        job = _next_due(session, now)
        if job is None:
            break
        if job.scheduled_at is not None and since is not None:
            instant = max(instant, job.scheduled_at)
        _do_at_once(session, workshop, job, instant)
        done += 1
    return done


@dataclass(frozen=True)
class _DueJob:
    id: int
    task: str
    arguments: dict[str, Any] = field(repr=False)
    scheduled_at: datetime | None
    attempts: int


def _next_due(session: Session, now: datetime) -> _DueJob | None:
    row = session.execute(
        text(
            "SELECT id, task_name, args, scheduled_at, attempts FROM procrastinate_jobs"
            " WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :now) AND task_name = ANY(:known)"
            " ORDER BY scheduled_at NULLS FIRST, priority DESC, id LIMIT 1"
        ),
        {"now": now, "known": list(DUTIES)},
    ).one_or_none()
    return _DueJob(*row) if row is not None else None


def _do_at_once(session: Session, workshop: Workshop, job: _DueJob, now: datetime) -> None:
    attempt(session, workshop, job.task, job.arguments, now, attempts=job.attempts, hold=WaitingJob(job.id))
