"""Answers in words: the same for pages and paper, but for how a day is written and what a code is called."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from workflows.feel.values import to_json
from workflows.forms import schema
from workflows.forms.wording import Manner, lines, tables
from workflows.language import speaking

MANNER = Manner(
    day=lambda day: f"hari {day:%d}",
    moment=lambda at: f"jam {at:%H}",
    name_of=lambda values_key, code: f"{values_key}/{code}",
)


def component(kind: str, key: str, label: str, **more: Any) -> dict[str, Any]:
    """A component of a form."""
    return {"type": kind, "id": key, "key": key, "label": label, **more}


ROW = [
    component("textfield", "name", "Nama"),
    component("textfield", "note", "Catatan"),
    component("textfield", "currency", "Mata uang"),
    component("number", "amount", "Nilai", properties={"money": "currency"}),
]
COMPONENTS = [
    component("textfield", "story", "Cerita", properties={"label_en": "Story"}),
    component("select", "class", "Jenis", values=[{"value": "x", "label": "Emas"}]),
    component("select", "office", "Kantor", valuesKey="offices"),
    component("checkbox", "agreed", "Setuju"),
    component("number", "worth", "Nilai", properties={"money": "IDR"}),
    component("number", "north", "Lintang"),
    component("datetime", "on", "Tanggal", subtype="date", dateLabel="Tanggal"),
    {"type": "dynamiclist", "id": "objects", "path": "objects", "label": "Objek",
     "properties": {"row": "Objek", "max_rows": "9"}, "components": ROW},
]  # fmt: skip
FORM = schema.read(json.dumps({"id": "f", "components": COMPONENTS}).encode(), "f.form")


def told(**answers: Any) -> list[tuple[str, str]]:
    return lines(FORM, to_json(answers), MANNER)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"class": "x"}, ("Jenis", "Emas")),
        ({"class": "gone"}, ("Jenis", "gone")),
        ({"office": "PUPR"}, ("Kantor", "offices/PUPR")),
        ({"agreed": True}, ("Setuju", "Ya")),
        ({"worth": 1_500_000}, ("Nilai", "Rp1.500.000")),
        ({"north": Decimal("3.73125")}, ("Lintang", "3,73125")),
        ({"on": date(2026, 3, 2)}, ("Tanggal", "hari 02")),
        ({"seen": datetime(2026, 3, 2, 5, tzinfo=UTC)}, ("Seen", "jam 05")),
        ({"reason": "Sakit"}, ("Alasan", "Sakit")),
        ({"story": ["a", "b"]}, ("Cerita", "a, b")),
    ],
)
def test_each_kind_of_answer_is_written_for_people(answers: dict[str, Any], said: tuple[str, str]) -> None:
    assert told(**answers) == [said]


def test_what_was_left_empty_is_silence_and_the_order_is_that_of_the_form() -> None:
    assert told(other="z", agreed=False, story="", worth=0, on=None, **{"class": "x"}) == [
        ("Jenis", "Emas"),
        ("Nilai", "Rp0"),
        ("Other", "z"),
    ]


def test_english_readers_read_english_labels() -> None:
    with speaking("en"):
        assert told(story="Ya", agreed=True) == [("Story", "Ya"), ("Setuju", "Yes")]


def test_what_is_left_out_and_lists_of_rows_are_no_lines() -> None:
    answers = to_json({"story": "x", "office": "y", "objects": [{"name": "Jam"}]})
    assert lines(FORM, answers, MANNER, leave_out={"office"}) == [("Cerita", "x")]


def test_rows_are_a_table_without_empty_columns() -> None:
    rows = [{"name": "Jam", "amount": 20, "currency": "USD"}, {"name": "Uang", "amount": 500_000, "currency": "IDR"}]

    (table,) = tables(FORM, to_json({"objects": rows}), MANNER)

    assert table.head == ("Objek", "Nama", "Mata uang", "Nilai")
    assert [row[:3] for row in table.rows] == [("1", "Jam", "USD"), ("2", "Uang", "IDR")]
    assert table.rows[1][3] == "Rp500.000"
    assert tables(FORM, {}, MANNER) == []


def test_a_row_chosen_from_another_list_is_called_by_its_name_there() -> None:
    givers = {"type": "dynamiclist", "id": "givers", "path": "givers", "label": "Pemberi",
              "properties": {"row": "Pemberi", "max_rows": "9"},
              "components": [component("textfield", "giver_name", "Nama")]}  # fmt: skip
    chosen = component("select", "giver", "Dari", valuesKey="rows:givers")
    objects = {"type": "dynamiclist", "id": "objects", "path": "objects", "label": "Objek",
               "properties": {"row": "Objek", "max_rows": "9"},
               "components": [component("textfield", "name", "Nama"), chosen]}  # fmt: skip
    form = schema.read(json.dumps({"id": "f", "components": [givers, objects]}).encode(), "f.form")
    told = {
        "givers": [{"giver_name": "Ani"}, {}],
        "objects": [{"name": "Jam", "giver": "1"}, {"giver": "2"}, {"giver": "7"}],
    }

    table = tables(form, to_json(told), MANNER)[-1]

    assert table.facts() == [[("Nama", "Jam"), ("Dari", "Ani")], [("Dari", "Pemberi 2")], [("Dari", "7")]]
