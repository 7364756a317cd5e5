"""The queue's door: background work is deferred here, inside the transaction that calls for it.

A job exists if and only if the act that deferred it was committed. Tasks are registered by name in `worker`; this
module knows only their names, so that any floor may defer work without knowing who does it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

# The queue as the acts see it: it never opens a connection of its own, since `defer` hands it the session's.
_deferring = App(connector=SyncPsycopgConnector())

# Two queues: what moves cases and messages never waits for what takes seconds of computing.
ACTS = "acts"
PRINTS = "prints"
_ASLEEP = -1
_SLOW_TASKS = frozenset({"letters.print", "case_reports.print", "evidence.copy"})


def defer(
    session: Session,
    task: str,
    *,
    lock: str | UUID | None = None,
    queueing_lock: str | None = None,
    at: datetime | None = None,
    **arguments: Any,
) -> int | None:
    """Defer the named task on the session's own connection and give the job's id.

    `lock`, commonly the case's id, lets only one job of that name run at a time. `queueing_lock` keeps one such job
    waiting at most: None is given when there is one already. `at` is the UTC instant before which it does not start.
    Arguments are ids, never contents; UUIDs arrive as text.
    """

    # procrastinate lets a sleeping job keep back every younger job of its lock, so a reminder due in sixty days would
    # stop the case until then. A sleeper therefore has no lock; the row lock that its verb takes keeps the order.
    def deferred() -> int:
        deferrer = _deferring.configure_task(
            task,
            allow_unknown=True,
            queue=queue_of(task),
            connection=_connection(session),
            lock=str(lock) if lock is not None and at is None else None,
            queueing_lock=queueing_lock,
            schedule_at=at,
            # The queue is read in the order of priority: behind the awake ones, tens of thousands of sleeping timers
            # cost a worker nothing while there is work, instead of 15 ms for each job that it fetches.
            priority=_ASLEEP if at is not None else 0,
        )
        named = {name: str(value) if isinstance(value, UUID) else value for name, value in arguments.items()}
        return deferrer.defer(**named)

    if queueing_lock is None:
        return deferred()
    try:
        # The savepoint, which begins when the connection is asked for, keeps the refusal of the unique index from
        # spoiling the whole act.
        with session.begin_nested():
            return deferred()
    except AlreadyEnqueued:
        return None


def queue_of(task: str) -> str:
    """Tell in which of the two queues the task waits."""
    return PRINTS if task in _SLOW_TASKS else ACTS


def cancel(session: Session, job_id: int) -> bool:
    """Take back a job that has not started, and tell whether that was still possible."""
    return _deferring.job_manager.cancel_job_by_id(job_id, delete_job=True, connection=_connection(session))


def _connection(session: Session) -> Any:
    return session.connection().connection.driver_connection
