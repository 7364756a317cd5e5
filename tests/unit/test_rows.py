"""Rows that are made without the session's own reading."""

from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from workflows import rows


def test_a_process_that_has_read_nothing_else_can_read_a_row() -> None:
    """A worker's first statement may be one that the session does not see."""

    class Base(DeclarativeBase):
        """A registry of which nothing was asked yet."""

    class Sheet(Base):
        __tablename__ = "sheet"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]

    with Session() as session:
        row = rows.read(session, Sheet, {"id": 7, "title": "Lampiran"})  # type: ignore[type-var]

        assert (row.id, row.title) == (7, "Lampiran")
        assert session.get(Sheet, 7) is row
        assert not session.dirty
