"""Verbs on the register of activities: write a line, strike a wrong one."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from workflows.activities.models import Activity
from workflows.activities.queries import register_of
from workflows.activities.register import Register
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.journal.operations import record
from workflows.people.queries import unit_by_code
from workflows.transaction import Tx

# The right that opens the register for writing.
RIGHT = "activity.record"
# Longest text of a line, in characters; a training has no more hours than the column holds.
LONGEST = 300
MOST_HOURS = 9_999
MOST_PEOPLE = 1_000_000

# (field, code of the problem, facts), as forms tell it.
Problem = tuple[str, str, dict[str, Any]]


def record_activity(
    tx: Tx,
    case_type: str,
    kind: str,
    *,
    held_on: date | None,
    title: str,
    zone: ZoneInfo,
    place: str = "",
    hours: Decimal | None = None,
    participants: Decimal | int | None = None,
    units: Collection[str] = (),
) -> Activity:
    """Write a line into the register of the case type. Journals `activity.recorded`.

    Raises NotFound (`case_type.unknown`, `activity.no_register`), NotAllowed, and InvalidAnswers for a kind that the
    register does not know, for what it counts and nobody told, a day that has not come yet (in `zone`), unknown units.
    """
    tx.require(RIGHT)
    register = register_of(tx.session, case_type)
    problems = [
        *_misfits(register, kind, {"hours": hours, "participants": participants, "units": list(units)}),
        *_wrong_day(held_on, tx.now.astimezone(zone).date()),
        *_wrong_text("title", title, needed=True),
        *_wrong_text("place", place),
        *_wrong_number("hours", hours, MOST_HOURS),
        *_wrong_number("participants", participants, MOST_PEOPLE),
    ]
    if any(unit_by_code(tx.session, code) is None for code in units):
        problems.append(("units", "unknown_option", {}))
    if problems or held_on is None:
        raise InvalidAnswers(problems)
    activity = Activity(
        case_type=case_type,
        kind=kind,
        held_on=held_on,
        title=title.strip(),
        place=place.strip(),
        hours=hours,
        participants=int(participants) if participants is not None else None,
        units=sorted(set(units)),
        recorded_at=tx.now,
        recorded_by_id=tx.actor.user_id,
    )
    tx.session.add(activity)
    tx.session.flush()
    record(tx, "activity.recorded", activity=activity.id, kind=kind, held_on=held_on)
    return activity


def strike_activity(tx: Tx, activity_id: UUID, *, reason: str) -> Activity:
    """Strike a line that is wrong; it stays readable and counts no more. Journals `activity.struck`.

    Raises NotFound (`activity.unknown`), NotAllowed, InvalidAnswers without a reason, Conflict when it is struck.
    """
    tx.require(RIGHT)
    activity = tx.session.get(Activity, activity_id, with_for_update=True)
    if activity is None:
        raise NotFound("activity.unknown", activity=activity_id)
    if problems := list(_wrong_text("reason", reason, needed=True)):
        raise InvalidAnswers(problems)
    if activity.struck_at is not None:
        raise Conflict("activity.struck_already", activity=activity_id)
    activity.struck_at, activity.struck_by_id, activity.struck_because = tx.now, tx.actor.user_id, reason.strip()
    record(tx, "activity.struck", activity=activity.id)
    return activity


def _misfits(register: Register, kind: str, told: Mapping[str, object]) -> Iterator[Problem]:
    """Yield an unknown kind, and what the kind counts and nobody told."""
    if kind not in register.kinds:
        yield "kind", "unknown_option", {}
        return
    for name, value in told.items():
        if name in register.kinds[kind].counts and value in (None, []):
            yield name, "required", {}


def _wrong_day(held_on: date | None, today: date) -> Iterator[Problem]:
    if held_on is None:
        yield "held_on", "required", {}
    elif held_on > today:
        yield "held_on", "ahead", {}


def _wrong_text(field: str, text: str, *, needed: bool = False) -> Iterator[Problem]:
    if needed and not text.strip():
        yield field, "required", {}
    elif len(text) > LONGEST:
        yield field, "too_long", {"maximum": LONGEST, "length": len(text)}
    elif "\x00" in text:
        yield field, "not_text", {}


def _wrong_number(field: str, number: Decimal | int | None, maximum: int) -> Iterator[Problem]:
    if number is None:
        return
    if isinstance(number, Decimal) and not number.is_finite():
        yield field, "not_number", {}
    elif number < 0:
        yield field, "below_minimum", {"minimum": 0}
    elif number > maximum:
        yield field, "above_maximum", {"maximum": maximum}
