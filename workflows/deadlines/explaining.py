"""Answers the question "when would this deadline fall due?" without a database, for `amanah deadline` and for pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from workflows.calendar.sources import packaged_calendar
from workflows.calendar.working_days import WorkingCalendar
from workflows.deadlines.counting import due
from workflows.deadlines.register import Register
from workflows.deadlines.rules import Reading
from workflows.errors import AmanahError
from workflows.language import say

# The readings in the order in which they are told.
READINGS: tuple[Reading, ...] = ("strict", "lenient")
# No rule of the register reaches over more years than this.
_YEARS_AHEAD = 2
# The package computes no feasts beyond this year.
_LAST_YEAR = 2100 - _YEARS_AHEAD


@dataclass(frozen=True)
class Answer:
    """A day and the sentence that explains it, in the reader's language."""

    # The last day, as YYYY-MM-DD.
    iso_date: str
    sentence: str
    deadline_id: str
    reading: Reading


def answer(
    deadline_id: str,
    from_date: date,
    reading: Reading | None,
    register: Register,
    calendar: WorkingCalendar | None,
    zone: ZoneInfo,
) -> list[Answer]:
    """Tell when the deadline ends if triggered on `from_date`: in one reading, or in both, strict first.

    A group such as P-08 is answered by its parts. Without a `calendar` the packaged one is taken. `from_date` may be
    a datetime, for deadlines in hours, in `zone` where it names none; a day means its first instant. Raises NotFound
    as `Register.rule` does, and AmanahError `deadline.out_of_range` for a day that no calendar reaches.
    """
    ids: Sequence[str] = register.parts(deadline_id) or (deadline_id,)
    moment = from_date if isinstance(from_date, datetime) else datetime.combine(from_date, time.min)
    trigger_at = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    on = trigger_at.astimezone(zone).date()
    rules = [register.rule(each, on) for each in ids]
    if on.year > _LAST_YEAR:
        raise AmanahError("deadline.out_of_range", id=deadline_id, on=on)
    counted_on = calendar or packaged_calendar(range(on.year, on.year + _YEARS_AHEAD + 1))
    answers = []
    for rule in rules:
        for each in READINGS if reading is None else (reading,):
            found = due(rule, trigger_at, counted_on, zone, reading=each)
            sentence = say(found.explanation, found.explanation_en)
            answers.append(Answer(found.due_on.isoformat(), sentence, rule.id, each))
    return answers


def refusal(error: AmanahError) -> str:
    """Say why a deadline was not counted, for the errors that this package raises."""
    facts = error.facts
    match error.code:
        case "deadline.unknown":
            near = ", ".join(facts["near"])
            indonesian, english = f"Tenggat {facts['id']} tidak dikenal.", f"There is no deadline {facts['id']}."
            hint = say(f" Mungkin maksud Anda: {near}.", f" Did you mean {near}?") if near else ""
            return say(indonesian, english) + hint
        case "deadline.has_parts":
            parts = ", ".join(facts["parts"])
            return say(
                f"{facts['id']} terdiri atas {parts}; pilih salah satu.", f"{facts['id']} has the parts {parts}."
            )
        case "deadline.not_in_force" if facts["since"]:
            return say(
                f"{facts['id']} belum berlaku pada {facts['on']}; berlaku sejak {facts['since']}.",
                f"{facts['id']} was not in force on {facts['on']}; it is since {facts['since']}.",
            )
        case "deadline.not_in_force":
            return say(
                f"{facts['id']} tidak berlaku lagi pada {facts['on']}; berlaku sampai {facts['until']}.",
                f"{facts['id']} was no longer in force on {facts['on']}; it was until {facts['until']}.",
            )
        case "deadline.bad_share":
            return say(
                f"Bagian {facts['share']} dari {facts['id']} tidak dapat dihitung; harus di atas 0 dan paling besar 1.",
                f"A share {facts['share']} of {facts['id']} cannot be counted; it must be above 0 and at most 1.",
            )
        case "deadline.out_of_range":
            return say(f"Kalender tidak menjangkau {facts['on']}.", f"The calendar does not reach {facts['on']}.")
        case _:
            return str(error)
