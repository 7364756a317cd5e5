"""Cells of constants are tested without the interpreter, and with the same result."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from workflows.decisions.quick import quick
from workflows.feel.clock import Clock
from workflows.feel.expressions import compile_unary_tests

CLOCK = Clock(datetime(2026, 1, 31, tzinfo=UTC))
CELLS = [
    "5", "-5", "5, 7", "< 5", "<= 5", "> 5", ">= 5", "[1..5]", "(1..5)", "[1..5)", "not(5)", "not(< 5)",
    "not([1..5], 7)",
    '"a"', '"a", "b"', 'not("a")', '< "b"', '["a".."b")', "true", "false", "not(true)", "null", "null, 5", "not(null)",
    'date("2026-01-20")', '>= date("2026-01-20")', '[date("2026-01-01")..date("2026-01-19")]', '< duration("P2D")',
    'not(date("2026-01-20"))',
]  # fmt: skip
VALUES = [
    None, True, False, "a", "b", "", Decimal(0), Decimal(1), Decimal("4.9"), Decimal(5), Decimal("5.0"), Decimal(6),
    Decimal(7), Decimal(-5), date(2026, 1, 1), date(2026, 1, 19), date(2026, 1, 20), timedelta(days=1),
    timedelta(days=2), datetime(2026, 1, 20, tzinfo=UTC), [Decimal(5)], {"a": Decimal(5)},
]  # fmt: skip


@pytest.mark.parametrize("text", CELLS)
def test_the_answer_is_that_of_feel(text: str) -> None:
    cell = compile_unary_tests(text)
    plain = quick(cell)
    assert plain is not None
    assert [plain.takes(value) for value in VALUES] == [cell.matches(value, {}, CLOCK) for value in VALUES]


@pytest.mark.parametrize("text", ["-", "? > 5", "x", "< x", "[5..1]", "!= 5", 'time("10:00:00")', "[1, 2]", '@"P1M"'])
def test_what_only_feel_can_tell_is_left_to_feel(text: str) -> None:
    assert quick(compile_unary_tests(text)) is None
