"""Makes the fields of a process form: what the form says, what was typed, and what is wrong with it."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as default
from decimal import Decimal
from typing import Any

from flask import current_app
from flask_babel import gettext

from webapp import labels
from webapp.fields import Field, Kind, Listing, Option, Problems
from webapp.formats import file_size
from webapp.formats import number as written_number
from webapp.kept_files import DomainProblem, KeptFile, limits, tokens
from webapp.lists import Pairs, lists_for
from webapp.transaction import now
from workflows.errors import InvalidAnswers
from workflows.feel.clock import Clock
from workflows.feel.expressions import Expression
from workflows.forms import answers, places, rows
from workflows.forms.answers import Shown
from workflows.forms.schema import Component, Form
from workflows.forms.typing_in import typed_again
from workflows.settings import Settings


def draw(
    form: Form,
    *,
    posted: Mapping[str, Sequence[str]] | None = None,
    values: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    invalid: InvalidAnswers | None = None,
    problems: Iterable[DomainProblem] = (),
    kept: Mapping[str, tuple[KeptFile, ...]] | None = None,
    prefix: str = "",
    sheet_address: Callable[[str, str], str] | None = None,
    focus: str = "",
) -> tuple[tuple[Field, ...], Problems]:
    """Give the fields of a process form ready to be drawn, and the sentences of its error summary.

    `posted` is what was typed and shown again as it was; otherwise `values` are what stands in the form. `prefix`
    keeps the ids of several forms on one page apart. What is wrong comes as the domain's error or as its problems.
    `sheet_address(list, ending)` is where the empty spreadsheet of a list is; `focus` names the field, or the list, at
    which whoever fills it in goes on.
    """
    found = [*(invalid.problems if invalid else ()), *problems]
    sentences = _sentences(form, found)
    typed = rows.unpacked(form, posted) if posted is not None else _as_typed(values or {})
    in_rows = typed if posted is not None else _rows_as_typed(form, values or {})
    long_lists = _windows(form, {**in_rows, **tokens(kept or {})}, [name for name, _ in sentences], focus)
    only = {name: {*window.open, *window.listed} for name, window in long_lists.items()}
    shown = answers.show(
        form,
        clock=clock(),
        values=values,
        posted=typed if posted is not None else None,
        variables=variables,
        only=only,
    )
    drawer = _Drawer(
        shown=shown,
        lists=lists_for(form, typed),
        windows=long_lists,
        # The first sentence stands beside the field; the summary has them all.
        errors=dict(reversed(sentences)),
        kept=kept or {},
        prefix=prefix,
        sheet_address=sheet_address,
        focus=focus,
        variables=variables or {},
    )
    fields = tuple(drawer.draw_all(form.components))
    known = {field.name: field.id for field in flatten(fields)}
    return fields, [(known.get(name, ""), sentence) for name, sentence in sentences]


def clock() -> Clock:
    """Give the time that conditions of forms see."""
    settings: Settings = current_app.extensions["amanah_settings"]
    return Clock(now(), settings.zone)


def file_fields(form: Form, posted: Mapping[str, Sequence[str]] | None = None) -> tuple[str, ...]:
    """Give the names of the fields that take files; in a list those of each row that was posted."""
    return rows.file_fields(form, posted or {})


def flatten(fields: Iterable[Field]) -> Iterable[Field]:
    """Give the fields with those inside groups."""
    for each in fields:
        yield each
        yield from flatten(each.children)


def options(
    pairs: Iterable[tuple[str, str]], chosen: Collection[str] = (), hints: Mapping[str, str] | None = None
) -> tuple[Option, ...]:
    """Make options of (value, label) pairs."""
    return tuple(Option(value, label, value in chosen, (hints or {}).get(value, "")) for value, label in pairs)


@dataclass(frozen=True)
class _Drawer:
    """Turns components into fields, with what is shown in them and what is wrong."""

    shown: Mapping[str, Shown]
    lists: Mapping[str, Pairs]
    # Field name -> sentence.
    errors: Mapping[str, str]
    kept: Mapping[str, tuple[KeptFile, ...]]
    prefix: str
    sheet_address: Callable[[str, str], str] | None = None
    focus: str = ""
    # What the case knows.
    variables: Mapping[str, Any] = default(default_factory=dict)
    windows: Mapping[str, "_Window"] = default(default_factory=dict)
    # Whether a row of a list is being drawn, and whether it is the first of its list in the page.
    in_row: bool = False
    leads: bool = False

    def draw_all(self, components: Iterable[Component]) -> Iterable[Field]:
        for component in components:
            shown = self.shown.get(component.id)
            if shown is not None:
                drawn = self._draw(component, shown)
                if drawn is not None:
                    yield drawn

    def _draw(self, component: Component, shown: Shown) -> Field | None:
        if component.type in {"spacer", "expression"}:
            return None
        kind = _kind(component)
        common: dict[str, Any] = {
            "id": self._id(shown.name or component.id),
            "name": shown.name,
            "label": component.text() if component.type == "text" else component.label(),
            "hint": component.description(),
            "error": self.errors.get(shown.name, ""),
            "required": component.required,
            "mark_optional": not component.read_only,
            "hide": component.hide.text if component.hide else "",
            "known": _known(component.hide, self.variables) if component.hide else {},
            "hidden": not shown.visible,
        }
        if kind == "rows":
            return self._rows(component, shown, common)
        if kind == "group":
            return Field("group", **common, children=tuple(self.draw_all(component.components)))
        if kind == "files":
            if self.leads or not self.in_row:
                common["hint"] = " ".join(filter(None, (common["hint"], limits_told())))
            return Field(
                "files",
                **common,
                kept=self.kept.get(shown.name, ()),
                multiple=component.multiple,
                accept=component.accept,
            )
        if kind in {"select", "radios", "checkboxes"}:
            chosen = shown.value if isinstance(shown.value, tuple) else (str(shown.value),)
            if kind == "select" and self.in_row and len(self.lists.get(component.values_key, ())) > _LONG_LIST:
                # The list itself stands once on the page, not in every row; what it offers is made with the first one.
                known = f"{self._id(shown.name.partition('[')[0])}-{component.values_key}".replace(":", "-")
                attributes = {"list": known, "autocomplete": "off", **self._focused(shown.name)}
                proposed = self._options(component, ()) if self.leads else ()
                words = dict(self.lists[component.values_key]).get(chosen[0], "")
                return Field("lookup", **common, value=chosen[0], words=words, options=proposed, attributes=attributes)
            offered = self._options(component, chosen)
            return Field(
                kind,
                **common,
                value=chosen[0] if chosen else "",
                options=offered,
                attributes=self._focused(shown.name),
            )
        if kind == "checkbox":
            return Field("checkbox", **common, value=shown.value is True)
        return Field(
            kind,
            **common,
            value=shown.value if isinstance(shown.value, str) else "",
            attributes=_attributes(component, kind) | self._focused(shown.name),
            rows=8 if (component.limits.max_length or 0) > 2000 else 4,
            prefix=component.prefix,
            suffix=component.suffix,
        )

    def _rows(self, component: Component, shown: Shown, common: Mapping[str, Any]) -> Field:
        """Draw a list: its rows, and the buttons by which rows come and go."""
        window = self.windows.get(shown.name)
        count = len(shown.rows)
        with_fields = range(count) if window is None else window.open
        drawn = [
            replace(self, leads=place == 0)._row(component, shown, number, count)
            for place, number in enumerate(with_fields)
        ]
        endings = ("xlsx", "csv") if component.takes_sheet and self.sheet_address is not None else ()
        listing = Listing(
            word=(component.row() or str(gettext("Baris"))).lower(),
            count=count,
            may_add=component.may_add_rows and count < component.max_rows,
            # The last row that must be there is filled in, not removed.
            may_remove=component.may_add_rows and count > component.min_rows,
            sheets={ending: self.sheet_address(shown.name, ending) for ending in endings if self.sheet_address},
        )
        if window is not None:
            lines = tuple(
                self._row(component, shown, number, count, said=_SAID_IN_LISTS)
                for number in window.listed
                if number not in window.open
            )
            span = (window.listed.start + 1, window.listed.stop)
            listing = replace(
                listing, lines=lines, span=span, page=window.page, pages=window.pages, packed=window.packed
            )
        return Field("rows", **common, children=tuple(drawn), listing=listing, attributes=self._focused(shown.name))

    def _row(self, component: Component, shown: Shown, number: int, count: int, *, said: int = 0) -> Field:
        name = f"{shown.name}[{number}]"
        fields = tuple(replace(self, shown=shown.rows[number], in_row=True).draw_all(component.components))
        inner = [each for each in flatten(fields) if each.kind not in {"group", "heading", "separator"}]
        proposed = {
            f"{name}.{each.key}": str(each.default) for each in component.components if each.default is not None
        }
        answered = [each for each in inner if not each.hidden and _value(each) != proposed.get(each.name)]
        told = [words for words in map(_brief, answered) if words]
        wrong = any(each.error for each in inner)
        return Field(
            "row",
            self._id(name),
            name,
            label=places.row_words(component, number),
            children=fields,
            summary=", ".join(told[: said or _SAID]),
            open=wrong or count <= _OPEN_ROWS or not told or self.focus.startswith(f"{name}."),
            error=gettext("ada yang perlu diperbaiki") if wrong else "",
        )

    def _focused(self, name: str) -> dict[str, Any]:
        return {"autofocus": "autofocus"} if name and name == self.focus else {}

    def _options(self, component: Component, chosen: Collection[str]) -> tuple[Option, ...]:
        if component.values_key:
            return options(self.lists.get(component.values_key, ()), chosen)
        return options(((option.value, option.label()) for option in component.options), chosen)

    def _id(self, name: str) -> str:
        """Make an id of a posted name; brackets of list rows have no place in one."""
        return self.prefix + name.replace("[", "-").replace("].", "-").replace("]", "").replace(".", "-")


@dataclass(frozen=True)
class _Window:
    """What of a long list stands in the page."""

    # Numbers of the rows with all their fields, and of those that are listed, from 0.
    open: tuple[int, ...]
    listed: range
    page: int
    pages: int
    # The rows without fields here, for the post that follows.
    packed: str


def _windows(form: Form, typed: Mapping[str, Sequence[str]], wrong: Sequence[str], focus: str) -> dict[str, _Window]:
    """Give what stands in the page of each list that has more rows than a page lists.

    With their fields stand the rows in which something is wrong (no more than a page of them) and the one in which
    whoever fills the form in goes on.
    """
    found = {}
    for list_ in form.lists:
        count = rows.shown(typed, list_)
        if count <= rows.PAGE_SIZE:
            continue
        mended = [number for name in wrong if (number := rows.number_in(name, list_.name)) is not None]
        here = rows.number_in(focus, list_.name)
        chosen = [*([here] if here is not None else []), *dict.fromkeys(mended)][: rows.PAGE_SIZE]
        open_ = tuple(sorted({number for number in chosen if number < count}))
        page = rows.page_of(typed, list_, count)
        listed = range((page - 1) * rows.PAGE_SIZE, min(page * rows.PAGE_SIZE, count))
        pages = -(-count // rows.PAGE_SIZE)
        found[list_.name] = _Window(open_, listed, page, pages, rows.packed(typed, list_, open_))
    return found


_KINDS: Mapping[str, Kind] = {
    "text": "heading",
    "textarea": "textarea",
    "number": "number",
    "checkbox": "checkbox",
    "checklist": "checkboxes",
    "taglist": "checkboxes",
    "radio": "radios",
    "select": "select",
    "filepicker": "files",
    "group": "group",
    "dynamiclist": "rows",
    "separator": "separator",
}
# So many rows stand open at once; where there are more, those that are filled in are folded, each to so many answers.
_OPEN_ROWS = 3
_SAID = 3
_SAID_IN_LISTS = 6
# Choices that do not stand in every row of a list.
_LONG_LIST = 40
# What browsers may fill in by themselves, by the usual names of such fields.
_AUTOFILL = {"name": "name", "phone": "tel", "email": "email"}


def limits_told() -> str:
    """Say beside the field what may be attached, before somebody tries."""
    most = limits()
    return gettext(
        "Sampai %(files)s berkas; tiap foto %(picture)s, tiap dokumen %(document)s, seluruhnya %(total)s.",
        files=most.files,
        picture=file_size(most.picture),
        document=file_size(most.document),
        total=file_size(most.report),
    )


def _known(condition: Expression, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Give the plain values among the variables that a condition reads, as `name` or `name.part`."""
    found = {}
    for name in re.findall(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", condition.text):
        value: Any = variables if name.partition(".")[0] in condition.names else None
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if isinstance(value, str | bool | int):
            found[name] = value
    return found


def _kind(component: Component) -> Kind:
    if component.type == "datetime":
        return "date" if component.subtype == "date" else "text"
    if component.type == "textfield":
        return {"email": "email", "phone": "tel"}.get(component.limits.format or "", "text")  # type: ignore[return-value]
    return _KINDS[component.type]


def _value(field: Field) -> str:
    """Give what stands in a field as it would be posted."""
    return next((option.value for option in field.options if option.chosen), str(field.value))


def _brief(field: Field) -> str:
    """Say in a few words what stands in a field."""
    if isinstance(field.value, bool):
        return field.label if field.value else ""
    words = field.words or next((option.label for option in field.options if option.chosen), "")
    if field.kind == "select":
        return words[:80]
    text = " ".join((words or field.value).split())
    if field.kind == "number" and text.isascii() and text.isdecimal():
        text = written_number(Decimal(text[:20]))
    return f"{field.prefix}{text}"[:80] if text else ""


def _attributes(component: Component, kind: Kind) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    if component.limits.max_length is not None:
        attributes["maxlength"] = component.limits.max_length
    if kind == "number":
        attributes["inputmode"] = "decimal"
    if component.key in _AUTOFILL:
        attributes["autocomplete"] = _AUTOFILL[component.key]
    if component.read_only:
        attributes["readonly"] = "readonly"
    return attributes


def _sentences(form: Form, problems: Iterable[DomainProblem]) -> list[tuple[str, str]]:
    """Give (field name, sentence) pairs, in the words of the form."""
    words = {component.name: component.label() for component in form.everything() if component.name}
    return [
        (name, labels.problem_sentence(code, facts, words.get(re.sub(r"\[\d+\]", "[]", name), "")))
        for name, code, facts in problems
    ]


def _rows_as_typed(form: Form, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give the rows of lists that are stored as if they had been posted, every field of them."""
    typed: dict[str, list[str]] = {}
    for list_ in form.lists:
        told = values.get(list_.name)
        for number, row in enumerate(told if isinstance(told, list) else []):
            for field in list_.fields:
                value = row.get(field.name.removeprefix(f"{list_.name}[].")) if isinstance(row, Mapping) else None
                again = typed_again(field, value, clock())
                texts = list(again) if isinstance(again, tuple) else ["true" if again is True else again or ""]
                typed[rows.in_row(field.name, number)] = [text for text in texts if isinstance(text, str)]
    return typed


def _as_typed(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give stored texts as if they had been posted, those in rows too, for lists that depend on them."""
    typed = {name: [value] for name, value in values.items() if isinstance(value, str)}
    for name, value in values.items():
        if isinstance(value, list):
            for number, row in enumerate(each for each in value if isinstance(each, Mapping)):
                typed |= {f"{name}[{number}].{key}": [text] for key, text in row.items() if isinstance(text, str)}
    return typed
