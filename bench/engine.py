"""What does a step of the engine cost beside plain SpiffWorkflow, and does it stay so for years?

    .venv/bin/python bench/engine.py [--json]

Takes about half a minute. The reference lifecycle (`bench/lifecycle`: twenty user tasks in four lanes, a decision, two
called processes, timers, errors, rework) is drawn twice, for the stock engine and for ours. First both are played side
by side, and must wait for the same after each of the twenty-one acts and hold the same data at the end. Then each act
is timed as a request would do it: read the state, move it, write it; ours reads and writes the variables as JSON too.

* cpu_ratio: CPU of plain SpiffWorkflow / ours, mean over the acts, median of interleaved rounds. At least 12.
* bytes_ratio: mean bytes of plain `serialize_json` / mean bytes of our tokens. At least 30.
* age_factor: CPU of a step after 5,000 rounds of rework / after ten. At most 1.3.
* growth: CPU per node that runs, at the largest / at the smallest size, of chains and of parallel pairs.

The floor is the token game of the tests, which knows no XML, no FEEL and no SpiffWorkflow, with its state written and
read too. Exits with 1 when a promise is missed.
"""

import gc
import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import mean, median
from typing import Any

import orjson
from arguments import parser_of
from lifecycle.game import Saver, begin, drawing
from lifecycle.stock_engine import FOLDER, Stock, read
from lifecycle.story import Act, story

from workflows.engine import Definition, State, Step, complete, deliver, parse, start

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ROUNDS = 5
# Lifecycles per round; ours are quick, and a clock tick must not matter.
PLAIN_RUNS, OUR_RUNS = 2, 10
AGES = (10, 100, 1_000, 5_000)
CHAINS, PAIRS = (250, 500, 1_000), (5, 10, 20)
STOCK_PAIRS = (2, 4, 6, 8)

PROMISES: dict[str, tuple[str, float]] = {
    "cpu_ratio": ("at least", 12.0),
    "bytes_ratio": ("at least", 30.0),
    "age_factor": ("at most", 1.3),
    "chain_growth": ("at most", 1.5),
    "pairs_growth": ("at most", 1.5),
}


def main() -> int:
    """Measure, print and judge."""
    asked = parser_of(__doc__).parse_args()
    stock, ours = Stock(), parse(read(FOLDER.parent / "ours"), "complaint")
    acts = story()
    same_trace(stock, ours, acts)
    figures: dict[str, float] = {"acts": len(acts)}
    figures |= sizes(stock, ours, acts)
    figures |= step_cost(stock, ours, acts)
    figures |= ageing(ours, acts)
    figures |= growth("chain", CHAINS, chain)
    figures |= growth("pairs", PAIRS, pairs)
    if asked.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
    else:
        show(figures)
    return 0 if all(kept(name, figures[name]) for name in PROMISES) else 1


def kept(name: str, value: float) -> bool:
    """Tell whether a promise was kept."""
    way, bound = PROMISES[name]
    return value >= bound if way == "at least" else value <= bound


def show(figures: dict[str, float]) -> None:
    """Print a table for people."""
    print(f"{'figure':<28}{'value':>12}   promised")
    for name, value in figures.items():
        way, bound = PROMISES.get(name, ("", 0.0))
        promised = f"{way} {bound:g}{'' if kept(name, value) else '  MISSED'}" if way else ""
        print(f"{name:<28}{value:>12.3f}   {promised}")


# --- both engines, side by side ----------------------------------------------------------------------------------


def act_on(definition: Definition, state: State, step: Step, act: Act) -> tuple[State, Step]:
    """Move our instance by one act."""
    if act.is_message:
        return deliver(definition, state, act.name, act.answers, now=NOW)
    task = next(task for task in step.tasks if task.element == act.name)
    return complete(definition, state, task.id, act.answers, now=NOW)


