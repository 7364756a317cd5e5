"""The table of packages: what of one case was made ready for an authority, by whom it was asked for, and its bytes.

The archive holds the reporter's identity. Its bytes are in `storage` alone, and `operations.open_package` is the one
way to them.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case, Content
from workflows.letters.models import Letter
from workflows.orm import Base, UuidKey
from workflows.people.models import User
from workflows.storage.models import StoredFile


class Package(Base):
    """One requested package. It is made once; what happens in the case later is another package."""

    __tablename__ = "package"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'making', 'ready', 'failed')", name="state_known"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_in_percent"),
        CheckConstraint("(state = 'ready') = (checksum IS NOT NULL)", name="ready_with_bytes"),
        Index(None, "case_id", "requested_at"),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # As the case type calls it under `packages`, and its titles on that day.
    name: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    # The letter that goes along, and the signed answers of the checklist; both settled when it was asked for.
    letter_id: Mapped[UUID] = mapped_column(ForeignKey(Letter.id))
    signed_content_id: Mapped[UUID] = mapped_column(ForeignKey(Content.id))
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    state: Mapped[str] = mapped_column(default="queued")
    # Share of the work that is done, in percent.
    progress: Mapped[int] = mapped_column(default=0)
    ready_at: Mapped[datetime | None]
    # SHA-256 and size of the archive in `storage`; None until it is ready.
    checksum: Mapped[str | None] = mapped_column(ForeignKey(StoredFile.checksum))
    size: Mapped[int | None] = mapped_column(BigInteger)
