"""What decision tables answer, one hit policy at a time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from workflows.decisions.errors import DecisionError
from workflows.decisions.graph import Decision
from workflows.decisions.reader import parse
from workflows.feel.clock import Clock

CLOCK = Clock(datetime(2026, 1, 31, 16, 30, tzinfo=UTC))
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
COMPLAINT = Path(__file__).parents[3] / "bpmn" / "complaint" / "decisions"


def cell(kind: str, text: str) -> str:
    return f"<{kind}><text>{escape(text)}</text></{kind}>"


def table(
    inputs: Sequence[tuple[str, str]],
    outputs: Sequence[tuple[str, str]],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: str = "",
    allowed: str = "",
    default: str = "",
) -> Decision:
    """Make a decision of rows of cells; `values` list the first output's values, `allowed` the first input's."""
    columns = "".join(
        f'<input id="i{n}" label="{name}"><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression>'
        f"{cell('inputValues', allowed) if allowed and n == 0 else ''}</input>"
        for n, (name, kind) in enumerate(inputs)
    )
    columns += "".join(
        f'<output id="o{n}" name="{name}" typeRef="{kind}">'
        f"{cell('outputValues', values) if values and n == 0 else ''}"
        f"{cell('defaultOutputEntry', default) if default and n == 0 else ''}</output>"
        for n, (name, kind) in enumerate(outputs)
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(cell("inputEntry", text) for text in row[: len(inputs)])
        + "".join(cell("outputEntry", text) for text in row[len(inputs) :])
        + "</rule>"
        for number, row in enumerate(rules, 1)
    )
    with_aggregation = f' aggregation="{aggregation}"' if aggregation else ""
    xml = (
        f'<definitions xmlns="{DMN}" id="d" name="d" namespace="n"><decision id="d1" name="Keputusan">'
        f'<decisionTable hitPolicy="{policy}"{with_aggregation}>{columns}{rows}</decisionTable>'
        "</decision></definitions>"
    )
    return parse(xml.encode(), "table.dmn", unsound="tell")["d1"]


def graded(policy: str, aggregation: str = "", values: str = "") -> Decision:
    """Three rules of which 15 meets the first two, and 25 all."""
    rules = [("> 10", '"low"'), ("> 12", '"mid"'), ("> 20", '"high"')]
    return table([("x", "number")], [("grade", "string")], rules, policy=policy, aggregation=aggregation, values=values)


def test_unique_answers_with_its_only_rule() -> None:
    decision = graded("UNIQUE")
    assert decision.evaluate({"x": 11}, CLOCK) == {"grade": "low"}
    assert decision.decide({"x": 11}, CLOCK).result == "low"
    assert decision.evaluate({"x": 1}, CLOCK) is None


def test_unique_refuses_two_rules_and_names_them() -> None:
    with pytest.raises(DecisionError) as refusal:
        graded("UNIQUE").evaluate({"x": 15}, CLOCK)
    assert refusal.value.code == "decision.not_unique"
    assert refusal.value.facts == {"decision": "d1", "rules": [1, 2]}


def test_first_answers_with_the_first_rule_and_tests_no_further() -> None:
    decision = table([("x", "number")], [("y", "number")], [("> 1", "1"), ("> 0", "2")], policy="FIRST")
    outcome = decision.decide({"x": 5}, CLOCK)
    assert (outcome.result, [rule.id for rule in outcome.rules]) == (1, ["r1"])


def test_any_answers_when_all_rules_agree_and_refuses_when_they_do_not() -> None:
    decision = table(
        [("x", "number")], [("y", "string")], [("> 1", '"a"'), ("> 2", '"a"'), ("> 9", '"b"')], policy="ANY"
    )
    assert decision.evaluate({"x": 5}, CLOCK) == {"y": "a"}
    with pytest.raises(DecisionError) as refusal:
        decision.evaluate({"x": 10}, CLOCK)
    assert refusal.value.code == "decision.not_any"


def test_priority_answers_with_the_value_listed_first() -> None:
    decision = graded("PRIORITY", values='"high", "mid", "low"')
    assert decision.evaluate({"x": 25}, CLOCK) == {"grade": "high"}
    assert [rule.number for rule in decision.decide({"x": 15}, CLOCK).rules] == [2]


def test_rule_order_and_collect_answer_with_all_rules_in_their_order() -> None:
    for policy in ("RULE ORDER", "COLLECT"):
        assert graded(policy).evaluate({"x": 15}, CLOCK) == [{"grade": "low"}, {"grade": "mid"}]
        assert graded(policy).decide({"x": 15}, CLOCK).result == ["low", "mid"]
        assert graded(policy).evaluate({"x": 1}, CLOCK) == []


def test_output_order_answers_with_all_rules_by_their_values() -> None:
    decision = graded("OUTPUT ORDER", values='"high", "mid", "low"')
    assert decision.decide({"x": 25}, CLOCK).result == ["high", "mid", "low"]


@pytest.mark.parametrize(
    ("aggregation", "some", "none"),
    [("SUM", 60, None), ("MIN", 10, None), ("MAX", 30, None), ("COUNT", 3, 0)],
)
def test_collect_makes_one_value_of_its_hits(aggregation: str, some: int, none: int | None) -> None:
    decision = table(
        [("x", "number")],
        [("points", "number")],
        [("> 1", "30"), ("> 2", "10"), ("> 3", "20")],
        policy="COLLECT",
        aggregation=aggregation,
    )
    assert decision.decide({"x": 5}, CLOCK).result == some
    assert decision.evaluate({"x": 5}, CLOCK) == {"points": some}
    assert decision.decide({"x": 0}, CLOCK).result == none


def test_several_outputs_are_one_row_by_name() -> None:
    decision = table(
        [("x", "number")], [("class", "string"), ("days", "number")], [("> 1", '"a"', "x * 2")], policy="FIRST"
    )
    assert decision.evaluate({"x": 5}, CLOCK) == {"class": "a", "days": Decimal(10)}
    assert decision.decide({"x": 5}, CLOCK).result == {"class": "a", "days": Decimal(10)}


def test_a_default_output_answers_when_no_rule_fits() -> None:
    decision = table([("x", "number")], [("y", "string")], [("> 1", '"a"')], default='"none"')
    assert decision.evaluate({"x": 0}, CLOCK) == {"y": "none"}
    assert decision.decide({"x": 0}, CLOCK).rules == ()


def test_missing_inputs_are_null_and_can_be_tested_for() -> None:
    decision = table([("x", "number")], [("y", "string")], [("null", '"missing"'), ("not(null)", '"there"')])
    assert decision.evaluate({}, CLOCK) == {"y": "missing"}
    assert decision.evaluate({"x": 1}, CLOCK) == {"y": "there"}


@pytest.mark.parametrize(
    ("kind", "given", "test"),
    [
        ("number", "12.5", "= 12.5"),
        ("integer", 12, "12"),
        ("long", Decimal("12.0"), "12"),
        ("date", "2026-01-31", 'date("2026-01-31")'),
        # An instant becomes its day in the office's zone: 20:00 UTC is the next day in Langkat.
        ("date", datetime(2026, 1, 30, 20, tzinfo=UTC), 'date("2026-01-31")'),
        ("date", date(2026, 1, 31), '[date("2026-01-01")..date("2026-12-31")]'),
        ("date and time", "2026-01-31T00:00:00Z", '> date and time("2026-01-30T00:00:00Z")'),
        ("dayTimeDuration", "P3D", '>= duration("P2D")'),
        ("boolean", True, "true"),
        ("string", ["a"], '"a"'),
        ("Any", {"a": 1}, "?.a = 1"),
    ],
)
def test_inputs_are_brought_to_their_type(kind: str, given: object, test: str) -> None:
    decision = table([("x", kind)], [("y", "boolean")], [(test, "true")])
    assert decision.evaluate({"x": given}, CLOCK) == {"y": True}


@pytest.mark.parametrize(
    ("kind", "given"), [("number", "twelve"), ("number", True), ("integer", 1.5), ("boolean", "true"), ("string", 5)]
)
def test_inputs_of_another_type_are_refused(kind: str, given: object) -> None:
    decision = table([("x", kind)], [("y", "boolean")], [("-", "true")])
    with pytest.raises(DecisionError) as refusal:
        decision.evaluate({"x": given}, CLOCK)
    assert refusal.value.code == "decision.input_type"
    assert refusal.value.facts["input"] == "x"


def test_an_input_outside_its_listed_values_is_refused() -> None:
    decision = table([("x", "string")], [("y", "boolean")], [("-", "true")], allowed='"a", "b"')
    assert decision.evaluate({"x": "a"}, CLOCK) == {"y": True}
    assert decision.evaluate({}, CLOCK) == {"y": True}
    with pytest.raises(DecisionError) as refusal:
        decision.evaluate({"x": "c"}, CLOCK)
    assert refusal.value.code == "decision.input_value"


def test_an_output_outside_its_listed_values_is_refused() -> None:
    decision = table([("x", "string")], [("y", "string")], [("-", "x")], values='"a", "b"', policy="FIRST")
    assert decision.evaluate({"x": "b"}, CLOCK) == {"y": "b"}
    with pytest.raises(DecisionError) as refusal:
        decision.evaluate({"x": "c"}, CLOCK)
    assert refusal.value.code == "decision.output_value"


def test_an_output_of_another_type_is_refused() -> None:
    decision = table([("x", "string")], [("y", "number")], [("-", "x")])
    with pytest.raises(DecisionError) as refusal:
        decision.evaluate({"x": "many"}, CLOCK)
    assert refusal.value.code == "decision.output_type"


def test_a_large_table_is_asked_quickly() -> None:
    rules = [(f"= {number}", f"{number}") for number in range(300)]
    decision = table([("x", "number")], [("y", "number")], rules)
    assert decision.evaluate({"x": 299}, CLOCK) == {"y": 299}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"reports_inspectorate": True}, 1),
        ({"emergency": True}, 2),
        ({"confirmed_class": "information", "formal_request": True}, None),
        ({"confirmed_class": "complaint", "problem_code": "02"}, 9),
    ],
)
def test_the_complaint_table_of_routes_is_read_as_it_is_drawn(
    variables: dict[str, object], expected: int | None
) -> None:
    decisions = parse((COMPLAINT / "class_and_route.dmn").read_bytes(), "class_and_route.dmn")
    outcome = decisions["class_and_route"].decide(variables, CLOCK)
    assert len(outcome.rules) == 1
    assert outcome.rules[0].description
    assert expected is None or outcome.rules[0].number == expected
