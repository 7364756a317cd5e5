"""Signals between runs: whoever waits for one takes it, in whatever case they wait (BPMN 2.0.2, 10.5.6).

Within the run that throws it the engine hands a signal out at once. What reaches the others is left to jobs, one for
each run, so that a run that cannot take it is an incident of its own and never undoes the step of whoever acted. A
signal is kept for nobody: who begins to wait later has missed it. A suspended run is looked at again until it goes on.
"""

from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import exists, select

from workflows import engine, jobs
from workflows.catalogue import queries as catalogue
from workflows.errors import Conflict
from workflows.journal.operations import record
from workflows.processes.advance import advance
from workflows.processes.delivery import catch_up
from workflows.processes.models import ProcessInstance, StepRecord
from workflows.processes.running import locked_run_of, move, state_of
from workflows.transaction import SYSTEM, Tx

# When a suspended run is looked at again.
_LOOK_AGAIN = timedelta(hours=6)


def spread(tx: Tx, name: str, thrown_by: UUID, revision: int) -> int:
    """Defer a job for every other run whose diagram knows the signal, and tell how many; called by a job.

    `revision` is that of the run when it threw, so that the same throw is told from another one.
    """
    running = ProcessInstance.status == "running"
    versions = tx.session.scalars(select(ProcessInstance.version_id).where(running).distinct())
    editions = [catalogue.version(tx.session, version_id) for version_id in versions]
    listening = [each.id for each in editions if name in catalogue.definition(tx.session, each).signals]
    found = tx.session.scalars(
        select(ProcessInstance.id)
        .where(running, ProcessInstance.version_id.in_(listening), ProcessInstance.id != thrown_by)
        .order_by(ProcessInstance.started_at, ProcessInstance.id)
    ).all()
    jobs.defer_together(
        tx.session,
        [
            jobs.Errand(
                "signals.deliver", {"instance_id": each, "name": name, "thrown_by": thrown_by, "revision": revision}
            )
            for each in found
        ],
    )
    return len(found)


def deliver_signal(tx: Tx, instance_id: UUID, name: str, thrown_by: UUID, revision: int) -> bool:
    """Hand the signal to whatever in the run waits for it, and tell whether anything did; called by a job.

    Timers that were due come first. The same throw is taken once, however often the job comes. Journals
    `signal.received`.
    """
    call = locked_run_of(tx, instance_id)
    source = f"{name} {thrown_by}:{revision}"
    known = exists().where(
        StepRecord.instance_id == instance_id, StepRecord.kind == "signal", StepRecord.what == source
    )
    if not call.instance.is_running or tx.session.scalar(select(known)):
        return False
    if call.instance.suspended_at is not None:
        jobs.defer(
            tx.session, "signals.deliver", at=tx.now + _LOOK_AGAIN,
            instance_id=instance_id, name=name, thrown_by=thrown_by, revision=revision,
        )  # fmt: skip
        return False
    catch_up(call)
    if not call.instance.is_running:
        return False
    try:
        state, step = move(call, partial(engine.deliver, kind="signal"), state_of(call.instance), name, {})
    except Conflict as refused:
        if refused.code != "message.unawaited":
            # A service refused, perhaps after others had written: that is no step, and somebody has to look after it.
            raise
        # Nothing in it waits for the signal now.
        return False
    record(tx, "signal.received", case_id=call.case.id, instance=instance_id, signal=name, thrown_by=thrown_by)
    advance(call, state, step, kind="signal", what=source, actor_name=SYSTEM.name)
    return True
