"""The rehearsal: a desk, a web process and a worker go through scripted cases, killed again and again, and replaced."""

import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import text

from workflows import jobs, launch
from workflows.chaos import dying, judging, office
from workflows.chaos.dying import Death
from workflows.chaos.nursery import ERRORS
from workflows.chaos.receiver import Receiver, receiving
from workflows.chaos.steplog import StepLog, script_of
from workflows.embedded_postgres import EmbeddedPostgres
from workflows.installation import Installation
from workflows.settings import Settings

# Who has the slots: a desk that calls the verbs, a web process, and one worker at a time, so that when it dies all that
# any worker held is known to be in dead hands.
_ROLES = ("desk", "web", "worker")
WORKER = 2
# Of so many cases one is the web process's, which reads and writes whole pages for every act.
_CASES_PER_WEB_CASE = 3
KILLED = -9
# A process in so many cases is killed; and at least this many are.
_CASES_PER_KILL, _FEWEST_KILLS = 4, 20
# Nothing takes this long; what is not done by then is lost. Seconds in all, and for each case.
_PATIENCE, _PATIENCE_PER_CASE = 120.0, 4.0
# A process that fails so many times in a row, killed by nobody, cannot work at all.
_FAILURES = 20
_LOOK = 0.1


@dataclass(frozen=True)
class Verdict:
    """How the rehearsal went."""

    cases: int
    seed: int
    # Processes that were killed, by where.
    kills: int
    places: Mapping[str, int]
    desk_kills: int
    web_kills: int
    worker_kills: int
    seconds: float
    # Who could not work at all and what it said last, since which the rehearsal was broken off; empty when all could.
    stalled: str
    findings: judging.Findings = field(repr=False)

    @property
    def kept(self) -> bool:
        """Whether nothing was lost, doubled or left half done."""
        return not (self.stalled or self.findings.lost or self.findings.doubled or self.findings.half)

    def as_json(self) -> str:
        """Give one JSON object for other programs."""
        numbers = {"cases": self.cases, "seed": self.seed, "kills": self.kills, "places": dict(self.places)}
        numbers |= {"desk_kills": self.desk_kills, "web_kills": self.web_kills, "worker_kills": self.worker_kills}
        numbers |= {"seconds": self.seconds, "stalled": self.stalled}
        found = vars(self.findings)
        return json.dumps(numbers | {name: len(each) for name, each in found.items()} | {"findings": found})


def rehearse_on_scratch(settings: Settings, *, cases: int, seed: int, kills: int | None = None) -> Verdict:
    """Rehearse on a database server of its own, gone afterwards. Raises BadSetting where real cases may live."""
    office.insist_on_scratch(settings)
    with tempfile.TemporaryDirectory(prefix="amanah-chaos-") as name:
        folder = Path(name)
        # The server runs as another user when we are root, and must be able to enter.
        folder.chmod(0o755)
        with EmbeddedPostgres(folder / "postgres", options={"fsync": "off"}) as server:
            server.ensure_database("chaos")
            installation = Installation(replace(settings, home=folder), server.url("chaos"), None)
            launch.migrate(installation)
            return rehearse(installation, folder, cases=cases, seed=seed, kills=kills)


