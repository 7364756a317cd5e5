"""FEEL beside a second evaluator that is slow and obvious: trees of tuples, walked by hand."""

from datetime import UTC, datetime
from decimal import Context, Decimal, DecimalException
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflows.feel.expressions import Clock, FeelError, evaluate

CLOCK = Clock(datetime(2026, 1, 31, tzinfo=UTC))
# How strongly each sign binds, from DMN 1.3 table 49; what binds less is put in parentheses.
BINDS = {"or": 1, "and": 2, "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "/": 5, "**": 6}

scalars = st.one_of(
    st.integers(-50, 50).map(Decimal),
    st.decimals(-100, 100, places=2),
    st.sampled_from([True, False, None]),
    st.sampled_from(["", "a", "b"]),
)
trees = st.recursive(
    scalars.map(lambda value: ("value", value)),
    lambda below: st.one_of(
        st.tuples(st.sampled_from(sorted(BINDS)), below, below),
        st.tuples(st.just("not"), below),
        st.tuples(st.just("if"), below, below, below),
        st.tuples(st.just("between"), below, below, below),
    ),
    max_leaves=12,
)


def written(tree: Any, around: int = 0) -> str:
    sign, parts = tree[0], tree[1:]
    if sign == "value":
        return literal(parts[0])
    if sign == "not":
        return f"not({written(parts[0])})"
    if sign == "if":
        condition, then, otherwise = (written(part) for part in parts)
        return f"(if {condition} then {then} else {otherwise})"
    if sign == "between":
        operand, low, high = (written(part, 4) for part in parts)
        text, binds = f"{operand} between {low} and {high}", 3
    else:
        binds = BINDS[sign]
        # Signs of one strength are read from the left.
        text = f"{written(parts[0], binds)} {sign} {written(parts[1], binds + 1)}"
    return f"({text})" if binds < around else text


def literal(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f'"{value}"' if isinstance(value, str) else format(value, "f")


def obvious(tree: Any) -> Any:
    sign, parts = tree[0], tree[1:]
    if sign == "value":
        return parts[0]
    values = [obvious(part) for part in parts]
    if sign == "if":
        return values[1] if values[0] is True else values[2]
    if sign == "not":
        return {True: False, False: True}.get(values[0]) if isinstance(values[0], bool) else None
    if sign == "between":
        return obvious(
            (
                "and",
                (">=", ("value", values[0]), ("value", values[1])),
                ("<=", ("value", values[0]), ("value", values[2])),
            )
        )
    left, right = values
    if sign in ("and", "or"):
        known = [value if isinstance(value, bool) else None for value in values]
        if (sign == "or") in [value for value in known if value is not None]:
            return sign == "or"
        return None if None in known else sign == "and"
    if sign in ("=", "!="):
        if left is None or right is None:
            same = left is None and right is None
        elif type(left) is not type(right):
            return None
        else:
            same = left == right
        return same if sign == "=" else not same
    if sign in ("<", "<=", ">", ">="):
        if type(left) is not type(right) or isinstance(left, bool) or left is None:
            return None
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
    if isinstance(left, str) and isinstance(right, str):
        return left + right if sign == "+" else None
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    if sign == "**" and not right:
        # IEEE 754 has no exception for zero to the power of zero.
        return Decimal(1)
    by_hand = Context(prec=34, Emax=6144, Emin=-6143)
    acts = {"+": by_hand.add, "-": by_hand.subtract, "*": by_hand.multiply, "/": by_hand.divide, "**": by_hand.power}
    try:
        result = acts[sign](left, right)
    except DecimalException:
        return None
    return result if result.is_finite() else None


@example(("**", ("value", Decimal(0)), ("value", Decimal(-1))))
@example(("**", ("value", Decimal(0)), ("value", Decimal(0))))
@given(trees)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_arithmetic_and_logic_agree_with_a_slow_and_obvious_evaluator(tree: Any) -> None:
    expected = obvious(tree)
    result = evaluate(written(tree), {}, CLOCK)
    assert type(result) is type(expected)
    assert result == expected


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=6), st.integers(-8, 8))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_list_places_and_filters_agree_with_counting_by_hand(items: list[int | None], place: int) -> None:
    context = {"items": items}
    expected = None
    for position, item in enumerate(items, 1):
        if place in (position, position - len(items) - 1):
            expected = item
    assert evaluate(f"items[{place}]", context, CLOCK) == expected
    assert evaluate("items[item > 0]", context, CLOCK) == [item for item in items if item is not None and item > 0]
    assert evaluate("count(items[item = null])", context, CLOCK) == items.count(None)


@given(st.text(alphabet='ab0. \t"\\()[]{}<>=!?,:@+-*/andorifthen$é\x00\n', max_size=40))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_no_text_at_all_brings_forth_anything_but_a_value_or_a_feel_error(text: str) -> None:
    refusal = None
    try:
        evaluate(text, {}, CLOCK)
    except FeelError as caught:
        refusal = caught
    assert refusal is None or refusal.message
    assert refusal is None or refusal.position is None or 0 <= refusal.position <= len(text)
