"""Names in scope, errors with their place, and what is offered instead."""

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from workflows.feel.expressions import Clock, FeelError, compile, compile_unary_tests, evaluate
from workflows.language import speaking

CLOCK = Clock(datetime(2026, 1, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("date of birth + 1", {"date of birth": 1}, 2),
        ("profit/loss * 2", {"profit/loss": 3}, 6),
        ("a-b", {"a-b": 7}, 7),
        ("a-b", {"a": 3, "b": 2}, 1),
        ("income and debt > 3", {"income and debt": 5}, True),
        ("is in office", {"is in office": True}, True),
        ("if not found then 1 else 2", {"not found": True}, 1),
        ("monthly   income", {"monthly income": 4}, 4),
        ("monthly income total", {"monthly income": 4, "monthly income total": 5}, 5),
        ("a b c d e", {"a b": 1, "a b c": 2, "a b c d": 3, "a b c d e": 4, "a b x": 5}, 4),
        ("x1 - x", {"x1": 4, "x": 1}, 3),
        ("Größe", {"Größe": 4}, 4),
        ("🐎 + 1", {"🐎": 4}, 5),
    ],
)
def test_the_longest_name_in_scope_wins(text: str, variables: dict[str, object], expected: object) -> None:
    assert compile(text, names=variables).evaluate(variables, CLOCK) == expected


def test_a_built_in_name_with_and_in_it_does_not_hide_two_variables() -> None:
    assert evaluate("date and time", {"date": True, "time": True}, CLOCK) is True
    assert evaluate('date and time("2026-01-31T00:00:00Z")', {}, CLOCK) == datetime(2026, 1, 31, tzinfo=UTC)


def test_an_expression_tells_which_variables_it_reads() -> None:
    expression = compile("for x in list return x + offset + sum(amounts) + {a: b}.a")
    assert expression.names == ("list", "offset", "amounts", "b")
    assert expression.filter_names == ()


def test_names_in_filters_may_be_entries_or_variables() -> None:
    expression = compile("lines[price > limit and item.x = 1]")
    assert (expression.names, expression.filter_names) == (("lines",), ("price", "limit"))
    known = compile("lines[price > limit]", names=["lines", "limit"])
    assert (known.names, known.filter_names) == (("lines", "limit"), ("price",))


@pytest.mark.parametrize(
    ("text", "code", "position", "words"),
    [
        ("amonut > 3", "feel.unknown_name", 0, '"amount"'),
        ("1 + strng length(amount)", "feel.unknown_function", 4, '"string length"'),
        ("amount >", "feel.unfinished", 8, "nilai"),
        ("if amount then 1", "feel.unfinished", 16, '"else"'),
        ("(amount", "feel.unfinished", 7, '")"'),
        ("amount == 3", "feel.unexpected", 8, "satu tanda"),
        ("amount && 1", "feel.unknown_sign", 7, '"and"'),
        ("amount = 'x'", "feel.unknown_sign", 9, "kutip ganda"),
        ('amount = "x', "feel.open_string", 9, "ditutup"),
        ('date("2026-02-30") > today()', "feel.literal", 0, "2026-01-31"),
        ('@"P1M1D"', "feel.literal", 0, "lama waktu"),
        ("substring(amount)", "feel.arguments", 0, "start position"),
        ("amount instance of nmber", "feel.unknown_type", 19, '"number"'),
        ("", "feel.unfinished", 0, "kosong"),
        ("?", "feel.no_input", 0, "tabel keputusan"),
        ("amount 3", "feel.unexpected", 7, "3"),
        ("amount <> 3", "feel.unexpected", 8, '"!="'),
        ("!amount", "feel.unknown_sign", 0, '"not(…)"'),
        ("amount % 2", "feel.unknown_sign", 7, "modulo"),
        ("amount ^ 2", "feel.unknown_sign", 7, "**"),
        ("amount ? 1 : 2", "feel.unexpected", 7, "if … then … else …"),
        ("amount between 1", "feel.unfinished", 16, '"and"'),
        ("for x [1] return x", "feel.unexpected", 4, "x"),
        ("lenght(amount)", "feel.unknown_function", 0, '"string length"'),
    ],
)
def test_errors_tell_place_and_what_was_perhaps_meant(text: str, code: str, position: int, words: str) -> None:
    with pytest.raises(FeelError) as refusal:
        compile(text, names=["amount"])
    assert (refusal.value.code, refusal.value.position) == (code, position)
    assert words in refusal.value.message


