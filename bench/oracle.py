"""Does the engine run thousands of random processes as the token game says, saved and loaded between any two steps?

    .venv/bin/python bench/oracle.py [--models 4000] [--from 0] [--json]

Takes about three minutes. The tests play two hundred of these models; this plays as many as one likes (`make prove`).
Every second one is rich: signals, conditions, escalations, terminate ends, standard loops, links, called processes with
variables of their own, and flows that part at a task.
Exits with 1 and names the seed of the first model that the two run differently.
"""

import json
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path

from arguments import parser_of, some

sys.path.append(str(Path(__file__).parents[1] / "tests"))
play = import_module("unit.engine.test_random_models").play


def main() -> int:
    """Play and count."""
    parser = parser_of(__doc__)
    parser.add_argument("--models", type=some, default=4_000, help="how many diagrams are played (4000)")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="SEED", help="the first one's seed (0)")
    asked = parser.parse_args()
    moves: Counter[str] = Counter()
    began = time.process_time()
    for seed in range(asked.first, asked.first + asked.models):
        try:
            moves += play(seed, rich=bool(seed % 2))
        except Exception as problem:
            problem.add_note(f"seed {seed}")
            raise
    told = {"models": asked.models, "different": 0, "seconds": round(time.process_time() - began, 1), **moves}
    if asked.json:
        print(json.dumps(told))
    else:
        print("\n".join(f"{name:<12}{value:>10}" for name, value in told.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
