"""Cases that may be about the same thing: suggested by place, time and category; linked by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.cases.models import Case, DuplicateSuggestion
from workflows.transaction import Actor, Tx


@dataclass(frozen=True)
class Lookalike:
    """An older case that may be about the same thing."""

    suggestion_id: int
    case_id: UUID
    number: str
    opened_at: datetime
    distance_metres: int
    days: int
    # "suggested", "linked" or "dismissed".
    status: str
    title: str


def suggest_duplicates(tx: Tx, case: Case, *, distance_metres: int, days: int) -> Sequence[DuplicateSuggestion]:
    """Suggest older cases of the same type and category, at most so far and so long away; journals each.

    Cases without coordinates and confidential cases are neither compared nor suggested.
    """
    raise NotImplementedError


def link_duplicate(tx: Tx, case: Case, other_id: UUID | None = None) -> Case:
    """Link the case to the one it repeats; journals `case.duplicate_linked`.

    Without `other_id` the nearest suggestion is meant. Raises Conflict: `duplicate.unsuggested` when there is none,
    `duplicate.circular` when the other one is itself linked to this one.
    """
    raise NotImplementedError


def dismiss_duplicate(tx: Tx, case_id: UUID, other_id: UUID) -> None:
    """Say that the suggested case is about something else; journals `case.duplicate_dismissed`. Needs `case.work`."""
    raise NotImplementedError


def lookalikes(session: Session, actor: Actor, case: Case) -> Sequence[Lookalike]:
    """Give the suggestions for a case, nearest first; only cases that the actor may see."""
    raise NotImplementedError
