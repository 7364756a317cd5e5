"""A run in the hands of a verb: found, locked in the one order (instance, then tasks), and moved by the engine."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import counting_by
from workflows.engine import State, Step
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.processes.calls import Call
from workflows.processes.models import AwaitedMessage, ProcessInstance, StepRecord
from workflows.processes.office import current_office
from workflows.processes.services import bound
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Tx


def running_of(case_id: UUID) -> Select[ProcessInstance]:
    """Select the running process of the case."""
    return select(ProcessInstance).where(ProcessInstance.case_id == case_id, ProcessInstance.status == "running")


def locked_instance(tx: Tx, instance_id: UUID) -> ProcessInstance:
    instance = tx.session.get(ProcessInstance, instance_id, with_for_update=True, populate_existing=True)
    if instance is None:
        raise NotFound("process.unknown")
    return instance


def locked_instance_of_task(tx: Tx, task_id: UUID) -> ProcessInstance:
    """Lock the instance that the task belongs to, then every open task of it: always in this order."""
    instance_id = tx.session.scalar(select(Task.instance_id).where(Task.id == task_id))
    if instance_id is None:
        raise NotFound("task.unknown")
    instance = locked_instance(tx, instance_id)
    lock_open_tasks(tx, instance)
    return instance


def lock_open_tasks(tx: Tx, instance: ProcessInstance) -> None:
    """Lock what a step may end, so that nobody claims a task while it is being taken away."""
    tx.session.execute(
        select(Task.id)
        .where(Task.instance_id == instance.id, Task.status == "open")
        .order_by(Task.id)
        .with_for_update()
    ).all()


def call_of(tx: Tx, instance: ProcessInstance) -> Call:
    """Gather where the diagram's services are called: in the system's name, on the case and edition of the run."""
    version = catalogue.version(tx.session, instance.version_id)
    return Call(
        tx=tx.acting_as(SYSTEM),
        case=tx.session.get_one(Case, instance.case_id),
        instance=instance,
        version=version,
        manifest=catalogue.manifest(tx.session, version),
        office=current_office(),
    )


def move(call: Call, move: Callable[..., tuple[State, Step]], *given: Any) -> tuple[State, Step]:
    """Have the engine move the run by one step, with the services and the deadlines of this act."""
    definition = catalogue.definition(call.tx.session, call.version)
    with counting_by(call.counting):
        return move(definition, *given, now=call.tx.now, services=bound(call))


def state_of(instance: ProcessInstance) -> State:
    return State(instance.tokens, instance.variables)


def is_awaited(tx: Tx, instance: ProcessInstance, message: str) -> bool:
    awaited = select(AwaitedMessage.id).where(AwaitedMessage.instance_id == instance.id, AwaitedMessage.name == message)
    return tx.session.scalars(awaited.limit(1)).first() is not None


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


def check_fresh(tx: Tx, instance: ProcessInstance, revision: int) -> None:
    """Refuse a form that was shown before somebody changed what it may rest upon.

    A step that changed no variable, such as a reminder, makes no form stale.
    """
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
