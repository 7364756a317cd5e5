"""Official documents: their numbers, what they were filled with, and the printed bytes. Never changed after issue."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case
from workflows.catalogue.models import ProcessVersion
from workflows.orm import Base, UuidKey
from workflows.people.models import User
from workflows.storage.models import StoredFile


class LetterSeries(Base):
    """The last number given in one series of one year."""

    __tablename__ = "letter_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Letter(Base):
    """One official document. All that its print needs is frozen in the row: a reprint has the same words."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("state in ('issued', 'printed', 'failed')", name="state"),
        CheckConstraint("seal in ('none', 'trial', 'office')", name="seal"),
        CheckConstraint("recipient in ('reporter', 'unit', 'office', 'outside')", name="recipient"),
        Index(None, "case_id"),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # Number of the letter as written on it.
    number: Mapped[str] = mapped_column(unique=True)
    # Name of its folder in the case type, and its titles.
    name: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    # Whom it is for: "reporter", "unit" (the office that handles the case), "office" (the house itself), "outside".
    recipient: Mapped[str]
    # The published version whose template is used, and the checksum of that template with its style.
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey(ProcessVersion.id))
    template_checksum: Mapped[str]
    # The frozen template texts by file name and the frozen values, primitives only.
    template: Mapped[dict[str, Any]]
    context: Mapped[dict[str, Any]]
    # What stands in the QR code; opens /verifikasi/<document id>.
    document_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="issued")
    issued_at: Mapped[datetime]
    # None when the diagram issued it by itself.
    issued_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    printed_at: Mapped[datetime | None]
    # SHA-256 and size of the printed PDF in `storage`; None until it is printed.
    checksum: Mapped[str | None] = mapped_column(ForeignKey(StoredFile.checksum))
    size: Mapped[int | None] = mapped_column(BigInteger)
    # Whose seal the PDF bears: "none", "trial" (made by this installation itself) or "office"; None until printed.
    seal: Mapped[str | None]
