"""What the museum keeps of a scenario, and how the present engine goes on from it.

A piece is one JSON file: the calls that were made on the engine, in order, with what services and `deadline` answered,
and the states that lay between them. It needs no register of deadlines, no calendar and no case type of today: an old
case is finished on its own diagrams, which lie beside the pieces.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from workflows import engine
from workflows.engine import Definition, State, Step
from workflows.feel.values import from_json

ROOMS = Path(__file__).parent / "rooms"


class Answers:
    """Stands in for `deadline` and the services: gives what was answered when the piece was made."""

    def __init__(self) -> None:
        self.deadlines: Mapping[str, str] = {}

    def deadline(self, deadline_id: str, share: Any = None, *, now: datetime) -> datetime:
        """Give the instant that was counted then."""
        return datetime.fromisoformat(self.deadlines[asked(deadline_id, share, now)])


def asked(deadline_id: str, share: Any, now: datetime) -> str:
    """Write a question for a deadline as a key."""
    return f"{deadline_id} {share} {now.isoformat()}"


ANSWERS = Answers()


@lru_cache(maxsize=4)
def definition_of(room: Path) -> Definition:
    """Parse the diagrams of a room."""
    files = {path.name: path.read_bytes() for path in sorted((room / "diagrams").iterdir())}
    return engine.parse(files, functions={"deadline": ANSWERS.deadline})


def pieces() -> Iterator[Path]:
    """Give every piece of the museum."""
    yield from sorted(ROOMS.glob("*/*.json"))


def read(path: Path) -> dict[str, Any]:
    """Read a piece, and answer as it says from now on."""
    piece: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    ANSWERS.deadlines = piece["deadlines"]
    return piece


def finish(definition: Definition, piece: Mapping[str, Any], state: State, after: int) -> tuple[State, Step]:
    """Make every call that came after a state; give what is there at the end."""
    services: dict[str, Callable[[dict[str, Any]], Any]] = {
        name: _giving(result) for name, result in piece["services"].items()
    }
    # Moving no timer tells what waits, and fires nothing.
    state, step = engine.retime(definition, state, {}, now=datetime.fromisoformat(piece["calls"][after]["now"]))
    for call in piece["calls"][after + 1 :]:
        given: dict[str, Any] = {"now": datetime.fromisoformat(call["now"]), "services": services}
        values = {name: from_json(value) for name, value in call["values"].items()}
        match call["verb"]:
            case "complete":
                task = next(task for task in step.tasks if task.element == call["name"])
                state, step = engine.complete(definition, state, task.id, values, **given)
            case "deliver":
                state, step = engine.deliver(definition, state, call["name"], values, **given)
            case _:
                state, step = engine.wake(definition, state, **given)
    return state, step


def _giving(result: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda inputs: {name: from_json(value) for name, value in result.items()}
