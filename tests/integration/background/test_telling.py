"""Whoever owns new faults hears of them, once in an hour at most, and nothing of the case."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, create_case, create_sample_office, create_unit, create_users
from factories import NOW
from workflows.background.duties import DUTIES, Workshop
from workflows.incidents.operations import ADMINISTRATOR, Cause, raise_incident, settle
from workflows.notices.models import Notice
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
# Of the sample office one person holds it.
SUPERVISOR = "intake_supervisor"


@pytest.fixture
def an_office(begin_tx: BeginTx) -> SampleOffice:
    """Its supervisor owns what fails; an administrator looks after the rest."""
    with begin_tx() as tx:
        create_users(tx, ("Ani", [(ADMINISTRATOR, create_unit(tx, "SETDA"))]))
        return create_sample_office(tx)


def fails(begin_tx: BeginTx, subject: str, owner: str, at: datetime = NOW) -> None:
    with begin_tx(now=at) as tx:
        case = create_case(tx)
        raise_incident(tx, "job.failed", subject, Cause("Broken", "x"), owner_role=owner, case_id=case.id)


def told(begin_tx: BeginTx, session: Session, workshop: Workshop, at: datetime) -> list[tuple[str, UUID]]:
    """Let the clock tell, and give whom it told by what."""
    with begin_tx(now=at) as tx:
        DUTIES["incidents.tell"].run(tx, workshop)
    sent = select(Notice.channel, Notice.user_id).where(Notice.created_at == at).order_by(Notice.channel)
    return [(channel, user_id) for channel, user_id in session.execute(sent)]


def test_an_owner_is_told_once_and_of_what_came_since_after_an_hour(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    owner = an_office.supervisor.user_id
    fails(begin_tx, "a:1", SUPERVISOR)
    fails(begin_tx, "a:2", SUPERVISOR)
    assert told(begin_tx, session, workshop, NOW) == [("bell", owner), ("email", owner)]
    fails(begin_tx, "a:3", SUPERVISOR)

    assert told(begin_tx, session, workshop, NOW + timedelta(minutes=50)) == []
    assert len(told(begin_tx, session, workshop, NOW + timedelta(minutes=70))) == 2
    assert told(begin_tx, session, workshop, NOW + timedelta(hours=9)) == []


def test_what_went_away_by_itself_is_told_to_nobody(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    fails(begin_tx, "a:1", SUPERVISOR)
    with begin_tx() as tx:
        settle(tx, "a:1")

    assert told(begin_tx, session, workshop, NOW) == []


def test_faults_in_sending_ring_a_bell_and_send_nothing(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    fails(begin_tx, "notices.refused:email:x", SUPERVISOR)

    assert told(begin_tx, session, workshop, NOW) == [("bell", an_office.supervisor.user_id)]


def test_administrators_hear_for_a_role_that_nobody_holds(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    fails(begin_tx, "a:1", "nobody_holds_it")

    assert [channel for channel, _ in told(begin_tx, session, workshop, NOW)] == ["bell", "email"]


def test_nothing_of_the_case_is_in_what_is_sent(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    fails(begin_tx, "a:1", SUPERVISOR)
    told(begin_tx, session, workshop, NOW)

    assert {(found.case_id, found.task_id) for found in session.scalars(select(Notice))} == {(None, None)}
