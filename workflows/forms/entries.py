"""Simple entries of a form's components, each of the type that it must have."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflows.forms.json_text import Report
from workflows.language import say


class Entries:
    """Simple entries of one component, each of the type that it must have."""

    def __init__(self, each: Mapping[str, Any], id_: str, report: Report) -> None:
        self._each = each
        self._id = id_
        self._report = report

    def object(self, name: str) -> Mapping[str, Any]:
        """Give an inner object; an empty one when there is none."""
        value = self._each.get(name)
        if value is not None and not isinstance(value, dict):
            self._wrong(name)
        return value if isinstance(value, dict) else {}

    def flag(self, name: str, *, within: Mapping[str, Any] | None = None, otherwise: bool = False) -> bool:
        """Give true or false."""
        value = (self._each if within is None else within).get(name, otherwise)
        if not isinstance(value, bool):
            self._wrong(name)
            return otherwise
        return value

    def text(self, name: str, *, within: Mapping[str, Any] | None = None) -> str:
        """Give a text without expressions."""
        value = (self._each if within is None else within).get(name, "")
        if not isinstance(value, str) or value.startswith("="):
            self._wrong(name)
            return ""
        return value

    def whole(self, name: str, *, within: Mapping[str, Any] | None = None, most: int = 100_000) -> int:
        """Give a whole number from 0."""
        value = decimal_of((self._each if within is None else within).get(name))
        if value is None or value != value.to_integral_value() or not 0 <= value <= most:
            self._wrong(name)
            return 0
        return int(value)

    def number(self, name: str, *, within: Mapping[str, Any]) -> Decimal | None:
        """Give a number; None when there is none."""
        written = within.get(name)
        value = decimal_of(written)
        if written not in (None, "") and value is None:
            self._wrong(name)
        return value

    def _wrong(self, name: str) -> None:
        self._report.error(
            "form.entry",
            self._id,
            say(f'Nilai "{name}" tidak dapat dipakai.', f'The value of "{name}" cannot be used.'),
            say("Ungkapan tidak dijalankan di sini; tulis nilainya.", "Expressions are not run here; write the value."),
        )


def decimal_of(value: Any) -> Decimal | None:
    """Read a number as form-js writes it, as number or text; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    return Decimal(text) if re.fullmatch(r"-?\d{1,40}(\.\d{1,40})?", text, re.ASCII) else None
