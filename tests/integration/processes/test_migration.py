"""Running cases go over to another edition: tried on copies, one act each, with a result each, and back again."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import SAMPLE, SampleOffice, a_key, create_case
from due_jobs import run_due_jobs
from factories import NOW, jakarta
from workflows.background.duties import workshop_of
from workflows.cases.models import Case, CaseDeadline
from workflows.catalogue.bundle import Bundle
from workflows.catalogue.models import ProcessFile, ProcessVersion
from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes import trying
from workflows.processes.migration import (
    Move,
    Trial,
    begin_batch,
    can_be_undone,
    go_on,
    migrate_case,
    try_on_copies,
    undo_case,
)
from workflows.processes.migration_plan import batches, counts_of, plan, results_of
from workflows.processes.models import MigrationResult, ProcessInstance, StepRecord, Timer
from workflows.processes.queries import element_states
from workflows.processes.suspension import suspend
from workflows.processes.trying import begin_trial, progress_of, try_next
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.tasks.operations import claim
from workflows.transaction import SYSTEM, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
DUE = jakarta(2026, 3, 6, 0)
# The check is called otherwise, asks less, and has moved to the office's lane.
RENAMED = {
    "process.bpmn": [
        ("<flowNodeRef>check</flowNodeRef></lane>", "</lane>"),
        ("<flowNodeRef>answer</flowNodeRef>", "<flowNodeRef>answer</flowNodeRef><flowNodeRef>examine</flowNodeRef>"),
        ('id="check" name="Periksa"', 'id="examine" name="Telaah"'),
        ('targetRef="check"', 'targetRef="examine"'),
        ('sourceRef="check"', 'sourceRef="examine"'),
        ('attachedToRef="check"', 'attachedToRef="examine"'),
        ('name="four_eyes" value="check"', 'name="four_eyes" value="examine"'),
    ],
    "case-type.yml": [("[filed, check]", "[filed, examine]"), ("[check]", "[examine]")],
}


def an_edition(tx: Tx, changes: Mapping[str, list[tuple[str, str]]], number: int = 2) -> ProcessVersion:
    """Publish the sample once more with other words in its files, without asking the gate."""
    files = {path.relative_to(SAMPLE).as_posix(): path.read_text() for path in SAMPLE.rglob("*") if path.is_file()}
    for name, replacements in changes.items():
        for old, new in replacements:
            assert old in files[name], old
            files[name] = files[name].replace(old, new)
    content = {name: written.encode() for name, written in files.items()}
    version = ProcessVersion(
        id=uuid4(),
        case_type="sample",
        number=number,
        checksum=Bundle(content).checksum,
        published_at=tx.now,
        state="retired",
    )
    tx.session.add(version)
    tx.session.flush()
    tx.session.add_all(ProcessFile(version_id=version.id, path=name, content=each) for name, each in content.items())
    tx.session.flush()
    return version


@pytest.fixture
def cases(begin_tx: BeginTx, an_office: SampleOffice) -> list[Case]:
    """Two cases at the check, on the first edition."""
    with begin_tx() as tx:
        made = [create_case(tx), create_case(tx)]
        for case in made:
            processes.start(tx, case.id, an_office.version.id, {})
    return made


@pytest.fixture
def renamed(begin_tx: BeginTx, an_office: SampleOffice) -> Move:
    with begin_tx() as tx:
        version = an_edition(tx, RENAMED)
    return Move(an_office.version.id, version.id, mapping={"check": "examine"})


def run_of(session: Session, case: Case) -> ProcessInstance:
    found = select(ProcessInstance).where(ProcessInstance.case_id == case.id)
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def tried(begin_tx: BeginTx, move: Move, actor: Actor = SYSTEM) -> list[Trial]:
    with begin_tx(actor) as tx:
        return list(try_on_copies(tx, move))


def begun(begin_tx: BeginTx, move: Move, reason: str = "Formulir baru berlaku.") -> UUID:
    with begin_tx() as tx:
        return begin_batch(tx, move, reason=reason).id


def moved(begin_tx: BeginTx, batch: UUID, run: ProcessInstance, hours: int = 1) -> MigrationResult:
    with begin_tx(now=NOW + timedelta(hours=hours)) as tx:
        return migrate_case(tx, batch, run.id)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(JournalEntry.kind).order_by(JournalEntry.id)))


def test_a_trial_says_for_each_case_what_would_come_of_it_and_stores_nothing(
    begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, an_office: SampleOffice
) -> None:
    before = kinds(session)

    refused = tried(begin_tx, Move(renamed.from_version_id, renamed.to_version_id))
    possible = tried(begin_tx, renamed)

    assert [(each.possible, [concern.code for concern in each.concerns]) for each in refused] == [
        (False, ["element.removed"])
    ] * 2
    assert [(each.possible, each.standing) for each in possible] == [(True, ("check",))] * 2
    assert {each.case_id for each in possible} == {case.id for case in cases}
    assert kinds(session) == before
    assert {run_of(session, case).version_id for case in cases} == {an_office.version.id}
    with pytest.raises(NotAllowed):
        tried(begin_tx, renamed, an_office.supervisor)


def test_a_case_goes_over_with_its_deadline_and_timer_and_takes_over_the_new_words(
    begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, an_office: SampleOffice
) -> None:
    (task,) = session.scalars(select(Task).where(Task.case_id == cases[0].id)).all()
    timer = session.scalars(select(Timer).join(ProcessInstance).where(ProcessInstance.case_id == cases[0].id)).one()
    held = (task.id, task.engine_task, task.due_at, timer.id, timer.due_at, timer.job_id)
    with begin_tx(an_office.officer) as tx:
        claim(tx, task.id)

    result = moved(begin_tx, begun(begin_tx, renamed), run_of(session, cases[0]))

    assert (result.state, [each["code"] for each in result.findings]) == ("migrated", ["element.renamed"])
    session.refresh(task)
    assert (task.element, task.name, task.lane, task.role) == ("examine", "Telaah", "office", "office_liaison")
    # Another role does it now; who held it may not.
    assert (task.status, task.assignee_id) == ("open", None)
    timer = session.scalars(select(Timer).join(ProcessInstance).where(ProcessInstance.case_id == cases[0].id)).one()
    assert (task.id, task.engine_task, task.due_at, timer.id, timer.due_at, timer.job_id) == held
    assert [running.stopped_at for running in session.scalars(select(CaseDeadline))] == [None, None]
    run = run_of(session, cases[0])
    assert (run.version_id, run.tokens_at, run.revision) == (renamed.to_version_id, ["examine"], 2)
    facts = session.scalars(select(JournalEntry.facts).where(JournalEntry.kind == "process.migrated")).one()
    assert facts["from_version"] == str(renamed.from_version_id)
    assert run_of(session, cases[1]).version_id == renamed.from_version_id
    assert verify(session) is None


def test_a_batch_is_settled_when_it_begins_and_done_by_jobs(
    begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, settings: Settings, an_office: SampleOffice
) -> None:
    batch = begun(begin_tx, renamed)
    with begin_tx() as tx:
        later = create_case(tx)
        processes.start(tx, later.id, an_office.version.id, {})
        processes.cancel(tx, run_of(session, cases[1]).id, reason="closed")
    with pytest.raises(Conflict, match="busy"):
        begun(begin_tx, renamed)

    run_due_jobs(session, workshop_of(settings), NOW)

    results = session.scalars(select(MigrationResult).where(MigrationResult.batch_id == batch)).all()
    states = {result.instance_id: result.state for result in results}
    assert states == {run_of(session, cases[0]).id: "migrated", run_of(session, cases[1]).id: "passed"}
    assert run_of(session, later).version_id == an_office.version.id
    with begin_tx() as tx:
        assert go_on(tx, batch) == 0
    assert begun(begin_tx, renamed) != batch


def test_an_interrupted_batch_goes_on_where_it_stood(
    begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, settings: Settings
) -> None:
    batch = begun(begin_tx, renamed)
    first = moved(begin_tx, batch, run_of(session, cases[0]))
    session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'processes.migrate'"))

    with begin_tx() as tx:
        assert go_on(tx, batch) == 1
    run_due_jobs(session, workshop_of(settings), NOW)
    again = moved(begin_tx, batch, run_of(session, cases[0]), hours=5)

    assert (again.at, again.revision) == (first.at, 2)
    assert {run_of(session, case).version_id for case in cases} == {renamed.to_version_id}


def test_a_case_that_would_go_wrong_stays_and_says_why(
    begin_tx: BeginTx, session: Session, cases: list[Case], an_office: SampleOffice
) -> None:
    """The second edition has no lane for the check, which only comes out when its task would be made."""
    with begin_tx() as tx:
        lost = an_edition(tx, {"case-type.yml": [("  office: {role: office_liaison, unit: handling}\n", "")]})
    move = Move(an_office.version.id, lost.id, anew={"check": "answer"})

    trial = tried(begin_tx, move)[0]
    result = moved(begin_tx, begun(begin_tx, move), run_of(session, cases[0]))

    # What is told beforehand is what comes of it.
    assert (trial.possible, [concern.as_json() for concern in trial.concerns]) == (False, result.findings)
    assert (result.state, [each["code"] for each in result.findings]) == ("refused", ["move.failed"])
    assert result.findings[0]["facts"] == {"code": "process.no_role"}
    run = run_of(session, cases[0])
    assert (run.version_id, run.revision, run.tokens_at) == (an_office.version.id, 1, ["check"])
    assert [task.status for task in session.scalars(select(Task).where(Task.case_id == cases[0].id))] == ["open"]
    assert "process.migrated" not in kinds(session)


def test_what_a_case_holds_of_another_type_is_a_risk_that_somebody_takes(
    begin_tx: BeginTx, session: Session, cases: list[Case], an_office: SampleOffice
) -> None:
    """Nobody converts what was answered; a condition of the new edition may find something else than it means."""
    with begin_tx() as tx:
        retyped = an_edition(tx, {"case-type.yml": [("category: {type: string,", "category: {type: number,")]})
    run_of(session, cases[0]).variables = {"category": "02"}
    session.flush()
    move = Move(an_office.version.id, retyped.id)

    told = {trial.case_id: trial for trial in tried(begin_tx, move)}
    results = {case.id: moved(begin_tx, begun(begin_tx, move), run_of(session, case)) for case in cases[:1]}

    trial = told[cases[0].id]
    assert (trial.possible, [concern.as_json() for concern in trial.concerns]) == (
        False,
        [{"code": "variable.retyped", "element": "", "name": "category", "facts": {"old": "string", "new": "number"}}],
    )
    assert results[cases[0].id].state == "refused"
    assert told[cases[1].id].possible
    changes = plan(session, move).changes
    assert [(change.part, change.subject, change.hinders) for change in changes] == [("variable", "category", True)]
    taken = Move(an_office.version.id, retyped.id, accepted={"variable.retyped"})
    assert {trial.possible for trial in tried(begin_tx, taken)} == {True}


def test_what_is_due_happens_before_by_the_old_edition(
    begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move
) -> None:
    late = (DUE - NOW) // timedelta(hours=1) + 24

    result = moved(begin_tx, begun(begin_tx, renamed), run_of(session, cases[0]), hours=late)

    assert result.state == "migrated"
    told = kinds(session)
    assert told.index("timer.fired") < told.index("case.escalated") < told.index("process.migrated")


def test_a_suspended_case_goes_over_and_stays_suspended(
    begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move
) -> None:
    with begin_tx() as tx:
        suspend(tx, run_of(session, cases[0]).id, reason="Menunggu versi baru.")

    moved(begin_tx, begun(begin_tx, renamed), run_of(session, cases[0]))

    run = run_of(session, cases[0])
    assert (run.version_id, run.suspended_at) == (renamed.to_version_id, NOW)


def test_a_form_that_was_shown_before_is_stale_when_it_differs(
    begin_tx: BeginTx, session: Session, cases: list[Case], an_office: SampleOffice
) -> None:
    with begin_tx() as tx:
        version = an_edition(tx, {"forms/check.form": [('"label": "Sah"', '"label": "Layak"')]})
    move = Move(an_office.version.id, version.id)
    moved(begin_tx, begun(begin_tx, move), run_of(session, cases[0]))
    task = session.scalars(select(Task).where(Task.case_id == cases[0].id)).one()

    with pytest.raises(Conflict, match="stale") as stale, begin_tx(an_office.officer) as tx:
        processes.complete_task(tx, task.id, posted={"valid": ["true"]}, revision=1, key=a_key())
    assert "valid" in stale.value.facts["fields"]
    with begin_tx(an_office.officer) as tx:
        posted = {"category": ["02"], "valid": ["true"]}
        processes.complete_task(tx, task.id, posted=posted, revision=2, key=a_key())
    assert run_of(session, cases[0]).tokens_at == ["answer"]


def test_a_move_is_taken_back_until_somebody_has_acted(
    begin_tx: BeginTx, session: Session, cases: list[Case], an_office: SampleOffice
) -> None:
    with begin_tx() as tx:
        version = an_edition(tx, {"process.bpmn": [('name="Jawab"', 'name="Jawab segera"')]})
    batch = begun(begin_tx, Move(an_office.version.id, version.id, anew={"check": "answer"}))
    results = [moved(begin_tx, batch, run_of(session, case)) for case in cases]
    assert [run_of(session, case).tokens_at for case in cases] == [["answer"], ["answer"]]
    assert [can_be_undone(session, result) for result in results] == [True, True]
    answers = {task.case_id: task for task in session.scalars(select(Task).where(Task.element == "answer"))}
    # By a clock that was set back meanwhile.
    with begin_tx(an_office.liaison, now=NOW) as tx:
        session.get_one(Case, cases[1].id).handling_unit_id = an_office.health.id
        answers[cases[1].id].unit_id = an_office.health.id
        session.flush()
        claim(tx, answers[cases[1].id].id)

    with begin_tx(now=NOW + timedelta(hours=3)) as tx:
        undone = undo_case(tx, batch, run_of(session, cases[0]).id)
    with pytest.raises(Conflict, match="acted"), begin_tx(now=NOW + timedelta(hours=3)) as tx:
        undo_case(tx, batch, run_of(session, cases[1]).id)

    assert undone.state == "undone"
    run = run_of(session, cases[0])
    assert (run.version_id, run.tokens_at, run.revision) == (an_office.version.id, ["check"], 3)
    tasks = {task.element: task.status for task in session.scalars(select(Task).where(Task.case_id == cases[0].id))}
    assert tasks == {"check": "open", "answer": "cancelled"}
    states = {name: (each.state, each.visits) for name, each in element_states(session, run.id, NOW).items()}
    assert states == {"filed": ("done", 1), "check": ("waiting", 2), "answer": ("cancelled", 1)}
    timer = session.scalars(select(Timer).where(Timer.instance_id == run.id)).one()
    assert (timer.element, timer.due_at) == ("check_late", DUE)
    deadlines = session.scalars(select(CaseDeadline).where(CaseDeadline.case_id == cases[0].id)).all()
    assert [(each.deadline_id, each.stopped_at, each.round) for each in deadlines] == [("P-01", None, 1)]
    assert {"process.migration_undone", "task.reopened", "deadline.resumed"} <= set(kinds(session))
    assert verify(session) is None

    task = session.scalars(select(Task).where(Task.case_id == cases[0].id, Task.element == "check")).one()
    with begin_tx(an_office.officer, now=NOW + timedelta(hours=4)) as tx:
        posted = {"category": ["02"], "valid": ["true"]}
        processes.complete_task(tx, task.id, posted=posted, revision=3, key=a_key())
    assert run_of(session, cases[0]).tokens_at == ["answer"]
    with pytest.raises(Conflict, match="not_migrated"), begin_tx() as tx:
        undo_case(tx, batch, run.id)
    assert set(session.scalars(select(StepRecord.kind))) == {"start", "migration", "undo", "task"}


def test_a_batch_asks_for_a_reason_and_for_editions_of_one_type(
    begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, an_office: SampleOffice
) -> None:
    with pytest.raises(InvalidAnswers):
        begun(begin_tx, renamed, reason=" ")
    with pytest.raises(Conflict, match="same_version"):
        begun(begin_tx, Move(renamed.from_version_id, renamed.from_version_id))
    with pytest.raises(Conflict, match="unknown_risk"):
        begun(begin_tx, Move(renamed.from_version_id, renamed.to_version_id, accepted={"element.removed"}))
    with pytest.raises(NotAllowed), begin_tx(an_office.officer) as tx:
        begin_batch(tx, renamed, reason="Uji")


class TestKeptTrials:
    """A trial is done by jobs, a handful at a time, and what it found stays."""

    def test_each_case_is_tried_by_jobs_and_nothing_of_it_changes(
        self, begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, settings: Settings
    ) -> None:
        before = [bytes(run_of(session, case).tokens) for case in cases]
        moves = (renamed, Move(renamed.from_version_id, renamed.to_version_id))
        with begin_tx() as tx:
            trials = [begin_trial(tx, move) for move in moves]
        assert [progress_of(session, trial.id) for trial in trials] == [0, 0]

        run_due_jobs(session, workshop_of(settings), NOW)

        assert [progress_of(session, trial.id) for trial in trials] == [100, 100]
        assert [counts_of(session, [trial.id])[trial.id] for trial in trials] == [{"possible": 2}, {"refused": 2}]
        assert {each["code"] for each in results_of(session, trials[1].id)[0].findings} == {"element.removed"}
        assert [bytes(run_of(session, case).tokens) for case in cases] == before
        assert {run_of(session, case).version_id for case in cases} == {renamed.from_version_id}
        # It keeps nobody from beginning, and nothing of it can be taken back.
        begun(begin_tx, renamed)
        with begin_tx() as tx, pytest.raises(Conflict, match="not_migrated"):
            undo_case(tx, trials[0].id, run_of(session, cases[0]).id)

    def test_an_interrupted_trial_goes_on_and_passes_what_has_moved_on(
        self, begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trying, "_AT_ONCE", 1)
        with begin_tx() as tx:
            trial = begin_trial(tx, renamed).id
        with begin_tx() as tx:
            assert try_next(tx, trial) == 1
        assert progress_of(session, trial) == 50
        last = results_of(session, trial, state="waiting")[0].instance_id
        with begin_tx() as tx:
            processes.cancel(tx, last, reason="uji")

        with begin_tx() as tx:
            assert (try_next(tx, trial), try_next(tx, trial)) == (1, 0)

        assert counts_of(session, [trial])[trial] == {"possible": 1, "passed": 1}

    def test_only_operators_try_and_old_trials_are_forgotten(
        self, begin_tx: BeginTx, session: Session, cases: list[Case], renamed: Move, an_office: SampleOffice
    ) -> None:
        with begin_tx(an_office.supervisor) as tx, pytest.raises(NotAllowed):
            begin_trial(tx, renamed)
        for after in (timedelta(0), timedelta(days=32)):
            with begin_tx(now=NOW + after) as tx:
                begin_trial(tx, renamed)

        assert [batch.created_at for batch, _ in batches(session)] == [NOW + timedelta(days=32)]
