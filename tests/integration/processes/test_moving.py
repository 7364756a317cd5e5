"""A token is moved by hand: first shown, then done, with a reason and a trail."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, create_case
from factories import NOW, jakarta
from workflows.cases.models import Case, CaseDeadline, Content
from workflows.engine.migration import Hindered
from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance, StepRecord, Timer
from workflows.processes.moving import Preview, move_token, places_for, preview, standing_at
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
DUE = jakarta(2026, 3, 6, 0)


@pytest.fixture
def a_case(begin_tx: BeginTx, an_office: SampleOffice) -> Case:
    with begin_tx() as tx:
        case = create_case(tx)
        processes.start(tx, case.id, an_office.version.id, {})
    return case


def a_run(session: Session) -> ProcessInstance:
    return session.scalars(select(ProcessInstance), execution_options={"populate_existing": True}).one()


def shown(begin_tx: BeginTx, session: Session, target: str, element: str = "check") -> Preview:
    with begin_tx() as tx:
        return preview(tx, a_run(session).id, element, target)


def test_the_places_are_those_where_a_token_can_stand(session: Session, a_case: Case) -> None:
    run = a_run(session)

    assert [element.id for element in standing_at(session, run)] == ["check"]
    places = [element.id for element in places_for(session, run, "check")]
    assert {"answer", "replied", "resolved", "close_expired"} <= set(places)
    assert {"filed", "check_late", "check"}.isdisjoint(places)


def test_the_preview_shows_everything_and_leaves_nothing(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    entries = len(session.scalars(select(JournalEntry)).all())

    seen = shown(begin_tx, session, "answer")

    assert (seen.tasks_gone, seen.tasks_made) == ([("Periksa", "intake_officer")], [("Jawab", "office_liaison")])
    assert seen.timers_gone == [("check_late", DUE)]
    assert [element for element, _ in seen.timers_made] == ["answer_expired"]
    assert (seen.follows, seen.ends) == ([], False)
    run = a_run(session)
    assert (run.revision, run.tokens_at) == (1, ["check"])
    assert [task.status for task in session.scalars(select(Task))] == ["open"]
    assert session.scalars(select(Timer.element)).all() == ["check_late"]
    assert len(session.scalars(select(JournalEntry)).all()) == entries


def test_a_move_to_automatic_steps_tells_where_it_ends(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    seen = shown(begin_tx, session, "close_expired")

    assert seen.ends
    assert "Tutup" in seen.follows


def test_the_token_is_moved_as_shown(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    seen = shown(begin_tx, session, "answer")

    with begin_tx() as tx:
        done = move_token(tx, a_run(session).id, "check", "answer", reason="Sudah diperiksa.", revision=seen.revision)

    assert (done.tasks_gone, done.tasks_made) == (seen.tasks_gone, seen.tasks_made)
    assert sorted((task.element, task.status) for task in session.scalars(select(Task))) == [
        ("answer", "open"),
        ("check", "cancelled"),
    ]
    assert session.scalars(select(Timer.element)).all() == ["answer_expired"]
    assert session.scalars(select(CaseDeadline)).one().stopped_at == NOW
    kinds = list(session.scalars(select(JournalEntry.kind).order_by(JournalEntry.id)))
    assert kinds.index("process.moved") < kinds.index("task.cancelled") < len(kinds)
    assert [kept.body for kept in session.scalars(select(Content).where(Content.kind == "intervention"))] == [
        {"reason": "Sudah diperiksa."}
    ]
    assert session.scalars(select(StepRecord.kind).order_by(StepRecord.revision.desc())).first() == "move"
    assert verify(session) is None


def test_who_was_quicker_makes_the_preview_old(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    seen = shown(begin_tx, session, "answer")
    with begin_tx() as tx:
        move_token(tx, a_run(session).id, "check", "answer", reason="Uji", revision=seen.revision)

    with pytest.raises(Conflict, match="moved_on"), begin_tx() as tx:
        move_token(tx, a_run(session).id, "check", "answer", reason="Uji", revision=seen.revision)


def test_only_operators_with_a_reason_to_a_place_that_is_one(
    begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
) -> None:
    def tries(target: str = "answer", actor: Actor = SYSTEM, reason: str = "Uji") -> None:
        with begin_tx(actor) as tx:
            move_token(tx, a_run(session).id, "check", target, reason=reason, revision=1)

    with pytest.raises(NotAllowed):
        tries(actor=an_office.supervisor)
    with pytest.raises(InvalidAnswers):
        tries(reason="")
    for target in ("filed", "check_late", "nowhere"):
        with pytest.raises(Hindered):
            tries(target)
