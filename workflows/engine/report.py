"""The list of findings that grows while a definition is read."""

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


class Report:
    """Collects findings; nothing is raised before everything has been looked at."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def error(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Record something that forbids running the file."""
        self._add("error", place, code, message, fix)

    def warning(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Record something that runs, yet asks for a look."""
        self._add("warning", place, code, message, fix)

    def note(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Record something that is worth knowing."""
        self._add("note", place, code, message, fix)

    @property
    def has_errors(self) -> bool:
        """Whether anything forbids running."""
        return any(finding.severity == "error" for finding in self.findings)

    def in_order(self) -> list[Finding]:
        """Give the findings by file and line, errors first on one line; equal ones once."""
        rank = {"error": 0, "warning": 1, "note": 2}
        return sorted(
            dict.fromkeys(self.findings),
            key=lambda finding: (finding.file, finding.line, rank[finding.severity], finding.code),
        )

    def _add(self, severity: Severity, place: Place, code: str, message: str, fix: str) -> None:
        self.findings.append(Finding(code, message, fix, severity, place.file, max(place.line, 1), place.element))
