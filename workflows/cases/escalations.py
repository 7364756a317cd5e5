"""Escalations: raised by the clock or by hand, acknowledged by those they reach."""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from workflows.cases import contents
from workflows.cases.models import Case, CaseDeadline, Escalation
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.journal.operations import record
from workflows.people.models import Role
from workflows.transaction import Tx


def escalate_by_clock(
    tx: Tx, case: Case, deadline_id: str, to_role: str, *, to_unit_id: UUID | None = None
) -> Escalation | None:
    """Raise the breach of a deadline to a role; journals `case.escalated`. None when this breach was raised to it.

    The latest running is meant, met or not: a timer that the system fired late still tells the truth of its day.
    """
    running = tx.session.scalars(
        select(CaseDeadline)
        .where(CaseDeadline.case_id == case.id, CaseDeadline.deadline_id == deadline_id)
        .order_by(CaseDeadline.round.desc())
        .limit(1)
    ).first()
    statement = (
        insert(Escalation)
        .values(
            id=uuid4(),
            case_id=case.id,
            deadline_id=deadline_id,
            case_deadline_id=running.id if running is not None else None,
            to_role=to_role,
            to_unit_id=to_unit_id,
            raised_at=tx.now,
        )
        .on_conflict_do_nothing()
        .returning(Escalation)
    )
    escalation = tx.session.scalars(statement).first()
    if escalation is not None:
        _journal(tx, escalation)
    return escalation


def escalate(tx: Tx, case_id: UUID, *, to_role: str, reason: str, to_unit_id: UUID | None = None) -> Escalation:
    """Raise the case to a role by hand, with a reason; journals `case.escalated`.

    Needs `case.escalate`. Raises NotFound (`case.unknown`), InvalidAnswers for an empty reason or an unknown role,
    Conflict (`case.closed`) when the case is closed.
    """
    case = tx.session.get(Case, case_id)
    if case is None or not tx.may("case.read", case):
        raise NotFound("case.unknown")

    tx.require("case.escalate", case)

    if not case.is_open:
        raise Conflict("case.closed", number=case.number)
    problems: list[tuple[str, str, dict[str, object]]] = []
    if tx.session.get(Role, to_role) is None:
        problems.append(("to_role", "unknown_option", {}))
    if not reason.strip():
        problems.append(("reason", "required", {}))
    if problems:
        raise InvalidAnswers(problems)

    words = contents.put(tx, case, "escalation", {"reason": reason.strip()})
    # The escalation's row refers to it.
    tx.session.flush()
    escalation = Escalation(
        id=uuid4(),
        case_id=case.id,
        to_role=to_role,
        to_unit_id=to_unit_id,
        reason_content_id=words.id,
        raised_at=tx.now,
        raised_by_id=tx.actor.user_id,
    )
    tx.session.add(escalation)
    tx.session.flush()

    _journal(tx, escalation)
    return escalation


def acknowledge(tx: Tx, escalation_id: UUID) -> Escalation:
    """Note that somebody whom it reached has seen the escalation; journals `escalation.acknowledged`.

    Raises NotFound (`escalation.unknown`) for whoever it does not reach. Repeating it changes nothing.
    """
    escalation = tx.session.get(Escalation, escalation_id, with_for_update=True, populate_existing=True)

    if escalation is None or not tx.may("escalation.acknowledge", escalation):
        raise NotFound("escalation.unknown")

    if not escalation.is_open:
        return escalation

    escalation.acknowledged_at = tx.now
    escalation.acknowledged_by_id = tx.actor.user_id

    record(tx, "escalation.acknowledged", case_id=escalation.case_id, escalation=escalation.id)
    return escalation


def _journal(tx: Tx, escalation: Escalation) -> None:
    record(
        tx,
        "case.escalated",
        case_id=escalation.case_id,
        escalation=escalation.id,
        deadline=escalation.deadline_id,
        to_role=escalation.to_role,
        to_unit=escalation.to_unit_id,
    )
