"""Rows of a list taken from a spreadsheet: columns found by their titles, every cell read as if it had been typed.

Each row is checked by the form itself. All rows come into the form, so that nothing is lost without a word; of those
that something is wrong with, every wrong cell is told by row and column, and can be mended where it stands.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, BinaryIO

from workflows.errors import InvalidAnswers
from workflows.feel.clock import Clock
from workflows.forms import answers, sheets
from workflows.forms.components import CHOICE_TYPES, ROWS_OF, Component, Form
from workflows.forms.rows import in_row
from workflows.forms.sheets import Row, SheetRefused
from workflows.language import say

# For each list that the host offers, the values that may be chosen with the words for them.
Offered = Mapping[str, Sequence[tuple[str, str]]]
_YES = frozenset({"ya", "y", "yes", "true", "1", "x", "v", "✓"})
_NO = frozenset({"", "tidak", "t", "no", "false", "0", "-"})


@dataclass(frozen=True)
class Trouble:
    """One cell that cannot be taken."""

    # As the spreadsheet numbers it.
    row: int
    # Number of the row among those that were imported, from 0.
    place: int
    # Name of the field within the list, for example "objects[].amount".
    field: str
    column: str
    # What is wrong, as `answers.PROBLEMS` names it, or "sheet.formula".
    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Imported:
    """What a spreadsheet gave."""

    # What stands in the fields of each row, by their names within the list; `rows.added` takes them.
    rows: tuple[Mapping[str, str], ...]
    troubles: tuple[Trouble, ...]
    # Titles of columns that no field asks for, each with the title that may have been meant.
    unknown: tuple[tuple[str, str], ...]

    @property
    def good(self) -> int:
        """How many rows nothing is wrong with."""
        return len(self.rows) - len({trouble.place for trouble in self.troubles})


def columns(list_: Component) -> tuple[Component, ...]:
    """Give the fields of a list that have a column: files cannot stand in one."""
    return tuple(field for field in list_.fields if field.type != "filepicker" and not _names_row(field))


def title(field: Component) -> str:
    """Give the title of a field's column in the reader's language."""
    return field.column() or field.label() or field.key


def read(
    list_: Component, stream: BinaryIO, *, room: int, offered: Offered, clock: Clock, around: Mapping[str, Any]
) -> Imported:
    """Read a sheet into rows of the list; SheetRefused when the file as a whole cannot be taken.

    `room` is how many rows may come; `around` what is answered outside the list, which conditions may read.
    """
    head, *body = sheets.read(stream)
    found, unknown = _columns(list_, head)
    if not body:
        raise SheetRefused("sheet.no_rows")
    if len(body) > room:
        raise SheetRefused("sheet.too_many", rows=len(body), limit=room)
    taken = [_texts(row, found, offered) for row in body]
    troubles = [
        Trouble(row.number, place, field.name, title(field), "sheet.formula", {"cell": row.cells[column].address})
        for place, row in enumerate(body)
        for column, field in found.items()
        if column < len(row.cells) and row.cells[column].is_formula
    ]
    troubles += _checked(list_, body, taken, offered, clock, around, {(each.place, each.field) for each in troubles})
    order = {field.name: place for place, field in enumerate(columns(list_))}
    troubles.sort(key=lambda trouble: (trouble.place, order.get(trouble.field, 0)))
    return Imported(tuple(taken), tuple(troubles), tuple(unknown))


def _columns(list_: Component, head: Row) -> tuple[dict[int, Component], list[tuple[str, str]]]:
    """Find each column's field by its title in either language or its key; a needed one that is missing is told."""
    known: dict[str, Component] = {}
    for field in columns(list_):
        for name in (
            field.column.indonesian,
            field.column.english,
            field.label.indonesian,
            field.label.english,
            field.key,
        ):
            known.setdefault(_plain(name), field)
    found: dict[int, Component] = {}
    unknown = []
    for column, cell in enumerate(head.cells):
        if cell.is_formula:
            raise SheetRefused("sheet.formula", cell=cell.address)
        here = known.get(_plain(cell.text)) if cell.text else None
        if here is not None and here in found.values():
            raise SheetRefused("sheet.twice", column=cell.text)
        if here is not None:
            found[column] = here
        elif cell.text:
            close = get_close_matches(_plain(cell.text), known, n=1)
            unknown.append((cell.text[:80], title(known[close[0]]) if close else ""))
    # A column that a condition may hide, or that the form fills by itself, can be left out.
    missing = [
        field
        for field in columns(list_)
        if field not in found.values() and field.required and field.hide is None and field.default is None
    ]
    if missing or not found:
        wanted = ", ".join(f"“{title(field)}”" for field in missing or columns(list_))
        raise SheetRefused("sheet.no_column", columns=wanted)
    return found, unknown


