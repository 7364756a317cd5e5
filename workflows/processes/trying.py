"""Trials of a migration that are kept: each running case of an edition is tried on a copy, by jobs, a handful at once.

A trial is a batch that moves nothing. What it found stays readable, shows how far it is, and goes on by itself when it
was interrupted; thousands of cases keep no page waiting. `migration.try_on_copies` tries all of them at once, for the
command line.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from workflows import jobs
from workflows.catalogue import queries as catalogue
from workflows.errors import NotFound
from workflows.processes.migration import Move, batch_of, crossing_of, settle_cases, tried
from workflows.processes.models import MigrationBatch, MigrationResult, ProcessInstance
from workflows.processes.suspension import OPERATE
from workflows.transaction import Tx

# Cases that one job tries: about a second.
_AT_ONCE = 100
# What a trial found is soon no longer true.
_KEPT_FOR = timedelta(days=31)


def begin_trial(tx: Tx, move: Move) -> MigrationBatch:
    """Settle which cases are tried and leave them to a job. Trials of a month ago are forgotten.

    Needs `process.operate`. Raises as `migration.crossing_of`.
    """
    tx.require(OPERATE)
    crossing_of(tx.session, move)

    old = select(MigrationBatch.id).where(MigrationBatch.trial, MigrationBatch.created_at < tx.now - _KEPT_FOR)
    tx.session.execute(delete(MigrationResult).where(MigrationResult.batch_id.in_(old)))
    tx.session.execute(delete(MigrationBatch).where(MigrationBatch.id.in_(old)))
    batch = batch_of(tx, move, trial=True)
    if settle_cases(tx, batch):
        _go_on(tx, batch.id)
    return batch


def try_next(tx: Tx, batch_id: UUID) -> int:
    """Try the next cases of a trial, tell how many, and leave the rest to a further job; nothing of a case is changed.

    A case that has ended or left the edition meanwhile is `passed`. Raises NotFound (`migration.unknown`).
    """
    batch = tx.session.get(MigrationBatch, batch_id, with_for_update=True)
    if batch is None or not batch.trial:
        raise NotFound("migration.unknown")
    new = catalogue.version(tx.session, batch.to_version_id)
    crossing = crossing_of(tx.session, move_of(batch))
    waiting = (
        select(MigrationResult, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.id == MigrationResult.instance_id)
        .where(MigrationResult.batch_id == batch_id, MigrationResult.state == "waiting")
        .order_by(MigrationResult.instance_id)
        .limit(_AT_ONCE)
        .options(undefer(ProcessInstance.tokens), undefer(ProcessInstance.variables))
    )
    found = tx.session.execute(waiting, execution_options={"populate_existing": True}).all()
    for result, instance in found:
        result.at = tx.now
        if not instance.is_running or instance.version_id != batch.from_version_id:
            result.state = "passed"
            continue
        trial = tried(tx, crossing, instance, new)
        result.state = "possible" if trial.possible else "refused"
        result.findings = [concern.as_json() for concern in trial.concerns]
    if len(found) == _AT_ONCE:
        _go_on(tx, batch_id)
    return len(found)


def go_on(tx: Tx, batch_id: UUID) -> int:
    """Leave the cases of an interrupted trial to a job again, and tell how many wait. Needs `process.operate`."""
    tx.require(OPERATE)
    waiting = (MigrationResult.batch_id == batch_id, MigrationResult.state == "waiting")
    left = tx.session.scalar(select(func.count()).select_from(MigrationResult).where(*waiting)) or 0
    if left:
        _go_on(tx, batch_id)
    return left


def move_of(batch: MigrationBatch) -> Move:
    """Give what the batch tries or does."""
    return Move(batch.from_version_id, batch.to_version_id, batch.mapping, batch.anew, frozenset(batch.accepted))


def progress_of(session: Session, batch_id: UUID) -> int:
    """Give how many percent of the cases of a batch have had their turn; 100 when there are none."""
    counted = select(func.count(), func.count().filter(MigrationResult.state != "waiting")).where(
        MigrationResult.batch_id == batch_id
    )
    every, done = session.execute(counted).one()
    return 100 * done // every if every else 100


def _go_on(tx: Tx, batch_id: UUID) -> None:
    jobs.defer(tx.session, "migrations.try", lock=batch_id, batch_id=batch_id)
