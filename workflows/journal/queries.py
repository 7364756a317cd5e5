"""Reads of the journal: entries of a case or of the house. The proof that none was changed is in `verification`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from workflows.journal.chain import plain
from workflows.journal.holding import write_held
from workflows.journal.models import JournalEntry


def entries_of(session: Session, case_id: UUID) -> Sequence[JournalEntry]:
    """Give the case's entries in their order, with those of this very act.

    The caller has asked whether the reader may see the case.
    """
    write_held(session)
    return session.scalars(
        select(JournalEntry).where(JournalEntry.case_id == case_id).order_by(JournalEntry.sequence)
    ).all()


def is_recorded(session: Session, kind: str, case_id: UUID, **facts: Any) -> bool:
    """Tell whether the case has an entry of this kind with exactly these facts."""
    stored = {name: plain(value) for name, value in facts.items()}
    return any(entry.kind == kind and entry.facts == stored for entry in entries_of(session, case_id))


def has_followed(session: Session, case_id: UUID, kinds: Collection[str], *, after: str) -> bool:
    """Tell whether any of these kinds was recorded of the case after its latest entry of the kind `after`.

    By the order of the chain, which no clock that was set back can turn round.
    """
    write_held(session)
    of_the_case = JournalEntry.case_id == case_id
    latest = select(func.max(JournalEntry.sequence)).where(of_the_case, JournalEntry.kind == after).scalar_subquery()
    followed = exists().where(of_the_case, JournalEntry.kind.in_(kinds), JournalEntry.sequence > latest)
    return bool(session.scalar(select(followed)))


def entries_about(
    session: Session, kinds: Collection[str], *, since: datetime, case_id: UUID | None, **facts: Any
) -> Sequence[JournalEntry]:
    """Give the entries of these kinds with these facts, the eldest first: of the case, or of the house without one."""
    stored = {name: plain(value) for name, value in facts.items()}
    statement = select(JournalEntry).where(
        JournalEntry.kind.in_(kinds),
        JournalEntry.at >= since,
        JournalEntry.case_id == case_id if case_id else JournalEntry.case_id.is_(None),
        JournalEntry.facts.contains(stored),
    )
    return session.scalars(statement.order_by(JournalEntry.at, JournalEntry.id)).all()