def test_errors_speak_the_language_of_the_reader() -> None:
    with pytest.raises(FeelError, match="tidak dikenal"):
        compile("foo(1)")
    with speaking("en"), pytest.raises(FeelError, match="unknown"):
        compile("foo(1)")


def test_a_host_function_must_be_called_as_it_is_declared() -> None:
    def deadline(key: str, share: Decimal = Decimal(1), *, now: datetime) -> datetime:
        return now

    with pytest.raises(FeelError) as refusal:
        compile("deadline()", functions={"deadline": deadline})
    assert refusal.value.code == "feel.arguments"
    with pytest.raises(FeelError, match="deadline"):
        compile('dedline("P-01")', functions={"deadline": deadline})


def test_without_names_every_variable_is_accepted_and_null() -> None:
    assert evaluate("whatever it may be = null", {}, CLOCK) is True


def test_compiled_expressions_travel_by_pickle() -> None:
    expression = compile('if amount > 3 then {a: [1..5]} else date("2026-01-31") + @"P1M"')
    copied = pickle.loads(pickle.dumps(expression))
    assert copied == expression
    assert copied.evaluate({"amount": 1}, CLOCK) == expression.evaluate({"amount": 1}, CLOCK)
    cell = compile_unary_tests("not(< 5, [7..9])")
    assert pickle.loads(pickle.dumps(cell)).matches(6, {}, CLOCK)


def test_errors_travel_by_pickle() -> None:
    with pytest.raises(FeelError) as refusal:
        compile("1 +")
    copied = pickle.loads(pickle.dumps(refusal.value))
    assert (copied.code, copied.message, copied.position) == ("feel.unfinished", refusal.value.message, 3)


@pytest.mark.parametrize(
    ("cell", "value", "passes"),
    [
        ("-", None, True),
        ("", 3, True),
        ("5", 5, True),
        ("5", 6, False),
        ("-5", -5, True),
        ("< 5", 4, True),
        ("< 5", None, False),
        (">= limit", 10, True),
        ("[1..5]", 5, True),
        ("[1..5)", 5, False),
        ("]1..5]", 1, False),
        ("1, 3, 7", 3, True),
        ("< 3, > 7", 5, False),
        ("< 3, > 7, 5", 5, True),
        ("not(5)", 5, False),
        ("not(5, 6)", 7, True),
        ("not(< 5, [7..9])", 8, False),
        ("not(5) ", None, True),
        ('"jalan", "jembatan"', "jembatan", True),
        ('not("jalan")', "sampah", True),
        ("true", True, True),
        ("false", True, False),
        ("null", None, True),
        ("null", 1, False),
        ("not(null)", 1, True),
        ("? > 5 and ? < 10", 7, True),
        ("? > 5 and ? < 10", 11, False),
        ('contains(?, "kor")', "korupsi", True),
        ('not(contains(?, "kor"))', "jalan", True),
        ("kinds", "a", True),
        ("kinds", "c", False),
        ("limit", 10, True),
        ("limit * 2", 20, True),
        ('[date("2026-01-01")..date("2026-12-31")]', date(2026, 3, 1), True),
        ('< date("2026-01-01")', date(2025, 12, 31), True),
        ('duration("P3D")', None, False),
        ("[1, 2]", 2, True),
        ("list contains(?, 3)", [1, 3], True),
        ("!= 3", 4, True),
        ("= 3", 3, True),
    ],
)
def test_cells_of_tables_test_their_input(cell: str, value: object, passes: bool) -> None:
    context = {"limit": 10, "kinds": ["a", "b"]}
    assert compile_unary_tests(cell, names=context).matches(value, context, CLOCK) is passes
