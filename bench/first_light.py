"""Does a large office feel like a small one? Files, completes steps, opens pages and prints in both, side by side.

    .venv/bin/python bench/first_light.py [--json]

Takes three to four minutes. The small office is the demonstration; the large one has 100,000 cases more, of which
20,000 are open with a task each (see `office.py`). Every act is done in one office and then in the other, in turn, so
that whatever else the machine does meets both alike. Exits with 1 when the inbox or a step of the large office takes
more than one and a half times as long as in the small one.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from statistics import median, quantiles
from typing import Any
from uuid import UUID, uuid4

import psycopg
from arguments import parser_of
from flask.testing import FlaskClient
from office import GROWN, two_offices
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.app import create_app
from webapp.extensions import limiter
from workflows.background.duties import workshop_of
from workflows.background.performing import attempt
from workflows.case_reports.operations import ask_report
from workflows.cases.models import Case
from workflows.installation import Installation
from workflows.intake.operations import submit_report
from workflows.people.queries import actor_for, user_by_login
from workflows.processes.by_hand import claim
from workflows.processes.operations import NO_CONFLICT, complete_task
from workflows.processes.queries import task_form
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, Actor, begin, read_clock

# How often each act is done in each office; the first round of each does not count.
ROUNDS, PRINTS = 31, 5
# What the ratio of the large office to the small one may be, where it is promised.
PROMISED = 1.5
SEARCHED = "lampu"
# Rows of a full page of the inbox.
DESK = 25


@dataclass
class Side:
    """One of the two offices, with those who act in it."""

    name: str
    installation: Installation
    officer: FlaskClient
    supervisor: FlaskClient
    # The case that was filed last, and its waiting task.
    case_id: UUID = field(default_factory=uuid4)
    number: str = ""
    # Rows of the table on the page that was opened last.
    rows: int = 0

    def session(self) -> Session:
        return self.installation.session()

    def actor(self, session: Session, login: str) -> Actor:
        user = user_by_login(session, login)
        return actor_for(session, user.id, read_clock()) if user is not None else NOBODY


@dataclass
class Measured:
    """What an act took in one office."""

    milliseconds: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    rows: int = 0


class Statements:
    """Counts the statements that any cursor of the process sends."""

    def __init__(self) -> None:
        self.sent = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        plain = {name: getattr(psycopg.Cursor, name) for name in ("execute", "executemany")}

        def counted(name: str) -> Callable[..., Any]:
            def send(cursor: psycopg.Cursor, *arguments: Any, **named: Any) -> Any:
                self.sent += 1
                return plain[name](cursor, *arguments, **named)

            return send

        for name in plain:
            setattr(psycopg.Cursor, name, counted(name))
        try:
            yield
        finally:
            for name, method in plain.items():
                setattr(psycopg.Cursor, name, method)


def file_report(side: Side) -> None:
    """A citizen files a report: receipt, case, process, first task."""
    posted = {
        "classification": ["complaint"],
        "title": ["Lampu jalan padam di depan sekolah"],
        "story": ["Sudah tiga malam lampu jalan di depan sekolah padam dan anak-anak takut pulang mengaji."],
        "district": ["12.05.07"],
        "latitude": ["3.7462"],
        "longitude": ["98.4497"],
        "name": ["Rahmat"],
        "privacy_read": ["true"],
    }
    with side.session() as session, begin(session, NOBODY) as tx:
        slip = submit_report(tx, "complaint", posted=posted, key=f"bench:{uuid4()}")
    side.case_id, side.number = slip.case_id, slip.number


def take_task(side: Side) -> None:
    """An officer takes the task that waits in the case."""
    with side.session() as session, begin(session, side.actor(session, "petugas")) as tx:
        claim(tx, _waiting_task(session, side.case_id).id)


def complete_step(side: Side) -> None:
    """The officer completes the step, which leads to the next one."""
    with side.session() as session, begin(session, side.actor(session, "petugas")) as tx:
        task = _waiting_task(session, side.case_id)
        complete_task(
            tx,
            task.id,
            posted={
                "verification": ["verified"],
                "confirmed_class": ["complaint"],
                "problem_code": ["02"],
                NO_CONFLICT: ["true"],
            },
            revision=task_form(session, tx.actor, task.id).revision,
            key=f"bench:{uuid4()}",
        )


def print_report(side: Side) -> None:
    """The worker prints the case report that was asked for."""
    settings = side.installation.settings
    workshop = workshop_of(settings, side.session)
    with side.session() as session:
        with begin(session, side.actor(session, "penyelia")) as tx:
            report_id = ask_report(tx, side.case_id).id
        done = attempt(session, workshop, "case_reports.print", {"report_id": str(report_id)}, read_clock(), attempts=0)
    if done.error is not None:
        raise done.error


def open_page(side: Side, address: str, who: str = "supervisor") -> None:
    """Somebody opens a page."""
    client: FlaskClient = getattr(side, who)
    response = client.get(address.format(number=side.number))
    assert response.status_code == 200, f"{address}: {response.status_code}"
    side.rows = max(response.get_data().count(b"<tr") - 1, 0)


ACTS: dict[str, tuple[Callable[[Side], None], int]] = {
    "filing a report": (file_report, ROUNDS),
    "taking a task": (take_task, ROUNDS),
    "completing a step": (complete_step, ROUNDS),
    "inbox, all": (partial(open_page, address="/tugas?lingkup=semua"), ROUNDS),
    "inbox, my unit": (partial(open_page, address="/tugas?lingkup=unit", who="officer"), ROUNDS),
    "inbox, mine": (partial(open_page, address="/tugas", who="officer"), ROUNDS),
    "inbox, search": (partial(open_page, address=f"/tugas?lingkup=semua&cari={SEARCHED}"), ROUNDS),
    "page of a case": (partial(open_page, address="/kasus/{number}"), ROUNDS),
    "printing a case report": (print_report, PRINTS),
}
HELD_TO = ("completing a step", "inbox, all", "inbox, my unit", "inbox, mine", "inbox, search")


def fill_desk(side: Side) -> None:
    """Let the officer hold as many tasks as a page shows, as one does in a large office."""
    for _ in range(DESK):
        file_report(side)
        take_task(side)


def prove_grown(side: Side) -> None:
    """Take and complete a task of a case that was grown: its saved process must run on as a real one does."""
    with side.session() as session:
        grown = select(Task.case_id).join(Case, Case.id == Task.case_id).where(Case.number.like(f"{GROWN}%"))
        untaken = grown.where(Task.status == "open", Task.element == "verify", Task.assignee_id.is_(None))
        side.case_id = session.scalars(untaken.limit(1)).one()
    take_task(side)
    complete_step(side)


def measure(sides: tuple[Side, Side]) -> dict[str, dict[str, Measured]]:
    """Do every act in both offices, in turn."""
    taken = {act: {side.name: Measured() for side in sides} for act in ACTS}
    statements = Statements()
    with statements.counting():
        for number in range(ROUNDS):
            for act, (do, rounds) in ACTS.items():
                for side in sides if number % 2 else reversed(sides):
                    if number >= rounds:
                        continue
                    gc.collect()
                    statements.sent, began = 0, time.perf_counter()
                    do(side)
                    if number:
                        taken[act][side.name].milliseconds.append((time.perf_counter() - began) * 1_000)
                        taken[act][side.name].statements.append(statements.sent)
                        taken[act][side.name].rows = side.rows
    return taken


def figures(taken: dict[str, dict[str, Measured]]) -> dict[str, dict[str, Any]]:
    """Give, for each act, what it took in either office, and the ratio of the large one to the small one."""
    told: dict[str, dict[str, Any]] = {}
    for act, both in taken.items():
        told[act] = {
            name: {
                "median_ms": round(median(each.milliseconds), 1),
                "p95_ms": round(quantiles(each.milliseconds, n=20)[-1], 1),
                "statements": median(each.statements),
                "rows": each.rows if act.startswith("inbox") else None,
            }
            for name, each in both.items()
        }
        ratio = median(both["large"].milliseconds) / median(both["small"].milliseconds)
        told[act] |= {"ratio": round(ratio, 3), "kept": act not in HELD_TO or ratio <= PROMISED}
    return told


def show(told: dict[str, dict[str, Any]]) -> None:
    """Print the figures."""
    print(f"\n{'':26}{'small office':>24}{'large office':>24}{'ratio':>8}{'statements':>13}{'rows':>13}")
    print(f"{'':26}{'median':>14}{'95 %':>10}{'median':>14}{'95 %':>10}{'':>8}{'small  large':>13}{'small  large':>13}")
    for act, each in told.items():
        small, large = each["small"], each["large"]
        timed = "".join(f"{side['median_ms']:11.1f} ms{side['p95_ms']:7.1f} ms" for side in (small, large))
        counted = f"{small['statements']:6.0f}{large['statements']:7.0f}"
        mark = ("  ok" if each["kept"] else f"  more than {PROMISED}") if act in HELD_TO else ""
        rows = f"{small['rows']:5}{large['rows']:7}" if small["rows"] is not None else ""
        print(f"{act:26}{timed}{each['ratio']:8.2f}{counted:>13}{rows:>13}{mark}")


def _waiting_task(session: Session, case_id: UUID) -> Task:
    return session.scalars(select(Task).where(Task.case_id == case_id, Task.status == "open")).one()


def _side(name: str, installation: Installation, passwords: Any) -> Side:
    app = create_app(installation.settings)
    clients = {}
    for login in ("petugas", "penyelia"):
        clients[login] = app.test_client()
        page = clients[login].get("/masuk").get_data(as_text=True)
        token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        answer = clients[login].post("/masuk", data={"login": login, "password": passwords[login], "csrf_token": token})
        assert answer.status_code == 303, f"{login} cannot sign in: {answer.status_code}"
    return Side(name, installation, clients["petugas"], clients["penyelia"])


def main() -> int:
    """Build the offices, measure, show."""
    asked = parser_of(__doc__).parse_args()
    began = time.monotonic()
    limiter.enabled = False
    _say("building both offices, which takes most of the time")
    # The answer alone goes to standard output.
    with redirect_stdout(sys.stderr), two_offices() as offices:
        _say(f"offices ready after {time.monotonic() - began:.0f} s; the large one has")
        _say("  " + ", ".join(f"{count:,} {name}" for name, count in offices.rows.items()))
        sides = (
            _side("small", offices.small, offices.passwords),
            _side("large", offices.large, offices.passwords),
        )
        with sides[1].session() as session:
            waiting = session.query(Task).filter(Task.status == "open").count()
            cases = session.query(Case).count()
            _say(f"  {cases:,} cases, {waiting:,} waiting tasks")
        fill_desk(sides[0])
        prove_grown(sides[1])
        told = figures(measure(sides))
    seconds = round(time.monotonic() - began)
    if asked.json:
        print(json.dumps({"cases": cases, "open_tasks": waiting, "seconds": seconds, "acts": told}))
    else:
        show(told)
        print(f"\n{seconds} s in all")
    return 0 if all(each["kept"] for each in told.values()) else 1


def _say(words: str) -> None:
    """Tell whoever waits what is being done."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
