"""Built-in functions on numbers, DMN 1.3, 10.3.4.5."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import Any

from workflows.feel.builtins.registry import builtin
from workflows.feel.scope import Run
from workflows.feel.values import NUMBERS, YearsMonths

# The scales that DMN allows for `decimal` and the rounding functions.
_LEAST_SCALE, _MOST_SCALE = -6111, 6176


def _rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    if not _LEAST_SCALE <= scale <= _MOST_SCALE:
        return None
    # Of a scale only the whole part counts, as of every place that a function is given.
    places = int(scale)
    if -int(number.as_tuple().exponent) <= places:
        return number
    if number.adjusted() + places < -1:
        # So far below the last place that only its sign and the way of rounding count.
        number = Decimal((number.is_signed(), (1,), -places - 2)) if number else number
    try:
        return number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=NUMBERS)
    except DecimalException:
        return None


@builtin("decimal(n: number, scale: number)")
def round_half_even(run: Run, number: Decimal, scale: Decimal) -> Decimal | None:
    """Round to that many places, half to even."""
    return _rounded(number, scale, ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)")
def floor(run: Run, number: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round down."""
    return _rounded(number, scale or Decimal(0), ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)")
def ceiling(run: Run, number: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round up."""
    return _rounded(number, scale or Decimal(0), ROUND_CEILING)


@builtin("round up(n: number, scale: number)")
def round_up(run: Run, number: Decimal, scale: Decimal) -> Decimal | None:
    """Round away from zero."""
    return _rounded(number, scale, ROUND_UP)


@builtin("round down(n: number, scale: number)")
def round_down(run: Run, number: Decimal, scale: Decimal) -> Decimal | None:
    """Round towards zero."""
    return _rounded(number, scale, ROUND_DOWN)


@builtin("round half up(n: number, scale: number)")
def round_half_up(run: Run, number: Decimal, scale: Decimal) -> Decimal | None:
    """Round to the nearest, a half away from zero."""
    return _rounded(number, scale, ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)")
def round_half_down(run: Run, number: Decimal, scale: Decimal) -> Decimal | None:
    """Round to the nearest, a half towards zero."""
    return _rounded(number, scale, ROUND_HALF_DOWN)


@builtin("abs(n: number | days and time duration | years and months duration)")
def absolute(run: Run, value: Any) -> Any:
    """Drop the sign of a number or duration."""
    return YearsMonths(abs(value.months)) if isinstance(value, YearsMonths) else abs(value)


@builtin("modulo(dividend: number, divisor: number)")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Give the rest of a division; it carries the sign of the divisor."""
    try:
        rest = NUMBERS.remainder(dividend, divisor)
    except DecimalException:
        return None
    return NUMBERS.add(rest, divisor) if rest and rest.is_signed() != divisor.is_signed() else rest


@builtin("sqrt(number: number)")
def square_root(run: Run, number: Decimal) -> Decimal | None:
    """Give the square root; null for a negative number."""
    return None if number < 0 else NUMBERS.sqrt(number)


@builtin("log(number: number)")
def logarithm(run: Run, number: Decimal) -> Decimal | None:
    """Give the natural logarithm; null unless the number is positive."""
    return NUMBERS.ln(number) if number > 0 else None


@builtin("exp(number: number)")
def exponential(run: Run, number: Decimal) -> Decimal | None:
    """Give e to that power; null where it is too large."""
    try:
        return NUMBERS.exp(number)
    except DecimalException:
        return None


@builtin("odd(number: number)")
def odd(run: Run, number: Decimal) -> bool:
    """Tell whether the number is odd."""
    return abs(NUMBERS.remainder(number, Decimal(2))) == 1 if _whole(number) else False


@builtin("even(number: number)")
def even(run: Run, number: Decimal) -> bool:
    """Tell whether the number is even."""
    return not NUMBERS.remainder(number, Decimal(2)) if _whole(number) else False


def _whole(number: Decimal) -> bool:
    # Beyond 34 digits every number is even, and the remainder would not fit.
    return number.adjusted() < NUMBERS.prec and number == number.to_integral_value()
