"""Escalations: raised by the clock or by hand, acknowledged by those they reach."""

from uuid import UUID

from workflows.cases.models import Case, Escalation
from workflows.transaction import Tx


def escalate_by_clock(
    tx: Tx, case: Case, deadline_id: str, to_role: str, *, to_unit_id: UUID | None = None
) -> Escalation | None:
    """Raise the breach of a deadline to a role; journals `case.escalated`. None when this breach was raised to it."""
    raise NotImplementedError


def escalate(tx: Tx, case_id: UUID, *, to_role: str, reason: str, to_unit_id: UUID | None = None) -> Escalation:
    """Raise the case to a role by hand, with a reason; journals `case.escalated`.

    Needs `case.escalate`. Raises InvalidAnswers for an empty reason or a role that is not on the case type's ladder,
    Conflict (`case.closed`) when the case is closed.
    """
    raise NotImplementedError


def acknowledge(tx: Tx, escalation_id: UUID) -> Escalation:
    """Note that somebody whom it reached has seen the escalation; journals `escalation.acknowledged`.

    Needs `escalation.acknowledge`. Repeating it changes nothing.
    """
    raise NotImplementedError
