"""A signal that one case throws is heard by every other that waits for it, once, and by nobody later."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, a_key, create_case, create_sample_office
from due_jobs import run_due_jobs
from factories import NOW
from workflows.background.duties import Workshop, workshop_of
from workflows.cases.models import Case
from workflows.errors import Conflict
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance, StepRecord
from workflows.processes.queries import stuck_cases
from workflows.processes.services import SERVICES
from workflows.processes.signals import deliver_signal, spread
from workflows.processes.suspension import resume, suspend
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

# Whoever completes "check" throws "recall"; everybody who still holds it is taken to "answer".
RECALLED = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
  <signal id="signal_recall" name="recall" />
  <process id="sample" isExecutable="true">
    <laneSet id="lanes">
      <lane id="intake"><flowNodeRef>check</flowNodeRef></lane>
      <lane id="office"><flowNodeRef>answer</flowNodeRef></lane>
    </laneSet>
    <startEvent id="filed" camunda:formKey="report" />
    <sequenceFlow id="to_check" sourceRef="filed" targetRef="check" />
    <userTask id="check" camunda:formKey="check" />
    <boundaryEvent id="recalled" attachedToRef="check">
      <signalEventDefinition signalRef="signal_recall" />
    </boundaryEvent>
    <sequenceFlow id="to_recall" sourceRef="check" targetRef="recall" />
    <endEvent id="recall"><signalEventDefinition signalRef="signal_recall" /></endEvent>
    <sequenceFlow id="to_answer" sourceRef="recalled" targetRef="answer" />
    <userTask id="answer" camunda:formKey="answer" />
    <sequenceFlow id="to_end" sourceRef="answer" targetRef="done" />
    <endEvent id="done" />
  </process>
</definitions>"""
# Whoever has checked waits for "recall" alone.
RESTING = RECALLED.replace(
    b"""<endEvent id="recall"><signalEventDefinition signalRef="signal_recall" /></endEvent>""",
    b"""<intermediateCatchEvent id="recall"><signalEventDefinition signalRef="signal_recall" /></intermediateCatchEvent>
    <sequenceFlow id="to_rest" sourceRef="recall" targetRef="rested" /><endEvent id="rested" />""",
)
LATER = NOW + timedelta(days=2)


@pytest.fixture
def an_office(begin_tx: BeginTx) -> SampleOffice:
    with begin_tx() as tx:
        return create_sample_office(tx, {"process.bpmn": RECALLED})


@pytest.fixture
def workshop(settings: Settings) -> Workshop:
    return workshop_of(settings)


@pytest.fixture
def cases(begin_tx: BeginTx, an_office: SampleOffice) -> list[Case]:
    with begin_tx() as tx:
        opened = [create_case(tx) for _ in range(3)]
        for case in opened:
            processes.start(tx, case.id, an_office.version.id, {})
    return opened


def waiting(session: Session, case: Case) -> list[str]:
    return list(session.scalars(select(Task.element).where(Task.case_id == case.id, Task.status == "open")))


def run_of(session: Session, case: Case) -> ProcessInstance:
    return session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == case.id)).one()


def recall(begin_tx: BeginTx, session: Session, office: SampleOffice, case: Case) -> UUID:
    task = session.scalars(select(Task).where(Task.case_id == case.id, Task.element == "check")).one()
    with begin_tx(office.officer) as tx:
        processes.complete_task(tx, task.id, posted={"valid": ["on"], "category": ["02"]}, revision=1, key=a_key())
    return run_of(session, case).id


def test_every_other_case_that_waits_for_it_takes_it(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, cases: list[Case], workshop: Workshop
) -> None:
    thrower = recall(begin_tx, session, an_office, cases[0])
    assert [waiting(session, case) for case in cases[1:]] == [["check"], ["check"]]

    run_due_jobs(session, workshop, LATER)

    assert [waiting(session, case) for case in cases] == [[], ["answer"], ["answer"]]
    told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "signal.received")).all()
    assert [entry.facts["thrown_by"] for entry in told] == [str(thrower)] * 2


