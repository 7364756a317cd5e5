"""The duties of background work: which jobs there are, what each does, and what follows when it cannot.

Every duty can be done twice without harm: a worker may die after the commit and before it says so.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from workflows import jobs
from workflows.access import policy
from workflows.background.telling import tell_owners
from workflows.case_reports import operations as case_reports
from workflows.case_reports.models import CaseReport
from workflows.cases.models import Case
from workflows.cases.parties import addresses_of
from workflows.evidence import operations as evidence
from workflows.evidence.models import Evidence
from workflows.incidents.operations import ADMINISTRATOR, Cause, note_watch, raise_incident, settle
from workflows.journal import operations as journal
from workflows.letters import operations as letters
from workflows.letters.models import Letter
from workflows.letters.seals import Seal, seal_of
from workflows.limits import operations as limits
from workflows.notices import operations as notices
from workflows.notices.senders import Sender, senders_of
from workflows.packages import operations as packages
from workflows.packages.models import Package
from workflows.people.queries import holders_of
from workflows.processes import delivery, recounting, signals, trying
from workflows.processes import operations as processes
from workflows.processes.by_hand import settle_orphans, settle_passed_steps, tell_of_orphan
from workflows.processes.invariants import falsely_ended
from workflows.processes.migration import migrate_case
from workflows.processes.models import EarlyMessage, ProcessInstance, Timer
from workflows.processes.office import Office, open_office
from workflows.processes.queries import going_on_again, looked_after_by, stuck_cases
from workflows.recapitulations import operations as recapitulations
from workflows.recapitulations.reminding import remind_of_due
from workflows.settings import Settings
from workflows.storage import operations as storage
from workflows.tasks import operations as tasks
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Tx, begin

logger = logging.getLogger(__name__)

# Looks after faults of definitions.
DESIGNER = "process_designer"
# How long a timer may be overdue before the sweep takes its job for lost.
LOST_AFTER = timedelta(minutes=5)
# How long an open case may have no next thing before the watchdog tells.
STUCK_AFTER = timedelta(minutes=10)
# How long files that came ahead of a report wait for it; the page that holds them forgets them after a day.
UNCLAIMED_FOR = timedelta(days=2)
# Jobs that were given up and of which nobody was told. A message that was given up is told of with its channel.
_UNTOLD = text(
    "SELECT DISTINCT job.task_name, job.args - 'timestamp' FROM procrastinate_jobs job"
    " WHERE job.status = 'failed' AND job.task_name = ANY (:known) AND job.task_name <> 'notices.send'"
    " AND NOT EXISTS (SELECT FROM incident"
    " WHERE incident.task = job.task_name AND incident.arguments = job.args - 'timestamp')"
)


@dataclass(frozen=True)
class Workshop:
    """What jobs need besides their transaction."""

    settings: Settings
    # Channel -> the way out of the house.
    senders: Mapping[str, Sender]
    seal: Seal
    office: Office
    # Opens another session, for progress that people see before the job ends; None writes it with the job.
    sessions: Callable[[], Session] | None = None


@dataclass(frozen=True)
class Duty:
    """One kind of job: what it does, and what follows when it cannot."""

    # Does the job; takes its arguments as named ones.
    run: Callable[..., None]
    # Says of which case the job is, for the incident.
    case_of: Callable[..., UUID | None] = lambda session, **arguments: None
    # Notes a failure in a transaction of its own; `final` when the job is given up.
    failed: Callable[..., None] | None = None
    # Whether the role that the case type names looks after it, when the fault lies neither in a definition nor in the
    # machine; else administrators do.
    is_of_the_case: bool = False


def workshop_of(settings: Settings, sessions: Callable[[], Session] | None = None) -> Workshop:
    """Furnish the workshop of an installation, and make its law and its office those of this process."""
    policy.install()
    seal = seal_of(settings)
    if settings.in_production and seal.kind == "none":
        logger.warning("no SEAL_FILE: letters and reports are printed without an electronic seal")
    return Workshop(settings, senders_of(settings), seal, open_office(settings), sessions)


def _wake(tx: Tx, workshop: Workshop, *, instance_id: str) -> None:
    processes.wake(tx, UUID(instance_id))


def _migrate(tx: Tx, workshop: Workshop, *, batch_id: str, instance_id: str) -> None:
    migrate_case(tx, UUID(batch_id), UUID(instance_id))


def _try_migration(tx: Tx, workshop: Workshop, *, batch_id: str) -> None:
    trying.try_next(tx, UUID(batch_id))


def _recount(tx: Tx, workshop: Workshop, *, instance_id: str) -> None:
    recounting.recount(tx, UUID(instance_id))


def _hand_out_recounts(tx: Tx, workshop: Workshop, **_: Any) -> None:
    recounting.hand_out(tx)


def _case_of_instance(session: Session, *, instance_id: str, **_: Any) -> UUID | None:
    return session.scalar(select(ProcessInstance.case_id).where(ProcessInstance.id == UUID(instance_id)))


def _deliver_early(tx: Tx, workshop: Workshop, *, instance_id: str) -> None:
    delivery.deliver_early(tx, UUID(instance_id))


def _expire_early(tx: Tx, workshop: Workshop, *, message_id: str) -> None:
    delivery.expire_early(tx, UUID(message_id))


def _spread_signal(tx: Tx, workshop: Workshop, *, name: str, instance_id: str, revision: int) -> None:
    signals.spread(tx, name, UUID(instance_id), revision)


def _deliver_signal(tx: Tx, workshop: Workshop, *, instance_id: str, name: str, thrown_by: str, revision: int) -> None:
    signals.deliver_signal(tx, UUID(instance_id), name, UUID(thrown_by), revision)


def _case_of_early(session: Session, *, message_id: str) -> UUID | None:
    run = select(EarlyMessage.instance_id).where(EarlyMessage.id == UUID(message_id)).scalar_subquery()
    return session.scalar(select(ProcessInstance.case_id).where(ProcessInstance.id == run))


def _send(tx: Tx, workshop: Workshop, *, notice_id: str) -> None:
    notice = notices.send(
        tx,
        UUID(notice_id),
        senders=workshop.senders,
        site=workshop.settings.public_url,
        party_addresses=addresses_of,
    )
    if notice.state == "failed":
        # The destination will have none of it. One incident for each, until somebody has corrected the address.
        raise_incident(
            tx,
            "notice.refused",
            f"notices.refused:{notice.channel}:{notice.user_id or notice.party_id}",
            Cause("Undeliverable", notice.failure or ""),
            owner_role=ADMINISTRATOR,
            case_id=notice.case_id,
        )


def _send_failed(tx: Tx, cause: Cause, *, final: bool, notice_id: str) -> None:
    notices.note_failure(tx, UUID(notice_id), cause.name, final=final)


def _resend(tx: Tx, workshop: Workshop, *, channel: str) -> None:
    if not notices.resend_failed(tx, channel):
        # Nothing is left that could fail or go well, so the fault of the channel is over.
        settle(tx, f"notices.send:{channel}")


def _print_letter(tx: Tx, workshop: Workshop, *, letter_id: str) -> None:
    letters.print_letter(tx, UUID(letter_id), workshop.seal)


def _print_letter_failed(tx: Tx, cause: Cause, *, final: bool, letter_id: str) -> None:
    if final:
        letters.note_failure(tx, UUID(letter_id))


def _case_of_letter(session: Session, *, letter_id: str) -> UUID | None:
    return session.scalar(select(Letter.case_id).where(Letter.id == UUID(letter_id)))


def _print_report(tx: Tx, workshop: Workshop, *, report_id: str) -> None:
    def progress(percent: int) -> None:
        with _other_transaction(tx, workshop) as other:
            case_reports.note_progress(other, UUID(report_id), percent)

    case_reports.print_report(tx, UUID(report_id), office=workshop.office, seal=workshop.seal, progress=progress)


def _print_report_failed(tx: Tx, cause: Cause, *, final: bool, report_id: str) -> None:
    if final:
        case_reports.note_failure(tx, UUID(report_id))


def _case_of_report(session: Session, *, report_id: str) -> UUID | None:
    return session.scalar(select(CaseReport.case_id).where(CaseReport.id == UUID(report_id)))


def _print_recapitulation(tx: Tx, workshop: Workshop, *, recapitulation_id: str) -> None:
    recapitulations.print_figures(tx, UUID(recapitulation_id), office=workshop.office, seal=workshop.seal)


def _print_recapitulation_failed(tx: Tx, cause: Cause, *, final: bool, recapitulation_id: str) -> None:
    if final:
        recapitulations.note_failure(tx, UUID(recapitulation_id))


def _remind_of_recapitulations(tx: Tx, workshop: Workshop, **_: Any) -> None:
    remind_of_due(tx, workshop.office)


def _make_package(tx: Tx, workshop: Workshop, *, package_id: str) -> None:
    def progress(percent: int) -> None:
        with _other_transaction(tx, workshop) as other:
            packages.note_progress(other, UUID(package_id), percent)

    packages.make_package(tx, UUID(package_id), office=workshop.office, progress=progress)


def _make_package_failed(tx: Tx, cause: Cause, *, final: bool, package_id: str) -> None:
    if final:
        packages.note_failure(tx, UUID(package_id))


def _case_of_package(session: Session, *, package_id: str) -> UUID | None:
    return session.scalar(select(Package.case_id).where(Package.id == UUID(package_id)))


def _copy(tx: Tx, workshop: Workshop, *, evidence_id: str) -> None:
    evidence.make_copy(tx, UUID(evidence_id))


def _copy_failed(tx: Tx, cause: Cause, *, final: bool, evidence_id: str) -> None:
    if final:
        evidence.note_copy_failure(tx, UUID(evidence_id))


def _case_of_evidence(session: Session, *, evidence_id: str) -> UUID | None:
    return session.scalar(select(Evidence.case_id).where(Evidence.id == UUID(evidence_id)))


def _link_journal(tx: Tx, workshop: Workshop, **_: Any) -> None:
    if journal.link_pending(tx) == journal.LINKS_PER_RUN:
        # Without the queueing lock of the clock: at the turn of a minute the clock has that one already, and waits for
        # the note of its last round, which this transaction holds since it has taken its job.
        jobs.defer(tx.session, "journal.link", lock="journal.link")


def _sweep_timers(tx: Tx, workshop: Workshop, **_: Any) -> None:
    """Defer anew the waking of instances whose timer is overdue though no job will come for it."""
    overdue = (
        select(Timer.instance_id)
        .join(ProcessInstance, ProcessInstance.id == Timer.instance_id)
        .where(
            Timer.due_at < tx.now - LOST_AFTER,
            ProcessInstance.status == "running",
            ProcessInstance.suspended_at.is_(None),
            # Of very many that are overdue nearly all still have their own.
            text(
                "NOT EXISTS (SELECT FROM procrastinate_jobs job WHERE job.id = timer.job_id"
                " AND job.status IN ('todo', 'doing') AND job.scheduled_at <= :now)"
            ).bindparams(now=tx.now),
        )
        .distinct()
    )
    for instance_id in tx.session.scalars(overdue):
        if not _has_job(tx.session, "processes.wake", instance_id=instance_id, due_by=tx.now):
            jobs.defer(tx.session, "processes.wake", queueing_lock=f"sweep:{instance_id}", instance_id=instance_id)


def _release_unfit(tx: Tx, workshop: Workshop, **_: Any) -> None:
    tasks.release_unfit(tx)


def _watch_tasks(tx: Tx) -> int:
    """Tell of every open task that nobody may do any more, because the last of its role is gone, and count them."""
    told = 0
    waiting = select(Task.role, Task.unit_id).where(Task.status == "open").distinct()
    for role, unit_id in tx.session.execute(waiting).all():
        if holders_of(tx.session, role, tx.now, unit_id=unit_id):
            continue
        alone = select(Task).where(Task.status == "open", Task.role == role, Task.unit_id.is_not_distinct_from(unit_id))
        for task in tx.session.scalars(alone).all():
            tell_of_orphan(tx, task)
            told += 1
    return told


def subject_of(task: str, arguments: Mapping[str, Any]) -> str:
    """Say what an incident about such a job is called."""
    return ":".join([task, *map(str, arguments.values())])


def _watch_queue(tx: Tx) -> None:
    """Tell of jobs that were given up and that no incident ever named: what failed in telling of a fault."""
    for task, arguments in tx.session.execute(_UNTOLD, {"known": [*DUTIES]}).all():
        raise_incident(
            tx,
            "job.failed",
            subject_of(task, arguments),
            Cause("Watchdog", "job.untold"),
            owner_role=ADMINISTRATOR,
            task=task,
            arguments=arguments,
        )


def _watch_cases(tx: Tx, workshop: Workshop, **_: Any) -> None:
    """Make an incident of every open case with no next thing, or whose next thing is for nobody, and of false ends.

    One about which somebody was told already is passed, and what has mended itself since is closed. What was found is
    noted, also when it is nothing.
    """
    for subject in going_on_again(tx.session):
        settle(tx, subject)
    settle_orphans(tx)
    _watch_queue(tx)
    settle_passed_steps(tx)
    orphaned = _watch_tasks(tx)
    stuck = [each for each in stuck_cases(tx.session) if each.since <= tx.now - STUCK_AFTER]
    ended = falsely_ended(tx.session)
    told = [("case.stuck", f"watchdog:{each.case_id}", "case.no_next_thing", each) for each in stuck]
    told += [("case.falsely_ended", f"ended:{each.instance_id}", "process.false_end", each) for each in ended]
    for kind, subject, code, each in told:
        raise_incident(
            tx,
            kind,
            subject,
            Cause("Watchdog", code),
            owner_role=looked_after_by(tx.session, each.case_id) or ADMINISTRATOR,
            case_id=each.case_id,
            instance_id=each.instance_id,
        )
    looked_at = tx.session.scalar(select(func.count()).select_from(Case).where(Case.closed_at.is_(None))) or 0
    note_watch(tx, cases=looked_at, stuck=len(stuck), falsely_ended=len(ended), orphaned=orphaned)


def _tell_owners(tx: Tx, workshop: Workshop, **_: Any) -> None:
    tell_owners(tx)


def _tidy_storage(tx: Tx, workshop: Workshop, **_: Any) -> None:
    """Forget files that came ahead of a report nobody sent."""
    storage.forget_unclaimed(tx, before=tx.now - UNCLAIMED_FOR)


def _tidy_limits(tx: Tx, workshop: Workshop, **_: Any) -> None:
    """Forget counters whose window has passed."""
    limits.forget_passed(tx.session.connection(), tx.now)


DUTIES: Mapping[str, Duty] = {
    "processes.wake": Duty(_wake, _case_of_instance),
    "processes.migrate": Duty(_migrate, _case_of_instance),
    "migrations.try": Duty(_try_migration),
    "processes.recount": Duty(_recount, _case_of_instance),
    "calendar.recount": Duty(_hand_out_recounts),
    "processes.sweep": Duty(_sweep_timers),
    "messages.deliver": Duty(_deliver_early, _case_of_instance),
    "messages.expire": Duty(_expire_early, _case_of_early),
    "signals.spread": Duty(_spread_signal, _case_of_instance),
    "signals.deliver": Duty(_deliver_signal, _case_of_instance),
    "processes.watch": Duty(_watch_cases),
    "incidents.tell": Duty(_tell_owners),
    "tasks.release": Duty(_release_unfit),
    "notices.send": Duty(_send, failed=_send_failed),
    "notices.resend": Duty(_resend),
    "letters.print": Duty(_print_letter, _case_of_letter, _print_letter_failed),
    "case_reports.print": Duty(_print_report, _case_of_report, _print_report_failed),
    "recapitulations.print": Duty(_print_recapitulation, failed=_print_recapitulation_failed),
    "recapitulations.remind": Duty(_remind_of_recapitulations),
    "packages.make": Duty(_make_package, _case_of_package, _make_package_failed),
    "evidence.copy": Duty(_copy, _case_of_evidence, _copy_failed, is_of_the_case=True),
    "journal.link": Duty(_link_journal),
    "storage.tidy": Duty(_tidy_storage),
    "limits.tidy": Duty(_tidy_limits),
}

# What happens by the clock: task -> when, as cron says it, in UTC.
RHYTHM: Mapping[str, str] = {
    "journal.link": "* * * * *",
    "processes.sweep": "*/5 * * * *",
    "processes.watch": "7 * * * *",
    # Most of what fails once goes well at the next try: what is told has stood for some minutes.
    "incidents.tell": "*/10 * * * *",
    "tasks.release": "*/10 * * * *",
    # Days of the office begin at different hours in UTC, and a worker may have slept.
    "recapitulations.remind": "23 * * * *",
    "storage.tidy": "41 18 * * *",
    "limits.tidy": "51 18 * * *",
}


@contextlib.contextmanager
def _other_transaction(tx: Tx, workshop: Workshop) -> Iterator[Tx]:
    """A transaction beside the job's own, whose rows are seen while the job goes on."""
    if workshop.sessions is None:
        yield tx
        return
    with workshop.sessions() as session, begin(session, SYSTEM, now=tx.now) as other:
        yield other


def _has_job(session: Session, task: str, *, instance_id: UUID, due_by: datetime) -> bool:
    """Tell whether a job for the instance is waiting to be done by `due_by`, or being done."""
    statement = text(
        "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing')"
        " AND args->>'instance_id' = :instance_id AND (scheduled_at IS NULL OR scheduled_at <= :due_by))"
    )
    return bool(session.scalar(statement, {"task": task, "instance_id": str(instance_id), "due_by": due_by}))
