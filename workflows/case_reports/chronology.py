"""The journal in words: codes and ids become sentences of the stationery, with names in place of ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from workflows.case_reports.stationery import Stationery
from workflows.cases.queries import TimelineEntry
from workflows.deadlines.counting import last_day
from workflows.language import Language


@dataclass(frozen=True)
class Names:
    """What the ids of a case type and of the house are called, in the reader's language."""

    stages: Mapping[str, str]
    dispositions: Mapping[str, str]
    elements: Mapping[str, str]
    roles: Mapping[str, str]
    letters: Mapping[str, str]


def chronology(
    entries: Sequence[TimelineEntry],
    stationery: Stationery,
    names: Names,
    zone: ZoneInfo,
    language: Language,
    *,
    for_reporter: bool,
) -> list[dict[str, str]]:
    """Tell what happened, oldest first: local time, who, and one sentence.

    For a reporter only what the stationery lists for them, and nobody is named.
    """
    words = stationery.words[language]
    told: list[dict[str, str]] = []
    for entry in entries:
        text = sentence(entry, words, names, zone, language)
        if text is None or (for_reporter and entry.kind not in stationery.told_to_reporters):
            continue
        who = words["actors"][entry.actor_kind]
        if not for_reporter and entry.actor_kind == "user" and entry.actor_name:
            who = entry.actor_name
        told.append({"at": local(entry.at, zone), "who": who, "text": text})
    return told


def sentence(
    entry: TimelineEntry, words: Mapping[str, Any], names: Names, zone: ZoneInfo, language: Language
) -> str | None:
    """Tell one entry in the words of the stationery; None when these leave its kind out."""
    told = words["journal"].get(entry.kind)
    return " ".join(told.format_map(_Facts(entry, names, zone, language)).split()) if told is not None else None


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant as a local ISO text."""
    return at.astimezone(zone).isoformat(timespec="minutes")


class _Facts(dict[str, str]):
    """Gives each fact of an entry as people read it."""

    def __init__(self, entry: TimelineEntry, names: Names, zone: ZoneInfo, language: Language) -> None:
        super().__init__()
        self.entry, self.names, self.zone, self.language = entry, names, zone, language

    def __missing__(self, fact: str) -> str:
        value: Any = self.entry.facts.get(fact)
        if value is None:
            return ""
        text = str(value)
        if text in self.entry.names:
            return self.entry.names[text]
        if fact.endswith("_at"):
            instant = datetime.fromisoformat(text)
            # A day deadline is stored as 24:00 of its last day, which a calendar would call the day after.
            day = last_day(instant, self.zone) if fact == "due_at" else instant.astimezone(self.zone)
            return format_date(day, "d MMMM y", locale=self.language)
        known = {
            "stage": self.names.stages,
            "disposition": self.names.dispositions,
            "element": self.names.elements,
            "to_role": self.names.roles,
            "name": self.names.letters,
        }.get(fact, {})
        return known.get(text, text)
