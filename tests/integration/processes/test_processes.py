"""Processes: each step writes what the diagram says, once, and tells the slower one who was quicker."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID, uuid4

import pikepdf
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from case_factories import SampleOffice, a_key, create_case
from factories import NOW
from workflows.access import policy
from workflows.cases import contents
from workflows.cases.duplicates import suggest_duplicates
from workflows.cases.models import Case, CaseDeadline, Escalation
from workflows.cases.operations import exclude
from workflows.catalogue.functions import counting_by, deadline
from workflows.errors import AmanahError, Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.evidence.models import Evidence
from workflows.evidence.uploads import Upload
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.notices.models import Notice
from workflows.processes import by_hand, queries, services
from workflows.processes import operations as processes
from workflows.processes.calls import Call
from workflows.processes.models import AwaitedMessage, PathStep, ProcessInstance, StepRecord, Timer
from workflows.processes.operations import NO_CONFLICT
from workflows.processes.running import call_of
from workflows.tasks import operations as tasks
from workflows.tasks.models import Task, TaskDraft
from workflows.transaction import SYSTEM, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

VALID = {"valid": ["true"], "category": ["02"], "note": ["Layak"]}
ANSWERED = {"answer": ["Sudah diperbaiki"], "note": ["hanya untuk kantor"], NO_CONFLICT: ["true"]}


@pytest.fixture
def a_case(begin_tx: BeginTx, an_office: SampleOffice) -> Case:
    """A case whose process waits at "check"."""
    with begin_tx() as tx:
        case = create_case(tx)
        processes.start(tx, case.id, an_office.version.id, {"category": "10"})
    return case


def _waiting(session: Session, element: str) -> Task:
    return session.scalars(select(Task).where(Task.element == element, Task.status == "open")).one()


def _revision(session: Session) -> int:
    return session.scalars(select(ProcessInstance.revision)).one()


def _check(begin_tx: BeginTx, session: Session, actor: Actor, **kwargs: object) -> processes.Outcome:
    with begin_tx(actor) as tx:
        given = {"posted": VALID, "revision": _revision(session), "key": a_key(), **kwargs}
        return processes.complete_task(tx, _waiting(session, "check").id, **given)  # type: ignore[arg-type]


def _kinds(session: Session, case: Case) -> list[str]:
    return list(
        session.scalars(
            select(JournalEntry.kind).where(JournalEntry.case_id == case.id).order_by(JournalEntry.sequence)
        )
    )


class TestStart:
    def test_writes_task_timer_deadline_path_and_journal(self, session: Session, a_case: Case) -> None:
        task = _waiting(session, "check")
        assert (task.name, task.role, task.unit_id, task.deadline_id) == ("Periksa", "intake_officer", None, "P-01")
        deadline = session.scalars(select(CaseDeadline)).one()
        assert task.due_at == deadline.due_at
        timer = session.scalars(select(Timer)).one()
        assert (timer.element, timer.due_at) == ("check_late", deadline.due_at)
        job = session.execute(
            text("SELECT task_name, args, scheduled_at FROM procrastinate_jobs WHERE id = :id"), {"id": timer.job_id}
        ).one()
        assert job == ("processes.wake", {"instance_id": str(timer.instance_id)}, timer.due_at)
        assert a_case.stage == "checking"
        assert _kinds(session, a_case) == [
            "case.opened",
            "process.started",
            "deadline.started",
            "task.created",
            "case.stage_set",
            "circle.assigned",
        ]
        path = queries.path_of(session, timer.instance_id)
        assert [(step.element, step.event) for step in path][:2] == [("filed", "entered"), ("filed", "left")]
        assert queries.element_states(session, timer.instance_id, NOW)["check"].state == "waiting"

    def test_a_case_has_one_running_process(self, begin_tx: BeginTx, an_office: SampleOffice, a_case: Case) -> None:
        with begin_tx() as tx, pytest.raises(Conflict, match=r"process\.running"):
            processes.start(tx, a_case.id, an_office.version.id, {})

    def test_whoever_has_work_sees_the_case(self, session: Session, an_office: SampleOffice, a_case: Case) -> None:
        assert policy.may(session, an_office.officer, "case.read", a_case)
        assert not policy.may(session, an_office.liaison, "case.read", a_case)


class TestCompleteTask:
    def test_parts_the_answers_and_moves_on(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        outcome = _check(begin_tx, session, an_office.officer)

        assert (outcome.next_tasks, outcome.ended, outcome.repeated) == (("Jawab",), False, False)
        instance = session.get_one(ProcessInstance, outcome.instance_id)
        assert instance.variables == {"category": "02", "valid": True, "urgent": None}
        assert instance.revision == outcome.revision == 2
        writing = contents.latest(session, an_office.officer, a_case, "check")
        assert writing is not None
        assert (writing.element, writing.body["note"]) == ("check", "Layak")
        assert a_case.category == "02"
        assert a_case.handling_unit_id == an_office.health.id
        assert session.scalars(select(CaseDeadline)).one().met_at == NOW
        answer = _waiting(session, "answer")
        assert (answer.unit_id, answer.four_eyes, answer.recusal) == (an_office.health.id, "check", True)
        assert [timer.element for timer in session.scalars(select(Timer))] == ["answer_expired"]
        assert policy.may(session, an_office.liaison, "case.read", a_case)
        assert verify(session) is None

    def test_an_answer_of_an_earlier_round_does_not_outlive_its_question(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        with begin_tx() as tx:
            processes.start(tx, create_case(tx).id, an_office.version.id, {"urgent": True})

        outcome = _check(begin_tx, session, an_office.officer, posted={**VALID, "urgent": ["true"]})

        variables = session.get_one(ProcessInstance, outcome.instance_id).variables
        assert variables["urgent"] is None

    def test_what_the_diagram_does_is_the_systems_doing(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        _check(begin_tx, session, an_office.officer)

        actors = dict(
            session.execute(select(JournalEntry.kind, JournalEntry.actor_kind).order_by(JournalEntry.sequence)).all()
        )
        assert actors["task.completed"] == "user"
        assert actors["case.referred"] == "system"

    def test_a_repeated_key_gives_the_first_outcome(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        task, key = _waiting(session, "check"), a_key()
        first = _check(begin_tx, session, an_office.officer, key=key)
        before = _kinds(session, a_case)

        with begin_tx(an_office.officer) as tx:
            again = processes.complete_task(tx, task.id, posted=VALID, revision=1, key=key)

        assert again.repeated
        assert (again.revision, again.next_tasks) == (first.revision, first.next_tasks)
        assert _kinds(session, a_case) == before

    def test_a_key_serves_nobody_else(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        task, key = _waiting(session, "check"), a_key()
        _check(begin_tx, session, an_office.officer, key=key)

        with begin_tx(an_office.colleague) as tx, pytest.raises(Conflict, match="bad_key"):
            processes.complete_task(tx, task.id, posted=VALID, revision=1, key=key)
        with begin_tx(an_office.officer) as tx, pytest.raises(Conflict, match="bad_key"):
            processes.complete_task(tx, task.id, posted=VALID, revision=1, key="")

    def test_the_second_of_two_is_told_who_was_quicker(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        task = _waiting(session, "check")
        _check(begin_tx, session, an_office.officer)

        with begin_tx(an_office.colleague) as tx, pytest.raises(Conflict, match=r"task\.done") as caught:
            processes.complete_task(tx, task.id, posted=VALID, revision=1, key=a_key())
        assert caught.value.facts["by"] == "Rahma"

    def test_a_task_that_a_colleague_holds_is_not_completed(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        with begin_tx(an_office.colleague) as tx:
            tasks.claim(tx, _waiting(session, "check").id)

        with pytest.raises(Conflict, match=r"task\.taken") as caught:
            _check(begin_tx, session, an_office.officer)
        assert caught.value.facts["by"] == "Budi"

    def test_wrong_answers_change_nothing(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        _check(begin_tx, session, an_office.officer)
        before = _kinds(session, a_case)

        with begin_tx(an_office.liaison) as tx, pytest.raises(InvalidAnswers) as caught:
            processes.complete_task(tx, _waiting(session, "answer").id, posted={}, revision=2, key=a_key())

        assert [(field, code) for field, code, _ in caught.value.problems] == [
            (NO_CONFLICT, "agree"),
            ("answer", "required"),
        ]
        assert _kinds(session, a_case) == before
        assert _waiting(session, "answer").is_open

    def test_another_role_gets_nowhere(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        with pytest.raises(NotFound):
            _check(begin_tx, session, an_office.liaison)
        with pytest.raises(NotAllowed):
            _check(begin_tx, session, an_office.supervisor)
        with begin_tx(an_office.officer) as tx, pytest.raises(NotFound):
            processes.complete_task(tx, uuid4(), posted=VALID, revision=1, key=a_key())

    def test_four_eyes_refuse_whoever_did_the_other_step(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        _check(begin_tx, session, an_office.officer)
        task = _waiting(session, "answer")
        task.role, task.unit_id = "intake_officer", None
        session.flush()

        with begin_tx(an_office.officer) as tx, pytest.raises(NotAllowed, match=r"task\.four_eyes"):
            processes.complete_task(tx, task.id, posted=ANSWERED, revision=2, key=a_key())
        with begin_tx(an_office.colleague) as tx:
            processes.complete_task(tx, task.id, posted=ANSWERED, revision=2, key=a_key())

    def test_a_draft_goes_with_its_task(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        with begin_tx(an_office.officer) as tx:
            tasks.save_draft(tx, _waiting(session, "check").id, {"note": ["belum selesai"]})
        _check(begin_tx, session, an_office.officer)

        assert session.scalar(select(func.count()).select_from(TaskDraft)) == 0

    def test_files_become_evidence_and_are_released_with_the_answer(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        _check(begin_tx, session, an_office.officer)
        with begin_tx(an_office.liaison) as tx:
            processes.complete_task(
                tx,
                _waiting(session, "answer").id,
                posted=ANSWERED,
                files=[_pdf()],
                revision=2,
                key=a_key(),
            )

        evidence = session.scalars(select(Evidence)).one()
        assert (evidence.field, evidence.element, evidence.audience) == ("photos", "answer", "reporter")
        reporter = Actor(kind="reporter", case_id=a_case.id)
        (released,) = contents.read(session, reporter, a_case)
        assert dict(released.body) == {"answer": "Sudah diperbaiki"}


def _pdf() -> Upload:
    content = BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(content)
    content.seek(0)
    return Upload("photos", "bukti.pdf", content)


class TestStaleForms:
    def test_a_reminder_makes_no_form_stale(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        shown = _revision(session)
        with begin_tx(now=NOW + timedelta(days=10)) as tx:
            assert processes.wake(tx, session.scalars(select(ProcessInstance.id)).one()) == 1

        assert _revision(session) == shown + 1
        _check(begin_tx, session, an_office.officer, revision=shown)

    def test_a_change_tells_what_and_by_whom(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        instance = session.scalars(select(ProcessInstance)).one()
        shown = instance.revision
        instance.revision += 1
        session.add(
            StepRecord(
                instance_id=instance.id,
                revision=instance.revision,
                kind="task",
                what="other",
                at=NOW,
                actor_name="Budi",
                changed=["category"],
            )
        )
        session.flush()

        with pytest.raises(Conflict, match=r"task\.stale") as caught:
            _check(begin_tx, session, an_office.officer, revision=shown)
        assert caught.value.facts == {"by": "Budi", "at": NOW, "fields": ["category"]}
        assert _waiting(session, "check").is_open


class TestTimers:
    def test_fire_once_escalate_and_take_the_task_from_nobody(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        instance_id = session.scalars(select(ProcessInstance.id)).one()
        due_at = session.scalars(select(Timer.due_at)).one()
        with begin_tx(now=due_at - timedelta(seconds=1)) as tx:
            assert processes.wake(tx, instance_id) == 0
        with begin_tx(now=due_at + timedelta(minutes=3)) as tx:
            assert processes.wake(tx, instance_id) == 1
            assert processes.wake(tx, instance_id) == 0

        fired = session.scalars(select(JournalEntry).where(JournalEntry.kind == "timer.fired")).one()
        assert (fired.facts["element"], fired.facts["late_seconds"]) == ("check_late", 180)
        assert session.scalars(select(Escalation.to_role)).all() == ["intake_supervisor"]
        assert _waiting(session, "check").is_open
        assert policy.may(session, an_office.supervisor, "case.read", a_case)
        assert session.scalar(select(func.count()).select_from(Timer)) == 0

    def test_an_interrupting_timer_cancels_the_task_and_ends_the_run(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        outcome = _check(begin_tx, session, an_office.officer)
        task = _waiting(session, "answer")
        with begin_tx(now=NOW + timedelta(days=4)) as tx:
            processes.wake(tx, outcome.instance_id)

        instance = session.get_one(ProcessInstance, outcome.instance_id)
        assert (instance.status, instance.outcome, instance.tokens_at) == ("ended", "expired", [])
        assert (task.status, a_case.disposition) == ("cancelled", "expired")
        with begin_tx(an_office.liaison) as tx, pytest.raises(Conflict, match=r"task\.cancelled"):
            processes.complete_task(tx, task.id, posted=ANSWERED, revision=3, key=a_key())
        assert session.scalars(select(CaseDeadline).where(CaseDeadline.met_at.is_(None))).all() == []
        with begin_tx(now=NOW + timedelta(days=5)) as tx:
            assert processes.wake(tx, outcome.instance_id) == 0

    def test_a_job_whose_timer_went_away_is_taken_back(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        job_id = session.scalars(select(Timer.job_id)).one()
        _check(begin_tx, session, an_office.officer)

        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE id = :id"), {"id": job_id}) == 0


class TestTimersWhoseJobIsLate:
    """The queue is behind: a person comes first after the instant of a timer."""

    def test_a_breach_is_told_before_the_late_task_is_completed(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        shown, task = _revision(session), _waiting(session, "check")
        late = session.scalars(select(Timer.due_at)).one() + timedelta(minutes=7)

        with begin_tx(an_office.officer, now=late) as tx:
            outcome = processes.complete_task(tx, task.id, posted=VALID, revision=shown, key=a_key())

        assert outcome.next_tasks == ("Jawab",)
        assert session.scalars(select(Escalation.to_role)).all() == ["intake_supervisor"]
        fired = session.scalars(select(JournalEntry).where(JournalEntry.kind == "timer.fired")).one()
        assert (fired.actor_kind, fired.facts["late_seconds"]) == ("system", 420)
        kinds = _kinds(session, a_case)
        assert kinds.index("timer.fired") < kinds.index("case.escalated") < kinds.index("task.completed")
        steps = session.execute(select(StepRecord.kind, StepRecord.actor_name).order_by(StepRecord.revision)).all()
        assert [tuple(step) for step in steps] == [("start", "sistem"), ("timer", "sistem"), ("task", "Rahma")]

    def test_a_breach_is_told_when_the_late_task_is_taken(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        late = session.scalars(select(Timer.due_at)).one()
        with begin_tx(an_office.officer, now=late) as tx:
            task = by_hand.claim(tx, _waiting(session, "check").id)

        assert task.assignee_id == an_office.officer.user_id
        assert session.scalars(select(Escalation.to_role)).all() == ["intake_supervisor"]

    def test_a_task_that_a_due_timer_takes_away_is_gone(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
    ) -> None:
        outcome = _check(begin_tx, session, an_office.officer)
        task_id, late = _waiting(session, "answer").id, NOW + timedelta(days=4)

        with pytest.raises(Conflict, match=r"task\.cancelled"), begin_tx(an_office.liaison, now=late) as tx:
            processes.complete_task(tx, task_id, posted=ANSWERED, revision=outcome.revision, key=a_key())
        with pytest.raises(Conflict, match=r"task\.cancelled"), begin_tx(an_office.liaison, now=late) as tx:
            by_hand.claim(tx, task_id)

        # The refused act took its firing back with it; the job finds it still to be done.
        with begin_tx(now=late) as tx:
            assert processes.wake(tx, outcome.instance_id) == 1


class TestMessages:
    @pytest.fixture
    def an_answered_case(self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case) -> Case:
        _check(begin_tx, session, an_office.officer)
        with begin_tx(an_office.liaison) as tx:
            processes.complete_task(tx, _waiting(session, "answer").id, posted=ANSWERED, revision=2, key=a_key())
        return a_case

    def test_a_reporter_sends_what_is_awaited(
        self, begin_tx: BeginTx, session: Session, an_answered_case: Case
    ) -> None:
        reporter, key = Actor(kind="reporter", case_id=an_answered_case.id), a_key()
        posted = {"satisfied": ["true"], "words": ["Terima kasih"]}
        assert queries.takes_now(session, an_answered_case.id) == {"reply"}

        with begin_tx(reporter) as tx:
            outcome = processes.send_message(tx, an_answered_case.id, "reply", posted=posted, key=key)
            again = processes.send_message(tx, an_answered_case.id, "reply", posted=posted, key=key)

        assert (outcome.ended, outcome.repeated, again.repeated) == (True, False, True)
        assert (an_answered_case.disposition, an_answered_case.stage) == ("resolved", "closed")
        instance = session.get_one(ProcessInstance, outcome.instance_id)
        assert instance.variables["satisfied"] is True
        assert "words" not in instance.variables
        assert session.scalars(select(AwaitedMessage)).all() == []
        with begin_tx(reporter) as tx, pytest.raises(Conflict, match=r"message\.unawaited"):
            processes.send_message(tx, an_answered_case.id, "reply", posted=posted, key=a_key())

    def test_a_stranger_sends_nothing(self, begin_tx: BeginTx, an_answered_case: Case) -> None:
        with begin_tx(Actor(kind="reporter", case_id=uuid4())) as tx, pytest.raises(NotFound):
            processes.send_message(tx, an_answered_case.id, "reply", posted={}, key=a_key())

    def test_nothing_is_awaited_before_its_time(self, begin_tx: BeginTx, a_case: Case) -> None:
        with begin_tx(Actor(kind="reporter", case_id=a_case.id)) as tx, pytest.raises(Conflict):
            processes.send_message(tx, a_case.id, "reply", posted={}, key=a_key())


class TestDeadlinesInACase:
    @pytest.fixture
    def a_call(self, session: Session, a_case: Case) -> Call:
        later = Tx(session, SYSTEM, NOW + timedelta(hours=6))
        return call_of(later, session.scalars(select(ProcessInstance)).one())

    def test_what_the_filing_triggers_counts_from_it(self, a_call: Call, a_case: Case) -> None:
        services.SERVICES["start_deadline"](a_call, {"deadline": ["P-02", "P-12"]})

        started = {running.deadline_id: running for running in a_call.runnings}
        assert started["P-12"].due_at == a_case.opened_at + timedelta(hours=24)
        assert started["P-02"].trigger_at == a_call.tx.now
        with counting_by(a_call.counting):
            # The reminder keeps to the day that was promised.
            assert deadline("P-12", Decimal("0.75"), now=a_call.tx.now) == NOW + timedelta(hours=18)

    def test_an_extension_follows_the_last_day_of_what_it_extends(self, a_call: Call) -> None:
        for service, deadline_id in (("start", "P-10"), ("meet", "P-10"), ("start", "P-10x")):
            services.SERVICES[f"{service}_deadline"](a_call, {"deadline": deadline_id})

        answer, extended = a_call.runnings[-2:]
        assert (answer.lenient_on, extended.trigger_at.date()) == (date(2026, 3, 16), date(2026, 3, 16))
        # From Monday the sixteenth over Nyepi, Idul Fitri and the joint leave around them.
        assert extended.lenient_on == date(2026, 4, 1)


def test_stepping_back_bars_oneself_and_keeps_the_task(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
) -> None:
    task = _waiting(session, "check")
    with begin_tx(an_office.officer) as tx:
        tasks.claim(tx, task.id)
        by_hand.declare_conflict(tx, task.id, reason="Terlapor saudara saya")

    assert (task.assignee_id, task.is_open) == (None, True)
    assert not policy.may(session, an_office.officer, "case.read", a_case)
    assert session.scalars(select(Incident)).all() == []
    with begin_tx(an_office.colleague) as tx:
        by_hand.declare_conflict(tx, task.id, reason="Saya juga")
    assert session.scalars(select(Incident.kind)).all() == ["task.orphan"]


def test_escalating_by_hand_tells_the_role_and_shows_it_the_case(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
) -> None:
    assert not policy.may(session, an_office.head, "case.read", a_case)
    _check(begin_tx, session, an_office.officer)
    with begin_tx(an_office.officer) as tx:
        raised = by_hand.escalate(tx, a_case.id, to_role="office_liaison", reason="Belum ada jawaban")

    assert (raised.to_role, raised.to_unit_id, raised.deadline_id) == ("office_liaison", an_office.health.id, None)
    assert policy.may(session, an_office.liaison, "case.read", a_case)
    assert policy.may(session, an_office.liaison, "escalation.acknowledge", raised)
    assert not policy.may(session, an_office.head, "escalation.acknowledge", raised)


def test_confirming_a_repetition_needs_a_diagram_that_waits_for_it(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
) -> None:
    place = {"category": "02", "latitude": 3.73, "longitude": 98.45}
    with begin_tx() as tx:
        older, case = create_case(tx, **place), create_case(tx, **place)
        processes.start(tx, case.id, an_office.version.id, {})
        suggest_duplicates(tx, case, distance_metres=100, days=14)

    with begin_tx(an_office.officer) as tx, pytest.raises(NotFound):
        by_hand.confirm_duplicate(tx, case.id, a_case.id, key=a_key())
    with begin_tx(an_office.officer) as tx, pytest.raises(Conflict, match=r"message\.unawaited"):
        by_hand.confirm_duplicate(tx, case.id, older.id, key=a_key())


def test_cancelling_leaves_nothing_waiting(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
) -> None:
    instance = session.scalars(select(ProcessInstance)).one()
    with begin_tx(an_office.officer) as tx, pytest.raises(NotAllowed):
        processes.cancel(tx, instance.id, reason="mistake")
    with begin_tx(an_office.supervisor) as tx:
        processes.cancel(tx, instance.id, reason="mistake")
        with pytest.raises(Conflict, match=r"process\.ended"):
            processes.cancel(tx, instance.id, reason="mistake")

    assert instance.status == "cancelled"
    for waiting in (select(Timer), select(AwaitedMessage), select(Task).where(Task.status == "open")):
        assert session.scalars(waiting).all() == []  # type: ignore[arg-type]


def test_the_watchdog_finds_open_cases_without_a_next_thing(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
) -> None:
    assert queries.stuck_cases(session) == []
    with begin_tx() as tx:
        orphan = create_case(tx)
    assert [stuck.case_id for stuck in queries.stuck_cases(session)] == [orphan.id]

    session.execute(text("UPDATE task SET status = 'done'"))
    assert {stuck.case_id for stuck in queries.stuck_cases(session)} == {orphan.id}
    session.execute(text("DELETE FROM procrastinate_jobs"))
    assert {stuck.case_id for stuck in queries.stuck_cases(session)} == {orphan.id, a_case.id}


def test_a_service_that_fails_leaves_no_trace(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
) -> None:
    before = (_revision(session), _kinds(session, a_case))
    session.execute(text("UPDATE unit SET code = 'LAIN' WHERE code = 'DINKES'"))
    session.expire_all()

    with pytest.raises(AmanahError, match=r"service\.no_unit"):
        _check(begin_tx, session, an_office.officer)

    assert (_revision(session), _kinds(session, a_case)) == before
    assert _waiting(session, "check").is_open


def test_a_confidential_case_is_opened_to_those_whom_the_diagram_gives_work(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice
) -> None:
    with begin_tx() as tx:
        case = create_case(tx, confidential=True)
        processes.start(tx, case.id, an_office.version.id, {})
        exclude(tx, case, "related", user_id=_user(an_office.colleague))

    assert policy.may(session, an_office.officer, "case.read", case)
    assert not policy.may(session, an_office.colleague, "case.read", case)
    assert not policy.may(session, an_office.supervisor, "case.read", case)
    assert not policy.may(session, an_office.liaison, "case.read", case)
    _check(begin_tx, session, an_office.officer)
    assert policy.may(session, an_office.liaison, "case.read", case)
    assert all(
        "SMP" not in str(notice.texts) for notice in session.scalars(select(Notice).where(Notice.case_id == case.id))
    )


def _user(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id


def test_every_service_is_described_in_both_languages() -> None:
    assert len(services.SERVICES) >= 15
    for described in services.SERVICES.values():
        assert described.title
        assert described.title_en
        assert all(each.description and each.description_en for each in described.inputs)
    assert services.inputs_by_service()["remind"] == ("deadline?", "share?", "to?")


def test_the_path_counts_on_over_steps(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_case: Case
) -> None:
    _check(begin_tx, session, an_office.officer)

    sequences = session.scalars(select(PathStep.sequence).order_by(PathStep.sequence)).all()
    assert sequences == list(range(1, len(sequences) + 1))


@pytest.mark.parametrize(("service", "given"), [("close_case", "disposition"), ("set_stage", "stage")])
def test_a_word_that_the_case_type_does_not_declare_abandons_the_step(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, service: str, given: str
) -> None:
    """The gate cannot know what a form or an expression will give; nobody closes a case with a word without meaning."""
    with begin_tx() as tx:
        case = create_case(tx)
        instance = processes.start(tx, case.id, an_office.version.id, {})
        call = call_of(tx, instance)
        stage = case.stage

        with pytest.raises(AmanahError, match=r"service\.bad_input"):
            services.SERVICES[service](call, {given: "nonsense"})

    assert (case.is_open, case.stage) == (True, stage)
