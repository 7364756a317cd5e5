"""What must hold of every run, asked of the rows themselves: nothing has ended that still waits.

The watchdog asks it every hour. That each open case has a next thing is asked in `queries.stuck_cases`.
"""

from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from workflows.processes.models import AwaitedMessage, ProcessInstance, Timer
from workflows.processes.queries import Stuck
from workflows.tasks.models import Task


def falsely_ended(session: Session) -> Sequence[Stuck]:
    """Give the runs that bear an end though something of them waits or holds a token: a completion that is none."""
    waits = or_(
        exists().where(Task.instance_id == ProcessInstance.id, Task.status == "open"),
        exists().where(Timer.instance_id == ProcessInstance.id),
        exists().where(AwaitedMessage.instance_id == ProcessInstance.id),
        ProcessInstance.tokens_at != [],
    )
    rows = session.execute(
        select(ProcessInstance.case_id, ProcessInstance.id, ProcessInstance.ended_at, ProcessInstance.started_at)
        .where(ProcessInstance.status != "running", waits)
        .order_by(ProcessInstance.started_at)
    )
    return [
        Stuck(case_id=case_id, instance_id=instance_id, since=ended_at or started_at)
        for case_id, instance_id, ended_at, started_at in rows
    ]
