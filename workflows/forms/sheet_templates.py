"""The empty spreadsheet of a list: columns titled as the form asks, and beside it what each of them takes.

What comes back is read in `importing`, by the same titles.
"""

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workflows.forms.components import CHOICE_TYPES, Component, Form
from workflows.forms.importing import Offered, choices, columns, title
from workflows.language import current_language, say
from workflows.money import RUPIAH

# Far below this an .xlsx holds every list of choices of the house.
_MOST_CHOICES = 500
_HEAD = PatternFill("solid", fgColor="FFD9ECE8")


def workbook(form: Form, list_: Component, offered: Offered) -> bytes:
    """Give the .xlsx: a sheet to fill in with drop-down choices, and one that says what each column takes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 (a new workbook has one)
    sheet.title = say("Isian", "Rows")
    about = book.create_sheet(say("Petunjuk dan contoh", "Guide and example"))
    fields = columns(form, list_)
    _head(sheet, [title(field) for field in fields])
    _head(about, [title(field) for field in fields])
    for place, field in enumerate(fields, start=1):
        pairs = _choices(field, offered)
        about.cell(2, place, _takes(field))
        about.cell(3, place, _example(field, pairs))
        for row, (_, words) in enumerate(pairs[:_MOST_CHOICES], start=5):
            about.cell(row, place, words)
        if pairs:
            about.cell(4, place, say("Pilihan:", "Choices:"))
            letter = get_column_letter(place)
            source = f"'{about.title}'!${letter}$5:${letter}${4 + min(len(pairs), _MOST_CHOICES)}"
            allowed = DataValidation(type="list", formula1=source, allow_blank=True)
            sheet.add_data_validation(allowed)
            allowed.add(f"{letter}2:{letter}{list_.max_rows + 1}")
    for each in (sheet, about):
        for row in each.iter_rows(min_row=2):
            for cell in row:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def separated(form: Form, list_: Component) -> bytes:
    """Give the .csv: the titles alone, parted by semicolons and marked as UTF-8, as Excel here opens it."""
    kept = io.StringIO(newline="")
    csv.writer(kept, delimiter=";", lineterminator="\r\n").writerow([title(field) for field in columns(form, list_)])
    return kept.getvalue().encode("utf-8-sig")


def _head(sheet: Worksheet, titles: Sequence[str]) -> None:
    for place, words in enumerate(titles, start=1):
        cell = sheet.cell(1, place, words)
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(place)].width = 24
    sheet.freeze_panes = "A2"


def _choices(field: Component, offered: Offered) -> list[tuple[str, str]]:
    """Give the choices in the reader's language; a tick is a choice between two words."""
    if field.type == "checkbox":
        return [("true", say("Ya", "Yes")), ("", say("Tidak", "No"))]
    if field.type not in CHOICE_TYPES:
        return []
    if field.values_key:
        return choices(field, offered)
    return [(option.value, option.label(current_language())) for option in field.options]


def _takes(field: Component) -> str:
    """Say in a sentence what a column takes."""
    needed = say("Wajib diisi. ", "Required. ") if field.required else ""
    if needed and field.hide is not None:
        needed = say("Wajib diisi hanya bila berlaku. ", "Required only where it applies. ")
    if field.type == "checkbox" or field.type in CHOICE_TYPES:
        kind = say("Salah satu pilihan di bawah.", "One of the choices below.")
    elif field.money == RUPIAH:
        kind = say("Rupiah bulat, misalnya 1.500.000.", "Whole rupiah, such as 1.500.000.")
    elif field.money:
        kind = say("Jumlah uang, misalnya 1.500.000 atau 20,50.", "An amount, such as 1.500.000 or 20,50.")
    elif field.type == "number":
        kind = say("Angka.", "A number.")
    elif field.type == "datetime":
        kind = say("Tanggal, misalnya 21/11/2026.", "A date, such as 21/11/2026.")
    else:
        kind = say("Teks.", "Text.")
    return needed + kind


def _example(field: Component, pairs: Sequence[tuple[str, str]]) -> str:
    """Give something that might stand in the column."""
    start = say("Contoh: ", "Example: ")
    if pairs:
        return start + pairs[0][1]
    if field.money:
        return start + "1.500.000"
    if field.type == "number":
        return start + "1"
    return start + "21/11/2026" if field.type == "datetime" else ""
