"""Prepares fields for `components/fields.html`: what a form says, what was typed, and what is wrong with it.

A template draws a `Field` and computes nothing. Process forms come from `workflows.forms`; the few screens with fields
of their own make theirs with `field`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

from flask import current_app

from webapp import labels
from webapp.kept_files import DomainProblem, KeptFile
from webapp.lists import Pairs, lists_for
from webapp.transaction import now
from workflows.errors import InvalidAnswers
from workflows.feel.clock import Clock
from workflows.forms import answers
from workflows.forms.answers import Shown
from workflows.forms.schema import Component, Form
from workflows.settings import Settings

Kind = Literal[
    "text",
    "email",
    "tel",
    "password",
    "number",
    "date",
    "textarea",
    "select",
    "radios",
    "checkboxes",
    "checkbox",
    "files",
    "heading",
    "separator",
    "group",
]
# (field id, sentence), in the order of the form: what an error summary lists.
Problems = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Option:
    """One thing that may be chosen."""

    value: str
    label: str
    chosen: bool
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """One field, ready to be drawn."""

    kind: Kind
    # Id in the page; error summaries lead to it.
    id: str
    # Name under which it is posted.
    name: str
    label: str = ""
    hint: str = ""
    # The sentence that says what is wrong; empty when nothing is.
    error: str = ""
    # What stands in the field now.
    value: str | bool = ""
    required: bool = False
    # Whether a field that may stay empty says so.
    mark_optional: bool = True
    options: tuple[Option, ...] = ()
    # Files that have arrived already.
    kept: tuple[KeptFile, ...] = ()
    children: tuple["Field", ...] = ()
    # HTML attributes beyond those that every field of the kind has.
    attributes: Mapping[str, Any] = default(default_factory=dict)
    # Lines of a text area.
    rows: int = 5
    prefix: str = ""
    suffix: str = ""
    multiple: bool = False
    # What a file chooser offers first, for example "image/*,.pdf".
    accept: str = ""
    # The FEEL condition that hides the field, for scripts; the server decides all the same.
    hide: str = ""
    # Whether the condition holds for what has been typed so far.
    hidden: bool = False

    @property
    def input_type(self) -> str:
        """The type attribute of an input element."""
        return {"email": "email", "tel": "tel", "password": "password"}.get(self.kind, "text")


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
) -> tuple[tuple[Field, ...], Problems]:
    """Give the fields of a process form ready to be drawn, and the sentences of its error summary.

    `posted` is what was typed and shown again as it was; otherwise `values` are what stands in the form. `prefix`
    keeps the ids of several forms on one page apart. What is wrong comes as the domain's error or as its problems.
    """
    found = [*(invalid.problems if invalid else ()), *problems]
    sentences = _sentences(form, found)
    lists = lists_for(form, posted or _as_typed(values or {}))
    drawer = _Drawer(
        shown=answers.show(form, clock=clock(), values=values, posted=posted, variables=variables),
        lists=lists,
        # The first sentence stands beside the field; the summary has them all.
        errors=dict(reversed(sentences)),
        kept=kept or {},
        prefix=prefix,
    )
    fields = tuple(drawer.draw_all(form.components))
    known = {field.name: field.id for field in flatten(fields)}
    return fields, [(known.get(name, ""), sentence) for name, sentence in sentences]


def clock() -> Clock:
    """Give the time that conditions of forms see."""
    settings: Settings = current_app.extensions["amanah_settings"]
    return Clock(now(), settings.zone)


def file_fields(form: Form) -> tuple[str, ...]:
    """Give the names of the fields that take files."""
    return tuple(component.name for component in form.everything() if component.type == "filepicker")


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
            "hide": component.hide.text if component.hide else "",
            "hidden": not shown.visible,
        }
        if kind == "group":
            return Field("group", **common, children=tuple(self._children(component, shown)))
        if kind == "files":
            return Field(
                "files",
                **common,
                kept=self.kept.get(shown.name, ()),
                multiple=component.multiple,
                accept=component.accept,
            )
        if kind in {"select", "radios", "checkboxes"}:
            chosen = shown.value if isinstance(shown.value, tuple) else (str(shown.value),)
            return Field(kind, **common, value=chosen[0] if chosen else "", options=self._options(component, chosen))
        if kind == "checkbox":
            return Field("checkbox", **common, value=shown.value is True)
        return Field(
            kind,
            **common,
            value=shown.value if isinstance(shown.value, str) else "",
            attributes=_attributes(component, kind),
            rows=8 if (component.limits.max_length or 0) > 2000 else 4,
            prefix=component.prefix,
            suffix=component.suffix,
        )

    def _children(self, component: Component, shown: Shown) -> Iterable[Field]:
        if component.type != "dynamiclist":
            yield from self.draw_all(component.components)
            return
        for row in shown.rows:
            for inner in component.components:
                place = row.get(inner.key)
                drawn = self._draw(inner, place) if place is not None else None
                if drawn is not None:
                    yield drawn

    def _options(self, component: Component, chosen: Collection[str]) -> tuple[Option, ...]:
        if component.values_key:
            return options(self.lists.get(component.values_key, ()), chosen)
        return options(((option.value, option.label()) for option in component.options), chosen)

    def _id(self, name: str) -> str:
        """Make an id of a posted name; brackets of list rows have no place in one."""
        return self.prefix + name.replace("[", "-").replace("].", "-").replace("]", "").replace(".", "-")


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
    "dynamiclist": "group",
    "separator": "separator",
}
# What browsers may fill in by themselves, by the usual names of such fields.
_AUTOFILL = {"name": "name", "phone": "tel", "email": "email"}


def _kind(component: Component) -> Kind:
    if component.type == "datetime":
        return "date" if component.subtype == "date" else "text"
    if component.type == "textfield":
        return {"email": "email", "phone": "tel"}.get(component.limits.format or "", "text")  # type: ignore[return-value]
    return _KINDS[component.type]


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
    return [(name, labels.problem_sentence(code, facts, words.get(name, ""))) for name, code, facts in problems]


def _as_typed(values: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [value] for name, value in values.items() if isinstance(value, str)}
