"""Jobs of one kind that wait by the thousand, done one after the other, each in a transaction of its own.

The queue hands out one job at a time, reads past every sleeping one to find it and books it twice; of twenty thousand
timers due in the same minute that is most of the work. So whoever was handed a job of such a kind goes on with the
others that wait, and takes each off the queue within the act that does it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from workflows.background.duties import Workshop
from workflows.background.holds import TakenJob
from workflows.background.performing import attempt


@dataclass(frozen=True)
class Line:
    """How jobs of a kind stand in line."""

    # Takes the next job from :since on off the queue, if one is due :now; gives its id, args, attempts and place, and
    # whether any incident is open, which nearly never is.
    take: TextClause
    # The place of whoever stands at the very front.
    front: Any
    # Jobs that follow one of the queue at most; then the worker looks whether something else is to be done.
    most: int


_TROUBLED = "EXISTS (SELECT FROM incident WHERE incident.state = 'open') AS troubled"
# First the run is locked, then its job, as by everybody else: whoever has one and waits for the other would wait for
# ever. A run that somebody is moving is passed over, since that act fires what is due as well; so several workers never
# meet. What was due before `since` is not read again, of which much may be dead or suspended.
_TAKE_WAKING = text(
    "WITH next AS (SELECT job.id, timer.due_at FROM timer JOIN procrastinate_jobs job ON job.id = timer.job_id"  # noqa: S608
    " JOIN process_instance run ON run.id = timer.instance_id"
    " WHERE timer.due_at BETWEEN :since AND :now AND job.status = 'todo' AND job.scheduled_at <= :now"
    " ORDER BY timer.due_at LIMIT 1 FOR UPDATE OF run, job SKIP LOCKED)"
    " DELETE FROM procrastinate_jobs job USING next WHERE job.id = next.id AND job.status = 'todo'"
    f" RETURNING job.id, job.args, job.attempts, next.due_at AS place, {_TROUBLED}"
)
# Of jobs that sleep, which have a lower priority, none is a notice.
_TAKE_SENDING = text(
    "WITH next AS (SELECT job.id FROM procrastinate_jobs job WHERE job.status = 'todo' AND job.priority >= 0"  # noqa: S608
    " AND job.id >= :since AND job.task_name = 'notices.send' AND coalesce(job.scheduled_at, :now) <= :now"
    " ORDER BY job.priority DESC, job.id LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " DELETE FROM procrastinate_jobs job USING next WHERE job.id = next.id AND job.status = 'todo'"
    f" RETURNING job.id, job.args, job.attempts, job.id AS place, {_TROUBLED}"
)
# By the name of the task.
LINES: Mapping[str, Line] = {
    "processes.wake": Line(_TAKE_WAKING, datetime.fromisoformat("0001-01-01T00:00:00Z"), most=500),
    "notices.send": Line(_TAKE_SENDING, 0, most=20),
}


def drain(
    session: Session,
    workshop: Workshop,
    task: str,
    clock: Callable[[], datetime],
    *,
    most: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Do what is due of the task and waits on the queue, at most `most` jobs or until `stop`; tell how many were done.

    One that fails is put off, or becomes an incident, as any other job; the others go on.
    """
    line = LINES[task]
    done, since = 0, line.front
    for _ in range(most or line.most):
        if stop():
            break
        now = clock()
        job = _take_next(session, line, since, now)
        if job is None and since > line.front:
            # Once more from the front: one that was passed over may be free by now.
            job = _take_next(session, line, line.front, now)
        if job is None:
            session.rollback()
            break
        since = job.place
        hold = TakenJob(job.id)
        tried = attempt(session, workshop, task, job.args, now, attempts=job.attempts, hold=hold, troubled=job.troubled)
        done += tried.done
        # Rows of one case are of no use to the next one.
        session.expunge_all()
    return done


def _take_next(session: Session, line: Line, since: Any, now: datetime) -> Any:
    """Take the next job off the queue, in the transaction that goes on with doing it."""
    return session.execute(line.take, {"since": since, "now": now}).one_or_none()
