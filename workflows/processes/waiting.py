"""What a run waits for, as rows: read once per act under the run's lock (`locking`), and kept in step by `advance`.

Within an act these values are the truth; nobody asks the database for them once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from workflows.cases.models import Case, CaseDeadline
from workflows.catalogue.models import ProcessVersion
from workflows.processes.models import AwaitedMessage, ProcessInstance, Timer
from workflows.tasks.models import Task


@dataclass
class Waiting:
    """The open tasks, timers and messages of a locked run, and what else the act has read of its case."""

    # Oldest first; each row is locked.
    tasks: list[Task] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    # Values, not rows of the session.
    messages: list[AwaitedMessage] = field(default_factory=list)
    # Whether messages that came earlier are kept for the run.
    has_kept: bool = False
    # The latest running of each deadline of the case, the oldest first; None until somebody asks.
    deadlines: list[CaseDeadline] | None = None
    # Roles of the case's circle, with the unit to which each is narrowed. Nobody leaves it, so it holds what it held.
    circle: set[tuple[str, UUID | None]] = field(default_factory=set)
    # Whether that is all of it; otherwise whom this act has let in.
    knows_circle: bool = False
    # Whether somebody may not know of the case; None until somebody asks.
    bars_somebody: bool | None = None

    def task(self, task_id: UUID) -> Task | None:
        """Give the open task with this id."""
        return next((task for task in self.tasks if task.id == task_id), None)

    def awaits(self, message: str) -> bool:
        """Tell whether the message would be taken now."""
        return any(each.name == message for each in self.messages)

    def due(self, now: datetime) -> Sequence[Timer]:
        """Give the timers that are due by now, first due first."""
        return sorted(
            (timer for timer in self.timers if timer.due_at <= now), key=lambda timer: (timer.due_at, timer.id)
        )


@dataclass(frozen=True)
class Read:
    """What an act has read when it holds the lock of its run."""

    instance: ProcessInstance
    version: ProcessVersion
    case: Case
    # Nothing once the run is over.
    waiting: Waiting
    # Whether the actor sees the case, by the law of lists.
    seen: bool
    # Fingerprint and result of the first answer to the act's form; None when it is new.
    answered: tuple[str, dict[str, Any]] | None
