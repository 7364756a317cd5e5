"""The outbox: one row for each message to one person by one channel, with what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.orm import Base, UuidKey
from workflows.people.models import User


class Notice(Base):
    """One message by one channel. Its words hold the case number and public names of stages, never contents."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("channel in ('email', 'whatsapp', 'bell')", name="channel"),
        CheckConstraint("state in ('waiting', 'sent', 'failed', 'unsendable')", name="state"),
        CheckConstraint("user_id is not null or party_id is not null", name="recipient"),
        Index(None, "user_id", "created_at", postgresql_where=text("channel = 'bell'")),
        # What every page counts.
        Index("ix_notice_unread", "user_id", postgresql_where=text("channel = 'bell' AND read_at IS NULL")),
        # What a task that needs nobody any more silences.
        Index("ix_notice_unread_task", "task_id", postgresql_where=text("channel = 'bell' AND read_at IS NULL")),
        Index(None, "case_id"),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    # The task that it announces, if it announces one; that task's floor is above this one.
    task_id: Mapped[UUID | None]
    # How it travels: "email", "whatsapp", or "bell" (shown in the application and never sent).
    channel: Mapped[str]
    # The user it is for, or the party of the case (the reporter) whose address is looked up when it is sent.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    # Identifier of the template, and what it was filled with: ids, numbers, dates and words of the manifest only.
    template: Mapped[str]
    context: Mapped[dict[str, Any]]
    # The finished words by language: {"id": {"subject", "text", "bell"}, "en": {...}}.
    texts: Mapped[dict[str, Any]]
    # Language in which it is sent: "id" or "en"; a bell is read in the language of the page.
    language: Mapped[str] = mapped_column(default="id")
    # "waiting", "sent", "failed" (given up; an incident says so) or "unsendable" (no address, or the channel is off).
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    # Class of the latest failure, never its text, which might quote an address.
    failure: Mapped[str | None]
    # What the provider called the message; for mail the Message-ID, which is derived from this row's id.
    provider_id: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    # When the user opened the bell, or when its task was no longer anybody's to take.
    read_at: Mapped[datetime | None]
