"""Checks about `items` of the manifest: that forms tell of objects and givers what their tables take."""

from collections.abc import Iterator

from workflows.catalogue.checking.findings import did_you_mean, in_manifest
from workflows.catalogue.examining import Examined
from workflows.catalogue.manifest import ITEM_CODES, GiverFields, ItemFields
from workflows.errors import Finding
from workflows.forms.components import CHOICE_TYPES, ROWS_OF, Component, Form
from workflows.language import say

# What a fact may be asked with; the codes of choices are the rest.
_ASKED_WITH = {
    "description": ("textfield", "textarea"),
    "quantity": ("number",),
    "amount": ("number",),
    "rate": ("number",),
    "currency": ("select", "radio", "textfield"),
    "rate_on": ("datetime",),
    "received_on": ("datetime",),
    "perishable": ("checkbox",),
    "name": ("textfield",),
    "number": ("textfield",),
    "birth_date": ("datetime",),
    "occupation": ("textfield", "textarea"),
    "address": ("textfield", "textarea"),
}


def items_are_told_by_forms(examined: Examined) -> Iterator[Finding]:
    """The lists and fields that `items` names are in the start form, each of a type that its column can keep."""
    case_type = examined.case_type
    form = examined.forms.get(case_type.start_form) if case_type is not None else None
    if case_type is None or form is None or case_type.items is None:
        return
    items = case_type.items
    rows = _fields_of(form, items.list)
    if rows is None:
        yield _no_such_list(examined, "items.list", items.list, form)
        return
    around = {each.name: each for each in form.fields if "[]" not in each.name}
    for fact, field in items.fields.items():
        yield from _fits(examined, f"items.fields.{fact}", fact, field, {**around, **rows})
    for flag in items.flags:
        yield from _fits(examined, "items.flags", "flag", flag, {**around, **rows})
    for fact, field in items.receiver.items():
        yield from _fits(examined, f"items.receiver.{fact}", fact, field, around)
    yield from _givers(examined, form, items, rows, around)


def _givers(
    examined: Examined,
    form: Form,
    items: ItemFields,
    rows: dict[str, Component],
    around: dict[str, Component],
) -> Iterator[Finding]:
    givers: GiverFields = items.givers
    told = _fields_of(form, givers.list)
    if told is None:
        yield _no_such_list(examined, "items.givers.list", givers.list, form)
        return
    for fact, field in givers.fields.items():
        yield from _fits(examined, f"items.givers.{fact}", fact, field, {**around, **told})
    if givers.link is not None:
        link = rows.get(givers.link)
        if link is None or link.values_key != ROWS_OF + givers.list:
            yield in_manifest(
                examined,
                "items.givers.link",
                "items.no_link",
                f"Isian '{givers.link}' pada baris objek tidak memilih baris dari '{givers.list}'.",
                f"The field '{givers.link}' of an object chooses no row of '{givers.list}'.",
                say(f'Beri valuesKey "{ROWS_OF}{givers.list}".', f'Give it the valuesKey "{ROWS_OF}{givers.list}".'),
            )


def _fits(examined: Examined, path: str, fact: str, field: str, known: dict[str, Component]) -> Iterator[Finding]:
    component = known.get(field)
    if component is None:
        yield in_manifest(
            examined,
            path,
            "field.unknown",
            f"Isian '{field}' tidak ada pada formulir awal.",
            f"There is no field '{field}' in the start form.",
            did_you_mean(field, known),
        )
        return
    coded = fact in ITEM_CODES or fact == "relation"
    wanted = (*_CHOICES, "checkbox") if fact == "flag" else _CHOICES if coded else _ASKED_WITH[fact]
    if component.type not in wanted:
        yield in_manifest(
            examined,
            path,
            "items.wrong_type",
            f"Isian '{field}' berjenis {component.type}; untuk '{fact}' dipakai: {', '.join(wanted)}.",
            f"The field '{field}' is a {component.type}; for '{fact}' there are: {', '.join(wanted)}.",
        )


_CHOICES = tuple(sorted(CHOICE_TYPES - {"checklist", "taglist"}))


def _fields_of(form: Form, path: str) -> dict[str, Component] | None:
    """Give the fields of a list's row by their names in it; None when the form has no such list."""
    found = next((each for each in form.lists if each.name == path), None)
    if found is None:
        return None
    return {each.name.removeprefix(f"{path}[]."): each for each in found.fields}


def _no_such_list(examined: Examined, path: str, name: str, form: Form) -> Finding:
    return in_manifest(
        examined,
        path,
        "items.no_such_list",
        f"Formulir awal tidak punya daftar '{name}'.",
        f"The start form has no list '{name}'.",
        did_you_mean(name, [each.name for each in form.lists]),
    )
