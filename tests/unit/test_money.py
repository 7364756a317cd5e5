"""Money: whole rupiah, other currencies by their rate, and how both are read and written."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from workflows import money
from workflows.feel.clock import Clock
from workflows.forms import schema, typing_in

CLOCK = Clock(datetime(2026, 3, 2, 2, tzinfo=UTC), ZoneInfo("Asia/Jakarta"))
[AMOUNT] = schema.read(
    json.dumps(
        {"id": "f", "components": [{"type": "number", "id": "n", "key": "n", "properties": {"money": "IDR"}}]}
    ).encode(),
    "f.form",
).components


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1500000", 1_500_000), ("1.500.000", 1_500_000), ("Rp1.500.000", 1_500_000), ("Rp 1.500.000,-", 1_500_000),
        ("rp. 1.500.000,00", 1_500_000), ("1,500,000", 1_500_000), ("1.500", 1_500), ("0", 0),
    ],
)  # fmt: skip
def test_rupiah_are_read_as_people_write_them(typed: str, meant: int) -> None:
    assert typing_in.number(AMOUNT, [typed], CLOCK) == meant


@pytest.mark.parametrize(
    ("typed", "code"), [("1.500.000,50", "decimals"), ("-5", "below_minimum"), ("sejuta", "not_number"),
                        ("9" * 20, "above_maximum")]
)  # fmt: skip
def test_what_is_no_sum_of_rupiah_is_told(typed: str, code: str) -> None:
    with pytest.raises(typing_in.Unfit) as refusal:
        typing_in.number(AMOUNT, [typed], CLOCK)
    assert refusal.value.code == code


def test_a_stored_amount_is_shown_as_it_is_written_and_read_back() -> None:
    shown = typing_in.typed_again(AMOUNT, 1_500_000, CLOCK)
    assert (shown, AMOUNT.prefix) == ("1.500.000", "Rp")
    assert typing_in.number(AMOUNT, [str(shown)], CLOCK) == 1_500_000


@pytest.mark.parametrize(
    ("amount", "rate", "rupiah"),
    [("20.5", "16250", 333_125), ("1", "0.5", 1), ("1", "0.4999", 0), ("3", "0.5", 2), ("2.5", "1", 3), ("0", "9", 0)],
)
def test_the_value_in_rupiah_is_rounded_half_up(amount: str, rate: str, rupiah: int) -> None:
    assert money.in_rupiah(Decimal(amount), Decimal(rate)) == rupiah


def test_money_is_written_in_the_language_of_the_reader() -> None:
    assert money.written(1_500_000, language="id") == "Rp1.500.000"
    assert money.written(1_500_000, language="en") == "Rp1,500,000"
    assert money.written(Decimal("20.5"), "USD", language="id").replace("\xa0", "") == "US$20,50"


def test_currencies_are_those_that_are_tender_with_rupiah_first() -> None:
    codes = [code for code, _ in money.currencies("id")]
    assert codes[0] == "IDR"
    assert {"USD", "SAR", "MYR", "SGD", "EUR", "JPY"} < set(codes)
    assert not {"XAU", "DEM", "XTS"} & set(codes)
