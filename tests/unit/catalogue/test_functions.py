"""Diagrams ask for a deadline and get the instant that the house promises."""

from decimal import Decimal

import pytest

from databases import REPOSITORY
from factories import JAKARTA, jakarta
from workflows.calendar.sources import packaged_calendar
from workflows.catalogue.functions import Counting, counting_by, deadline
from workflows.deadlines import register
from workflows.errors import AmanahError, NotFound


@pytest.fixture(scope="module")
def counting():
    rules = register.load(REPOSITORY / "bpmn" / "shared" / "deadlines.yml")
    return Counting(rules, packaged_calendar(range(2025, 2028)), JAKARTA)


def test_a_deadline_is_the_end_of_its_last_day(counting):
    with counting_by(lambda: counting):
        assert deadline("P-01", now=jakarta(2026, 7, 1)) == jakarta(2026, 7, 7, 0)


def test_a_share_of_days_is_rounded_down(counting):
    with counting_by(lambda: counting):
        assert deadline("P-01", Decimal("0.75"), now=jakarta(2026, 7, 1)) == jakarta(2026, 7, 4, 0)


def test_hours_run_exactly(counting):
    with counting_by(lambda: counting):
        assert deadline("P-12", Decimal("0.75"), now=jakarta(2026, 7, 1)) == jakarta(2026, 7, 2, 3)


def test_joint_leave_is_skipped_in_what_is_promised(counting):
    with counting_by(lambda: counting):
        assert deadline("P-02", now=jakarta(2026, 3, 16)) == jakarta(2026, 3, 31, 0)


def test_an_unknown_deadline_is_refused(counting):
    with counting_by(lambda: counting), pytest.raises(NotFound, match=r"deadline\.unknown"):
        deadline("P-77", now=jakarta(2026, 7, 1))


def test_the_source_is_asked_once_and_only_when_something_is_counted(counting):
    asked = []

    def source():
        asked.append(1)
        return counting

    with counting_by(source):
        assert asked == []
        deadline("P-01", now=jakarta(2026, 7, 1))
        deadline("P-02", now=jakarta(2026, 7, 1))

    assert asked == [1]


def test_without_anything_to_count_by_it_refuses():
    with pytest.raises(AmanahError, match=r"deadline\.nothing_to_count_by"):
        deadline("P-01", now=jakarta(2026, 7, 1))
