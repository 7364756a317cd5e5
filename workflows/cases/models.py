"""The tables of a case: the matter itself, who is attached to it, its deadlines, and who may or may not see it.

What people wrote lives in `Content` and nowhere else; identities live in `Party`. Both are reached through
`cases.contents` and `cases.parties`, never by reading the rows.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.orm import Base, RowKey, UuidKey
from workflows.people.models import Unit, User


class Case(Base):
    """One matter from opening to closing."""

    # "case" is a reserved word of SQL.
    __tablename__ = "case_file"
    __table_args__ = (
        Index(None, "search", postgresql_using="gin"),
        Index(None, "case_type", "opened_at"),
        Index(None, "category", "opened_at"),
        CheckConstraint("NOT (confidential AND search IS NOT NULL)", name="confidential_not_searchable"),
    )

    id: Mapped[UuidKey]
    # The number that people use, by the pattern of the case type.
    number: Mapped[str] = mapped_column(unique=True)
    # Key of the case type.
    case_type: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    # Id of a stage of the case type, as last set by the diagram.
    stage: Mapped[str] = mapped_column(default="", index=True)
    # How the case ended: id of a disposition of the case type. Never the routing (see Referral).
    disposition: Mapped[str | None]
    classification: Mapped[str | None]
    # Code of the kind of problem.
    category: Mapped[str | None]
    # The reporter's identity is hidden from the reported office and the public.
    anonymous: Mapped[bool] = mapped_column(default=False)
    # The contents are hidden from all but the circle; independent of `anonymous`.
    confidential: Mapped[bool] = mapped_column(default=False)
    # Codes of the area register.
    district: Mapped[str | None] = mapped_column(index=True)
    village: Mapped[str | None]
    # Degrees, WGS 84.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    # The unit that is reported.
    subject_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Unit.id), index=True)
    # The unit that handles the case now.
    handling_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Unit.id), index=True)
    # Day of the event that is reported.
    event_on: Mapped[date | None]
    # How the report came in: "web", "desk", ...
    channel: Mapped[str] = mapped_column(default="web")
    # Language in which it was reported, "id" or "en": what the reporter reads.
    language: Mapped[str] = mapped_column(default="id")
    # The reporter's account, when they were signed in.
    reporter_user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id), index=True)
    # The case that this one repeats, once an officer has confirmed it.
    duplicate_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    # Words of title and story, Indonesian stemming; always empty for a confidential case.
    search: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)

    subject_unit: Mapped[Unit | None] = relationship(foreign_keys=[subject_unit_id], lazy="raise")
    handling_unit: Mapped[Unit | None] = relationship(foreign_keys=[handling_unit_id], lazy="raise")

    @property
    def is_open(self) -> bool:
        """Tell whether the case has not been closed."""
        return self.closed_at is None


class NumberSeries(Base):
    """The last number given in one series, which is one case type in one year."""

    __tablename__ = "number_series"

    # The number pattern with the year filled in, for example "PGD-2026-{sequence:05d}".
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Party(Base):
    """Somebody attached to a case in a role. The identity is read through `cases.parties` only."""

    __tablename__ = "party"
    __table_args__ = (Index(None, "case_id", "role"),)

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # "reporter", "subject" or "witness".
    role: Mapped[str]
    # Field id -> value, the fields that the manifest calls identity (name, phone, email, ...).
    identity: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    # The party's own account, if there is one.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    # Language in which notices to the party are written: "id" or "en".
    language: Mapped[str] = mapped_column(default="id")


class Content(Base):
    """What somebody wrote or answered in a case; never changed after it was put, except to publish it."""

    __tablename__ = "content"
    __table_args__ = (
        Index(None, "case_id", "kind", "ordinal"),
        CheckConstraint("audience IN ('internal', 'reporter', 'public')", name="audience_known"),
    )

    id: Mapped[UuidKey]
    # Order of writing; several things are written at one instant.
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # Id of the form that was answered, or "summary", "message", "escalation", ...
    kind: Mapped[str]
    # Id of the diagram's element in which it was written; empty for the report itself.
    element: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    # The officer who wrote it; None for the reporter and the system.
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    # "user", "reporter" or "system".
    author_kind: Mapped[str]
    audience: Mapped[str]
    # When it was released to a wider audience than it was written for, and which of its fields; the others stay.
    published_at: Mapped[datetime | None]
    published_fields: Mapped[list[str]] = mapped_column(default=list)
    body: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    # Random text that is hashed with the body: whoever keeps only the checksum cannot guess short words from it.
    # Empty for contents from before the journal bore checksums of them.
    salt: Mapped[str]


class Referral(Base):
    """A written instruction that routes the matter to a unit (disposisi). Not how the case ended."""

    __tablename__ = "referral"
    __table_args__ = (Index(None, "to_unit_id", "case_id"),)

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    # "referral" within the office's own work, "hand_over" when the matter leaves to another authority's track.
    kind: Mapped[str] = mapped_column(default="referral")
    from_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Unit.id))
    to_unit_id: Mapped[UUID] = mapped_column(ForeignKey(Unit.id))
    # The instruction's words.
    content_id: Mapped[UUID | None] = mapped_column(ForeignKey(Content.id))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))


class CaseDeadline(Base):
    """One running of one deadline for one case, counted once and kept with its explanation."""

    __tablename__ = "case_deadline"
    __table_args__ = (
        UniqueConstraint("case_id", "deadline_id", "round"),
        Index(None, "due_at", postgresql_where=text("met_at IS NULL AND stopped_at IS NULL")),
    )

    id: Mapped[RowKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # Id in the register, for example "P-01".
    deadline_id: Mapped[str]
    # 1 for the first running; a reopened or returned case starts another.
    round: Mapped[int]
    # Legal basis or promise as it stood in the register at the trigger.
    basis: Mapped[str]
    basis_en: Mapped[str]
    trigger_at: Mapped[datetime]
    # The promise: end of the lenient day, as an instant. Overdue from here on.
    due_at: Mapped[datetime]
    strict_on: Mapped[date]
    lenient_on: Mapped[date]
    # How the day was counted, for people, in both languages.
    explanation: Mapped[str]
    explanation_en: Mapped[str]
    met_at: Mapped[datetime | None]
    # When it stopped to matter unmet, because the diagram went another way.
    stopped_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        """Tell whether it was neither met nor stopped."""
        return self.met_at is None and self.stopped_at is None

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the deadline has passed unmet, or was met or stopped after it had passed.

        A window that its own timer closed was met at the instant of its end, which is not late.
        """
        if self.met_at is not None:
            return self.due_at < self.met_at
        return self.due_at <= (self.stopped_at or now)


