"""What an act may ask of the database: a bound on statements, each of which others may have to wait for."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

import factories
from case_factories import SampleOffice, a_key, create_case
from workflows.cases import deadlines
from workflows.cases.models import CaseDeadline
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.processes.office import current_office
from workflows.processes.operations import NO_CONFLICT
from workflows.processes.running import locked_run_of
from workflows.tasks.models import Task
from workflows.transaction import Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[list[str]]]:
    """Count what any cursor sends within a block, also the queue's own, without the savepoints of the test."""
    plain = psycopg.Cursor.execute
    sent: list[str] = []

    def execute(cursor: psycopg.Cursor[Any], query: Any, *arguments: Any, **named: Any) -> Any:
        sent.append(str(query))
        return plain(cursor, query, *arguments, **named)

    @contextmanager
    def counted() -> Iterator[list[str]]:
        sent.clear()
        with monkeypatch.context() as patched:
            patched.setattr(psycopg.Cursor, "execute", execute)
            yield sent
        sent[:] = [each for each in sent if "SAVEPOINT" not in each]

    return counted


def test_a_step_with_a_referral_and_deadlines_stays_within_its_bound(
    begin_tx: BeginTx, an_office: SampleOffice, counting: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def step(actor: Actor, posted: dict[str, list[str]], revision: int) -> int:
        with begin_tx(actor) as tx:
            task_id = tx.session.scalars(select(Task.id).where(Task.status == "open")).one()
            tx.session.expunge_all()
        with counting() as sent, begin_tx(actor) as tx:
            processes.complete_task(tx, task_id, posted=posted, revision=revision, key=a_key())
        return len(sent)

    with begin_tx() as tx:
        case = create_case(tx)
        processes.start(tx, case.id, an_office.version.id, {})
        case_id = case.id
    assert step(an_office.officer, {"valid": ["true"], "category": ["02"]}, 1) <= 34
    assert step(an_office.liaison, {"answer": ["Sudah"], NO_CONFLICT: ["true"]}, 2) <= 27

    with begin_tx() as tx:
        assert tx.session.scalars(select(ProcessInstance.revision).where(ProcessInstance.case_id == case_id)).one() == 3


def test_an_act_reads_one_running_of_a_deadline_however_often_the_matter_came_back(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice
) -> None:
    """Forty rounds of P-01 are over; whatever asks for the deadlines reads the latest alone, and counting goes on."""
    with begin_tx() as tx:
        case = create_case(tx)
        processes.start(tx, case.id, an_office.version.id, {})
        (first,) = session.scalars(select(CaseDeadline))
        first.met_at = tx.now
        facts = {name: getattr(first, name) for name in {*inspect(CaseDeadline).columns.keys()} - {"id"}}
        session.add_all(CaseDeadline(**facts | {"round": number}) for number in range(2, 41))
    rule = current_office().register.rule("P-01", factories.NOW.date())
    loaded: list[object] = []
    session.expunge_all()
    event.listen(session, "loaded_as_persistent", lambda _, row: loaded.append(row))

    with begin_tx() as tx:
        call = locked_run_of(tx, session.scalars(select(ProcessInstance.id)).one())
        assert [each.round for each in call.runnings] == [40]
        assert deadlines.open_running(tx, call.case, "P-01") is None
        running = deadlines.start_deadline(tx, call.case, rule, call.calendar, call.office.zone)
        assert deadlines.start_deadline(tx, call.case, rule, call.calendar, call.office.zone) is running
        assert deadlines.meet_deadline(tx, call.case, "P-01") is running

    assert running.round == 41
    assert {each.round for each in loaded if isinstance(each, CaseDeadline)} == {40}
