"""The inbox's filters as they stand in the address, and the choices that the page offers for them.

What a filter means is settled in `workflows.tasks.queries`; here are only its spelling and its words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from flask import url_for
from sqlalchemy.orm import Session

from webapp import case_words
from workflows.people.queries import all_units
from workflows.tasks.queries import InboxFilters, Scope

Sort = Literal["due", "newest"]
# Filter -> its name in the address, in the words of the page.
NAMES: Mapping[str, str] = {
    "scope": "lingkup",
    "overdue": "lewat",
    "case_type": "jenis",
    "stage": "status",
    "office": "unit",
    "district": "kecamatan",
    "search": "cari",
    "sort": "urut",
}
SCOPES: Mapping[str, Scope] = {"saya": "mine", "unit": "unit", "semua": "all"}
SORTS: Mapping[str, Sort] = {"tenggat": "due", "terbaru": "newest"}


@dataclass(frozen=True)
class Choices:
    """What the filter form offers: (value, words) pairs."""

    case_types: Sequence[tuple[str, str]]
    stages: Sequence[tuple[str, str]]
    offices: Sequence[tuple[str, str]]
    districts: Sequence[tuple[str, str]]


def read(arguments: Mapping[str, str], default_scope: Scope = "mine") -> InboxFilters:
    """Read the filters of an address; what is misspelt there narrows nothing."""
    text = {field: arguments.get(name, "").strip() for field, name in NAMES.items()}
    return InboxFilters(
        scope=SCOPES.get(text["scope"], default_scope),
        overdue=text["overdue"] == "ya",
        case_type=text["case_type"],
        stage=text["stage"],
        office=text["office"],
        district=text["district"],
        search=text["search"][:200],
        sort=SORTS.get(text["sort"], "due"),
    )


def write(filters: InboxFilters) -> dict[str, str]:
    """Write filters as the arguments of an address, leaving out what narrows nothing."""
    scope = next(word for word, scope in SCOPES.items() if scope == filters.scope)
    arguments = {
        NAMES["scope"]: scope,
        NAMES["overdue"]: "ya" if filters.overdue else "",
        NAMES["case_type"]: filters.case_type,
        NAMES["stage"]: filters.stage,
        NAMES["office"]: filters.office,
        NAMES["district"]: filters.district,
        NAMES["search"]: filters.search,
        NAMES["sort"]: "terbaru" if filters.sort == "newest" else "",
    }
    return {name: value for name, value in arguments.items() if value}


def address(filters: InboxFilters, page: int = 1) -> str:
    """Give the address of the inbox with these filters."""
    arguments: dict[str, Any] = write(filters) | ({"halaman": str(page)} if page > 1 else {})
    return url_for("inbox.index", **arguments)


def in_scope(filters: InboxFilters, scope: Scope) -> InboxFilters:
    """Give the same filters in another scope."""
    return replace(filters, scope=scope)


def is_narrowed(filters: InboxFilters) -> bool:
    """Tell whether anything but the scope narrows the list."""
    return replace(filters, scope="mine", sort="due") != InboxFilters()


def choices(session: Session) -> Choices:
    """Give what the filter form offers."""
    return Choices(
        case_types=case_words.all_case_types(),
        stages=case_words.all_stages(),
        offices=[(unit.code, unit.name) for unit in all_units(session)],
        districts=case_words.all_districts(),
    )
