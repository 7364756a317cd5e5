"""The list of findings that grows while a definition is read."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.errors import Finding, Severity


@dataclass(frozen=True)
class Place:
    """Where in the files something stands."""

    file: str
    # Line from 1; 1 when the file as a whole is meant.
    line: int = 1
    # Id of the element, if one is meant.
    element: str | None = None


# What the schema of BPMN says begins so.
SCHEMA = "schema."

# Longer sentences come from texts made to hurt; nobody reads them.
MAXIMUM_SENTENCE = 800
MAXIMUM_ELEMENT = 255

# Nobody mends more than this of one severity at once; what comes after is found when these are gone.
MAXIMUM_FINDINGS = 1_000


class Report:
    """Collects findings; nothing is raised before everything has been looked at."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        # Whether anything forbids running.
        self.has_errors = False
        self._counts: dict[str, int] = {}

    @property
    def error_count(self) -> int:
        """How many errors were recorded, also those beyond what is shown."""
        return self._counts.get("error", 0)

    def include(self, findings: Iterable[Finding]) -> None:
        """Take over what another reader found."""
        for found in findings:
            self.has_errors = self.has_errors or found.severity == "error"
            self.findings.append(found)

    def error(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Record something that forbids running the file."""
        self._add("error", place, code, message, fix)

    def warning(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Record something that runs, yet asks for a look."""
        self._add("warning", place, code, message, fix)

    def note(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Record something that is worth knowing."""
        self._add("note", place, code, message, fix)

    def in_order(self) -> list[Finding]:
        """Give the findings by file and line, errors first on one line; equal ones once.

        What the schema says of a line is left out when a check of ours found fault with the same line.
        """
        rank = {"error": 0, "warning": 1, "note": 2}
        told = {
            (finding.file, finding.line)
            for finding in self.findings
            if finding.severity == "error" and not finding.code.startswith(SCHEMA)
        }
        return sorted(
            dict.fromkeys(
                finding
                for finding in self.findings
                if not (finding.code.startswith(SCHEMA) and (finding.file, finding.line) in told)
            ),
            key=lambda finding: (finding.file, finding.line, rank[finding.severity], finding.code),
        )

    def _add(self, severity: Severity, place: Place, code: str, message: str, fix: str) -> None:
        self.has_errors = self.has_errors or severity == "error"
        self._counts[severity] = self._counts.get(severity, 0) + 1
        if self._counts[severity] > MAXIMUM_FINDINGS:
            return
        element = place.element if place.element is None else place.element[:MAXIMUM_ELEMENT]
        self.findings.append(
            Finding(code, _short(message), _short(fix), severity, place.file, max(place.line, 1), element)
        )


def _short(sentence: str) -> str:
    if len(sentence) <= MAXIMUM_SENTENCE:
        return sentence
    return f"{sentence[: MAXIMUM_SENTENCE - 200]} … {sentence[-150:]}"
