"""Timers of many cases that are due at once, fired one after the other, each in a transaction of its own.

The queue hands out one job at a time, reads past every sleeping one to find it and books it twice; of twenty thousand
timers due in the same minute that is most of the work. So whoever was handed one waking goes on with the others that
are due, the longest due first, and takes each one's job off the queue within the act that fires it.
"""

import os
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.background.duties import Workshop
from workflows.background.holds import WaitingJob
from workflows.background.performing import attempt

# Wakings that follow one job of the queue at most; then the worker looks whether it was asked to stop or is stalled.
MOST = 500
# Wakings that are looked up at once.
_WINDOW = 32

_DUE = text(
    "SELECT job.id, job.args, job.attempts FROM timer JOIN procrastinate_jobs job ON job.id = timer.job_id"
    " WHERE timer.due_at <= :now AND job.status = 'todo' AND job.scheduled_at <= :now"
    " ORDER BY timer.due_at, timer.id LIMIT :window"
)


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
    done = 0
    while done < most:
        due = session.execute(_DUE, {"now": clock(), "window": _WINDOW}).all()
        session.rollback()
        # Several workers look at the same window; each begins elsewhere, so that they seldom meet.
        begin_at = os.getpid() % max(len(due), 1)
        before = done
        for job_id, arguments, attempts in [*due[begin_at:], *due[:begin_at]]:
            if stop() or done == most:
                return done
            tried = attempt(
                session, workshop, "processes.wake", arguments, clock(), attempts=attempts, hold=WaitingJob(job_id)
            )
            done += tried.done
            # Rows of a fired case are of no use to the next one.
            session.expunge_all()
        if done == before:
            # Nothing is due, or others are at all of it.
            break
    return done
