"""What a run waits for, as rows: read once per act under the run's lock, and kept in step by `advance`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from workflows.cases.models import CaseDeadline
from workflows.processes.models import AwaitedMessage, ProcessInstance, Timer
from workflows.tasks.models import Task
from workflows.transaction import Tx


@dataclass
class Waiting:
    """The open tasks, timers and messages of a locked run."""

    # Oldest first; each row is locked.
    tasks: list[Task] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    messages: list[AwaitedMessage] = field(default_factory=list)
    # Every running of a deadline of the case, the oldest first; None until somebody asks.
    deadlines: list[CaseDeadline] | None = None

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


def waiting_of(tx: Tx, instance: ProcessInstance) -> Waiting:
    """Read what the run waits for, and lock its open tasks, so that nobody claims one while it is being taken away.

    The caller holds the lock of the instance.
    """
    session = tx.session
    tasks = (
        select(Task)
        .where(Task.instance_id == instance.id, Task.status == "open")
        .order_by(Task.id)
        .options(joinedload(Task.case, innerjoin=True))
        .with_for_update(of=Task)
        .execution_options(populate_existing=True)
    )
    return Waiting(
        tasks=sorted(session.scalars(tasks), key=lambda task: (task.created_at, task.id)),
        timers=list(session.scalars(select(Timer).where(Timer.instance_id == instance.id))),
        messages=list(session.scalars(select(AwaitedMessage).where(AwaitedMessage.instance_id == instance.id))),
    )
