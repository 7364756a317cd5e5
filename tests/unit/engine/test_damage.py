"""Damaged diagrams are refused with findings, or run and stand where they should after every reading."""

import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from databases import REPOSITORY
from unit.engine.damage import damaged
from unit.engine.mutants import HOUSE, mutant, redrawn_skeleton, skeleton
from unit.engine.playing import compare
from unit.engine.redrawn import Unplayable, drawing_of
from workflows.catalogue.functions import FUNCTIONS
from workflows.engine import BrokenDefinition, parse
from workflows.engine.repair import with_ids
from workflows.engine.trial import Trial

DIAGRAMS = sorted(file for folder in ("bpmn", "bench") for file in (REPOSITORY / folder).rglob("*.bpmn"))


@pytest.mark.parametrize("block", range(10))
def test_a_damaged_diagram_is_refused_or_runs(block: int) -> None:
    told: Counter[str] = Counter()
    for seed in range(block * 25, block * 25 + 25):
        content = damaged(seed)
        with_ids(content)
        try:
            findings = Trial(parse({"main.bpmn": content})).run().findings
            told.update(found.severity for found in findings)
        except BrokenDefinition as broken:
            findings = broken.findings
            told["refused"] += 1
        assert all(found.line >= 1 and found.message for found in findings)

    assert told["error"] == 0
    assert told["refused"] > 10


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.name)
def test_the_diagrams_of_the_house_damaged_byte_by_byte(path: Path) -> None:
    content = path.read_bytes()
    dice = random.Random(path.name)
    for _ in range(6):
        bent = bytearray(content)
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(bent))
            bent[place : place + dice.randrange(40)] = bytes(dice.randrange(256) for _ in range(dice.randrange(4)))
        with suppress(BrokenDefinition):
            parse({path.name: bytes(bent)})


def play_mutants(seed: int) -> Counter[str]:
    """Damage and redraw each diagram of the house once; give what became of them."""
    told: Counter[str] = Counter()
    for path in HOUSE:
        told += _damaged_as_it_is(path, seed)
        told += _redrawn(redrawn_skeleton(path, seed), seed)
    return told


def _damaged_as_it_is(path: Path, seed: int) -> Counter[str]:
    beside = {each.name: each.read_bytes() for each in path.parent.rglob("*.[bd]m*n") if each != path}
    try:
        trial = Trial(parse({path.name: mutant(path, seed), **beside}, functions=FUNCTIONS)).run()
    except BrokenDefinition as broken:
        for found in broken.findings:
            assert found.line > 1 or found.element is None, found
            assert found.severity != "error" or (found.message and found.fix), found
        return Counter({"damaged, refused": 1})
    assert all(found.severity != "error" for found in trial.findings)
    return Counter({"damaged, walked": 1})


def _redrawn(content: bytes, seed: int) -> Counter[str]:
    try:
        definition = parse({"main.bpmn": content})
        drawing = drawing_of(with_ids(content), definition.process)
    except BrokenDefinition:
        return Counter({"redrawn, refused": 1})
    except Unplayable:
        return Counter({"redrawn, not comparable": 1})
    return Counter({"redrawn, compared": 1}) + compare(definition, drawing, random.Random(seed), 40)


@pytest.mark.parametrize("path", HOUSE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_diagrams_of_the_house_run_as_the_token_game_says(path: Path) -> None:
    content = skeleton(path)
    definition = parse({path.name: content})

    moves = compare(definition, drawing_of(content, definition.process), random.Random(1), 40)

    assert moves["complete"] > 0


def test_the_diagrams_of_the_house_redrawn_and_damaged_are_refused_or_run() -> None:
    told = play_mutants(1)

    assert told["redrawn, compared"] > 0
    assert told["damaged, refused"] > 0
