"""Kinds of value: what can never be true, or never be a time, is refused where it stands."""

import pytest

from unit.engine.drawing import boundary, draw, end, exclusive, flows, repeated, start, timer, user
from workflows.engine import BrokenDefinition, Finding, kinds, parse
from workflows.feel import expressions as feel


def errors(*parts: str) -> list[Finding]:
    try:
        parse({"main.bpmn": draw(start(), end(), *parts)})
    except BrokenDefinition as broken:
        return [found for found in broken.findings if found.severity == "error"]
    return []


def condition(text: str) -> list[str]:
    choice = exclusive("which", default="which_end")
    return [found.code for found in errors(choice, user("ask"), flows("start > which > end", f"which > ask if {text}"))]


@pytest.mark.parametrize("text", ['"yes"', "1 + 1", '"a" + "b"', "[true]", "if x then 1 else 2", "count(y)"])
def test_a_condition_that_is_no_yes_or_no_is_refused(text: str) -> None:
    assert condition(text) == ["condition.not_boolean"]


@pytest.mark.parametrize(
    "text", ['1 = "1"', 'count(x) > "2"', "string(x) = 2", '"a" in (1, 2)', 'a and "b" or c', '1 + "1" = x']
)
def test_kinds_that_never_meet_are_refused(text: str) -> None:
    assert "expression.kinds_differ" in condition(text)


@pytest.mark.parametrize(
    "text",
    ["x", "x = 1", 'x = "a" or y > 2', "x = null", "not(x)", "x in [1..5]", 'date("2026-01-01") < x', "[1] = 1",
     "some item in list satisfies item = 1", "x.y", "contains(a, b)", "every x in xs satisfies x",
     "x instance of string"],
)  # fmt: skip
def test_what_may_be_right_is_let_through(text: str) -> None:
    assert condition(text) == []


def test_a_timer_that_gives_no_time_is_refused() -> None:
    parts = user("ask"), boundary("late", "ask", timer("=1 + 2")), flows("start > ask > end", "late > end")

    (found,) = errors(*parts)

    assert (found.code, found.element) == ("timer.not_a_time", "late")


def test_a_number_of_instances_is_a_number() -> None:
    parts = user("ask", repeated(number='"three"')), flows("start > ask > end")

    assert [found.code for found in errors(*parts)] == ["repetition.not_a_number"]


def test_declared_variables_are_known_by_their_kind() -> None:
    expression = feel.compile('answer = 3 and amount > "ten"')
    use = kinds.Use("e", "p", "f", 1, expression.text, "boolean", expression.root)

    known = {"answer": "string", "amount": "number"}

    assert [code for code, _, _ in kinds.problems(use, known)] == ["expression.kinds_differ"] * 2
    assert list(kinds.problems(use, {})) == []
