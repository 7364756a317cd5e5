"""Cases that may be about the same thing: suggested by place, time and category; linked by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from workflows.cases import contents
from workflows.cases.models import Case, DuplicateSuggestion
from workflows.errors import Conflict, NotFound
from workflows.feel.clock import office_zone
from workflows.journal.operations import record
from workflows.transaction import Tx

# Name of the message by which a diagram takes it that a person has confirmed a duplicate.
CONFIRMED = "duplicate_confirmed"
# Mean radius of the earth in metres.
_EARTH = 6_371_000.0
# Metres along a degree of latitude, a little short so that the box never cuts the circle.
_DEGREE = 110_000.0


@dataclass(frozen=True)
class Lookalike:
    """Another case that may be about the same thing."""

    suggestion_id: int
    case_id: UUID
    number: str
    opened_at: datetime
    distance_metres: int
    days: int
    # "suggested", "linked" or "dismissed".
    status: str
    title: str


def metres_between(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Give the great-circle distance between two places in degrees (haversine)."""
    north, other_north = radians(latitude), radians(other_latitude)
    half = sin((other_north - north) / 2) ** 2
    half += cos(north) * cos(other_north) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * _EARTH * asin(sqrt(min(1.0, half)))


def suggest_duplicates(
    tx: Tx, case: Case, *, distance_metres: int, days: int, zone: ZoneInfo | None = None
) -> Sequence[DuplicateSuggestion]:
    """Suggest older cases of the same type and category, at most so far and so many local days away.

    Journals `case.duplicate_suggested` for each new one and gives all that are still suggested, nearest first. Cases
    without a place or a category and confidential cases are neither compared nor suggested.
    """
    if case.confidential or case.category is None or case.latitude is None or case.longitude is None:
        return []
    zone = zone or office_zone()
    opened_on = case.opened_at.astimezone(zone).date()
    known = {
        suggestion.other_id: suggestion
        for suggestion in tx.session.scalars(select(DuplicateSuggestion).where(DuplicateSuggestion.case_id == case.id))
    }
    for other in tx.session.scalars(_nearby(case, case.latitude, case.longitude, distance_metres, days)):
        if other.id in known or other.latitude is None or other.longitude is None:
            continue
        metres = round(metres_between(case.latitude, case.longitude, other.latitude, other.longitude))
        apart = (opened_on - other.opened_at.astimezone(zone).date()).days
        if metres > distance_metres or apart > days:
            continue
        known[other.id] = DuplicateSuggestion(
            case_id=case.id,
            other_id=other.id,
            distance_metres=metres,
            days=apart,
            suggested_at=tx.now,
            status="suggested",
        )
        tx.session.add(known[other.id])
        record(tx, "case.duplicate_suggested", case_id=case.id, other=other.id, distance_metres=metres, days=apart)
    tx.session.flush()
    open_ones = [suggestion for suggestion in known.values() if suggestion.status == "suggested"]
    return sorted(open_ones, key=lambda suggestion: (suggestion.distance_metres, suggestion.days))


def link_duplicate(tx: Tx, case: Case, other_id: UUID | None = None) -> Case:
    """Link the case to the one it repeats, and give that one; journals `case.duplicate_linked`.

    Without `other_id` the one linked already is meant, else the nearest suggestion. A link to a case that is itself a
    repetition goes on to the first one. Raises Conflict: `duplicate.unsuggested` when nothing is suggested,
    `duplicate.circular` when the other one repeats this one.
    """
    open_ones = (
        select(DuplicateSuggestion)
        .where(DuplicateSuggestion.case_id == case.id, DuplicateSuggestion.status != "dismissed")
        .order_by(DuplicateSuggestion.status != "linked", DuplicateSuggestion.distance_metres, DuplicateSuggestion.days)
    )
    if other_id is not None:
        open_ones = open_ones.where(DuplicateSuggestion.other_id == other_id)
    chosen = tx.session.scalars(open_ones.limit(1)).first()
    wanted = other_id or (chosen.other_id if chosen is not None else None)
    if wanted is None:
        raise Conflict("duplicate.unsuggested", number=case.number)
    first = tx.session.get_one(Case, wanted)
    while first.duplicate_of_id is not None and first.id != case.id:
        first = tx.session.get_one(Case, first.duplicate_of_id)
    if first.id == case.id:
        raise Conflict("duplicate.circular", number=case.number)
    case.duplicate_of_id = first.id
    if chosen is not None:
        chosen.status = "linked"
    record(tx, "case.duplicate_linked", case_id=case.id, other=first.id)
    return first


