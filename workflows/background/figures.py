"""The installation in numbers, for whoever watches many: counted in the database when it is asked, and never a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.background.queue import Backlog, Worker, backlog, workers
from workflows.cases.models import Case, CaseDeadline
from workflows.incidents.models import Incident
from workflows.incidents.queries import last_watchdog_run
from workflows.journal.models import JournalEntry
from workflows.processes.models import EarlyMessage, ProcessInstance, Timer


@dataclass(frozen=True)
class Figures:
    """One look at an installation; ages in seconds."""

    open_cases: int
    # Open cases with a deadline that has passed unmet.
    late_cases: int
    running_processes: int
    suspended_processes: int
    # Kind -> open incidents.
    incidents: Mapping[str, int]
    oldest_incident: float
    # Timers that should have fired by now in runs that may move, and by how long the latest of them is late.
    due_timers: int
    timer_lateness: float
    backlog: Sequence[Backlog]
    workers: Sequence[Worker]
    # Since the oldest job that waits could have been done; 0 when none waits.
    oldest_job: float
    # Since any worker was heard last; None when none ever was.
    worker_silence: float | None
    # Messages that came before their run could take them.
    kept_messages: int
    # Since the watchdog looked last; None when it never did.
    watchdog_age: float | None
    # Entries that the journal was ever given, as its counter says.
    journal_entries: int


def figures(session: Session, now: datetime) -> Figures:
    """Count everything at once."""
    open_case = Case.closed_at.is_(None)
    late = select(func.count(func.distinct(CaseDeadline.case_id))).join(Case, Case.id == CaseDeadline.case_id)
    late = late.where(
        open_case, CaseDeadline.met_at.is_(None), CaseDeadline.stopped_at.is_(None), CaseDeadline.due_at <= now
    )
    running = select(func.count(), func.count(ProcessInstance.suspended_at)).where(ProcessInstance.status == "running")
    due = (
        select(func.count(), func.min(Timer.due_at))
        .join(ProcessInstance, ProcessInstance.id == Timer.instance_id)
        .where(Timer.due_at <= now, ProcessInstance.status == "running", ProcessInstance.suspended_at.is_(None))
    )
    unresolved = (
        select(Incident.kind, func.count(), func.min(Incident.first_at))
        .where(Incident.state == "open")
        .group_by(Incident.kind)
    )
    runs, suspended = session.execute(running).one()
    due_timers, oldest_timer = session.execute(due).one()
    incidents = session.execute(unresolved).all()
    watch = last_watchdog_run(session)
    waiting, known = backlog(session, now), workers(session, now)
    return Figures(
        open_cases=session.scalar(select(func.count()).where(open_case)) or 0,
        late_cases=session.scalar(late) or 0,
        running_processes=runs,
        suspended_processes=suspended,
        incidents={kind: count for kind, count, _ in incidents},
        oldest_incident=max((_age(first, now) for *_, first in incidents), default=0.0),
        due_timers=due_timers,
        timer_lateness=_age(oldest_timer, now),
        backlog=waiting,
        workers=known,
        oldest_job=max((_age(each.oldest, now) for each in waiting), default=0.0),
        worker_silence=min((_age(each.last_heartbeat, now) for each in known), default=None),
        kept_messages=session.scalar(select(func.count()).where(EarlyMessage.state == "kept")) or 0,
        watchdog_age=None if watch is None else _age(watch.at, now),
        journal_entries=session.scalar(select(func.max(JournalEntry.id))) or 0,
    )


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
