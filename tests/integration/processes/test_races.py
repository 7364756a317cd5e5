"""Two at once, played step by step: the second one waits at the first one's lock, then learns what happened.

No sleeping: the first act stands still at a named point until the database itself says that the second one waits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, a_key, create_case, create_sample_office
from databases import WAITING, TestDatabase
from evidence_files import pdf
from factories import NOW
from workflows.cases.models import Case
from workflows.errors import AmanahError, Conflict
from workflows.evidence import operations as evidence
from workflows.evidence.uploads import Upload
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import office
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance, Submission
from workflows.processes.operations import NO_CONFLICT
from workflows.tasks import operations as tasks
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, Tx, begin

VALID = {"valid": ["true"], "category": ["02"]}
ANSWERED = {"answer": ["Sudah"], NO_CONFLICT: ["true"]}
LATER = NOW + timedelta(days=4)
Act = Callable[[Tx], Any]


@dataclass
class Race:
    """A database with real commits, a case at "check", and two acts that meet."""

    database: TestDatabase
    office: SampleOffice
    instance_id: UUID
    outcomes: list[Any] = field(default_factory=list)

    def run(
        self, first: tuple[Actor, Act], second: tuple[Actor, Act], *, now: datetime = NOW, then: datetime | None = None
    ) -> list[Any]:
        """Let `first` act and stand still before its commit until `second` waits for its lock; then let both finish.

        Both act at `now`, or the second one `then`. Gives what each of the two returned or raised.
        """
        holds, may_commit = Event(), Event()
        results: list[Any] = [None, None]

        def lead() -> None:
            with self._act(first[0], now, results, 0) as tx:
                results[0] = first[1](tx)
                tx.session.flush()
                holds.set()
                assert may_commit.wait(120)

        def follow() -> None:
            with self._act(second[0], then or now, results, 1) as tx:
                results[1] = second[1](tx)

        leader, follower = Thread(target=lead), Thread(target=follow)
        leader.start()
        assert holds.wait(120), results
        follower.start()
        with self.database.engine.connect() as watcher:
            while not watcher.execute(WAITING).scalar() and follower.is_alive():
                watcher.rollback()
        may_commit.set()
        leader.join(20)
        follower.join(20)
        assert not leader.is_alive()
        assert not follower.is_alive()
        return results

    @contextmanager
    def _act(self, actor: Actor, now: Any, results: list[Any], place: int) -> Iterator[Tx]:
        with Session(self.database.engine, expire_on_commit=False) as session:
            try:
                with begin(session, actor, now=now) as tx:
                    yield tx
            except AmanahError as error:
                results[place] = error

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Look at what was committed."""
        with Session(self.database.engine) as session:
            yield session

    def task_id(self, element: str) -> UUID:
        """Give the id of the waiting task."""
        with self.look() as session:
            return session.scalars(select(Task.id).where(Task.element == element, Task.status == "open")).one()


@pytest.fixture
def race(committed_database: TestDatabase) -> Race:
    with Session(committed_database.engine, expire_on_commit=False) as session:
        with begin(session, SYSTEM, now=NOW) as tx:
            office = create_sample_office(tx)
            case = create_case(tx)
            instance = processes.start(tx, case.id, office.version.id, {})
        return Race(committed_database, office, instance.id)


def _complete(task_id: UUID, posted: dict[str, list[str]], revision: int, key: str) -> Act:
    return lambda tx: processes.complete_task(tx, task_id, posted=posted, revision=revision, key=key)


def _whole(race: Race) -> None:
    with race.look() as session:
        assert verify(session) is None


def test_of_two_completers_one_wins_and_the_other_learns_who(race: Race) -> None:
    task_id = race.task_id("check")

    won, lost = race.run(
        (race.office.officer, _complete(task_id, VALID, 1, a_key())),
        (race.office.colleague, _complete(task_id, VALID, 1, a_key())),
    )

    assert won.next_tasks == ("Jawab",)
    assert isinstance(lost, Conflict)
    assert (lost.code, lost.facts["by"]) == ("task.done", "Rahma")
    with race.look() as session:
        assert session.get_one(ProcessInstance, race.instance_id).revision == 2
        assert session.scalar(select(func.count()).where(JournalEntry.kind == "task.completed")) == 1
    _whole(race)


def test_of_two_claims_one_wins(race: Race) -> None:
    task_id = race.task_id("check")

    won, lost = race.run(
        (race.office.officer, lambda tx: tasks.claim(tx, task_id)),
        (race.office.colleague, lambda tx: tasks.claim(tx, task_id)),
    )

    assert won.assignee_id == race.office.officer.user_id
    assert (lost.code, lost.facts) == ("task.taken", {"by": "Rahma"})
    _whole(race)


def test_a_claim_against_a_completion_learns_that_it_is_done(race: Race) -> None:
    task_id = race.task_id("check")

    _, lost = race.run(
        (race.office.officer, _complete(task_id, VALID, 1, a_key())),
        (race.office.colleague, lambda tx: tasks.claim(tx, task_id)),
    )

    assert (lost.code, lost.facts["by"]) == ("task.done", "Rahma")
    _whole(race)


