"""Spreadsheets as people send them, read into rows of texts: .xlsx and .csv, bounded, without a formula being run.

A formula is no value: what it gives may be stale, lead to another file, or be an attack on whoever opens it next. Its
cell is told, so that it can be replaced by what it shows. What a row means is asked in `importing`.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

# A list of five hundred gifts weighs some 40 kB.
MOST_BYTES = 2_000_000
# What a packed workbook may hold unpacked, in how many parts, and how much smaller packing may make a part.
_MOST_UNPACKED = 30_000_000
_MOST_PARTS = 200
_MOST_RATIO = 200
# Rows and columns that are looked at; empty rows between others count.
MOST_ROWS = 3_000
_MOST_COLUMNS = 60
_LONGEST_CELL = 20_000
_ODS = b"application/vnd.oasis.opendocument"
_OLD = bytes.fromhex("d0cf11e0a1b11ae1")


class SheetRefused(Exception):
    """A file that cannot be read as a sheet; the code and its facts have words where answers have theirs."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Cell:
    """One cell: what it says as somebody would have typed it, and where it stands."""

    text: str
    # For example "C7".
    address: str
    is_formula: bool = False


@dataclass(frozen=True)
class Row:
    """One row that is not empty."""

    # As spreadsheet programs number it, from 1.
    number: int
    cells: tuple[Cell, ...]


def read(stream: BinaryIO) -> list[Row]:
    """Read the first sheet of a file; SheetRefused says what is wrong with it and how to mend it."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SheetRefused("sheet.too_large", limit=MOST_BYTES)
    if not content.strip():
        raise SheetRefused("sheet.empty")
    if content.startswith(_OLD):
        # Also what Excel makes of a workbook with a password.
        raise SheetRefused("sheet.old")
    rows = list(_workbook(content) if content.startswith(b"PK") else _separated(content))
    if not rows:
        raise SheetRefused("sheet.empty")
    return rows


def _workbook(content: bytes) -> Iterator[Row]:
    """Read an .xlsx without running or following anything in it."""
    try:
        _look_into(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False, rich_text=False)
        sheet = book.worksheets[0]
        # What a sheet says of its own size is not believed.
        sheet.reset_dimensions()
        before: Any = None
        for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
            if cells is before:
                # A million rows may lie between two that are written; the reader gives the same empty one for each.
                continue
            before = cells
            row = tuple(_cell(cell, place, number) for place, cell in enumerate(cells, start=1))
            if any(cell.text or cell.is_formula for cell in row):
                if number > MOST_ROWS:
                    raise SheetRefused("sheet.too_long", limit=MOST_ROWS)
                yield Row(number, row)
    except SheetRefused:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        ParseError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as broken:
        # What openpyxl and zipfile raise over broken parts has no common root. Entities are a ValueError, since
        # openpyxl reads through defusedxml where that is installed.
        raise SheetRefused("sheet.broken") from broken


def _look_into(content: bytes) -> None:
    """Refuse what is no workbook, and what unpacks into far more than it weighs."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        names = {part.filename for part in parts}
        if "mimetype" in names and packed.open("mimetype").read(100).startswith(_ODS):
            raise SheetRefused("sheet.ods")
        if "xl/workbook.xml" not in names:
            raise SheetRefused("sheet.kind")
        if any(part.flag_bits & 1 for part in parts):
            raise SheetRefused("sheet.old")
        too_dense = any(part.file_size > _MOST_RATIO * max(part.compress_size, 1_000) for part in parts)
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED or too_dense:
            raise SheetRefused("sheet.too_large", limit=MOST_BYTES)
        for part in parts:
            # The directory may lie about sizes: reading stops where it says that a part ends, or fails.
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.open(part).read(4_000).upper():
                raise SheetRefused("sheet.broken")


def _cell(cell: Any, column: int, row: int) -> Cell:
    address = f"{get_column_letter(column)}{row}"
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.lstrip().startswith("=")):
        return Cell("", address, is_formula=True)
    return Cell("" if cell.data_type == "e" else typed(value), address)


def typed(value: Any) -> str:
    """Write the value of a cell as somebody would type it into a form here."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, int | float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return format(number.normalize() + 0, "f").replace(".", ",") if number.is_finite() else ""
    if isinstance(value, datetime):
        at_midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if at_midnight else value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value).strip()[:_LONGEST_CELL]


def _separated(content: bytes) -> Iterator[Row]:
    """Read a .csv, with whatever encoding and separator Excel wrote it here."""
    text = _decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=False)
    try:
        for number, texts in enumerate(lines, start=1):
            cells = tuple(_plain(each, place, number) for place, each in enumerate(texts[:_MOST_COLUMNS], start=1))
            if any(cell.text or cell.is_formula for cell in cells):
                if number > MOST_ROWS:
                    raise SheetRefused("sheet.too_long", limit=MOST_ROWS)
                yield Row(number, cells)
    except csv.Error as broken:
        raise SheetRefused("sheet.broken") from broken


def _plain(text: str, column: int, row: int) -> Cell:
    stripped = text.strip()[:_LONGEST_CELL]
    address = f"{get_column_letter(column)}{row}"
    return Cell("", address, is_formula=True) if stripped.startswith("=") else Cell(stripped, address)


def _decoded(content: bytes) -> str:
    """Decode as the byte order mark says; without one as UTF-8, else as Windows writes Western European."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as broken:
                raise SheetRefused("sheet.encoding") from broken
    if b"\x00" in content:
        raise SheetRefused("sheet.kind")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefused("sheet.encoding")


def _separator(text: str) -> str:
    """Find what parts the columns: a line `sep=;`, or what the first line that is not empty has most of."""
    lines: Sequence[str] = [line for line in text[:20_000].splitlines() if line.strip()]
    head = re.sub(r'"[^"]*"', "", lines[0]) if lines else ""
    return max(";\t,", key=head.count)
