"""From what a deadline counts: the moment, the filing, or the last day of the one that it extends."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from databases import REPOSITORY
from factories import JAKARTA, jakarta
from workflows.calendar.sources import packaged_calendar
from workflows.deadlines import reading, register
from workflows.deadlines.counting import due
from workflows.deadlines.rules import Rule
from workflows.deadlines.triggers import beginning, begins_at, running_since
from workflows.errors import BrokenDefinition

REGISTER = register.load(REPOSITORY / "bpmn" / "shared" / "deadlines.yml")
FILED, NOW = jakarta(2026, 7, 1), jakarta(2026, 7, 3, 14)


@dataclass(frozen=True)
class Run:
    deadline_id: str
    trigger_at: datetime
    due_at: datetime
    is_running: bool = False


def rule(deadline_id: str) -> Rule:
    return REGISTER.rule(deadline_id, NOW.date())


@pytest.mark.parametrize("deadline_id", ["P-01", "P-04", "P-05", "P-06", "P-11", "P-12"])
def test_what_the_filing_triggers_counts_from_it_however_late_it_is_started(deadline_id: str) -> None:
    assert begins_at(rule(deadline_id), NOW, filed_at=FILED, runnings=[]) == FILED


@pytest.mark.parametrize("deadline_id", ["P-02", "P-03", "P-07", "P-10", "P-13"])
def test_any_other_one_counts_from_the_moment(deadline_id: str) -> None:
    assert begins_at(rule(deadline_id), NOW, filed_at=FILED, runnings=[]) == NOW


def test_a_day_triggers_from_its_beginning_and_an_instant_from_itself() -> None:
    assert beginning(date(2026, 7, 1), JAKARTA) == jakarta(2026, 7, 1, 0)
    assert beginning(NOW, JAKARTA) == NOW


def test_a_day_before_the_first_edition_is_not_in_force() -> None:
    assert REGISTER.is_in_force("G-01", date(2001, 11, 21))
    assert not REGISTER.is_in_force("G-01", date(2001, 11, 20))
    assert REGISTER.rule("G-04", date(2026, 1, 19)).length == 30
    assert REGISTER.rule("G-04", date(2026, 1, 20)).length == 20


def test_a_matter_that_comes_back_counts_anew() -> None:
    first = Run("P-05", FILED, jakarta(2026, 7, 22, 0))
    assert begins_at(rule("P-05"), NOW, filed_at=FILED, runnings=[first]) == NOW


@pytest.mark.parametrize("now", [jakarta(2026, 7, 10), jakarta(2026, 7, 20)])
def test_an_extension_begins_on_the_last_day_of_what_it_extends(now: datetime) -> None:
    calendar = packaged_calendar(range(2025, 2028))
    extended = due(rule("P-10"), FILED, calendar, JAKARTA, reading="lenient")
    assert extended.due_on.isoformat() == "2026-07-15"
    run = Run("P-10", FILED, extended.due_at)

    begins = begins_at(rule("P-10x"), now, filed_at=FILED, runnings=[run])

    assert begins.astimezone(JAKARTA).date() == extended.due_on
    last = due(rule("P-10x"), begins, calendar, JAKARTA, reading="lenient").due_on
    # Seven working days after Wednesday the fifteenth.
    assert last.isoformat() == "2026-07-24"


def test_an_open_running_tells_since_when_it_counts() -> None:
    over, running = Run("P-12", FILED, NOW), Run("P-12", NOW, NOW, is_running=True)
    assert running_since("P-12", [over, running]) == NOW
    assert running_since("P-12", [over]) is None


def test_a_register_that_counts_from_nothing_known_is_told() -> None:
    text = (REPOSITORY / "bpmn" / "shared" / "deadlines.yml").read_bytes()
    with pytest.raises(BrokenDefinition) as broken:
        reading.read(text.replace(b"counts_from: P-10\n", b"counts_from: P-99\n"), "deadlines.yml")
    assert [(found.code, found.element) for found in broken.value.findings] == [("deadlines.counts_from", "P-10x")]
