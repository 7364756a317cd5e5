"""Timers of many cases that are due at once, fired one after the other, each in a transaction of its own.

The queue hands out one job at a time, reads past every sleeping one to find it and books it twice; of twenty thousand
timers due in the same minute that is most of the work. So whoever was handed one waking goes on with the others that
are due, the longest due first, and takes each one's job off the queue within the act that fires it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.background.duties import Workshop
from workflows.background.holds import TakenJob
from workflows.background.performing import attempt

# Wakings that follow one job of the queue at most; then the worker looks whether it was asked to stop or is stalled.
MOST = 500

# First the run is locked, then its job, as by everybody else: whoever has one and waits for the other would wait for
# ever. A run that somebody is moving is passed over, since that act fires what is due as well; so several workers never
# meet. What was due before `since` is not read again, of which much may be dead or suspended.
_TAKE_NEXT = text(
    "WITH next AS (SELECT job.id, timer.due_at FROM timer JOIN procrastinate_jobs job ON job.id = timer.job_id"
    " JOIN process_instance run ON run.id = timer.instance_id"
    " WHERE timer.due_at BETWEEN :since AND :now AND job.status = 'todo' AND job.scheduled_at <= :now"
    " ORDER BY timer.due_at LIMIT 1 FOR UPDATE OF run, job SKIP LOCKED)"
    " DELETE FROM procrastinate_jobs job USING next WHERE job.id = next.id AND job.status = 'todo'"
    " RETURNING job.id, job.args, job.attempts, next.due_at"
)
_BEGINNING = datetime.fromisoformat("0001-01-01T00:00:00Z")


def drain(
    session: Session,
    workshop: Workshop,
    clock: Callable[[], datetime],
    *,
    most: int = MOST,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Fire what is due and waits on the queue, at most `most` jobs or until `stop`, and tell how many were done.

    One that fails is put off, or becomes an incident, as any other job; the others go on.
    """
    done, since = 0, _BEGINNING
    for _ in range(most):
        if stop():
            break
        now = clock()
        job = _take_next(session, since, now)
        if job is None and since > _BEGINNING:
            # Once more from the front: a run that was passed over may be free by now.
            job = _take_next(session, _BEGINNING, now)
        if job is None:
            session.rollback()
            break
        since = job.due_at
        tried = attempt(
            session, workshop, "processes.wake", job.args, now, attempts=job.attempts, hold=TakenJob(job.id)
        )
        done += tried.done
        # Rows of a fired case are of no use to the next one.
        session.expunge_all()
    return done


def _take_next(session: Session, since: datetime, now: datetime) -> Any:
    """Take the job that is due longest off the queue, in the transaction that goes on with firing it."""
    return session.execute(_TAKE_NEXT, {"since": since, "now": now}).one_or_none()
