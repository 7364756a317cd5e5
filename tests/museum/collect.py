"""Makes a room of the museum: plays every scenario of a case type and keeps a state of every place where a case waits.

    .venv/bin/python tests/museum/collect.py bpmn/complaint

Run it when the codec has a new version, and when a diagram has a new place to wait (`test_museum` tells which). A room
is never made again, since it stands for cases that were open when it was made: a later edition gets the next number.
"""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from playback import ROOMS, asked

from workflows import engine
from workflows.catalogue import examining, playing
from workflows.catalogue.bundle import read_bundle
from workflows.catalogue.scenarios import rehearse
from workflows.engine import State, Step, codec
from workflows.engine.variables import encode


class Collector:
    """Stands between the scenarios and the engine and writes down what passes."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """Begin a new scenario."""
        self.calls: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []
        self.deadlines: dict[str, str] = {}
        self.services: dict[str, Any] = {}
        self.last: tuple[State, Step] | None = None

    def wrap(self, verb: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """Give a verb of the engine that is watched."""

        def watched(definition: Any, *given: Any, now: datetime, services: Any = None, **more: Any) -> Any:
            before = self.last
            result = real(definition, *given, now=now, services=self._watch(services or {}), **more)
            name, values = "", {}
            if verb == "complete" and before is not None:
                name = next(task.element for task in before[1].tasks if task.id == given[1])
                values = given[2]
            elif verb == "deliver":
                name, values = given[1], given[2]
            elif verb == "start":
                values = given[0]
            self.calls.append(
                {
                    "verb": verb,
                    "name": name,
                    "values": {key: encode(value) for key, value in values.items()},
                    "now": now.isoformat(),
                }
            )
            self._keep(*result)
            return result

        return watched

    def deadline(self, real: Callable[..., datetime]) -> Callable[..., datetime]:
        """Give the function of the same name that is watched."""

        def deadline(deadline_id: str, share: Any = None, *, now: datetime) -> datetime:
            found = real(deadline_id, share, now=now)
            self.deadlines[asked(deadline_id, share, now)] = found.isoformat()
            return found

        return deadline

    def _watch(self, services: Any) -> Any:
        def watched(name: str, service: Any) -> Any:
            def called(inputs: dict[str, Any]) -> Any:
                result = service(inputs)
                self.services[name] = {key: encode(value) for key, value in result.items()}
                return result

            return called

        return {name: watched(name, service) for name, service in services.items()}

    def _keep(self, state: State, step: Step) -> None:
        self.last = state, step
        waits = json.dumps(
            [
                sorted(task.element for task in step.tasks),
                sorted({timer.element for timer in step.timers}),
                sorted({message.element for message in step.messages}),
            ]
        )
        if waits not in self.known and not step.ended:
            self.known.add(waits)
            self.states.append(
                {"after": len(self.calls) - 1, "tokens": state.tokens.decode(), "variables": state.variables}
            )


def collect(source: Path) -> None:
    """Make the room of a case type for the present version of the codec."""
    collector = Collector()
    room = _next_room(f"{source.name}-codec-{codec.VERSION}")
    for verb in ("start", "complete", "wake", "deliver"):
        setattr(playing.engine, verb, collector.wrap(verb, getattr(engine, verb)))
    counting = dict(examining.FUNCTIONS)
    counting["deadline"] = collector.deadline(counting["deadline"])
    setattr(examining, "FUNCTIONS", counting)  # noqa: B010 (mypy knows it as a constant)
    (room / "diagrams").mkdir(parents=True)
    bundle = read_bundle(source)
    for path, content in bundle.executable().items():
        (room / "diagrams" / path.replace("/", "--")).write_bytes(content)
    for path in sorted((source / "scenarios").glob("*.yml")):
        collector.forget()
        (result,) = rehearse(bundle, only=path.stem)
        assert result.passed, result.disappointments
        assert collector.last is not None
        state, step = collector.last
        end = {"variables": state.variables, "ended": step.ended, "outcome": step.outcome}
        piece = {
            "codec": codec.VERSION,
            "services": collector.services,
            "deadlines": collector.deadlines,
            "calls": collector.calls,
            "states": collector.states,
            "end": end,
        }
        if collector.states:
            (room / f"{path.stem}.json").write_text(json.dumps(piece, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(collector.known)} states in {room}")  # noqa: T201 (a tool for people)


def _next_room(name: str) -> Path:
    """Give the first name that no room has: of a second edition under one version of the codec it ends with `-2`."""
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(ROOMS / each for each in names if not (ROOMS / each).exists())


if __name__ == "__main__":
    collect(Path(sys.argv[1]))
