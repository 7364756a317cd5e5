"""A nursery of `amanah worker` processes, each of which dies by SIGKILL at a place that it was told.

Reads one order per line: `<place> <number>`, forks a worker from the warm process, waits for its end, and answers with
the worker's exit status. `file-before <key>` and `file-after <key>` file a report instead, and die before or after
its commit. Places: `before-commit` and `after-commit` (of the numbered commit of a job), `print` (while a
PDF is being made), `send` (while the mail server has the mail), `never` (works until nothing is left, then stops).
Run it with the environment of an installation; the program under test knows nothing of it.
"""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

# Loaded here, once for all workers: each of them would load it anew for its first print.
import weasyprint  # noqa: F401
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from stories import REPORT, posted
from workflows import cli
from workflows.access import policy
from workflows.catalogue import queries as catalogue
from workflows.intake.operations import submit_report
from workflows.letters import render
from workflows.notices import senders
from workflows.processes.office import open_office
from workflows.settings import Settings
from workflows.transaction import NOBODY, begin


def die() -> None:
    """End as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(place: str, number: int) -> None:
    """Arrange the end of this process."""
    left = [number]
    lock = threading.Lock()

    def counted() -> bool:
        with lock:
            left[0] -= 1
            return left[0] == 0

    def around(genuine: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
        def wrapped(*given: Any, **named: Any) -> Any:
            now = counted()
            if now and before:
                die()
            answer = genuine(*given, **named)
            if now:
                die()
            return answer

        return wrapped

    if place in {"before-commit", "after-commit"}:
        Session.commit = around(Session.commit, before=place == "before-commit")  # type: ignore[method-assign]
    elif place == "print":
        render.pdf = around(render.pdf, before=False)
    elif place == "send":
        senders.SmtpSender.send = around(senders.SmtpSender.send, before=False)  # type: ignore[method-assign]


def stop_when_idle() -> None:
    """Ask this worker to stop as soon as nothing is left to do."""
    engine = create_engine(os.environ["DATABASE_URL"])
    waiting = text(
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
        " OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
    )

    def watch() -> None:
        pause = threading.Event()
        with engine.connect() as connection:
            while connection.execute(waiting).scalar_one():
                connection.rollback()
                pause.wait(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def file_and_die(place: str, key: str) -> None:
    """File a report as a web process does that is killed."""
    settings = Settings.from_env(os.environ)
    policy.install()
    open_office(settings)
    with Session(create_engine(os.environ["DATABASE_URL"])) as session, begin(session, NOBODY) as tx:
        submit_report(tx, "complaint", posted=posted(REPORT), key=key)
        tx.session.flush()
        if place == "file-before":
            die()
    die()


def learn() -> None:
    """Read the case type once for all workers, and forget the connection by which it was read."""
    engine = create_engine(os.environ["DATABASE_URL"])
    with Session(engine) as session:
        catalogue.definition(session, catalogue.newest_version(session, "complaint"))
    engine.dispose()


def main() -> None:
    """Answer orders until the input ends."""
    learn()
    # What was loaded stays where it is, for all workers.
    gc.freeze()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        place, number = line.split()
        child = os.fork()
        if child == 0:
            if place.startswith("file-"):
                file_and_die(place, number)
            die_at(place, int(number))
            stop_when_idle()
            os._exit(cli.main(["worker"]))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