def test_a_service_that_refuses_behind_a_signal_is_an_incident_and_no_half_step(
    begin_tx: BeginTx, session: Session, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done on the way to the service that refuses is undone with it."""

    def refuse(*_: object) -> None:
        raise Conflict("case.open")

    monkeypatch.setitem(SERVICES, "reopen_case", replace(SERVICES["reopen_case"], run=refuse))
    stage = (
        b"""<serviceTask id="stage" camunda:type="external" camunda:topic="set_stage"><extensionElements>"""
        b"""<camunda:inputOutput><camunda:inputParameter name="stage">"closed"</camunda:inputParameter>"""
        b"""</camunda:inputOutput></extensionElements></serviceTask>"""
        b"""<sequenceFlow id="to_reopen" sourceRef="stage" targetRef="reopen" />"""
        b"""<serviceTask id="reopen" camunda:type="external" camunda:topic="reopen_case" />"""
        b"""<sequenceFlow id="from_reopen" sourceRef="reopen" targetRef="answer" />"""
    )
    to_answer = b'sourceRef="recalled" targetRef="answer" />'
    drawn = RECALLED.replace(to_answer, to_answer.replace(b"answer", b"stage") + stage)
    with begin_tx() as tx:
        office = create_sample_office(tx, {"process.bpmn": drawn})
        cases = [create_case(tx) for _ in range(2)]
        for case in cases:
            processes.start(tx, case.id, office.version.id, {})
    recall(begin_tx, session, office, cases[0])

    run_due_jobs(session, workshop, LATER)

    told = session.execute(select(Incident.kind, Incident.task, Incident.cause_class)).all()
    assert [tuple(row) for row in told] == [("job.failed", "signals.deliver", "Conflict")]
    assert waiting(session, cases[1]) == ["check"]
    session.refresh(cases[1])
    assert cases[1].stage != "closed"


def test_one_throw_is_taken_once_however_often_the_job_comes(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, cases: list[Case], workshop: Workshop
) -> None:
    thrower = recall(begin_tx, session, an_office, cases[0])
    other = run_of(session, cases[1]).id

    with begin_tx() as tx:
        assert spread(tx, "recall", thrower, 2) == 2
        assert [deliver_signal(tx, other, "recall", thrower, 2) for _ in range(2)] == [True, False]
    run_due_jobs(session, workshop, LATER)

    steps = select(StepRecord).where(StepRecord.instance_id == other, StepRecord.kind == "signal")
    assert len(session.scalars(steps).all()) == 1


def test_who_begins_to_wait_later_has_missed_it(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, cases: list[Case], workshop: Workshop
) -> None:
    recall(begin_tx, session, an_office, cases[0])
    run_due_jobs(session, workshop, LATER)

    with begin_tx() as tx:
        late = create_case(tx)
        processes.start(tx, late.id, an_office.version.id, {})
    run_due_jobs(session, workshop, LATER + timedelta(days=1))

    assert waiting(session, late) == ["check"]


def test_a_suspended_run_takes_it_when_it_goes_on(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, cases: list[Case], workshop: Workshop
) -> None:
    held = run_of(session, cases[1]).id
    with begin_tx() as tx:
        suspend(tx, held, reason="Menunggu putusan.")
    recall(begin_tx, session, an_office, cases[0])
    run_due_jobs(session, workshop, LATER)
    assert waiting(session, cases[1]) == ["check"]

    with begin_tx() as tx:
        resume(tx, held, reason="Putusan sudah ada.")
    run_due_jobs(session, workshop, LATER + timedelta(days=1))

    assert waiting(session, cases[1]) == ["answer"]


def test_a_case_that_waits_for_a_signal_alone_is_not_stuck(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        office = create_sample_office(tx, {"process.bpmn": RESTING})
        case = create_case(tx)
        processes.start(tx, case.id, office.version.id, {})
    recall(begin_tx, session, office, case)

    assert waiting(session, case) == []
    assert case.id not in {each.case_id for each in stuck_cases(session)}

    # The same rest without anything that could end it.
    run = run_of(session, case)
    run.tokens_at = ["rested"]
    session.flush()
    assert case.id in {each.case_id for each in stuck_cases(session)}
