"""Gateways and conditional flows: who gets a token."""

import pytest

from unit.engine.drawing import (
    Run,
    boundary,
    catch,
    draw,
    element,
    end,
    exclusive,
    flows,
    inclusive,
    message,
    parallel,
    roots,
    script,
    start,
    timer,
    user,
)
from workflows.errors import AmanahError


def test_the_first_condition_that_holds_wins() -> None:
    diagram = draw(
        start(),
        exclusive("choose", default="choose_c"),
        user("a"),
        user("b"),
        user("c"),
        flows("start > choose", "choose > a if x > 5", "choose > b if x > 3", "choose > c"),
    )

    assert Run(diagram, {"x": 9}).tasks == ["a"]
    assert Run(diagram, {"x": 4}).tasks == ["b"]
    assert Run(diagram, {"x": 1}).tasks == ["c"]


def test_an_unknown_variable_in_a_condition_counts_as_not_true() -> None:
    diagram = draw(
        start(),
        exclusive("choose", default="choose_b"),
        user("a"),
        user("b"),
        flows("start > choose", "choose > a if never_written = true", "choose > b"),
    )

    assert Run(diagram).tasks == ["b"]


def test_a_gateway_without_an_answer_abandons_the_call() -> None:
    diagram = draw(
        start(),
        exclusive("choose"),
        user("a"),
        user("b"),
        flows("start > choose", "choose > a if x = 1", "choose > b if x = 2"),
    )

    with pytest.raises(AmanahError, match=r"gateway\.no_way.*choose"):
        Run(diagram, {"x": 3})


def test_a_wrapped_condition_means_the_same() -> None:
    diagram = draw(
        start(),
        exclusive("choose", default="choose_b"),
        user("a"),
        user("b"),
        flows("start > choose", "choose > a if ${x = 1}", "choose > b"),
    )

    assert Run(diagram, {"x": 1}).tasks == ["a"]


FORK = draw(
    start(),
    parallel("fork"),
    user("a"),
    user("b"),
    parallel("join"),
    user("after"),
    end(),
    flows("start > fork > a > join", "fork > b > join > after > end"),
)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_parallel_join_waits_for_both_branches(order: tuple[str, str]) -> None:
    run = Run(FORK)
    assert run.tasks == ["a", "b"]

    run.complete(order[0])
    assert run.tasks == [order[1]]
    assert run.step.tokens == (order[1], "join") or run.step.tokens == ("join", order[1])

    run.complete(order[1])
    assert run.tasks == ["after"]
    assert run.went == [f"-{order[1]}", "+join", "-join", "+after"]


def test_branches_do_not_overwrite_what_the_other_wrote() -> None:
    """Row 3: in SpiffWorkflow the branch that comes last brings its stale copy of x back."""
    run = Run(FORK, {"x": 0, "list": [100, 100, 50], "nested": {"phone": "old", "name": "A"}})

    run.complete("a", x=1, nested={"phone": "new", "name": "A"})
    run.complete("b", y=1)

    assert run.variables == {
        "x": 1,
        "y": 1,
        "list": [100, 100, 50],
        "nested": {"phone": "new", "name": "A"},
    }


def test_repeated_list_values_survive_a_join() -> None:
    """S16: SpiffWorkflow merges lists by value; 100, 100, 50 becomes 100, 50."""
    diagram = draw(
        start(),
        script("gifts", "[100, 100, 50]", "gifts"),
        parallel("fork"),
        script("more", "append(gifts, 100)", "gifts"),
        user("b"),
        parallel("join"),
        script("total", "sum(gifts)", "total"),
        end(),
        flows("start > gifts > fork > more > join", "fork > b > join > total > end"),
    )
    run = Run(diagram).complete("b", note="x")

    assert run.variables["gifts"] == [100, 100, 50, 100]
    assert run.variables["total"] == 350


@pytest.mark.parametrize("rounds", [50])
@pytest.mark.parametrize("first", ["a", "b"])
def test_a_parallel_join_in_a_loop_never_fires_on_the_arrivals_of_an_earlier_round(rounds: int, first: str) -> None:
    """Rows 2 and 6: in SpiffWorkflow it fires too early in round 2, and recurses to death in round 195."""
    diagram = draw(
        start(),
        exclusive("back"),
        parallel("fork"),
        user("a"),
        user("b"),
        parallel("join"),
        exclusive("again", default="again_end"),
        end(),
        flows("start > back > fork > a > join", "fork > b > join > again > end", "again > back if more"),
    )
    run = Run(diagram)
    for _ in range(rounds):
        run.complete(first, more=True)
        assert run.tasks == ["b" if first == "a" else "a"]
        run.complete(run.tasks[0])
        assert run.tasks == ["a", "b"]
    run.complete("a", more=False).complete("b")
    assert run.step.ended


def test_a_second_token_on_the_same_flow_waits_for_the_next_round() -> None:
    """S20: the parallel gateway consumes exactly one token of each flow."""
    diagram = draw(
        start(),
        parallel("fork"),
        user("a"),
        user("b"),
        user("c"),
        exclusive("merge"),
        parallel("join"),
        user("after"),
        end(),
        flows("start > fork > a > merge > join", "fork > b > merge", "fork > c > join > after > end"),
    )
    run = Run(diagram).complete("a").complete("b")
    assert run.tasks == ["c"]

    run.complete("c")
    assert run.tasks == ["after"]

    run.complete("after")
    assert not run.step.ended
    assert run.step.stuck


