"""Timers as rows and jobs: ends of months, leap days, the zones of the archipelago, sleep, suspension, slow clocks."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import create_case, create_sample_office
from due_jobs import run_due_jobs
from unit.engine.drawing import boundary, draw, end, flows, start, timer, user
from workflows import worker
from workflows.background.duties import Workshop, workshop_of
from workflows.feel import clock
from workflows.journal.models import JournalEntry
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance, Timer
from workflows.processes.office import open_office
from workflows.processes.suspension import resume, suspend
from workflows.settings import Settings
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
JAKARTA = ZoneInfo("Asia/Jakarta")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def workshop(settings: Settings) -> Workshop:
    return workshop_of(settings)


@pytest.fixture
def begun(begin_tx: BeginTx) -> Callable[..., ProcessInstance]:
    """Begin a case whose task is watched by a timer that leaves it open."""

    def begin(at: datetime, text_: str, form: str) -> ProcessInstance:
        watch = boundary("watch", "task", timer(text_, form), interrupting=False)
        task = user("task", camunda_candidateGroups="intake_officer")
        bpmn = draw(start(), task, watch, end(), end("over"), flows("start > task > end", "watch > over"))
        with begin_tx(now=at) as tx:
            office = create_sample_office(tx, {"process.bpmn": bpmn})
            return processes.start(tx, create_case(tx).id, office.version.id, {})

    return begin


def due(session: Session, run: ProcessInstance, zone: ZoneInfo = JAKARTA) -> str | None:
    """Give when the run's timer is due, as a clock on the wall shows it; its job must come at that very instant."""
    asked = select(Timer.due_at, Timer.job_id).where(Timer.instance_id == run.id)
    row = session.execute(asked).one_or_none()
    if row is None:
        return None
    job = text("SELECT status::text, scheduled_at FROM procrastinate_jobs WHERE id = :id")
    assert tuple(session.execute(job, {"id": row.job_id}).one()) == ("todo", row.due_at)
    return f"{row.due_at.astimezone(zone):%Y-%m-%d %H:%M}"


def fired(session: Session) -> list[int]:
    """Give how many seconds late each firing was."""
    entries = select(JournalEntry.facts).where(JournalEntry.kind == "timer.fired").order_by(JournalEntry.id)
    return [facts["late_seconds"] for facts in session.scalars(entries)]


def there(*moment: int, zone: ZoneInfo = JAKARTA) -> datetime:
    return datetime(*moment, tzinfo=zone)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("begins", "period", "rounds"),
    [
        ((2028, 1, 31, 9), "P1M", ["2028-02-29 09:00", "2028-03-31 09:00", "2028-04-30 09:00"]),
        ((2027, 1, 31, 9), "P1M", ["2027-02-28 09:00", "2027-03-31 09:00"]),
        ((2028, 2, 29, 23), "P1Y", ["2029-02-28 23:00", "2030-02-28 23:00", "2031-02-28 23:00", "2032-02-29 23:00"]),
        ((2028, 2, 28, 23), "P1D", ["2028-02-29 23:00", "2028-03-01 23:00"]),
    ],
)
def test_rounds_end_with_the_months(
    begun: Any, session: Session, workshop: Workshop, begins: tuple[int, ...], period: str, rounds: list[str]
) -> None:
    run = begun(there(*begins), f"R/{period}", "Cycle")
    for expected in rounds:
        assert due(session, run) == expected
        at = session.scalars(select(Timer.due_at).where(Timer.instance_id == run.id)).one()
        assert run_due_jobs(session, workshop, at - timedelta(seconds=1)) == 0
        run_due_jobs(session, workshop, at)

    assert fired(session) == [0] * len(rounds)


