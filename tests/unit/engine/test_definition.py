"""What readers above see of a definition and of a step."""

import pickle
from dataclasses import asdict

from unit.engine.drawing import (
    Run,
    boundary,
    draw,
    element,
    end,
    event,
    exclusive,
    extensions,
    flows,
    message,
    parameters,
    roots,
    script,
    service,
    start,
    sub_process,
    timer,
    user,
)
from workflows.engine import Flow, StartEvent, parse

DIAGRAM = draw(
    start("start", message("filed")),
    user(
        "verify",
        extensions('<camunda:properties><camunda:property name="stage" value="checked"/></camunda:properties>'),
        name="Verifikasi",
        camunda_formKey="verify",
        camunda_dueDate="P-01",
    ),
    boundary("late", "verify", timer("=due"), interrupting=False),
    service("remind", "remind", parameters({"share": "0.75"}), camunda_resultVariable="told"),
    exclusive("fit", default="fit_end"),
    sub_process("inner", start("go"), script("add", "x + y", "z"), end("gone"), flows("go > add > gone")),
    element("receiveTask", "wait", messageRef="message_reply"),
    end(),
    end("shout", event("signal", "signal_done")),
    flows("start > verify > fit > end", "fit > inner if level > 3", "inner > wait > shout", "late > remind > end"),
    roots=roots(messages="filed reply", signals="done"),
)


def test_elements_tell_what_the_diagram_says() -> None:
    definition = parse({"main.bpmn": DIAGRAM})
    verify, late, remind = (definition.element(name) for name in ("verify", "late", "remind"))

    assert (verify.kind, verify.name, verify.form, verify.due) == ("userTask", "Verifikasi", "verify", "P-01")
    assert verify.properties == {"stage": "checked"}
    assert 'id="verify"' in DIAGRAM.decode().splitlines()[verify.line - 1]
    assert (late.event, late.attached_to, late.interrupting, late.reads) == ("timer", "verify", False, ("due",))
    assert (remind.topic, remind.inputs, remind.writes) == ("remind", ("share",), ("told",))
    assert remind.input_texts == {"share": "0.75"}
    assert definition.element("add").parent == "inner"
    assert definition.element("inner").parent is None
    assert definition.element("fit").reads == ("level",)


def test_the_definition_sums_up() -> None:
    definition = parse({"main.bpmn": DIAGRAM})

    assert definition.starts == (StartEvent("start", "message", "filed"),)
    assert definition.messages == ("filed", "reply")
    assert definition.signals == ()
    assert definition.variables_read == ("due", "level", "x", "y")
    assert definition.variables_written == ("told", "z")
    flow = next(flow for flow in definition.flows if flow.id == "fit_inner")
    assert flow == Flow(
        "fit_inner", "fit", "inner", condition="level > 3", line=flow.line, file="main.bpmn", process="main"
    )
    assert next(flow for flow in definition.flows if flow.id == "fit_end").default


def test_a_definition_can_be_pickled_and_goes_on_where_it_is_read() -> None:
    run = Run(DIAGRAM, {"due": "P1D"}, trigger=("message", "filed"))
    run.definition = pickle.loads(pickle.dumps(run.definition))

    assert run.complete("verify", level=1).step.ended


def test_a_step_becomes_plain_data() -> None:
    run = Run(DIAGRAM, {"due": "P1D"}, trigger=("message", "filed"))

    assert asdict(run.step)["tasks"][0]["properties"] == {"stage": "checked"}
