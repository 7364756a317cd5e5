"""How fast do very many timers fire that are due in the same minute, and what do people notice meanwhile?

    .venv/bin/python bench/timers.py [--timers N] [--workers 1,2,4] [--json]

Files one real report whose first reminder is due, grows it in SQL to as many cases as there shall be timers (20,000),
and lets one, two and four `amanah worker` processes drain the queue, each on a copy of the same database, which waits
for the disk as a real one does. Meanwhile somebody at a desk files and verifies reports, with the pauses of a person.
Tells how many timers fired in a second, how late the last ones were, and how long a step took against the quiet office.

Exits with 1 when a timer was lost or fired twice, or when with one worker the median step takes more than twice as long
as in the quiet office. What it is at is told on standard error. Workers give way to whatever else runs, so the rate
means something on an idle machine only; `--timers 1000` is quicker.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from statistics import median, quantiles
from threading import Event
from uuid import uuid4

import psycopg
from office import clone, give_jobs
from sqlalchemy import select
from statements import REPORT, VERIFIED, Office, an_office

from workflows.intake.operations import submit_report
from workflows.processes.models import ProcessInstance, Timer
from workflows.processes.operations import complete_task
from workflows.transaction import read_clock

TIMERS = 20_000
# More of either tell nothing else, and fill the machine.
MOST_TIMERS, MOST_WORKERS = 200_000, 16
# What a step may take with one worker, compared with the quiet office.
PROMISED = 2.0
# How long somebody at a desk thinks between two steps, in seconds.
THOUGHT = 0.1
QUIET_STEPS = 60
# Never set; waiting for it is a pause.
_PAUSE = Event()
# How often it is told how far the queue is drained, in seconds.
TOLD_EVERY = 10.0
# Nothing takes this long; only a worker that stands still gets there. Seconds for each timer, and at least so many.
PATIENCE = (0.1, 120.0)


@dataclass(frozen=True)
class Drained:
    """How one round went; durations in seconds, steps in milliseconds."""

    workers: int
    fired: int
    lost: int
    doubled: int
    per_second: float
    # From the moment at which the first one fired until it had fired: half of them, nearly all, the last.
    late_median: float
    late_95: float
    late_last: float
    step_median: float
    # Against the quiet office.
    foreground_factor: float


class Desk:
    """Somebody who files and verifies reports, and how long the verifying took."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._filed = 0

    def _report(self) -> dict[str, list[str]]:
        """Give a report from some hundred metres beside the last: each one at one place would be like all before it."""
        north, east = divmod(self._filed, 50)
        self._filed += 1
        return {**REPORT, "latitude": [f"{3.6 + 0.003 * north:.4f}"], "longitude": [f"{98.3 + 0.003 * east:.4f}"]}

    def step(self) -> float:
        """File a report and complete its first task; give the milliseconds of the second act, commit included."""
        office = self.office
        office.now = read_clock()
        with office.act() as tx:
            office.case_id = submit_report(tx, "complaint", posted=self._report(), key=f"bench:{uuid4()}").case_id
        task, revision = office.task(), office.instance().revision
        began = time.perf_counter()
        with office.act("petugas") as tx:
            complete_task(tx, task, posted=VERIFIED, revision=revision, key=f"bench:{uuid4()}")
        return (time.perf_counter() - began) * 1000

    def steps(self, goes_on: Callable[[int], bool]) -> list[float]:
        """Work, with pauses, while `goes_on` holds for the number of steps done; the first one does not count."""
        self.step()
        taken: list[float] = []
        while goes_on(len(taken)):
            taken.append(self.step())
            _PAUSE.wait(THOUGHT)
        return taken


def file_overdue(office: Office) -> None:
    """File a report just so long ago that its first timer is due by now."""
    for hours in range(0, 24 * 30, 6):
        office.now = read_clock() - timedelta(hours=hours)
        with office.act() as tx:
            office.case_id = submit_report(tx, "complaint", posted=REPORT, key=f"bench:{uuid4()}").case_id
            run = select(ProcessInstance.id).where(ProcessInstance.case_id == office.case_id).scalar_subquery()
            due = tx.session.scalars(select(Timer.due_at).where(Timer.instance_id == run).order_by(Timer.due_at))
            if next(iter(due)) <= read_clock() - timedelta(minutes=1):
                return
            tx.session.rollback()
    raise SystemExit("the reports of this office have no timer that would be due within a month")


