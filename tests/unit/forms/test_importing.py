"""Spreadsheets: read row by row, what is wrong told by row and column, what is hostile kept out."""

import csv
import importlib.util
import io
import json
import zipfile
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook

from databases import REPOSITORY
from workflows.feel.clock import Clock
from workflows.forms import answers, importing, rows, schema, sheet_templates, sheets
from workflows.forms.sheets import SheetRefused
from workflows.language import speaking

CLOCK = Clock(datetime(2026, 3, 2, 2, tzinfo=UTC), ZoneInfo("Asia/Jakarta"))
LIST = {
    "type": "dynamiclist", "id": "gifts", "path": "gifts", "label": "Kado",
    "properties": {"row": "Kado", "max_rows": "400", "import": "spreadsheet"},
    "components": [
        {"type": "textfield", "id": "giver", "key": "giver", "label": "Siapa pemberinya?",
         "validate": {"required": True}, "properties": {"column": "Nama pemberi", "column_en": "Giver"}},
        {"type": "number", "id": "amount", "key": "amount", "label": "Nilai", "validate": {"required": True},
         "properties": {"money": "IDR"}},
        {"type": "datetime", "id": "on", "key": "on", "label": "Tanggal", "subtype": "date"},
        {"type": "select", "id": "form", "key": "form", "label": "Bentuk", "defaultValue": "cash",
         "values": [{"value": "cash", "label": "Uang"}, {"value": "goods", "label": "Barang"}],
         "properties": {"option_en:cash": "Cash", "option_en:goods": "Goods"}},
        {"type": "select", "id": "currency", "key": "currency", "label": "Mata uang", "valuesKey": "currencies"},
        {"type": "checkbox", "id": "eaten", "key": "eaten", "label": "Habis dimakan"},
        {"type": "filepicker", "id": "photo", "key": "photo", "label": "Foto"},
    ],
}  # fmt: skip
FORM = schema.read(json.dumps({"id": "f", "components": [LIST]}).encode(), "f.form")
GIFTS = FORM.lists[0]
OFFERED = {"currencies": [("IDR", "IDR, Rupiah Indonesia"), ("USD", "USD, Dolar Amerika Serikat")]}
HEAD = ["Nama pemberi", "Nilai", "Tanggal", "Bentuk"]


def xlsx(*lines: list[Any], head: list[Any] | None = None) -> bytes:
    book = Workbook()
    for line in (HEAD if head is None else head, *lines):
        book.active.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def semicolons(*lines: list[Any], encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    kept = io.StringIO(newline="")
    csv.writer(kept, delimiter=delimiter).writerows([HEAD, *lines])
    return kept.getvalue().encode(encoding)


def read(content: bytes, room: int = 400) -> importing.Imported:
    sheet = io.BytesIO(content)
    return importing.read(FORM, GIFTS, sheet, room={"gifts": room}, offered=OFFERED, clock=CLOCK, around={})


def refusal(content: bytes, room: int = 400) -> SheetRefused:
    with pytest.raises(SheetRefused) as refused:
        read(content, room)
    return refused.value


def test_rows_of_a_workbook_become_answers_as_if_they_had_been_typed() -> None:
    found = read(
        xlsx(["Ani", 1_500_000, date(2026, 2, 1), "Uang"], ["Budi", "Rp 250.000,-", "1 Februari 2026", "Goods"])
    )
    assert (found.troubles, found.unknown, found.good) == ((), (), 2)

    posted = rows.added({}, GIFTS, found.rows)
    values = answers.read(FORM, posted, clock=CLOCK).values["gifts"]
    assert [(row["giver"], row["amount"], row["on"], row["form"]) for row in values] == [
        ("Ani", 1_500_000, date(2026, 2, 1), "cash"),
        ("Budi", 250_000, date(2026, 2, 1), "goods"),
    ]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ";"), ("utf-8", ","), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", "\t")]
)
def test_separated_values_are_read_whatever_excel_made_of_them(encoding: str, delimiter: str) -> None:
    found = read(semicolons(["Café Délì", "1.500.000", "21/11/2025", ""], encoding=encoding, delimiter=delimiter))
    assert found.rows == (
        {
            "gifts[].giver": "Café Délì",
            "gifts[].amount": "1.500.000",
            "gifts[].on": "21/11/2025",
            "gifts[].form": "cash",
        },
    )
    assert found.troubles == ()


