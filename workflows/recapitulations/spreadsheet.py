"""Figures as a spreadsheet for those who count on: a sheet about itself, one per table, one for the indicators.

Every text is written as text, so that none can act as a formula.
"""

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from workflows.language import Language, say

# Longest title of a sheet that spreadsheets open, and signs that they refuse in one.
_LONGEST_TITLE = 31
_REFUSED = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_FORMATS = {"rupiah": '"Rp"#,##0', "percent": '0.0" %"'}


def spreadsheet(figures: Mapping[str, Any], facts: Sequence[tuple[str, str]], language: Language) -> bytes:
    """Give an .xlsx of the figures; `facts` are lines about the document itself (number, period, who made it)."""
    book = Workbook()
    for unwanted in book.worksheets:
        book.remove(unwanted)
    about = book.create_sheet(say("Tentang", "About"))
    _row(about, [figures["title"][language]], bold=True)
    for name, value in facts:
        _row(about, [name, value])
    if figures["smallest"]:
        _row(about, [_withheld_note(figures["smallest"])])
    for table in figures["tables"]:
        _table(book.create_sheet(_sheet_title(table["title"][language])), table, language)
    if figures["indicators"]:
        sheet = book.create_sheet(say("Indikator", "Indicators"))
        _row(sheet, [say("Indikator", "Indicator"), say("Nilai", "Value"), say("Satuan", "Unit")], bold=True)
        for indicator in figures["indicators"]:
            _row(
                sheet,
                [indicator["title"][language], _number(indicator["value"]), unit_word(indicator["unit"])],
                units=("", indicator["unit"], ""),
            )
    for sheet in book.worksheets:
        sheet.column_dimensions["A"].width = 48
        for column in "BCDEFG":
            sheet.column_dimensions[column].width = 20
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def unit_word(unit: str) -> str:
    """Give the word of a unit of measure."""
    return {
        "count": say("jumlah", "count"),
        "percent": "%",
        "rupiah": say("rupiah", "rupiah"),
        "days": say("hari", "days"),
        "hours": say("jam", "hours"),
    }[unit]


def _table(sheet: Worksheet, table: Mapping[str, Any], language: Language) -> None:
    units = ("", "count", *(column["unit"] for column in table["columns"]))
    heads = [column["title"][language] for column in table["columns"]]
    _row(sheet, [table["title"][language], say("Jumlah", "Count"), *heads], bold=True)
    for row in table["rows"]:
        title = row["title"][language] or say("Tidak disebut", "Not told")
        _row(sheet, [title, row["count"], *map(_number, row["sums"])], units=units)
    total = table["total"]
    _row(sheet, [say("Seluruhnya", "Total"), total["count"], *map(_number, total["sums"])], units=units, bold=True)
    sheet.freeze_panes = "B2"


def _row(sheet: Worksheet, values: Sequence[Any], *, units: Sequence[str] = (), bold: bool = False) -> None:
    # Every row says something in its first column.
    line = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for at, value in enumerate(values):
        cell = sheet.cell(line, at + 1)
        if isinstance(value, str):
            cell.value = value
            cell.data_type = "s"
        else:
            cell.value = value
        if at < len(units) and units[at] in _FORMATS:
            cell.number_format = _FORMATS[units[at]]
        if bold:
            cell.font = Font(bold=True)


def _number(value: int | str | None) -> int | Decimal | None:
    return Decimal(value) if isinstance(value, str) else value


def _sheet_title(title: str) -> str:
    return title.translate(_REFUSED).strip()[:_LONGEST_TITLE] or "-"


def _withheld_note(smallest: int) -> str:
    return say(
        f"Jumlah di bawah {smallest} dikosongkan, agar tidak ada orang yang dapat dikenali.",
        f"Counts below {smallest} are left out, so that nobody can be recognised.",
    )
