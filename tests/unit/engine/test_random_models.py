"""The engine against the oracle: random processes, step for step, saved and loaded between any two steps."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from unit.engine.block_models import VARIABLES, Model
from unit.engine.drawing import NOW
from unit.engine.token_game import Game
from workflows.engine import complete, deliver, parse, start, wake
from workflows.errors import AmanahError, BrokenDefinition

STEPS = 30


def play(seed: int, steps: int = STEPS, *, rich: bool = False) -> Counter[str]:
    """Play one random model and compare after each step; give back what kinds of moves were made.

    Handlers may call each other by signals for ever: such a model is refused, or its step abandoned, and not compared.
    """
    try:
        return _played(Model(seed, rich=rich), random.Random(seed), steps)
    except BrokenDefinition as refused:
        if {found.code for found in refused.findings if found.severity == "error"} != {"loop.endless"}:
            raise
        return Counter(endless=1)
    except AmanahError as abandoned:
        if abandoned.code != "engine.endless":
            raise
        return Counter(endless=1)


def _played(model: Model, dice: random.Random, steps: int) -> Counter[str]:
    definition = parse({"main.bpmn": model.bpmn})
    now = NOW
    moves: Counter[str] = Counter()
    state, step = start(definition, now=now)
    game = Game(model.drawing, {}, now)
    for _ in range(steps):
        assert sorted(task.element for task in step.tasks) == sorted(
            mark.box.name for mark in game.tasks() for _ in range(seen(mark.box.name, mark.remaining, model))
        )
        assert sorted(message.name for message in step.messages) == game.messages()
        assert sorted(signal.name for signal in step.signals) == game.signals()
        assert sorted((timer.due_at, timer.element) for timer in step.timers) == game.timers()
        assert step.ended == game.ended
        assert state.variables == game.variables
        if step.ended:
            assert step.outcome == game.outcome
            moves["ended"] += 1
            break
        if step.stuck:
            # An interrupting event led a token past its join: drawn so, and the oracle is stuck as well.
            moves["stuck"] += 1
            break
        again, quiet = wake(definition, state, now=now)
        assert again == state
        assert quiet.trace == ()
        choices = ["complete"] * len(step.tasks) + ["message"] * bool(step.messages) + ["wait"] * bool(step.timers)
        choices += ["signal"] * bool(step.signals)
        move = dice.choice(choices)
        moves[move] += 1
        if move == "complete":
            task = dice.choice(step.tasks)
            task = next(other for other in step.tasks if other.element == task.element)
            answers = {dice.choice(VARIABLES): dice.randint(0, 2)}
            state, step = complete(definition, state, task.id, answers, now=now)
            game.complete(task.element, answers)
        elif move == "message":
            name = dice.choice(step.messages).name
            state, step = deliver(definition, state, name, now=now)
            game.message(name)
        elif move == "signal":
            name = dice.choice(step.signals).name
            state, step = deliver(definition, state, name, now=now, kind="signal")
            game.signal(name)
        else:
            span = timedelta(days=dice.randint(1, 5))
            now += span
            state, step = wake(definition, state, now=now)
            game.wait(span)
    return moves


def seen(name: str, remaining: int, model: Model) -> int:
    """Count how often a repeated task is shown: all at once, or one after the other."""
    box = model.drawing.boxes[name]
    if not box.times:
        return 1
    return 1 if box.one_by_one else remaining


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
