"""Asking a decision by hand: strict about names and types, dated, answered as plain JSON."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from workflows.decisions.asking import RefusedInputs, as_document, as_json, ask, in_json, is_answered
from workflows.decisions.graph import Decision
from workflows.decisions.reader import parse
from workflows.feel.clock import Clock
from workflows.feel.expressions import evaluate
from workflows.language import speaking

NOW = datetime(2026, 6, 1, tzinfo=UTC)
XML = """
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">
<inputData id="i" name="amount"><variable name="amount" typeRef="number"/></inputData>
<decision id="limit" name="Limit"><variable name="limit"/><decisionTable hitPolicy="FIRST">
  <input label="day"><inputExpression typeRef="date"><text>day</text></inputExpression></input>
  <output name="limit" typeRef="number"/><annotation name="source"/>
  <rule id="old"><inputEntry><text>&lt; date("2026-01-20")</text></inputEntry><outputEntry><text>10</text></outputEntry>
    <annotationEntry><text>Perkom 2</text></annotationEntry></rule>
  <rule id="new"><description>Baru.</description><inputEntry><text>&gt;= date("2026-01-20")</text></inputEntry>
    <outputEntry><text>15</text></outputEntry><annotationEntry><text/></annotationEntry></rule>
</decisionTable></decision>
<decision id="fits" name="Fits"><variable name="fits"/>
  <informationRequirement><requiredInput href="#i"/></informationRequirement>
  <informationRequirement><requiredDecision href="#limit"/></informationRequirement>
  <literalExpression><text>amount &lt;= limit</text></literalExpression></decision>
<decision id="colour" name="Colour"><decisionTable hitPolicy="UNIQUE">
  <input label="c"><inputExpression typeRef="string"><text>c</text></inputExpression>
    <inputValues><text>"red","blue"</text></inputValues></input>
  <output name="answer" typeRef="string"/>
  <rule id="r"><inputEntry><text>"red"</text></inputEntry><outputEntry><text>"R"</text></outputEntry></rule>
</decisionTable></decision>
</definitions>
"""


@pytest.fixture(scope="module")
def decisions() -> dict[str, Decision]:
    return dict(parse(XML.encode(), "x.dmn"))


def test_a_day_fills_the_governing_date_and_is_told(decisions: dict[str, Decision]) -> None:
    fits = decisions["fits"]
    assert fits.governing_date == "day"
    early, late = (ask(fits, {"amount": 12}, now=NOW, on=on) for on in (date(2026, 1, 19), date(2026, 1, 20)))
    assert (early.result, late.result) == (False, True)
    assert as_document(fits, early)["effective_on"] == "2026-01-19"


def test_a_date_among_the_inputs_comes_before_the_day_that_is_asked_for(decisions: dict[str, Decision]) -> None:
    outcome = ask(decisions["fits"], {"amount": 12, "day": "2026-01-19"}, now=NOW, on=date(2026, 3, 1))
    assert (outcome.result, outcome.effective_on) == (False, date(2026, 1, 19))


def test_without_a_day_the_law_is_unknown(decisions: dict[str, Decision]) -> None:
    document = as_document(decisions["limit"], ask(decisions["limit"], {}, now=NOW))
    assert (document["result"], document["effective_on"], document["rules"]) == (None, None, [])


def test_the_answer_names_the_rules_of_the_decisions_that_were_needed(decisions: dict[str, Decision]) -> None:
    document = as_document(decisions["fits"], ask(decisions["fits"], {"amount": 1, "day": "2026-02-01"}, now=NOW))
    assert document == {
        "decision": "fits",
        "result": True,
        "rules": [{"decision": "limit", "id": "new", "row": 2, "description": "Baru."}],
        "checksum": decisions["fits"].checksum,
        "effective_on": "2026-02-01",
    }


@pytest.mark.parametrize(
    ("decision", "given", "wrong", "said"),
    [
        ("fits", {"amonut": 1}, ["amonut"], 'Did you mean "amount"?'),
        ("fits", {"amount": "12"}, ["amount"], 'must be a number (1500000). Given: "12"'),
        ("fits", {"amount": 1, "day": "soon", "x": 1}, ["day", "x"], "must be a date"),
        ("colour", {"c": "green"}, ["c"], 'must be one of: "red","blue"'),
        ("colour", {"c": 5}, ["c"], "must be a string"),
    ],
)
def test_every_unfit_input_is_named(
    decisions: dict[str, Decision], decision: str, given: dict[str, Any], wrong: list[str], said: str
) -> None:
    with speaking("en"), pytest.raises(RefusedInputs) as refusal:
        ask(decisions[decision], given, now=NOW)
    assert [problem.input for problem in refusal.value.problems] == wrong
    assert said in str(refusal.value)


def test_no_rule_is_no_answer_but_an_expression_always_answers(decisions: dict[str, Decision]) -> None:
    nothing = ask(decisions["colour"], {"c": "blue"}, now=NOW)
    unknown = ask(decisions["fits"], {}, now=NOW)
    assert not is_answered(decisions["colour"], nothing)
    assert is_answered(decisions["fits"], unknown)


def test_values_of_feel_become_plain_json() -> None:
    assert as_json({"a": [Decimal("1.5"), Decimal("2.0"), date(2026, 1, 2), None, True]}) == {
        "a": [1.5, 2, "2026-01-02", None, True]
    }


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1 / 3", "0.3333333333333333333333333333333333"),
        ("0.1 + 0.2", "0.3"),
        ("12345678901234567890 / 100", "123456789012345678.9"),
        ("1e40", "1" + "0" * 40),
        ("-0", "0"),
        ("1e-10", "0.0000000001"),
        ('{a: [1.50, null, true], "b \\" c": "é"}', '{"a": [1.5, null, true], "b \\" c": "é"}'),
        ('[@"P1D", @"2026-01-02T03:04:05Z", [1..2]]', '["P1D", "2026-01-02T03:04:05Z", "[1..2]"]'),
    ],
)
def test_json_is_written_with_every_digit(text: str, written: str) -> None:
    assert in_json(as_json(evaluate(text, {}, Clock(NOW)))) == written
    json.loads(written, parse_constant=pytest.fail)


def test_numbers_that_no_number_of_feel_can_be_are_refused(decisions: dict[str, Decision]) -> None:
    with speaking("en"), pytest.raises(RefusedInputs, match="too large"):
        ask(decisions["fits"], {"amount": Decimal("1e9999")}, now=NOW)
    rounded = ask(decisions["fits"], {"amount": Decimal("9" * 40), "day": "2026-02-01"}, now=NOW)
    assert rounded.result is False
