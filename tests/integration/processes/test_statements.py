"""What an act may ask of the database: a bound on statements, each of which others may have to wait for."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from case_factories import SampleOffice, a_key, create_case
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.processes.operations import NO_CONFLICT
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
