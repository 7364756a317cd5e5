"""Checks about how a process of a case type begins: a report opens the case, nothing else does."""

from collections.abc import Iterator

from workflows.catalogue.checking.findings import at
from workflows.catalogue.examining import Examined
from workflows.errors import Finding
from workflows.language import say


def reports_open_cases(examined: Examined) -> Iterator[Finding]:
    """The process begins plainly; a start by message, signal or clock would never begin anything.

    A case begins when somebody reports it, and the office has no report where only a message or an hour came.
    """
    if examined.case_type is None or examined.definition is None:
        return
    for start in examined.definition.starts:
        if start.kind != "none":
            element = examined.definition.element(start.element)
            yield at(
                element,
                "start.opens_no_case",
                f"Peristiwa mulai '{element.name or element.id}' tidak pernah terjadi: kasus dibuka oleh laporan.",
                f"The start '{element.name or element.id}' never happens: a report opens a case.",
                say(
                    "Mulai tanpa pemicu; tangkap pesan, sinyal, atau waktu itu kemudian.",
                    "Start without a trigger; catch the message, signal or time after that.",
                ),
            )
