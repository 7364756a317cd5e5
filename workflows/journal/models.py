"""The journal's tables: entries, the head of each case's chain, and the global links.

Entries and links are append-only; the database itself refuses to change or delete them. Nothing here refers to tables
of the domain by foreign key: the journal outlives whatever it tells about.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, BigInteger, ForeignKey, Index, Table, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from workflows.orm import Base


class JournalEntry(Base):
    """One thing that happened. Written once, in the act that it tells about, and never touched again."""

    __tablename__ = "journal_entry"
    __table_args__ = (UniqueConstraint("case_id", "sequence"), Index(None, "kind", "at"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    # The case it belongs to; None for what concerns the house, such as a sign-in.
    case_id: Mapped[UUID | None] = mapped_column()
    # Place in the case's chain, from 1. None without a case: such an entry is held by the global links alone.
    sequence: Mapped[int | None]
    # `noun.past_tense`, one of `workflows.journal.kinds.KINDS`.
    kind: Mapped[str]
    at: Mapped[datetime]
    # "user", "reporter", "system" or "nobody".
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    # What the actor was called at that time; never the name of a reporter.
    actor_name: Mapped[str]
    # Ids, codes, dates and counts; never what people wrote.
    facts: Mapped[dict[str, Any]]
    # Hexadecimal SHA-256 of the entry before it in the chain; zeros at the beginning.
    previous_hash: Mapped[str]
    # Hexadecimal SHA-256 over the canonical text of this entry, which includes `previous_hash`.
    hash: Mapped[str]


class JournalHead(Base):
    """The end of a case's chain: what the next entry is chained to, and the row that writers queue at."""

    __tablename__ = "journal_head"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[str]


class JournalLink(Base):
    """A link of the one chain that runs over all cases; written by a job soon after the act."""

    __tablename__ = "journal_link"

    # Place in the global chain, from 1, without gaps.
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey(JournalEntry.id), unique=True)
    linked_at: Mapped[datetime]
    # Hexadecimal SHA-256 over the link before it and the entry's own hash.
    hash: Mapped[str]


# The statements that make the database itself refuse a change. The migration spells out the same ones.
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION journal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
PROTECT_ROWS = (
    "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION journal_refuse_change()"
)
PROTECT_TABLE = (
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_change()"
)


def _protect(table: Table) -> None:
    # DDL texts are %-formatted by SQLAlchemy, so the function's own percent signs are doubled.
    for statement in (REFUSE_CHANGE, PROTECT_ROWS, PROTECT_TABLE):
        text = statement.replace("{table}", table.name).replace("%", "%%")
        event.listen(table, "after_create", DDL(text))  # type: ignore[no-untyped-call]


for _table in (JournalEntry.__table__, JournalLink.__table__):
    if isinstance(_table, Table):
        _protect(_table)
