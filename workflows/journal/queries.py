"""Reads of the journal: a case's entries, the proof that nothing was changed, the heads that are published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.journal.models import JournalEntry, JournalLink


@dataclass(frozen=True)
class Break:
    """The first place at which the journal does not fit together."""

    # "entry.changed", "entry.missing", "chain.truncated", "head.missing", "link.changed", "link.missing".
    problem: str
    case_id: UUID | None = None
    # Place in the chain of the case, or in the global chain when `case_id` is None.
    sequence: int | None = None
    entry_id: int | None = None


@dataclass(frozen=True)
class DailyHead:
    """The last global link of a day: published, it makes later truncation visible."""

    on: date
    sequence: int
    hash: str
    linked_at: datetime


def entries_of(session: Session, case_id: UUID) -> Sequence[JournalEntry]:
    """The case's entries in their order. The caller has asked whether the reader may see the case."""
    return session.scalars(
        select(JournalEntry).where(JournalEntry.case_id == case_id).order_by(JournalEntry.sequence)
    ).all()


def latest_link(session: Session) -> JournalLink | None:
    """The newest global link."""
    return session.scalars(select(JournalLink).order_by(JournalLink.sequence.desc()).limit(1)).first()
