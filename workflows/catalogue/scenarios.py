"""Rehearsal: runs the scenarios of a case type on engine, forms and deadlines alone.

The clock is moved by hand, services are recorded instead of run, and nothing is stored or sent.
"""

from dataclasses import dataclass
from pathlib import Path

from workflows.catalogue.bundle import Bundle


@dataclass(frozen=True)
class Disappointment:
    """One thing in a scenario that did not come as expected."""

    # Line of the scenario file.
    line: int
    # What was expected and what happened, in the reader's language.
    message: str


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario went."""

    # Path inside the case type, for example "scenarios/on_time.yml".
    file: str
    title: str
    # Elements that were entered, in order: the path that a diagram may show.
    trace: tuple[str, ...]
    # Services that were called, in order, with their inputs.
    services: tuple[tuple[str, dict[str, object]], ...]
    disappointments: tuple[Disappointment, ...]

    @property
    def passed(self) -> bool:
        """Tell whether everything came as the scenario says."""
        return not self.disappointments


def rehearse(source: Path | Bundle, *, only: str | None = None) -> list[ScenarioResult]:
    """Run all scenarios, or the one whose file name without ending is `only`.

    Raise BrokenDefinition when the case type itself cannot be read.
    """
    raise NotImplementedError
