"""The one read of an act: locks the run, then its open tasks, and gives all that the act will ask for.

The order of the locks is that of the parts: `run` is locked before `open_task` can read from it. Whoever had to wait
for the lock has read everything else as it was before the wait (PostgreSQL manual, "Read Committed Isolation Level").
That shows in the revision: as it is now in the locked row, as it was in the others. Then, and only then, the read is
repeated, now that nobody else can move the run.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, literal_column, select, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased, make_transient_to_detached, undefer

from workflows.access.policy import Standing, standing_of, visible_to
from workflows.cases.models import Case, CaseCircle, CaseExclusion
from workflows.catalogue.models import ProcessVersion
from workflows.journal.holding import know_head
from workflows.journal.models import JournalHead
from workflows.processes.models import AwaitedMessage, ProcessInstance, Submission, Timer
from workflows.processes.waiting import Read, Waiting
from workflows.tasks.models import Task
from workflows.transaction import Tx

# What names the run: its own id, a task of it, or the case of which it is the running one.
By = Literal["instance", "task", "case"]

_WANTED: dict[By, str] = {
    "instance": "id = :named",
    "task": "id = (SELECT instance_id FROM task WHERE id = :named)",
    "case": "case_id = :named AND status = 'running'",
}
# Short, since psycopg reads a statement of more than 4,096 characters anew each time.
_RUN = {by: text(f"SELECT * FROM process_instance WHERE {wanted} FOR UPDATE") for by, wanted in _WANTED.items()}  # noqa: S608
_OPEN_TASK = text(
    "SELECT task.* FROM run JOIN task ON task.instance_id = run.id"
    " WHERE task.status = 'open' ORDER BY task.id FOR UPDATE OF task"
)


def lock_run(tx: Tx, by: By, named: UUID, *, post: str = "") -> Read | None:
    """Lock the run and its open tasks and read what the act stands on; None when there is no such run.

    `post` is the name under which the answer to the act's form is kept, if there is one.
    """
    statement = _locking_read(by, standing_of(tx.session, tx.actor))
    while True:
        found = tx.session.execute(
            statement, {"named": named, "post": post}, execution_options={"populate_existing": True}
        ).all()
        if not found:
            return None
        if found[0].instance.revision == found[0].revision_seen:
            return _read(tx, found)


@lru_cache(maxsize=256)
def _locking_read(by: By, standing: Standing) -> Select[Any]:
    """Build the statement for all who stand like that; building it takes longer than running it."""
    run = _RUN[by].columns(*ProcessInstance.__table__.columns).cte("run")
    open_task = _OPEN_TASK.columns(*Task.__table__.columns).cte("open_task")
    instance, task = aliased(ProcessInstance, run, name="instance"), aliased(Task, open_task, name="task")

    def listed(*values: Any, of: Any) -> Any:
        rows = select(func.jsonb_agg(func.jsonb_build_array(*values))).where(of).scalar_subquery()
        return func.coalesce(rows, literal_column("'[]'::jsonb"), type_=JSONB)

    def only(*values: Any, of: Any) -> Any:
        return select(func.jsonb_build_array(*values, type_=JSONB)).where(of).scalar_subquery()

    return (
        select(
            instance,
            task,
            ProcessVersion,
            Case,
            select(ProcessInstance.revision)
            .where(ProcessInstance.id == run.c.id)
            .scalar_subquery()
            .label("revision_seen"),
            listed(
                Timer.id,
                Timer.engine_timer,
                Timer.element,
                Timer.due_at,
                Timer.job_id,
                of=Timer.instance_id == run.c.id,
            ).label("timers"),
            listed(AwaitedMessage.name, AwaitedMessage.element, of=AwaitedMessage.instance_id == run.c.id).label(
                "messages"
            ),
            listed(
                CaseCircle.role,
                CaseCircle.unit_id,
                of=and_(CaseCircle.case_id == run.c.case_id, CaseCircle.role.is_not(None)),
            ).label("circle"),
            select(CaseExclusion.id).where(CaseExclusion.case_id == run.c.case_id).exists().label("bars_somebody"),
            only(JournalHead.sequence, JournalHead.hash, of=JournalHead.case_id == run.c.case_id).label("head"),
            only(Submission.fingerprint, Submission.result, of=Submission.key == bindparam("post")).label("answered"),
            visible_to(standing).label("visible"),
        )
        .join_from(run, ProcessVersion, ProcessVersion.id == run.c.version_id)
        .join(Case, Case.id == run.c.case_id)
        .outerjoin(open_task, true())
        .options(undefer(instance.tokens), undefer(instance.variables))
    )


def _read(tx: Tx, found: Any) -> Read:
    row = found[0]
    instance, case = row.instance, row.Case
    if row.head is not None:
        know_head(tx.session, case.id, *row.head)
    if not instance.is_running:
        return Read(instance, row.ProcessVersion, case, Waiting(), row.visible, row.answered)
    tasks = sorted((each.task for each in found if each.task is not None), key=lambda task: (task.created_at, task.id))
    timers = [_timer(tx.session, instance.id, *values) for values in row.timers]
    messages = [
        AwaitedMessage(instance_id=instance.id, case_id=case.id, name=name, element=element)
        for name, element in row.messages
    ]
    circle = {(role, UUID(unit) if unit else None) for role, unit in row.circle}
    waiting = Waiting(tasks, timers, messages, circle=circle, bars_somebody=row.bars_somebody)
    return Read(instance, row.ProcessVersion, case, waiting, row.visible, row.answered)


def _timer(session: Session, instance_id: UUID, number: int, name: str, element: str, due: str, job: int) -> Timer:
    """Give the timer as a row of the session."""
    due_at = datetime.fromisoformat(due)
    row = Timer(id=number, instance_id=instance_id, engine_timer=name, element=element, due_at=due_at, job_id=job)
    make_transient_to_detached(row)
    return session.merge(row, load=False)
