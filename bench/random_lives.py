"""Do random lives of cases on PostgreSQL keep every promise about their rows, whatever is done in whatever order?

    .venv/bin/python bench/random_lives.py [--lives 200] [--verbs 25] [--from 0] [--json]

A life is a random diagram with two cases and as many verbs as `--verbs` says, drawn by lot: tasks completed, forms sent
again, late or with a stolen key, messages early and twice, the clock forward and back, jobs done late or lost, runs
suspended, moved, cancelled, migrated to a changed edition and back, a service that is out of order. After each verb all
rows are held against the engine's state and against what was there before (`tests/lives.py`). Two hundred lives take
about four minutes. The tests live a few (`make prove` lives these). Exits with 1 and names seed and verbs of the first
life in which something does not hold.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from arguments import parser_of, some
from sqlalchemy.orm import Session

from workflows.background.duties import workshop_of
from workflows.notices.senders import NullSender
from workflows.processes.services import SERVICES
from workflows.settings import Settings
from workflows.transaction import SYSTEM, begin

sys.path.append(str(Path(__file__).parents[1] / "tests"))
databases, factories, lives = (import_module(name) for name in ("databases", "factories", "lives"))
create_sample_office = import_module("case_factories").create_sample_office


def main() -> int:
    """Live and count."""
    parser = parser_of(__doc__)
    parser.add_argument("--lives", type=some, default=200, help="how many diagrams are lived on (200)")
    parser.add_argument("--verbs", type=some, default=25, help="how many verbs are done to each (25)")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="SEED", help="the first one's seed (0)")
    asked = parser.parse_args()
    began = time.monotonic()
    server = databases.TestServer()
    server.start()
    try:
        verbs = live(server, range(asked.first, asked.first + asked.lives), asked.verbs)
    except Exception as problem:
        print("\n".join([f"{type(problem).__name__}: {problem}", *getattr(problem, "__notes__", ())]), file=sys.stderr)
        return 1
    finally:
        server.stop()
    told = {"lives": asked.lives, "broken": 0, "verbs": verbs.total(), "seconds": round(time.monotonic() - began, 1)}
    if asked.json:
        print(json.dumps(told | dict(sorted(verbs.items()))))
    else:
        print("\n".join(f"{name:<48}{value:>10}" for name, value in (told | dict(sorted(verbs.items()))).items()))
    return 0


def live(server: "databases.TestServer", seeds: range, verbs: int) -> Counter[str]:
    """Live all of these lives in one office, and count what was done."""
    done: Counter[str] = Counter()
    with server.database() as database, tempfile.TemporaryDirectory() as home:
        settings = Settings.from_env(databases.installation_environment(database.url, Path(home)))
        workshop = replace(workshop_of(settings), senders={"email": NullSender()})
        with (
            Session(database.engine, expire_on_commit=False) as session,
            begin(session, SYSTEM, now=factories.NOW) as tx,
        ):
            office = create_sample_office(tx)
        for seed in seeds:
            provider = lives.Provider()
            SERVICES[provider.topic] = provider.described()
            done += lives.Life(seed, database, workshop, office, provider).live(verbs)
    return done


if __name__ == "__main__":
    sys.exit(main())