def same_trace(stock: Stock, ours: Definition, acts: Sequence[Act]) -> None:
    """Play both, saved and loaded between any two acts; they must wait for the same and know the same."""
    workflow = stock.start()
    game_saver, game = Saver(drawn := drawing()), begin(drawn, NOW)
    state, step = start(ours, now=NOW)
    for act in acts:
        seen = (
            sorted(task.element for task in step.tasks),
            sorted(message.name for message in step.messages),
            sorted(timer.element for timer in step.timers),
        )
        played = (
            sorted(mark.box.name for mark in game.tasks()),
            game.messages(),
            sorted(name for _, name in game.timers()),
        )
        assert stock.seen(workflow) == seen == played, (act.name, stock.seen(workflow), seen, played)
        workflow = stock.load(stock.save(workflow))
        stock.do(workflow, act)
        state, step = act_on(ours, state, step, act)
        game = game_saver.load(game_saver.save(game))
        play(game, act)
    assert workflow.is_completed()
    assert step.ended
    assert game.ended
    theirs = workflow.last_task.data
    assert state.variables == theirs, {name for name in state.variables if state.variables[name] != theirs.get(name)}


def play(game: Any, act: Act) -> None:
    """Move the token game by one act."""
    if act.is_message:
        game.message(act.name)
    else:
        game.complete(act.name, act.answers)


# --- figures ---------------------------------------------------------------------------------------------------


def sizes(stock: Stock, ours: Definition, acts: Sequence[Act]) -> dict[str, float]:
    """Compare the bytes that are stored after each act that leaves something to do."""
    workflow, (state, step) = stock.start(), start(ours, now=NOW)
    plain_bytes, our_bytes, variables = [], [], []
    for act in acts:
        stock.do(workflow, act)
        state, step = act_on(ours, state, step, act)
        plain_bytes.append(len(stock.save(workflow)))
        our_bytes.append(len(state.tokens))
        variables.append(len(orjson.dumps(state.variables)))
    return {
        "plain_bytes": mean(plain_bytes),
        "our_bytes": mean(our_bytes),
        "our_variables_bytes": mean(variables),
        "bytes_ratio": mean(plain_bytes) / mean(our_bytes),
    }


def step_cost(stock: Stock, ours: Definition, acts: Sequence[Act]) -> dict[str, float]:
    """Time each act in the three ways, interleaved; the first round warms up and does not count."""
    drawn = drawing()
    saver = Saver(drawn)
    ways: dict[str, Callable[[], float]] = {
        "plain": lambda: mean(plain_run(stock, acts) for _ in range(PLAIN_RUNS)),
        "our": lambda: mean(our_run(ours, acts) for _ in range(OUR_RUNS)),
        "floor": lambda: mean(game_run(saver, drawn, acts) for _ in range(OUR_RUNS)),
    }
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS + 1):
        spent = {}
        for name, run in ways.items():
            gc.collect()
            spent[name] = run()
        rounds.append(spent)
    counted = rounds[1:]
    return {
        "plain_ms": median(spent["plain"] for spent in counted) * 1e3,
        "our_ms": median(spent["our"] for spent in counted) * 1e3,
        "floor_ms": median(spent["floor"] for spent in counted) * 1e3,
        "cpu_ratio": median(spent["plain"] / spent["our"] for spent in counted),
        "distance_to_floor": median(spent["our"] / spent["floor"] for spent in counted),
    }


def plain_run(stock: Stock, acts: Sequence[Act]) -> float:
    """Give the mean CPU seconds per act: read, act, write."""
    saved = stock.save(stock.start())
    began = time.process_time()
    for act in acts:
        workflow = stock.load(saved)
        stock.do(workflow, act)
        saved = stock.save(workflow)
    return (time.process_time() - began) / len(acts)


def our_run(ours: Definition, acts: Sequence[Act]) -> float:
    """Give the mean CPU seconds per act: read tokens and variables, act, write both."""
    state, step = start(ours, now=NOW)
    tokens, variables = state.tokens, orjson.dumps(state.variables)
    began = time.process_time()
    for act in acts:
        state, step = act_on(ours, State(tokens, orjson.loads(variables)), step, act)
        tokens, variables = state.tokens, orjson.dumps(state.variables)
    return (time.process_time() - began) / len(acts)


def game_run(saver: Saver, drawn: Any, acts: Sequence[Act]) -> float:
    """Give the mean CPU seconds per act of the token game: read, act, write."""
    saved = saver.save(begin(drawn, NOW))
    began = time.process_time()
    for act in acts:
        game = saver.load(saved)
        play(game, act)
        saved = saver.save(game)
    return (time.process_time() - began) / len(acts)


