"""Random lives of cases: verbs drawn by lot on random diagrams, on a committed database, looked over after each verb.

A life is one random diagram (`unit.engine.block_models`) as a case type, and two cases of it. After every verb, also
one that was refused, all rows are held against the engine's own state and against what was there before: see
`Life.look`. Everything follows from the seed, so that a life that failed can be lived again.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import yaml
from sqlalchemy import select, text
from sqlalchemy.orm import Session, undefer

from case_factories import SAMPLE, SampleOffice, create_case
from databases import TestDatabase
from due_jobs import run_due_jobs
from editions import changed
from factories import NOW
from looking import row_counts
from unit.engine.block_models import MESSAGES, VARIABLES, Model
from workflows import engine, jobs
from workflows.background.duties import Workshop
from workflows.catalogue import queries as catalogue
from workflows.catalogue.bundle import Bundle
from workflows.catalogue.functions import FUNCTIONS
from workflows.catalogue.models import ProcessFile, ProcessVersion
from workflows.engine import Definition, State, Step, codec
from workflows.engine.concerns import RISKS
from workflows.engine.migration import migrate
from workflows.engine.observing import observe
from workflows.errors import AmanahError, BrokenDefinition, Conflict
from workflows.feel.clock import Clock
from workflows.incidents.models import Incident
from workflows.incidents.operations import retry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes.by_hand import claim
from workflows.processes.invariants import falsely_ended
from workflows.processes.migration import Move, begin_batch, crossing_of, go_on, try_on_copies, undo_case
from workflows.processes.models import MigrationResult, ProcessInstance
from workflows.processes.moving import move_token, places_for, preview
from workflows.processes.outcomes import Outcome
from workflows.processes.queries import stuck_cases
from workflows.processes.recounting import recount
from workflows.processes.services import Described
from workflows.processes.suspension import resume, suspend
from workflows.tasks.models import Task
from workflows.tasks.operations import release, save_draft
from workflows.transaction import SYSTEM, Actor, Tx, begin

# What random diagrams may draw though a case cannot stay so: an act that leads there is refused, a job tells of it.
DRAWN_SO = frozenset({"process.stuck", "engine.endless"})
OUT_OF_ORDER = "provider.out_of_order"
ANSWERS = "answers"
_FORM = {
    "schemaVersion": 19,
    "type": "default",
    "id": ANSWERS,
    "components": [
        {"id": f"Field_{name}", "key": name, "type": "number", "label": name.upper(), "decimalDigits": 0}
        for name in VARIABLES
    ],
}


@dataclass
class Provider:
    """A service that somebody else runs, and that is out of order as long as a life says so."""

    topic = "ask_provider"
    out_of_order: bool = False
    # How often it was asked and answered.
    asked: int = 0

    def described(self) -> Described:
        return Described(self.topic, "", "", (), (), self._run)

    def _run(self, call: Any, inputs: Mapping[str, Any]) -> None:
        if self.out_of_order:
            raise AmanahError(OUT_OF_ORDER)
        self.asked += 1


@dataclass
class Shown:
    """A form that somebody looked at: what its post carries."""

    task_id: UUID
    revision: int
    key: str
    posted: dict[str, list[str]]
    outcome: Outcome | None = None


@dataclass
class Seen:
    """What was there when a case was last looked at."""

    # Table -> its rows that may never change, in their order.
    kept: dict[str, list[str]] = field(default_factory=dict)
    revision: int = 0


class Life:
    """Two cases on one random diagram."""

    def __init__(
        self, seed: int, database: TestDatabase, workshop: Workshop, office: SampleOffice, provider: Provider
    ) -> None:
        self.seed, self.database, self.workshop, self.office = seed, database, workshop, office
        self.provider = provider
        self.dice = random.Random(seed)
        self.now = NOW
        # The latest instant at which jobs were done.
        self.worked_until = NOW
        self.lost_jobs = False
        self.done: list[str] = []
        self.verbs: Counter[str] = Counter()
        self.forms: list[Shown] = []
        self.seen: dict[UUID, Seen] = {}
        self.versions: dict[UUID, bytes] = {}
        self.batches: list[tuple[UUID, dict[UUID, dict[str, Any]]]] = []

    # --- how it goes -------------------------------------------------------------------------------------------------

    def live(self, verbs: int) -> Counter[str]:
        """Begin two cases, do that many verbs, look after each; tell what was done."""
        try:
            if not self._begin():
                return self.verbs
            for _ in range(verbs):
                if not self._running():
                    break
                self._do(self.dice.choices(list(_VERBS), [weight for _, weight in _VERBS.values()])[0])
            with self._look() as session:
                assert verify(session) is None, "the journal's chain is broken"
        except Exception as problem:
            problem.add_note(f"seed {self.seed}, after: {'; '.join(self.done)}")
            raise
        return self.verbs

    def _begin(self) -> bool:
        model = Model(self.seed, rich=bool(self.seed % 2))
        bpmn = _staffed(model.bpmn, self.dice)
        try:
            engine.parse({"main.bpmn": bpmn}, functions=FUNCTIONS)
        except BrokenDefinition:
            return False
        with self._act() as tx:
            # What other lives left would be done with what this one does.
            for table in ("procrastinate_events", "procrastinate_jobs", "incident"):
                tx.session.execute(text(f"DELETE FROM {table}"))
            tx.session.execute(text("UPDATE process_instance SET status = 'cancelled', tokens_at = '[]'"))
            for table in ("timer", "awaited_message"):
                tx.session.execute(text(f"DELETE FROM {table}"))
            tx.session.execute(text("UPDATE task SET status = 'cancelled' WHERE status = 'open'"))
            tx.session.execute(text("UPDATE case_file SET closed_at = :now WHERE closed_at IS NULL"), {"now": tx.now})
            version = self._publish(tx, bpmn)
        try:
            for _ in range(2):
                with self._act() as tx:
                    instance = processes.start(tx, create_case(tx).id, version.id, {})
                    self.seen[instance.id] = Seen()
                self.look()
        except AmanahError as refused:
            # Such a diagram ends in a join that nothing reaches, before anybody has acted.
            if refused.code not in DRAWN_SO:
                raise
            return False
        return True

    def _publish(self, tx: Tx, bpmn: bytes) -> ProcessVersion:
        files = {"process.bpmn": bpmn, "case-type.yml": _manifest(), f"forms/{ANSWERS}.form": orjson.dumps(_FORM)}
        checksum = Bundle(files).checksum
        known = tx.session.scalar(select(ProcessVersion).where(ProcessVersion.checksum == checksum))
        if known is not None:
            # Another life has drawn the same.
            self.versions[known.id] = bpmn
            return known
        facts = {"case_type": "sample", "checksum": checksum, "published_at": tx.now, "state": "retired"}
        version = ProcessVersion(id=uuid4(), number=next(_numbers), **facts)
        tx.session.add(version)
        tx.session.flush()
        tx.session.add_all(ProcessFile(version_id=version.id, path=path, content=each) for path, each in files.items())
        tx.session.flush()
        self.versions[version.id] = bpmn
        return version

    def _do(self, name: str) -> None:
        """Do one verb, and look; one that is refused must have committed nothing, see `_act`."""
        self.done.append(name)
        try:
            if _VERBS[name][0](self) is False:
                self.done.pop()
                return
            self.verbs[name] += 1
        except AmanahError as refused:
            if refused.code in _NEVER:
                raise
            self.done[-1] += f" refused ({refused.code})"
            self.verbs[f"{name}: {refused.code}"] += 1
        self.look()

    # --- what must hold ----------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Hold all rows against the engine's state, and against what was there before."""
        with self._look() as session:
            runs = select(ProcessInstance).where(ProcessInstance.id.in_(self.seen))
            state = [undefer(ProcessInstance.tokens), undefer(ProcessInstance.variables)]
            found = {run.id: run for run in session.scalars(runs.options(*state))}
            for run in found.values():
                rows = session.scalar(_ROWS, {"run": run.id, "case": run.case_id})
                definition = catalogue.definition(session, catalogue.version(session, run.version_id))
                self._look_at_rows(run, definition, rows)
                self._look_at_the_past(run, definition, rows, self.seen[run.id])
            waits = session.scalar(_QUEUE)
            told = {UUID(run_id) for _, _, run_id in waits["incidents"] or [] if run_id}
            # A job that was given up has an incident.
            assert all(UUID(job[3]["instance_id"]) in told for job in waits["jobs"] or [] if job[1] == "failed")
            self._look_at_jobs(waits["timers"] or [], waits["jobs"] or [], found)
            running = {run.id for run in found.values() if run.is_running}
            for kind, code, run_id in waits["incidents"] or []:
                # Whoever cancels a run leaves an open case, and who loses the queue timers without jobs: both are told.
                left = UUID(run_id or "0" * 32) not in running or self.lost_jobs
                expected = code == "case.no_next_thing" and left
                assert expected or code in DRAWN_SO | {OUT_OF_ORDER, "message.never_awaited"}, (kind, code)
            assert falsely_ended(session) == []
            stuck = {each.instance_id for each in stuck_cases(session)} & running
            assert self.lost_jobs or not stuck, f"no next thing: {stuck}"

    def _look_at_rows(self, run: ProcessInstance, definition: Definition, rows: Mapping[str, Any]) -> None:
        tasks = sorted((engine_task, element) for engine_task, element in rows["tasks"] or [])
        timers = sorted((name, element, datetime.fromisoformat(due)) for name, element, due in rows["timers"] or [])
        messages = sorted((name, element) for name, element in rows["messages"] or [])
        if not run.is_running:
            assert (tasks, timers, messages, run.tokens_at, rows["deadlines"]) == ([], [], [], [], 0)
            assert run.ended_at is not None
            return
        clock = Clock(self.now, definition.zone)
        loaded = codec.load(run.tokens, definition.plan, run.variables, clock=clock, services={})
        # R13, of every state that a case comes to.
        assert codec.dump(loaded) == run.tokens
        step = observe(loaded)
        assert not step.ended
        assert not step.stuck
        assert tasks == sorted((task.id, task.element) for task in step.tasks)
        assert timers == sorted((timer.id, timer.element, timer.due_at) for timer in step.timers)
        assert messages == sorted({(message.name, message.element) for message in step.messages})
        assert run.tokens_at == list(step.tokens)

    def _look_at_the_past(
        self, run: ProcessInstance, definition: Definition, rows: Mapping[str, Any], seen: Seen
    ) -> None:
        """What was written stays as it was, byte for byte; the steps count without gaps and add up to what is now."""
        for name in ("step_text", "path_text", "journal"):
            before, now = seen.kept.get(name, []), rows[name] or []
            assert now[: len(before)] == before, f"{name} of the past changed"
            seen.kept[name] = now
        before, now = seen.kept.get("done", []), rows["done"] or []
        assert set(before) <= set(now), f"a task of the past changed: {set(before) - set(now)}"
        seen.kept["done"] = now
        steps = rows["steps"] or []
        expected = run.revision - (run.status == "cancelled")
        assert [revision for revision, _, _ in steps] == list(range(1, expected + 1)), "steps and revision differ"
        assert run.revision >= seen.revision
        seen.revision = run.revision
        folded: dict[str, Any] = {}
        for _, names, values in steps:
            for name in names:
                folded.pop(name, None)
            folded |= values or {}
        assert folded == run.variables, "the steps do not add up to the variables"
        path = rows["path"] or []
        assert [sequence for sequence, _, _ in path] == list(range(1, run.path_length + 1)), "the path has gaps"
        if not run.is_running:
            return
        balance = Counter[str]()
        for _, element, what in path:
            balance[element] += 1 if what == "entered" else -1
        # A join is entered when it goes on, not by each who waits there.
        joins = {each.id for each in definition.elements if each.kind.endswith("Gateway")}
        leads_to = {element for element, count in balance.items() if count > 0} - joins
        assert leads_to == set(run.tokens_at) - joins, f"the path leads to {leads_to}, and it is at {run.tokens_at}"

    def _look_at_jobs(
        self, timers: Collection[Any], jobs_: Collection[Any], runs: Mapping[UUID, ProcessInstance]
    ) -> None:
        """Each timer that is to come has its own job, and no job wakes anybody for nothing."""
        waking = {job_id: job for job_id, *job in jobs_}
        for timer_id, instance_id, due, job_id in timers:
            job, due_at = waking.pop(job_id, None), datetime.fromisoformat(due)
            if job is None:
                assert self.lost_jobs or due_at <= self.worked_until, f"timer {timer_id} has no job"
                continue
            status, scheduled, args = job
            assert status in ("todo", "failed")
            assert args == {"instance_id": instance_id}
            # One that failed waits for its next try.
            assert datetime.fromisoformat(scheduled) >= due_at, "a job comes before its timer"
        for job_id, (status, scheduled, args) in waking.items():
            if status == "failed":
                continue
            soon = scheduled is None or datetime.fromisoformat(scheduled) <= self.worked_until + timedelta(hours=9)
            held = runs[UUID(args["instance_id"])].suspended_at is not None
            assert soon or held, f"job {job_id} at {scheduled} wakes nobody"

    # --- verbs -------------------------------------------------------------------------------------------------------

    def complete(self) -> bool:
        shown = self._show()
        if shown is None:
            return False
        self._post(shown)
        return True

    def complete_later(self) -> bool:
        """A form is opened now and posted when it may be stale, by whoever it is."""
        if self.forms and self.dice.random() < 0.6:
            shown = self.dice.choice(self.forms)
            if shown.outcome is None:
                self._post(shown)
                return True
        shown = self._show()
        if shown is None:
            return False
        self.forms.append(shown)
        return True

    def repeat(self) -> bool:
        heard = [form for form in self.forms if form.outcome is not None]
        if not heard:
            return False
        shown = self.dice.choice(heard)
        with self._look() as session:
            before = row_counts(session)
        with self._act(self.office.officer) as tx:
            again = processes.complete_task(
                tx, shown.task_id, posted=shown.posted, revision=shown.revision, key=shown.key
            )
        assert again == replace(shown.outcome or again, repeated=True)
        with self._look() as session:
            assert row_counts(session) == before
        return True

    def misuse_key(self) -> bool:
        heard = [form for form in self.forms if form.outcome is not None]
        shown = self._show()
        if not heard or shown is None:
            return False
        shown.key = self.dice.choice(heard).key
        self._post(shown)
        raise AssertionError("a key was good for another form")

    def _show(self) -> Shown | None:
        with self._look() as session:
            tasks = session.scalars(select(Task).where(Task.status == "open").order_by(Task.created_at, Task.id)).all()
            if not tasks:
                return None
            task = self.dice.choice(tasks)
            revision = session.get_one(ProcessInstance, task.instance_id).revision
        posted = {name: [str(self.dice.randint(0, 2))] for name in VARIABLES} if task.form else {}
        return Shown(task.id, revision, uuid4().hex, posted)

    def _post(self, shown: Shown) -> None:
        with self._act(self.office.officer) as tx:
            outcome = processes.complete_task(
                tx, shown.task_id, posted=shown.posted, revision=shown.revision, key=shown.key
            )
        assert not outcome.repeated
        shown.outcome = outcome
        if shown not in self.forms:
            self.forms.append(shown)

    def send(self) -> bool:
        instance = self._a_run()
        with self._act() as tx:
            processes.send_message(tx, instance.case_id, self.dice.choice(MESSAGES), key=uuid4().hex)
        return True

    def send_twice(self) -> bool:
        instance, name, key = self._a_run(), self.dice.choice(MESSAGES), uuid4().hex
        outcomes = []
        for _ in range(2):
            with self._act() as tx:
                outcomes.append(processes.send_message(tx, instance.case_id, name, key=key))
        assert outcomes[1] == replace(outcomes[0], repeated=True)
        return True

    def later(self) -> bool:
        self.now += self.dice.choice((timedelta(minutes=5), timedelta(hours=12), timedelta(days=1), timedelta(days=5)))
        return True

    def earlier(self) -> bool:
        """The clock is set back; nothing that happened is undone by that."""
        # Never to before everybody got their roles.
        self.now = max(NOW, self.now - self.dice.choice((timedelta(minutes=2), timedelta(hours=3))))
        return True

    def work(self) -> bool:
        """Workers do all that is due, one of them perhaps by a clock that is a little fast."""
        at = self.now + self.dice.choice((timedelta(), timedelta(), timedelta(minutes=3)))
        with Session(self.database.engine, expire_on_commit=False) as session:
            run_due_jobs(session, self.workshop, at)
        self.worked_until = max(self.worked_until, at)
        return True

    def watch(self) -> bool:
        """What the clock of the queue asks for."""
        for task in ("processes.sweep", "processes.watch", "tasks.release"):
            with self._act() as tx:
                jobs.defer(tx.session, task)
            self.work()
        return True

    def lose_jobs(self) -> bool:
        """Whoever loses the queue loses no timer: the sweep finds it, five minutes late."""
        with self._act() as tx:
            tx.session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'processes.wake'"))
        self.now += timedelta(days=2)
        self.watch()
        with self._look() as session:
            left = session.scalar(
                text(
                    "SELECT count(*) FROM timer JOIN process_instance run ON run.id = timer.instance_id"
                    " WHERE due_at < :late AND suspended_at IS NULL AND NOT EXISTS (SELECT FROM incident"
                    " WHERE incident.instance_id = run.id)"
                ),
                {"late": self.now - timedelta(minutes=5)},
            )
        if not self.provider.out_of_order:
            assert left == 0, "the sweep has not found a timer"
        # Those of timers to come are gone until they are overdue.
        self.lost_jobs = True
        return True

    def suspend(self) -> bool:
        instance = self._a_run()
        with self._act() as tx:
            suspend(tx, instance.id, reason="Diperiksa.")
        return True

    def resume(self) -> bool:
        instance = self._a_run()
        with self._act() as tx:
            resume(tx, instance.id, reason="Selesai diperiksa.")
        return True

    def move(self) -> bool:
        instance = self._a_run()
        if not instance.tokens_at:
            return False
        with self._look() as session:
            element = self.dice.choice(instance.tokens_at)
            places = places_for(session, instance, element)
            if not places:
                return False
            target = self.dice.choice(places).id
        self.done[-1] += f" {element} to {target}"
        with self._act() as tx:
            told = preview(tx, instance.id, element, target)
        self.look()
        with self._act() as tx:
            done = move_token(tx, instance.id, element, target, reason="Salah tempat.", revision=told.revision)
        assert _without_ids(told) == _without_ids(done), "the preview said otherwise"
        return True

    def take(self) -> bool:
        shown = self._show()
        if shown is None:
            return False
        with self._act(self.dice.choice((self.office.officer, self.office.officer, self.office.colleague))) as tx:
            claim(tx, shown.task_id)
            save_draft(tx, shown.task_id, {"a": ["2"]})
        return True

    def give_back(self) -> bool:
        shown = self._show()
        if shown is None:
            return False
        with self._act(self.office.officer) as tx:
            release(tx, shown.task_id)
        return True

    def cancel(self) -> bool:
        instance = self._a_run()
        with self._act() as tx:
            processes.cancel(tx, instance.id, reason="trial")
        return True

    def recount(self) -> bool:
        instance = self._a_run()
        with self._act() as tx:
            recount(tx, instance.id)
        return True

    def break_provider(self) -> bool:
        self.provider.out_of_order = not self.provider.out_of_order
        return True

    def mend(self) -> bool:
        """The provider answers again, and an operator tries every incident anew."""
        self.provider.out_of_order = False
        with self._look() as session:
            retryable = select(Incident.id).where(Incident.state == "open", Incident.task.is_not(None))
            failed = session.scalars(retryable.order_by(Incident.first_at, Incident.id)).all()
        for incident_id in failed:
            with self._act() as tx:
                retry(tx, incident_id)
        self.work()
        with self._look() as session:
            still = session.scalars(select(Incident.cause_code).where(Incident.state == "open")).all()
        assert OUT_OF_ORDER not in still, "an incident stayed although its job went well"
        return True

    def migrate(self) -> bool:
        """Tried on copies, then done by jobs, of which some are lost; what the trial said must come true."""
        instance = self._a_run()
        drawn = changed(self.versions[instance.version_id], self.dice, instance.tokens_at)
        try:
            engine.parse({"main.bpmn": drawn.bpmn}, functions=FUNCTIONS)
        except BrokenDefinition:
            return False
        self.done[-1] += f": {drawn.what}"
        with self._act() as tx:
            version = self._publish(tx, drawn.bpmn)
        if version.id == instance.version_id:
            return False
        accepted = RISKS if self.dice.random() < 0.7 else frozenset()
        move = Move(instance.version_id, version.id, mapping=dict(drawn.mapping), accepted=accepted)
        # What is due happens before, by the old edition.
        self.work()
        self.now = max(self.now, self.worked_until)
        with self._act() as tx:
            told = {trial.instance_id: trial for trial in try_on_copies(tx, move)}
        foreseen, before = self._foreseen(move, told), {run: self._rows_of(run) for run in told}
        with self._act() as tx:
            batch = begin_batch(tx, move, reason="Edisi baru.").id
        if self.dice.random() < 0.4:
            # Killed after one case: its jobs are gone, and somebody goes on with it.
            with Session(self.database.engine, expire_on_commit=False) as session:
                run_due_jobs(session, self.workshop, self.now, most=1)
            with self._act() as tx:
                tx.session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'processes.migrate'"))
            with self._act() as tx:
                go_on(tx, batch)
                go_on(tx, batch)
        with Session(self.database.engine, expire_on_commit=False) as session:
            run_due_jobs(session, self.workshop, self.now)
        self._compare(batch, told, foreseen)
        self.batches.append((batch, before))
        return True

    def _foreseen(self, move: Move, told: Collection[UUID]) -> dict[UUID, tuple[State, Step]]:
        """Cross copies, to say what the real move must make of each case."""
        found = {}
        with self._act() as tx:
            crossing = crossing_of(tx.session, move)
            for instance_id in told:
                run = tx.session.get_one(ProcessInstance, instance_id, populate_existing=True)
                asked = {Provider.topic: lambda inputs: None}
                try:
                    crossed = migrate(crossing, State(run.tokens, run.variables), now=self.now, services=asked)
                except AmanahError:
                    continue
                found[instance_id] = (crossed.state, crossed.step)
        return found

    def _compare(self, batch: UUID, told: Mapping[UUID, Any], foreseen: Mapping[UUID, tuple[State, Step]]) -> None:
        with self._look() as session:
            results = session.scalars(select(MigrationResult).where(MigrationResult.batch_id == batch)).all()
            assert {result.instance_id for result in results} == set(told)
            for result in results:
                trial = told[result.instance_id]
                codes = {concern.code for concern in trial.concerns}
                if "step.follows" in codes and self.provider.out_of_order:
                    # Nobody can try what somebody else's service will say.
                    continue
                assert result.state == ("migrated" if trial.possible else "refused"), (
                    f"the trial said {trial.possible} {codes}, and it is {result.state} {result.findings}"
                )
                self.verbs[f"case {result.state}"] += 1
                if result.state == "refused":
                    assert result.findings, "refused without a word"
                    assert codes == {each["code"] for each in result.findings}
                    continue
                assert codes <= {each["code"] for each in result.findings}
                run = session.get_one(ProcessInstance, result.instance_id, options=[undefer(ProcessInstance.tokens)])
                if run.revision == result.revision and run.is_running:
                    state, step = foreseen[result.instance_id]
                    assert run.tokens == state.tokens, "the move went otherwise than on a copy"
                    assert run.tokens_at == list(step.tokens)

    def undo(self) -> bool:
        """Take the last batch back: all is as before, or it says that somebody has acted."""
        if not self.batches:
            return False
        batch, before = self.batches[-1]
        undone = False
        for instance_id, rows in before.items():
            with self._look() as session:
                result = session.get_one(MigrationResult, (batch, instance_id))
                untouched = (
                    result.state == "migrated"
                    and session.get_one(ProcessInstance, instance_id).revision == result.revision
                    and not any(each["code"] == "step.follows" for each in result.findings)
                )
            try:
                with self._act() as tx:
                    undo_case(tx, batch, instance_id)
            except Conflict as refused:
                if refused.code not in ("migration.acted", "migration.not_migrated"):
                    raise
                continue
            assert untouched, "somebody has acted, and it was taken back"
            undone = True
            after = self._rows_of(instance_id)
            # What others than the process did meanwhile stays.
            assert set(after["hands"]) <= set(rows["hands"])
            meanwhile = {name: after[name] for name in ("suspended", "hands")}
            assert after == rows | meanwhile, f"taken back to something else: {_differing(rows, after)}"
            self.verbs["case undone"] += 1
        return undone

    def _rows_of(self, instance_id: UUID) -> dict[str, Any]:
        """Give all that a case is, but for how often it was touched."""
        with self._look() as session:
            run = session.get_one(
                ProcessInstance,
                instance_id,
                options=[undefer(ProcessInstance.tokens), undefer(ProcessInstance.variables)],
            )
            tokens = orjson.loads(run.tokens)
            # Numbers of tokens are never given out twice.
            tokens[1] = 0
            rows = {
                name: sorted(str(row[0]) for row in session.execute(text(asked), {"run": run.id, "case": run.case_id}))
                for name, asked in _STANDS.items()
            }
            return {
                "tokens": tokens, "variables": run.variables, "edition": run.version_id, "at": run.tokens_at,
                "status": run.status, "suspended": run.suspended_at, **rows,
            }  # fmt: skip

    # --- small things ------------------------------------------------------------------------------------------------

    @contextmanager
    def _act(self, actor: Actor = SYSTEM) -> Iterator[Tx]:
        """Open an act; one that is refused has written nothing, unless it was refused after it had been saved."""
        with self._look() as session:
            tx = None
            try:
                with begin(session, actor, now=self.now) as tx:
                    yield tx
            except AmanahError as refused:
                if tx is None or tx.fate == "saved":
                    raise AssertionError("it was refused, and something was committed") from refused
                raise

    @contextmanager
    def _look(self) -> Iterator[Session]:
        with Session(self.database.engine, expire_on_commit=False) as session:
            yield session

    def _running(self) -> set[UUID]:
        with self._look() as session:
            asked = select(ProcessInstance.id).where(
                ProcessInstance.id.in_(self.seen), ProcessInstance.status == "running"
            )
            return set(session.scalars(asked))

    def _a_run(self) -> ProcessInstance:
        with self._look() as session:
            running = session.scalars(
                select(ProcessInstance)
                .where(ProcessInstance.id.in_(self.seen), ProcessInstance.status == "running")
                .order_by(ProcessInstance.started_at, ProcessInstance.case_id)
            ).all()
            places = {instance_id: place for place, instance_id in enumerate(self.seen)}
            return self.dice.choice(sorted(running, key=lambda run: places[run.id]))


