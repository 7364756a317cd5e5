"""Which construct a scenario is about, and the section of BPMN 2.0.2 (formal/2013-12-09) whose words it plays.

`test_all_are_played` asks that nothing of the dialect is missing.
"""

from collections.abc import Callable
from typing import TypeVar

Scenario = TypeVar("Scenario", bound=Callable[..., None])

# (place, kind) of a construct -> the sections that its scenarios play.
PLAYED: dict[tuple[str, str], set[str]] = {}


def plays(section: str, *constructs: tuple[str, str]) -> Callable[[Scenario], Scenario]:
    """Say what a scenario plays; the place is an element of BPMN or a start's place, the kind that of its event."""

    def note(scenario: Scenario) -> Scenario:
        for construct in constructs:
            PLAYED.setdefault(construct, set()).add(section)
        return scenario

    return note
