"""A deadline as a value: what the register says about it on one day.

How an instant follows from it is in `counting`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Unit = Literal["working_days", "calendar_days", "clock_hours"]
# Whether days of joint leave count as working days: strict says yes, lenient no. Outward promises are lenient.
Reading = Literal["strict", "lenient"]
Evidence = Literal["found", "memory", "brief", "design"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A deadline as it stood on one day."""

    # Identifier in the register, for example "P-01".
    id: str
    title: str
    title_en: str
    # What starts it, as the end of "counted from the day on which ...".
    trigger: str
    trigger_en: str
    # Who must have done what by then, as a sentence.
    obligation: str
    obligation_en: str
    # How long, in `unit`.
    length: int
    unit: Unit
    # Legal basis or promise.
    source: str
    source_en: str
    # How well it is known: "found" in a secondary source, from "memory", named by the client ("brief"), or "design".
    evidence: Evidence
    # Names of the sources in which it was read.
    read_in: tuple[str, ...]
    # What the reader of a date ought to know; may be empty.
    note: str
    note_en: str
    # First and last day on which a trigger counts by this edition.
    in_force_from: date
    in_force_until: date | None
    # The rule at whose breach this one falls due; length and unit are that rule's.
    follows: str | None
    # The group it stands in, for example "P-08".
    part_of: str | None
    # From what it counts whenever it is started: "filing", or the id of the rule whose last day is its day 0. Empty
    # when it counts from the moment at which it is started.
    counts_from: str = ""

    def is_in_force(self, on: date) -> bool:
        """Tell whether a trigger of that day counts by this edition."""
        return self.in_force_from <= on and (self.in_force_until is None or on <= self.in_force_until)
