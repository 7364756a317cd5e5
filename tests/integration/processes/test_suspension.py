"""An operator keeps a run from moving, and lets it move again; what the law promised runs on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, a_key, create_case
from factories import NOW, jakarta
from workflows.background.due import run_due_jobs
from workflows.background.duties import Workshop, workshop_of
from workflows.cases.models import Case, CaseDeadline, Content, Escalation
from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.models import JournalEntry
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance, Timer
from workflows.processes.queries import stuck_cases
from workflows.processes.suspension import held_by, resume, suspend
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
DUE = jakarta(2026, 3, 6, 0)
LATER = DUE + timedelta(days=2)


@pytest.fixture
def a_case(begin_tx: BeginTx, an_office: SampleOffice) -> Case:
    with begin_tx() as tx:
        case = create_case(tx)
        processes.start(tx, case.id, an_office.version.id, {})
    return case


@pytest.fixture
def workshop(settings: Settings) -> Workshop:
    return workshop_of(settings)


def a_run(session: Session) -> ProcessInstance:
    return session.scalars(select(ProcessInstance), execution_options={"populate_existing": True}).one()


def journal(session: Session, kind: str) -> list[dict[str, object]]:
    return [entry.facts for entry in session.scalars(select(JournalEntry).where(JournalEntry.kind == kind))]


def test_what_a_suspension_holds_and_what_runs_on_is_told_and_journalled(
    begin_tx: BeginTx, session: Session, a_case: Case
) -> None:
    held = held_by(session, a_run(session).id)
    assert [task.element for task in held.tasks] == ["check"]
    assert [(timer.element, timer.due_at) for timer in held.timers] == [("check_late", DUE)]
    assert [running.deadline_id for running in held.deadlines] == ["P-01"]

    with begin_tx() as tx:
        suspend(tx, a_run(session).id, reason="  Menunggu putusan pengadilan. ")

    assert a_run(session).suspended_at == NOW
    assert [each["element"] for each in journal(session, "timer.held")] == ["check_late"]
    (kept,) = journal(session, "deadline.kept_running")
    assert (kept["deadline"], kept["passed"]) == ("P-01", False)
    assert session.scalars(select(CaseDeadline.due_at)).one() == DUE
    reason = session.scalars(select(Content).where(Content.kind == "intervention")).one()
    assert reason.body == {"reason": "Menunggu putusan pengadilan."}


def test_nothing_moves_a_suspended_run(
    begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice, workshop: Workshop
) -> None:
    with begin_tx() as tx:
        suspend(tx, a_run(session).id, reason="Uji")
    task = session.scalars(select(Task)).one()

    posted = {"category": ["roads"], "valid": ["true"]}
    with pytest.raises(Conflict, match=r"process\.suspended"), begin_tx(an_office.officer) as tx:
        processes.complete_task(tx, task.id, posted=posted, revision=a_run(session).revision, key=a_key())
    with pytest.raises(Conflict, match=r"process\.suspended"), begin_tx() as tx:
        processes.send_message(tx, a_case.id, "reply", key=a_key())
    run_due_jobs(session, workshop, LATER)

    assert session.scalars(select(Escalation)).all() == []
    assert session.scalars(select(Timer.element)).all() == ["check_late"]
    # Its job is gone, and yet nobody takes the case for stuck.
    assert stuck_cases(session) == []
    with begin_tx(now=LATER) as tx:
        assert processes.wake(tx, a_run(session).id) == 0


def test_what_became_due_meanwhile_fires_once_after_the_resumption(
    begin_tx: BeginTx, session: Session, a_case: Case, workshop: Workshop
) -> None:
    with begin_tx() as tx:
        suspend(tx, a_run(session).id, reason="Uji")
    run_due_jobs(session, workshop, LATER)

    with begin_tx(now=LATER) as tx:
        resume(tx, a_run(session).id, reason="Putusan ada.")
    assert a_run(session).suspended_at is None
    run_due_jobs(session, workshop, LATER)
    run_due_jobs(session, workshop, LATER)

    assert len(session.scalars(select(Escalation)).all()) == 1
    assert [each["late_seconds"] for each in journal(session, "timer.fired")] == [2 * 86400]
    assert [each["passed"] for each in journal(session, "deadline.kept_running")] == [False, True]
    assert [task.status for task in session.scalars(select(Task))] == ["open"]


def test_what_is_due_before_the_suspension_happens_before(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    with begin_tx(now=LATER) as tx:
        suspend(tx, a_run(session).id, reason="Uji")

    assert len(session.scalars(select(Escalation)).all()) == 1


def test_only_operators_with_a_reason_and_in_turn(
    begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
) -> None:
    def tries(verb: Callable[..., object], actor: Actor = SYSTEM, reason: str = "Uji") -> None:
        with begin_tx(actor) as tx:
            verb(tx, a_run(session).id, reason=reason)

    for verb in (suspend, resume):
        with pytest.raises(NotAllowed):
            tries(verb, an_office.supervisor)
    with pytest.raises(InvalidAnswers):
        tries(suspend, reason="  ")
    with pytest.raises(Conflict, match="not_suspended"):
        tries(resume)
    tries(suspend)
    with pytest.raises(Conflict, match=r"process\.suspended"):
        tries(suspend)