def test_an_inclusive_gateway_takes_every_true_flow_and_waits_for_exactly_those() -> None:
    diagram = draw(
        start(),
        inclusive("split", default="split_c"),
        user("a"),
        user("b"),
        user("c"),
        inclusive("join"),
        user("after"),
        end(),
        flows(
            "start > split", "split > a if x", "split > b if y", "split > c", "a > join", "b > join", "c > join > after"
        ),
        flows("after > end"),
    )
    both = Run(diagram, {"x": True, "y": True})
    assert both.tasks == ["a", "b"]
    assert both.complete("b").tasks == ["a"]
    assert both.complete("a").tasks == ["after"]

    assert Run(diagram, {"x": True}).complete("a").tasks == ["after"]
    assert Run(diagram, {}).tasks == ["c"]


def test_an_inclusive_join_waits_for_a_token_that_can_still_come_round_a_loop() -> None:
    diagram = draw(
        start(),
        inclusive("split", default="split_b"),
        user("a"),
        exclusive("check", default="check_join"),
        user("b"),
        inclusive("join"),
        end(),
        flows(
            "start > split", "split > a if x", "split > b", "a > check > join", "check > a if again", "b > join > end"
        ),
    )
    # The default flow is taken only when nothing else is; so both branches need conditions here.
    diagram = diagram.replace(b' default="split_b"', b"").replace(
        b'<bpmn:sequenceFlow id="split_b" sourceRef="split" targetRef="b">',
        b'<bpmn:sequenceFlow id="split_b" sourceRef="split" targetRef="b">'
        b"<bpmn:conditionExpression>true</bpmn:conditionExpression>",
    )
    run = Run(diagram, {"x": True}).complete("b").complete("a", again=True)
    assert run.tasks == ["a"]

    assert run.complete("a", again=False).step.ended


def test_an_inclusive_join_waits_for_the_activity_beside_which_its_reminder_came() -> None:
    """What a boundary event sends beside its activity is no way that the activity's own token might take (13.4.3)."""
    diagram = draw(
        start(),
        user("ask"),
        boundary("late", "ask", timer("P1D"), interrupting=False),
        user("remind"),
        inclusive("join"),
        user("after"),
        end(),
        flows("start > ask > join > after > end", "late > remind > join"),
    )

    run = Run(diagram).wait(days=1)
    assert run.complete("remind").tasks == ["ask"]
    assert run.complete("ask").tasks == ["after"]


def test_conditions_out_of_a_task_are_asked() -> None:
    """S10: SpiffWorkflow ignores them and always takes the flow."""
    diagram = draw(
        start(),
        user("ask", default="ask_c"),
        user("a"),
        user("b"),
        user("c"),
        flows("start > ask", "ask > a if x", "ask > b if y", "ask > c"),
    )
    assert Run(diagram).complete("ask", x=True).tasks == ["a"]
    assert Run(diagram).complete("ask", x=True, y=True).tasks == ["a", "b"]
    assert Run(diagram).complete("ask").tasks == ["c"]


def test_several_flows_out_of_a_task_are_all_taken() -> None:
    diagram = draw(start(), user("ask"), user("a"), user("b"), flows("start > ask > a", "ask > b"))

    assert Run(diagram).complete("ask").tasks == ["a", "b"]


def test_two_flows_between_the_same_elements_are_two_tokens() -> None:
    diagram = draw(
        start(),
        parallel("fork"),
        parallel("join"),
        user("after"),
        flows("start > fork", "join > after"),
        element("sequenceFlow", "one", sourceRef="fork", targetRef="join"),
        element("sequenceFlow", "two", sourceRef="fork", targetRef="join"),
    )

    assert Run(diagram).tasks == ["after"]


RACE = draw(
    start(),
    element("eventBasedGateway", "wait"),
    catch("long", timer("P10D")),
    catch("short", timer("P2D")),
    catch("answer", message("answer")),
    user("late"),
    user("soon"),
    user("read"),
    exclusive("merge"),
    exclusive("again", default="again_end"),
    end(),
    flows("start > merge > wait > long > late", "wait > short > soon", "wait > answer > read > again > end"),
    flows("again > merge if more"),
    roots=roots(messages="answer"),
)


def test_two_timers_on_an_event_gateway_keep_their_own_time() -> None:
    """Row 7: in SpiffWorkflow both share the due date of the first."""
    run = Run(RACE)
    assert [(timer.element, (timer.due_at - run.now).days) for timer in run.step.timers] == [("short", 2), ("long", 10)]
    assert run.wait(days=1).tasks == []

    assert run.wait(days=1.5).tasks == ["soon"]
    assert run.step.timers == ()
    assert run.step.messages == ()
    assert run.went == ["-wait", "+short", "-short", "+soon"]
    assert run.step.flows == ("wait_short", "short_soon")


def test_a_race_of_message_and_timer_can_be_run_again_and_again() -> None:
    run = Run(RACE)
    for number in range(5):
        assert [awaited.name for awaited in run.step.messages] == ["answer"]
        run.deliver("answer", text=str(number))
        assert run.tasks == ["read"]
        assert run.step.timers == ()
        run.complete("read", more=True)
    assert run.variables["text"] == "4"
