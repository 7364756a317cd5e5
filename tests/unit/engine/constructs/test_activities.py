"""Activities: BPMN 2.0.2, 10.3 and 13.3.

A task is done when what it stands for is done, a sub-process when no token is left inside it, a call when the called
process has ended. What leaves an activity on several flows leaves on each of them (13.3.1).
"""

from decimal import Decimal

import pytest

from unit.engine.constructs.sections import plays
from unit.engine.drawing import (
    Run,
    call,
    draw,
    element,
    end,
    extensions,
    file_of,
    flows,
    parallel,
    parameters,
    pool,
    roots,
    script,
    service,
    start,
    sub_process,
    user,
)
from workflows.engine import BusinessError, parse
from workflows.feel.values import from_json

TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">'
    '<decision id="sized" name="sized"><decisionTable id="t" hitPolicy="FIRST">'
    '<input id="i"><inputExpression id="e" typeRef="number"><text>amount</text></inputExpression></input>'
    '<output id="o" name="size" typeRef="string"/>'
    '<rule id="r1"><inputEntry id="n1"><text>&gt; 5</text></inputEntry><outputEntry id="u1"><text>"large"</text>'
    '</outputEntry></rule><rule id="r2"><inputEntry id="n2"><text>-</text></inputEntry><outputEntry id="u2">'
    '<text>"small"</text></outputEntry></rule></decisionTable></decision></definitions>'
)


def line(work: str, path: str = "start > work > end", **more: object) -> bytes:
    return draw(start(), work, end(), flows(path), **more)  # type: ignore[arg-type]


@plays("10.3.3", ("task", ""))
def test_an_abstract_task_says_something_to_the_reader_only() -> None:
    run = Run(line(element("task", "work")))

    assert run.went == ["+start", "-start", "+work", "-work", "+end", "-end"]
    assert run.step.ended


@plays("10.3.3", ("userTask", ""))
@plays("13.3.3", ("userTask", ""))
def test_a_user_task_is_completed_by_a_person() -> None:
    run = Run(line(user("work")))

    assert (run.tasks, run.step.ended) == (["work"], False)
    assert run.complete("work", said="yes").step.ended
    assert run.variables == {"said": "yes"}


@plays("10.3.3", ("manualTask", ""))
def test_a_manual_task_is_done_outside_and_reported() -> None:
    run = Run(line(element("manualTask", "work")))

    assert run.step.tasks[0].kind == "manual"
    assert run.complete("work").step.ended


@plays("13.3.3", ("scriptTask", ""))
def test_a_script_task_completes_with_its_script() -> None:
    run = Run(line(script("work", "amount * 1.1", "sum")), {"amount": 10})

    assert run.step.ended
    assert run.variables["sum"] == 11


@plays("13.3.3", ("serviceTask", ""))
def test_a_service_task_sends_its_inputs_and_completes_with_the_answer() -> None:
    heard = []
    run = Run(
        line(service("work", "weigh", parameters({"item": "name"}, {"weight": "grams / 1000"}))),
        {"name": "watch"},
        services={"weigh": lambda inputs: heard.append(inputs) or {"grams": 250}},
    )

    assert (heard, run.step.ended) == ([{"item": "watch"}], True)
    assert from_json(run.variables["weight"]) == Decimal("0.25")


@plays("13.3.3", ("serviceTask", ""))
def test_a_fault_of_the_service_is_an_error_of_the_activity() -> None:
    def refuse(_: object) -> None:
        raise BusinessError("BAD", "no scales")

    drawn = draw(
        start(),
        service("work", "weigh"),
        element("boundaryEvent", "caught", element("errorEventDefinition", None), attachedToRef="work"),
        user("mend"),
        end(),
        flows("start > work > end", "caught > mend"),
    )

    assert Run(drawn, services={"weigh": refuse}).tasks == ["mend"]


@plays("13.3.3", ("sendTask", ""))
def test_a_send_task_completes_when_the_message_is_sent() -> None:
    sent = []
    run = Run(line(element("sendTask", "work", camunda_topic="tell")), services={"tell": lambda inputs: sent.append(1)})

    assert (sent, run.step.ended) == ([1], True)


@plays("13.3.3", ("receiveTask", ""))
def test_a_receive_task_waits_until_its_message_arrives() -> None:
    run = Run(line(element("receiveTask", "work", messageRef="message_news"), roots=roots(messages="news other")))

    assert [message.name for message in run.step.messages] == ["news"]
    assert run.deliver("news", said="hello").step.ended
    assert run.variables == {"said": "hello"}


@plays("13.3.3", ("businessRuleTask", ""))
@pytest.mark.parametrize(("amount", "size"), [(3, "small"), (6, "large")])
def test_a_business_rule_task_asks_its_rules(amount: int, size: str) -> None:
    work = element(
        "businessRuleTask",
        "work",
        camunda_decisionRef="sized",
        camunda_resultVariable="size",
        camunda_mapDecisionResult="singleEntry",
    )
    definition = parse({"main.bpmn": line(work), "sized.dmn": TABLE.encode()})

    assert Run(definition, {"amount": amount}).variables["size"] == size


@plays("13.3.4", ("subProcess", ""), ("start of a sub-process", ""))
def test_a_sub_process_completes_when_no_token_is_left_inside() -> None:
    inside = start("s"), parallel("fork"), user("a"), user("b"), end("ea"), end("eb")
    run = Run(line(sub_process("work", *inside, flows("s > fork > a > ea", "fork > b > eb"))))

    assert run.complete("a").tasks == ["b"]
    assert not run.step.ended
    assert run.complete("b").step.ended


@plays("13.3.4", ("callActivity", ""))
@plays("10.3.6", ("callActivity", ""))
def test_a_call_activity_hands_over_and_takes_back() -> None:
    mapping = extensions('<camunda:in source="a" target="x"/><camunda:out sourceExpression="x + y" target="b"/>')
    called = pool(start("s"), user("inner"), end("e"), flows("s > inner > e"), process="called")
    main = pool(start(), call("work", "called", mapping), end(), flows("start > work > end"))
    run = Run(parse({"main.bpmn": file_of(main, called)}), {"a": 1})

    assert run.tasks == ["inner"]
    assert run.complete("inner", y=2).step.ended
    assert run.variables == {"a": 1, "b": 3}


@plays("13.3.1", ("task", ""))
@pytest.mark.parametrize(
    ("amount", "taken"), [(0, ["always", "usual"]), (6, ["always", "large"]), (60, ["always", "huge", "large"])]
)
def test_flows_out_of_an_activity_are_taken_as_out_of_an_inclusive_gateway(amount: int, taken: list[str]) -> None:
    ways = [user(name) for name in ("always", "large", "huge", "usual")]
    drawn = draw(
        start(),
        element("task", "work", default="work_usual"),
        *ways,
        end(),
        flows("start > work > usual > end", "work > always > end", "large > end", "huge > end"),
        flows("work > large if amount > 5", "work > huge if amount > 50"),
    )

    assert Run(drawn, {"amount": amount}).tasks == taken


@plays("13.3.1", ("task", ""))
def test_an_activity_runs_once_for_each_token_that_comes_in() -> None:
    drawn = draw(
        start(),
        parallel("fork"),
        user("work"),
        end(),
        flows("start > fork > work > end", "fork > work").replace('id="fork_work"', 'id="again"', 1),
    )

    assert Run(drawn).tasks == ["work", "work"]
