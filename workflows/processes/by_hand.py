"""What a person does about a running case beside completing tasks: take one, step back, confirm, escalate."""

from uuid import UUID

from sqlalchemy import Text, cast, func, select

from workflows.cases import contents, escalations, operations
from workflows.cases.duplicates import CONFIRMED, choose_duplicate
from workflows.cases.models import Case, Escalation
from workflows.errors import InvalidAnswers, NotAllowed, NotFound
from workflows.incidents.models import Incident
from workflows.incidents.operations import ADMINISTRATOR, Cause, raise_incident, settle
from workflows.journal.operations import record
from workflows.people.queries import actor_for, holders_of
from workflows.processes.calls import handling_roles, tell
from workflows.processes.delivery import catch_up_around
from workflows.processes.operations import send_message
from workflows.processes.outcomes import Outcome
from workflows.processes.queries import instances_of
from workflows.processes.running import call_of
from workflows.processes.submissions import heard, remember
from workflows.tasks import operations as tasks
from workflows.tasks.models import Task
from workflows.tasks.operations import check_open, locked_task
from workflows.transaction import SYSTEM, Tx, permits

# What an incident about a task for nobody is about: this and the id of the task.
_ORPHAN = "task.orphan:"
# The same of a step that an officer could not finish.
STEP = "step:"


def claim(tx: Tx, task_id: UUID) -> Task:
    """Take the task upon oneself, once whatever was due or kept for its run has happened.

    Raises as `tasks.operations.claim` does; a task that this took away is gone (Conflict `task.cancelled`).
    """
    catch_up_around(tx, task_id)
    return tasks.claim(tx, task_id)


def declare_conflict(tx: Tx, task_id: UUID, *, reason: str) -> None:
    """Step back from a task for conflict of interest: one is barred from the case, and the task goes to others.

    Journals `exclusion.added`; the reason is kept with the case. When nobody is left who may do the task, an incident
    says so. Raises NotFound (`task.unknown`), InvalidAnswers without a reason, Conflict as `complete_task` does.
    """
    task = locked_task(tx, task_id)

    tx.require("task.work", task)
    user_id = tx.actor.user_id
    if user_id is None:
        raise NotAllowed("act.not_allowed", act="task.work")

    check_open(tx, task)
    if not reason.strip():
        raise InvalidAnswers([("reason", "required", {})])

    contents.put(tx, task.case, "recusal", {"reason": reason.strip()}, element=task.element)
    if task.assignee_id == user_id:
        task.assignee_id = task.claimed_at = None
        record(tx, "task.released", case_id=task.case_id, task=task.id)
    operations.exclude(tx, task.case, "recused", user_id=user_id)
    tell_of_orphan(tx.acting_as(SYSTEM), task)


def confirm_duplicate(tx: Tx, case_id: UUID, other_id: UUID, *, key: str) -> Outcome:
    """Confirm that the case repeats another one, and let the diagram take it from there.

    Needs `case.work`. Raises as `send_message` and `cases.duplicates.choose_duplicate` do.
    """
    case = tx.session.get(Case, case_id)
    if case is None or not tx.may("case.read", case):
        raise NotFound("case.unknown")

    tx.require("case.work", case)

    choose_duplicate(tx, case, other_id)
    return send_message(tx, case_id, CONFIRMED, key=key)


def escalate(tx: Tx, case_id: UUID, *, to_role: str, reason: str, key: str | None = None) -> Escalation:
    """Raise the case to a role by hand, with a reason; whoever holds the role sees the case from now on and is told.

    A role that works in the handling unit is meant there. `key` is the idempotency key of the shown form: the same post
    again gives the first escalation and tells nobody anew. Raises as `cases.escalations.escalate` does.
    """
    case = tx.session.get(Case, case_id)
    if case is not None and key is not None and tx.may("case.escalate", case):
        first = heard(tx, key, "case.escalate", case_id)
        if first is not None:
            return tx.session.get_one(Escalation, UUID(first["escalation_id"]))
    runs = instances_of(tx.session, case_id)
    call = call_of(tx, runs[-1]) if runs else None
    narrowed = case is not None and call is not None and to_role in handling_roles(call.manifest)
    unit_id = case.handling_unit_id if case is not None and narrowed else None
    raised = escalations.escalate(tx, case_id, to_role=to_role, reason=reason, to_unit_id=unit_id)
    if case is not None:
        operations.admit(tx, case, role=to_role, unit_id=unit_id)
    if call is not None:
        tell(call, "escalated_by_hand", to_role, optional=True)
    if key is not None:
        remember(tx, key, "case.escalate", case_id, result={"escalation_id": str(raised.id)})
    return raised


def tell_of_orphan(tx: Tx, task: Task) -> None:
    """Tell whoever mends faults when nobody is left who may do the task."""
    if not _is_for_somebody(tx, task):
        raise_incident(
            tx,
            "task.orphan",
            f"{_ORPHAN}{task.id}",
            Cause("Recusal", "task.orphan"),
            # Whoever can give the role to somebody.
            owner_role=ADMINISTRATOR,
            case_id=task.case_id,
            instance_id=task.instance_id,
            element=task.element,
        )


def settle_orphans(tx: Tx) -> None:
    """Close the incidents about tasks for nobody that are done, gone, or for somebody again."""
    told = (
        select(Incident.subject, Task)
        .join(Task, Incident.subject == func.concat(_ORPHAN, cast(Task.id, Text)))
        .where(Incident.kind == "task.orphan", Incident.state == "open")
    )
    for subject, task in tx.session.execute(told).all():
        if not task.is_open or _is_for_somebody(tx, task):
            settle(tx, subject)


def settle_passed_steps(tx: Tx) -> None:
    """Close the incidents about steps of officers that failed and have gone well since, or are gone."""
    passed = (
        select(Incident.subject)
        .join(Task, Incident.subject == func.concat(STEP, cast(Task.id, Text)))
        .where(Incident.kind == "step.failed", Incident.state == "open", Task.status != "open")
    )
    for subject in tx.session.scalars(passed).all():
        settle(tx, subject)


def _is_for_somebody(tx: Tx, task: Task) -> bool:
    return any(
        permits(tx.session, actor_for(tx.session, user.id, tx.now), "task.work", task)
        for user in holders_of(tx.session, task.role, tx.now, unit_id=task.unit_id)
    )
