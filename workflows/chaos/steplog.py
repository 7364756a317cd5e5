"""What the desks asked for and were told: the log that the database is compared with in the end.

A line is written in one call and before the next act begins, so that it outlives the process that wrote it.
"""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

FILE, REPLY = "file", "reply"


@dataclass(frozen=True)
class Line:
    """One act of a scripted case: asked for, or told to be done."""

    # Number of the scripted case, from 0.
    number: int
    # "file", "reply", or the element of the task that was completed.
    act: str
    # "asked" or "told".
    word: str
    # Id of the case, once a filing was told.
    case_id: str = ""


class StepLog:
    """The log in a file that several processes append to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, line: Line) -> None:
        """Append one line; it is there even when the process dies right afterwards."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(asdict(line)) + "\n").encode())
        finally:
            os.close(descriptor)

    def read(self) -> Iterator[Line]:
        """Give the lines in the order in which they were written."""
        if self.path.exists():
            for text in self.path.read_text().splitlines():
                yield Line(**json.loads(text))


def script_of(number: int, seed: int) -> list[str]:
    """Give the acts of a scripted case in order: the two branches in any order, the reply at any time."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311 (a rehearsal that can be repeated, no secret)
    branches = ["left", "right"]
    chance.shuffle(branches)
    acts = ["check", *branches]
    acts.insert(chance.randint(0, len(acts)), REPLY)
    return [FILE, *acts]


def key_of(number: int, act: str, seed: int) -> str:
    """Give the idempotency key of the act: the same one however often it must be asked for."""
    return f"chaos-{seed}-{number:06d}-{act}"
