"""One random walk on the engine and on the oracle, compared after each step, saved and loaded between any two."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from unit.engine.drawing import NOW
from unit.engine.token_game import Abandoned, Drawing, Game, Mark
from workflows.engine import Definition, State, Step, complete, deliver, start, wake
from workflows.errors import AmanahError

VARIABLES = ("a", "b", "c")


def compare(definition: Definition, drawing: Drawing, dice: random.Random, steps: int) -> Counter[str]:
    """Play `definition` and `drawing` side by side; AssertionError where they part. Give what kinds of moves were made.

    A call that the engine abandons (no way out, an endless circle) must be abandoned by the game too, for the same
    reason; the walk ends there.
    """
    moves: Counter[str] = Counter()
    now = NOW
    trigger = next(((s.kind, s.name) for s in definition.starts[:1] if s.kind != "none"), None)
    entry = definition.starts[0].element
    game: Game

    def begin() -> None:
        nonlocal game
        game = Game(drawing, {}, now, entry)

    made = _both(lambda: start(definition, now=now, services=_Services(), trigger=trigger), begin, moves)
    for _ in range(steps):
        if made is None:
            break
        state, step = made
        _stand_alike(state, step, game)
        if step.ended or step.stuck:
            # Where a token waits for one that cannot come, it is drawn so, and the oracle is stuck as well.
            moves["ended" if step.ended else "stuck"] += 1
            break
        again, quiet = wake(definition, state, now=now, services=_Services())
        assert again == state
        assert quiet.trace == ()
        now, made = _move(definition, state, step, game, now, dice, moves)
    return moves


def _move(
    definition: Definition, state: State, step: Step, game: Game, now: Any, dice: random.Random, moves: Counter[str]
) -> tuple[Any, tuple[State, Step] | None]:
    """Let one thing happen in both, chosen by chance."""
    services = _Services()
    choices = ["complete"] * len(step.tasks) + ["message"] * bool(step.messages) + ["wait"] * bool(step.timers)
    choices += ["signal"] * bool(step.signals)
    # What waits for its data alone is helped by nothing from outside.
    move = dice.choice(choices) if choices else "idle"
    moves[move] += 1
    if move == "complete":
        task = dice.choice(step.tasks)
        task = next(other for other in step.tasks if other.element == task.element)
        answers = {dice.choice(VARIABLES): dice.randint(0, 2)}
        return now, _both(
            lambda: complete(definition, state, task.id, answers, now=now, services=services),
            lambda: game.complete(task.element, answers),
            moves,
        )
    if move == "message":
        name = dice.choice(step.messages).name
        return now, _both(
            lambda: deliver(definition, state, name, now=now, services=services), lambda: game.message(name), moves
        )
    if move == "signal":
        name = dice.choice(step.signals).name
        return now, _both(
            lambda: deliver(definition, state, name, now=now, services=services, kind="signal"),
            lambda: game.signal(name),
            moves,
        )
    if move == "idle":
        return now, None
    span = timedelta(days=dice.randint(1, 5))
    later = now + span
    return later, _both(lambda: wake(definition, state, now=later, services=services), lambda: game.wait(span), moves)


def _both(
    engine: Callable[[], tuple[State, Step]], oracle: Callable[[], object], moves: Counter[str]
) -> tuple[State, Step] | None:
    """Do the same with both; None when both abandon it."""
    made, refusal, told = None, None, None
    try:
        made = engine()
    except AmanahError as problem:
        refusal = problem.code
    try:
        oracle()
    except Abandoned as problem:
        told = str(problem)
    assert refusal == told
    if refusal is not None:
        moves[refusal] += 1
    return made


def _stand_alike(state: State, step: Step, game: Game) -> None:
    assert sorted(task.element for task in step.tasks) == sorted(
        mark.box.name for mark in game.tasks() for _ in range(_shown(mark))
    )
    assert sorted(message.name for message in step.messages) == game.messages()
    assert sorted(signal.name for signal in step.signals) == game.signals()
    assert sorted((timer.due_at, timer.element) for timer in step.timers) == game.timers()
    assert step.ended == game.ended
    assert state.variables == game.variables
    if step.ended:
        assert (step.outcome, step.error) == (game.outcome, game.error)


def _shown(mark: Mark) -> int:
    """Count how often a repeated task is shown: all at once, or one after the other."""
    if not mark.box.times:
        return 1
    return 1 if mark.box.one_by_one else mark.remaining


class _Services(dict[str, Any]):
    """Every service there may be; each answers nothing."""

    def __missing__(self, name: str) -> Callable[[Any], dict[str, Any]]:
        return lambda inputs: {}
