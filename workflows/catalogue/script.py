"""A scenario as it is written: YAML read into moves and expectations, each with its line.

Nothing is played here. A mistake in the writing is told with its line, so that a designer need not guess.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from workflows.catalogue.lined_yaml import LinedList, LinedMap, read_yaml
from workflows.errors import BrokenDefinition
from workflows.language import say

_STRIDE = re.compile(r"(\d{1,4})\s+(working day|calendar day|day|hour)s?")
_UNITS = {"working day": "working days", "calendar day": "calendar days", "day": "calendar days", "hour": "hours"}
_TOP_KEYS = {"title", "title_en", "about", "filed_at", "report", "services", "steps", "expect"}
_FACTS = ("stage", "disposition", "ended", "outcome")
_EXPECT_KEYS = {
    "task", "tasks", "lane", "role", "due", "messages", "services", "without", "trace", "variables", *_FACTS,
}  # fmt: skip
# Zone of a `filed_at` without one, and a Monday morning in a week without holidays for scenarios that do not care.
_ZONE = ZoneInfo("Asia/Jakarta")
_SOME_MONDAY = datetime(2026, 3, 2, 9, tzinfo=_ZONE)

Call = tuple[str, Mapping[str, Any]]


class BadScript(Exception):
    """The scenario is not written as scenarios are; `problems` holds (line, sentence)."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"{line}: {said}" for line, said in problems))
        self.problems = problems


@dataclass(frozen=True)
class Stride:
    """How far the clock is moved."""

    count: int
    unit: Literal["working days", "calendar days", "hours"]


@dataclass(frozen=True)
class WaitFor:
    """The clock is moved until this timer fires."""

    timer: str


