"""Reads of running processes: what a task's form needs, the path for the picture, and runs that wait for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.forms.schema import Form
from workflows.processes.models import AwaitedMessage, PathStep, ProcessInstance, Timer
from workflows.transaction import Actor


@dataclass(frozen=True)
class TaskForm:
    """What the page of a task draws: the form, what the process already knows, and what the post must carry back."""

    # None when the task is only confirmed.
    form: Form | None
    # Field id -> value that is known already: process variables, then what was typed in an earlier round.
    values: Mapping[str, Any]
    # The revision that `complete_task` must be given.
    revision: int


@dataclass(frozen=True)
class ElementState:
    """How far one element of the diagram is, for the picture."""

    element: str
    # "waiting", "done" or "cancelled".
    state: str
    # The token is there now and its task is late.
    late: bool
    # How often it was entered.
    visits: int
    # When it was first entered and last left.
    entered_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True)
class Stuck:
    """A running process with no next thing; the watchdog makes an incident of it."""

    instance_id: UUID
    case_id: UUID
    since: datetime


def instances_of(session: Session, case_id: UUID) -> Sequence[ProcessInstance]:
    """Give the runs of a case, oldest first."""
    raise NotImplementedError


def task_form(session: Session, actor: Actor, task_id: UUID) -> TaskForm:
    """Give what the page of a task draws; NotFound (`task.unknown`) as the task itself."""
    raise NotImplementedError


def path_of(session: Session, instance_id: UUID) -> Sequence[PathStep]:
    """Give the path that the token took, in order."""
    raise NotImplementedError


def element_states(session: Session, instance_id: UUID, now: datetime) -> Mapping[str, ElementState]:
    """Give how far each touched element is, by element id."""
    raise NotImplementedError


def timers_of(session: Session, instance_id: UUID) -> Sequence[Timer]:
    """Give the instants that the run waits for, soonest first."""
    raise NotImplementedError


def awaited_messages(session: Session, case_id: UUID) -> Sequence[AwaitedMessage]:
    """Give the messages that the case's process would take now."""
    raise NotImplementedError


def stuck_instances(session: Session, now: datetime) -> Sequence[Stuck]:
    """Give the running processes that have no waiting task, timer, message, job or open incident."""
    raise NotImplementedError
