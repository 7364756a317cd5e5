"""How a process of the rehearsal dies: by SIGKILL, before its n-th statement, before or after its n-th commit.

Told by what SQLAlchemy itself tells of; the program under test knows nothing of it. The fourth death, by the clock,
comes from outside.
"""

import os
import random
import signal
import threading
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

PLACES = ("statement", "commit", "committed", "clock")
# About how many statements an act takes, and how long it does, in seconds.
_STATEMENTS, _LENGTH = 30, 0.03


@dataclass(frozen=True)
class Death:
    """Where one process dies."""

    # One of PLACES; "" for one that lives on.
    place: str = ""
    # At the how-manieth of them; for "clock" after so many milliseconds.
    number: int = 0


def drawn(chance: random.Random, acts: float) -> Death:
    """Draw a death after about so many acts."""
    place = chance.choice(PLACES)
    mean = {"statement": acts * _STATEMENTS, "clock": acts * _LENGTH * 1000 + 50}.get(place, acts)
    return Death(place, chance.randint(1, max(1, round(2 * mean) - 1)))


def arrange(death: Death) -> None:
    """Arrange the end of this process."""
    left, lock = [death.number], threading.Lock()

    def count(*_: Any) -> None:
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if death.place == "statement":
        event.listen(Engine, "before_cursor_execute", count)
    elif death.place == "commit":
        event.listen(Engine, "commit", count)
    elif death.place == "committed":
        event.listen(Session, "after_commit", count)
