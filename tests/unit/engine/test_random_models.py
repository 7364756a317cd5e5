"""The engine against the oracle: random processes, step for step, saved and loaded between any two steps."""

import random
from collections import Counter

import pytest

from unit.engine.block_models import Model
from unit.engine.graph_models import Graph
from unit.engine.playing import compare
from unit.engine.redrawn import drawing_of
from workflows.engine import parse
from workflows.errors import BrokenDefinition

STEPS = 30


def play(seed: int, steps: int = STEPS, *, rich: bool = False) -> Counter[str]:
    """Play one random block model and compare after each step; give back what kinds of moves were made.

    Handlers may call each other by signals for ever: such a model is refused and not compared.
    """
    model = Model(seed, rich=rich)
    try:
        definition = parse({"main.bpmn": model.bpmn})
    except BrokenDefinition as refused:
        if {found.code for found in refused.findings if found.severity == "error"} != {"loop.endless"}:
            raise
        return Counter(endless=1)
    return compare(definition, model.drawing, random.Random(seed), steps)


def play_graph(seed: int, walks: int = 1) -> Counter[str]:
    """Play one random graph that is no block; refused ones are counted by the codes that refused them."""
    graph = Graph(seed)
    try:
        definition = parse({"main.bpmn": graph.bpmn})
    except BrokenDefinition as broken:
        refused = [found for found in broken.findings if found.severity == "error"]
        assert all(found.line > 1 and found.element and found.message and found.fix for found in refused)
        return Counter({f"refused {code}": 1 for code in {found.code for found in refused}}) + Counter(refused=1)
    drawing = drawing_of(graph.bpmn, "main")
    moves = Counter(accepted=1)
    for walk in range(walks):
        moves += compare(definition, drawing, random.Random(f"{seed} {walk}"), STEPS)
    return moves


@pytest.mark.parametrize("rich", [False, True], ids=["plain", "rich"])
@pytest.mark.parametrize("block", range(10))
def test_random_processes_run_as_the_token_game_says(block: int, rich: bool) -> None:
    moves: Counter[str] = Counter()
    for seed in range(block * 10, block * 10 + 10):
        try:
            moves += play(seed, rich=rich)
        except Exception as problem:
            problem.add_note(f"seed {seed}")
            raise

    assert moves["complete"] > 15


@pytest.mark.parametrize("block", range(5))
def test_random_graphs_run_as_the_token_game_says_or_are_refused(block: int) -> None:
    moves: Counter[str] = Counter()
    for seed in range(block * 12, block * 12 + 12):
        try:
            moves += play_graph(seed)
        except Exception as problem:
            problem.add_note(f"seed {seed}")
            raise

    assert moves["accepted"] > 2
    assert moves["refused"] > 2
