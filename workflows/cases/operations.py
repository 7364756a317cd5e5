"""Verbs on a case that move no token: open, classify, refer, close, reopen, and who may see it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from workflows.cases.models import Case, CaseCircle, CaseExclusion, Referral
from workflows.transaction import Tx


def open_case(
    tx: Tx,
    *,
    case_type: str,
    number_pattern: str,
    channel: str = "web",
    anonymous: bool = False,
    confidential: bool = False,
    classification: str | None = None,
    category: str | None = None,
    district: str | None = None,
    village: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    subject_unit_id: UUID | None = None,
    event_on: date | None = None,
    reporter_user_id: UUID | None = None,
) -> Case:
    """Open a case under the next number of its series; journals `case.opened`."""
    raise NotImplementedError


def index_words(tx: Tx, case: Case, *, title: str, text: str) -> None:
    """Make the case findable by its words; does nothing for a confidential case."""
    raise NotImplementedError


def classify(tx: Tx, case: Case, fields: Mapping[str, Any]) -> None:
    """Change classification, category, subject office or confidentiality as a handler decided; journals each change.

    A case that becomes confidential loses its searchable words at once.
    """
    raise NotImplementedError


def set_stage(tx: Tx, case: Case, stage: str) -> None:
    """Say where the matter stands; journals `case.stage_set` when that is news."""
    raise NotImplementedError


def refer(tx: Tx, case: Case, to_unit_id: UUID, *, content_id: UUID | None = None, kind: str = "referral") -> Referral:
    """Route the matter to a unit, which handles it from now on; journals `case.referred` or `case.handed_over`."""
    raise NotImplementedError


def close_case(tx: Tx, case: Case, disposition: str) -> None:
    """Close the case with how it ended; journals `case.closed`. Raises Conflict (`case.closed`) when it is closed."""
    raise NotImplementedError


def reopen_case(tx: Tx, case: Case) -> None:
    """Open a closed case again; journals `case.reopened`. An open one stays as it is."""
    raise NotImplementedError


def admit(
    tx: Tx, case: Case, *, role: str | None = None, unit_id: UUID | None = None, user_id: UUID | None = None
) -> CaseCircle | None:
    """Let a role (everywhere or in one unit) or a person into the circle; journals `circle.assigned` when it is news."""
    raise NotImplementedError


def exclude(
    tx: Tx, case: Case, reason: str, *, unit_id: UUID | None = None, user_id: UUID | None = None
) -> CaseExclusion | None:
    """Bar a unit or a person from the case for good; journals `exclusion.added` when it is news."""
    raise NotImplementedError
