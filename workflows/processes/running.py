"""A run in the hands of a verb: found, locked in the one order (instance, then tasks), and moved by the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import counting_by
from workflows.catalogue.models import ProcessVersion
from workflows.engine import State, Step
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.processes.calls import Call
from workflows.processes.locking import By, lock_run
from workflows.processes.models import ProcessInstance, StepRecord
from workflows.processes.office import current_office
from workflows.processes.services import bound
from workflows.processes.submissions import Post
from workflows.processes.waiting import Waiting
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Tx


@dataclass(frozen=True)
class Run:
    """A run in the hands of a verb."""

    # Where its services are called, in the system's name.
    call: Call
    # Whether whoever acts sees the case.
    seen: bool
    # The first answer to the form that was posted; None when it is new, or none was.
    first_answer: Mapping[str, Any] | None


def locked_run(tx: Tx, by: By, named: UUID, *, post: Post | None = None) -> Run | None:
    """Lock the run of that id, task or case, then its open tasks: always in this order. None without such a run.

    Raises Conflict (`submission.bad_key`) when the form that was posted bears the key of another one.
    """
    read = lock_run(tx, by, named, post=post.name if post is not None else "")
    if read is None:
        return None
    answer = post.first_answer(read.answered) if post is not None else None
    return Run(call_of(tx, read.instance, read.version, read.case, waiting=read.waiting), read.seen, answer)


def locked_run_of(tx: Tx, instance_id: UUID) -> Call:
    """Lock the run; NotFound (`process.unknown`)."""
    run = locked_run(tx, "instance", instance_id)
    if run is None:
        raise NotFound("process.unknown")
    return run.call


def call_of(
    tx: Tx,
    instance: ProcessInstance,
    version: ProcessVersion | None = None,
    case: Case | None = None,
    *,
    waiting: Waiting | None = None,
) -> Call:
    """Gather where the diagram's services are called: in the system's name, on the case and edition of the run."""
    version = version or catalogue.version(tx.session, instance.version_id)
    return Call(
        tx=tx.acting_as(SYSTEM),
        case=case or tx.session.get_one(Case, instance.case_id),
        instance=instance,
        version=version,
        manifest=catalogue.manifest(tx.session, version),
        office=current_office(),
        waiting=waiting or Waiting(),
    )


def move(call: Call, move: Callable[..., tuple[State, Step]], *given: Any) -> tuple[State, Step]:
    """Have the engine move the run by one step, with the services and the deadlines of this act."""
    definition = catalogue.definition(call.tx.session, call.version)
    with counting_by(call.counting):
        return move(definition, *given, now=call.tx.now, services=bound(call))


def state_of(instance: ProcessInstance) -> State:
    return State(instance.tokens, instance.variables)


def check_four_eyes(tx: Tx, task: Task) -> None:
    """Refuse whoever last did one of the elements that the diagram names in `four_eyes`."""
    elements = [element.strip() for element in (task.four_eyes or "").split(",") if element.strip()]
    for element in elements:
        performer = tx.session.scalar(
            select(Task.completed_by_id)
            .where(Task.instance_id == task.instance_id, Task.element == element, Task.status == "done")
            .order_by(Task.completed_at.desc())
            .limit(1)
        )
        if performer is not None and performer == tx.actor.user_id:
            raise NotAllowed("task.four_eyes", by=tx.actor.name, element=element)


def check_moving(instance: ProcessInstance) -> None:
    """Raise Conflict (`process.suspended`) while an operator keeps the run from moving."""
    if instance.suspended_at is not None:
        raise Conflict("process.suspended", since=instance.suspended_at)


def check_fresh(tx: Tx, instance: ProcessInstance, revision: int) -> None:
    """Refuse a form that was shown before somebody changed what it may rest upon.

    A step that changed no variable, such as a reminder, makes no form stale.
    """
    if revision == instance.revision:
        return
    if revision > instance.revision:
        raise Conflict("task.stale", by="", at=None, fields=[])
    news = tx.session.scalars(
        select(StepRecord)
        .where(StepRecord.instance_id == instance.id, StepRecord.revision > revision)
        .order_by(StepRecord.revision)
    ).all()
    changed = sorted({name for step in news for name in step.changed})
    if changed:
        latest = next(step for step in reversed(news) if step.changed)
        raise Conflict("task.stale", by=latest.actor_name, at=latest.at, fields=changed)