def _texts(row: Row, found: Mapping[int, Component], offered: Offered) -> dict[str, str]:
    """Give what stands in the fields of one row: codes for choices, the cell's own text for everything else."""
    texts = {}
    for column, field in found.items():
        text = row.cells[column].text if column < len(row.cells) else ""
        if not text and not (column < len(row.cells) and row.cells[column].is_formula) and field.default is not None:
            text = str(field.default)
        texts[field.name] = _as_posted(field, text, offered)
    return texts


def _as_posted(field: Component, text: str, offered: Offered) -> str:
    if field.type == "checkbox":
        plain = text.casefold()
        return "true" if plain in _YES else "" if plain in _NO else text
    if field.type in CHOICE_TYPES:
        words = {_plain(word): value for value, word in choices(field, offered)}
        values = {_plain(value): value for value, _ in choices(field, offered)}
        return values.get(_plain(text)) or words.get(_plain(text)) or text
    return text


def choices(field: Component, offered: Offered) -> list[tuple[str, str]]:
    """Give what may be chosen in a field, as (value, words in the reader's language)."""
    if field.values_key:
        return list(offered.get(field.values_key, ()))
    both = [(option.value, option.label("id")) for option in field.options]
    return both + [(option.value, option.label("en")) for option in field.options if option.label.english]


def _checked(
    list_: Component,
    body: Sequence[Row],
    taken: Sequence[Mapping[str, str]],
    offered: Offered,
    clock: Clock,
    around: Mapping[str, Any],
    told: Collection[tuple[int, str]],
) -> list[Trouble]:
    """Have the form check the rows, and give what it finds wrong by row and column."""
    # Files and the giver's row come later, in the form itself.
    columned = {field.id for field in columns(list_)}
    alone = replace(list_, min_rows=0, required=False, components=tuple(_only(list_, columned)))
    posted = {in_row(name, place): [text] for place, row in enumerate(taken) for name, text in row.items()}
    allowed = {key: {value for value, _ in pairs} for key, pairs in offered.items()}
    troubles = []
    unclear = {
        (place, field.name)
        for place, row in enumerate(taken)
        for field in columns(list_)
        if field.type == "checkbox" and row.get(field.name, "") not in ("", "true")
    }
    troubles += [_trouble(list_, body, place, name, "not_yes_no", {}) for place, name in sorted(unclear)]
    try:
        answers.read(Form("", (alone,)), posted, clock=clock, variables=around, choices=allowed)
    except InvalidAnswers as error:
        for name, code, facts in error.problems:
            match = re.fullmatch(re.escape(list_.name) + r"\[(\d+)\](\..+)", name)
            if match is not None and (int(match[1]), f"{list_.name}[]{match[2]}") not in told:
                troubles.append(_trouble(list_, body, int(match[1]), f"{list_.name}[]{match[2]}", code, facts))
    return troubles


def _trouble(
    list_: Component, body: Sequence[Row], place: int, name: str, code: str, facts: Mapping[str, Any]
) -> Trouble:
    field = next(each for each in list_.fields if each.name == name)
    row = body[place].number
    label = say(f"Baris {row}, kolom {title(field)}", f"Row {row}, column {title(field)}")
    return Trouble(row, place, name, title(field), code, {**facts, "label": label})


def _only(component: Component, ids: Collection[str]) -> list[Component]:
    """Give the components inside one without the fields that have no column."""
    kept = []
    for inner in component.components:
        if inner.components:
            kept.append(replace(inner, components=tuple(_only(inner, ids))))
        elif not inner.takes_answer or inner.id in ids:
            kept.append(inner)
    return kept


def _names_row(field: Component) -> bool:
    return field.values_key.startswith(ROWS_OF)


def _plain(title_: str) -> str:
    """Give a title as titles are compared: small letters, one space, without what stands in brackets and asterisks."""
    plain = unicodedata.normalize("NFKC", title_).casefold()
    plain = re.sub(r"\([^)]*\)|\[[^]]*\]|[*:]", " ", plain)
    return " ".join(plain.split())