class DeadlineReminder(Base):
    """A reminder that was given before a deadline; one per running and local day, whatever share asked for it."""

    __tablename__ = "deadline_reminder"
    __table_args__ = (UniqueConstraint("case_deadline_id", "on"),)

    id: Mapped[RowKey]
    case_deadline_id: Mapped[int] = mapped_column(ForeignKey(CaseDeadline.id))
    # Share of the deadline that had passed, for example "0.75".
    share: Mapped[str]
    at: Mapped[datetime]
    # The office's local day.
    on: Mapped[date]
    # Role that was reminded.
    to_role: Mapped[str]


class Escalation(Base):
    """A late or stuck matter was raised to a higher role, by the clock or by hand."""

    __tablename__ = "escalation"
    __table_args__ = (
        Index(None, "to_role", "to_unit_id", "raised_at"),
        # The clock escalates one breach of one deadline to one role once.
        UniqueConstraint("case_deadline_id", "to_role"),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    # Id of the deadline that was breached; None when a person escalated.
    deadline_id: Mapped[str | None]
    case_deadline_id: Mapped[int | None] = mapped_column(ForeignKey(CaseDeadline.id))
    to_role: Mapped[str]
    # The unit whose holder of the role is meant; None for a role that exists once.
    to_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Unit.id))
    # The words of the person who escalated; None when the clock did.
    reason_content_id: Mapped[UUID | None] = mapped_column(ForeignKey(Content.id))
    raised_at: Mapped[datetime]
    # None when the clock escalated.
    raised_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has acknowledged it yet."""
        return self.acknowledged_at is None


class CaseCircle(Base):
    """Who may see the case whatever else holds: a role (everywhere or in one unit), or a person.

    For a confidential case these are the only ones. The diagram admits whoever it gives work in the case.
    """

    __tablename__ = "case_circle"
    __table_args__ = (
        UniqueConstraint("case_id", "role", "unit_id", "user_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("(role IS NULL) <> (user_id IS NULL)", name="role_or_person"),
    )

    id: Mapped[RowKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    role: Mapped[str | None]
    # Narrows `role` to its holders in this unit.
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Unit.id))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id), index=True)
    added_at: Mapped[datetime]


class CaseExclusion(Base):
    """A person or unit that must never see the case, whatever else would allow it."""

    __tablename__ = "case_exclusion"
    __table_args__ = (
        UniqueConstraint("case_id", "unit_id", "user_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("(unit_id IS NULL) <> (user_id IS NULL)", name="unit_or_person"),
    )

    id: Mapped[RowKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Unit.id))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id), index=True)
    # Code of the reason: "reported", "recused", "related".
    reason: Mapped[str]
    added_at: Mapped[datetime]


class DuplicateSuggestion(Base):
    """Another case that may be about the same thing; an officer decides."""

    __tablename__ = "duplicate_suggestion"
    __table_args__ = (UniqueConstraint("case_id", "other_id"),)

    id: Mapped[RowKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    # The older case.
    other_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    # Metres between the two places.
    distance_metres: Mapped[int]
    # Days between the two openings.
    days: Mapped[int]
    suggested_at: Mapped[datetime]
    # "suggested", "linked" or "dismissed".
    status: Mapped[str] = mapped_column(default="suggested")
