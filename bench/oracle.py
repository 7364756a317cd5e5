"""Does the engine run thousands of random processes as the token game says, saved and loaded between any two steps?

    .venv/bin/python bench/oracle.py [--models 4000] [--graphs 3000] [--mutants 200] [--from 0] [--json]

Takes about five minutes. The tests play some of each; this plays as many as one likes (`make prove`).

models   random block models; every second one is rich: signals, conditions, escalations, terminate ends, standard
         loops, links, called processes with variables of their own, and flows that part at a task
graphs   random graphs that are no blocks; about half are refused, each with element, line, reason and mend, and the
         codes that refused them are counted
mutants  each diagram of the house, redrawn in one to three places and played as a skeleton, and damaged as it is:
         refused so too, or walked through by the trial run
Exits with 1 and names the seed of the first that the two run differently.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from arguments import parser_of, some

sys.path.append(str(Path(__file__).parents[1] / "tests"))
playing = import_module("unit.engine.test_random_models")
damaging = import_module("unit.engine.test_damage")


def main() -> int:
    """Play and count."""
    parser = parser_of(__doc__)
    parser.add_argument("--models", type=some, default=4_000, help="how many block models are played (4000)")
    parser.add_argument("--graphs", type=some, default=3_000, help="how many graphs that are no blocks (3000)")
    parser.add_argument("--mutants", type=some, default=200, help="how often each diagram of the house (200)")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="SEED", help="the first one's seed (0)")
    asked = parser.parse_args()
    began = time.process_time()
    told: dict[str, object] = {"different": 0}
    parts: list[tuple[str, int, Callable[[int], Counter[str]]]] = [
        ("models", asked.models, lambda seed: playing.play(seed, rich=bool(seed % 2))),
        ("graphs", asked.graphs, lambda seed: playing.play_graph(seed, walks=3)),
        ("mutants", asked.mutants, damaging.play_mutants),
    ]
    for name, amount, play in parts:
        counted: Counter[str] = Counter()
        for seed in range(asked.first, asked.first + amount):
            try:
                counted += play(seed)
            except Exception as problem:
                problem.add_note(f"{name}, seed {seed}")
                raise
        told |= {name: amount} | {f"{name} {what}": number for what, number in sorted(counted.items())}
    told["seconds"] = round(time.process_time() - began, 1)
    if asked.json:
        print(json.dumps(told))
    else:
        print("\n".join(f"{name:<52}{value:>10}" for name, value in told.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