def test_a_completion_against_a_claim_learns_who_holds_it(race: Race) -> None:
    task_id = race.task_id("check")

    _, lost = race.run(
        (race.office.colleague, lambda tx: tasks.claim(tx, task_id)),
        (race.office.officer, _complete(task_id, VALID, 1, a_key())),
    )

    assert (lost.code, lost.facts) == ("task.taken", {"by": "Budi"})
    _whole(race)


def test_a_completion_against_its_reassignment_is_told(race: Race) -> None:
    task_id = race.task_id("check")
    colleague = race.office.colleague.user_id
    assert colleague is not None

    _, lost = race.run(
        (race.office.supervisor, lambda tx: tasks.assign(tx, task_id, colleague)),
        (race.office.officer, _complete(task_id, VALID, 1, a_key())),
    )

    assert (lost.code, lost.facts) == ("task.taken", {"by": "Budi"})


def test_the_same_post_twice_at_once_has_one_effect(race: Race) -> None:
    task_id, key = race.task_id("check"), a_key()
    post = _complete(task_id, VALID, 1, key)

    first, second = race.run((race.office.officer, post), (race.office.officer, post))

    assert (first.repeated, second.repeated) == (False, True)
    assert (first.revision, first.next_tasks) == (second.revision, second.next_tasks)
    with race.look() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 1
        assert session.scalar(select(func.count()).where(JournalEntry.kind == "task.completed")) == 1
    _whole(race)


def test_the_chain_is_locked_last_so_that_a_release_beside_a_step_waits_for_nobody(race: Race) -> None:
    task_id = race.task_id("check")
    upload, limits = Upload("photos", "bukti.pdf", BytesIO(pdf())), office.current_office().limits
    with Session(race.database.engine) as session, begin(session, race.office.officer, now=NOW) as tx:
        (photo,) = evidence.attach(tx, tx.session.scalars(select(Case)).one(), [upload], limits=limits)
        photo_id = photo.id

    completed, released = race.run(
        (race.office.officer, _complete(task_id, VALID, 1, a_key())),
        (race.office.colleague, lambda tx: evidence.release(tx, photo_id, "reporter")),
    )

    assert completed.next_tasks == ("Jawab",)
    assert released.audience == "reporter"
    with race.look() as session:
        kinds = session.scalars(select(JournalEntry.kind).order_by(JournalEntry.sequence)).all()
    assert kinds.index("evidence.released") < kinds.index("task.completed")
    _whole(race)


class TestCompletionAgainstTimer:
    @pytest.fixture
    def at_answer(self, race: Race) -> Race:
        with Session(race.database.engine) as session, begin(session, race.office.officer, now=NOW) as tx:
            _complete(race.task_id("check"), VALID, 1, a_key())(tx)
        return race

    def test_the_timer_first_cancels_the_task(self, at_answer: Race) -> None:
        race, task_id = at_answer, at_answer.task_id("answer")

        fired, lost = race.run(
            (SYSTEM, lambda tx: processes.wake(tx, race.instance_id)),
            (race.office.liaison, _complete(task_id, ANSWERED, 2, a_key())),
            now=LATER,
        )

        assert fired == 1
        assert lost.code == "task.cancelled"
        with race.look() as session:
            assert session.get_one(ProcessInstance, race.instance_id).outcome == "expired"
        _whole(race)

    def test_the_completion_first_leaves_the_timer_nothing_to_do(self, at_answer: Race) -> None:
        race, task_id = at_answer, at_answer.task_id("answer")

        outcome, fired = race.run(
            (race.office.liaison, _complete(task_id, ANSWERED, 2, a_key())),
            (SYSTEM, lambda tx: processes.wake(tx, race.instance_id)),
            now=LATER - timedelta(days=2),
            then=LATER,
        )

        assert not outcome.ended
        assert fired == 0
        with race.look() as session:
            assert session.get_one(ProcessInstance, race.instance_id).status == "running"
        _whole(race)

    def test_a_completion_and_the_job_fire_a_due_timer_once(self, race: Race) -> None:
        task_id, due = race.task_id("check"), NOW + timedelta(days=10)

        outcome, fired = race.run(
            (race.office.officer, _complete(task_id, VALID, 1, a_key())),
            (SYSTEM, lambda tx: processes.wake(tx, race.instance_id)),
            now=due,
        )

        assert (outcome.next_tasks, fired) == (("Jawab",), 0)
        with race.look() as session:
            assert session.scalar(select(func.count()).where(JournalEntry.kind == "timer.fired")) == 1
            assert session.scalar(select(func.count()).where(JournalEntry.kind == "case.escalated")) == 1
        _whole(race)


def test_the_same_post_twelve_times_at_once_has_one_effect(race: Race) -> None:
    task_id, key = race.task_id("check"), a_key()
    outcomes: list[Any] = []

    def post() -> None:
        with Session(race.database.engine) as session, begin(session, race.office.officer, now=NOW) as tx:
            outcomes.append(_complete(task_id, VALID, 1, key)(tx))

    threads = [Thread(target=post) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcome.repeated for outcome in outcomes) == [False] + [True] * 11
    assert {outcome.revision for outcome in outcomes} == {2}
    _whole(race)
