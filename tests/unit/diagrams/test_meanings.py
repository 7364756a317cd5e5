"""Several flows out of a task mean a gateway that nobody drew; the picture says which."""

import pytest

from workflows.diagrams.meanings import meaning
from workflows.diagrams.plan import Plan
from workflows.language import speaking

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p">'
CONDITION = "<conditionExpression>x</conditionExpression>"


def told(element: str, *flows: str) -> str:
    drawn = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="e" targetRef="t">{flow}</sequenceFlow>' for n, flow in enumerate(flows)
    )
    plan = Plan.read(f"{HEAD}{element}{drawn}</process></definitions>".encode())
    with speaking("en"):
        return meaning(plan, plan.elements["e"])


@pytest.mark.parametrize(
    ("element", "flows", "words"),
    [
        ('<userTask id="e"/>', ("", ""), "2 flows leave this and all are taken, as out of a parallel gateway."),
        ('<startEvent id="e"/>', ("", "", ""), "3 flows leave"),
        ('<userTask id="e" default="f0"/>', ("", CONDITION), "as out of an inclusive gateway."),
        ('<subProcess id="e"/>', ("", CONDITION), "The other 1 always are."),
        ('<userTask id="e"/>', ("",), ""),
        ('<parallelGateway id="e"/>', ("", ""), ""),
        ('<eventBasedGateway id="e"/>', ("", ""), ""),
    ],
)
def test_what_is_meant_is_said(element: str, flows: tuple[str, ...], words: str) -> None:
    said = told(element, *flows)

    assert words in said
    assert bool(words) == bool(said)
