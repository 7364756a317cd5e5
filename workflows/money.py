"""Money: whole rupiah as integers, other currencies with their rate, and how both are written.

Which gifts are worth what is the business of `items`; what people type is read by `forms`.
"""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.numbers import format_currency, format_decimal

from workflows.language import Language, current_language

RUPIAH = "IDR"
# More than the budget of the republic; whoever types more has mistyped.
MOST_MONEY = Decimal(10) ** 16
# Names that ISO 4217 keeps for metals, tests, funds and units of account, which nobody hands over.
_NO_TENDER = frozenset({"CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "BOV", "XXX", "XTS"})


def in_rupiah(amount: Decimal | int, rate: Decimal | int = 1) -> int:
    """Give the value in whole rupiah: amount times rate, rounded half up (Rp0,5 becomes Rp1).

    Half up is how the state's own accounts round money to the rupiah; negative amounts do not occur.
    """
    return int((Decimal(amount) * Decimal(rate)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def written(amount: Decimal | int, currency: str = RUPIAH, language: Language | None = None) -> str:
    """Write money as people read it: `Rp1.500.000` (in English `Rp1,500,000`), `US$20,50` for other currencies."""
    locale = language or current_language()
    if currency == RUPIAH:
        return f"Rp{format_decimal(amount, locale=locale)}"
    return str(format_currency(amount, currency, locale=locale))


@cache
def currencies(language: Language) -> tuple[tuple[str, str], ...]:
    """Give the currencies that are tender today as (ISO 4217 code, "USD, dolar Amerika Serikat"), rupiah first."""
    names = Locale.parse(language).currencies
    codes = sorted(_tender())
    return tuple((code, f"{code}, {names.get(code, code)}") for code in [RUPIAH, *(c for c in codes if c != RUPIAH)])


@cache
def _tender() -> frozenset[str]:
    territories = Locale.parse("en").territories
    found: set[str] = set()
    for territory, listed in get_global("territory_currencies").items():
        if territory in territories:
            found.update(code for code, _, end, tender in listed if end is None and tender)
    return frozenset(found) - _NO_TENDER
