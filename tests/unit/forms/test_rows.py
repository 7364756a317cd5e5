"""Rows that repeat: added, removed and named without a script, with nothing that was typed lost."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workflows.errors import BrokenDefinition, InvalidAnswers
from workflows.feel.clock import Clock
from workflows.forms import answers, rows, schema

CLOCK = Clock(datetime(2026, 3, 2, 2, tzinfo=UTC), ZoneInfo("Asia/Jakarta"))
GIVERS = {
    "type": "dynamiclist", "id": "givers", "path": "givers", "label": "Pemberi",
    "properties": {"row": "Pemberi", "row_en": "Giver", "min_rows": "1", "max_rows": "4"},
    "components": [
        {"type": "textfield", "id": "name", "key": "name", "label": "Nama", "validate": {"required": True}},
        {"type": "filepicker", "id": "card", "key": "card", "label": "Kartu"},
    ],
}  # fmt: skip
OBJECTS = {
    "type": "dynamiclist", "id": "objects", "path": "objects", "label": "Objek",
    "properties": {"row": "Objek", "max_rows": "500", "import": "spreadsheet"},
    "components": [
        {"type": "select", "id": "giver", "key": "giver", "label": "Dari", "valuesKey": "rows:givers"},
        {"type": "textfield", "id": "currency", "key": "currency", "label": "Mata uang", "defaultValue": "IDR"},
        {"type": "number", "id": "amount", "key": "amount", "label": "Nilai", "properties": {"money": "currency"}},
        {"type": "number", "id": "rate", "key": "rate", "label": "Kurs", "properties": {"money": "IDR"},
         "conditional": {"hide": '=currency = "IDR" or single'}},
    ],
}  # fmt: skip


def read_form(*components: dict[str, Any]) -> schema.Form:
    return schema.read(json.dumps({"id": "f", "components": list(components)}).encode(), "f.form")


FORM = read_form({"type": "checkbox", "id": "single", "key": "single", "label": "Satu"}, GIVERS, OBJECTS)
POSTED = {
    "givers[0].name": ["Ani"],
    "givers[1].name": ["Budi"],
    "givers[1].card_kept": ["token"],
    "givers#": ["2"],
    "objects[0].giver": ["2"],
    "objects[0].amount": ["1.500.000"],
    "objects[0].currency": ["IDR"],
    "objects[1].giver": ["1"],
    "objects[1].amount": ["20,5"],
    "objects[1].currency": ["USD"],
    "objects[1].rate": ["16.250"],
    "objects#": ["2"],
}


def test_a_button_adds_an_empty_row_and_keeps_what_was_typed() -> None:
    posted = {**POSTED, rows.ADD: ["givers"]}

    step = rows.asked(FORM, posted)
    assert step is not None
    after = rows.added(posted, step.list)

    assert after == {**POSTED, "givers#": ["3"]}
    assert len(answers.show(FORM, clock=CLOCK, posted=after)["givers"].rows) == 3


def test_a_new_row_begins_with_what_the_form_proposes_and_counts_as_empty() -> None:
    after = rows.added(POSTED, FORM.lists[1])

    assert (after["objects[2].currency"], after["objects#"]) == (["IDR"], ["3"])
    assert "objects[2].amount" not in after
    assert rows.filled(after, FORM.lists[1]) == 2


def test_no_row_is_added_beyond_what_the_list_may_have() -> None:
    full = {**POSTED, "givers#": ["4"]}
    assert rows.added(full, FORM.lists[0])["givers#"] == ["4"]


def test_a_removed_row_takes_its_files_along_and_the_answers_that_name_rows_follow() -> None:
    step = rows.asked(FORM, {**POSTED, rows.REMOVE: ["givers[0]"]})
    assert step is not None

    after = rows.removed(FORM, POSTED, step)

    assert after["givers[0].name"] == ["Budi"]
    assert after["givers[0].card_kept"] == ["token"]
    assert after["givers#"] == ["1"]
    assert (after["objects[0].giver"], after["objects[1].giver"]) == (["1"], [""])
    assert "givers[1].name" not in after


@pytest.mark.parametrize(
    "button", [{rows.ADD: ["single"]}, {rows.REMOVE: ["givers[x]"]}, {rows.IMPORT: ["givers"]}, {}]
)
def test_a_button_for_nothing_that_the_form_has_asks_for_nothing(button: dict[str, list[str]]) -> None:
    assert rows.asked(FORM, {**POSTED, **button}) is None


def test_imported_rows_take_the_place_of_empty_ones() -> None:
    posted = {"objects[0].currency": ["IDR"], "objects[0].amount": [""], "objects#": ["1"]}
    after = rows.added(posted, FORM.lists[1], [{"objects[].amount": "5"}, {"objects[].amount": "6"}])
    assert (after["objects[0].amount"], after["objects[1].amount"], after["objects#"]) == (["5"], ["6"], ["2"])


def test_rows_are_read_as_contexts_and_links_follow_the_rows_that_are_kept() -> None:
    posted = {**POSTED, "givers[0].name": [""], "objects[1].giver": [""]}

    found = answers.read(FORM, posted, clock=CLOCK, choices=offered(posted)).values

    assert found["givers"] == [{"name": "Budi"}]
    assert found["objects"] == [
        {"giver": "1", "currency": "IDR", "amount": 1500000},
        {"giver": None, "currency": "USD", "amount": Decimal("20.5"), "rate": 16250},
    ]


def test_conditions_in_a_row_see_the_row_and_what_stands_outside() -> None:
    found = answers.read(FORM, {**POSTED, "single": ["true"]}, clock=CLOCK, choices=offered(POSTED))
    assert "rate" not in found.values["objects"][1]
    assert "objects[1].rate" in found.hidden


def test_a_problem_names_row_and_field() -> None:
    posted = {**POSTED, "objects[1].amount": ["banyak"], "givers[0].name": [""], "givers[1].name": [""],
              "givers[1].card_kept": []}  # fmt: skip
    with pytest.raises(InvalidAnswers) as refusal:
        answers.read(FORM, posted, clock=CLOCK, choices=offered(posted), files_present={"givers[1].card"})
    assert [(name, code, facts["label"]) for name, code, facts in refusal.value.problems] == [
        ("givers[1].name", "required", "Pemberi 2, Nama"),
        ("objects[1].giver", "unknown_option", "Objek 2, Dari"),
        ("objects[1].amount", "not_number", "Objek 2, Nilai"),
    ]


def test_too_few_rows_and_an_empty_required_list_are_told() -> None:
    with pytest.raises(InvalidAnswers) as refusal:
        answers.read(FORM, {}, clock=CLOCK)
    assert [(name, code) for name, code, _ in refusal.value.problems] == [("givers", "required")]


def test_choices_among_rows_carry_the_names_typed_there() -> None:
    assert rows.choices(FORM, POSTED) == {"rows:givers": [("1", "Pemberi 1 (Ani)"), ("2", "Pemberi 2 (Budi)")]}


def test_file_fields_are_those_of_every_row() -> None:
    assert rows.file_fields(FORM, POSTED) == ("givers[0].card", "givers[1].card")


def test_five_hundred_rows_are_read() -> None:
    posted = {f"objects[{number}].{key}": [text] for number in range(500) for key, text in
              {"amount": "1.000", "currency": "IDR", "rate": ""}.items()}  # fmt: skip
    found = answers.read(FORM, {**posted, "givers[0].name": ["Ani"]}, clock=CLOCK).values
    assert len(found["objects"]) == 500


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({**OBJECTS, "properties": {"max_rows": "501"}}, "form.rows"),
        ({**OBJECTS, "properties": {"min_rows": "3", "max_rows": "2"}}, "form.rows"),
        ({**OBJECTS, "properties": {"import": "pdf"}}, "form.import"),
        ({**GIVERS, "components": [{**GIVERS, "id": "inner", "path": "inner", "components": []}]}, "form.nested_list"),
        ({"type": "number", "id": "n", "key": "n", "label": "N", "properties": {"money": "kurs"}}, "form.money"),
        ({"type": "textfield", "id": "n", "key": "n", "label": "N", "properties": {"money": "IDR"}}, "form.money"),
        (OBJECTS, "form.no_such_list"),
    ],
)  # fmt: skip
def test_lists_that_could_not_be_kept_are_refused(component: dict[str, Any], code: str) -> None:
    with pytest.raises(BrokenDefinition) as refusal:
        read_form(component)
    assert code in {finding.code for finding in refusal.value.findings if finding.severity == "error"}


def offered(posted: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [value for value, _ in pairs] for name, pairs in rows.choices(FORM, posted).items()}
