"""What does a whole act cost on PostgreSQL: lock, engine, task, journal, timer and job rows, commit?

    .venv/bin/python bench/transitions.py [--json] [--rounds 7] [--profile]

Takes a few minutes. The reference lifecycle (`bench/lifecycle`, twenty-one acts) is published as a case type and
worked through with the verbs that the web calls, `complete_task` and `send_message`, with their forms, the law of
access, the contents and the circle: nothing is special. First both spellings are played side by side and must wait for
the same after each act. Then every case is worked through once with everything that goes over the wire written down,
and four ways of doing the same are timed on copies of that database, in turn:

* ours: the verbs.
* limit: the statements that ours sent, word for word, through a Core connection of SQLAlchemy; no engine, no law.
* driver: the same through psycopg alone.
* plain: SpiffWorkflow with its own serializer, its JSON in a locked row, and the same task, journal, timer and job rows
  in Core statements, one for all rows of a kind.

Each client is a process with a connection of its own, and looks for garbage as seldom as a web process does, whichever
way it works; what it looks through is what it made itself, within the acts that are timed. The time between acts, in
which a client looks up the next task, does not count. In a turn each way works through one case per client, there and
back (ours, limit, driver, plain, plain, driver, limit, ours), so that a machine that grows slower meanwhile is slower
for all. In a round one client has three turns, two and four clients one each. Of the ratios within a turn the median is
told: `plain_ratio`, acts per second of ours / plain with one client, at least 3; `limit_share`, ours / limit, at least
1/3; within a round `growth`, two clients / one, at least 1.3. `statements` is the median of ours per act without BEGIN
and COMMIT; at most 8. Exits with 1 when a promise is missed. `--profile` shows where one client's time goes instead.
"""

import argparse
import cProfile
import gc
import json
import multiprocessing
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import psycopg
from lifecycle.edition import ROLES, edition, posted
from lifecycle.stock_engine import FOLDER, Stock, read
from lifecycle.story import Act, story
from sqlalchemy import Column, Engine, MetaData, Table, Text, Uuid, create_engine, delete, insert, select, text, update
from sqlalchemy.orm import Session
from statements import Counter, Office, an_office

from workflows.cases.operations import open_case
from workflows.catalogue.operations import publish
from workflows.connections import LivingPool
from workflows.engine import Definition, State, Step, complete, deliver, parse, start
from workflows.garbage import look_less_often
from workflows.journal.models import JournalEntry, JournalHead
from workflows.people.queries import actor_for, holders_of
from workflows.processes import operations as processes
from workflows.processes.models import Timer
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, begin, read_clock

# Numbers of clients, and how many turns each has in a round: what is promised rests on one client most.
TURNS = {1: 3, 2: 1, 4: 1}
# Cases with which each client warms up. psycopg prepares a statement at its sixth use, and PostgreSQL keeps its plan
# after five more; most statements come once in a case. An office's process is past that in minutes and stays for weeks.
WARM = 12
ACTS = story()
PROMISES: dict[str, tuple[str, float]] = {
    "plain_ratio": ("at least", 3.0),
    "limit_share": ("at least", 1 / 3),
    "statements": ("at most", 8),
    "growth": ("at least", 1.3),
}
# The table in which plain SpiffWorkflow keeps its cases.
PLAIN = Table("plain_case", MetaData(), Column("id", Uuid, primary_key=True), Column("state", Text, nullable=False))


