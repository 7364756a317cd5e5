"""Rows of a list taken from a spreadsheet: columns found by their titles, every cell read as if it had been typed.

Each row is checked by the form itself. All rows come into the form, so that nothing is lost without a word; of those
that something is wrong with, every wrong cell is told by row and column, and can be mended where it stands.

Where a row names a row of another list (an object its giver), the sheet has the columns of both: one line tells of the
object and of its giver. Givers that are described alike by more than one column are one row of their list.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, BinaryIO

from workflows.errors import InvalidAnswers
from workflows.feel.clock import Clock
from workflows.forms import answers, sheets
from workflows.forms.components import CHOICE_TYPES, ROWS_OF, Component, Form
from workflows.forms.rows import in_row, proposed
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
    # Number of the row among those that were imported into the field's list, from 0.
    place: int
    # Name of the field within its list, for example "objects[].amount".
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
    # The same for the list whose rows these name, and for each of `rows` the number of the one it names, from 0.
    named_rows: tuple[Mapping[str, str], ...]
    names: tuple[int | None, ...]
    troubles: tuple[Trouble, ...]
    # Titles of columns that no field asks for, each with the title that may have been meant.
    unknown: tuple[tuple[str, str], ...]

    @property
    def good(self) -> int:
        """How many rows nothing is wrong with."""
        return len(self.rows) - len({trouble.row for trouble in self.troubles})


def link_of(form: Form, list_: Component) -> tuple[Component, Component] | None:
    """Give the field by which a row names a row of another list, and that list; None where rows name none."""
    lists = {each.name: each for each in form.lists}
    for field in list_.fields:
        named = lists.get(field.values_key.removeprefix(ROWS_OF)) if field.values_key.startswith(ROWS_OF) else None
        if named is not None and named is not list_:
            return field, named
    return None


def columns(form: Form, list_: Component) -> tuple[Component, ...]:
    """Give the fields that have a column, those of a list that the rows name first."""
    link = link_of(form, list_)
    return (*(_own(link[1]) if link else ()), *_own(list_))


def _own(list_: Component) -> tuple[Component, ...]:
    """Give the fields of a list that have a column: a file cannot stand in one, and a row is named by its columns."""
    return tuple(
        field for field in list_.fields if field.type != "filepicker" and not field.values_key.startswith(ROWS_OF)
    )


def title(field: Component) -> str:
    """Give the title of a field's column in the reader's language."""
    return field.column() or field.label() or field.key


def read(
    form: Form,
    list_: Component,
    stream: BinaryIO,
    *,
    room: Mapping[str, int],
    offered: Offered,
    clock: Clock,
    around: Mapping[str, Any],
) -> Imported:
    """Read a sheet into rows of the list; SheetRefused when the file as a whole cannot be taken.

    `room` is how many rows may come, by list; `around` what is answered outside the lists, which conditions may read.
    """
    head, *body = sheets.read(stream)
    link = link_of(form, list_)
    found, unknown = _columns(form, list_, head)
    if not body:
        raise SheetRefused("sheet.no_rows")
    words = {field.name: _words(field, offered) for field in found.values() if field.type in CHOICE_TYPES}
    taken = [_texts(row, found, words) for row in body]
    own = {field.name for field in _own(list_)}
    # A column that the form fills by itself may be left out.
    start = {name: texts[0] for name, texts in proposed(list_).items() if name in own and texts}
    rows = [start | {name: text for name, text in row.items() if name in own} for row in taken]
    named, names = _named([{name: text for name, text in row.items() if name not in own} for row in taken])
    for each, count in ((list_, len(rows)), *(((link[1], len(named)),) if link else ())):
        if count > room[each.name]:
            raise SheetRefused("sheet.too_many", rows=count, limit=room[each.name])
    first = [names.index(place) for place in range(len(named))]
    sources = [_Source(list_, tuple(rows), tuple(body))]
    if link is not None:
        sources.append(_Source(link[1], tuple(named), tuple(body[place] for place in first)))
    troubles = []
    for source in sources:
        formulas = list(_formulas(source, found))
        told = {(each.place, each.field) for each in formulas}
        troubles += [*formulas, *_checked(source, offered, clock, around, told)]
    order = {field.name: place for place, field in enumerate(columns(form, list_))}
    troubles.sort(key=lambda trouble: (trouble.row, order.get(trouble.field, 0)))
    return Imported(tuple(rows), tuple(named), tuple(names), tuple(troubles), tuple(unknown))


@dataclass(frozen=True)
class _Source:
    """Rows for one list, each with the row of the sheet that it came from."""

    list_: Component
    rows: tuple[Mapping[str, str], ...]
    body: tuple[Row, ...]


def _named(told: Sequence[Mapping[str, str]]) -> tuple[list[Mapping[str, str]], list[int | None]]:
    """Give the rows that are named, each once, and which of them each line of the sheet names."""
    rows: list[Mapping[str, str]] = []
    places: dict[Any, int] = {}
    names: list[int | None] = []
    for row in told:
        said = tuple(sorted((name, text.casefold()) for name, text in row.items() if text))
        if not said:
            names.append(None)
            continue
        same: Any = said if len(said) > 1 else object()
        if same not in places:
            places[same] = len(rows)
            rows.append(row)
        names.append(places[same])
    return rows, names


def _formulas(source: _Source, found: Mapping[int, Component]) -> Iterator[Trouble]:
    known = {field.name for field in _own(source.list_)}
    for place, row in enumerate(source.body):
        for column, field in found.items():
            if field.name in known and column < len(row.cells) and row.cells[column].is_formula:
                facts = {"cell": row.cells[column].address}
                yield Trouble(row.number, place, field.name, title(field), "sheet.formula", facts)


def _columns(form: Form, list_: Component, head: Row) -> tuple[dict[int, Component], list[tuple[str, str]]]:
    """Find each column's field by its title in either language or its key; a needed one that is missing is told."""
    known: dict[str, Component] = {}
    for field in columns(form, list_):
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
    # A column that a condition may hide, or that the form fills by itself, can be left out; so can all that tell of
    # the rows that these name, which may stand in the form already.
    own = _own(list_)
    expected = columns(form, list_) if any(field not in own for field in found.values()) else own
    missing = [
        field
        for field in expected
        if field not in found.values() and field.required and field.hide is None and field.default is None
    ]
    if missing or not found:
        wanted = ", ".join(f"“{title(field)}”" for field in missing or expected)
        raise SheetRefused("sheet.no_column", columns=wanted)
    return found, unknown


