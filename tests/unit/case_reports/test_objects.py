"""Objects on paper: what was told in another currency is told with its rate, whose it is and of which day."""

from datetime import date
from decimal import Decimal

from gifts import MAPPING
from workflows.case_reports.objects import _Object, chapter


def line(**money):
    told = {"amount": Decimal("10.5"), "currency": "USD", "rate": Decimal(16_000), "rate_source": "bi",
            "rate_on": date(2026, 2, 1), **money}  # fmt: skip
    each = _Object("Budi", None, 1, None, "Amplop", None, date(2026, 2, 2), 168_000, told, "recorded")
    (found,) = chapter([each], MAPPING, None, "id")["lines"]
    return found


def test_another_currency_is_told_with_its_rate_source_and_day():
    told = line()

    assert told["value"] == "Rp168.000"
    assert told["description"] == "Amplop (US$10,50; 1 USD = Rp16.000, bi, 1 Februari 2026)"


def test_rupiah_needs_no_rate():
    assert line(currency="IDR", rate=None, rate_source=None, rate_on=None)["description"] == "Amplop"
