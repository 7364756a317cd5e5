"""Cases that were open in earlier versions are finished by this one, on their own diagrams.

The rooms of `tests/museum` hold a state of every place where a case waits in the scenarios of its day.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from databases import REPOSITORY
from museum.playback import definition_of, finish, pieces, read
from unit.engine.drawing import NOW
from workflows.catalogue.bundle import case_types, read_bundle
from workflows.catalogue.functions import FUNCTIONS
from workflows.engine import State, codec, parse
from workflows.feel.clock import Clock

PIECES = list(pieces())
# What a token waits for at an event.
_AWAITED = ("timer", "message", "signal", "conditional")


@pytest.mark.parametrize("path", PIECES, ids=[f"{path.parent.name}-{path.stem}" for path in PIECES])
def test_an_open_case_of_an_earlier_version_comes_to_its_end(path: Path) -> None:
    definition, piece = definition_of(path.parent), read(path)

    for kept in piece["states"]:
        state = State(kept["tokens"].encode(), kept["variables"])
        state, step = finish(definition, piece, state, kept["after"])
        assert {"variables": state.variables, "ended": step.ended, "outcome": step.outcome} == piece["end"]


@pytest.mark.parametrize("path", PIECES, ids=[f"{path.parent.name}-{path.stem}" for path in PIECES])
def test_reading_and_writing_a_kept_state_gives_the_same_bytes(path: Path) -> None:
    definition, piece = definition_of(path.parent), read(path)

    for kept in piece["states"]:
        clock = Clock(NOW, definition.zone)
        instance = codec.load(kept["tokens"].encode(), definition.plan, kept["variables"], clock=clock, services={})
        once = codec.dump(instance)
        again = codec.load(once, definition.plan, kept["variables"], clock=clock, services={})
        assert codec.dump(again) == once
        if piece["codec"] == codec.VERSION:
            assert once == kept["tokens"].encode()


def test_every_version_of_the_codec_has_a_room() -> None:
    assert {read(path)["codec"] for path in PIECES} == set(range(1, codec.VERSION + 1))
    assert sum(len(read(path)["states"]) for path in PIECES) >= 33


@pytest.mark.parametrize("case_type", case_types(REPOSITORY / "bpmn"), ids=lambda folder: folder.name)
def test_every_place_where_a_case_of_today_can_wait_is_kept(case_type: Path) -> None:
    """Else `collect.py` makes a room for the present edition, before any case has waited there in earnest."""
    definition = parse(read_bundle(case_type).executable(), functions=FUNCTIONS)
    places = {
        element.id
        for element in definition.elements
        if element.kind in ("userTask", "manualTask", "receiveTask", "eventBasedGateway")
        or (element.kind in ("intermediateCatchEvent", "boundaryEvent") and element.event in _AWAITED)
    }

    rooms = [path for path in PIECES if path.parent.name.startswith(f"{case_type.name}-codec-")]
    kept = {name for path in rooms for state in read(path)["states"] for name in _names(orjson.loads(state["tokens"]))}
    assert places - kept == set(), f"tests/museum/collect.py bpmn/{case_type.name} makes a room for them"


def _names(tokens: object) -> Iterator[str]:
    """Give every element that holds a token or a watch; one of a sub-process or a repetition by its own id."""
    if isinstance(tokens, str):
        yield tokens.partition(" ")[0].rpartition("/")[2]
    for part in tokens if isinstance(tokens, list) else ():
        yield from _names(part)
