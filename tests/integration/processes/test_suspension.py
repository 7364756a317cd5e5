"""An operator keeps a run from moving, and lets it move again; what the law promised runs on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, a_key, create_case
from due_jobs import run_due_jobs
from factories import NOW, jakarta
from workflows.background.duties import Workshop, workshop_of
from workflows.cases.models import Case, CaseDeadline, Content, Escalation
from workflows.catalogue.models import ProcessFile
from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.processes import operations as processes
from workflows.processes.by_hand import claim
from workflows.processes.models import EarlyMessage, ProcessInstance, StepRecord, Timer
from workflows.processes.outcomes import Outcome
from workflows.processes.queries import stuck_cases, takes_now
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
    # Neither does the diagram wait for it, nor may it come early.
    with pytest.raises(Conflict, match=r"message\.unawaited"), begin_tx() as tx:
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


class TestMessages:
    """A message that comes meanwhile is kept and delivered once, in the order of what happened."""

    POSTED: ClassVar = {"satisfied": ["true"], "words": ["Terima kasih"]}

    @pytest.fixture(autouse=True)
    def silence_has_an_end(self, session: Session, an_office: SampleOffice) -> None:
        """The reporter has two days to reply, else the case ends without."""
        diagram = session.scalars(select(ProcessFile).where(ProcessFile.path == "process.bpmn")).one()
        gate = (
            b'<sequenceFlow id="to_wait" sourceRef="notify_answered" targetRef="gate" /><eventBasedGateway id="gate"/>'
            b'<sequenceFlow id="to_replied" sourceRef="gate" targetRef="replied" />'
            b'<sequenceFlow id="to_silence" sourceRef="gate" targetRef="silence" />'
            b'<intermediateCatchEvent id="silence"><timerEventDefinition><timeDuration>P2D</timeDuration>'
            b"</timerEventDefinition></intermediateCatchEvent>"
            b'<sequenceFlow id="to_unheard" sourceRef="silence" targetRef="close_expired" />'
        )
        wait = b'<sequenceFlow id="to_wait" sourceRef="notify_answered" targetRef="replied" />'
        assert wait in diagram.content
        diagram.content = diagram.content.replace(wait, gate)
        an_office.version.checksum = sha256(diagram.content).hexdigest()

    @pytest.fixture
    def awaiting(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, silence_has_an_end: None, a_case: Case
    ) -> Case:
        """A case that waits for the reply and is suspended then."""
        for actor, posted in (
            (an_office.officer, {"category": ["02"], "valid": ["true"]}),
            (an_office.liaison, {"answer": ["Sudah"], processes.NO_CONFLICT: ["true"]}),
        ):
            task = session.scalars(select(Task).where(Task.status == "open")).one()
            with begin_tx(actor) as tx:
                processes.complete_task(tx, task.id, posted=posted, revision=a_run(session).revision, key=a_key())
        with begin_tx() as tx:
            suspend(tx, a_run(session).id, reason="Uji")
        return a_case

    def send(self, begin_tx: BeginTx, case: Case, *, after: timedelta, key: str = "") -> Outcome:
        with begin_tx(Actor(kind="reporter", case_id=case.id), now=NOW + after) as tx:
            return processes.send_message(tx, case.id, "reply", posted=self.POSTED, key=key or a_key())

    def resumed(self, begin_tx: BeginTx, session: Session, workshop: Workshop, *, after: timedelta) -> ProcessInstance:
        with begin_tx(now=NOW + after) as tx:
            resume(tx, a_run(session).id, reason="Uji")
        for _ in range(2):
            run_due_jobs(session, workshop, NOW + after)
        return a_run(session)

    def test_it_is_kept_said_to_be_and_delivered_once(
        self, begin_tx: BeginTx, session: Session, awaiting: Case, workshop: Workshop
    ) -> None:
        key, revision = a_key(), a_run(session).revision

        first, again = (self.send(begin_tx, awaiting, after=timedelta(hours=1), key=key) for _ in range(2))

        assert (first.kept, first.repeated, again.kept, again.repeated) == (True, False, True, True)
        assert (a_run(session).revision, len(held_by(session, a_run(session).id).messages)) == (revision, 1)
        assert takes_now(session, awaiting.id) == frozenset()
        with pytest.raises(Conflict, match=r"message\.kept"):
            self.send(begin_tx, awaiting, after=timedelta(hours=2))
        # Its words are with the case from the moment on in which they came.
        assert "Terima kasih" in [writing.body.get("words") for writing in session.scalars(select(Content))]

        # Long after its time to live and the reporter's two days: nobody but the operator was late.
        run = self.resumed(begin_tx, session, workshop, after=timedelta(days=40))
        assert (run.outcome, run.variables["satisfied"]) == ("resolved", True)
        assert len(journal(session, "message.kept")) == len(journal(session, "message.received")) == 1
        assert journal(session, "timer.fired") == []
        assert session.scalars(select(EarlyMessage.state)).one() == "delivered"

    def test_one_that_came_too_late_is_told(
        self, begin_tx: BeginTx, session: Session, awaiting: Case, workshop: Workshop
    ) -> None:
        self.send(begin_tx, awaiting, after=timedelta(days=3))

        run = self.resumed(begin_tx, session, workshop, after=timedelta(days=4))

        assert (run.outcome, len(journal(session, "message.received"))) == ("expired", 0)
        assert session.scalars(select(EarlyMessage.state)).one() == "expired"
        incident = session.scalars(select(Incident)).one()
        assert (incident.kind, incident.owner_role) == ("message.expired", "office_head")

    def test_its_time_does_not_run_out_while_the_run_is_suspended(
        self, begin_tx: BeginTx, session: Session, awaiting: Case, workshop: Workshop
    ) -> None:
        self.send(begin_tx, awaiting, after=timedelta(0))

        run_due_jobs(session, workshop, NOW + timedelta(days=33))

        assert session.scalars(select(EarlyMessage.state)).one() == "kept"

    def test_one_that_the_resumption_was_not_committed_for_stays_kept(
        self, begin_tx: BeginTx, session: Session, awaiting: Case, workshop: Workshop
    ) -> None:
        self.send(begin_tx, awaiting, after=timedelta(0))

        with begin_tx(now=NOW + timedelta(hours=1)) as tx, tx.session.begin_nested() as act:
            resume(tx, a_run(session).id, reason="Uji")
            act.rollback()
        run_due_jobs(session, workshop, NOW + timedelta(hours=1))

        assert session.scalars(select(EarlyMessage.state)).one() == "kept"
        assert self.resumed(begin_tx, session, workshop, after=timedelta(hours=2)).outcome == "resolved"

    def test_whoever_is_quicker_than_its_job_finds_it_delivered(
        self, begin_tx: BeginTx, session: Session, awaiting: Case
    ) -> None:
        """The reply came on the first day, the timer was due on the second: whichever job comes first on the third."""
        self.send(begin_tx, awaiting, after=timedelta(days=1))
        with begin_tx(now=NOW + timedelta(days=3)) as tx:
            resume(tx, a_run(session).id, reason="Uji")

        with begin_tx(now=NOW + timedelta(days=3)) as tx:
            assert processes.wake(tx, a_run(session).id) == 0

        assert a_run(session).outcome == "resolved"
        assert session.scalars(select(EarlyMessage.state)).one() == "delivered"

    def test_one_that_cannot_be_taken_keeps_nobody_from_acting_once_that_is_told(
        self, begin_tx: BeginTx, session: Session, awaiting: Case, workshop: Workshop, an_office: SampleOffice
    ) -> None:
        diagram = session.scalars(select(ProcessFile).where(ProcessFile.path == "process.bpmn")).one()
        diagram.content = diagram.content.replace(b'"resolved"</camunda', b"null</camunda")
        an_office.version.checksum = sha256(diagram.content).hexdigest()
        self.send(begin_tx, awaiting, after=timedelta(days=1))

        run = self.resumed(begin_tx, session, workshop, after=timedelta(days=3))
        assert [each.kind for each in session.scalars(select(Incident))] == ["job.failed"]
        # The timer, which was due after it came, has its turn.
        assert run.outcome == "expired"


class TestOrder:
    """Whoever acts after a resumption acts after what came and became due meanwhile."""

    @pytest.fixture(autouse=True)
    def news_may_come(self, session: Session, an_office: SampleOffice) -> None:
        """Somebody may reply while the report is checked."""
        diagram = session.scalars(select(ProcessFile).where(ProcessFile.path == "process.bpmn")).one()
        watch = (
            b'<boundaryEvent id="news" attachedToRef="check" cancelActivity="false">'
            b'<messageEventDefinition messageRef="message_reply"/></boundaryEvent>'
            b'<sequenceFlow id="to_heard" sourceRef="news" targetRef="heard"/><endEvent id="heard"/>'
        )
        diagram.content = diagram.content.replace(b"</process>", watch + b"</process>")
        an_office.version.checksum = sha256(diagram.content).hexdigest()

    def test_an_act_comes_after_what_came_before_it(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, news_may_come: None, a_case: Case
    ) -> None:
        with begin_tx() as tx:
            suspend(tx, a_run(session).id, reason="Uji")
        task, shown_at = session.scalars(select(Task)).one(), a_run(session).revision
        with begin_tx(an_office.officer, now=DUE - timedelta(hours=1)) as tx:
            assert processes.send_message(tx, a_case.id, "reply", key=a_key()).kept
        with begin_tx(now=LATER) as tx:
            resume(tx, a_run(session).id, reason="Uji")

        # What it brought is news to the form that was shown before.
        posted = {"category": ["02"], "valid": ["true"]}
        with pytest.raises(Conflict, match=r"task\.stale") as stale, begin_tx(an_office.officer, now=LATER) as tx:
            processes.complete_task(tx, task.id, posted=posted, revision=shown_at, key=a_key())
        assert stale.value.facts["fields"] == ["satisfied"]
        with begin_tx(an_office.officer, now=LATER) as tx:
            claim(tx, task.id)

        steps = session.scalars(select(StepRecord.kind).order_by(StepRecord.revision)).all()
        assert steps == ["start", "message", "timer"]
