"""Damaged diagrams are refused with findings, or run and stand where they should after every reading."""

import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from databases import REPOSITORY
from unit.engine.damage import damaged
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
