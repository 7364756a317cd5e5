"""Verbs on case reports: ask for one, print it afterwards."""

from collections.abc import Callable
from uuid import UUID

from workflows.case_reports.models import CaseReport
from workflows.letters.seals import Seal
from workflows.settings import Settings
from workflows.transaction import Tx

# Told how far the print is, in percent.
Progress = Callable[[int], None]


def ask_report(
    tx: Tx, case_id: UUID, *, edition: str = "internal", variant: str = "archival", language: str = "id"
) -> CaseReport:
    """Ask for a print of the case; a job makes it. Journals `report.requested`.

    The internal edition needs `case.report` on the case; the reporter's edition and the one-page summary for the
    Ombudsman may also be asked for by the reporter. Raises NotFound (`case.unknown`), NotAllowed.
    """
    raise NotImplementedError


def print_report(tx: Tx, report_id: UUID, *, settings: Settings, seal: Seal, progress: Progress) -> CaseReport:
    """Print one requested report; called by a job, which may come twice. Journals `report.printed`."""
    raise NotImplementedError


def note_progress(tx: Tx, report_id: UUID, percent: int) -> None:
    """Tell those who wait how far the print is."""
    raise NotImplementedError


def note_failure(tx: Tx, report_id: UUID) -> None:
    """Write down that a report could not be printed. Journals `report.failed`."""
    raise NotImplementedError