def test_every_wrong_cell_is_told_by_row_and_column_and_good_rows_stay() -> None:
    good = [[f"Tamu {number}", 100_000 + number, "1/2/2026", "Uang"] for number in range(297)]
    bad = [
        ["Tanpa nilai", "", "1/2/2026", "Uang"],
        ["Salah nilai", "seratus ribu", "", ""],
        ["", 5, "31/2/2026", "Emas"],
    ]
    found = read(xlsx(*good[:5], bad[0], *good[5:200], bad[1], *good[200:], bad[2]))

    assert (len(found.rows), found.good) == (300, 297)
    assert [(trouble.row, trouble.column, trouble.code) for trouble in found.troubles] == [
        (7, "Nilai", "required"),
        (203, "Nilai", "not_number"),
        (301, "Nama pemberi", "required"),
        (301, "Tanggal", "not_date"),
        (301, "Bentuk", "unknown_option"),
    ]
    assert found.troubles[0].facts["label"] == "Baris 7, kolom Nilai"
    assert found.rows[201]["gifts[].amount"] == "seratus ribu"


def test_a_formula_is_told_with_its_cell_and_never_run() -> None:
    for content in (xlsx(["Ani", "=100+200", "", ""]), semicolons(["Ani", "=100+200", "", ""])):
        (trouble,) = read(content).troubles
        assert (trouble.row, trouble.column, trouble.code, trouble.facts["cell"]) == (2, "Nilai", "sheet.formula", "B2")
    assert refusal(xlsx(["Ani", 5], head=["=1", "Nilai"])).facts == {"cell": "A1"}


def test_a_missing_column_is_told_and_a_strange_one_left_out() -> None:
    missing = refusal(xlsx(["Ani"], head=["Nama pemberi"]))
    assert (missing.code, missing.facts) == ("sheet.no_column", {"columns": "“Nilai”"})
    found = read(xlsx(["Ani", 5, "merah", 1], head=["nama  PEMBERI*", "Nilai (Rp)", "Warna", "Tangal"]))
    assert found.unknown == (("Warna", ""), ("Tangal", "Tanggal"))
    # A column that the form fills by itself may be left out.
    assert found.rows == ({"gifts[].form": "cash", "gifts[].giver": "Ani", "gifts[].amount": "5"},)
    assert refusal(xlsx(["Ani", 5, 6], head=["Nama pemberi", "Nilai", "nilai"])).code == "sheet.twice"


def test_ticks_and_codes_are_read_in_words() -> None:
    head = [*HEAD, "Mata uang", "Habis dimakan"]
    found = read(
        xlsx(["Ani", 5, "", "", "usd", "Ya"], ["Budi", 5, "", "", "IDR, Rupiah Indonesia", "mungkin"], head=head)
    )
    assert [row["gifts[].currency"] for row in found.rows] == ["USD", "IDR"]
    assert found.rows[0]["gifts[].eaten"] == "true"
    assert [(trouble.row, trouble.code) for trouble in found.troubles] == [(3, "not_yes_no")]


