"""Verbs that move the token: start, complete_task, send_message, wake, cancel.

Each locks the instance first and its open tasks next, runs the engine on the saved state, and writes what the engine
answered to the rows. An engine call that raises changes nothing, and the exception leaves the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflows.processes.models import ProcessInstance
from workflows.transaction import Tx

# Field id -> the strings that were posted for it, as a web form gives them.
Posted = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Upload:
    """A file that came with a form: which field it belongs to, and where evidence put it."""

    field: str
    # The name that the sender gave it; shown, never used as a path.
    name: str
    content: bytes


@dataclass(frozen=True)
class Outcome:
    """What a step led to, for the page that follows."""

    case_id: UUID
    case_number: str
    instance_id: UUID
    revision: int
    # Names of the tasks that wait now.
    next_tasks: tuple[str, ...]
    ended: bool
    # Whether this answers a repeated post, which changed nothing.
    repeated: bool


def start(tx: Tx, case_id: UUID, version_id: UUID, variables: Mapping[str, Any]) -> ProcessInstance:
    """Start the published version for the case; journals `process.started`."""
    raise NotImplementedError


def complete_task(
    tx: Tx, task_id: UUID, *, posted: Posted, files: Sequence[Upload] = (), revision: int, key: str
) -> Outcome:
    """Complete a task with what was typed into its form; journals `task.completed` and what followed.

    `revision` is that of the shown form, `key` its idempotency key; a repeated key gives the first outcome. Raises
    NotFound (`task.unknown`); InvalidAnswers; NotAllowed: `task.four_eyes`, `task.not_entitled`; Conflict:
    `task.done` (by), `task.cancelled`, `task.taken` (by), `task.stale` (by, at, fields: names of variables that
    changed since the form was shown).
    """
    raise NotImplementedError


def declare_conflict(tx: Tx, task_id: UUID, *, reason: str) -> None:
    """Step back from a task for conflict of interest: one is barred from the case and the task goes to others."""
    raise NotImplementedError


def send_message(
    tx: Tx, case_id: UUID, message: str, *, posted: Posted | None = None, files: Sequence[Upload] = (), key: str = ""
) -> Outcome:
    """Deliver a message that the case's process awaits, with the answers of its form; journals `message.received`.

    Raises Conflict (`message.unawaited`) when the process does not wait for it now; InvalidAnswers.
    """
    raise NotImplementedError


def wake(tx: Tx, instance_id: UUID) -> int:
    """Fire the instance's timers that are due by now, each once, and tell how many; journals `timer.fired` for each."""
    raise NotImplementedError


def cancel(tx: Tx, instance_id: UUID, *, reason: str) -> None:
    """Take the token from the diagram: open tasks, timers and messages end; journals `process.cancelled`.

    Needs `incident.handle`. Raises Conflict (`process.ended`) when there is nothing to cancel.
    """
    raise NotImplementedError
