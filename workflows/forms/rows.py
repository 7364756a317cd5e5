"""Lists whose rows people add, remove and fill in, without a script: what a submit button asks for, done to the post.

Nothing is checked here and nothing kept: a post comes in, and the post that the next page shows goes out. Names of rows
are those of `answers`: `objects[2].amount`, and `objects#` for how many rows there are.

Of a long list only a few rows stand in the page with their fields. The others travel in one field beside them, packed
(`objects~`): `packed` puts them there and `unpacked` takes them out again before anything else is done with a post.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workflows.forms.components import ROWS_OF, Component, Form
from workflows.forms.places import Posted, row_words

# Names under which the buttons post; no field of a form begins with an underscore.
ADD, REMOVE, IMPORT, EDIT, TURN = "_add_row", "_remove_row", "_import", "_edit_row", "_turn_rows"
BUTTONS = (ADD, REMOVE, IMPORT, EDIT, TURN)
# Before the name of the list: the field that takes the spreadsheet.
SHEET = "_sheet:"
# Behind the name of the list: the rows that the page does not show, and which page of them it lists.
PACKED, PAGE = "~", "@"
# A list with more rows stands in pages of so many lines.
PAGE_SIZE = 25
# The most that is taken out of one packed field, and its packed length: more than MOST_ROWS rows that say all they may.
_MOST_UNPACKED, _MOST_PACKED = 8_000_000, 4_000_000


@dataclass(frozen=True)
class Step:
    """What a button inside the form asks for, before anything is sent."""

    what: Literal["add", "remove", "import", "edit", "turn"]
    list: Component
    # Number of the row that goes or is opened, from 0, or of the page that is turned to, from 1; else 0.
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
    every = {component.name: component for component in form.lists}
    match = re.fullmatch(r"(.+)\[(\d{1,3})\]", _first(posted, EDIT))
    if match is not None and match[1] in every:
        return Step("edit", every[match[1]], int(match[2]))
    match = re.fullmatch(r"(.+):(\d{1,3})", _first(posted, TURN))
    if match is not None and match[1] in every:
        return Step("turn", every[match[1]], int(match[2]))
    return None


def unpacked(form: Form, posted: Posted) -> dict[str, list[str]]:
    """Give the post with the rows that its page did not show; what stands in the page itself is newer than these.

    What is no packed list, or a row of another, is left out: nobody but a machine posts such.
    """
    result = {name: list(texts) for name, texts in posted.items()}
    for list_ in form.lists:
        told = result.pop(f"{list_.name}{PACKED}", None)
        row = re.compile(re.escape(list_.name) + r"\[\d{1,3}\]\.")
        for name, texts in (_unpack(told[0]) if told else {}).items():
            if row.match(name):
                result.setdefault(name, texts)
    return result


def packed(posted: Posted, list_: Component, shown_rows: Collection[int]) -> str:
    """Give the rows of the list that do not stand in the page, as text for its field; empty when there are none."""
    kept = {
        name: list(texts)
        for name, texts in posted.items()
        if (number := number_in(name, list_.name)) is not None and number not in shown_rows and any(texts)
    }
    if not kept:
        return ""
    return base64.b64encode(zlib.compress(json.dumps(kept, ensure_ascii=False).encode())).decode()


def page_of(posted: Posted, list_: Component, count: int) -> int:
    """Give the page that is shown of a long list with so many rows, from 1."""
    told = _first(posted, f"{list_.name}{PAGE}")
    pages = -(-count // PAGE_SIZE)
    return max(1, min(int(told) if re.fullmatch(r"\d{1,3}", told) else 1, pages))


def turned(posted: Posted, step: Step) -> dict[str, list[str]]:
    """Give the post that shows another page of the list."""
    return {**_copy(posted), f"{step.list.name}{PAGE}": [str(step.row)]}


def number_in(name: str, list_name: str) -> int | None:
    """Give the number of the row in which a field of the list stands; None for one outside it."""
    if not name.startswith(f"{list_name}["):
        return None
    number, _, rest = name[len(list_name) + 1 :].partition("]")
    return (
        int(number) if rest.startswith(".") and len(number) <= 4 and number.isascii() and number.isdecimal() else None
    )


def shown(posted: Posted, list_: Component) -> int:
    """Count the rows that the page shows for a list."""
    told = _first(posted, f"{list_.name}#")
    found = _highest(posted, list_.name)
    return min(max(found, int(told) if re.fullmatch(r"\d{1,4}", told) else 0), list_.max_rows)


def added(posted: Posted, list_: Component, rows: Sequence[Mapping[str, str]] = ({},)) -> dict[str, list[str]]:
    """Give the post with more rows behind those that are filled in; each is what stands in its fields, by their names.

    What a row does not say is what the form proposes, as in the rows that it began with. Empty rows at the end are used
    first when rows come with something in them. No more rows than the list may have.
    """
    result = _copy(posted)
    count = filled(posted, list_) if any(rows) else shown(posted, list_)
    for row in rows[: list_.max_rows - count]:
        for name, texts in (proposed(list_) | {name: [text] for name, text in row.items()}).items():
            result[in_row(name, count)] = texts
        count += 1
    result[f"{list_.name}#"] = [str(count)]
    return result


def proposed(list_: Component) -> dict[str, list[str]]:
    """Give what stands in a new row of the list as if it had been posted."""
    found: dict[str, list[str]] = {}
    for field in list_.fields:
        if isinstance(field.default, list):
            found[field.name] = list(field.default)
        elif field.default not in (None, False):
            found[field.name] = ["true" if field.default is True else str(field.default)]
    return found


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
    offered = proposed(list_)
    for field in list_.fields:
        name = in_row(field.name, number)
        texts = [text for text in posted.get(name, ()) if text.strip()]
        if (texts and texts != offered.get(field.name)) or posted.get(f"{name}_kept"):
            return True
    return False


def _highest(posted: Posted, list_name: str) -> int:
    """Give one more than the highest number of a row of the list under which something was posted."""
    numbers = (number_in(name, list_name) for name in posted)
    return max((number + 1 for number in numbers if number is not None), default=0)


def _unpack(text: str) -> dict[str, list[str]]:
    try:
        content = zlib.decompressobj().decompress(
            base64.b64decode(text[:_MOST_PACKED], validate=True), max_length=_MOST_UNPACKED
        )
        told = json.loads(content)
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {
        name: texts
        for name, texts in told.items()
        if isinstance(texts, list) and all(isinstance(each, str) for each in texts)
    }


def _copy(posted: Posted) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in posted.items() if name not in BUTTONS}


def _first(posted: Posted, name: str) -> str:
    return next(iter(posted.get(name, ())), "")
