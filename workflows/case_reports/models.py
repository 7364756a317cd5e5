"""Reports about one case on paper: who asked for which edition, how far the print is, and the printed bytes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case
from workflows.orm import Base, UuidKey
from workflows.people.models import User
from workflows.storage.models import StoredFile


class CaseReport(Base):
    """One requested print of a case."""

    __tablename__ = "case_report"
    __table_args__ = (
        CheckConstraint("edition in ('internal', 'reporter', 'ombudsman')", name="edition"),
        CheckConstraint("variant in ('archival', 'accessible')", name="variant"),
        CheckConstraint("state in ('queued', 'printing', 'ready', 'failed')", name="state"),
        CheckConstraint("seal in ('none', 'trial', 'office')", name="seal"),
        CheckConstraint("progress between 0 and 100", name="progress"),
        Index(None, "case_id", "requested_at"),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # "internal" (everything), "reporter" (no internal notes, no names) or "ombudsman" (Ringkasan Penanganan, one page).
    edition: Mapped[str]
    # "archival" is PDF/A-3a and PDF/UA-1 with the data attached, "accessible" is PDF/UA-1 without.
    variant: Mapped[str]
    # "id" or "en".
    language: Mapped[str] = mapped_column(default="id")
    requested_at: Mapped[datetime]
    # The officer who asked; None when the reporter did by the receipt.
    requested_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    state: Mapped[str] = mapped_column(default="queued")
    # Share of the work that is done, in percent.
    progress: Mapped[int] = mapped_column(default=0)
    # What stands in the QR code; opens /verifikasi/<document id>.
    document_id: Mapped[str] = mapped_column(unique=True)
    ready_at: Mapped[datetime | None]
    # SHA-256 and size of the printed PDF in `storage`; None until it is ready.
    checksum: Mapped[str | None] = mapped_column(ForeignKey(StoredFile.checksum))
    size: Mapped[int | None] = mapped_column(BigInteger)
    # Whose seal the PDF bears: "none", "trial" (made by this installation itself) or "office"; None until printed.
    seal: Mapped[str | None]
    pages: Mapped[int | None]
