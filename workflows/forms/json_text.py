"""Reading JSON that a designer wrote: bounded, no doubled keys, no numbers that are none; and lines for findings."""

import json
import re
from typing import Any

from workflows.errors import Finding
from workflows.language import say

# The largest form of the house has some forty components and 20 kB.
_BYTES = 1_000_000


class Report:
    """Collects what is to be said about one file."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file = file
        self.text = text
        self.findings: list[Finding] = []

    def error(self, code: str, element: str | None, message: str, fix: str = "") -> None:
        """Note something that forbids publishing."""
        self.findings.append(Finding(code, message, fix, "error", self.file, self.line(element), element))

    def warning(self, code: str, element: str | None, message: str, fix: str = "") -> None:
        """Note something that asks for a look."""
        self.findings.append(Finding(code, message, fix, "warning", self.file, self.line(element), element))

    def note(self, code: str, element: str | None, message: str, fix: str = "") -> None:
        """Note something that only informs."""
        self.findings.append(Finding(code, message, fix, "note", self.file, self.line(element), element))

    @property
    def has_errors(self) -> bool:
        """Tell whether something forbids publishing."""
        return any(finding.severity == "error" for finding in self.findings)

    def line(self, element: str | None) -> int:
        """Find the line on which the element with that id stands; 1 when it has none."""
        if not element:
            return 1
        match = re.search(rf'"id"\s*:\s*{re.escape(json.dumps(element, ensure_ascii=False))}', self.text)
        return 1 if match is None else self.text.count("\n", 0, match.start()) + 1


class _Refused(ValueError):
    """The text is JSON, but not what may be read."""


def read_object(content: bytes, file: str) -> tuple[dict[str, Any] | None, Report]:
    """Give the JSON object; None, with a finding, when the bytes are none that may be read."""
    report = Report(file)
    if len(content) > _BYTES:
        report.error("form.too_large", None, say("Berkas formulir ini terlalu besar.", "This form file is too large."))
        return None, report
    try:
        report.text = content.decode("utf-8-sig")
        document = json.loads(report.text, object_pairs_hook=_pairs, parse_constant=_constant)
    except json.JSONDecodeError as problem:
        report.findings.append(
            Finding(
                "form.not_json",
                say(f"Berkas ini bukan JSON yang benar: {problem.msg}.", f"This file is no JSON: {problem.msg}."),
                say("Simpan ulang dari penyunting formulir.", "Save it again from the form editor."),
                "error",
                file,
                problem.lineno,
            )
        )
        return None, report
    except RecursionError:
        report.error(
            "form.too_deep", None, say("Susunan formulir ini terlalu dalam.", "This form is nested too deeply.")
        )
        return None, report
    except (_Refused, UnicodeDecodeError, ValueError) as problem:
        # Besides ours: bytes that are no UTF-8, and integers of more digits than Python converts.
        reason = str(problem) if isinstance(problem, _Refused) else type(problem).__name__
        report.error(
            "form.not_json",
            None,
            say(f"Berkas ini tidak dapat dibaca: {reason}", f"This file cannot be read: {reason}"),
        )
        return None, report
    if not isinstance(document, dict):
        report.error(
            "form.not_a_form", None, say("Berkas ini bukan formulir form-js.", "This file is no form-js form.")
        )
        return None, report
    return document, report


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _Refused(say(f'kunci "{key[:60]}" ditulis dua kali.', f'the key "{key[:60]}" is written twice.'))
        for text in (key, value):
            if isinstance(text, str) and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise _Refused(say("ada teks yang rusak.", "a text is broken."))
        made[key] = value
    return made


def _constant(name: str) -> Any:
    raise _Refused(say(f"{name} bukan bilangan.", f"{name} is not a number."))
