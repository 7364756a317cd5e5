"""R1 to R4: a step is one transaction, a post has one effect, a stale form is refused, and only who may completes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from case_factories import a_key
from factories import NOW
from looking import row_counts
from promises.conftest import Matter
from stepping import POINTS
from workflows.errors import AmanahError, Conflict
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes.calls import Call
from workflows.processes.models import StepRecord, Submission
from workflows.processes.operations import NO_CONFLICT, Outcome
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, Actor, begin

VALID = {"valid": ["true"], "category": ["02"]}
ANSWERED = {"answer": ["Sudah"], NO_CONFLICT: ["true"]}
# Where an act may stand still or be cut off; it takes no job.
PLACES = [point for point in POINTS if "job" not in point]


def check(matter: Matter, key: str, actor: Actor | None = None) -> Callable[[Session], Outcome]:
    """Complete the first task, as one act on a session."""
    task_id = matter.task("check").id

    def act(session: Session) -> Outcome:
        with begin(session, actor or matter.office.officer, now=NOW) as tx:
            return processes.complete_task(tx, task_id, posted=VALID, revision=1, key=key)

    return act


def effects(matter: Matter) -> tuple[int, int, int]:
    """Count completions in the journal, steps of tasks, and waiting tasks."""
    with matter.look() as session:
        assert verify(session) is None
        completed = select(func.count()).where(
            JournalEntry.kind == "task.completed", JournalEntry.case_id == matter.case_id
        )
        steps = select(func.count()).where(StepRecord.instance_id == matter.instance_id, StepRecord.kind == "task")
        waiting = select(func.count()).where(Task.case_id == matter.case_id, Task.status == "open")
        return tuple(session.scalar(each) or 0 for each in (completed, steps, waiting))  # type: ignore[return-value]


@pytest.mark.parametrize("point", PLACES)
def test_a_step_that_is_cut_off_anywhere_happened_whole_or_not_at_all(matter: Matter, point: str) -> None:
    with matter.look() as session:
        before = row_counts(session)
    act = matter.walker(check(matter, a_key())).to(point)
    with matter.database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": act.backend})
        other.commit()

    if point == "after commit":
        assert not act.finish().repeated
        assert effects(matter) == (1, 1, 1)
        return
    with pytest.raises(OperationalError):
        act.finish()
    with matter.look() as session:
        assert row_counts(session) == before
    assert effects(matter) == (0, 0, 1)


def test_a_step_is_committed_once(matter: Matter) -> None:
    """Two commits would be two transactions, between which there is half a step."""
    commits: list[Any] = []
    count = commits.append
    event.listen(matter.database.engine, "commit", count)
    try:
        with matter.look() as session:
            check(matter, a_key())(session)
    finally:
        event.remove(matter.database.engine, "commit", count)

    assert (len(commits), effects(matter)) == (1, (1, 1, 1))


@pytest.mark.parametrize("point", PLACES)
def test_the_same_post_beside_itself_has_one_effect_wherever_the_first_one_stands(matter: Matter, point: str) -> None:
    post = check(matter, a_key())
    first = matter.walker(post).to(point)
    second = matter.walker(post).start()
    # Whoever finds the first one's lock waits for it; before there is a lock, or after it, nobody has to.
    if not second.waits():
        second.finish()

    outcomes = [first.finish(), second.finish()]

    assert sorted(outcome.repeated for outcome in outcomes) == [False, True]
    assert effects(matter) == (1, 1, 1)


def test_fifty_posts_of_one_key_at_once_have_one_effect(matter: Matter) -> None:
    key = a_key()
    act = check(matter, key)

    def post(_: int) -> Outcome:
        with Session(matter.database.engine, expire_on_commit=False) as session:
            return act(session)

    with ThreadPoolExecutor(50) as posts:
        outcomes = list(posts.map(post, range(50)))

    assert sorted(outcome.repeated for outcome in outcomes) == [False] + [True] * 49
    assert {(outcome.revision, outcome.next_tasks) for outcome in outcomes} == {(2, ("Jawab",))}
    assert effects(matter) == (1, 1, 1)
    with matter.look() as session:
        answered = select(func.count()).where(Submission.result["instance_id"].astext == str(matter.instance_id))
        assert session.scalar(answered) == 1


def test_a_step_upon_another_revision_than_it_read_is_refused_though_no_lock_had_kept_it(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row lock keeps everybody out; should it ever fail to, the write itself proves what it stands on."""
    engine_moves = processes.move

    def overtaken(call: Call, *given: Any) -> Any:
        moved = engine_moves(call, *given)
        # Whoever holds the row can do what nobody else could.
        call.tx.session.execute(
            text("UPDATE process_instance SET revision = revision + 1 WHERE id = :run"), {"run": matter.instance_id}
        )
        return moved

    monkeypatch.setattr(processes, "move", overtaken)

    with pytest.raises(AmanahError, match=r"process\.outrun"), matter.look() as session:
        check(matter, a_key())(session)
    assert effects(matter) == (0, 0, 1)


def test_a_form_that_was_shown_before_somebody_changed_its_ground_learns_what_and_by_whom(matter: Matter) -> None:
    with matter.look() as session:
        check(matter, a_key())(session)
    answer = matter.task("answer").id

    with matter.begin(matter.office.liaison) as tx, pytest.raises(Conflict) as stale:
        processes.complete_task(tx, answer, posted=ANSWERED, revision=1, key=a_key())

    facts = stale.value.facts
    assert (stale.value.code, facts["by"], facts["at"]) == ("task.stale", "Rahma", NOW)
    assert {"valid", "category"} <= set(facts["fields"])
    assert effects(matter) == (1, 1, 1)


class TestOnlyWhoMayCompletesWhatWaits:
    """Every task of a case, in every state of it, by everybody: the engine itself does not ask."""

    @pytest.fixture
    def people(self, matter: Matter) -> dict[str, Actor]:
        office = matter.office
        named = {name: getattr(office, name) for name in ("officer", "colleague", "supervisor", "liaison", "head")}
        return {**named, "nobody": NOBODY}

    @contextmanager
    def trial(self, matter: Matter, actor: Actor) -> Iterator[Any]:
        """An act that never holds, whatever comes of it."""
        with Session(matter.database.engine) as session:
            tx = begin(session, actor, now=NOW + timedelta(minutes=1))
            entered = tx.__enter__()
            try:
                yield entered
            finally:
                session.rollback()

    def who_completes(self, matter: Matter, people: dict[str, Actor], task_id: UUID) -> set[str]:
        """Name those who get away with it."""
        able = set()
        for name, actor in people.items():
            for posted in (VALID, ANSWERED):
                with self.trial(matter, actor) as tx:
                    try:
                        revision = matter.instance().revision
                        processes.complete_task(tx, task_id, posted=posted, revision=revision, key=a_key())
                    except AmanahError:
                        continue
                    able.add(name)
        return able

    def test_in_every_state(self, matter: Matter, people: dict[str, Actor]) -> None:
        first, unknown = matter.task("check").id, uuid4()
        assert self.who_completes(matter, people, first) == {"officer", "colleague"}
        assert self.who_completes(matter, people, unknown) == set()

        with matter.look() as session:
            check(matter, a_key())(session)
        second = matter.task("answer").id
        assert self.who_completes(matter, people, first) == set()
        assert self.who_completes(matter, people, second) == {"liaison"}

        with matter.begin(matter.office.supervisor) as tx:
            processes.cancel(tx, matter.instance_id, reason="trial")
        assert self.who_completes(matter, people, second) == set()
