"""How many SQL statements does each act take? Counts every one that reaches the database, whoever sends it.

    .venv/bin/python bench/statements.py [--show ACT] [--json]

Takes half a minute, mostly for the office. Nothing is timed: the counts are the same on every machine. Each act is
counted in an office where it has been done before, so that what a process learns once (editions, forms) does not
count. Exits with 1 when filing or a plain step, one that leads to the next task and does nothing else, takes more than
was promised. `--show` prints the statements of one act.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from arguments import parser_of
from sqlalchemy import select

from workflows import launch
from workflows.access import policy
from workflows.catalogue.operations import publish
from workflows.embedded_postgres import EmbeddedPostgres
from workflows.installation import Installation
from workflows.intake.operations import submit_report
from workflows.people.queries import actor_for, user_by_login
from workflows.processes import by_hand
from workflows.processes.models import ProcessInstance, Timer
from workflows.processes.office import open_office
from workflows.processes.operations import NO_CONFLICT, complete_task, wake
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, SYSTEM, Actor, Tx, begin, read_clock

REPOSITORY = Path(__file__).parent.parent
# What an act may take, where it is promised; writing the answer is the plain step.
PROMISED = {"filing a report": 35, "writing the answer": 25}
VERIFIED = {
    "verification": ["verified"],
    "confirmed_class": ["complaint"],
    "problem_code": ["02"],
    NO_CONFLICT: ["true"],
}
REFERRED = {
    "handling_office": ["PUPR"],
    "instruction": ["Tindak lanjuti"],
    "urgency": ["normal"],
    NO_CONFLICT: ["true"],
}
FOLLOWED_UP = {"follow_up_result": ["ready"], "progress": ["Lampu diperiksa."], NO_CONFLICT: ["true"]}
ANSWERED = {"answer": ["Ketiga lampu telah diganti dan sudah menyala."], NO_CONFLICT: ["true"]}
REPORT = {
    "classification": ["complaint"],
    "title": ["Lampu jalan padam di depan sekolah"],
    "story": ["Sudah tiga malam lampu jalan di depan sekolah padam dan anak-anak takut pulang mengaji."],
    "district": ["12.05.07"],
    "latitude": ["3.7462"],
    "longitude": ["98.4497"],
    "name": ["Rahmat"],
    "email": ["rahmat@example.id"],
    "privacy_read": ["true"],
}


@dataclass
class Counter:
    """The statements of one act, in order, and what was sent with each."""

    sent: list[str]
    sent_with: list[tuple[str, Any]] = field(default_factory=list)

    def clear(self) -> None:
        """Begin anew."""
        self.sent.clear()
        self.sent_with.clear()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what any cursor of this process sends, for the length of the block."""
        plain = {name: getattr(psycopg.Cursor, name) for name in ("execute", "executemany")}

        def counted(name: str) -> Callable[..., Any]:
            def send(cursor: psycopg.Cursor[Any], query: Any, *arguments: Any, **named: Any) -> Any:
                text = query.as_string(None) if hasattr(query, "as_string") else query
                text = text.decode() if isinstance(text, bytes) else str(text)
                # The database gets one statement for each set of parameters.
                for given in arguments[0] if name == "executemany" else [arguments[0] if arguments else None]:
                    self.sent.append(" ".join(text.split()))
                    self.sent_with.append((text, given))
                return plain[name](cursor, query, *arguments, **named)

            return send

        for name in plain:
            setattr(psycopg.Cursor, name, counted(name))
        try:
            yield
        finally:
            for name, method in plain.items():
                setattr(psycopg.Cursor, name, method)