@dataclass
class Written:
    """What one act sent to the database, and the rows that it left."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    # Task that was completed; None for a message.
    done: UUID | None = None
    tasks: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    # Timers that it took away, by the engine's id, with their jobs.
    gone: list[tuple[str, int]] = field(default_factory=list)
    # Jobs that it deferred, as the rows that the queue's own function takes.
    jobs: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Prepared:
    """A case that waits for its first act, and the acts as they were written down."""

    case_id: UUID
    # When its first act is done; the others follow by a minute each.
    begins: datetime
    acts: list[Written] = field(default_factory=list)


# --- both spellings wait for the same ------------------------------------------------------------------------------


def same_trace(stock: Stock, ours: Definition, now: datetime) -> None:
    """Play both, saved and loaded between any two acts; they must wait for the same after each."""
    workflow, (state, step) = stock.start(), start(ours, now=now)
    for act in ACTS:
        assert stock.seen(workflow) == seen(step), act.name
        workflow = stock.load(stock.save(workflow))
        stock.do(workflow, act)
        state, step = act_on(ours, state, step, act, now)
    assert workflow.is_completed()
    assert step.ended


def seen(step: Step) -> tuple[list[str], list[str], list[str]]:
    """Name the tasks, messages and timers that wait."""
    return (
        sorted(task.element for task in step.tasks),
        sorted(message.name for message in step.messages),
        sorted(timer.element for timer in step.timers),
    )


def act_on(definition: Definition, state: State, step: Step, act: Act, now: datetime) -> tuple[State, Step]:
    """Move our instance by one act."""
    if act.is_message:
        return deliver(definition, state, act.name, act.answers, now=now)
    task = next(task for task in step.tasks if task.element == act.name)
    return complete(definition, state, task.id, act.answers, now=now)


def _engine(address: str) -> Engine:
    """Give an engine as `Installation.engine` makes it: a connection that has rested is tried before it is lent."""
    return create_engine(address, poolclass=LivingPool, hide_parameters=True)


# --- the four ways -------------------------------------------------------------------------------------------------


class Ours:
    """The verbs, as the web calls them."""

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)
        self._watcher = psycopg.connect(address, autocommit=True)
        self._actors: dict[str, Actor] = {}
        with Session(self._engine) as session:
            for role in ROLES.values():
                now = read_clock()
                holder = holders_of(session, role, now)[0]
                self._actors[role] = actor_for(session, holder.id, now)

    def acts(self, case: Prepared) -> Iterator[float]:
        """Work through the case and give the seconds of each act."""
        instance, revision = self._watcher.execute(
            "SELECT id, revision FROM process_instance WHERE case_id = %s", [case.case_id]
        ).fetchone() or (None, 0)
        for number, act in enumerate(ACTS):
            now, key, answers = case.begins + timedelta(minutes=number), f"bench:{uuid4()}", posted(act)
            actor = Actor(kind="reporter", case_id=case.case_id)
            task_id = None
            if not act.is_message:
                task_id, role = self._watcher.execute(
                    "SELECT id, role FROM task WHERE instance_id = %s AND element = %s AND status = 'open'",
                    [instance, act.name],
                ).fetchone() or (uuid4(), "")
                actor = self._actors[role]
            began = time.perf_counter()
            with Session(self._engine, expire_on_commit=False) as session, begin(session, actor, now=now) as tx:
                if task_id is None:
                    outcome = processes.send_message(tx, case.case_id, act.name, posted=answers, key=key)
                else:
                    outcome = processes.complete_task(tx, task_id, posted=answers, revision=revision, key=key)
            seconds = time.perf_counter() - began
            revision = outcome.revision
            yield seconds
        assert outcome.ended


class Limit:
    """The same statements through a Core connection."""

    def __init__(self, address: str) -> None:
        self._engine = create_engine(address)

    def acts(self, case: Prepared) -> Iterator[float]:
        """Send what was written down and give the seconds of each act."""
        for act in case.acts:
            began = time.perf_counter()
            with self._engine.begin() as connection:
                for statement, parameters in act.statements:
                    answer = connection.exec_driver_sql(statement, parameters)
                    if answer.returns_rows:
                        answer.all()
            yield time.perf_counter() - began


class Driver:
    """The same statements through psycopg alone."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address)

    def acts(self, case: Prepared) -> Iterator[float]:
        """Send what was written down and give the seconds of each act."""
        for act in case.acts:
            began = time.perf_counter()
            for statement, parameters in act.statements:
                answer = self._connection.execute(statement, parameters)
                if answer.description is not None:
                    answer.fetchall()
            self._connection.commit()
            yield time.perf_counter() - began


