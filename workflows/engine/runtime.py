"""The five functions: parse a definition once; start, complete, wake and deliver move one instance by one step.

A sixth, `retime`, serves a deadline that was counted anew.

Each is a function of its arguments. Nothing handed in is changed; when a call raises, nothing has happened.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from workflows.engine import acts, codec, deployment
from workflows.engine.definition import Definition
from workflows.engine.events import due_at
from workflows.engine.instance import Instance
from workflows.engine.observing import observe
from workflows.engine.step import State, Step
from workflows.errors import Conflict
from workflows.feel.clock import Clock, office_zone

# A service is a plain function of its inputs; it gives a dict of results or None.
Service = Callable[[dict[str, Any]], Mapping[str, Any] | None]


def parse(
    files: Mapping[str, bytes],
    process: str | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    *,
    zone: ZoneInfo | None = None,
    judge: bool = True,
) -> Definition:
    """Read BPMN and DMN files (name -> bytes) into a definition that runs as drawn.

    `process` is the id of the process to run; None means the only executable one that no other calls. `functions` are
    offered to FEEL by name. Raises BrokenDefinition with every finding when anything could not run as drawn.

    `judge` false is for an edition that was published before: what asks whether its files are sensible and well
    written, and not whether they run as drawn, is not asked again: no case must stop when that grows stricter.
    """
    return deployment.deploy(files, process, dict(functions or {}), zone or office_zone(), judge)


def start(
    definition: Definition,
    variables: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    services: Mapping[str, Service] | None = None,
    trigger: tuple[Literal["message", "signal", "timer"], str] | None = None,
) -> tuple[State, Step]:
    """Begin an instance with `variables` and run it until it waits or ends.

    `trigger` chooses a start event by kind and name (the element's id for a timer); None means the plain start event.
    Conflict `start.unawaited` when the process has no such start.
    """
    return _finish(acts.start(definition, variables or {}, Clock(now, definition.zone), services or {}, trigger))


def complete(
    definition: Definition,
    state: State,
    task_id: str,
    answers: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    services: Mapping[str, Service] | None = None,
) -> tuple[State, Step]:
    """Complete a waiting task with its answers and run on.

    The answers become process variables; a task with output parameters writes only what those say, which see the
    answers on top. Conflict `task.not_waiting` when the task does not wait (any more).
    """
    instance = _resume(definition, state, now, services)
    acts.complete(instance, task_id, answers or {})
    return _finish(instance)


def wake(
    definition: Definition,
    state: State,
    *,
    now: datetime,
    services: Mapping[str, Service] | None = None,
    by: datetime | None = None,
) -> tuple[State, Step]:
    """Fire every timer that is due by `now`, first due first, and run on; nothing due changes nothing.

    With `by`, an earlier instant, only those that were due by then: what came between has its turn next. Rounds of a
    cycle that were slept through fire once, not one by one.
    """
    instance = _resume(definition, state, now, services)
    acts.wake(instance, by)
    return _finish(instance)


def deliver(
    definition: Definition,
    state: State,
    message: str,
    payload: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    services: Mapping[str, Service] | None = None,
    kind: Literal["message", "signal"] = "message",
) -> tuple[State, Step]:
    """Hand a message to the one element that awaits it (innermost scope first, then the one that waits longest).

    A signal goes to all that await it. The payload becomes process variables. Conflict `message.unawaited` when nobody
    waits; the state is as before.
    """
    instance = _resume(definition, state, now, services)
    taken_by = acts.deliver(instance, message, payload or {}, kind)
    return _finish(instance, taken_by)


def retime(definition: Definition, state: State, due: Mapping[str, datetime], *, now: datetime) -> tuple[State, Step]:
    """Move running timers to other instants (`DueTimer.id` -> aware instant), because a deadline was counted anew.

    Nothing fires here, also when the new instant has passed: the next `wake` does it. Conflict `timer.not_running` when
    one of them does not run (any more).
    """
    instance = _resume(definition, state, now, None)
    running = {token.name: token for token in instance.tokens() if due_at(token) is not None}
    for name, instant in due.items():
        if name not in running:
            raise Conflict("timer.not_running", timer=name)
        running[name].internal_data["due"] = instant.astimezone(UTC).isoformat()
    return _finish(instance)


def _resume(definition: Definition, state: State, now: datetime, services: Mapping[str, Service] | None) -> Instance:
    return codec.load(
        state.tokens, definition.plan, state.variables, clock=Clock(now, definition.zone), services=services or {}
    )


def _finish(instance: Instance, taken_by: tuple[str, ...] = ()) -> tuple[State, Step]:
    instance.run()
    return State(codec.dump(instance), instance.variables.document), observe(instance, taken_by)
