"""Verbs by which a task changes hands. None of them moves the process; that is `processes`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import not_, select
from sqlalchemy.dialects.postgresql import insert

from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.journal.operations import record
from workflows.notices.operations import silence
from workflows.people.models import User
from workflows.people.queries import actor_for, may_fill, stands_in_for
from workflows.tasks.models import SavedView, Task, TaskDraft
from workflows.transaction import Tx, permits

# A view's name is a word or three, and its filters fit into an address.
_LONGEST_NAME = 80
_LONGEST_QUERY = 2_000
# The database numbers rows below this; a number from an address may be anything.
_IDS_END = 2**31


def claim(tx: Tx, task_id: UUID) -> Task:
    """Take the task upon oneself; journals `task.claimed`. Claiming what one holds changes nothing.

    The bells that announced it fall silent, as they do for all others when it is assigned.

    Raises NotFound (`task.unknown`) when it does not exist or may not be seen, NotAllowed when another role does it,
    Conflict: `task.taken` (by=name) when somebody else holds it, `task.done` (by=name) or `task.cancelled` when nobody
    can do it any more.
    """
    task = locked_task(tx, task_id)

    tx.require("task.work", task)

    check_open(tx, task)
    if task.assignee_id == tx.actor.user_id:
        return task
    check_free(tx, task)

    task.assignee_id, task.claimed_at = tx.actor.user_id, tx.now

    silence(tx, [task.id])

    record(tx, "task.claimed", case_id=task.case_id, task=task.id)
    return task


def release(tx: Tx, task_id: UUID) -> Task:
    """Give the task back to whoever takes it next; journals `task.released`. What was typed stays as a draft.

    Only the holder, or who may assign it. Raises as `claim` does; releasing what nobody holds changes nothing.
    """
    task = locked_task(tx, task_id)

    if task.assignee_id is None:
        tx.require("task.work", task)
    elif task.assignee_id != tx.actor.user_id:
        tx.require("task.assign", task)

    check_open(tx, task)
    if task.assignee_id is None:
        return task

    task.assignee_id = task.claimed_at = None

    record(tx, "task.released", case_id=task.case_id, task=task.id)
    return task


def release_unfit(tx: Tx) -> int:
    """Give back every open task whose holder may no longer do it, and tell how many; journals `task.released`.

    Somebody who was moved, whose account was closed or whose time as a deputy is over would otherwise keep work from
    those who can do it. Called where roles change, and now and then by a job, since a mandate may end by its date. A
    task that somebody is just acting on is left to the next time.
    """
    held = (
        select(Task)
        .where(
            Task.status == "open",
            Task.assignee_id.is_not(None),
            not_(may_fill(Task.assignee_id, Task.role, Task.unit_id, tx.now)),
        )
        .order_by(Task.id)
        .with_for_update(of=Task, skip_locked=True)
    )
    unfit = tx.session.scalars(held).all()
    for task in unfit:
        task.assignee_id = task.claimed_at = None
        record(tx, "task.released", case_id=task.case_id, task=task.id)
    return len(unfit)


def assign(tx: Tx, task_id: UUID, user_id: UUID) -> Task:
    """Give the task to a person, even away from another; journals `task.assigned`.

    Needs `task.assign`. Raises NotAllowed (`task.unfit_assignee`) when that person may not do it; else as `claim`.
    """
    task = locked_task(tx, task_id)

    tx.require("task.assign", task)
    if not permits(tx.session, actor_for(tx.session, user_id, tx.now), "task.work", task):
        raise NotAllowed("task.unfit_assignee")

    check_open(tx, task)
    if task.assignee_id == user_id:
        return task

    task.assignee_id, task.claimed_at = user_id, tx.now
    silence(tx, [task.id], but_for=user_id)

    record(tx, "task.assigned", case_id=task.case_id, task=task.id, to=user_id)
    return task


def save_draft(tx: Tx, task_id: UUID, posted: Mapping[str, Sequence[str]]) -> TaskDraft:
    """Keep what the actor typed so far, for nobody else to see. Not journalled: nothing has happened yet.

    Works for a task that is done or taken meanwhile as well, so that no typed word is lost.
    """
    task = tx.session.get(Task, task_id)
    if task is None or not tx.may("case.read", task.case):
        raise NotFound("task.unknown")

    tx.require("task.work", task)

    kept = {field: [str(value) for value in values] for field, values in posted.items()}
    upsert = insert(TaskDraft).values(task_id=task_id, user_id=tx.actor.user_id, posted=kept, saved_at=tx.now)
    statement = upsert.on_conflict_do_update(
        index_elements=[TaskDraft.task_id, TaskDraft.user_id],
        set_={"posted": upsert.excluded.posted, "saved_at": upsert.excluded.saved_at},
    ).returning(TaskDraft)
    return tx.session.scalars(statement, execution_options={"populate_existing": True}).one()


def save_view(tx: Tx, name: str, query: str) -> SavedView:
    """Keep inbox filters under a name of one's own; the same name again replaces them."""
    if tx.actor.user_id is None:
        raise NotAllowed("act.not_allowed", act="view.save")
    upsert = insert(SavedView).values(
        user_id=tx.actor.user_id, name=name.strip()[:_LONGEST_NAME], query=query.lstrip("?")[:_LONGEST_QUERY]
    )
    statement = upsert.on_conflict_do_update(
        index_elements=[SavedView.user_id, SavedView.name], set_={"query": upsert.excluded.query}
    ).returning(SavedView)
    return tx.session.scalars(statement, execution_options={"populate_existing": True}).one()


