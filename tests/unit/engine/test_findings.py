"""Every code with which the gate may answer is explained to designers, and has a test that brings it about."""

import re
from pathlib import Path

import pytest

from databases import REPOSITORY
from unit.engine.drawing import (
    boundary,
    call,
    catch,
    draw,
    element,
    end,
    event,
    extensions,
    file_of,
    findings_of,
    flows,
    message,
    parameters,
    pool,
    repeated,
    roots,
    script,
    service,
    start,
    timer,
    user,
)
from workflows.engine import BrokenDefinition, parse, schema
from workflows.engine.trial import try_out

ENGINE = REPOSITORY / "workflows" / "engine"
GATE = [
    *sorted((ENGINE / "checks").glob("*.py")),
    *(ENGINE / f"{name}.py" for name in ("assembly", "deployment", "dialect", "documents", "expressions", "kinds")),
    *(ENGINE / f"{name}.py" for name in ("reading", "schema", "trial")),
]
# What calls at run time are abandoned for; the trial run knows them.
RAISED = frozenset(
    {
        *("deadline.nothing_to_count_by", "deadline.unknown", "decision.input_type", "decision.input_value"),
        *("engine.endless", "gateway.no_way"),
    }
)
# Codes that are put together.
MADE = {
    "kind": ("message", "signal", "error", "escalation"),
    "attribute": ("id", "name"),
    "end": ("source", "target"),
}


def codes() -> set[str]:
    """Read from the source every code that the gate may answer with."""
    found: set[str] = set()
    for path in GATE:
        text = path.read_text("utf-8")
        found.update(re.findall(r'(?<!f)"([a-z_]+\.[a-z_]+)"', text))
        for name, values in MADE.items():
            for before, after in re.findall(rf'f"([a-z_.]*)\{{{name}\}}([a-z_.]*)",', text):
                found.update(f"{before}{value}{after}" for value in values if "." in before + after)
        found.update(f"schema.{name}" for name in re.findall(r'f"\{SCHEMA\}([a-z_]+)"', text))
        found.update(f"schema.{name}" for name in re.findall(r'code, said = "([a-z]+)"', text))
    return found - RAISED


def test_every_code_is_explained_to_designers_and_no_other() -> None:
    page = (REPOSITORY / "bpmn" / "README.md").read_text("utf-8")
    section = page.split("## Temuan pada diagram")[1].split("\n## ")[0]

    assert set(re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE)) == codes()


def test_every_code_has_a_test_that_brings_it_about() -> None:
    folder = Path(__file__).parent
    tests = "\n".join(path.read_text("utf-8") for path in folder.rglob("test_*.py"))

    shown = {code for code, _ in EXAMPLES}

    assert [code for code in sorted(codes() - shown) if f'"{code}"' not in tests] == []


def plain(*parts: str, path: str = "start > work > end", **kept: str) -> bytes:
    return draw(start(), end(), flows(path), *parts, **kept)


def referring(kind: str, place: str, written: str) -> bytes:
    """Draw an element that refers to a message, signal, error or escalation of the file."""
    about = event(kind, "named")
    parts = {
        "catch": [catch("work", about)],
        "border": [user("work"), boundary("b", "work", about), flows("b > end")],
    }[place]
    return plain(*parts, roots=written)


KINDS = (
    ("message", "catch", "name"),
    ("signal", "catch", "name"),
    ("error", "border", "errorCode"),
    ("escalation", "border", "escalationCode"),
)
EXAMPLES: list[tuple[str, bytes]] = [
    *((f"{kind}.unknown", referring(kind, place, "")) for kind, place, _ in KINDS),
    *((f"{kind}.unnamed", referring(kind, place, element(kind, "named"))) for kind, place, _ in KINDS),
    *(
        (f"{kind}.computed", referring(kind, place, element(kind, "named", **{attribute: "${x}"})))
        for kind, place, attribute in KINDS
    ),
    ("attribute.without_effect", plain(user("work", camunda_asyncBefore="true"))),
    (
        "call.no_plain_start",
        file_of(
            pool(start(), call("work", "called"), end(), flows("start > work > end")),
            pool(start("s", message("news")), end("e"), flows("s > e"), process="called"),
            roots=roots(messages="news"),
        ),
    ),
    (
        "decision.bad_mapping",
        plain(element("businessRuleTask", "work", camunda_decisionRef="x", camunda_mapDecisionResult="all")),
    ),
    ("decision.unnamed", plain(element("businessRuleTask", "work"))),
    (
        "event_gateway.no_choice",
        plain(
            element("eventBasedGateway", "work"),
            catch("until", timer("P1D")),
            path="start > work > until > end",
        ),
    ),
    (
        "link.ambiguous",
        plain(
            user("work"),
            *(catch(name, event("link", name="A")) + flows(f"{name} > end") for name in ("one", "two")),
        ),
    ),
    (
        "loop.bad_maximum",
        plain(user("work", element("standardLoopCharacteristics", None, loopMaximum="few"))),
    ),
    ("mapping.incomplete", plain(call("work", "gone", extensions('<camunda:in source="x"/>')))),
    ("parameter.nameless", plain(user("work", parameters(outputs={"": "1"})))),
    (
        "process.duplicate",
        file_of(*[pool(start(f"s{number}"), process="twice") for number in (1, 2)]),
    ),
    ("repetition.misplaced", plain(element("parallelGateway", "work", repeated(number="2")))),
    ("result.lost", plain(element("scriptTask", "work", "<bpmn:script>1</bpmn:script>", scriptFormat="feel"))),
    (
        "schema.invalid",
        plain(user("work")).replace(b"<bpmn:userTask ", b'<bpmn:userTask xsi:nil="true" '),
    ),
    ("schema.missing", plain(user("work", "<bpmn:dataInputAssociation/>"))),
    ("schema.text", plain(user("work", "loose text"))),
    ("service.unsupported_type", plain(service("work", "x", camunda_type="mail"))),
]


@pytest.mark.parametrize(("code", "content"), EXAMPLES, ids=[code for code, _ in EXAMPLES])
def test_an_example(code: str, content: bytes) -> None:
    found = [each for each in findings_of(content) if each.code == code]

    assert found
    assert all(each.line > 1 and each.message and (each.fix or each.severity == "note") for each in found)


def test_a_file_too_large_for_the_schema_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MAXIMUM_ASKED", 3)

    assert [found.code for found in findings_of(plain(user("work")))] == ["schema.not_asked"]


def test_a_decision_in_two_files_is_told() -> None:
    table = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">'
        b'<decision id="d" name="D"><literalExpression><text>1</text></literalExpression></decision></definitions>'
    )

    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": plain(user("work")), "a.dmn": table, "b.dmn": table})

    assert [(found.code, found.file) for found in broken.value.findings] == [("decision.duplicate", "b.dmn")]


def test_a_walk_that_stops_with_sample_data_is_told() -> None:
    costly = script("work", "count(for i in 1..999999 return i)", "x")

    assert [found.code for found in try_out(parse({"main.bpmn": plain(costly)}))] == ["trial.stopped"]
