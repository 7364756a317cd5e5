"""Reads of case reports: those of a case, how far one is, its bytes, and the answer to whoever verifies it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import Session

from workflows.case_reports.models import CaseReport
from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.errors import Conflict, NotFound
from workflows.processes import queries as processes
from workflows.storage import queries as storage
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class ReportView:
    """A requested print as pages show it."""

    id: UUID
    case_id: UUID
    edition: str
    variant: str
    language: str
    # "queued", "printing", "ready" or "failed".
    state: str
    # In percent.
    progress: int
    requested_at: datetime
    ready_at: datetime | None
    document_id: str
    checksum: str | None
    size: int | None
    pages: int | None


@dataclass(frozen=True)
class Verified:
    """What /verifikasi may say about a report to anybody who holds its id."""

    edition: str
    ready_at: datetime | None
    # SHA-256 of the genuine PDF; None until it is printed.
    checksum: str | None
    # None for a confidential case.
    case_number: str | None


def reports_of(session: Session, actor: Actor, case: Case, *, limit: int = 20) -> Sequence[ReportView]:
    """The prints of the case that the actor may see, newest first; a reporter sees those that are meant for them."""
    statement = (
        select(CaseReport)
        .where(CaseReport.case_id == case.id, _seen_by(session, actor, case))
        .order_by(CaseReport.requested_at.desc(), CaseReport.id)
        .limit(limit)
    )
    return [_view(report) for report in session.scalars(statement)]


def editions_of(session: Session, case: Case) -> tuple[str, ...]:
    """Give the editions that the case type offers, as the edition of the process says on which the case ran last."""
    runs = processes.instances_of(session, case.id)
    if runs:
        version = catalogue.version(session, runs[-1].version_id)
    else:
        version = catalogue.newest_version(session, case.case_type)
    return catalogue.manifest(session, version).reports


def report(session: Session, actor: Actor, report_id: UUID) -> ReportView:
    """One print; NotFound (`report.unknown`) when there is none or the actor may not see it."""
    return _view(_visible(session, actor, report_id))


def document(session: Session, actor: Actor, report_id: UUID) -> tuple[ReportView, bytes]:
    """A print and its PDF. Raises NotFound, and Conflict (`report.not_ready`) until there is one."""
    found = _visible(session, actor, report_id)
    if found.checksum is None:
        raise Conflict("report.not_ready", report=report_id, state=found.state)
    return _view(found), storage.read(session, found.checksum)


def verified(session: Session, document_id: str) -> Verified | None:
    """The report of this document id, as anybody may know it; None when there is none."""
    found = session.scalars(
        select(CaseReport).where(CaseReport.document_id == document_id.strip().upper())
    ).one_or_none()
    if found is None:
        return None
    case = session.get_one(Case, found.case_id)
    return Verified(
        edition=found.edition,
        ready_at=found.ready_at,
        checksum=found.checksum,
        case_number=None if case.confidential else case.number,
    )


def _visible(session: Session, actor: Actor, report_id: UUID) -> CaseReport:
    found = session.get(CaseReport, report_id)
    case = session.get(Case, found.case_id) if found is not None else None
    if found is None or case is None:
        raise NotFound("report.unknown", report=report_id)
    seen = session.scalar(select(CaseReport.id).where(CaseReport.id == report_id, _seen_by(session, actor, case)))
    if seen is None:
        raise NotFound("report.unknown", report=report_id)
    return found


def _seen_by(session: Session, actor: Actor, case: Case) -> ColumnElement[bool]:
    if permits(session, actor, "case.report", case):
        return true()
    if permits(session, actor, "case.follow", case) or permits(session, actor, "case.read", case):
        return CaseReport.edition != "internal"
    return false()


def _view(report: CaseReport) -> ReportView:
    return ReportView(
        id=report.id,
        case_id=report.case_id,
        edition=report.edition,
        variant=report.variant,
        language=report.language,
        state=report.state,
        progress=report.progress,
        requested_at=report.requested_at,
        ready_at=report.ready_at,
        document_id=report.document_id,
        checksum=report.checksum,
        size=report.size,
        pages=report.pages,
    )