def ageing(ours: Definition, acts: Sequence[Act]) -> dict[str, float]:
    """Send the decision back again and again; time the same two steps at each age, interleaved."""
    before = [act.name for act in acts].index("draft")
    draft, review = acts[before], acts[before + 1]
    state, step = start(ours, now=NOW)
    for act in acts[:before]:
        state, step = act_on(ours, state, step, act)
    kept_at: dict[int, tuple[State, Step]] = {}
    for number in range(1, max(AGES) + 1):
        state, step = act_on(ours, state, step, draft)
        state, step = act_on(ours, state, step, review)
        if number in AGES:
            kept_at[number] = state, step

    def both_steps(age: int) -> float:
        state, step = kept_at[age]
        began = time.process_time()
        for _ in range(60):
            again, shown = act_on(ours, state, step, draft)
            act_on(ours, again, shown, review)
        return (time.process_time() - began) / 120

    spent: dict[int, list[float]] = {age: [] for age in AGES}
    for _ in range(ROUNDS + 1):
        for age in AGES:
            spent[age].append(both_steps(age))
    factors = [late / early for early, late in zip(spent[AGES[0]], spent[AGES[-1]], strict=True)]
    figures = {f"step_ms_in_round_{age}": median(times[1:]) * 1e3 for age, times in spent.items()}
    figures["tokens_bytes_in_round_10"] = len(kept_at[10][0].tokens)
    figures["tokens_bytes_in_round_5000"] = len(kept_at[5_000][0].tokens)
    figures["age_factor"] = median(factors[1:])
    return figures


# --- growth ------------------------------------------------------------------------------------------------------


def growth(name: str, counts: Sequence[int], draw: Callable[[int], tuple[bytes, int]]) -> dict[str, float]:
    """Time the start of diagrams that run to their end by themselves, per node that runs."""
    prepared = {count: (parse({"main.bpmn": (drawn := draw(count))[0]}), drawn[1]) for count in counts}
    spent: dict[int, list[float]] = {count: [] for count in counts}
    for _ in range(ROUNDS + 1):
        for count, (definition, nodes) in prepared.items():
            gc.collect()
            began = time.process_time()
            for _ in range(max(1, 2_000 // nodes)):
                _state, step = start(definition, now=NOW)
                assert step.ended
            spent[count].append((time.process_time() - began) / max(1, 2_000 // nodes) / nodes)
    figures = {f"{name}_{count}_us_per_node": median(times[1:]) * 1e6 for count, times in spent.items()}
    figures[f"{name}_growth"] = median(spent[counts[-1]][1:]) / median(spent[counts[0]][1:])
    if name == "pairs":
        figures |= {f"plain_pairs_{count}_us_per_node": stock_pairs(count) for count in STOCK_PAIRS}
    return figures


def stock_pairs(count: int) -> float:
    """Give microseconds per node that the start of parallel pairs takes in plain SpiffWorkflow."""
    content, nodes = pairs(count)
    stock = Stock("main", {"main.bpmn": content})
    began = time.process_time()
    stock.start()
    return (time.process_time() - began) / nodes * 1e6


def chain(length: int) -> tuple[bytes, int]:
    """Draw a chain of plain tasks; give it with the number of nodes that run."""
    names = ["begun", *(f"n{number}" for number in range(length)), "ended"]
    return draw([(name, "task") for name in names[1:-1]], itertools.pairwise(names)), length + 2


def pairs(count: int) -> tuple[bytes, int]:
    """Draw forks and joins of two branches, one pair after the other."""
    nodes, flows, last = [], [], "begun"
    for number in range(count):
        fork, join = f"fork{number}", f"join{number}"
        nodes += [(fork, "parallelGateway"), (join, "parallelGateway")]
        flows.append((last, fork))
        for branch in ("a", "b"):
            nodes.append((f"{branch}{number}", "task"))
            flows += [(fork, f"{branch}{number}"), (f"{branch}{number}", join)]
        last = join
    return draw(nodes, [*flows, (last, "ended")]), 4 * count + 2


def draw(nodes: Sequence[tuple[str, str]], flows: Any) -> bytes:
    """Make a file of a start, an end and what is between."""
    parts = ['<bpmn:startEvent id="begun"/><bpmn:endEvent id="ended"/>']
    parts += [f'<bpmn:{tag} id="{name}"/>' for name, tag in nodes]
    parts += [f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows]
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://bench.test">'
        f'<bpmn:process id="main" isExecutable="true">{"".join(parts)}</bpmn:process></bpmn:definitions>'
    ).encode()


if __name__ == "__main__":
    sys.exit(main())
