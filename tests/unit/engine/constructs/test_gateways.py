"""Gateways: BPMN 2.0.2, 10.6 and 13.4."""

import itertools

import pytest

from unit.engine.constructs.sections import plays
from unit.engine.drawing import (
    Run,
    catch,
    draw,
    element,
    end,
    event,
    exclusive,
    flows,
    inclusive,
    message,
    parallel,
    roots,
    start,
    timer,
    user,
)
from workflows.errors import AmanahError

NAMES = ("a", "b", "c")
WAYS = tuple(user(name) for name in NAMES)


@plays("13.4.1", ("parallelGateway", ""))
@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)))
def test_a_parallel_gateway_forks_to_all_and_joins_all(order: tuple[str, ...]) -> None:
    between = [flows(f"fork > {name} > join") for name in NAMES]
    run = Run(
        draw(start(), parallel("fork"), *WAYS, parallel("join"), end(), flows("start > fork", "join > end"), *between)
    )

    for name in order:
        assert not run.step.ended
        run.complete(name)
    assert run.step.ended


@plays("13.4.1", ("parallelGateway", ""))
def test_a_parallel_join_takes_exactly_one_token_from_each_flow() -> None:
    drawn = draw(
        start(),
        parallel("fork"),
        exclusive("merge"),
        *WAYS,
        parallel("join"),
        user("after"),
        end(),
        flows(
            "start > fork",
            "fork > a > merge",
            "fork > b > merge",
            "merge > join",
            "fork > c > join",
            "join > after > end",
        ),
    )
    run = Run(drawn).complete("a").complete("b").complete("c")

    # The second token from the merge waits for a partner that never comes.
    assert run.tasks == ["after"]
    assert "join" in run.step.tokens
    assert run.complete("after").step.stuck


@plays("13.4.2", ("exclusiveGateway", ""))
@pytest.mark.parametrize(("values", "taken"), [({"x": 1}, ["a"]), ({"x": 2}, ["b"]), ({}, ["c"])])
def test_an_exclusive_gateway_takes_the_first_that_holds_else_the_default(values: dict, taken: list[str]) -> None:  # type: ignore[type-arg]
    drawn = draw(
        start(),
        exclusive("which", default="which_c"),
        *WAYS,
        end(),
        flows("start > which > c > end"),
        flows("which > a if x = 1", "which > b if x > 0", "a > end", "b > end"),
    )

    assert Run(drawn, values).tasks == taken


@plays("13.4.2", ("exclusiveGateway", ""))
def test_without_default_and_answer_an_exclusive_gateway_is_an_exception() -> None:
    drawn = draw(
        start(),
        exclusive("which"),
        *WAYS[:2],
        end(),
        flows("start > which", "which > a if x", "which > b if y"),
        flows("a > end", "b > end"),
    )

    with pytest.raises(AmanahError, match=r"gateway\.no_way"):
        Run(drawn)


@plays("13.4.2", ("exclusiveGateway", ""))
def test_an_exclusive_gateway_lets_every_token_through() -> None:
    drawn = draw(
        start(),
        parallel("fork"),
        *WAYS[:2],
        exclusive("merge"),
        user("after"),
        end(),
        flows("start > fork > a > merge > after > end", "fork > b > merge"),
    )
    run = Run(drawn).complete("a").complete("b")

    assert run.tasks == ["after", "after"]


@plays("13.4.3", ("inclusiveGateway", ""))
@pytest.mark.parametrize(
    ("values", "taken"),
    [({"x": 1}, ["a"]), ({"x": 1, "y": 1}, ["a", "b"]), ({"y": 1}, ["b"]), ({}, ["c"])],
)
def test_an_inclusive_gateway_takes_all_that_hold_and_joins_those(values: dict, taken: list[str]) -> None:  # type: ignore[type-arg]
    drawn = draw(
        start(),
        inclusive("split", default="split_c"),
        *WAYS,
        inclusive("join"),
        end(),
        flows("start > split > c > join > end", "split > a if x = 1", "split > b if y = 1", "a > join", "b > join"),
    )
    run = Run(drawn, values)

    assert run.tasks == taken
    for name in taken:
        assert not run.step.ended
        run.complete(name)
    assert run.step.ended


@plays("13.4.3", ("inclusiveGateway", ""))
def test_an_inclusive_join_does_not_wait_for_what_cannot_come_any_more() -> None:
    drawn = draw(
        start(),
        parallel("fork"),
        user("a"),
        user("b"),
        exclusive("turn", default="turn_join"),
        inclusive("join"),
        user("after"),
        end(),
        end("away"),
        flows("start > fork > a > join > after > end", "fork > b > turn > join", "turn > away if gone"),
    )
    run = Run(drawn).complete("a")

    assert run.tasks == ["b"]
    assert run.complete("b", gone=True).tasks == ["after"]


@plays("13.4.4", ("eventBasedGateway", ""))
@plays("10.6.6", ("eventBasedGateway", ""))
@pytest.mark.parametrize("first", ["message", "signal", "timer", "conditional", "receive"])
def test_an_event_based_gateway_takes_the_event_that_happens_first(first: str) -> None:
    condition = element("conditionalEventDefinition", None, "<bpmn:condition>ready</bpmn:condition>")
    drawn = draw(
        start(),
        parallel("fork"),
        user("beside"),
        element("eventBasedGateway", "race"),
        catch("message", message("news")),
        catch("signal", event("signal", "signal_go")),
        catch("timer", timer("P2D")),
        catch("conditional", condition),
        element("receiveTask", "receive", messageRef="message_other"),
        end(),
        flows("start > fork > race", "fork > beside > end"),
        *(flows(f"race > {name} > end") for name in ("message", "signal", "timer", "conditional", "receive")),
        roots=roots(messages="news other", signals="go"),
    )
    run = Run(drawn)
    match first:
        case "message":
            run.deliver("news")
        case "receive":
            run.deliver("other")
        case "signal":
            run.deliver("go", kind="signal")
        case "timer":
            run.wait(days=3)
        case _:
            run.complete("beside", ready=True)

    assert f"-{first}" in run.went
    assert run.step.messages == run.step.signals == run.step.timers == ()