_numbers = itertools.count(2)
# What no verb may be refused with here: the act would have lost what somebody did.
_NEVER = frozenset({
    "process.outrun", "process.false_end", "state.unreadable", "state.unknown_element", "process.no_role",
    "timer.not_running", "task.not_waiting",
})  # fmt: skip
# Everything about a run that is looked at after each verb.
_ROWS = text("""
    SELECT json_build_object(
        'tasks', (SELECT json_agg(json_build_array(engine_task, element)) FROM task
            WHERE instance_id = :run AND status = 'open'),
        'done', (SELECT json_agg(t::text) FROM task t WHERE instance_id = :run AND status = 'done'),
        'timers', (SELECT json_agg(json_build_array(engine_timer, element, due_at)) FROM timer
            WHERE instance_id = :run),
        'messages', (SELECT json_agg(json_build_array(name, element)) FROM awaited_message WHERE instance_id = :run),
        'deadlines', (SELECT count(*) FROM case_deadline
            WHERE case_id = :case AND met_at IS NULL AND stopped_at IS NULL),
        'steps', (SELECT json_agg(json_build_array(revision, changed, values) ORDER BY revision) FROM step_record
            WHERE instance_id = :run),
        'step_text', (SELECT json_agg(s::text ORDER BY revision) FROM step_record s WHERE instance_id = :run),
        'path', (SELECT json_agg(json_build_array(sequence, element, event) ORDER BY sequence) FROM path_step
            WHERE instance_id = :run),
        'path_text', (SELECT json_agg(p::text ORDER BY sequence) FROM path_step p WHERE instance_id = :run),
        'journal', (SELECT json_agg(j::text ORDER BY sequence) FROM journal_entry j WHERE case_id = :case))
""")
_QUEUE = text("""
    SELECT json_build_object(
        'timers', (SELECT json_agg(json_build_array(id, instance_id, due_at, job_id)) FROM timer),
        'jobs', (SELECT json_agg(json_build_array(id, status, scheduled_at, args)) FROM procrastinate_jobs
            WHERE task_name = 'processes.wake'),
        'incidents', (SELECT json_agg(json_build_array(kind, cause_code, instance_id)) FROM incident))
""")
# What makes out a case, for taking back a move.
_STANDS = {
    "tasks": "SELECT concat_ws('|', id, engine_task, element, name, lane, role, unit_id, form, deadline_id, due_at,"
    " priority, four_eyes, recusal) FROM task WHERE instance_id = :run AND status = 'open'",
    "timers": "SELECT concat_ws('|', engine_timer, element, due_at) FROM timer WHERE instance_id = :run",
    "messages": "SELECT concat_ws('|', name, element) FROM awaited_message WHERE instance_id = :run",
    "drafts": "SELECT d::text FROM task_draft d JOIN task ON task.id = d.task_id WHERE instance_id = :run",
    "hands": "SELECT concat_ws('|', id, assignee_id, claimed_at) FROM task"
    " WHERE instance_id = :run AND status = 'open' AND assignee_id IS NOT NULL",
    "deadlines": "SELECT concat_ws('|', deadline_id, round, due_at, met_at, stopped_at) FROM case_deadline"
    " WHERE case_id = :case",
    "stage": "SELECT stage FROM case_file WHERE id = :case",
}
_VERBS: Mapping[str, tuple[Callable[[Life], bool], int]] = {
    "complete": (Life.complete, 30),
    "complete later": (Life.complete_later, 8),
    "repeat": (Life.repeat, 5),
    "misuse key": (Life.misuse_key, 2),
    "send": (Life.send, 10),
    "send twice": (Life.send_twice, 4),
    "later": (Life.later, 10),
    "earlier": (Life.earlier, 3),
    "work": (Life.work, 12),
    "watch": (Life.watch, 3),
    "lose jobs": (Life.lose_jobs, 1),
    "suspend": (Life.suspend, 5),
    "resume": (Life.resume, 7),
    "move": (Life.move, 4),
    "take": (Life.take, 6),
    "give back": (Life.give_back, 3),
    "cancel": (Life.cancel, 1),
    "recount": (Life.recount, 2),
    "break provider": (Life.break_provider, 4),
    "mend": (Life.mend, 3),
    "migrate": (Life.migrate, 10),
    "undo": (Life.undo, 5),
}


