"""Files of other engines: each finding names the foreign word as its tool writes it and says what to write here."""

import pytest

from unit.engine.drawing import draw, element, end, extensions, flows, roots, start, user
from workflows.engine import BrokenDefinition, Finding, parse
from workflows.language import speaking

PREFIXES = {
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "flowable": "http://flowable.org/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "odd": "http://odd.example",
}


def told(*parts: str, **kept: str) -> list[Finding]:
    content = draw(start(), end(), flows("start > work > end"), *parts, **kept)
    declared = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in PREFIXES.items()).encode()
    with speaking("en"), pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": content.replace(b' id="definitions"', declared + b' id="definitions"')})
    return broken.value.findings


def service(*inside: str, **attributes: str) -> str:
    return element("serviceTask", "work", *inside, **attributes)


@pytest.mark.parametrize(
    ("part", "named", "mend"),
    [
        (service(camunda_class="org.example.Send"), "camunda:class", "camunda:topic"),
        (service(camunda_expression="${mail.send()}"), "camunda:expression", "camunda:topic"),
        (user("work", camunda_candidateUsers="ann"), "camunda:candidateUsers", "camunda:candidateGroups"),
        (user("work", extensions("<camunda:taskListener/>")), "camunda:taskListener", "service or script task"),
        (user("work", extensions("<camunda:formData/>")), "camunda:formData", "camunda:formKey"),
        (service(extensions('<zeebe:taskDefinition type="send"/>')), "zeebe:taskDefinition", "camunda:topic"),
        (service(extensions("<zeebe:ioMapping/>")), "zeebe:ioMapping", "camunda:inputOutput"),
        (user("work", extensions('<zeebe:formDefinition formId="a"/>')), "zeebe:formDefinition", "camunda:formKey"),
        (user("work", extensions("<zeebe:assignmentDefinition/>")), "zeebe:assignmentDefinition", "a lane"),
        (
            service(extensions('<spiffworkflow:serviceTaskOperator id="http/Get"/>')),
            "spiffworkflow:serviceTaskOperator",
            "camunda:topic",
        ),
        (user("work", extensions("<spiffworkflow:preScript>x = 1</spiffworkflow:preScript>")),
         "spiffworkflow:preScript", "camunda:inputOutput"),
        (
            element("businessRuleTask", "work", extensions("<spiffworkflow:calledDecisionId/>")),
            "spiffworkflow:calledDecisionId",
            "camunda:decisionRef",
        ),
        (user("work").replace("<bpmn:userTask", '<bpmn:userTask flowable:formKey="a"'),
         "flowable:formKey", 'Write "camunda:formKey"'),
        (user("work").replace("<bpmn:userTask", '<bpmn:userTask activiti:candidateUsers="a"'),
         "activiti:candidateUsers", "Activiti"),
        (service().replace("<bpmn:serviceTask", '<bpmn:serviceTask odd:thing="a"'), "{http://odd", "Remove"),
        (service(), "which service", "camunda:topic"),
    ],
)  # fmt: skip
def test_a_foreign_word_is_named_with_what_to_write_here(part: str, named: str, mend: str) -> None:
    found = [each for each in told(part) if named in each.message]

    assert found
    assert mend in found[0].fix
    assert found[0].severity == "error"
    assert found[0].element == "work"
    assert found[0].line > 1


def test_extensions_of_messages_are_looked_at_too() -> None:
    message = '<bpmn:message id="m" name="news"><bpmn:extensionElements><zeebe:subscription correlationKey="=a"/>'
    message += "</bpmn:extensionElements></bpmn:message>"

    assert any("zeebe:subscription" in each.message for each in told(user("work"), roots=roots() + message))


def test_an_element_full_of_foreign_attributes_is_told_a_few_times() -> None:
    crowded = user("work", **{f"camunda_a{number}": "x" for number in range(90)})

    assert len([each for each in told(crowded) if each.code == "attribute.unknown"]) == 20