def test_a_choice_may_be_told_by_its_code_or_by_the_first_words_that_no_other_begins_with() -> None:
    values = [("a", "Uang tunai"), ("b", "Barang, makanan"), ("c", "Barang antik"), ("d", "Barangkali"), ("e", "A")]
    choice = {"type": "select", "id": "form", "key": "form", "label": "Bentuk", "values": [
        {"value": value, "label": label} for value, label in values
    ], "properties": {"option_en:a": "Cash"}}  # fmt: skip
    form = schema.read(json.dumps({"id": "f", "components": [{**LIST, "components": [choice]}]}).encode(), "f.form")
    told = ["A", "cash", "UANG", "barang makanan", "Barang,", "barang", "Barang antik", "uan", "tunai", "barangkali"]

    sheet = io.BytesIO(xlsx(*([word] for word in told), head=["Bentuk"]))
    found = importing.read(form, form.lists[0], sheet, room={"gifts": 400}, offered={}, clock=CLOCK, around={})

    taken = [row["gifts[].form"] for row in found.rows]
    assert taken == ["a", "a", "a", "barang makanan", "b", "barang", "c", "uan", "tunai", "d"]
    assert [told[trouble.row - 2] for trouble in found.troubles] == ["barang makanan", "barang", "uan", "tunai"]