@pytest.mark.parametrize(
    ("zone", "hours"), [("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9), ("Asia/Pontianak", 7)]
)
def test_times_are_those_of_the_office_wherever_it_is(
    begun: Any, session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch, zone: str, hours: int
) -> None:
    """A day begins two hours earlier in Jayapura than in Jakarta, and the end of a month with it."""
    monkeypatch.setattr(clock, "_zone", [])
    office = open_office(replace(settings, zone=ZoneInfo(zone)))

    # An hour after midnight there.
    run = begun(there(2027, 3, 1, 1, zone=office.zone), "2027-03-02T09:00", "Date")

    assert due(session, run, office.zone) == "2027-03-02 09:00"
    assert due(session, run, ZoneInfo("UTC")) == f"2027-03-02 {9 - hours:02}:00"


def test_today_is_the_day_of_the_office(
    begun: Any, session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_zone", [])
    jayapura = open_office(replace(settings, zone=ZoneInfo("Asia/Jayapura"))).zone

    # In Jakarta it is 23:00 of the last of February.
    run = begun(there(2027, 3, 1, 1, zone=jayapura), '=date and time(today(), time("12:00:00"))', "Date")

    assert due(session, run, jayapura) == "2027-03-01 12:00"


def test_whoever_slept_for_twelve_hours_fires_once_and_the_rhythm_stays(
    begun: Any, session: Session, workshop: Workshop
) -> None:
    run = begun(there(2027, 3, 1, 9), "R/PT1H", "Cycle")

    run_due_jobs(session, workshop, there(2027, 3, 1, 22, 30))

    assert fired(session) == [12 * 3600 + 1800]
    assert due(session, run) == "2027-03-01 23:00"


def test_a_cycle_that_was_suspended_fires_once_and_the_rhythm_stays(
    begun: Any, begin_tx: BeginTx, session: Session, workshop: Workshop
) -> None:
    run = begun(there(2027, 1, 31, 9), "R/P1M", "Cycle")
    with begin_tx(now=there(2027, 2, 10, 9)) as tx:
        suspend(tx, run.id, reason="Diperiksa.")
    # The job comes and finds the run suspended.
    run_due_jobs(session, workshop, there(2027, 4, 15, 9))
    assert fired(session) == []

    with begin_tx(now=there(2027, 4, 15, 9)) as tx:
        resume(tx, run.id, reason="Sudah.")
    run_due_jobs(session, workshop, there(2027, 4, 15, 9))

    assert fired(session) == [(there(2027, 4, 15, 9) - there(2027, 2, 28, 9)) // timedelta(seconds=1)]
    assert due(session, run) == "2027-04-30 09:00"


def test_a_clock_that_was_set_back_leaves_a_timer_to_its_job(
    begun: Any, begin_tx: BeginTx, session: Session, workshop: Workshop
) -> None:
    run = begun(there(2027, 3, 1, 9), "P1D", "Duration")
    back = there(2027, 3, 1, 8)
    with begin_tx(now=back) as tx:
        assert processes.wake(tx, run.id) == 0
        suspend(tx, run.id, reason="Diperiksa.")
        resume(tx, run.id, reason="Sudah.")
    assert run_due_jobs(session, workshop, back) == 0
    assert due(session, run) == "2027-03-02 09:00"

    run_due_jobs(session, workshop, there(2027, 3, 2, 9))

    assert (fired(session), due(session, run)) == ([0], None)


def test_a_worker_whose_clock_is_slow_fires_what_the_database_says_is_due(
    begun: Any, session: Session, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue hands jobs out by the clock of the database; one that is done too early would be gone for nothing."""
    run = begun(there(2027, 3, 1, 9), "P1D", "Duration")
    timer_row = session.scalars(select(Timer).where(Timer.instance_id == run.id)).one()
    monkeypatch.setattr(worker, "read_clock", lambda: timer_row.due_at - 10 * timedelta(minutes=1))
    waiting = {"id": timer_row.job_id}
    session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
            " WHERE id = :id"
        ),
        waiting,
    )
    handed = session.execute(text("SELECT worker_id, scheduled_at FROM procrastinate_jobs WHERE id = :id"), waiting)
    worker_id, scheduled_at = handed.one()
    job = SimpleNamespace(id=timer_row.job_id, worker_id=worker_id, attempts=0, scheduled_at=scheduled_at)

    class Lent:
        """The session of the test, which stays open."""

        def __enter__(self) -> Session:
            return session

        def __exit__(self, *_: object) -> None:
            return None

    context: Any = SimpleNamespace(
        job=job, additional_context={"workshop": workshop, "sessions": Lent, "stopping": lambda: True}
    )
    worker._do_job("processes.wake", context, instance_id=str(run.id))

    assert fired(session) == [0]
    assert due(session, run) is None