@dataclass(frozen=True)
class Complete:
    """A task is completed."""

    task: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A message is sent."""

    name: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Detail:
    """What one waiting task should be like; None where nothing is said."""

    task: str
    lane: str | None
    role: str | None
    # Id of a deadline, or the last day as YYYY-MM-DD.
    due: str | None


@dataclass(frozen=True)
class Expectation:
    """What should be so now."""

    line: int
    lines: Mapping[str, int]
    # Exactly these tasks wait, and exactly these messages are awaited; None when nothing is said of them.
    tasks: tuple[str, ...] | None
    messages: tuple[str, ...] | None
    detail: Detail | None
    # Services that were called, in this order with others between; and services that were not.
    services: tuple[Call, ...]
    without: tuple[Call, ...]
    # Elements that were entered, in this order with others between.
    trace: tuple[str, ...]
    variables: Mapping[str, Any]
    # Of the case: stage, disposition, ended, outcome.
    facts: Mapping[str, Any]

    def line_of(self, key: str) -> int:
        """Give the line of a key, or of the whole."""
        return self.lines.get(key, self.line)


@dataclass(frozen=True)
class Move:
    """One step of a scenario."""

    line: int
    what: Stride | WaitFor | Complete | Message | Expectation


@dataclass(frozen=True)
class Script:
    """A whole scenario."""

    title: str
    # When the report is filed.
    filed_at: datetime
    report: Mapping[str, Any]
    report_line: int
    # What services give back, by name.
    services: Mapping[str, Mapping[str, Any]]
    moves: tuple[Move, ...]
    # What should be so at the end.
    end: Expectation | None


def read_script(content: bytes, file: str) -> Script:
    """Read a scenario; raise BadScript with every problem and its line."""
    try:
        top = read_yaml(content, file)
    except BrokenDefinition as broken:
        raise BadScript([(finding.line, finding.message) for finding in broken.findings]) from broken
    reader = _Reader()
    script = reader.script(top)
    if reader.problems:
        raise BadScript(reader.problems)
    return script


class _Reader:
    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []

    def script(self, top: LinedMap) -> Script:
        self._only(top, _TOP_KEYS)
        title = top.get("title")
        if not isinstance(title, str) or not title.strip():
            self._find(top.line_of("title"), "Skenario memerlukan 'title'.", "A scenario needs a 'title'.")
        steps = top.get("steps", LinedList())
        if not isinstance(steps, LinedList):
            self._find(top.line_of("steps"), "'steps' harus berupa daftar.", "'steps' must be a list.")
            steps = LinedList()
        moves = tuple(move for step in steps for move in [self._move(step, top)] if move is not None)
        return Script(
            title=str(title or ""),
            filed_at=self._instant(top),
            report=self._mapping(top, "report"),
            report_line=top.line_of("report"),
            services={name: value or {} for name, value in self._mapping(top, "services").items()},
            moves=moves,
            end=self._expectation(top, "expect") if "expect" in top else None,
        )

    def _move(self, step: Any, top: LinedMap) -> Move | None:
        if not isinstance(step, LinedMap):
            self._find(top.line_of("steps"), "Setiap langkah berupa kunci dan nilai.", "Every step is a key and value.")
            return None
        kinds = [key for key in ("wait", "wait_for", "complete", "message", "expect") if key in step]
        if len(kinds) != 1:
            self._find(
                step.line,
                "Setiap langkah memuat satu dari: wait, wait_for, complete, message, expect.",
                "Every step has one of: wait, wait_for, complete, message, expect.",
            )
            return None
        kind = kinds[0]
        self._only(step, {kind, "answers"} if kind in {"complete", "message"} else {kind})
        if kind == "expect":
            return Move(step.line, self._expectation(step, "expect"))
        value = step[kind]
        if not isinstance(value, str):
            self._find(step.line, f"'{kind}' harus berupa teks.", f"'{kind}' must be a text.")
            return None
        match kind:
            case "wait":
                stride = self._stride(value, step.line)
                return Move(step.line, stride) if stride is not None else None
            case "wait_for":
                return Move(step.line, WaitFor(value))
            case "complete":
                return Move(step.line, Complete(value, self._mapping(step, "answers")))
            case _:
                return Move(step.line, Message(value, self._mapping(step, "answers")))

    def _stride(self, value: str, line: int) -> Stride | None:
        found = _STRIDE.fullmatch(value.strip())
        if found is None:
            self._find(
                line,
                "'wait' ditulis misalnya: 3 working days, 30 calendar days, 24 hours.",
                "'wait' is written like: 3 working days, 30 calendar days, 24 hours.",
            )
            return None
        return Stride(int(found.group(1)), _UNITS[found.group(2)])  # type: ignore[arg-type]

    def _expectation(self, holder: LinedMap, key: str) -> Expectation:
        row = holder[key]
        if not isinstance(row, LinedMap):
            self._find(holder.line_of(key), "'expect' berisi kunci dan nilai.", "'expect' holds keys with values.")
            row = LinedMap()
            row.line, row.lines = holder.line_of(key), {}
        self._only(row, _EXPECT_KEYS)
        detail = None
        if "task" in row:
            detail = Detail(str(row["task"]), _text(row, "lane"), _text(row, "role"), _text(row, "due"))
        elif {"lane", "role", "due"} & row.keys():
            self._find(row.line, "lane, role, dan due memerlukan 'task'.", "lane, role and due need 'task'.")
        return Expectation(
            line=row.line,
            lines=row.lines,
            tasks=self._texts(row, "tasks"),
            messages=self._texts(row, "messages"),
            detail=detail,
            services=self._calls(row, "services"),
            without=self._calls(row, "without"),
            trace=self._texts(row, "trace") or (),
            variables=self._mapping(row, "variables"),
            facts={fact: row[fact] for fact in _FACTS if fact in row},
        )

    def _texts(self, row: LinedMap, key: str) -> tuple[str, ...] | None:
        if key not in row:
            return None
        value = row[key]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._find(row.line_of(key), f"'{key}' harus berupa daftar teks.", f"'{key}' must be a list of texts.")
            return ()
        return tuple(value)

    def _calls(self, row: LinedMap, key: str) -> tuple[Call, ...]:
        """Read `[notify, {escalate: {to: regent}}]`."""
        calls: list[Call] = []
        items = row.get(key, [])
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, str):
                calls.append((item, {}))
            elif isinstance(item, dict) and len(item) == 1 and all(isinstance(each, dict) for each in item.values()):
                calls.extend(item.items())
            else:
                self._find(
                    row.line_of(key),
                    f"'{key}' ditulis misalnya: [notify, {{escalate: {{to: regent}}}}].",
                    f"'{key}' is written like: [notify, {{escalate: {{to: regent}}}}].",
                )
        return tuple(calls)

    def _instant(self, top: LinedMap) -> datetime:
        if "filed_at" not in top:
            return _SOME_MONDAY
        try:
            instant = datetime.fromisoformat(str(top["filed_at"]))
        except ValueError:
            self._find(
                top.line_of("filed_at"),
                "'filed_at' ditulis misalnya: 2026-03-02T09:00.",
                "'filed_at' is written like: 2026-03-02T09:00.",
            )
            return _SOME_MONDAY
        return (instant if instant.tzinfo is not None else instant.replace(tzinfo=_ZONE)).astimezone(UTC)

    def _mapping(self, row: LinedMap, key: str) -> Mapping[str, Any]:
        value = row.get(key)
        if value is None:
            return {}
        if not isinstance(value, LinedMap):
            self._find(row.line_of(key), f"'{key}' berisi kunci dan nilai.", f"'{key}' holds keys with values.")
            return {}
        return value

    def _only(self, row: LinedMap, known: set[str]) -> None:
        for key in row.keys() - known:
            self._find(row.line_of(key), f"Kunci '{key}' tidak dikenal.", f"The key '{key}' is unknown.")

    def _find(self, line: int, indonesian: str, english: str) -> None:
        self.problems.append((line, say(indonesian, english)))


def _text(row: LinedMap, key: str) -> str | None:
    return str(row[key]) if key in row else None
