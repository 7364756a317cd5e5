"""The queue's door: background work is deferred here, inside the transaction that calls for it.

A job exists if and only if the act that deferred it was committed. Tasks are registered by name in `worker`; this
module knows only their names, so that any floor may defer work without knowing who does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import JobDeferrer
from sqlalchemy import text
from sqlalchemy.orm import Session

# The queue as the acts see it: it never opens a connection of its own, since `defer` hands it the session's.
_deferring = App(connector=SyncPsycopgConnector())

# Three queues: what moves cases and messages never waits for what takes seconds of computing, and neither waits for
# timers, of which tens of thousands may be due at once.
ACTS = "acts"
PRINTS = "prints"
TIMERS = "timers"
_ASLEEP = -1
# Our one addition to the queue's tables: jobs that sleep, by the instant at which they are due. A revision makes it.
SLEEPERS_INDEX = (
    "CREATE INDEX ix_procrastinate_jobs_asleep ON procrastinate_jobs (queue_name, scheduled_at)"
    " WHERE status = 'todo' AND priority < 0"
)
_SLOW_TASKS = frozenset({
    "letters.print", "case_reports.print", "recapitulations.print", "packages.make", "evidence.copy",
})  # fmt: skip


@dataclass(frozen=True)
class Errand:
    """A job that is to be done, before it is deferred."""

    # Name of the task.
    task: str
    # Ids, never contents; UUIDs arrive as text.
    arguments: Mapping[str, Any]
    # UTC instant before which it does not start.
    at: datetime | None = None
    # Lets only one job of that name run at a time.
    lock: str | UUID | None = None


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

    errand = Errand(task, arguments, at=at, lock=lock)
    if queueing_lock is None:
        return defer_together(session, [errand])[0]
    try:
        # The savepoint, which begins when the connection is asked for, keeps the refusal of the unique index from
        # spoiling the whole act.
        with session.begin_nested():
            return _deferrer(session, errand, queueing_lock).defer(**_named(errand.arguments))
    except AlreadyEnqueued:
        return None


def defer_together(session: Session, errands: Sequence[Errand]) -> list[int]:
    """Defer several jobs in one statement and give their ids, in the same order."""
    if not errands:
        return []
    made = [_deferrer(session, errand).make_new_job(**_named(errand.arguments)) for errand in errands]
    deferred = _deferring.job_manager.batch_defer_jobs(made, connection=_connection(session))
    return [job.id for job in deferred if job.id is not None]


def row_of(errand: Errand) -> dict[str, Any]:
    """Give the job as the row of which `deferring` makes one; UUIDs arrive as text."""
    # procrastinate lets a sleeping job keep back every younger job of its lock, so a reminder due in sixty days would
    # stop the case until then. A sleeper therefore has no lock; the row lock that its verb takes keeps the order.
    asleep = errand.at is not None
    return {
        "queue_name": queue_of(errand.task),
        "task_name": errand.task,
        # The queue is read in the order of priority, and those that sleep by their own index (`background.holds`): tens
        # of thousands of sleeping timers cost a worker nothing, instead of 50 ms whenever it looks for a job.
        "priority": _ASLEEP if asleep else 0,
        "lock": str(errand.lock) if errand.lock is not None and not asleep else None,
        "args": _named(errand.arguments),
        "scheduled_at": errand.at,
    }


def deferring(rows: str) -> str:
    """Write the part of a larger statement that defers the jobs of a JSON array of `row_of`.

    It gives the `id` of each job and its `place` in the array, from 1. The function is the queue's own.
    """
    given = f"jsonb_populate_recordset(NULL::procrastinate_job_to_defer_v1, {rows}) AS given"
    all_of_them = f"(SELECT array_agg(given) FROM {given})"  # noqa: S608
    deferred = f"unnest(procrastinate_defer_jobs_v1({all_of_them})) WITH ORDINALITY AS job (id, place)"
    return f"SELECT job.id, job.place FROM {deferred}"  # noqa: S608


def taking_back(ids: str) -> str:
    """Write the part of a larger statement that takes back the jobs of a JSON array of ids that have not started."""
    given = f"jsonb_array_elements({ids}) AS job (id)"
    return f"SELECT procrastinate_cancel_job_v1(job.id::bigint, false, true) FROM {given}"  # noqa: S608


def queue_of(task: str) -> str:
    """Tell in which of the queues the task waits."""
    if task in _SLOW_TASKS:
        return PRINTS
    return TIMERS if task == "processes.wake" else ACTS


def cancel(session: Session, *job_ids: int) -> int:
    """Take back the jobs that have not started, and tell for how many that was still possible."""
    if not job_ids:
        return 0
    # The queue's own function, which procrastinate offers for one job at a time.
    asked = text("SELECT count(procrastinate_cancel_job_v1(job, false, true)) FROM unnest(CAST(:jobs AS bigint[])) job")
    return int(session.scalar(asked, {"jobs": sorted(job_ids)}) or 0)


def _deferrer(session: Session, errand: Errand, queueing_lock: str | None = None) -> JobDeferrer:
    row = row_of(errand)
    return _deferring.configure_task(
        errand.task,
        allow_unknown=True,
        queue=row["queue_name"],
        connection=_connection(session),
        lock=row["lock"],
        queueing_lock=queueing_lock,
        schedule_at=errand.at,
        priority=row["priority"],
    )


def _named(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in arguments.items()}


def _connection(session: Session) -> Any:
    return session.connection().connection.driver_connection
