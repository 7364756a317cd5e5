"""Several instances of one activity, and loops."""

import pytest

from unit.engine.drawing import (
    Run,
    boundary,
    draw,
    element,
    end,
    flows,
    parameters,
    repeated,
    script,
    start,
    sub_process,
    timer,
    user,
)
from workflows.errors import AmanahError

OFFICES = ["health", "roads", "water"]


def asking(marker: str, *content: str) -> bytes:
    return draw(start(), user("ask", marker, *content), user("after"), end(), flows("start > ask > after > end"))


def test_parallel_instances_each_see_their_own_item() -> None:
    run = Run(asking(repeated(collection="offices", elementVariable="office")), {"offices": OFFICES})

    assert [dict(task.local) for task in run.step.tasks] == [
        {"loopCounter": number, "office": office} for number, office in enumerate(OFFICES)
    ]
    for _ in OFFICES:
        assert run.tasks[0] == "ask"
        run.complete("ask")
    assert run.tasks == ["after"]
    assert "office" not in run.variables


def test_sequential_instances_come_one_after_the_other() -> None:
    run = Run(
        asking(repeated(sequential=True, collection="${offices}", elementVariable="office")), {"offices": OFFICES}
    )
    seen = []
    while run.tasks == ["ask"]:
        seen.append(run.step.tasks[0].local["office"])
        run.complete("ask", offices=[])

    assert seen == OFFICES
    assert run.tasks == ["after"]


def test_results_are_collected_by_output_parameters_and_equal_ones_survive() -> None:
    outputs = parameters(outputs={"answers": "append(if answers = null then [] else answers, amount)"})
    run = Run(asking(repeated(number="3"), outputs))
    for amount in (100, 100, 50):
        run.complete("ask", amount=amount)

    assert run.variables == {"answers": [100, 100, 50]}


def test_the_completion_condition_ends_the_others() -> None:
    run = Run(asking(repeated(number="5", completion="nrOfCompletedInstances >= 2 and nrOfActiveInstances = 3")))
    run.complete("ask")
    assert len(run.step.tasks) == 4

    run.complete("ask")
    assert run.tasks == ["after"]
    assert run.went.count("xask") == 3


@pytest.mark.parametrize("marker", [repeated(number="0"), repeated(collection="nothing")])
def test_nobody_to_ask_means_going_on(marker: str) -> None:
    run = Run(asking(marker))

    assert run.tasks == ["after"]
    assert run.went[2:4] == ["+ask", "-ask"]


@pytest.mark.parametrize("number", ["-1", '"many"', "null", "501", "true"])
def test_a_senseless_number_abandons_the_call(number: str) -> None:
    with pytest.raises(AmanahError, match="repetition"):
        Run(asking(repeated(number=number)))


def test_sub_processes_repeat_with_what_they_hold() -> None:
    diagram = draw(
        start(),
        sub_process(
            "each",
            repeated(collection="offices", elementVariable="office"),
            start("go"),
            script("write", 'append(if book = null then [] else book, "ask " + office)', "book"),
            user("answer"),
            end("gone"),
            flows("go > write > answer > gone"),
        ),
        boundary("late", "each", timer("P3D")),
        user("chase"),
        end(),
        flows("start > each > end", "late > chase > end"),
    )
    run = Run(diagram, {"offices": OFFICES})
    assert run.variables["book"] == ["ask health", "ask roads", "ask water"]
    assert run.tasks == ["answer"] * 3

    late = run.complete("answer").wait(days=4)
    assert late.tasks == ["chase"]
    assert late.went.count("xeach") == 2


def loop(*content: str, **attributes: str) -> str:
    return element("standardLoopCharacteristics", None, *content, **attributes)


def test_a_standard_loop_goes_on_while_its_condition_holds() -> None:
    run = Run(asking(loop("<bpmn:loopCondition>again</bpmn:loopCondition>")))
    run.complete("ask", again=True)
    assert run.tasks == ["ask"]
    assert run.complete("ask", again=False).tasks == ["after"]


def test_a_standard_loop_may_ask_first_and_stops_at_its_maximum() -> None:
    before = asking(loop("<bpmn:loopCondition>again</bpmn:loopCondition>", testBefore="true"))
    assert Run(before, {"again": False}).tasks == ["after"]
    assert Run(before, {"again": True}).tasks == ["ask"]

    run = Run(asking(loop(loopMaximum="2")))
    assert run.complete("ask").complete("ask").tasks == ["after"]


def test_five_hundred_instances_are_finished_in_linear_work() -> None:
    run = Run(asking(repeated(number="500")))
    for _ in range(20):
        run.complete("ask")

    assert len(run.step.tasks) == 480
