"""Patience with jobs: what is tried again, when, and what would only fail once more."""

from datetime import timedelta

import pytest
from jinja2 import UndefinedError
from sqlalchemy.exc import OperationalError

from workflows import jobs
from workflows.background.duties import DUTIES, RHYTHM
from workflows.background.performing import WAITS, wait_after
from workflows.errors import AmanahError, BrokenDefinition, Conflict, NotFound
from workflows.evidence.copies import CannotCopy
from workflows.feel.errors import FeelError
from workflows.letters.render import ForbiddenSource, PrinterMissing
from workflows.notices.senders import SendingFailed


@pytest.mark.parametrize(
    "error", [SendingFailed("smtp.421"), OSError(), TimeoutError(), OperationalError("", None, Exception()), KeyError()]
)
def test_what_may_go_away_is_tried_again_after_growing_whiles(error: Exception) -> None:
    waits = [wait_after(error, attempts) for attempts in range(len(WAITS) + 1)]

    assert waits == [*WAITS, None]
    assert list(WAITS) == sorted(WAITS)
    assert WAITS[0] <= timedelta(seconds=10)


@pytest.mark.parametrize(
    "error",
    [
        AmanahError("x"),
        NotFound("case.unknown"),
        Conflict("task.done"),
        BrokenDefinition([]),
        FeelError("feel.budget", "too much"),
        UndefinedError("x"),
        ForbiddenSource("http://x"),
        PrinterMissing("pango"),
        CannotCopy("x"),
    ],
)
def test_what_can_only_fail_again_is_given_up_at_once(error: Exception) -> None:
    assert wait_after(error, 0) is None


def test_prints_wait_in_a_queue_of_their_own() -> None:
    assert {name for name in DUTIES if jobs.queue_of(name) == jobs.PRINTS} == {
        "letters.print",
        "case_reports.print",
        "recapitulations.print",
        "evidence.copy",
        "packages.make",
    }


def test_everything_that_has_a_rhythm_is_a_duty() -> None:
    assert RHYTHM.keys() <= DUTIES.keys()
