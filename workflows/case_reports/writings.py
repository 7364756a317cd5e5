"""What people wrote, in words: the answers of forms with their questions, codes as their labels, places by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from babel.dates import format_date
from sqlalchemy.orm import Session

from workflows.cases import contents
from workflows.catalogue.manifest import CaseType
from workflows.forms import wording
from workflows.forms.components import Form
from workflows.language import Language, say
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
    language: Language
    zone: ZoneInfo

    def fields(self, writing: contents.Writing, form: Form) -> list[dict[str, str]]:
        """The answers of a form with their questions; the empty ones and the reporter's identity are left out.

        A list of rows is one answer with a line for each row.
        """
        manner = self.manner()
        told = wording.lines(form, writing.body, manner, leave_out=self.manifest.identity)
        for table in wording.tables(form, writing.body, manner):
            told.append((table.title, "\n".join(_row(table, row) for row in table.rows)))
        return [{"label": label, "value": value} for label, value in told]

    def besides(self, writing: contents.Writing, form: Form) -> list[dict[str, str]]:
        """The answers of a report that stand nowhere else on paper: not its title and story, not what became a column
        of the case, nobody's identity, and no list.
        """
        manifest = self.manifest
        elsewhere = {*manifest.identity, manifest.confidential_field or "", manifest.anonymous_field or ""}
        elsewhere |= {field for fields in manifest.case_fields.values() for field in fields}
        if manifest.summary is not None:
            elsewhere |= {manifest.summary.title, manifest.summary.text}
        told = wording.lines(form, writing.body, self.manner(), leave_out=elsewhere)
        return [{"label": label, "value": value} for label, value in told]

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

    def manner(self) -> wording.Manner:
        """How answers are written on paper."""
        return wording.Manner(
            day=lambda day: format_day(day, self.language),
            moment=lambda at: (
                f"{format_day(at.astimezone(self.zone).date(), self.language)} {at.astimezone(self.zone):%H.%M}"
            ),
            name_of=self._name_of,
        )

    def _name_of(self, values_key: str, code: str) -> str:
        if values_key in {"offices", "units"}:
            unit = people.unit_by_code(self.session, code)
            return say(unit.name, unit.name_en) if isinstance(unit, Unit) else code
        return place(code) if values_key in {"districts", "villages"} else code


def _row(table: wording.Table, row: tuple[str, ...]) -> str:
    """A row in a line: its number, then what stands in its columns."""
    cells = (f"{head}: {cell}" for head, cell in zip(table.head[1:], row[1:], strict=True) if cell)
    return f"{row[0]}. {'; '.join(cells)}"


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
