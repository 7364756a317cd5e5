"""Answers in the words of their form: questions by their label, choices by theirs, lists of rows as tables.

Pages and paper read alike from here. How a day is written, and what a code of one of the host's lists is called, is
handed in, since that differs between them or lies above this floor.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from workflows import money
from workflows.feel.values import from_json
from workflows.forms.components import ROWS_OF
from workflows.forms.schema import Component, Form
from workflows.language import current_language, say


@dataclass(frozen=True)
class Manner:
    """What differs from one reader of answers to the other."""

    day: Callable[[date], str]
    moment: Callable[[datetime], str]
    # Gives the name of a code, by the list that offered it (`valuesKey`) and the code; the code where it has none.
    name_of: Callable[[str, str], str]


@dataclass(frozen=True)
class Table:
    """A list of rows as people read it."""

    title: str
    # What one row is called, then the titles of the columns that have something in them.
    head: tuple[str, ...]
    # Number of the row, and a text for each column.
    rows: tuple[tuple[str, ...], ...]

    def facts(self) -> list[list[tuple[str, str]]]:
        """Give, row by row, the columns that say something as (title, text) pairs."""
        titles = self.head[1:]
        return [[pair for pair in zip(titles, row[1:], strict=True) if pair[1]] for row in self.rows]


def lines(
    form: Form | None, answers: Mapping[str, Any], manner: Manner, *, leave_out: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Give (question, answer) pairs in the order of the form, without what was left empty and without lists of rows.

    `answers` are FEEL values as they are written to JSON. What the form does not know, or does not know any more, comes
    last under its own name; what no form asked, such as the reason of an escalation, under the words for it.
    """
    values: Mapping[str, Any] = from_json(dict(answers))
    known = {component.name: component for component in form.everything() if component.name} if form else {}
    apart = {*leave_out, *(each.name for each in _lists(form))}
    ordered = [name for name in known if name in values] + [name for name in values if name not in known]
    return [
        (
            known[name].label() if name in known else _question(name),
            written(known.get(name), values[name], manner),
        )
        for name in ordered
        if name not in apart and _says_something(values[name])
    ]


def tables(form: Form | None, answers: Mapping[str, Any], manner: Manner) -> list[Table]:
    """Give the lists of the form that were answered, as tables; columns that are empty in every row are left out."""
    values: Mapping[str, Any] = from_json(dict(answers))
    found = []
    for list_ in _lists(form):
        rows = [row for row in _within(values, list_.name) if isinstance(row, Mapping)]
        columns = [field for field in list_.everything() if field.key and field.type != "filepicker"]
        named = {field.name: _names(form, field, values) for field in columns if field.values_key.startswith(ROWS_OF)}
        texts = [[_cell(field, row, list_.name, manner, named.get(field.name)) for field in columns] for row in rows]
        used = [place for place in range(len(columns)) if any(text[place] for text in texts)]
        if rows:
            found.append(
                Table(
                    title=list_.label(),
                    head=(list_.row() or say("Baris", "Row"), *(columns[place].label() for place in used)),
                    rows=tuple(
                        (str(number), *(text[place] for place in used)) for number, text in enumerate(texts, start=1)
                    ),
                )
            )
    return found


def written(component: Component | None, value: Any, manner: Manner) -> str:
    """Write one answer; a code that has lost its words stays visible."""
    if isinstance(value, bool):
        return say("Ya", "Yes") if value else say("Tidak", "No")
    if isinstance(value, datetime):
        return manner.moment(value)
    if isinstance(value, date):
        return manner.day(value)
    if isinstance(value, time):
        return f"{value:%H.%M}"
    if isinstance(value, int | Decimal) and component is not None and component.money == money.RUPIAH:
        return money.written(value)
    if isinstance(value, int | Decimal):
        # Coordinates keep all their places.
        return str(format_decimal(value, locale=current_language(), decimal_quantization=False))
    if isinstance(value, list):
        return ", ".join(written(component, each, manner) for each in value)
    if isinstance(value, dict):
        return ", ".join(written(None, each, manner) for each in value.values() if _says_something(each))
    text = str(value)
    if component is None:
        return text
    if component.values_key:
        return manner.name_of(component.values_key, text)
    return next((option.label() for option in component.options if option.value == text), text)


def _cell(
    field: Component, row: Mapping[str, Any], list_name: str, manner: Manner, named: Mapping[str, str] | None
) -> str:
    """Write what stands in a field of a row; money with its currency, a row of another list by its name."""
    value = _value(row, field.name.removeprefix(f"{list_name}[]."))
    if not _says_something(value):
        return ""
    if named is not None:
        return named.get(str(value), str(value))
    if field.money and isinstance(value, int | Decimal):
        currency = money.RUPIAH if field.money == money.RUPIAH else str(row.get(field.money) or money.RUPIAH)
        return money.written(value, currency)
    return written(field, value, manner)


def _names(form: Form | None, field: Component, values: Mapping[str, Any]) -> dict[str, str]:
    """Give the rows among which a field chooses, by their number from 1: the first text of each, else its number."""
    list_ = next((each for each in _lists(form) if each.name == field.values_key.removeprefix(ROWS_OF)), None)
    if list_ is None:
        return {}
    texts = [each.name.removeprefix(f"{list_.name}[].") for each in list_.fields if each.type == "textfield"]
    rows = [row if isinstance(row, Mapping) else {} for row in _within(values, list_.name)]
    return {
        str(number): next((str(row[text]) for text in texts if row.get(text)), f"{list_.row()} {number}".strip())
        for number, row in enumerate(rows, start=1)
    }


def _lists(form: Form | None) -> tuple[Component, ...]:
    return form.lists if form else ()


def _within(values: Mapping[str, Any], name: str) -> list[Any]:
    found = _value(values, name)
    return found if isinstance(found, list) else []


def _value(values: Mapping[str, Any], name: str) -> Any:
    """Look up a name whose dots lead into groups."""
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _says_something(value: Any) -> bool:
    """Tell whether there is anything to show; an unticked box is silence, the number 0 is not."""
    return not (value is None or value is False or value in ("", [], {}))


def _question(name: str) -> str:
    asked = {"reason": say("Alasan", "Reason"), "text": say("Pesan", "Message")}
    return asked.get(name, name.replace("_", " ").capitalize())