def zipped(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return kept.getvalue()


def hostile(part: bytes) -> bytes:
    """A workbook whose sheet was replaced by these bytes."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(["Ani", 5]))) as good,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in good.namelist():
            packed.writestr(name, part if name == "xl/worksheets/sheet1.xml" else good.read(name))
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet.empty"),
        (b" \n", "sheet.empty"),
        (xlsx(head=[]), "sheet.empty"),
        (xlsx(), "sheet.no_rows"),
        (b"x" * (sheets.MOST_BYTES + 1), "sheet.too_large"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "sheet.old"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "sheet.ods"),
        (zipped(word__document=b"<x/>"), "sheet.kind"),
        (b"PK\x03\x04 broken", "sheet.broken"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "sheet.kind"),
        (zipped(**{"xl__workbook.xml": b"<x/>", "xl__bomb.xml": b" " * 3_000_000}), "sheet.too_large"),
        (hostile(b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'), "sheet.broken"),
        (hostile(b"<worksheet><sheetData><row"), "sheet.broken"),
        (b"\x81\x8d;\x9d\n1;2\n", "sheet.encoding"),
    ],
)  # fmt: skip
def test_what_is_no_sheet_or_does_harm_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_too_many_rows_are_refused_with_both_numbers() -> None:
    refused = refusal(xlsx(*[["Ani", 5]] * 11), room=10)
    assert (refused.code, refused.facts) == ("sheet.too_many", {"rows": 11, "limit": 10})
    far = Workbook()
    far.active.append(HEAD)
    far.active.cell(900_000, 1, "Ani")
    kept = io.BytesIO()
    far.save(kept)
    assert refusal(kept.getvalue()).code == "sheet.too_long"


def test_the_template_is_titled_in_words_and_says_what_may_stand_where() -> None:
    book = load_workbook(io.BytesIO(sheet_templates.workbook(FORM, GIFTS, OFFERED)))
    sheet, about = book.worksheets
    assert [cell.value for cell in sheet[1]] == [*HEAD, "Mata uang", "Habis dimakan"]
    assert [about.cell(2, 2).value, about.cell(5, 4).value, about.cell(6, 4).value] == [
        "Wajib diisi. Rupiah bulat, misalnya 1.500.000.", "Uang", "Barang",
    ]  # fmt: skip
    assert len(sheet.data_validations.dataValidation) == 3
    assert (
        sheet_templates.separated(FORM, GIFTS).decode("utf-8-sig")
        == "Nama pemberi;Nilai;Tanggal;Bentuk;Mata uang;Habis dimakan\r\n"
    )
    with speaking("en"):
        assert sheet_templates.separated(FORM, GIFTS).decode("utf-8-sig").startswith("Giver;Nilai")


def test_the_template_asks_for_what_a_condition_may_hide_only_where_it_applies() -> None:
    rate = {"type": "number", "id": "rate", "key": "rate", "label": "Kurs", "validate": {"required": True},
            "conditional": {"hide": '=currency = "IDR"'}}  # fmt: skip
    components = [each for each in LIST["components"] if each["key"] == "currency"]
    form = schema.read(
        json.dumps({"id": "f", "components": [{**LIST, "components": [*components, rate]}]}).encode(), "f.form"
    )

    about = load_workbook(io.BytesIO(sheet_templates.workbook(form, form.lists[0], OFFERED))).worksheets[1]

    assert about.cell(2, 2).value == "Wajib diisi hanya bila berlaku. Angka."


def test_a_filled_template_is_read_in_either_language() -> None:
    with speaking("en"):
        book = load_workbook(io.BytesIO(sheet_templates.workbook(FORM, GIFTS, OFFERED)))
    book.worksheets[0].append(["Ani", 1_500_000.0, datetime(2026, 2, 1, tzinfo=None), "Cash", "USD", "No"])  # noqa: DTZ001
    kept = io.BytesIO()
    book.save(kept)
    found = read(kept.getvalue())
    assert (found.troubles, found.rows[0]["gifts[].amount"], found.rows[0]["gifts[].form"]) == ((), "1500000", "cash")


def test_the_sheet_of_demonstrations_has_three_wrong_rows() -> None:
    spec = importlib.util.spec_from_file_location("gift_sheet", REPOSITORY / "bench" / "gift_sheet.py")
    assert spec is not None
    assert spec.loader is not None
    gift_sheet = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gift_sheet)
    found = read(gift_sheet.sheet(FORM, GIFTS))
    assert [(trouble.row, trouble.code) for trouble in found.troubles] == [
        (7, "required"), (120, "not_number"), (222, "sheet.formula"),
    ]  # fmt: skip
    assert found.good == 297


LINKED = schema.read(
    json.dumps(
        {
            "id": "f",
            "components": [
                {"type": "dynamiclist", "id": "givers", "path": "givers", "label": "Pemberi", "components": [
                    {"type": "textfield", "id": "name", "key": "name", "label": "Nama", "validate": {"required": True}},
                    {"type": "textfield", "id": "town", "key": "town", "label": "Alamat"}]},
                {"type": "dynamiclist", "id": "things", "path": "things", "label": "Objek",
                 "properties": {"import": "spreadsheet"}, "components": [
                    {"type": "select", "id": "giver", "key": "giver", "label": "Dari", "valuesKey": "rows:givers"},
                    {"type": "number", "id": "sum", "key": "sum", "label": "Nilai", "validate": {"required": True}}]},
            ],
        }
    ).encode(),
    "f.form",
)  # fmt: skip


def linked(*lines: list[Any], head: list[Any]) -> importing.Imported:
    room = {"givers": 3, "things": 50}
    content = io.BytesIO(xlsx(*lines, head=head))
    return importing.read(LINKED, LINKED.lists[1], content, room=room, offered={}, clock=CLOCK, around={})


def test_one_line_tells_of_an_object_and_of_its_giver() -> None:
    found = linked(
        ["Ani", "Stabat", 1], ["ANI", "stabat", 2], ["Budi", "", 3], ["", "", "x"], head=["Nama", "Alamat", "Nilai"]
    )
    assert [row["givers[].name"] for row in found.named_rows] == ["Ani", "Budi"]
    assert (found.names, found.good) == ((0, 0, 1, None), 3)
    assert [(each.row, each.column, each.code) for each in found.troubles] == [(5, "Nilai", "not_number")]
    wrong = linked(["", "Stabat", 1], head=["Nama", "Alamat", "Nilai"])
    assert [(each.row, each.place, each.field) for each in wrong.troubles] == [(2, 0, "givers[].name")]
    # Whoever told of the givers in the form leaves their columns out.
    assert linked([1], head=["Nilai"]).names == (None,)
    with pytest.raises(SheetRefused, match=r"sheet\.no_column"):
        linked(["Stabat", 1], head=["Alamat", "Nilai"])
    with pytest.raises(SheetRefused, match=r"sheet\.too_many"):
        linked(*[[f"Tamu {number}", "", 1] for number in range(4)], head=["Nama", "Alamat", "Nilai"])
