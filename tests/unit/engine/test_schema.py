"""The schema of BPMN 2.0: what is no BPMN is told with its line, in our words, and once."""

import pytest

from unit.engine.drawing import Run, boundary, draw, element, end, findings_of, flows, start, timer, user
from workflows.language import speaking

PLAIN = draw(start(), user("ask"), end(), flows("start > ask > end"))


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        (b'isExecutable="true"', b'isExecutable="true" processType="Odd"', "schema.value", '"Odd"'),
        (b"<bpmn:process", b'<bpmn:userTask id="lost"/><bpmn:process', "schema.misplaced", "userTask"),
        (b"<bpmn:process", b"<bpmn:import/><bpmn:process", "schema.missing_attribute", "namespace"),
        (b"<bpmn:process", b'<bpmn:message id="m" name="m" colour="red"/><bpmn:process', "schema.attribute", "colour"),
        (
            b'<bpmn:startEvent id="start"',
            b'<bpmn:laneSet id="l"><bpmn:lane id="a"><bpmn:userTask id="x"/></bpmn:lane></bpmn:laneSet>'
            b'<bpmn:startEvent id="start"',
            "schema.misplaced",
            "userTask",
        ),
    ],
    ids=["value", "at the root", "attribute missing", "attribute of a message", "task in a lane"],
)
def test_what_is_no_bpmn_is_refused_in_our_words(old: bytes, new: bytes, code: str, words: str) -> None:
    content = PLAIN.replace(old, new, 1)
    assert content != PLAIN

    with speaking("en"):
        told = [found for found in findings_of(content) if found.severity == "error"]

    assert {found.code for found in told} == {code}
    assert any(words in found.message for found in told)
    assert told[0].fix
    assert content.splitlines()[told[0].line - 1].count(new.split()[0].strip(b"<>")) >= 1
    assert "omg.org" not in told[0].message


def test_what_the_schema_and_a_check_of_ours_find_is_told_once() -> None:
    content = PLAIN.replace(b'id="ask"', b'id="ask" magic="yes"')

    told = [found for found in findings_of(content) if found.severity == "error"]

    assert [(found.code, found.element) for found in told] == [("attribute.unknown", "ask")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b' targetNamespace="http://example.test"', b""),
        (b"</bpmn:process>", b"<bpmn:documentation>late</bpmn:documentation></bpmn:process>"),
        (b"</bpmn:definitions>", b'<bpmn:message id="m" name="m"/></bpmn:definitions>'),
        (b"<bpmn:process", b'<bpmn:process id="told"><bpmn:userTask odd="1"/></bpmn:process><bpmn:process'),
        (
            b"</bpmn:definitions>",
            b'<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNPlane odd="x"/></d:BPMNDiagram>'
            b"</bpmn:definitions>",
        ),
    ],
    ids=["namespace", "order", "order of roots", "a pool for the reader", "the picture"],
)
def test_what_cannot_change_what_runs_is_a_warning_at_most(old: bytes, new: bytes) -> None:
    content = PLAIN.replace(old, new, 1)
    assert content != PLAIN

    assert all(found.severity != "error" for found in findings_of(content))


def test_yes_and_no_are_read_in_both_spellings_of_xml() -> None:
    diagram = draw(
        start(),
        user("write"),
        boundary("late", "write", timer("P1D"), interrupting=False),
        user("chase"),
        end(),
        flows("start > write > end", "late > chase > end"),
    )
    spelled = diagram.replace(b'isExecutable="true"', b'isExecutable="1"')
    spelled = spelled.replace(b'cancelActivity="false"', b'cancelActivity="0"')

    assert Run(spelled).wait(days=2).tasks == ["chase", "write"]


def test_a_yes_that_is_none_is_refused() -> None:
    diagram = draw(
        start(),
        user("write"),
        element("boundaryEvent", "late", timer("P1D"), attachedToRef="write", cancelActivity="perhaps"),
        end(),
        flows("start > write > end", "late > end"),
    )

    told = [found for found in findings_of(diagram) if found.severity == "error"]

    assert [(found.code, found.element) for found in told] == [("schema.value", "late")]
