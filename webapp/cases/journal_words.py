"""Journal entries in words: who did what, with the names that belong to the ids.

The journal itself holds codes only. Its sentences are those of the printed chronology, so that page and paper say the
same; a kind that the paper leaves out is told by its title in `labels`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext

from webapp.case_words import role_title
from webapp.formats import file_size
from webapp.labels import label
from webapp.languages import chosen_language
from workflows.case_reports.chronology import Names, sentence
from workflows.case_reports.stationery import stationery_in
from workflows.cases.queries import TimelineEntry
from workflows.catalogue.manifest import CaseType
from workflows.language import say
from workflows.settings import Settings

# Lines that are shown at once; the earlier ones are folded away.
SHOWN = 30


@dataclass(frozen=True)
class Told:
    """One line of the journal as people read it."""

    sequence: int
    at: datetime
    who: str
    what: str
    # First digits of the entry's place in the chain; of the last one when several are told in one line.
    mark: str
    # How many entries the line tells.
    times: int = 1


@dataclass(frozen=True)
class Journal:
    """The journal of a case, oldest first: what is folded away, and what is open."""

    earlier: Sequence[Told]
    latest: Sequence[Told]


def journal_of(
    entries: Sequence[TimelineEntry], case_type: CaseType | None, elements: Mapping[str, str], roles: Iterable[str]
) -> Journal:
    """Tell a case's entries; `elements` are the names of the diagram's elements by id, `roles` the ids of all roles."""
    settings: Settings = current_app.extensions["amanah_settings"]
    language = chosen_language()
    words = stationery_in(settings.definitions / "shared" / "reports").words[language]
    names = _names(case_type, elements, roles)
    # An entry about a task mostly names it by its id alone; the one that made it says which step it is.
    tasks = {str(entry.facts["task"]): entry.facts["element"] for entry in entries if entry.kind == "task.created"}
    told = [
        Told(
            sequence=entry.sequence,
            at=entry.at,
            who=entry.actor_name if entry.actor_kind == "user" else label("author", entry.actor_kind),
            what=sentence(entry, words, names, settings.zone, language) or _titled(entry, elements, tasks),
            mark=entry.hash[:12],
        )
        for entry in entries
    ]
    folded = _folded(told)
    return Journal(earlier=folded[:-SHOWN], latest=folded[-SHOWN:])


def _folded(told: Iterable[Told]) -> list[Told]:
    """Tell in one line what the same hand did several times over at one instant, such as notices to many."""
    lines: list[Told] = []
    for each in told:
        last = lines[-1] if lines else None
        if last is not None and (last.at, last.who, last.what) == (each.at, each.who, each.what):
            lines[-1] = replace(each, times=last.times + 1)
        else:
            lines.append(each)
    return lines


def _names(case_type: CaseType | None, elements: Mapping[str, str], roles: Iterable[str]) -> Names:
    return Names(
        stages={id_: say(stage.title, stage.title_en) for id_, stage in case_type.stages.items()} if case_type else {},
        dispositions={id_: say(end.title, end.title_en) for id_, end in case_type.dispositions.items()}
        if case_type
        else {},
        elements=elements,
        roles={role: role_title(role) for role in roles},
        letters={id_: say(letter.title, letter.title_en) for id_, letter in case_type.letters.items()}
        if case_type
        else {},
    )


def _titled(entry: TimelineEntry, elements: Mapping[str, str], tasks: Mapping[str, Any]) -> str:
    """Tell an entry by the title of its kind and the step that it is about."""
    element = str(entry.facts.get("element") or tasks.get(str(entry.facts.get("task"))) or "")
    parts = [label("journal", entry.kind), elements.get(element, ""), _addition(entry)]
    return ": ".join(part for part in parts if part)


def _addition(entry: TimelineEntry) -> str:
    if entry.kind == "timer.fired":
        # A few minutes are the rhythm of the queue; beyond an hour the system itself was late, and says so.
        hours = int(entry.facts.get("late_seconds") or 0) // 3600
        return gettext("terlambat karena sistem, %(hours)s jam", hours=hours) if hours else ""
    if "size" in entry.facts:
        return file_size(int(entry.facts["size"]))
    return str(entry.facts["deadline"]) if "deadline" in entry.facts else ""
