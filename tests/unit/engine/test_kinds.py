"""Kinds of value: what can never be true, or never be a time, is refused where it stands."""

import pytest

from unit.engine.drawing import boundary, draw, end, exclusive, flows, repeated, script, start, timer, user
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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[1, 2][item = "a"] = []', "expression.kinds_differ"),
        ('some n in [1, 2] satisfies n = "a"', "expression.kinds_differ"),
        ("every n in 1..3 satisfies n", "expression.kinds_differ"),
        ("count(for n in [1] return n + true) = 1", "expression.kinds_differ"),
        ('upper case(3) = "A"', "expression.argument_kind"),
        ('contains("abc", count(x))', "expression.argument_kind"),
        ('substring(string: "abc", start position: "1") = "a"', "expression.argument_kind"),
        ('date("2026-01-01").hour = 1', "expression.no_property"),
        ('date("2026-01-01") - 3 = today()', "expression.kinds_differ"),
        ('today() < "2026-01-01"', "expression.kinds_differ"),
        ('if "yes" then true else false', "expression.kinds_differ"),
        ('x in [1.."z"]', "expression.kinds_differ"),
        ('(function(a: number) a = "x")(1)', "expression.kinds_differ"),
    ],
)
def test_what_stands_inside_filters_loops_and_calls_is_judged_too(text: str, code: str) -> None:
    assert code in condition(text)


@pytest.mark.parametrize(
    "text",
    [
        'people[name = "a" and age > 3] != null',
        '{a: 1, b: a + 1}.b = 2',
        'today() + duration("P3D") > date("2026-01-01")',
        'duration("P3D") * 2 = x',
        'date("2026-01-01").year = 2026',
        'sum([1, 2]) = 3',
        'min("a", "b") = "a"',
        'some n in [1, "a"] satisfies n = "a"',
        'for item in [1] return item in [1]',
        'substring([ "abc" ], 1) = "abc"',
        'count(3) = 1',
        'x[1] = "a" or x[2] = 3',
        'time("10:00:00") - time("09:00:00") = duration("PT1H")',
    ],
)  # fmt: skip
def test_what_goes_together_there_is_let_through(text: str) -> None:
    assert [code for code in condition(text) if code != "condition.not_boolean"] == []


def warnings(*parts: str) -> list[tuple[str, str | None]]:
    definition = parse({"main.bpmn": draw(start(), end(), *parts)})
    return [(found.code, found.element) for found in definition.findings if found.severity == "warning"]


def test_a_variable_that_a_script_writes_is_likely_of_that_kind() -> None:
    choice = (
        script("count", "count(things)", "many"),
        exclusive("which", default="which_end"),
        user("ask"),
        flows("start > count > which > end", 'which > ask if many = "three"', "ask > end"),
    )

    assert warnings(*choice) == [("expression.kinds_differ_likely", "which")]


def test_a_variable_that_is_compared_with_two_kinds_deserves_a_look() -> None:
    choice = (
        exclusive("which", default="which_end"),
        *(user(name) for name in ("a", "b", "c")),
        flows("start > which > end", "which > a if size = 1", "which > b if size > 3", 'which > c if size = "large"'),
        flows("a > end", "b > end", "c > end"),
    )

    assert warnings(*choice) == [("expression.kinds_differ_likely", "which")]


def test_a_name_that_is_local_somewhere_is_not_guessed() -> None:
    choice = (
        user("each", repeated(collection='["a"]', elementVariable="size", completion='size = "a"')),
        exclusive("which", default="which_end"),
        user("ask"),
        flows("start > each > which > end", "which > ask if size = 1", "ask > end"),
    )

    assert warnings(*choice) == []


def test_a_function_cannot_be_stored() -> None:
    assert [found.code for found in errors(script("s", "function(x) x", "f"), flows("start > s > end"))] == [
        "expression.not_data"
    ]


@pytest.mark.parametrize(
    "text",
    ['matches(x, "(a)\\\\1")', 'matches(x, "[")', 'replace(x, "a(?=b)", "") = "a"', 'matches(input: x, pattern: "+")',
     'matches(x, "a", "z")', 'count(split(x, "(")) = 1'],
)  # fmt: skip
def test_a_written_pattern_that_fits_nothing_is_refused(text: str) -> None:
    assert condition(text) == ["expression.bad_pattern"]


@pytest.mark.parametrize("text", ["matches(x, y)", 'matches(x, "^a.c$", "i")', 'replace(x, "(a)", "$1", y) = z'])
def test_a_pattern_that_may_fit_is_let_through(text: str) -> None:
    assert condition(text) == []
