"""Stored items of a case: what they are called, what they hold, from whom they came and who may see them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case
from workflows.orm import Base, UuidKey
from workflows.people.models import User
from workflows.storage.models import StoredFile


class Evidence(Base):
    """One item of evidence. Its bytes rest in `storage` under the checksum and are never changed."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),
        CheckConstraint("origin in ('reporter', 'officer')", name="origin"),
        CheckConstraint("audience in ('internal', 'reporter', 'public')", name="audience"),
        CheckConstraint("size >= 0", name="size"),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # Number of the item within its case, from 1; people say "bukti 3".
    ordinal: Mapped[int]
    # What the sender called the file, without folders and control characters; shown, never used as a path.
    name: Mapped[str]
    # Media type as found in the content, not as claimed.
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    # SHA-256 of the item as it was handed in.
    checksum: Mapped[str] = mapped_column(ForeignKey(StoredFile.checksum))
    # Who handed it in: "reporter" or "officer".
    origin: Mapped[str]
    # Who may see it besides those who may read the case: "internal" nobody, "reporter", or "public" everybody.
    audience: Mapped[str]
    caption: Mapped[str] = mapped_column(default="")
    # The field of the form that brought it, and the element of the diagram; None when filed outside a form.
    field: Mapped[str | None]
    element: Mapped[str | None]
    attached_at: Mapped[datetime]
    # The officer who attached it; None for a reporter.
    attached_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    # Re-encoded copy without metadata, which handlers get to see; None while it is being made or not needed.
    working_checksum: Mapped[str | None] = mapped_column(ForeignKey(StoredFile.checksum))
    working_type: Mapped[str | None]
    working_size: Mapped[int | None] = mapped_column(BigInteger)
    # The item could not be copied; it is kept, and nobody is given it before someone has looked at the incident.
    copy_failed: Mapped[bool] = mapped_column(default=False)

    @property
    def is_picture(self) -> bool:
        """Tell whether the item can be shown in a page."""
        return self.content_type.startswith("image/")
