"""Tables of what can be run: case types and their published editions.

An edition is never changed: a later one takes its place for new cases, and running cases stay on theirs. The files are
kept as the bytes that were checked, so that an edition can be read again on a machine that has no folder.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.orm import Base, UuidKey


class CaseTypeRecord(Base):
    """One kind of case that was published at least once; its titles are those of the newest edition."""

    __tablename__ = "case_types"

    # The key of the manifest, for example the name of the folder in `bpmn/`.
    key: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_en: Mapped[str]
    # Place in lists that people choose from; the order in which the types were first published.
    place: Mapped[int]
    first_published_at: Mapped[datetime]


class ProcessVersion(Base):
    """One published, immutable edition of a case type."""

    __tablename__ = "process_versions"
    __table_args__ = (
        UniqueConstraint("case_type", "number"),
        UniqueConstraint("case_type", "checksum"),
        CheckConstraint("state IN ('open', 'retired')", name="state"),
        CheckConstraint("number > 0", name="number"),
        # One edition at most takes new cases.
        Index("uq_process_versions_open", "case_type", unique=True, postgresql_where="state = 'open'"),
    )

    id: Mapped[UuidKey]
    case_type: Mapped[str] = mapped_column(ForeignKey("case_types.key"))
    # 1, 2, 3 ... within the case type; what people call "versi".
    number: Mapped[int]
    # SHA-256 over the paths and bytes of all files, hexadecimal. The same files are the same edition.
    checksum: Mapped[str]
    # "open": new cases start on it; "retired": only running cases are on it.
    state: Mapped[str] = mapped_column(default="open")
    published_at: Mapped[datetime]
    # None when the system published it, for example at the first start.
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    retired_at: Mapped[datetime | None]

    files: Mapped[list["ProcessFile"]] = relationship(order_by="ProcessFile.path", cascade="all")

    @property
    def is_open(self) -> bool:
        """Tell whether new cases start on this edition."""
        return self.state == "open"


class ProcessFile(Base):
    """One file of an edition, byte for byte as it was checked."""

    __tablename__ = "process_files"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("process_versions.id"), primary_key=True)
    # Path inside the case-type folder with "/" between names; files of `bpmn/shared/` begin with "shared/".
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
