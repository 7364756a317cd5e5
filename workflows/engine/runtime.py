"""The five functions: parse a definition once; start, complete, wake and deliver move one instance by one step.

Each is a function of its arguments. Nothing handed in is changed; when a call raises, nothing has happened.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from workflows.engine.definition import Definition
from workflows.engine.step import State, Step

# A service is a plain function of its inputs; it gives a dict of results or None.
Service = Callable[[dict[str, Any]], Mapping[str, Any] | None]

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")


def parse(
    files: Mapping[str, bytes],
    process: str | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    *,
    zone: ZoneInfo = OFFICE_ZONE,
) -> Definition:
    """Read BPMN and DMN files (name -> bytes) into a definition that runs as drawn.

    `process` is the id of the process to run; None means the only executable one that no other calls. `functions` are
    offered to FEEL by name. Raises BrokenDefinition with every finding when anything could not run as drawn.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


def wake(
    definition: Definition,
    state: State,
    *,
    now: datetime,
    services: Mapping[str, Service] | None = None,
) -> tuple[State, Step]:
    """Fire every timer that is due by `now`, first due first, and run on; nothing due changes nothing.

    Rounds of a cycle that were slept through fire once, not one by one.
    """
    raise NotImplementedError


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
    raise NotImplementedError