def _texts(row: Row, found: Mapping[int, Component], words: Mapping[str, "_Words"]) -> dict[str, str]:
    """Give what stands in the fields of one row: codes for choices, the cell's own text for everything else."""
    texts = {}
    for column, field in found.items():
        text = row.cells[column].text if column < len(row.cells) else ""
        if not text and not (column < len(row.cells) and row.cells[column].is_formula) and field.default is not None:
            text = str(field.default)
        texts[field.name] = _as_posted(field, text, words.get(field.name, {}))
    return texts


# What may stand for a choice, as `_plain` gives it, with the values that it may mean.
_Words = Mapping[str, Collection[str]]


def _words(field: Component, offered: Offered) -> _Words:
    """Give the codes of a field's choices and what people read of them; a code means itself whatever is read."""
    meant: dict[str, set[str]] = {}
    for value, word in choices(field, offered):
        meant.setdefault(_plain(word), set()).add(value)
    return meant | {_plain(value): {value} for value, _ in choices(field, offered)}


def _as_posted(field: Component, text: str, words: _Words) -> str:
    if field.type == "checkbox":
        plain = text.casefold()
        return "true" if plain in _YES else "" if plain in _NO else text
    plain = _plain(text)
    if not words or not plain:
        return text
    # The whole of it, or the first words of one choice alone; what may mean several is told as a wrong cell.
    meant = words.get(plain) or {value for word in words if _begins(word, plain) for value in words[word]}
    return next(iter(meant)) if len(meant) == 1 else text


def _begins(word: str, plain: str) -> bool:
    return word.startswith(plain) and not word[len(plain)].isalnum()


def choices(field: Component, offered: Offered) -> list[tuple[str, str]]:
    """Give what may be chosen in a field, as (value, words in the reader's language)."""
    if field.values_key:
        return list(offered.get(field.values_key, ()))
    both = [(option.value, option.label("id")) for option in field.options]
    return both + [(option.value, option.label("en")) for option in field.options if option.label.english]


def _checked(
    source: _Source,
    offered: Offered,
    clock: Clock,
    around: Mapping[str, Any],
    told: Collection[tuple[int, str]],
) -> list[Trouble]:
    """Have the form check the rows, and give what it finds wrong by row and column."""
    list_, body, taken = source.list_, source.body, source.rows
    # Files come later, in the form itself.
    columned = {field.id for field in _own(list_)}
    alone = replace(list_, min_rows=0, required=False, components=tuple(_only(list_, columned)))
    posted = {in_row(name, place): [text] for place, row in enumerate(taken) for name, text in row.items()}
    allowed = {key: {value for value, _ in pairs} for key, pairs in offered.items()}
    troubles = []
    unclear = {
        (place, field.name)
        for place, row in enumerate(taken)
        for field in _own(list_)
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


def _plain(title_: str) -> str:
    """Give a title as titles are compared: small letters, one space, without what stands in brackets and asterisks."""
    plain = unicodedata.normalize("NFKC", title_).casefold()
    plain = re.sub(r"\([^)]*\)|\[[^]]*\]|[*:]", " ", plain)
    return " ".join(plain.split())
