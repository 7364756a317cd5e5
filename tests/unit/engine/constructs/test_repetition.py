"""Loops and instances: BPMN 2.0.2, 10.3.8, 13.3.6 and 13.3.7."""

import pytest

from unit.engine.constructs.sections import plays
from unit.engine.drawing import Run, draw, element, end, flows, parameters, repeated, start, user


def line(work: str) -> bytes:
    return draw(start(), work, end(), flows("start > work > end"))


def looping(*content: str, **marks: str) -> str:
    return element("standardLoopCharacteristics", None, *content, **marks)


def while_(text: str) -> str:
    return f"<bpmn:loopCondition>{text}</bpmn:loopCondition>"


@plays("13.3.7", ("parallel instances", ""))
def test_parallel_instances_are_begun_at_once_one_for_each_item() -> None:
    run = Run(line(user("work", repeated(collection="people", elementVariable="person"))), {"people": ["a", "b", "a"]})

    assert [task.local["person"] for task in run.step.tasks] == ["a", "b", "a"]
    for _ in range(2):
        assert not run.complete("work").step.ended
    assert run.complete("work").step.ended


@plays("13.3.7", ("sequential instances", ""))
def test_sequential_instances_come_one_after_the_other() -> None:
    run = Run(line(user("work", repeated(True, number="3"))))
    seen = []
    while run.tasks:
        assert run.tasks == ["work"]
        seen.append(run.step.tasks[0].local["loopCounter"])
        run.complete("work")

    assert seen == [0, 1, 2]


@plays("13.3.7", ("parallel instances", ""), ("sequential instances", ""))
@pytest.mark.parametrize("sequential", [False, True])
def test_a_completion_condition_cancels_the_rest(sequential: bool) -> None:
    marker = repeated(sequential, number="5", completion="nrOfCompletedInstances = 2")
    run = Run(line(user("work", marker))).complete("work")

    assert not run.step.ended
    assert run.complete("work").step.ended
    assert run.went.count("xwork") == (0 if sequential else 3)


@plays("13.3.7", ("parallel instances", ""), ("sequential instances", ""))
@pytest.mark.parametrize("sequential", [False, True])
def test_no_item_means_no_instance_and_the_flow_goes_on(sequential: bool) -> None:
    assert Run(line(user("work", repeated(sequential, collection="[]")))).step.ended


@plays("10.3.8", ("parallel instances", ""))
def test_what_instances_bring_is_collected() -> None:
    work = user(
        "work",
        repeated(collection="[1, 2, 3]", elementVariable="n"),
        parameters(outputs={"sum": "append(sum, n * said)"}),
    )
    run = Run(line(work), {"sum": []})
    for _ in range(3):
        run.complete("work", said=10)

    assert run.variables["sum"] == [10, 20, 30]


@plays("13.3.6", ("standard loop", ""))
def test_a_standard_loop_asks_after_each_round() -> None:
    run = Run(line(user("work", looping(while_("again")))))

    assert run.complete("work", again=True).tasks == ["work"]
    assert run.complete("work", again=False).step.ended


@plays("13.3.6", ("standard loop", ""))
@pytest.mark.parametrize(("first", "waits"), [(True, ["work"]), (False, [])])
def test_a_standard_loop_may_ask_before_the_first_round(first: bool, waits: list[str]) -> None:
    assert Run(line(user("work", looping(while_("wanted"), testBefore="true"))), {"wanted": first}).tasks == waits


@plays("13.3.6", ("standard loop", ""))
def test_a_standard_loop_stops_at_its_maximum() -> None:
    counting = "<bpmn:script>if n = null then 1 else n + 1</bpmn:script>"
    marks = looping(while_("true"), loopMaximum="4")
    run = Run(line(element("scriptTask", "work", marks, counting, scriptFormat="feel", camunda_resultVariable="n")))

    assert (run.variables, run.step.ended) == ({"n": 4}, True)
