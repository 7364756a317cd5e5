"""The tables of what was given and by whom: codes, amounts, dates and fingerprints, never a name or a sentence.

What people wrote (descriptions, names, numbers, addresses) is one content of the case, kind `items`, reached through
`queries`. What an object is worth to the law is asked of `accumulation`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case, Content
from workflows.orm import Base, RowKey, UuidKey
from workflows.people.models import User

# Kind of the content that holds what people wrote about objects and givers.
WORDS = "items"
STATES = ("recorded", "replaced", "withdrawn")


class Giver(Base):
    """Somebody who gave, as one report tells of them; the same person has a row in every report."""

    __tablename__ = "giver"
    __table_args__ = (CheckConstraint("confirmed_as_id <> id", name="not_oneself"),)

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    # The content that holds the name and everything else that was written, under the id of this row.
    content_id: Mapped[UUID] = mapped_column(ForeignKey(Content.id))
    # Code of the form's choice: "family", "vendor", ...
    relation: Mapped[str | None]
    # Fingerprint of the number, or of name and birth date; None when the report tells neither.
    fingerprint: Mapped[str | None] = mapped_column(String(64), index=True)
    # Fingerprint of the name alone: finds who may be the same, and proves nothing.
    name_mark: Mapped[str | None] = mapped_column(String(64), index=True)
    # Which key made these two (`fingerprints.key_id`); None for those from before that was kept.
    mark_key: Mapped[str | None] = mapped_column(String(12))
    # The giver of another report of the same receiver who, as an officer confirmed, is this very person.
    confirmed_as_id: Mapped[UUID | None] = mapped_column(ForeignKey("giver.id"), index=True)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))


class GiverDenial(Base):
    """An officer's word that two givers of one name are two persons."""

    __tablename__ = "giver_denial"
    __table_args__ = (UniqueConstraint("giver_id", "other_id"),)

    id: Mapped[RowKey]
    giver_id: Mapped[UUID] = mapped_column(ForeignKey(Giver.id))
    other_id: Mapped[UUID] = mapped_column(ForeignKey(Giver.id), index=True)
    denied_at: Mapped[datetime]
    denied_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))


class Item(Base):
    """One object that was given, offered or received: a sum, a thing, a service."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),
        CheckConstraint("state IN ('recorded', 'replaced', 'withdrawn')", name="state_known"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("currency = 'IDR' OR value IS NULL OR rate IS NOT NULL", name="rate_for_other_currencies"),
        # What one person received, day by day, is what every sum reads.
        Index(None, "receiver", "received_on"),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # Number within the case from 1; people say "objek 3".
    ordinal: Mapped[int]
    giver_id: Mapped[UUID] = mapped_column(ForeignKey(Giver.id), index=True)
    # Fingerprint of whoever received it; None when the report tells too little to recognise them.
    receiver: Mapped[str | None] = mapped_column(String(64))
    # Which key made it.
    mark_key: Mapped[str | None] = mapped_column(String(12))
    # The content that holds the description and everything else that was written, under the id of this row.
    content_id: Mapped[UUID] = mapped_column(ForeignKey(Content.id))
    # Codes of the form's choices.
    kind: Mapped[str | None]
    form: Mapped[str | None]
    event: Mapped[str | None]
    place: Mapped[str | None]
    estimated_by: Mapped[str | None]
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    # As it was told; None while nobody has put a value on it.
    amount: Mapped[Decimal | None] = mapped_column(Numeric(24, 4))
    # ISO 4217.
    currency: Mapped[str] = mapped_column(String(3), default="IDR")
    # Rupiah for one unit of the currency, where the rate is from (a code), and of which day it is.
    rate: Mapped[Decimal | None] = mapped_column(Numeric(24, 8))
    rate_source: Mapped[str | None]
    rate_on: Mapped[date | None]
    # Whole rupiah: amount times rate, rounded half up. None while nobody has put a value on it.
    value: Mapped[int | None] = mapped_column(BigInteger)
    received_on: Mapped[date]
    perishable: Mapped[bool] = mapped_column(default=False)
    # Further ticks and choices that decisions read, by the names that the manifest lists.
    flags: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whether it counts in the sums of a year; what was refused does not.
    counts: Mapped[bool] = mapped_column(default=True)
    # "recorded", "replaced" by a newer list of the same report, or "withdrawn" with its report.
    state: Mapped[str] = mapped_column(default="recorded")
    recorded_at: Mapped[datetime]
    amended_at: Mapped[datetime | None]