def grow(office: Office, timers: int) -> None:
    """Copy the overdue case until that many timers are due."""
    address = office.installation.database_url
    with psycopg.connect(address, autocommit=True) as connection:
        due = _count(connection, "timer WHERE due_at <= now()")
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM procrastinate_jobs WHERE task_name <> 'processes.wake'")
        clone(connection, str(office.case_id), 1, max(timers // due - 1, 1), open_case=True, whole=True, shift=False)
        give_jobs(connection)
        connection.execute("VACUUM ANALYZE")


@contextmanager
def workers(office: Office, number: int) -> Iterator[None]:
    """Let so many `amanah worker` processes work for the length of the block."""
    environment = os.environ | {
        "AMANAH_HOME": str(office.installation.settings.home),
        "AMANAH_DEFINITIONS": str(office.installation.settings.definitions),
        "DATABASE_URL": office.installation.database_url,
        "SECRET_KEY": "benchmarks only",
    }
    started = [
        subprocess.Popen([sys.executable, "-m", "workflows.cli", "worker"], env=environment) for _ in range(number)
    ]
    try:
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(300)


def drain(office: Office, number: int, quiet: float) -> Drained:
    """Let the workers drain the queue, while somebody works, and tell how it went."""
    address = office.installation.database_url
    with psycopg.connect(address, autocommit=True) as connection:
        instant: datetime = connection.execute("SELECT now()").fetchone()[0]  # type: ignore[index]
        due = _count(connection, "timer WHERE due_at <= %s", instant)
        began = told_at = time.monotonic()

        def left(_: int = 0) -> bool:
            nonlocal told_at
            now, waiting = time.monotonic(), _count(connection, "timer WHERE due_at <= %s", instant)
            if now - told_at >= TOLD_EVERY:
                told_at = now
                _say(f"  {due - waiting} of {due} timers fired after {now - began:.0f} s")
            return waiting > 0 and now - began < max(PATIENCE[0] * due, PATIENCE[1])

        with workers(office, number):
            while left() and not _count(connection, "journal_entry WHERE kind = 'timer.fired'"):
                _PAUSE.wait(0.02)
            taken = Desk(office).steps(left)
        told = connection.execute(
            "SELECT case_id, facts->>'element', facts->>'due_at', count(*), max(at) FROM journal_entry"
            " WHERE kind = 'timer.fired' AND (facts->>'due_at')::timestamptz <= %s GROUP BY 1, 2, 3",
            [instant],
        ).fetchall()
    first = min(at for *_, at in told)
    late = sorted((at - first).total_seconds() for *_, at in told)
    return Drained(
        workers=number,
        fired=len(told),
        lost=due - len(told),
        doubled=sum(count - 1 for *_, count, _ in told),
        per_second=round(len(told) / late[-1], 1) if late[-1] else float(len(told)),
        late_median=round(median(late), 1),
        late_95=round(quantiles(late, n=20)[-1], 1),
        late_last=round(late[-1], 1),
        step_median=round(median(taken), 1) if taken else 0.0,
        foreground_factor=round(median(taken) / quiet, 2) if taken else 0.0,
    )


@contextmanager
def copied(office: Office) -> Iterator[Office]:
    """Lend a copy of the office, rows and all."""
    office.installation.engine.dispose()
    with psycopg.connect(office.server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE round TEMPLATE office")
        address = office.server.url("round")
        copy = replace(office, installation=replace(office.installation, database_url=address))
        try:
            yield copy
        finally:
            copy.installation.engine.dispose()
            connection.execute("DROP DATABASE round WITH (FORCE)")


def _count(connection: psycopg.Connection, rows: str, *given: object) -> int:
    found = connection.execute(f"SELECT count(*) FROM {rows}", given).fetchone()
    return int(found[0]) if found else 0


def _say(words: str) -> None:
    """Tell whoever waits what is being done."""
    print(words, file=sys.stderr, flush=True)


def _numbers(words: str) -> list[int]:
    """Read numbers of workers, such as 1,2,4."""
    numbers = [int(word) if word.isdecimal() else 0 for word in words.split(",")]
    if not all(1 <= number <= MOST_WORKERS for number in numbers):
        raise argparse.ArgumentTypeError(f"{words!r} is no list of numbers from 1 to {MOST_WORKERS}, such as 1,2,4")
    return numbers


def _some(words: str) -> int:
    """Read a number of timers."""
    if not words.isdecimal() or not 2 <= int(words) <= MOST_TIMERS:
        raise argparse.ArgumentTypeError(f"{words!r} is no number from 2 to {MOST_TIMERS}")
    return int(words)


def measure(timers: int, numbers: list[int]) -> tuple[float, list[Drained]]:
    """Give the median step of the quiet office in milliseconds, and how each number of workers drained the queue."""
    _say(f"furnishing an office where {timers} timers are due")
    with an_office(durable=True) as office:
        file_overdue(office)
        grow(office, timers)
        _say("somebody works in the quiet office")
        with copied(office) as still:
            quiet = median(Desk(still).steps(lambda done: done < QUIET_STEPS))
        rounds = []
        for number in numbers:
            _say(f"workers that drain the queue: {number}")
            with copied(office) as busy:
                rounds.append(drain(busy, number, quiet))
        return quiet, rounds


def main() -> int:
    """Measure, show, and tell whether the promises are kept."""
    parser = argparse.ArgumentParser(description="Drain many timers that are due at once.")
    parser.add_argument("--timers", type=_some, default=TIMERS, help=f"how many are due at once ({TIMERS})")
    parser.add_argument(
        "--workers", type=_numbers, default="1,2,4", help="numbers of worker processes, one round each (1,2,4)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    asked = parser.parse_args()
    quiet, rounds = measure(asked.timers, asked.workers)
    first = rounds[0]
    kept = all(not each.lost and not each.doubled for each in rounds)
    kept &= first.workers > 1 or first.foreground_factor <= PROMISED
    if asked.json:
        told = {"timers": asked.timers, "quiet_median": round(quiet, 1), "fired": first.fired}
        told |= {name: sum(getattr(each, name) for each in rounds) for name in ("lost", "doubled")}
        told |= {"foreground_factor": first.foreground_factor, "rounds": [asdict(each) for each in rounds]}
        print(json.dumps(told))
        return 0 if kept else 1
    print(f"quiet office: a step takes {quiet:.1f} ms (median)\n")
    print("workers   fired  lost  doubled  per second   late: median     95 %     last   step ms  factor")
    for each in rounds:
        print(
            f"{each.workers:7}{each.fired:8}{each.lost:6}{each.doubled:9}{each.per_second:12.1f}"
            f"{each.late_median:13.1f} s{each.late_95:7.1f} s{each.late_last:7.1f} s"
            f"{each.step_median:10.1f}{each.foreground_factor:8.2f}"
        )
    print(f"\npromised: none lost, none doubled, with one worker a step takes at most {PROMISED:g} times as long")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