def forget_view(tx: Tx, view_id: int) -> None:
    """Drop one's own saved view; raises NotFound (`view.unknown`)."""
    view = tx.session.get(SavedView, view_id) if 0 < view_id < _IDS_END else None
    if view is None or view.user_id != tx.actor.user_id:
        raise NotFound("view.unknown")
    tx.session.delete(view)


def locked_task(tx: Tx, task_id: UUID) -> Task:
    """Find the task and lock its row; NotFound (`task.unknown`) when its case may not be seen.

    Whoever means to lock the instance as well does so first: always instance, then task.
    """
    task = tx.session.get(Task, task_id, with_for_update={"of": Task}, populate_existing=True)
    if task is None or not tx.may("case.read", task.case):
        raise NotFound("task.unknown")
    return task


def check_work(tx: Tx, task: Task, *, seen: bool | None = None) -> None:
    """Raise NotAllowed when the actor may not do the task, NotFound (`task.unknown`) when they may not even see it.

    `seen` is whether they see the case, if that was read with the task.
    """
    if tx.may("task.work", task, seen=seen):
        return
    if not tx.may("case.read", task.case, seen=seen):
        raise NotFound("task.unknown")
    raise NotAllowed("act.not_allowed", act="task.work")


def check_open(tx: Tx, task: Task) -> None:
    """Raise Conflict when nobody can do the task any more: `task.done` (by, at) or `task.cancelled`."""
    if task.status == "done":
        raise Conflict("task.done", by=name_of(tx, task.completed_by_id), at=task.completed_at)
    if task.status == "cancelled":
        raise Conflict("task.cancelled", at=task.completed_at)


def check_free(tx: Tx, task: Task) -> None:
    """Raise Conflict (`task.taken`) when somebody else holds the task, unless the actor acts in their place."""
    holder = task.assignee_id
    if holder is None or holder == tx.actor.user_id:
        return
    if not stands_in_for(tx.session, tx.actor.user_id, holder, tx.now):
        raise Conflict("task.taken", by=name_of(tx, holder))


def name_of(tx: Tx, user_id: UUID | None) -> str:
    """Give the name of who was quicker; empty for the system."""
    user = tx.session.get(User, user_id) if user_id is not None else None
    return user.name if user is not None else ""
