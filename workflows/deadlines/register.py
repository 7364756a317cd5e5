"""The register of deadlines: every rule with its editions, looked up for a day.

No number of law stands here; `bpmn/shared/deadlines.yml` holds them all with their source, and `reading` reads it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from workflows.deadlines import reading
from workflows.deadlines.rules import Rule
from workflows.errors import NotFound


class Register:
    """All rules, each with its editions. A value: read once and shared."""

    def __init__(self, editions: Mapping[str, tuple[Rule, ...]], parts: Mapping[str, tuple[str, ...]]) -> None:
        self._editions = dict(editions)
        self._parts = dict(parts)

    @property
    def ids(self) -> tuple[str, ...]:
        """Every rule that a clock can follow, in the order of the file; groups such as P-08 are not among them."""
        return tuple(self._editions)

    def __contains__(self, deadline_id: object) -> bool:
        return deadline_id in self._editions

    def parts(self, deadline_id: str) -> tuple[str, ...]:
        """Give the ids of a group's parts; empty for a rule that stands alone. Raise NotFound for an unknown id."""
        if deadline_id in self._editions:
            return ()
        if deadline_id in self._parts:
            return self._parts[deadline_id]
        raise NotFound("deadline.unknown", id=deadline_id, near=self._near(deadline_id))

    def editions(self, deadline_id: str) -> tuple[Rule, ...]:
        """Give every edition of a rule, the oldest first; those that follow another rule have no length of their own.

        Raises NotFound: `deadline.unknown` with `near` ids, `deadline.has_parts` with the `parts` to choose from.
        """
        if parts := self.parts(deadline_id):
            raise NotFound("deadline.has_parts", id=deadline_id, parts=list(parts))
        return self._editions[deadline_id]

    def rule(self, deadline_id: str, on: date) -> Rule:
        """Give the edition by which a trigger of the day `on` counts.

        Raises NotFound as `editions` does, and `deadline.not_in_force` with the day from which it is in force
        (`since`) or until which it was (`until`).
        """
        editions = self.editions(deadline_id)
        for edition in editions:
            if edition.is_in_force(on):
                if edition.follows is None:
                    return edition
                followed = self.rule(edition.follows, on)
                return replace(edition, length=followed.length, unit=followed.unit)
        since = min((edition.in_force_from for edition in editions if edition.in_force_from > on), default=None)
        until = None if since else editions[-1].in_force_until
        raise NotFound("deadline.not_in_force", id=deadline_id, on=on, since=since, until=until)

    def is_in_force(self, deadline_id: str, on: date) -> bool:
        """Tell whether an edition counts a trigger of the day `on`. Raises NotFound as `editions` does."""
        return any(edition.is_in_force(on) for edition in self.editions(deadline_id))

    def _near(self, deadline_id: str) -> list[str]:
        known = [*self._editions, *self._parts]
        # "p1", "P01" and "P-1" all mean P-01, whatever their likeness in letters.
        same = [each for each in known if _squeezed(each) == _squeezed(deadline_id)]
        return same or get_close_matches(deadline_id.upper(), known, n=3, cutoff=0.5)


def load(path: Path) -> Register:
    """Read the register from its file; raise BrokenDefinition with every finding. The same bytes are read once."""
    return _read(reading.content_of(path), path.name)


@lru_cache(maxsize=4)
def _read(content: bytes, file: str) -> Register:
    return Register(*reading.read(content, file))


def _squeezed(deadline_id: str) -> str:
    letters = "".join(sign for sign in deadline_id.lower() if sign.isalpha())
    digits = "".join(sign for sign in deadline_id if sign.isdecimal()).lstrip("0")
    return f"{letters[:1]}{digits}{letters[1:]}"
