"""Figures on paper: the words of a recapitulation as its template needs them, filled and printed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from babel.numbers import format_decimal

from workflows.case_reports.stationery import Stationery
from workflows.language import Language
from workflows.letters import render
from workflows.letters.filling import fill, qr_picture
from workflows.letters.render import Printed
from workflows.money import written
from workflows.processes.office import Office
from workflows.recapitulations.models import Recapitulation

TEMPLATE = "recapitulation"
_NOTHING = "–"


def print_recapitulation(
    row: Recapitulation, stationery: Stationery, *, office: Office, address: str, language: Language
) -> Printed:
    """Print the figures of a recapitulation; the archival full edition carries them as data, the public one is UA."""
    words = stationery.words[language]["recapitulation"]
    html = fill(
        stationery.texts,
        f"{TEMPLATE}.html",
        {
            "report": sheet(row, office=office, address=address, words=words, language=language),
            "words": words,
            "qr": qr_picture(address, title=f"{words['document_id']} {row.document_id}"),
        },
        language=language,
    )
    return render.pdf(
        html,
        stationery.texts[f"{TEMPLATE}.css"],
        stationery.pictures,
        variant="archival" if row.edition == "full" else "accessible",
        data=row.figures,
    )


def sheet(
    row: Recapitulation, *, office: Office, address: str, words: Mapping[str, Any], language: Language
) -> dict[str, Any]:
    """Give everything that the template prints, numbers written out."""
    figures = row.figures
    return {
        "language": language,
        "office": office.settings.office_name,
        "title": figures["title"][language],
        # What everybody may read is handed to nobody in particular.
        "recipients": [recipient[language] for recipient in figures["recipients"]] if row.edition == "full" else [],
        "edition": words["edition"][row.edition],
        "period": period_words(row.period, words),
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "made_at": row.made_at.astimezone(office.zone).isoformat(),
        "document_id": row.document_id,
        "address": address,
        "cases": number_words(figures["cases"], "count", language, withheld=_hidden(figures, words)),
        "withheld": words["withheld"].replace("{smallest}", str(figures["smallest"])) if figures["smallest"] else "",
        "tables": [_table(table, figures, words, language) for table in figures["tables"]],
        "indicators": [
            {
                "title": indicator["title"][language],
                "value": number_words(indicator["value"], indicator["unit"], language),
                "unit": words["units"][indicator["unit"]],
                # Where the figure itself does not show what it counts in.
                "spoken_unit": words["units"][indicator["unit"]] if indicator["unit"] in {"days", "hours"} else "",
            }
            for indicator in figures["indicators"]
        ],
    }


def period_words(name: str, words: Mapping[str, Any]) -> str:
    """Give "Triwulan III 2026" or "Tahun 2026" for the name of a period."""
    year, _, quarter = name.partition("-Q")
    if not quarter:
        return cast(str, words["year"]).replace("{year}", year)
    roman = ("I", "II", "III", "IV")[int(quarter) - 1]
    return cast(str, words["quarter"]).replace("{quarter}", roman).replace("{year}", year)


def number_words(value: int | str | None, unit: str, language: Language, *, withheld: str = _NOTHING) -> str:
    """Write a figure as people read it; what is withheld or cannot be told is `withheld`."""
    if value is None:
        return withheld
    number = Decimal(value)
    if unit == "rupiah":
        return written(number.quantize(Decimal(1)), language=language)
    text: str = format_decimal(number, format="#,##0.#", locale=language)
    return f"{text} %" if unit == "percent" else text


def _table(
    table: Mapping[str, Any], figures: Mapping[str, Any], words: Mapping[str, Any], language: Language
) -> dict[str, Any]:
    units: Sequence[str] = [column["unit"] for column in table["columns"]]
    hidden = _hidden(figures, words)

    def cells(row: Mapping[str, Any]) -> list[str]:
        numbers = [(row["count"], "count"), *zip(row["sums"], units, strict=True)]
        return [number_words(value, unit, language, withheld=hidden) for value, unit in numbers]

    most = max((row["count"] or 0 for row in table["rows"]), default=0)
    return {
        "title": table["title"][language],
        "columns": [words["count"], *(column["title"][language] for column in table["columns"])],
        "rows": [
            {
                "title": row["title"][language] or words["untold"],
                "cells": cells(row),
                # Length of the bar beside the row, in percent of the longest.
                "share": round(100 * (row["count"] or 0) / most) if most else 0,
            }
            for row in table["rows"]
        ],
        "total": cells(table["total"]),
    }


def _hidden(figures: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    """Give what stands in the place of a figure that is not told: it may be small, or lead to a small one."""
    return cast(str, words["hidden"]) if figures["smallest"] else _NOTHING
