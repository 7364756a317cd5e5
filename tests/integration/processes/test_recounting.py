"""A decree changes the calendar: dates move later with a trail, and never earlier."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import SampleOffice, create_case
from factories import NOW, jakarta
from workflows.calendar.operations import set_day
from workflows.cases.models import Case, CaseDeadline
from workflows.errors import NotAllowed
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance, Timer
from workflows.processes.recounting import recount, running_instances
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

# Filed on Monday the second, three working days: until Thursday the fifth, 24:00.
PROMISED, MOVED = jakarta(2026, 3, 6, 0), jakarta(2026, 3, 7, 0)


@pytest.fixture
def a_case(begin_tx: BeginTx, an_office: SampleOffice) -> Case:
    with begin_tx() as tx:
        case = create_case(tx)
        processes.start(tx, case.id, an_office.version.id, {})
    return case


def _declare(begin_tx: BeginTx, day: date, kind: str) -> None:
    with begin_tx() as tx:
        set_day(tx, day, kind, name="Hari tertentu", name_en="A certain day", reason="SKB")  # type: ignore[arg-type]


def _recount(begin_tx: BeginTx, session: Session, actor: Actor = SYSTEM, days: int = 1) -> int:
    (instance_id,) = running_instances(session)
    with begin_tx(actor, now=NOW + timedelta(days=days)) as tx:
        return recount(tx, instance_id)


def _recounted(session: Session, kind: str = "deadline.recounted") -> list[dict[str, object]]:
    return [entry.facts for entry in session.scalars(select(JournalEntry).where(JournalEntry.kind == kind))]


def test_a_new_holiday_moves_deadline_task_timer_and_job(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    running, timer = session.scalars(select(CaseDeadline)).one(), session.scalars(select(Timer)).one()
    assert (running.due_at, timer.due_at) == (PROMISED, PROMISED)
    _declare(begin_tx, date(2026, 3, 4), "holiday")

    assert _recount(begin_tx, session) == 2

    assert (running.due_at, running.lenient_on) == (MOVED, date(2026, 3, 6))
    assert "Hari tertentu" in running.explanation
    assert session.scalars(select(Task.due_at)).all() == [MOVED]
    moved = session.scalars(select(Timer)).one()
    assert (moved.element, moved.due_at) == ("check_late", MOVED)
    jobs = session.execute(text("SELECT id, scheduled_at FROM procrastinate_jobs WHERE task_name = 'processes.wake'"))
    assert [tuple(job) for job in jobs] == [(moved.job_id, MOVED)]
    (told,) = _recounted(session)
    assert (told["deadline"], told["kept"]) == ("P-01", False)
    assert [each["element"] for each in _recounted(session, "timer.recounted")] == ["check_late"]
    assert session.scalars(select(ProcessInstance.tokens_at)).one()
    assert verify(session) is None
    with begin_tx(now=PROMISED) as tx:
        assert processes.wake(tx, moved.instance_id) == 0
    with begin_tx(now=MOVED) as tx:
        assert processes.wake(tx, moved.instance_id) == 1


def test_counting_again_by_the_same_calendar_changes_nothing(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    assert _recount(begin_tx, session) == 0
    _declare(begin_tx, date(2026, 3, 4), "holiday")
    _recount(begin_tx, session)
    assert _recount(begin_tx, session) == 0
    assert len(_recounted(session)) == 1


def test_nothing_is_shortened_and_the_difference_is_told_once(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice
) -> None:
    _declare(begin_tx, date(2026, 3, 4), "holiday")
    with begin_tx() as tx:
        processes.start(tx, create_case(tx).id, an_office.version.id, {})
    _declare(begin_tx, date(2026, 3, 4), "ordinary")

    assert [_recount(begin_tx, session), _recount(begin_tx, session)] == [0, 0]

    assert session.scalars(select(CaseDeadline.due_at)).all() == [MOVED]
    assert session.scalars(select(Timer.due_at)).all() == [MOVED]
    (told,) = _recounted(session)
    assert told["kept"] is True
    assert str(told["new"]) < str(told["old"])


def test_what_has_passed_stays_as_it_was(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    _declare(begin_tx, date(2026, 3, 4), "holiday")
    assert _recount(begin_tx, session, days=5) == 0
    assert session.scalars(select(CaseDeadline.due_at)).all() == [PROMISED]


def test_not_everybody_moves_dates(begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case) -> None:
    with pytest.raises(NotAllowed):
        _recount(begin_tx, session, an_office.officer)
