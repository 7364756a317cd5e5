"""Faults with an owner: told once, without a word of content, tried again and laid aside."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from case_factories import create_actor, create_case, create_unit
from workflows.errors import AmanahError, Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.incidents import queries
from workflows.incidents.models import Incident
from workflows.incidents.operations import Cause, raise_incident, resolve, retry, settle
from workflows.journal.queries import entries_of
from workflows.transaction import Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

FAULT = Cause("OperationalError", "sender:12")


@pytest.fixture
def supervisor(begin_tx: BeginTx) -> Actor:
    with begin_tx() as tx:
        return create_actor(tx, ("intake_supervisor", create_unit(tx)))


def raise_sample(tx: Tx, subject: str = "letters.print:1", **fields: object) -> Incident:
    return raise_incident(tx, "job.failed", subject, FAULT, **{"owner_role": "inspector", **fields})  # type: ignore[arg-type]


class TestCause:
    def test_holds_class_and_code_and_never_the_message(self) -> None:
        assert Cause.of(AmanahError("letter.unknown", letter="rahasia")) == Cause("AmanahError", "letter.unknown")

    def test_of_a_stranger_holds_the_place_where_it_was_raised(self) -> None:
        try:
            int("isi laporan yang rahasia")
        except ValueError as error:
            cause = Cause.of(error)

        assert cause.name == "ValueError"
        assert "rahasia" not in cause.code
        assert cause.code.startswith(f"{__name__}:")

    def test_of_the_database_holds_the_place_in_this_house_that_asked(self) -> None:
        try:
            queries.last_watchdog_run(Session(create_engine("postgresql:///x?host=/nowhere")))
        except OperationalError as error:
            cause = Cause.of(error)

        assert cause.name == "OperationalError"
        assert cause.code.startswith("workflows.incidents.queries:")


def test_same_fault_stays_one_incident_with_a_growing_count(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        first = raise_sample(tx, attempts=3)
    with begin_tx() as tx:
        second = raise_sample(tx)

    assert first.id == second.id
    assert second.attempts == 4
    assert len(session.scalars(select(Incident)).all()) == 1


def test_resolved_fault_that_comes_back_is_a_new_incident(begin_tx: BeginTx, supervisor: Actor) -> None:
    with begin_tx() as tx:
        first = raise_sample(tx)
    with begin_tx(supervisor) as tx:
        resolve(tx, first.id, note="diperbaiki")
    with begin_tx() as tx:
        assert raise_sample(tx).id != first.id


def test_incident_of_a_case_stands_in_its_journal(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        case = create_case(tx)
        incident = raise_sample(tx, case_id=case.id)
        settle(tx, incident.subject)

    assert [entry.kind for entry in entries_of(session, case.id)][1:] == ["incident.opened", "incident.resolved"]
    assert incident.resolved_by_id is None


def test_settling_what_is_not_open_does_nothing(begin_tx: BeginTx) -> None:
    with begin_tx() as tx:
        settle(tx, "nothing")


def test_retry_defers_the_failed_job_once(begin_tx: BeginTx, session: Session, supervisor: Actor) -> None:
    letter = uuid4()
    with begin_tx() as tx:
        incident = raise_sample(tx, task="letters.print", arguments={"letter_id": str(letter)})
    for _ in range(2):
        with begin_tx(supervisor) as tx:
            retry(tx, incident.id)

    jobs = session.execute(text("SELECT task_name, args->>'letter_id' FROM procrastinate_jobs")).all()
    assert [tuple(job) for job in jobs] == [("letters.print", str(letter))]


def test_incident_without_a_job_cannot_be_retried(begin_tx: BeginTx, supervisor: Actor) -> None:
    with begin_tx() as tx:
        incident = raise_sample(tx)
    with pytest.raises(Conflict, match=r"incident\.not_retryable"), begin_tx(supervisor) as tx:
        retry(tx, incident.id)


def test_resolved_incident_cannot_be_resolved_again(begin_tx: BeginTx, supervisor: Actor) -> None:
    with begin_tx() as tx:
        incident = raise_sample(tx)
    with begin_tx(supervisor) as tx:
        resolve(tx, incident.id, note="diperbaiki")
    with pytest.raises(Conflict, match=r"incident\.resolved"), begin_tx(supervisor) as tx:
        resolve(tx, incident.id, note="diperbaiki")


def test_without_the_right_nobody_retries_or_resolves(begin_tx: BeginTx) -> None:
    with begin_tx() as tx:
        incident = raise_sample(tx)
        clerk = create_actor(tx, ("office_liaison", create_unit(tx)))
    with pytest.raises(NotAllowed), begin_tx(clerk) as tx:
        retry(tx, incident.id)
    with pytest.raises(NotAllowed), begin_tx(clerk) as tx:
        resolve(tx, incident.id, note="diperbaiki")


def test_its_owner_may_mend_it_without_the_right_and_says_how(begin_tx: BeginTx) -> None:
    with begin_tx() as tx:
        incident = raise_sample(tx, task="letters.print", arguments={})
        owner = create_actor(tx, ("inspector", create_unit(tx)))
    with begin_tx(owner) as tx:
        retry(tx, incident.id)
    with pytest.raises(InvalidAnswers), begin_tx(owner) as tx:
        resolve(tx, incident.id, note=" ")
    with begin_tx(owner) as tx:
        assert resolve(tx, incident.id, note=" Dicetak ulang. ").note == "Dicetak ulang."


def test_list_shows_owners_their_own_and_supervisors_all(
    begin_tx: BeginTx, session: Session, supervisor: Actor
) -> None:
    with begin_tx() as tx:
        unit = create_unit(tx)
        inspector = create_actor(tx, ("inspector", unit))
        liaison = create_actor(tx, ("office_liaison", unit))
        mine = raise_sample(tx, "a")
        other = raise_sample(tx, "b", owner_role="administrator")

    assert [found.id for found in queries.open_incidents(session, inspector)] == [mine.id]
    assert queries.count_open(session, supervisor) == 2
    assert queries.count_open(session, liaison) == 0
    with pytest.raises(NotFound):
        queries.incident(session, inspector, other.id)