class Plain:
    """SpiffWorkflow with its own serializer, and the same rows beside it."""

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)
        self._stock = Stock()
        with self._engine.begin() as connection:
            PLAIN.create(connection, checkfirst=True)

    def acts(self, case: Prepared) -> Iterator[float]:
        """Work through the case and give the seconds of each act."""
        with self._engine.begin() as connection:
            connection.execute(insert(PLAIN), {"id": case.case_id, "state": self._stock.save(self._stock.start())})
        for act, written in zip(ACTS, case.acts, strict=True):
            began = time.perf_counter()
            self._act(case, act, written)
            yield time.perf_counter() - began

    def _act(self, case: Prepared, act: Act, written: Written) -> None:
        mine = PLAIN.c.id == case.case_id
        with self._engine.begin() as connection:
            workflow = self._stock.load(connection.scalar(select(PLAIN.c.state).where(mine).with_for_update()) or "")
            self._stock.do(workflow, act)
            # What waits now is what rows are made of; as the saved workflow holds it, somebody must walk through it.
            self._stock.seen(workflow)
            connection.execute(update(PLAIN).where(mine).values(state=self._stock.save(workflow)))
            if written.done is not None:
                done = {"status": "done", "completed_at": case.begins}
                connection.execute(update(Task.__table__).where(Task.id == written.done).values(**done))
            if written.tasks:
                connection.execute(insert(Task.__table__), written.tasks)
            if written.jobs:
                connection.execute(DEFER, {"jobs": json.dumps(written.jobs)})
            if written.timers:
                connection.execute(insert(Timer.__table__), written.timers)
            if written.gone:
                names = [name for name, _job in written.gone]
                connection.execute(delete(Timer.__table__).where(Timer.engine_timer.in_(names)))
                connection.execute(CANCEL, {"jobs": [job for _name, job in written.gone]})
            chain = JournalHead.case_id == case.case_id
            connection.execute(select(JournalHead.sequence, JournalHead.hash).where(chain).with_for_update()).all()
            connection.execute(insert(JournalEntry.__table__), written.entries)
            last = {name: written.entries[-1][name] for name in ("sequence", "hash")}
            connection.execute(update(JournalHead.__table__).where(chain).values(**last))


DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg(job))"
    " FROM jsonb_populate_recordset(NULL::procrastinate_job_to_defer_v1, CAST(:jobs AS jsonb)) job"
)
CANCEL = text("SELECT count(procrastinate_cancel_job_v1(job, false, true)) FROM unnest(CAST(:jobs AS bigint[])) job")
WAYS: dict[str, Callable[[str], Ours | Limit | Driver | Plain]] = {
    "ours": Ours,
    "limit": Limit,
    "driver": Driver,
    "plain": Plain,
}


# --- preparing -----------------------------------------------------------------------------------------------------


def prepare(office: Office, count: int) -> list[Prepared]:
    """Publish the lifecycle and open that many cases on it."""
    made = []
    with office.act(actor=SYSTEM) as tx:
        version_id = publish(tx, edition()).id
    for number in range(count):
        with office.act(actor=SYSTEM) as tx:
            case = open_case(tx, case_type="lifecycle", number_pattern="LC-{year}-{sequence:05d}", title="Siklus")
            processes.start(tx, case.id, version_id, {})
            made.append(Prepared(case.id, office.now + timedelta(hours=1 + number)))
    return made


