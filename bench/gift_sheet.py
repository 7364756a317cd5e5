"""Makes a spreadsheet for demonstrations: three hundred rows for a list that takes one, three of them wrong.

    .venv/bin/python bench/gift_sheet.py bpmn/gratification kado.xlsx

The columns are those of the case type's own form, so the sheet can be uploaded there as it is. The wrong rows are one
without a needed answer, one with a word where a number belongs, and one with a formula.
"""

import argparse
import io
import sys
from datetime import date, timedelta
from pathlib import Path

from openpyxl import load_workbook

from workflows.catalogue.bundle import MANIFEST, read_bundle
from workflows.catalogue.examining import examine
from workflows.forms import importing, sheet_templates
from workflows.forms.components import CHOICE_TYPES, Component, Form
from workflows.money import RUPIAH, currencies

ROWS = 300
# Rows of the sheet, as spreadsheet programs number them, and what is wrong in each.
WRONG = {7: "", 120: "seratus ribu", 222: "=100000*3"}
_NAMES = ("Ahmad", "Siti", "Budi", "Dewi", "Hasan", "Rina", "Joko", "Maya", "Rahmat", "Lestari")
_FAMILIES = ("Siregar", "Ginting", "Sembiring", "Harahap", "Lubis", "Tarigan", "Nasution")


def sheet(form: Form, list_: Component, rows: int = ROWS) -> bytes:
    """Give the filled .xlsx for a list of a form; the wrong rows are wrong in the first column of money."""
    offered = {"currencies": currencies("id")}
    fields = importing.columns(form, list_)
    counted = next(place for place, field in enumerate(fields, start=1) if field.money)
    book = load_workbook(io.BytesIO(sheet_templates.workbook(form, list_, offered)))
    filled = book.worksheets[0]
    for number in range(rows):
        for place, field in enumerate(fields, start=1):
            filled.cell(number + 2, place, _value(field, number, offered))
    for row, wrong in WRONG.items():
        filled.cell(row, counted).value = wrong or None
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _value(field: Component, number: int, offered: importing.Offered) -> str | int | date | None:
    if field.type == "checkbox":
        return "Tidak"
    if field.type in CHOICE_TYPES:
        pairs = importing.choices(field, offered)
        in_rupiah = next((words for value, words in pairs if value == RUPIAH), None)
        # Another currency would ask for its rate.
        return in_rupiah or (pairs[0 if field.values_key else number % len(pairs)][1] if pairs else None)
    if field.money:
        return 50_000 * (1 + number % 30)
    if field.type == "number":
        return 1 if field.required and field.hide is None else None
    if field.type == "datetime":
        return date(2026, 2, 1) + timedelta(days=number % 3)
    if field.limits.pattern or field.limits.format or not (field.required or field.key == "description"):
        return None
    is_name = "nama" in importing.title(field).lower()
    return f"{_NAMES[number % 10]} {_FAMILIES[number % 7]} {number + 1}" if is_name else f"Kado {number + 1}"


def main() -> int:
    """Write the sheet of the first list with money in it that takes one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the case type")
    parser.add_argument("target", type=Path, help="the .xlsx file that is written")
    asked = parser.parse_args()
    folder, target = asked.folder, asked.target
    if not (folder / MANIFEST).is_file():
        parser.error(f"{folder} is no folder of a case type: there is no {MANIFEST} in it")
    if not target.parent.is_dir():
        parser.error(f"there is no folder {target.parent}")
    forms = examine(read_bundle(folder)).forms.values()
    taking = [(form, each) for form in forms for each in form.lists if each.takes_sheet]
    lists = [(form, each) for form, each in taking if any(field.money for field in each.fields)]
    if not lists:
        sys.stderr.write(f"no form in {folder} takes a spreadsheet with money in it\n")
        return 1
    content = sheet(*lists[0])
    target.write_bytes(content)
    print(f"{target}: {ROWS} rows, wrong are {', '.join(map(str, WRONG))}; {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
