"""Cases that were open in earlier versions are finished by this one, on their own diagrams.

The rooms of `tests/museum` hold a state of every place where a case waits in the scenarios of its day.
"""

from pathlib import Path

import pytest

from museum.playback import definition_of, finish, pieces, read
from unit.engine.drawing import NOW
from workflows.engine import State, codec
from workflows.feel.clock import Clock

PIECES = list(pieces())


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