def write_down(address: str, cases: Sequence[Prepared]) -> None:
    """Work through each case once, untimed, and keep what every act sent and which rows it left."""
    ours = Ours(address)
    with psycopg.connect(address, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        for case in cases:
            before = _timers(connection, case)
            jobs_seen = _last_job(connection)
            counter = Counter([])
            acts = ours.acts(case)
            for number in range(len(ACTS)):
                with counter.counting():
                    next(acts)
                # The client's own look at the next task is not the act's.
                sent = [pair for pair in counter.sent_with if "FROM task WHERE instance_id = %s" not in pair[0]]
                sent = [pair for pair in sent if "FROM process_instance WHERE case_id = %s" not in pair[0]]
                counter.clear()
                after = _timers(connection, case)
                written = Written(statements=sent)
                _rows(connection, case, case.begins + timedelta(minutes=number), written)
                written.timers = [row for name, row in after.items() if name not in before]
                written.gone = [(name, row["job_id"]) for name, row in before.items() if name not in after]
                written.jobs = _jobs(connection, jobs_seen)
                case.acts.append(written)
                before, jobs_seen = after, _last_job(connection)
            acts.close()


def _timers(connection: Any, case: Prepared) -> dict[str, dict[str, Any]]:
    rows = connection.execute(
        "SELECT timer.instance_id, engine_timer, element, due_at, job_id FROM timer"
        " JOIN process_instance i ON i.id = timer.instance_id WHERE i.case_id = %s",
        [case.case_id],
    )
    return {row["engine_timer"]: row for row in rows}


def _rows(connection: Any, case: Prepared, at: datetime, written: Written) -> None:
    find = "SELECT * FROM {} WHERE case_id = %s AND {} = %s ORDER BY {}"
    for task in connection.execute(find.format("task", "created_at", "id"), [case.case_id, at]):
        # As it was made: nobody had it yet.
        written.tasks.append({**task, "assignee_id": None, "claimed_at": None, "status": "open"})
    for task in connection.execute(find.format("task", "completed_at", "id"), [case.case_id, at]):
        written.done = task["id"]
    for entry in connection.execute(find.format("journal_entry", "at", "sequence"), [case.case_id, at]):
        del entry["id"]
        written.entries.append(entry)


def _last_job(connection: Any) -> int:
    return int(connection.execute("SELECT coalesce(max(id), 0) AS last FROM procrastinate_jobs").fetchone()["last"])


def _jobs(connection: Any, after: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at FROM procrastinate_jobs"
        " WHERE id > %s ORDER BY id",
        [after],
    )
    return [{**row, "scheduled_at": row["scheduled_at"] and row["scheduled_at"].isoformat()} for row in rows]


# --- measuring -----------------------------------------------------------------------------------------------------


def client(pipe: Any, way: str, address: str, cases: Sequence[Prepared]) -> None:
    """Work through the cases that are asked for, and answer with the seconds of each act."""
    working = WAYS[way](address)
    look_less_often()
    # What was prepared for all is nobody's garbage, and no client makes it look longer for that of its own.
    gc.freeze()
    pipe.send("ready")
    while (asked := pipe.recv()) is not None:
        pipe.send([seconds for number in asked for seconds in working.acts(cases[number])])


@contextmanager
def clients(way: str, address: str, cases: Sequence[Prepared]) -> Iterator[Callable[..., list[list[float]]]]:
    """Start as many processes as ever work at once, and lend what has some of them work through cases."""
    context = multiprocessing.get_context("fork")
    started = []
    for _ in range(max(TURNS)):
        here, there = context.Pipe()
        process = context.Process(target=client, args=(there, way, address, cases), daemon=True)
        process.start()
        assert here.recv() == "ready"
        started.append((here, process))

    def work(shares: Sequence[Sequence[int]]) -> list[list[float]]:
        for share, (here, _process) in zip(shares, started, strict=False):
            here.send(share)
        return [here.recv() for _share, (here, _process) in zip(shares, started, strict=False)]

    try:
        yield work
    finally:
        for here, process in started:
            here.send(None)
            process.join()


# Of each way and number of clients the turns; of each turn the clients; of each client the seconds of its acts.
Spent = dict[tuple[str, int], list[list[list[float]]]]


def measure(office: Office, rounds: int) -> dict[str, Any]:
    """Prepare, copy, time in turn, and give the figures."""
    turns = [count for _ in range(rounds) for count, often in TURNS.items() for _ in range(often)]
    cases = prepare(office, max(TURNS) * WARM + 2 * sum(turns))
    server = office.server
    office.installation.engine.dispose()
    for copy in ("written", *WAYS):
        with closing(psycopg.connect(server.url("postgres"), autocommit=True)) as connection:
            connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "office"')
    write_down(server.url("written"), cases)

    fresh = iter(range(len(cases)))
    spent: Spent = {(way, count): [] for way in WAYS for count in TURNS}
    with ExitStack() as stack:
        ways = {way: stack.enter_context(clients(way, server.url(way), cases)) for way in WAYS}
        shares = [[next(fresh) for _ in range(WARM)] for _ in range(max(TURNS))]
        for work in ways.values():
            work(shares)
        for count in turns:
            there, back = ([[next(fresh)] for _ in range(count)] for _ in range(2))
            gone = {way: work(there) for way, work in ways.items()}
            come = {way: ways[way](back) for way in reversed(ways)}
            for way in WAYS:
                spent[way, count].append([[*one, *two] for one, two in zip(gone[way], come[way], strict=True)])
    return figures(spent, [len(act.statements) for case in cases for act in case.acts])


def figures(spent: Spent, counts: Sequence[int]) -> dict[str, Any]:
    """Make the figures: acts per second of a turn, and what is to be told of them."""
    rates = {key: [sum(len(mine) / sum(mine) for mine in turn) for turn in turns] for key, turns in spent.items()}

    def ratio(way: str, other: str) -> float:
        return median(one / two for one, two in zip(rates[way, 1], rates[other, 1], strict=True))

    often = TURNS[1]
    alone = [median(rates["ours", 1][at : at + often]) for at in range(0, len(rates["ours", 1]), often)]
    told: dict[str, Any] = {
        "plain_ratio": ratio("ours", "plain"),
        "limit_share": ratio("ours", "limit"),
        "driver_share": ratio("ours", "driver"),
        "statements": median(counts),
        "most_statements": max(counts),
        "growth": median(two / one for two, one in zip(rates["ours", 2], alone, strict=True)),
    }
    for (way, count), values in rates.items():
        told[f"{way}_{count}_acts_per_second"] = median(values)
    for way in WAYS:
        told[f"{way}_act_ms"] = median(second for turn in spent[way, 1] for mine in turn for second in mine) * 1e3
    return told


def profile(office: Office, rounds: int) -> None:
    """Show where the time of one client goes."""
    cases = prepare(office, rounds + 2)
    office.installation.engine.dispose()
    ours = Ours(office.server.url("office"))
    for case in cases[:2]:
        list(ours.acts(case))
    profiler = cProfile.Profile()
    spent = []
    for case in cases[2:]:
        profiler.enable()
        spent += list(ours.acts(case))
        profiler.disable()
    print(f"{median(spent) * 1e3:.2f} ms per act under the profiler")
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(70)


def kept(name: str, value: float) -> bool:
    """Tell whether a promise was kept."""
    way, bound = PROMISES[name]
    return value >= bound if way == "at least" else value <= bound


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description="Measure whole acts on PostgreSQL.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=7, help="of turns; in a profile, of the lifecycle")
    parser.add_argument("--profile", action="store_true", help="show where the time of one client goes instead")
    asked = parser.parse_args()
    with an_office(durable=True) as office:
        same_trace(Stock(), parse(read(FOLDER.parent / "ours"), "complaint"), office.now)
        if asked.profile:
            profile(office, asked.rounds)
            return 0
        told = measure(office, asked.rounds)
    if asked.json:
        print(json.dumps({name: round(value, 4) for name, value in told.items()}))
    else:
        print(f"{'figure':<28}{'value':>12}   promised")
        for name, value in told.items():
            way, bound = PROMISES.get(name, ("", 0.0))
            promised = f"{way} {bound:.3g}{'' if kept(name, value) else '  MISSED'}" if way else ""
            print(f"{name:<28}{value:>12.3f}   {promised}")
    return 0 if all(kept(name, told[name]) for name in PROMISES) else 1


if __name__ == "__main__":
    sys.exit(main())
