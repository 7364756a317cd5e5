"""The nursery: forks desks, web processes and workers from a process that knows everything, and tells of their ends.

Reads one order per line of its input, as JSON, and answers with `{"born": pid}`; of every end it tells with
`{"ended": pid, "status": n}`. Ends when its input does, and takes its children along. One thread and no connection:
what is forked begins clean.
"""

import gc
import json
import os
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from workflows import worker
from workflows.catalogue import queries as catalogue
from workflows.chaos import browser, office
from workflows.chaos.desk import Desk, WebDesk
from workflows.chaos.dying import Death, arrange
from workflows.chaos.steplog import StepLog
from workflows.garbage import look_less_often
from workflows.intake import receipts
from workflows.settings import Settings

_LOOK = 0.02
# Where children complain, in the folder of the rehearsal.
ERRORS = "errors.log"


@dataclass
class Nursery:
    """What every child knows."""

    settings: Settings
    database_url: str
    log: StepLog
    seed: int
    # The web application, once it has been learned.
    application: Any = field(default=None, repr=False)

    def warm_up(self) -> None:
        """Learn the office and its drawing, and forget the connections by which they were read."""
        office.enter(self.settings)
        # Nobody guesses the receipts of a rehearsal.
        receipts.COST = receipts.Cost(rounds=1, memory=8)
        self.application = browser.application(self.settings)
        engine = create_engine(self.database_url)
        with Session(engine) as session:
            version = catalogue.newest_version(session, office.CASE_TYPE)
            catalogue.definition(session, version)
        engine.dispose()

    def life(self, order: dict[str, Any]) -> Callable[[], None]:
        """Give what the ordered child does until it ends or dies."""
        if order["role"] == "worker":
            return lambda: worker.run(self.settings, self.database_url)
        if order["role"] == "web":
            cookies = self.log.path.with_suffix(".officer")
            return lambda: WebDesk(self.database_url, self.log, self.seed, self.application, cookies).work(
                order["numbers"]
            )
        return lambda: Desk(self.database_url, self.log, self.seed).work(order["numbers"])

    def bear(self, order: dict[str, Any], errors: Path) -> int:
        """Fork a child that does as ordered."""
        child = os.fork()
        if child:
            return child
        with errors.open("a") as told:
            os.dup2(told.fileno(), 1)
            os.dup2(told.fileno(), 2)
        arrange(Death(order["place"], order["number"]))
        self.life(order)()
        os._exit(0)


def main(environment: dict[str, str], folder: Path, seed: int) -> None:
    """Answer orders until the input ends."""
    look_less_often()
    settings = Settings.from_env(environment)
    nursery = Nursery(settings, environment["DATABASE_URL"], StepLog(folder / "steps.log"), seed)
    nursery.warm_up()
    # What was learned stays where it is, for all children.
    gc.freeze()
    living: set[int] = set()
    _tell({"ready": True})
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], _LOOK)
        if readable:
            order = sys.stdin.readline()
            if not order:
                break
            child = nursery.bear(json.loads(order), folder / ERRORS)
            living.add(child)
            _tell({"born": child})
        while living:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if not ended:
                break
            living.discard(ended)
            _tell({"ended": ended, "status": os.waitstatus_to_exitcode(status)})
    for child in living:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _tell(word: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
