"""What people wrote, in words: the answers of forms with their questions, codes as their labels, places by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from babel.dates import format_date
from sqlalchemy.orm import Session

from workflows import money
from workflows.cases import contents
from workflows.catalogue.manifest import CaseType
from workflows.feel.values import from_json
from workflows.forms.answers import row_words
from workflows.forms.components import Component, Form
from workflows.language import Language, say
from workflows.letters.context import plain
from workflows.people import queries as people
from workflows.people.models import Unit

# Names of the kecamatan and villages, as the front end is built with them.
PLACES = Path(__file__).parents[2] / "webapp" / "static" / "dist" / "data" / "places.json"


@dataclass(frozen=True)
class Reading:
    """How the writings of one case type are read out in one language."""

    session: Session
    manifest: CaseType
    # Forms by id, and names of the diagram's elements by theirs.
    forms: Mapping[str, Form]
    elements: Mapping[str, str]
    # Words of the stationery.
    words: Mapping[str, Any]
    language: Language
    zone: ZoneInfo

    def fields(self, writing: contents.Writing, form: Form) -> list[dict[str, str]]:
        """The answers of a form with their questions; the empty ones and the reporter's identity are left out."""
        values = from_json(dict(writing.body))
        fields = [
            {"label": component.label(self.language), "value": self.answer(component, values[component.name])}
            for component in form.fields
            if component.name in values and component.name not in self.manifest.identity
        ]
        rows = [line for list_ in form.lists for line in self.rows(list_, values)]
        return [field for field in [*fields, *rows] if field["value"]]

    def rows(self, list_: Component, values: Mapping[str, Any]) -> list[dict[str, str]]:
        """The rows of a list, each under its own name with what it says in the order of the form."""
        found = values.get(list_.name)
        names = {field.name.removeprefix(f"{list_.name}[]."): field for field in list_.fields}
        return [
            {
                "label": row_words(list_, number),
                "value": "; ".join(
                    f"{field.label(self.language)}: {told}"
                    for name, field in names.items()
                    if row.get(name) is not False and (told := self.answer(field, row.get(name)))
                ),
            }
            for number, row in enumerate(found if isinstance(found, list) else ())
        ]

    def title(self, element: str, form: Form) -> str:
        """What a writing is called: the message that a reporter sent, or the step in which it was written."""
        for message in self.manifest.reporter_messages.values():
            if message.form == form.id:
                return say(message.title, message.title_en)
        return self.elements.get(element) or form.id.replace("_", " ").capitalize()

    def chosen(self, column: str, value: str | None) -> str:
        """What people read for a code that a field of some form offered."""
        fields = self.manifest.case_fields.get(column, ())
        for form in self.forms.values():
            for component in form.fields:
                for option in component.options if component.name in fields else ():
                    if option.value == value:
                        return option.label(self.language)
        return value or ""

    def answer(self, component: Component, value: Any) -> str:
        """One answer in words."""
        labels = {option.value: option.label(self.language) for option in component.options}
        if value is None or value == "" or value == []:
            return ""
        if isinstance(value, bool):
            return str(self.words["yes" if value else "no"])
        if isinstance(value, datetime):
            return (
                f"{format_day(value.astimezone(self.zone).date(), self.language)} {value.astimezone(self.zone):%H.%M}"
            )
        if isinstance(value, date):
            return format_day(value, self.language)
        if isinstance(value, list):
            return ", ".join(filter(None, (self.answer(component, inner) for inner in value)))
        if isinstance(value, dict):
            return ", ".join(str(plain(inner, self.zone)) for inner in value.values())
        if component.money == money.RUPIAH:
            return money.written(value, language=self.language)
        text = labels.get(str(value), str(plain(value, self.zone)))
        if component.values_key in {"offices", "units"}:
            unit = people.unit_by_code(self.session, text)
            return say(unit.name, unit.name_en) if isinstance(unit, Unit) else text
        return place(text) if component.values_key in {"districts", "villages"} else text


def format_day(day: date, language: Language) -> str:
    """A day in words."""
    return format_date(day, "d MMMM y", locale=language)


@lru_cache(maxsize=1)
def _places() -> Mapping[str, str]:
    if not PLACES.is_file():
        return {}
    districts = orjson.loads(PLACES.read_bytes())["districts"]
    return {place["code"]: place["name"] for district in districts for place in (district, *district["villages"])}


def place(code: str | None) -> str:
    """The name of a kecamatan or village; the code where it has none."""
    return _places().get(code, code) if code else ""
