"""Reads of the outbox: a user's bells, and what became of the notices of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.language import current_language
from workflows.notices.models import Notice
from workflows.transaction import Actor

# The header shows no more than two digits.
MOST_COUNTED = 100
# Pages that the list of bells offers; what is older is found on the pages of its case.
MOST_PAGES = 20


@dataclass(frozen=True)
class Bell:
    """One line under the bell, in the reader's language."""

    id: UUID
    text: str
    at: datetime
    # The case to open; whether the reader may still see it is asked when they do.
    case_id: UUID | None
    is_read: bool


def unread_count(session: Session, actor: Actor) -> int:
    """Tell how many bells the actor has not seen, counted up to `MOST_COUNTED`: every page asks."""
    unread = (
        select(Notice.id)
        .where(Notice.channel == "bell", Notice.user_id == actor.user_id, Notice.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0


@dataclass(frozen=True)
class BellPage:
    """A page of bells."""

    bells: Sequence[Bell]
    # The page that this is, from 1; the last one where a later was asked for.
    page: int
    # How many there are to turn; at most `MOST_PAGES`.
    pages: int


def bells(session: Session, actor: Actor, *, page: int = 1, page_size: int = 20) -> BellPage:
    """A page of the actor's bells, newest first."""
    own = select(Notice).where(Notice.channel == "bell", Notice.user_id == actor.user_id)
    counted = own.with_only_columns(Notice.id).limit(MOST_PAGES * page_size).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    pages = -(-total // page_size)
    page = max(1, min(page, pages))
    shown = own.order_by(Notice.created_at.desc(), Notice.id).limit(page_size).offset((page - 1) * page_size)
    found = [
        Bell(
            id=notice.id,
            text=notice.texts[current_language()]["bell"],
            at=notice.created_at,
            case_id=notice.case_id,
            is_read=notice.read_at is not None,
        )
        for notice in session.scalars(shown)
    ]
    return BellPage(found, page, pages)