def choose_duplicate(tx: Tx, case: Case, other_id: UUID) -> None:
    """Mark the suggestion that a person has confirmed; the diagram's `link_duplicate` then links and journals it.

    Raises NotFound (`duplicate.unknown`), Conflict (`duplicate.dismissed`) when it was said to be about something else.
    """
    suggestion = tx.session.scalars(
        select(DuplicateSuggestion)
        .where(DuplicateSuggestion.case_id == case.id, DuplicateSuggestion.other_id == other_id)
        .with_for_update()
    ).first()
    if suggestion is None:
        raise NotFound("duplicate.unknown")
    if suggestion.status == "dismissed":
        raise Conflict("duplicate.dismissed", number=case.number)
    suggestion.status = "linked"


def dismiss_duplicate(tx: Tx, case_id: UUID, other_id: UUID) -> None:
    """Say that the suggested case is about something else; journals `case.duplicate_dismissed`. Needs `case.work`.

    Raises NotFound (`duplicate.unknown`); Conflict (`duplicate.linked`) when it has been linked meanwhile.
    """
    case = tx.session.get(Case, case_id)
    suggestion = tx.session.scalars(
        select(DuplicateSuggestion)
        .where(DuplicateSuggestion.case_id == case_id, DuplicateSuggestion.other_id == other_id)
        .with_for_update()
    ).first()
    if case is None or suggestion is None or not tx.may("case.read", case):
        raise NotFound("duplicate.unknown")

    tx.require("case.work", case)

    if suggestion.status == "linked":
        raise Conflict("duplicate.linked", number=case.number)
    if suggestion.status == "dismissed":
        return

    suggestion.status = "dismissed"

    record(tx, "case.duplicate_dismissed", case_id=case_id, other=other_id)


def lookalikes(session: Session, visible: ColumnElement[bool], case_id: UUID) -> Sequence[Lookalike]:
    """Give the suggestions for a case, nearest first; only cases that the reader may see.

    `visible` is `access.policy.visible_cases(session, actor)`.
    """
    rows = session.execute(
        select(DuplicateSuggestion, Case)
        .join(Case, Case.id == DuplicateSuggestion.other_id)
        .where(DuplicateSuggestion.case_id == case_id, visible)
        .order_by(DuplicateSuggestion.distance_metres, DuplicateSuggestion.days)
    ).all()
    summaries = contents.summaries(session, visible, [other.id for _, other in rows])
    return [
        Lookalike(
            suggestion_id=suggestion.id,
            case_id=other.id,
            number=other.number,
            opened_at=other.opened_at,
            distance_metres=suggestion.distance_metres,
            days=suggestion.days,
            status=suggestion.status,
            title=summaries[other.id].title if other.id in summaries else "",
        )
        for suggestion, other in rows
    ]


def _nearby(case: Case, latitude: float, longitude: float, distance_metres: int, days: int) -> Select[Case]:
    """Select the cases in the box around the case's place and days; the exact distance is taken afterwards."""
    height = distance_metres / _DEGREE
    # Near the poles a degree of longitude has no length; the box is then the whole circle.
    width = min(180.0, height / max(cos(radians(latitude)), 1e-6))
    return (
        select(Case)
        .where(
            Case.id != case.id,
            Case.case_type == case.case_type,
            Case.category == case.category,
            ~Case.confidential,
            Case.opened_at <= case.opened_at,
            Case.opened_at >= case.opened_at - timedelta(days=days + 1),
            Case.latitude.between(latitude - height, latitude + height),
            Case.longitude.between(longitude - width, longitude + width),
        )
        .order_by(Case.opened_at.desc())
        .limit(200)
    )
