"""The filters of the list of cases as they stand in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from webapp import case_words
from workflows.cases.lists import CaseFilters
from workflows.people.queries import all_units

NAMES: Mapping[str, str] = {
    "case_type": "jenis",
    "stage": "status",
    "office": "unit",
    "district": "kecamatan",
    "category": "masalah",
    "state": "keadaan",
    "search": "cari",
    "opened_from": "dari",
    "opened_to": "sampai",
}
STATES: Mapping[str, str] = {"berjalan": "open", "selesai": "closed"}


@dataclass(frozen=True)
class Choices:
    """What the filter form offers: (value, words) pairs."""

    case_types: Sequence[tuple[str, str]]
    stages: Sequence[tuple[str, str]]
    offices: Sequence[tuple[str, str]]
    districts: Sequence[tuple[str, str]]


def read(arguments: Mapping[str, str]) -> CaseFilters:
    """Read the filters of an address; what is misspelt there narrows nothing."""
    text = {field: arguments.get(name, "").strip()[:200] for field, name in NAMES.items()}
    days = {field: _day(text.pop(field)) for field in ("opened_from", "opened_to")}
    text["state"] = STATES.get(text["state"], "")
    return CaseFilters(**text, **days)  # type: ignore[arg-type]


def write(filters: CaseFilters) -> dict[str, str]:
    """Write filters as the arguments of an address, leaving out what narrows nothing."""
    words = {state: word for word, state in STATES.items()}
    values = {field.name: getattr(filters, field.name) for field in fields(CaseFilters)}
    values["state"] = words.get(filters.state, "")
    return {
        NAMES[field]: value.isoformat() if isinstance(value, date) else value
        for field, value in values.items()
        if value
    }


def address(filters: CaseFilters, page: int = 1) -> str:
    """Give the address of the list with these filters."""
    arguments: dict[str, Any] = write(filters) | ({"halaman": str(page)} if page > 1 else {})
    return url_for("cases.index", **arguments)


def is_narrowed(filters: CaseFilters) -> bool:
    """Tell whether anything narrows the list."""
    return filters != CaseFilters()


def choices(session: Session) -> Choices:
    """Give what the filter form offers."""
    return Choices(
        case_types=case_words.all_case_types(),
        stages=case_words.all_stages(),
        offices=[(unit.code, unit.name) for unit in all_units(session)],
        districts=case_words.all_districts(),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # No office has cases of other centuries, and beyond the calendar's last day there is no next one.
    return day if 1900 <= day.year < 3000 else None
