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


def bells(session: Session, actor: Actor, *, page: int = 1, page_size: int = 20) -> Sequence[Bell]:
    """The actor's bells, newest first."""
    statement = (
        select(Notice)
        .where(Notice.channel == "bell", Notice.user_id == actor.user_id)
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return [
        Bell(
            id=notice.id,
            text=notice.texts[current_language()]["bell"],
            at=notice.created_at,
            case_id=notice.case_id,
            is_read=notice.read_at is not None,
        )
        for notice in session.scalars(statement)
    ]


def notices_of_case(session: Session, case_id: UUID) -> Sequence[Notice]:
    """The notices about one case, oldest first. The caller has asked whether the reader may see the case."""
    statement = select(Notice).where(Notice.case_id == case_id).order_by(Notice.created_at, Notice.id)
    return session.scalars(statement).all()


def failed_count(session: Session, channel: str) -> int:
    """Tell how many notices of the channel were given up."""
    return session.scalar(select(func.count()).where(Notice.channel == channel, Notice.state == "failed")) or 0