def _staffed(bpmn: bytes, dice: random.Random) -> bytes:
    """Give every task a role and most a form, and have a provider asked in some places where something is counted."""
    text_ = bpmn.decode()
    parts = text_.split("<bpmn:userTask ")
    staffed = [parts[0]]
    for part in parts[1:]:
        form = f'camunda:formKey="{ANSWERS}" ' if dice.random() < 0.8 else ""
        staffed.append(f'camunda:candidateGroups="intake_officer" {form}{part}')
    made = "<bpmn:userTask ".join(staffed)
    pieces = made.split("<bpmn:scriptTask ")
    asked = [pieces[0]]
    for piece in pieces[1:]:
        head, _, rest = piece.partition(">")
        body, _, after = rest.partition("</bpmn:scriptTask>")
        if dice.random() < 0.5:
            identity = head.split('id="')[1].split('"')[0]
            asked.append(
                f'<bpmn:serviceTask id="{identity}" camunda:type="external" camunda:topic="{Provider.topic}">'
                f"</bpmn:serviceTask>{after}"
            )
        else:
            asked.append(f"<bpmn:scriptTask {head}>{body}</bpmn:scriptTask>{after}")
    return "".join(asked).encode()


def _manifest() -> bytes:
    """Give the sample's manifest with what random diagrams need."""
    manifest = yaml.safe_load((SAMPLE / "case-type.yml").read_text())
    for name in ("custody", "reporter_messages", "ladder"):
        manifest.pop(name, None)
    manifest["variables"] = {name: {"type": "number", "writers": ["filed"]} for name in VARIABLES}
    manifest["early_messages"] = {"news": "P3D", "reply": "PT2H"}
    return yaml.safe_dump(manifest).encode()


def _without_ids(told: Any) -> Any:
    return replace(told, revision=0)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {before[name]} -> {after[name]}" for name in before if before[name] != after[name])
