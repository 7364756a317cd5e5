"""Lists whose rows people add, remove and fill in, without a script: what a submit button asks for, done to the post.

Nothing is checked here and nothing kept: a post comes in, and the post that the next page shows goes out. Names of rows
are those of `answers`: `objects[2].amount`, and `objects#` for how many rows the page shows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workflows.forms.answers import Posted, row_counts, row_words
from workflows.forms.components import ROWS_OF, Component, Form

# Names under which the buttons post; no field of a form begins with an underscore.
ADD, REMOVE, IMPORT = "_add_row", "_remove_row", "_import"
BUTTONS = (ADD, REMOVE, IMPORT)
# Before the name of the list: the field that takes the spreadsheet.
SHEET = "_sheet:"


@dataclass(frozen=True)
class Step:
    """What a button inside the form asks for, before anything is sent."""

    what: Literal["add", "remove", "import"]
    list: Component
    # Number of the row that goes, from 0; 0 for the other steps.
    row: int = 0


def asked(form: Form, posted: Posted) -> Step | None:
    """Give the step that was asked for; None when the form was sent, or for a list that it does not have."""
    lists = {component.name: component for component in form.lists if component.may_add_rows}
    for button, what in ((ADD, "add"), (IMPORT, "import")):
        wanted = lists.get(_first(posted, button))
        if wanted is not None and (what == "add" or wanted.takes_sheet):
            return Step("add" if what == "add" else "import", wanted)
    match = re.fullmatch(r"(.+)\[(\d{1,3})\]", _first(posted, REMOVE))
    if match is not None and match[1] in lists:
        return Step("remove", lists[match[1]], int(match[2]))
    return None


def shown(posted: Posted, list_: Component) -> int:
    """Count the rows that the page shows for a list."""
    told = _first(posted, f"{list_.name}#")
    found = row_counts(posted).get(list_.name, 0)
    return min(max(found, int(told) if re.fullmatch(r"\d{1,4}", told) else 0), list_.max_rows)


def added(posted: Posted, list_: Component, rows: Sequence[Mapping[str, str]] = ({},)) -> dict[str, list[str]]:
    """Give the post with more rows behind those that are filled in; each is what stands in its fields, by their names.

    Empty rows at the end are used first when rows come with something in them. No more rows than the list may have.
    """
    result = _copy(posted)
    count = filled(posted, list_) if any(rows) else shown(posted, list_)
    for row in rows[: list_.max_rows - count]:
        for name, text in row.items():
            result[in_row(name, count)] = [text]
        count += 1
    result[f"{list_.name}#"] = [str(count)]
    return result


def filled(posted: Posted, list_: Component) -> int:
    """Count the rows up to the last one in which something was filled in."""
    count = shown(posted, list_)
    while count and not _is_filled(posted, list_, count - 1):
        count -= 1
    return count


def removed(form: Form, posted: Posted, step: Step) -> dict[str, list[str]]:
    """Give the post without the row; those behind it move up, and answers that name a row of the list follow."""
    result: dict[str, list[str]] = {}
    naming = [each for each in form.fields if each.values_key == ROWS_OF + step.list.name]
    patterns = [re.compile(re.escape(each.name).replace(r"\[\]", r"\[\d+\]")) for each in naming]
    for name, texts in _copy(posted).items():
        moved = renamed(name, step)
        if moved is None:
            continue
        if any(pattern.fullmatch(name) for pattern in patterns):
            texts = [_following(text, step.row + 1) for text in texts]
        result[moved] = texts
    result[f"{step.list.name}#"] = [str(max(shown(posted, step.list) - 1, 0))]
    return result


def renamed(name: str, step: Step) -> str | None:
    """Give the name that a field of the page has after the row was removed; None when it went with it."""
    match = re.match(re.escape(step.list.name) + r"\[(\d{1,4})\]", name)
    if match is None or int(match[1]) < step.row:
        return name
    if int(match[1]) == step.row:
        return None
    return f"{step.list.name}[{int(match[1]) - 1}]{name[match.end() :]}"


def in_row(name: str, number: int) -> str:
    """Give the posted name of a field in a row: `objects[].amount` in row 2 is `objects[2].amount`."""
    return name.replace("[]", f"[{number}]", 1)


def without_buttons(posted: Posted) -> dict[str, list[str]]:
    """Give the post as it would have been without the buttons of rows."""
    return {name: texts for name, texts in _copy(posted).items() if name not in BUTTONS}


def file_fields(form: Form, posted: Posted) -> tuple[str, ...]:
    """Give the names under which the form takes files, those of each row that the page shows too."""
    names: list[str] = []
    for component in form.everything():
        if component.type != "filepicker":
            continue
        list_ = next((each for each in form.lists if component in each.everything()), None)
        if list_ is None:
            names.append(component.name)
        else:
            names.extend(in_row(component.name, number) for number in range(shown(posted, list_)))
    return tuple(names)


def choices(form: Form, posted: Posted) -> dict[str, list[tuple[str, str]]]:
    """Give the lists of choices that are made of rows on the page: number from 1, and "Pemberi 2 (Ani)"."""
    lists = {component.name: component for component in form.lists}
    wanted = {field.values_key for field in form.fields if field.values_key.startswith(ROWS_OF)}
    found: dict[str, list[tuple[str, str]]] = {}
    for key in wanted:
        list_ = lists.get(key.removeprefix(ROWS_OF))
        if list_ is not None:
            count = max(shown(posted, list_), list_.rows if f"{list_.name}#" not in posted else 0)
            found[key] = [(str(number + 1), _named(posted, list_, number)) for number in range(count)]
    return found


def _named(posted: Posted, list_: Component, number: int) -> str:
    lines = [field for field in list_.fields if field.type == "textfield"]
    known = next((text for field in lines if (text := _first(posted, in_row(field.name, number)))), "")
    words = row_words(list_, number)
    return f"{words} ({known[:60]})" if known else words


def _following(text: str, gone: int) -> str:
    """Give the number of the row that a text names, after row number `gone` (from 1) was removed."""
    if not re.fullmatch(r"\d{1,3}", text):
        return text
    number = int(text)
    return "" if number == gone else str(number - 1) if number > gone else text


def _is_filled(posted: Posted, list_: Component, number: int) -> bool:
    """Tell whether a row holds something that the form had not proposed itself."""
    for field in list_.fields:
        name = in_row(field.name, number)
        texts = [text for text in posted.get(name, ()) if text.strip()]
        if (texts and texts != [str(field.default)]) or posted.get(f"{name}_kept"):
            return True
    return False


def _copy(posted: Posted) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in posted.items() if name not in BUTTONS}


def _first(posted: Posted, name: str) -> str:
    return next(iter(posted.get(name, ())), "")
