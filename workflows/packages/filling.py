"""The files of a package: letter as issued, signed checklist, data sheet, machine-readable report, originals."""

import json
from collections.abc import Callable
from typing import IO

from sqlalchemy.orm import Session

from workflows.case_reports.stationery import Stationery
from workflows.errors import Conflict
from workflows.letters import render
from workflows.letters.filling import fill
from workflows.money import written
from workflows.packages.archive import Archive
from workflows.packages.composition import LANGUAGE, Composed, compose, csv_of
from workflows.packages.models import Package
from workflows.processes.office import Office
from workflows.storage import queries as storage

__all__ = ["LANGUAGE", "fill_archive"]

_PAPERS = (("checklist.pdf", "package_checklist.html"), ("report.pdf", "package_sheet.html"))
_STYLE = "package.css"
# What is packed already gains nothing by being packed again.
_PACKED = ("image/", "video/", "audio/")


def fill_archive(
    session: Session,
    row: Package,
    target: IO[bytes],
    *,
    stationery: Stationery,
    office: Office,
    progress: Callable[[int], None],
) -> int:
    """Write the archive of one requested package and tell how many files it holds besides its checksums.

    The same case at the same instant gives the same bytes. Raises as `compose`, and Conflict
    (`package.letter_not_printed`).
    """
    composed = compose(session, row, stationery, office)
    if composed.letter.checksum is None:
        raise Conflict("package.letter_not_printed", package=row.name)
    progress(20)
    archive = Archive(target, row.requested_at.astimezone(office.zone))
    archive.add("letter.pdf", storage.chunks(session, composed.letter.checksum))
    for share, (name, template) in zip((40, 60), _PAPERS, strict=True):
        archive.add(name, [_print(composed, template, stationery)])
        progress(share)
    archive.add("report.json", [json.dumps(composed.report, ensure_ascii=False, indent=1).encode() + b"\n"])
    archive.add("items.csv", [csv_of(composed.report["items"], composed.report["givers"])])
    for name, item in composed.evidence.items():
        archive.add(name, storage.chunks(session, item.checksum), packed=not item.content_type.startswith(_PACKED))
    progress(90)
    archive.close()
    return len(archive.checksums) - 1


def _print(composed: Composed, template: str, stationery: Stationery) -> bytes:
    html = fill(
        stationery.texts,
        template,
        {
            "report": composed.report,
            "sheet": {
                **composed.sheet,
                "total": written(composed.sheet["total"], language=LANGUAGE),
                "items": [
                    {**item, "value": written(item["value"], language=LANGUAGE) if item["value"] is not None else ""}
                    for item in composed.sheet["items"]
                ],
            },
            "words": stationery.words[LANGUAGE]["package"],
            "states": stationery.words[LANGUAGE]["deadline_states"],
        },
        language=LANGUAGE,
    )
    return render.pdf(html, stationery.texts[_STYLE], stationery.pictures, variant="archival").content
