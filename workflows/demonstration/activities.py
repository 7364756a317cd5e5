"""What the demonstration writes into the register of activities, read from a case type's own file.

Which kinds there are, and what is counted of each, is told by the register itself when a line is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendar.working_days import WorkingCalendar
from workflows.catalogue.lined_yaml import LinedList, LinedMap, read_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

ACTIVITIES = "demonstration/activities.yml"

_NEEDED = frozenset({"days_ago", "by", "kind", "title"})
_KNOWN = _NEEDED | {"place", "hours", "participants", "units"}
# When the day's work is written down.
_WRITTEN_AT = time(15, 30)


@dataclass(frozen=True)
class Line:
    """One line of the register."""

    case_type: str
    # Line in activities.yml.
    line: int
    # When it is written, UTC, and the local day of which it tells.
    at: datetime
    held_on: date
    # Login of the user who writes it.
    by: str
    kind: str
    title: str
    place: str
    hours: Decimal | None
    participants: int | None
    # Codes of units.
    units: tuple[str, ...]


def read_lines(case_type: str, content: bytes, now: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> list[Line]:
    """Read the lines, in the order in which they are written; BrokenDefinition tells every finding and its line.

    A day counted back from today that is free becomes the working day before it.
    """
    top = read_yaml(content, ACTIVITIES)
    entries = top.get("activities")
    if not isinstance(entries, LinedList):
        raise BrokenDefinition([unreadable(top.line_of("activities"), say("'activities': daftar", "a list"))])
    findings: list[Finding] = []
    for line, entry in zip(entries.lines, entries, strict=True):
        findings += _misfits(entry, line)
    if findings:
        raise BrokenDefinition(findings)
    return sorted((_line(case_type, entry, now, calendar, zone) for entry in entries), key=lambda line: line.at)


def unreadable(line: int, wanted: str) -> Finding:
    """Say what was expected at a line."""
    message = say(f"Yang diharapkan di sini: {wanted}.", f"Expected here: {wanted}.")
    return Finding(code="demonstration.unreadable", file=ACTIVITIES, line=line, message=message)


def _misfits(entry: Any, line: int) -> Iterator[Finding]:
    if not isinstance(entry, LinedMap):
        yield unreadable(line, say("pasangan kunci dan nilai", "keys with values"))
        return
    for name in sorted(entry.keys() - _KNOWN):
        yield unreadable(entry.line_of(name), say("salah satu kunci yang dikenal", "one of the known keys"))
    for name in sorted(_NEEDED - entry.keys()):
        yield unreadable(line, say(f"kunci '{name}'", f"the key '{name}'"))
    for name in ("days_ago", "participants", "hours"):
        if name in entry and (type(entry[name]) not in (int, float) or entry[name] < 0):
            yield unreadable(entry.line_of(name), say(f"'{name}': bilangan", f"'{name}': a number"))
    if not isinstance(entry.get("units", []), list):
        yield unreadable(entry.line_of("units"), say("'units': daftar kode", "'units': a list of codes"))


def _line(case_type: str, entry: LinedMap, now: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> Line:
    day = now.astimezone(zone).date() - timedelta(days=entry["days_ago"])
    while not calendar.is_working_day(day, joint_leave_works=False):
        day -= timedelta(days=1)
    hours = entry.get("hours")
    return Line(
        case_type=case_type,
        line=entry.line,
        at=min(datetime.combine(day, _WRITTEN_AT, tzinfo=zone).astimezone(UTC), now),
        held_on=day,
        by=str(entry["by"]),
        kind=str(entry["kind"]),
        title=str(entry["title"]),
        place=str(entry.get("place", "")),
        hours=None if hours is None else Decimal(str(hours)),
        participants=entry.get("participants"),
        units=tuple(entry.get("units", ())),
    )
