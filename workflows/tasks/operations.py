"""Verbs by which a task changes hands. None of them moves the process; that is `processes`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from workflows.tasks.models import SavedView, Task, TaskDraft
from workflows.transaction import Tx


def claim(tx: Tx, task_id: UUID) -> Task:
    """Take the task upon oneself; journals `task.claimed`. Claiming what one holds changes nothing.

    Raises NotFound (`task.unknown`) when it does not exist or may not be seen, Conflict: `task.taken` (by=name) when
    somebody else holds it, `task.done` (by=name) or `task.cancelled` when nobody can do it any more.
    """
    raise NotImplementedError


def release(tx: Tx, task_id: UUID) -> Task:
    """Give the task back to whoever takes it next; journals `task.released`. What was typed stays as a draft.

    Only the holder, or who may assign it. Raises as `claim` does.
    """
    raise NotImplementedError


def assign(tx: Tx, task_id: UUID, user_id: UUID) -> Task:
    """Give the task to a person, even away from another; journals `task.assigned`.

    Needs `task.assign`. Raises NotAllowed (`task.unfit_assignee`) when that person may not do it; else as `claim`.
    """
    raise NotImplementedError


def save_draft(tx: Tx, task_id: UUID, posted: Mapping[str, Sequence[str]]) -> TaskDraft:
    """Keep what the actor typed so far, for nobody else to see. Not journalled: nothing has happened yet."""
    raise NotImplementedError


def save_view(tx: Tx, name: str, query: str) -> SavedView:
    """Keep inbox filters under a name of one's own; the same name again replaces them."""
    raise NotImplementedError


def forget_view(tx: Tx, view_id: int) -> None:
    """Drop one's own saved view; raises NotFound (`view.unknown`)."""
    raise NotImplementedError
