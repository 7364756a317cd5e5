"""Journal entries in words: who did what, with the names that belong to the ids.

The journal itself holds codes only; a kind's own title stands in `labels`. What an entry adds to its title is told
here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from webapp.case_words import disposition_title, role_title, stage_title
from webapp.formats import file_size
from webapp.labels import label
from workflows.cases.queries import TimelineEntry


@dataclass(frozen=True)
class Told:
    """One line of the journal as people read it."""

    sequence: int
    kind: str
    at: datetime
    who: str
    what: str
    detail: str
    # First digits of the entry's place in the chain.
    mark: str


def told(entry: TimelineEntry, case_type: str) -> Told:
    """Tell one entry; an id that has no name any more is left out."""
    tell = _DETAILS.get(entry.kind)
    return Told(
        sequence=entry.sequence,
        kind=entry.kind,
        at=entry.at,
        who=entry.actor_name if entry.actor_kind == "user" else label("author", entry.actor_kind),
        what=label("journal", entry.kind),
        detail=tell(entry, case_type) if tell else "",
        mark=entry.hash[:12],
    )


def _name(entry: TimelineEntry, fact: str) -> str:
    return entry.names.get(str(entry.facts.get(fact)), "")


def _stage(entry: TimelineEntry, case_type: str) -> str:
    return stage_title(case_type, str(entry.facts["stage"]))


def _closed(entry: TimelineEntry, case_type: str) -> str:
    return disposition_title(case_type, entry.facts["disposition"])


def _referred(entry: TimelineEntry, _case_type: str) -> str:
    return gettext("kepada %(unit)s", unit=_name(entry, "to_unit") or "–")


def _escalated(entry: TimelineEntry, _case_type: str) -> str:
    deadline = entry.facts.get("deadline")
    to = gettext("kepada %(role)s", role=role_title(str(entry.facts["to_role"])))
    return f"{deadline}, {to}" if deadline else to


def _deadline(entry: TimelineEntry, _case_type: str) -> str:
    late = gettext("terlambat") if entry.facts.get("late") else ""
    return ", ".join(part for part in (str(entry.facts["deadline"]), late) if part)


def _reminded(entry: TimelineEntry, _case_type: str) -> str:
    share = float(entry.facts["share"]) if entry.facts.get("share") else 0
    return gettext("%(deadline)s, %(share)s %% telah lewat", deadline=entry.facts["deadline"], share=round(share * 100))


def _task(entry: TimelineEntry, _case_type: str) -> str:
    return _name(entry, "task")


def _assigned(entry: TimelineEntry, _case_type: str) -> str:
    return gettext("%(task)s, kepada %(name)s", task=_name(entry, "task"), name=_name(entry, "to") or "–")


def _evidence(entry: TimelineEntry, _case_type: str) -> str:
    return f"SHA-256 {str(entry.facts['sha256'])[:12]}…, {file_size(int(entry.facts['size']))}"


def _letter(entry: TimelineEntry, _case_type: str) -> str:
    return str(entry.facts["number"] or "")


def _message(entry: TimelineEntry, _case_type: str) -> str:
    return str(entry.facts["message"])


def _late_timer(entry: TimelineEntry, _case_type: str) -> str:
    seconds = int(entry.facts.get("late_seconds") or 0)
    # A few minutes are the rhythm of the queue; beyond an hour the system itself was late, and says so.
    return gettext("terlambat karena sistem: %(hours)s jam", hours=seconds // 3600) if seconds >= 3600 else ""


_DETAILS: Mapping[str, Callable[[TimelineEntry, str], str]] = {
    "case.stage_set": _stage,
    "case.closed": _closed,
    "case.referred": _referred,
    "case.handed_over": _referred,
    "case.escalated": _escalated,
    "deadline.started": _deadline,
    "deadline.met": _deadline,
    "deadline.reminded": _reminded,
    "task.created": _task,
    "task.claimed": _task,
    "task.released": _task,
    "task.completed": _task,
    "task.cancelled": _task,
    "task.assigned": _assigned,
    "evidence.attached": _evidence,
    "letter.issued": _letter,
    "message.received": _message,
    "timer.fired": _late_timer,
}
