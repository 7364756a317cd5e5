"""A message that comes before anybody waits for it is kept, taken by one waiter, or told when its time is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import a_key
from due_jobs import run_due_jobs
from factories import NOW
from promises.conftest import Matter
from workflows import engine
from workflows.background.duties import Workshop
from workflows.errors import Conflict
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes.models import EarlyMessage
from workflows.processes.operations import NO_CONFLICT

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VALID = {"valid": ["true"], "category": ["02"]}
ANSWERED = {"answer": ["Sudah"], NO_CONFLICT: ["true"]}


@pytest.fixture
def reply(matter: Matter) -> Callable[..., None]:
    """Send the reply, for which nobody waits yet, through an officer."""

    def send(message: str = "reply", *, key: str = "") -> None:
        with matter.begin(matter.office.officer) as tx:
            given = {"satisfied": ["true"]}
            processes.send_message(tx, matter.case_id, message, posted=given, key=key or a_key())

    return send


def work_on(matter: Matter) -> None:
    """Bring the case to where the diagram waits for the reply."""
    with matter.begin(matter.office.officer) as tx:
        processes.complete_task(tx, matter.task("check").id, posted=VALID, revision=1, key=a_key())
    with matter.begin(matter.office.liaison) as tx:
        processes.complete_task(tx, matter.task("answer").id, posted=ANSWERED, revision=2, key=a_key())


def run_jobs(matter: Matter, workshop: Workshop, after: timedelta = timedelta(0)) -> None:
    with Session(matter.database.engine) as session:
        run_due_jobs(session, workshop, NOW + after)


def told(matter: Matter) -> list[str]:
    with matter.look() as session:
        assert verify(session) is None
        kinds = select(JournalEntry.kind).where(
            JournalEntry.case_id == matter.case_id, JournalEntry.kind.like("message.%")
        )
        return list(session.scalars(kinds.order_by(JournalEntry.sequence)))


def states(matter: Matter) -> list[str]:
    with matter.look() as session:
        kept = select(EarlyMessage.state).where(EarlyMessage.instance_id == matter.instance_id)
        return sorted(session.scalars(kept))


def test_it_is_kept_and_delivered_when_the_diagram_begins_to_wait(
    matter: Matter, workshop: Workshop, reply: Callable[..., None]
) -> None:
    key = a_key()
    reply(key=key)
    reply(key=key)
    assert (told(matter), states(matter)) == (["message.kept"], ["kept"])

    work_on(matter)
    run_jobs(matter, workshop, HOUR)

    assert (told(matter), states(matter)) == (["message.kept", "message.received"], ["delivered"])
    assert (matter.instance().status, matter.instance().outcome) == ("ended", "resolved")
    run_jobs(matter, workshop, 4 * DAY)
    assert states(matter) == ["delivered"]


def test_of_two_that_came_early_one_is_taken_and_the_other_is_told(
    matter: Matter, workshop: Workshop, reply: Callable[..., None]
) -> None:
    reply()
    reply()
    work_on(matter)
    run_jobs(matter, workshop, HOUR)

    # The first one ended the run, so that nobody will wait for the other; it is told without waiting for its time.
    assert states(matter) == ["delivered", "expired"]
    run_jobs(matter, workshop, 4 * DAY)
    assert states(matter) == ["delivered", "expired"]
    assert told(matter)[-1] == "message.expired"
    with matter.look() as session:
        incident = session.scalars(select(Incident).where(Incident.case_id == matter.case_id)).one()
        assert (incident.kind, incident.owner_role) == ("message.expired", "office_head")


def test_one_that_waits_for_a_run_that_ends_otherwise_is_told_then(
    matter: Matter, workshop: Workshop, reply: Callable[..., None]
) -> None:
    reply()
    with matter.begin(matter.office.supervisor) as tx:
        processes.cancel(tx, matter.instance_id, reason="trial")

    run_jobs(matter, workshop)

    assert (states(matter), told(matter)) == (["expired"], ["message.kept", "message.expired"])


def test_one_whose_time_is_over_is_told_while_the_run_goes_on(
    matter: Matter, workshop: Workshop, reply: Callable[..., None]
) -> None:
    reply()

    run_jobs(matter, workshop, 2 * DAY)
    assert states(matter) == ["kept"]
    run_jobs(matter, workshop, 4 * DAY)
    assert states(matter) == ["expired"]


def test_what_the_case_type_does_not_keep_is_refused(matter: Matter, reply: Callable[..., None]) -> None:
    with pytest.raises(Conflict, match="unawaited"):
        reply("other")
    assert states(matter) == []


def test_of_two_that_wait_for_one_name_exactly_one_takes_it() -> None:
    """Plain SpiffWorkflow hands it to both."""
    two = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://amanah.example/two">
      <message id="m" name="news"/>
      <process id="two" isExecutable="true">
        <startEvent id="begin"/><sequenceFlow id="a" sourceRef="begin" targetRef="fork"/>
        <parallelGateway id="fork"/>
        <sequenceFlow id="b" sourceRef="fork" targetRef="left"/>
        <sequenceFlow id="c" sourceRef="fork" targetRef="right"/>
        <intermediateCatchEvent id="left"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
        <intermediateCatchEvent id="right"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
        <sequenceFlow id="d" sourceRef="left" targetRef="join"/>
        <sequenceFlow id="e" sourceRef="right" targetRef="join"/>
        <parallelGateway id="join"/>
        <sequenceFlow id="f" sourceRef="join" targetRef="end"/><endEvent id="end"/>
      </process></definitions>"""
    definition = engine.parse({"two.bpmn": two})
    state, step = engine.start(definition, {}, now=NOW, services={})
    assert len(step.messages) == 2

    state, step = engine.deliver(definition, state, "news", {}, now=NOW, services={})
    assert (len(step.messages), step.ended) == (1, False)
    _, step = engine.deliver(definition, state, "news", {}, now=NOW, services={})
    assert step.ended
