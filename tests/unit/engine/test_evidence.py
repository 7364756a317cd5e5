"""The data of a completed step are the same for ever, and lists survive joins as they were (promises R10 and R11)."""

import random
from decimal import Decimal

import pytest

from unit.engine.block_models import Model
from unit.engine.drawing import NOW, Run, draw, end, flows, parallel, parameters, repeated, script, start, user
from workflows import engine
from workflows.engine import complete, data_checksum, parse
from workflows.feel.values import from_json

CHANGE = 'context put(case, "contact", {phone: if case.contact = null then 1 else case.contact.phone + 1})'


def test_equal_data_have_equal_checksums_whatever_the_order() -> None:
    assert data_checksum({"a": 1, "b": {"c": [1, 2], "d": None}}) == data_checksum(
        {"b": {"d": None, "c": [1, 2]}, "a": 1}
    )
    assert data_checksum({"a": [1, 2]}) != data_checksum({"a": [2, 1]})
    assert len(data_checksum({})) == 64


def test_nested_values_that_are_changed_later_leave_earlier_steps_as_they_were() -> None:
    definition = parse(
        {
            "main.bpmn": draw(
                start(), user("ask", default="ask_change"), script("change", CHANGE, "case"), end(),
                flows("start > ask > change", "ask > end if over", "change > ask"),
            )
        }
    )  # fmt: skip
    state, step = engine.start(definition, {"case": {"contact": None, "list": [{"n": 1}]}}, now=NOW)
    kept = [(state, data_checksum(state.variables))]
    for _ in range(20):
        state, step = complete(definition, state, step.tasks[0].id, {}, now=NOW)
        kept.append((state, data_checksum(state.variables)))

    assert state.variables["case"]["contact"] == {"phone": 20}
    assert [data_checksum(state.variables) for state, _ in kept] == [told for _, told in kept]
    assert len({told for _, told in kept}) == 21


@pytest.mark.parametrize("seed", range(10))
def test_in_random_processes_no_earlier_state_ever_changes(seed: int) -> None:
    dice = random.Random(seed)
    definition = parse({"main.bpmn": Model(seed).bpmn})
    state, step = engine.start(definition, {"list": [1, [2, {"a": 3}]]}, now=NOW)
    kept = [(state, data_checksum(state.variables), bytes(state.tokens))]
    while step.tasks and len(kept) < 25:
        answers = {"list": [*state.variables["list"], dice.randint(0, 1)], "a": dice.randint(0, 2)}
        state, step = complete(definition, state, dice.choice(step.tasks).id, answers, now=NOW)
        kept.append((state, data_checksum(state.variables), bytes(state.tokens)))

    assert all((data_checksum(old.variables), old.tokens) == (told, tokens) for old, told, tokens in kept)


@pytest.mark.parametrize("seed", range(10))
def test_lists_with_equal_values_survive_forks_and_joins(seed: int) -> None:
    """Each branch appends to a list of its own, in any order, values that are often the same."""
    dice = random.Random(seed)
    ways = dice.randint(2, 4)
    users = [user(f"u{n}", parameters(outputs={f"gifts{n}": f"append(gifts{n}, said, said)"})) for n in range(ways)]
    between = [flows(f"fork > u{n} > join") for n in range(ways)]
    gathered = "concatenate(" + ", ".join(f"gifts{n}" for n in range(ways)) + ")"
    run = Run(
        draw(
            start(), parallel("fork"), *users, parallel("join"), script("sum", gathered, "all"), end(),
            flows("start > fork", "join > sum > end"), *between,
        ),
        {f"gifts{n}": [Decimal(50)] for n in range(ways)},
    )  # fmt: skip
    expected = []
    order = list(range(ways))
    said = [dice.choice([50, 100]) for _ in order]
    for n in dice.sample(order, ways):
        run.complete(f"u{n}", said=said[n])
    for n in order:
        expected += [50, said[n], said[n]]

    assert run.step.ended
    assert run.variables["all"] == expected


def test_numbers_beyond_sixty_four_bits_are_kept_everywhere() -> None:
    drawn = draw(
        start(), user("ask", repeated(collection="[10 ** 20, -(2 ** 63), 2 ** 63]", elementVariable="n")),
        script("write", "10 ** 30", "large"), end(), flows("start > ask > write > end"),
    )  # fmt: skip
    run = Run(drawn)

    assert [from_json(task.local["n"]) for task in run.step.tasks] == [10**20, -(2**63), 2**63]
    for _ in range(3):
        run.complete("ask")
    assert from_json(run.variables["large"]) == 10**30
    assert data_checksum(run.variables)
