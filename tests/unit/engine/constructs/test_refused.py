"""What is not run as BPMN 2.0.2 draws it is refused with advice, and never accepted as something else."""

import pytest

from unit.engine.drawing import (
    boundary,
    catch,
    draw,
    element,
    end,
    event,
    flows,
    message,
    roots,
    start,
    sub_process,
    throw,
    user,
)
from workflows.engine import BrokenDefinition, parse

COMPENSATION = element("compensateEventDefinition", None)
TWO = message("news") + event("signal", "signal_go")
CONDITION = element("conditionalEventDefinition", None, "<bpmn:condition>x</bpmn:condition>")


def line(work: str, path: str = "start > work > end", *more: str, begin: str = "") -> bytes:
    return draw(
        begin or start(), work, *more, end(), flows(path), roots=roots(messages="news", signals="go", errors="BAD")
    )


@pytest.mark.parametrize(
    ("section", "drawn"),
    [
        ("10.7 compensation, thrown", line(throw("work", COMPENSATION))),
        ("10.7 compensation, at the end", line(user("work"), "start > work > over", end("over", COMPENSATION))),
        (
            "10.7 compensation, on the border",
            line(user("work"), "start > work > end", boundary("undo", "work", COMPENSATION)),
        ),
        ("10.7 a compensation activity", line(user("work", isForCompensation="true"))),
        ("10.3.5 ad-hoc sub-process", line(element("adHocSubProcess", "work", user("a"), user("b")))),
        ("10.3.5 transaction", line(element("transaction", "work", start("s"), end("e"), flows("s > e")))),
        (
            "10.5.5 cancel, at the end",
            line(user("work"), "start > work > over", end("over", element("cancelEventDefinition", None))),
        ),
        ("10.5.2 conditional start of a process", line(user("work"), begin=start("start", CONDITION))),
        ("10.5.5 multiple", line(catch("work", TWO))),
        (
            "10.5.5 parallel multiple",
            line(
                catch("work", TWO).replace(
                    "<bpmn:intermediateCatchEvent", '<bpmn:intermediateCatchEvent parallelMultiple="true"'
                )
            ),
        ),
        ("10.6.5 complex gateway", line(element("complexGateway", "work"))),
        (
            "10.6.6 event-based gateway that begins a process",
            line(
                element("eventBasedGateway", "work", instantiate="true"),
                "start > work > c > end",
                catch("c", message("news")),
            ),
        ),
        (
            "10.6.6 parallel event-based gateway",
            line(
                element("eventBasedGateway", "work", eventGatewayType="Parallel"),
                "start > work > c > end",
                catch("c", message("news")),
            ),
        ),
        (
            "10.3.3 receive task that begins a process",
            line(element("receiveTask", "work", instantiate="true", messageRef="message_news")),
        ),
        ("10.3.2 start quantity", line(user("work", startQuantity="2"))),
        (
            "13.5.4 error start that does not interrupt",
            line(
                user("work"),
                "start > work > end",
                sub_process(
                    "h",
                    start("hs", event("error", "error_BAD"), isInterrupting="false"),
                    end("he"),
                    flows("hs > he"),
                    triggeredByEvent="true",
                ),
            ),
        ),
        (
            "13.5.3 error on the border that does not interrupt",
            line(
                user("work"),
                "start > work > end",
                boundary("b", "work", event("error", "error_BAD"), interrupting=False),
                flows("b > end"),
            ),
        ),
        (
            "10.3.8 instances that tell of each",
            line(
                user(
                    "work",
                    element(
                        "multiInstanceLoopCharacteristics",
                        None,
                        "<bpmn:loopCardinality>2</bpmn:loopCardinality>",
                        behavior="One",
                    ),
                )
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_refused_with_element_line_and_advice(section: str, drawn: bytes) -> None:
    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": drawn})
    errors = [found for found in broken.value.findings if found.severity == "error"]

    assert any(found.fix and found.line > 1 for found in errors), (section, errors)
