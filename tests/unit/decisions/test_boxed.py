"""Boxed expressions beside tables: contexts, lists, relations, functions and invocations."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from workflows.decisions.errors import DecisionError
from workflows.decisions.reader import parse
from workflows.errors import BrokenDefinition
from workflows.feel.clock import Clock

CLOCK = Clock(datetime(2026, 1, 31, tzinfo=UTC))
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def xml(body: str, around: str = "") -> bytes:
    return (
        f'<definitions xmlns="{DMN}" id="x" name="x" namespace="n">{around}'
        f'<decision id="d" name="D"><variable name="D"/>{body}</decision></definitions>'
    ).encode()


def answer(body: str, variables: dict[str, Any] | None = None, around: str = "") -> Any:
    return parse(xml(body, around), "boxed.dmn")["d"].decide(variables or {}, CLOCK).result


def literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def entry(name: str, expression: str, kind: str = "Any") -> str:
    variable = f'<variable name="{name}" typeRef="{kind}"/>' if name else ""
    return f"<contextEntry>{variable}{expression}</contextEntry>"


def test_entries_of_a_context_see_those_before_them() -> None:
    context = f"<context>{entry('a', literal('x + 1'))}{entry('b', literal('a * 2'))}</context>"
    assert answer(context, {"x": 1}) == {"a": Decimal(2), "b": Decimal(4)}


def test_the_entry_without_name_is_the_answer() -> None:
    context = f"<context>{entry('net price', literal('x / 2'))}{entry('', literal('net price + 1'))}</context>"
    assert answer(context, {"x": 10}) == 6


def test_a_context_tells_what_it_reads_from_outside() -> None:
    context = f"<context>{entry('a', literal('x + 1'))}{entry('b', literal('a * y'))}</context>"
    assert parse(xml(context), "boxed.dmn")["d"].variables == ("x", "y")


def test_lists_and_relations_are_lists_of_values_and_of_contexts() -> None:
    assert answer(f"<list>{literal('1')}{literal('x')}</list>", {"x": "b"}) == [1, "b"]
    relation = (
        '<relation><column name="name"/><column name="days"/>'
        f"<row>{literal('&quot;a&quot;')}{literal('3')}</row><row>{literal('&quot;b&quot;')}{literal('x')}</row></relation>"
    )
    assert answer(relation, {"x": 5}) == [{"name": "a", "days": 3}, {"name": "b", "days": 5}]


def test_knowledge_is_invoked_by_the_names_of_its_parameters() -> None:
    knowledge = (
        '<businessKnowledgeModel id="k" name="fee"><variable name="fee"/><encapsulatedLogic>'
        '<formalParameter name="amount" typeRef="number"/><formalParameter name="rate" typeRef="number"/>'
        f"{literal('amount * rate')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    invocation = (
        '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
        f"<invocation>{literal('fee')}"
        f'<binding><parameter name="rate"/>{literal("0.5")}</binding>'
        f'<binding><parameter name="amount"/>{literal("x")}</binding></invocation>'
    )
    assert answer(invocation, {"x": 8}, knowledge) == 4
    with pytest.raises(BrokenDefinition, match=r"decision\.arguments"):
        answer(invocation.replace('name="rate"', 'name="other"'), {"x": 8}, knowledge)


def test_a_function_in_a_context_can_be_called() -> None:
    function = f'<functionDefinition><formalParameter name="n"/>{literal("n + x")}</functionDefinition>'
    context = f"<context>{entry('plus', function)}{entry('', literal('plus(1)'))}</context>"
    assert answer(context, {"x": 4}) == 5


def test_an_entry_of_another_type_is_refused() -> None:
    context = f"<context>{entry('a', literal('x'), 'number')}</context>"
    with pytest.raises(DecisionError) as refusal:
        answer(context, {"x": "many"})
    assert refusal.value.code == "decision.output_type"
    assert refusal.value.facts["output"] == "a"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<list><conditional/></list>", "decision.unsupported"),
        ('<relation><column name="a"/><row/></relation>', "decision.cells"),
        ('<functionDefinition kind="Java"/>', "decision.unsupported"),
        (f"<context>{entry('a', '')}</context>", "decision.no_logic"),
        (f"<invocation>{literal('nothing')}</invocation>", "decision.unknown_name"),
        ("<list>" * 30 + "</list>" * 30, "decision.too_deep"),
    ],
)
def test_boxes_that_cannot_run_are_refused(body: str, code: str) -> None:
    with pytest.raises(BrokenDefinition) as refusal:
        parse(xml(body), "boxed.dmn")
    assert code in {finding.code for finding in refusal.value.findings}


def test_an_answer_carries_the_checksum_of_its_file_and_the_day_whose_law_applied() -> None:
    table = (
        '<decisionTable hitPolicy="FIRST"><input label="day"><inputExpression typeRef="date"><text>received_on</text>'
        '</inputExpression></input><output name="limit" typeRef="number"/><rule id="r"><inputEntry><text>&gt;= '
        'date("2026-01-20")</text></inputEntry><outputEntry><text>5</text></outputEntry></rule></decisionTable>'
    )
    decisions = parse(xml(table), "boxed.dmn")
    outcome = decisions["d"].decide({"received_on": "2026-01-20"}, CLOCK)
    assert decisions["d"].governing_date == "received_on"
    assert (str(outcome.effective_on), outcome.checksum) == ("2026-01-20", decisions.checksum)
    assert decisions["d"].decide({}, CLOCK).effective_on is None
