"""What moves an instance in memory: begin it, complete a task, wake its timers, hand it a message.

Each leaves tokens that may run to whoever called (`Instance.run`). `runtime` puts reading and writing around them, and
the trial run plays them on an instance that was never written, to see that writing loses nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from workflows.engine.definition import Definition
from workflows.engine.events import due_at
from workflows.engine.instance import Instance
from workflows.engine.variables import Variables
from workflows.errors import Conflict
from workflows.feel.clock import Clock


def start(
    definition: Definition,
    variables: Mapping[str, Any],
    clock: Clock,
    services: Mapping[str, Callable[..., Any]],
    trigger: tuple[str, str] | None,
) -> Instance:
    """Make an instance with a token on its start event; Conflict `start.unawaited` when there is no such start."""
    found = [
        entry
        for entry in definition.starts
        if (entry.kind == "none" if trigger is None else (entry.kind, entry.name) == tuple(trigger))
    ]
    if not found:
        raise Conflict("start.unawaited", process=definition.process, trigger=trigger)
    plan = definition.plan
    own = Variables({})
    own.write(variables)
    instance = Instance(plan.top, plan.scopes, own, clock=clock, services=services)
    instance.begin(instance, plan.top.entries[found[0].element])
    return instance


def complete(instance: Instance, task_id: str, answers: Mapping[str, Any]) -> None:
    """Complete a waiting task; Conflict `task.not_waiting` when it does not wait."""
    token = next((token for token in instance.tokens() if token.name == task_id), None)
    if token is None or not token.waits_for_a_person:
        raise Conflict("task.not_waiting", task=task_id)
    token.task_spec.take_results(token, dict(answers))
    token.complete()


def wake(instance: Instance, by: datetime | None = None) -> None:
    """Fire every timer that is due, first due first; with `by` only those that were due by that instant."""
    until = min(by or instance.clock.now, instance.clock.now)
    while True:
        due = [
            (instant, token.id, token)
            for token in instance.tokens()
            if (instant := due_at(token)) is not None and instant <= until
        ]
        if not due:
            return
        token = min(due)[2]
        token.task_spec.fire(token, {})
        # Each timer is followed to rest before the next: what it cancels does not fire.
        instance.run()


def deliver(
    instance: Instance, name: str, payload: Mapping[str, Any], kind: Literal["message", "signal"]
) -> tuple[str, ...]:
    """Hand a message to the one that awaits it, a signal to all; name who took it; Conflict when nobody does."""
    if kind == "signal":
        taken = instance.broadcast(name, dict(payload))
    else:
        taken = instance.waiting_for("message", name)[:1]
        for token in taken:
            token.task_spec.fire(token, dict(payload))
    if not taken:
        raise Conflict("message.unawaited", message=name, kind=kind)
    return tuple(token.task_spec.element for token in taken)
