"""What the demonstration is told to do: reports and the paths they take, read from a case type's own files.

`reports.yml` holds the reports, `paths.yml` the named paths. Both are data of the case type's designer; nothing here
knows what a field or a step means. Every path is filled in completely while it is read, so that a missing word is
found even when its step lies in the future.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflows.catalogue.lined_yaml import LinedList, LinedMap, read_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

REPORTS = "demonstration/reports.yml"
PATHS = "demonstration/paths.yml"

# What a step does: take a task upon oneself, complete it, or send a message of the reporter.
Kind = Literal["claim", "complete", "message"]
_KINDS: tuple[Kind, ...] = ("claim", "complete", "message")
# The one placeholder that is known only when the step is played: its local date.
TODAY = "{today}"

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_REPORT_KEYS = frozenset({"days_ago", "path", "by", "show", "report", "texts", "photos"})


@dataclass(frozen=True)
class Step:
    """One thing that somebody does in a case."""

    kind: Kind
    # The element whose task is meant, or the name of the message.
    name: str
    # Working days since the step before it.
    after: int
    # Field -> what is typed there; `TODAY` is still to be filled in.
    answers: Mapping[str, str]
    # Label of the photograph that is attached; empty for none.
    photo: str = ""


@dataclass(frozen=True)
class Report:
    """A report with everything that is to happen to its case."""

    # Idempotency key: the same words file the same report once.
    key: str
    # Key of the case type.
    case_type: str
    # Line in reports.yml.
    line: int
    # Whether its code is shown to whoever loads the demonstration, to try the reporter's page with.
    show: bool
    # Calendar days between its filing and today.
    days_ago: int
    # Login of the user who files it signed in; empty for somebody without an account.
    by: str
    # Field of the start form -> value as written: `at` is a place, a number where a date belongs counts days.
    fields: Mapping[str, Any]
    # Label of the photograph that came with it; empty for none.
    photo: str
    steps: tuple[Step, ...]

    def share(self, purpose: str) -> float:
        """Give a number from 0 up to 1 that depends on the report and the purpose alone: chance without surprises."""
        digest = hashlib.sha256(f"{self.key}:{purpose}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64


def read_scripts(case_type: str, reports: bytes, paths: bytes) -> tuple[Report, ...]:
    """Read the reports of a case type with their paths filled in; BrokenDefinition tells every finding and its line."""
    findings: list[Finding] = []
    named = {name: steps for name, steps in read_yaml(paths, PATHS).items() if isinstance(steps, LinedList)}
    found: dict[str, Report] = {}
    top = read_yaml(reports, REPORTS)
    entries = top.get("reports")
    if not isinstance(entries, LinedList):
        raise BrokenDefinition([_finding(REPORTS, top.line_of("reports"), "reports", "daftar", "a list")])
    defaults = top.get("defaults", {})
    for line, entry in zip(entries.lines, entries, strict=True):
        problems = list(_problems(entry, line, named))
        findings += problems
        if problems:
            continue
        report = _report(case_type, entry, defaults, named[entry["path"]], findings)
        if report.key in found:
            findings.append(
                _finding(REPORTS, line, "report", "laporan yang lain dari yang lain", "a report not yet told")
            )
        found[report.key] = report
    if findings:
        raise BrokenDefinition(findings)
    return tuple(found.values())


def _problems(entry: Any, line: int, paths: Mapping[str, LinedList]) -> Iterator[Finding]:
    """Say what keeps an entry of the reports from being read."""
    if not isinstance(entry, LinedMap):
        yield _finding(REPORTS, line, "reports", "pasangan kunci dan nilai", "keys with values")
        return
    for name in sorted(entry.keys() - _REPORT_KEYS):
        yield _finding(REPORTS, entry.line_of(name), name, "salah satu kunci yang dikenal", "one of the known keys")
    days_ago = entry.get("days_ago")
    if not isinstance(days_ago, int) or isinstance(days_ago, bool) or days_ago < 0:
        yield _finding(REPORTS, entry.line_of("days_ago"), "days_ago", "bilangan hari", "a number of days")
    if entry.get("path") not in paths:
        yield _finding(REPORTS, entry.line_of("path"), "path", "salah satu jalan di paths.yml", "a path of paths.yml")
    if not isinstance(entry.get("report"), LinedMap):
        yield _finding(REPORTS, entry.line_of("report"), "report", "isian formulir", "answers to the form")
    for name in ("texts", "photos"):
        if not isinstance(entry.get(name, LinedMap()), LinedMap):
            yield _finding(REPORTS, entry.line_of(name), name, "pasangan kunci dan nilai", "keys with values")


def _report(
    case_type: str, entry: LinedMap, defaults: Mapping[str, Any], path: LinedList, findings: list[Finding]
) -> Report:
    fields, texts, photos = {**defaults, **entry["report"]}, entry.get("texts", {}), entry.get("photos", {})
    # What the path says may repeat what the reporter wrote, unless the officer's words differ.
    words = {name: str(value) for name, value in {**fields, **texts}.items()}
    steps = [
        step
        for line, written in zip(path.lines, path, strict=True)
        if (step := _step(written, line, words, photos, findings, told=entry.line)) is not None
    ]
    canonical = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    return Report(
        key=f"demonstration:{case_type}:{hashlib.sha256(canonical.encode()).hexdigest()[:32]}",
        case_type=case_type,
        line=entry.line,
        show=entry.get("show") is True,
        days_ago=entry["days_ago"],
        by=str(entry.get("by", "")),
        fields=fields,
        photo=str(photos.get("report", "")),
        steps=tuple(steps),
    )


def _step(
    written: Any,
    line: int,
    words: Mapping[str, str],
    photos: Mapping[str, Any],
    findings: list[Finding],
    *,
    told: int,
) -> Step | None:
    """Fill in one step of a path with the words of the report that stands at line `told`."""
    kinds = [kind for kind in _KINDS if isinstance(written, LinedMap) and isinstance(written.get(kind), str)]
    after = written.get("after") if kinds else None
    if len(kinds) != 1 or not isinstance(after, int) or isinstance(after, bool) or after < 0:
        findings.append(
            _finding(PATHS, line, "after", "hari kerja, dan satu dari claim, complete, message", "days and one act")
        )
        return None
    missing: list[str] = []

    def fill(match: re.Match[str]) -> str:
        if match[0] != TODAY and match[1] not in words:
            missing.append(match[1])
        return match[0] if match[0] == TODAY else words.get(match[1], "")

    answers = {field: _PLACEHOLDER.sub(fill, str(text)) for field, text in (written.get("answers") or {}).items()}
    findings += [_finding(REPORTS, told, f"texts.{name}", "isinya", "a text") for name in missing]
    name = written[kinds[0]]
    photo = str(photos.get(name, "")) if kinds[0] != "claim" else ""
    return Step(kind=kinds[0], name=name, after=after, answers=answers, photo=photo)


def _finding(file: str, line: int, key: str, wanted: str, wanted_en: str) -> Finding:
    return Finding(
        code="demonstration.unreadable",
        file=file,
        line=line,
        message=say(f"Pada '{key}' diharapkan {wanted}.", f"At '{key}', {wanted_en} was expected."),
    )
