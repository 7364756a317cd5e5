"""The contract in its plainest form."""

import pytest

from unit.engine.drawing import NOW, Run, draw, end, exclusive, flows, start, user
from workflows.engine import Conflict, complete, deliver, parse, wake
from workflows.engine import start as start_instance

REWORK = draw(
    start(),
    user("write"),
    exclusive("enough", default="enough_end"),
    end(),
    flows("start > write > enough > end", "enough > write if again"),
)


def test_a_task_waits_and_ends_when_it_is_completed() -> None:
    run = Run(draw(start(), user("ask", name="Tanya"), end(), flows("start > ask > end")))

    assert [(task.element, task.name, task.kind) for task in run.step.tasks] == [("ask", "Tanya", "user")]
    assert run.went == ["+start", "-start", "+ask"]
    assert run.step.flows == ("start_ask",)
    assert run.step.tokens == ("ask",)
    assert not run.step.ended

    run.complete("ask", answer=42)

    assert run.variables == {"answer": 42}
    assert run.step.changed == ("answer",)
    assert run.step.ended
    assert run.step.outcome == "end"
    assert run.step.tokens == ()


def test_a_task_is_never_completed_twice() -> None:
    definition = parse({"main.bpmn": REWORK})
    state, step = start_instance(definition, now=NOW)
    after, _ = complete(definition, state, step.tasks[0].id, {"again": True}, now=NOW)

    with pytest.raises(Conflict, match=r"task\.not_waiting"):
        complete(definition, after, step.tasks[0].id, {"again": True}, now=NOW)


@pytest.mark.parametrize("task", ["", "t0", "t1", "t99", "write", "start"])
def test_only_a_waiting_task_can_be_completed(task: str) -> None:
    run = Run(REWORK)
    assert run.step.tasks[0].id not in (task, "t1")

    with pytest.raises(Conflict):
        complete(run.definition, run.state, task, {}, now=NOW)


def test_the_same_call_has_the_same_result_and_changes_nothing_that_was_handed_in() -> None:
    run = Run(REWORK, {"given": {"nested": [1]}})
    before = (run.state.tokens, repr(run.state.variables))
    answers = {"again": True, "notes": ["a"]}

    first = complete(run.definition, run.state, run.step.tasks[0].id, answers, now=NOW)
    answers["notes"].append("b")
    second = complete(run.definition, run.state, run.step.tasks[0].id, {"again": True, "notes": ["a"]}, now=NOW)

    assert first == second
    assert (run.state.tokens, repr(run.state.variables)) == before


def test_waking_with_nothing_due_gives_back_the_same_state() -> None:
    run = Run(REWORK)

    state, step = wake(run.definition, run.state, now=NOW)

    assert state == run.state
    assert step.trace == ()
    assert step.tasks == run.step.tasks


def test_an_ended_instance_takes_nothing_any_more() -> None:
    run = Run(REWORK).complete("write", again=False)
    assert run.step.ended

    with pytest.raises(Conflict):
        complete(run.definition, run.state, "t2", {}, now=NOW)
    with pytest.raises(Conflict):
        deliver(run.definition, run.state, "anything", now=NOW)
    state, step = wake(run.definition, run.state, now=NOW)
    assert state == run.state
    assert (step.ended, step.outcome) == (True, "end")


def test_two_thousand_rounds_of_rework_cost_no_more_than_ten() -> None:
    run = Run(REWORK)
    sizes = []
    for _ in range(2_000):
        run.complete("write", again=True)
        sizes.append(len(run.state.tokens))

    assert run.tasks == ["write"]
    assert max(sizes[10:]) <= sizes[10] + 8
    assert run.complete("write", again=False).step.ended