def rehearse(installation: Installation, folder: Path, *, cases: int, seed: int, kills: int | None = None) -> Verdict:
    """Rehearse on an empty database with its tables; `folder` takes the step log and what children complain of."""
    began = time.monotonic()
    office.furnish(installation)
    with receiving() as receiver, _nursery(installation, receiver, folder, seed) as nursery:
        wanted = max(_FEWEST_KILLS, cases // _CASES_PER_KILL) if kills is None else kills
        rehearsal = _Rehearsal(installation, nursery, cases, seed, wanted)
        stalled = rehearsal.run()
    with installation.session() as session:
        findings = judging.judge(
            session, list(StepLog(folder / "steps.log").read()), receiver.taken, cases=cases, seed=seed
        )
    installation.engine.dispose()
    return Verdict(
        cases=cases,
        seed=seed,
        kills=rehearsal.deaths.total(),
        places=dict(sorted(Counter(place for _, place in rehearsal.deaths.elements()).items())),
        desk_kills=rehearsal.kills_of("desk"),
        web_kills=rehearsal.kills_of("web"),
        worker_kills=rehearsal.kills_of("worker"),
        seconds=round(time.monotonic() - began, 1),
        stalled=f"{stalled}: {_last_words(folder / ERRORS)}" if stalled else "",
        findings=findings,
    )


def _last_words(errors: Path) -> str:
    """Give the last line that a child complained with."""
    said = errors.read_text().split("\n") if errors.exists() else []
    return next((line for line in reversed(said) if line.strip()), "it said nothing")


class _Nursery:
    """The process that forks children, and what it has told since."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._told: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._aside: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def bear(self, order: dict[str, Any]) -> int:
        """Have a child made, and give its process id."""
        if self._process.stdin is None:
            raise RuntimeError("the nursery has no input")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._wait("born", 30.0)["born"])

    def wait_until_ready(self) -> None:
        """Wait until it has learned everything."""
        self._wait("ready", 60.0)

    def ended(self, seconds: float) -> dict[str, Any] | None:
        """Give the next end of a child, or None when there was none for so long."""
        if self._aside:
            return self._aside.pop(0)
        with _nothing_told():
            return self._told.get(timeout=seconds)
        return None

    def _wait(self, word: str, seconds: float) -> dict[str, Any]:
        while True:
            told = self._told.get(timeout=seconds)
            if word in told:
                return told
            self._aside.append(told)

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._told.put(json.loads(line))


@contextmanager
def _nothing_told() -> Iterator[None]:
    try:
        yield
    except Empty:
        return


@contextmanager
def _nursery(installation: Installation, receiver: Receiver, folder: Path, seed: int) -> Iterator[_Nursery]:
    environment = {
        **installation.environment({}),
        "AMANAH_HOME": str(folder),
        "AMANAH_DEFINITIONS": str(installation.settings.definitions),
        "PUBLIC_URL": "http://localhost",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(receiver.port),
        "MAIL_FROM": "amanah@localhost",
        # Of the web process; it signs nothing that outlives the rehearsal.
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    command = [sys.executable, "-m", "workflows.chaos.nursery", json.dumps(environment), str(folder), str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        nursery = _Nursery(process)
        try:
            nursery.wait_until_ready()
            yield nursery
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(30)


class _Rehearsal:
    """Keeps a desk, a web process and a worker alive until everything is done."""

    def __init__(self, installation: Installation, nursery: _Nursery, cases: int, seed: int, kills: int) -> None:
        self._installation, self._nursery = installation, nursery
        self._cases, self._kills = cases, kills
        self._chance = random.Random(seed)  # noqa: S311 (a rehearsal that can be repeated, no secret)
        # (slot, place) of every death; slots are places in `_ROLES`.
        self.deaths: Counter[tuple[int, str]] = Counter()
        # Process -> (slot, how it is to die, when it is killed by the clock).
        self._living: dict[int, tuple[int, Death, float]] = {}
        # Slot -> how often its process failed since one did not.
        self._failures: Counter[int] = Counter()
        # About how many acts lie between two deaths of one process; a little less, so that all deaths find their time.
        acts = cases * len(script_of(0, seed))
        self._acts = max(1.0, 0.7 * acts / max(kills, 1))

    def kills_of(self, role: str) -> int:
        """Tell how many processes of a role were killed."""
        return sum(number for (slot, _), number in self.deaths.items() if _ROLES[slot] == role)

    def run(self) -> str:
        """Go on until every desk is done and the worker has nothing left to do; name who cannot work at all."""
        until = time.monotonic() + _PATIENCE + _PATIENCE_PER_CASE * self._cases
        for slot in range(len(_ROLES)):
            self._replace(slot)
        while time.monotonic() < until:
            self._kill_by_the_clock()
            end = self._nursery.ended(_LOOK)
            if end is not None:
                self._bury(end)
            if self._stalled() or (not self._desks_left() and not self._busy()):
                break
        for process in list(self._living):
            os.kill(process, 15)
        while self._living:
            end = self._nursery.ended(30.0)
            if end is None:
                break
            self._living.pop(end["ended"], None)
        return self._stalled()

    def _stalled(self) -> str:
        """Name whose processes fail one after the other; empty when none do."""
        return next((_ROLES[slot] for slot, times in self._failures.items() if times >= _FAILURES), "")

    def _replace(self, slot: int) -> None:
        death = dying.drawn(self._chance, self._acts) if self.deaths.total() < self._kills else Death()
        role = _ROLES[slot]
        if role == "worker":
            self._declare_dead()
        is_web = [number % _CASES_PER_WEB_CASE == 1 for number in range(self._cases)]
        numbers = [number for number, web in enumerate(is_web) if role == ("web" if web else "desk")]
        armed = death if death.place != "clock" else Death()
        process = self._nursery.bear({"role": role, "numbers": numbers, **vars(armed)})
        at = time.monotonic() + death.number / 1000 if death.place == "clock" else float("inf")
        self._living[process] = (slot, death, at)

    def _kill_by_the_clock(self) -> None:
        for process, (slot, death, at) in list(self._living.items()):
            if at <= time.monotonic():
                os.kill(process, 9)
                self._living[process] = (slot, death, float("inf"))

    def _bury(self, end: dict[str, Any]) -> None:
        slot, death, _ = self._living.pop(end["ended"])
        self._failures[slot] = 0 if end["status"] in (0, KILLED) else self._failures[slot] + 1
        if end["status"] == KILLED:
            self.deaths[slot, death.place] += 1
        elif end["status"] == 0 and slot != WORKER:
            return
        self._replace(slot)

    def _desks_left(self) -> bool:
        return any(slot != WORKER for slot, _, _ in self._living.values())

    def _busy(self) -> bool:
        """Tell whether a worker has something to do now or in a moment; what waits for its next try need not wait."""
        with launch.acting(self._installation) as tx:
            tx.session.execute(
                text(
                    "UPDATE procrastinate_jobs SET scheduled_at = now()"
                    " WHERE status = 'todo' AND attempts > 0 AND scheduled_at > now()"
                )
            )
            return bool(
                tx.session.scalar(
                    text(
                        "SELECT EXISTS (SELECT 1 FROM timer) OR EXISTS (SELECT 1 FROM procrastinate_jobs"
                        " WHERE status = 'doing' OR status = 'todo' AND (scheduled_at IS NULL"
                        " OR scheduled_at <= now() + interval '1 minute' OR attempts > 0))"
                    )
                )
            )

    def _declare_dead(self) -> None:
        """Let the queue know what a heartbeat would tell it half a minute later, and have the jobs rescued."""
        with launch.acting(self._installation) as tx:
            tx.session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
            # A job that was in many dying hands is given up as the cause of their death; here it is chance alone.
            tx.session.execute(text("UPDATE procrastinate_jobs SET attempts = 1 WHERE attempts > 1"))
            jobs.defer(tx.session, "queue.rescue", queueing_lock="queue.rescue", timestamp=0)