@dataclass
class Office:
    """The office in which the acts are done, and where the case of the round stands."""

    installation: Installation
    server: EmbeddedPostgres
    now: datetime
    case_id: UUID | None = None

    @contextmanager
    def act(self, login: str | None = None, *, actor: Actor = NOBODY) -> Iterator[Tx]:
        """Open an act in a session of its own, as a request does; the sign-in itself does not count."""
        with self.installation.session() as session:
            session.connection()
            if login is not None:
                user = user_by_login(session, login)
                assert user is not None
                actor = actor_for(session, user.id, self.now)
                session.expunge_all()
            with begin(session, actor, now=self.now) as tx:
                yield tx

    def task(self) -> UUID:
        """Give the id of the task that waits in the case."""
        with self.installation.session() as session:
            return session.scalars(select(Task.id).where(Task.case_id == self.case_id, Task.status == "open")).one()

    def instance(self) -> ProcessInstance:
        """Give the run of the case."""
        with self.installation.session() as session:
            return session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == self.case_id)).one()


def count(office: Office) -> dict[str, list[str]]:
    """Lead one case through its first steps and give the statements of each act."""
    taken: dict[str, list[str]] = {}

    @contextmanager
    def counted(act: str) -> Iterator[None]:
        counter = Counter([])
        with counter.counting():
            yield
        taken[act] = counter.sent

    def complete(act: str, login: str, posted: dict[str, list[str]]) -> None:
        task, revision = office.task(), office.instance().revision
        with office.act(login) as tx, counted(act):
            complete_task(tx, task, posted=posted, revision=revision, key=f"bench:{uuid4()}")
            tx.session.commit()

    with office.act() as tx, counted("filing a report"):
        office.case_id = submit_report(tx, "complaint", posted=REPORT, key=f"bench:{uuid4()}").case_id
        tx.session.commit()
    task = office.task()
    with office.act("petugas") as tx, counted("taking a task"):
        by_hand.claim(tx, task)
        tx.session.commit()
    complete("verifying the report", "petugas", VERIFIED)
    complete("referring it to an office", "petugas", REFERRED)
    complete("following it up", "opd", FOLLOWED_UP)
    complete("writing the answer", "opd", ANSWERED)
    instance = office.instance()
    with office.installation.session() as session:
        office.now = min(session.scalars(select(Timer.due_at).where(Timer.instance_id == instance.id)))
    with office.act(actor=SYSTEM) as tx, counted("waking at a timer"):
        assert wake(tx, instance.id) == 1
        tx.session.commit()
    return taken


@contextmanager
def an_office(*, durable: bool = False) -> Iterator[Office]:
    """Furnish the demonstration office on a server of its own, without any case.

    Unless it is to be `durable`, as a real one is, the server does not wait for the disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="amanah-bench-"))
    try:
        with EmbeddedPostgres(folder / "postgres", options={} if durable else {"fsync": "off"}) as server:
            server.ensure_database("office")
            address = server.url("office")
            environment = {
                "AMANAH_HOME": str(folder),
                "AMANAH_DEFINITIONS": str(REPOSITORY / "bpmn"),
                "DATABASE_URL": address,
                "SECRET_KEY": "benchmarks only",
            }
            installation = Installation(Settings.from_env(environment), address, None)
            launch.migrate(installation)
            launch.load_registers(installation)
            launch.furnish(installation)
            with launch.acting(installation) as tx:
                for case_type in launch.case_types(installation.settings.definitions):
                    publish(tx, case_type)
            policy.install()
            open_office(installation.settings)
            yield Office(installation, server, read_clock())
            installation.engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Count, show, and tell whether the promises are kept."""
    parser = parser_of(__doc__)
    parser.add_argument("--show", metavar="ACT", help="print the statements of this act")
    asked = parser.parse_args()
    with an_office() as office:
        count(office)
        taken = count(office)
    if asked.show is not None and asked.show not in taken:
        parser.error(f"{asked.show!r} is no act; there are {', '.join(taken)}")
    missed = [act for act, most in PROMISED.items() if len(taken[act]) > most]
    if asked.json:
        counts = {act: len(statements) for act, statements in taken.items()}
        print(json.dumps({"statements": counts, "promised": PROMISED, "missed": missed}))
        return 1 if missed else 0
    for act, statements in taken.items():
        most = PROMISED.get(act)
        print(f"{act:28}{len(statements):5}" + (f"   promised: at most {most}" if most is not None else ""))
    for statement in taken.get(asked.show or "", []):
        print(f"  {statement}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
