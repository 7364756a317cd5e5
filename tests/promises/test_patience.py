"""R7 to R9 and R12: nothing is silently dead, nothing ends that still waits, due timers fire in order and alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import due_jobs
from case_factories import create_case
from due_jobs import run_due_jobs
from factories import NOW
from promises.conftest import Matter
from workflows import jobs
from workflows.background import duties, performing
from workflows.background.draining import drain
from workflows.background.duties import Duty, Workshop
from workflows.background.performing import WAITS
from workflows.cases.models import Escalation
from workflows.errors import AmanahError
from workflows.incidents.models import Incident
from workflows.incidents.operations import retry
from workflows.incidents.queries import last_watchdog_run
from workflows.journal.models import JournalEntry
from workflows.processes import operations as processes
from workflows.processes.calls import Call
from workflows.processes.models import ProcessInstance, Timer
from workflows.processes.moving import move_token
from workflows.processes.services import SERVICES
from workflows.processes.suspension import resume, suspend
from workflows.transaction import SYSTEM, Tx, begin

LATER = NOW + timedelta(days=30)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[datetime]]:
    """Let a duty fail so many times before it goes well; gives the instants at which it is tried."""

    def fail(times: int) -> list[datetime]:
        tried: list[datetime] = []

        def run(tx: Tx, workshop: Workshop, **_: Any) -> None:
            tried.append(tx.now)
            if len(tried) <= times:
                raise OSError

        known = {"sample": Duty(run)}
        monkeypatch.setattr(duties, "DUTIES", known)
        for module in (due_jobs, performing):
            monkeypatch.setattr(module, "DUTIES", known)
        return tried

    return fail


@pytest.mark.parametrize("times", [0, 1, len(WAITS), len(WAITS) + 1, 10])
def test_what_fails_is_tried_after_growing_whiles_and_then_has_an_owner(
    matter: Matter, workshop: Workshop, failing: Callable[[int], list[datetime]], times: int
) -> None:
    tried = failing(times)
    name = uuid4().hex
    with matter.begin() as tx:
        tx.session.execute(text("DELETE FROM procrastinate_jobs"))
        jobs.defer(tx.session, "sample", name=name)

    with Session(matter.database.engine) as session:
        tries = run_due_jobs(session, workshop, NOW + timedelta(days=9), since=NOW)

    waits = [after - before for before, after in pairwise(tried)]
    assert all(longer > shorter for shorter, longer in pairwise(waits)), waits
    with matter.look() as session:
        incidents = session.scalars(select(Incident).where(Incident.subject == f"sample:{name}")).all()
        left = session.execute(text("SELECT status FROM procrastinate_jobs")).scalars().all()
    if times <= len(WAITS):
        assert (tries, list(incidents), left) == (times + 1, [], [])
        return
    assert (tries, left) == (len(WAITS) + 1, ["failed"])
    assert [(each.owner_role, each.attempts, each.task) for each in incidents] == [("administrator", tries, "sample")]


def test_a_run_that_a_newer_edition_moved_waits_for_it_and_is_nobodys_incident(
    matter: Matter, workshop: Workshop
) -> None:
    """While machines are brought up to date one by one: an old worker meets what a new one has written."""
    with matter.begin() as tx:
        newer = {"run": matter.instance_id, "version": b"[99"}
        tx.session.execute(
            text("UPDATE process_instance SET tokens = :version || substr(tokens, 3) WHERE id = :run"), newer
        )

    with Session(matter.database.engine) as session:
        due_at = session.scalars(select(Timer.due_at).where(Timer.instance_id == matter.instance_id)).one()
        run_due_jobs(session, workshop, due_at + timedelta(hours=1), since=NOW)
        waiting = session.execute(
            text("SELECT status, attempts FROM procrastinate_jobs WHERE args->>'instance_id' = CAST(:run AS text)"),
            {"run": str(matter.instance_id)},
        ).all()
        assert session.scalars(select(Incident).where(Incident.case_id == matter.case_id)).all() == []
    assert [status for status, _ in waiting] == ["todo"]
    assert waiting[0].attempts > 1

    # The worker was brought up to date: its edition reads what the newer one wrote.
    with matter.begin() as tx:
        newer["version"] = b"[1"
        tx.session.execute(
            text("UPDATE process_instance SET tokens = :version || substr(tokens, 4) WHERE id = :run"), newer
        )
    with Session(matter.database.engine) as session:
        run_due_jobs(session, workshop, due_at + timedelta(days=1), since=due_at + timedelta(hours=1))
    with matter.look() as session:
        assert session.scalars(select(Escalation).where(Escalation.case_id == matter.case_id)).all()


class TestTimerThatCannotFire:
    """Its incident has an owner; until that is mended it keeps nobody from acting, nor an operator from mending."""

    @pytest.fixture
    def out_of_order(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The services that fail; the timer of the first task asks for "escalate"."""
        failing = ["escalate"]
        works = SERVICES["escalate"]

        def escalate(call: Call, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
            if failing:
                raise AmanahError("service.no_unit")
            return works.run(call, inputs)

        monkeypatch.setitem(SERVICES, "escalate", replace(works, run=escalate))
        return failing

    @pytest.fixture
    def late(self, matter: Matter, workshop: Workshop, out_of_order: list[str]) -> datetime:
        """An hour after the timer was due and failed."""
        with Session(matter.database.engine) as session:
            due_at = session.scalars(select(Timer.due_at).where(Timer.instance_id == matter.instance_id)).one()
            run_due_jobs(session, workshop, due_at, since=NOW)
        assert self.told(matter) == [("job.failed", "service.no_unit", "open")]
        return due_at + timedelta(hours=1)

    def told(self, matter: Matter) -> list[tuple[str, str, str]]:
        with matter.look() as session:
            found = select(Incident.kind, Incident.cause_code, Incident.state)
            return [tuple(row) for row in session.execute(found.where(Incident.case_id == matter.case_id))]

    def test_whoever_does_the_task_goes_on(self, matter: Matter, late: datetime) -> None:
        with matter.begin(matter.office.officer, now=late) as tx:
            posted = {"valid": ["true"], "category": ["02"]}
            processes.complete_task(tx, matter.task("check").id, posted=posted, revision=1, key=uuid4().hex)

        assert matter.instance().tokens_at == ["answer"]

    def test_an_operator_suspends_the_run_and_moves_its_token(self, matter: Matter, late: datetime) -> None:
        with matter.begin(now=late) as tx:
            suspend(tx, matter.instance_id, reason="Diperiksa.")
            resume(tx, matter.instance_id, reason="Sudah diperiksa.")
        with matter.begin(now=late) as tx:
            move_token(tx, matter.instance_id, "check", "answer", reason="Pengingat rusak.", revision=1)

        assert matter.instance().tokens_at == ["answer"]

    def test_it_fires_when_the_incident_is_tried_again(
        self, matter: Matter, workshop: Workshop, late: datetime, out_of_order: list[str]
    ) -> None:
        out_of_order.clear()
        with matter.begin(now=late) as tx:
            found = select(Incident.id).where(Incident.case_id == matter.case_id)
            retry(tx, tx.session.scalars(found).one())
        with Session(matter.database.engine) as session:
            run_due_jobs(session, workshop, late)

        assert self.told(matter) == [("job.failed", "service.no_unit", "resolved")]
        with matter.look() as session:
            assert session.scalars(select(Escalation).where(Escalation.case_id == matter.case_id)).all()


class TestWatchdog:
    def watch(self, matter: Matter, workshop: Workshop) -> list[tuple[str, str]]:
        """Let it look, and give what it told about the matter."""
        with matter.begin(now=LATER) as tx:
            jobs.defer(tx.session, "processes.watch")
            tx.session.execute(text("UPDATE procrastinate_jobs SET priority = 9 WHERE task_name = 'processes.watch'"))
        with Session(matter.database.engine) as session:
            run_due_jobs(session, workshop, LATER, most=1)
        with matter.look() as session:
            told = select(Incident.kind, Incident.owner_role).where(Incident.case_id == matter.case_id)
            return [(kind, role) for kind, role in session.execute(told)]

    def test_finds_nothing_in_a_case_that_goes_on_and_says_when_it_looked(
        self, matter: Matter, workshop: Workshop
    ) -> None:
        assert self.watch(matter, workshop) == []
        with matter.look() as session:
            run = last_watchdog_run(session)
            assert run is not None
            assert (run.at, run.cases > 0) == (LATER, True)

    @pytest.mark.parametrize("lost", ["timer", "procrastinate_jobs"])
    def test_tells_of_a_case_with_no_next_thing(self, matter: Matter, workshop: Workshop, lost: str) -> None:
        """A timer that no job will fire is no next thing either."""
        own = {"task": "instance_id = :run", "timer": "instance_id = :run"}
        own["procrastinate_jobs"] = "args->>'instance_id' = CAST(:run AS text)"
        with matter.begin() as tx:
            for table in ("task", lost):
                tx.session.execute(text(f"DELETE FROM {table} WHERE {own[table]}"), {"run": str(matter.instance_id)})

        assert self.watch(matter, workshop) == [("case.stuck", "office_head")]

    @pytest.mark.parametrize("left", ["task", "timer", "awaited_message", "token"])
    def test_tells_of_a_case_that_is_ended_and_is_not(self, matter: Matter, workshop: Workshop, left: str) -> None:
        """Whatever is the only thing that was left behind."""
        run_id = {"run": matter.instance_id}
        with matter.begin() as tx:
            tx.session.execute(text("UPDATE process_instance SET status = 'ended' WHERE id = :run"), run_id)
            tx.session.execute(
                text(
                    "INSERT INTO awaited_message (instance_id, case_id, name, element)"
                    " SELECT id, case_id, 'reply', 'replied' FROM process_instance WHERE id = :run"
                ),
                run_id,
            )
            for table in {"task", "timer", "awaited_message"} - {left}:
                tx.session.execute(text(f"DELETE FROM {table} WHERE instance_id = :run"), run_id)
            if left != "token":
                tx.session.execute(text("UPDATE process_instance SET tokens_at = '[]' WHERE id = :run"), run_id)

        told = self.watch(matter, workshop)

        assert ("case.falsely_ended", "office_head") in told
        with matter.look() as session:
            run = last_watchdog_run(session)
            assert run is not None
            assert run.falsely_ended >= 1


class TestDraining:
    @pytest.fixture
    def due(self, matter: Matter) -> list[Any]:
        """Four cases whose timers are due at other instants, youngest case first."""
        begun = []
        for hours in (0, 30, 20, 10):
            with matter.begin(now=NOW - timedelta(hours=hours)) as tx:
                run = processes.start(tx, create_case(tx).id, matter.office.version.id, {})
                begun.append(run.id)
        with matter.begin() as tx:
            # Only these four; that of the matter is none of them.
            tx.session.execute(text("DELETE FROM timer WHERE instance_id = :run"), {"run": matter.instance_id})
            tx.session.execute(text("DELETE FROM timer WHERE instance_id <> ALL(:runs)"), {"runs": begun})
        return begun

    def drain(self, matter: Matter, workshop: Workshop, **more: Any) -> int:
        with Session(matter.database.engine, expire_on_commit=False) as session:
            return drain(session, workshop, "processes.wake", lambda: LATER, **more)

    def fired(self, matter: Matter) -> list[tuple[str, str]]:
        with matter.look() as session:
            entries = select(JournalEntry).where(JournalEntry.kind == "timer.fired").order_by(JournalEntry.id)
            return [(each.facts["instance"], each.facts["due_at"]) for each in session.scalars(entries)]

    def test_each_fires_once_in_the_order_in_which_they_were_due(
        self, matter: Matter, workshop: Workshop, due: list[Any]
    ) -> None:
        before = len(self.fired(matter))

        assert self.drain(matter, workshop) == len(due)
        assert self.drain(matter, workshop) == 0

        fired = self.fired(matter)[before:]
        assert sorted(instance for instance, _ in fired) == sorted(map(str, due))
        assert [at for _, at in fired] == sorted(at for _, at in fired)

    def test_one_that_fails_is_put_off_and_keeps_nobody_back(
        self, matter: Matter, workshop: Workshop, due: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        genuine = processes.wake

        def wake(tx: Tx, instance_id: Any) -> int:
            if instance_id == due[1]:
                raise OSError
            return genuine(tx, instance_id)

        monkeypatch.setattr(processes, "wake", wake)

        assert self.drain(matter, workshop) == len(due) - 1
        with matter.look() as session:
            left = session.scalars(select(Timer.job_id).where(Timer.instance_id == due[1])).one()
            put_off = text("SELECT status, attempts, scheduled_at FROM procrastinate_jobs WHERE id = :job")
            assert tuple(session.execute(put_off, {"job": left}).one()) == ("todo", 1, LATER + WAITS[0])

    def test_two_workers_share_what_is_due_and_a_stopped_one_leaves_the_rest(
        self, matter: Matter, workshop: Workshop, due: list[Any]
    ) -> None:
        before = len(self.fired(matter))
        first = matter.walker(lambda session: drain(session, workshop, "processes.wake", lambda: LATER, most=1)).to(
            "before commit"
        )
        assert self.drain(matter, workshop, stop=lambda: True) == 0

        assert self.drain(matter, workshop, most=2) == 2
        assert first.finish() == 1
        assert self.drain(matter, workshop) == 1
        assert len(self.fired(matter)) == before + len(due)

    def test_a_run_that_somebody_moves_is_passed_over(self, matter: Matter, workshop: Workshop, due: list[Any]) -> None:
        """Whoever holds the run fires what is due and takes the job back: a worker that had it would never let go."""
        before = len(self.fired(matter))

        def act(session: Session) -> None:
            with begin(session, SYSTEM, now=LATER) as tx:
                processes.wake(tx, due[-1])

        somebody = matter.walker(act).to("after loading")
        assert self.drain(matter, workshop) == len(due) - 1
        somebody.finish()
        assert self.drain(matter, workshop) == 0
        assert len(self.fired(matter)) == before + len(due)

    def test_a_timer_whose_worker_died_is_fired_by_the_next_one(
        self, matter: Matter, workshop: Workshop, due: list[Any]
    ) -> None:
        """What was taken off the queue comes back with the transaction that never held."""
        dying = matter.walker(lambda session: drain(session, workshop, "processes.wake", lambda: LATER, most=1)).to(
            "before commit"
        )
        with matter.database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": dying.backend})

        assert self.drain(matter, workshop) == len(due)
        dying.finish()
        with matter.look() as session:
            runs = select(func.count()).where(ProcessInstance.id.in_(due), ProcessInstance.revision == 2)
            assert session.scalar(runs) == len(due)


def test_the_watch_is_a_job_that_can_come_twice(matter: Matter, workshop: Workshop) -> None:
    with Session(matter.database.engine) as session:
        for _ in range(2):
            with begin(session, SYSTEM, now=LATER) as tx:
                duties.DUTIES["processes.watch"].run(tx, workshop)
    with matter.look() as session:
        assert session.scalars(select(Incident).where(Incident.case_id == matter.case_id)).all() == []
