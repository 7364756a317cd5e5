"""Tables of people: users, units, roles, who fills which role where, who stands in for whom, and signed-in sessions.

What a role permits is data (`bpmn/shared/roles.yml`); which act a right opens is the law of `access`. Nothing here
knows cases.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.orm import Base, RowKey, UuidKey


class User(Base):
    """Somebody who can sign in: an officer, or a citizen with an account. Never deleted, only deactivated."""

    # "user" is a reserved word of PostgreSQL.
    __tablename__ = "app_user"
    __table_args__ = (CheckConstraint("login = lower(login)", name="login_in_lower_case"),)

    id: Mapped[UuidKey]
    # What is typed at sign-in, in lower case; often the NIP.
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # Number of a civil servant (NIP); printed under signatures.
    employee_number: Mapped[str | None] = mapped_column(unique=True)
    # What is printed above the name under a letter, for example "Kepala Dinas Kesehatan".
    position: Mapped[str | None]
    email: Mapped[str | None]
    # In international form, "+62...".
    phone: Mapped[str | None]
    # "id" or "en".
    language: Mapped[str] = mapped_column(default="id")
    # Argon2id in the PHC format, parameters included; None means that no password opens this account.
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    # The password was chosen by somebody else and is good for one thing: choosing another.
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # Base32; set once the first code has been shown.
    totp_secret: Mapped[str | None]
    # Shown as a picture but not yet proven by a code.
    totp_pending_secret: Mapped[str | None]
    # Number of the last half minute whose code was used; a code of it or before is refused.
    totp_last_step: Mapped[int | None]
    # Wrong codes in a row, and until when no code is looked at after too many.
    totp_failures: Mapped[int] = mapped_column(default=0)
    totp_paused_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", viewonly=True)

    @property
    def has_second_factor(self) -> bool:
        """Tell whether a code is asked for after the password."""
        return self.totp_secret is not None


class Unit(Base):
    """A part of the regency where one belongs: an office, a section, a kecamatan."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('regent', 'secretariat', 'inspectorate', 'information', 'office', 'district', 'section')",
            name="kind",
        ),
    )

    id: Mapped[UuidKey]
    # Short and stable, for example "DINKES"; diagrams, routing tables and statistics use it.
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    # "regent", "secretariat", "inspectorate", "information" (PPID), "office" (OPD), "district" (kecamatan), "section".
    kind: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    # Who leads it; None while the seat is vacant.
    head_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", use_alter=True))
    # Stands in the public list of offices that a report may be about.
    reportable: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped["Unit | None"] = relationship(remote_side="Unit.id", viewonly=True)
    head: Mapped[User | None] = relationship(viewonly=True)


class Role(Base):
    """What one is: intake officer, head of an office. Loaded from `bpmn/shared/roles.yml`."""

    __tablename__ = "role"

    # Identifier, for example "intake_officer".
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_en: Mapped[str]
    # Words that `access` turns into permitted acts, for example "task.assign".
    rights: Mapped[list[str]]
    # Place in lists.
    place: Mapped[int] = mapped_column(default=0)


class Membership(Base):
    """A role that a user fills in a unit for a time. Ended, never deleted."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_open", "user_id", "unit_id", "role_id", unique=True, postgresql_where=text("ends_at IS NULL")
        ),
        Index(None, "unit_id", "role_id"),
        CheckConstraint("ends_at IS NULL OR ends_at >= begins_at", name="ends_after_it_begins"),
    )

    id: Mapped[RowKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    role_id: Mapped[str] = mapped_column(ForeignKey("role.id"), index=True)
    begins_at: Mapped[datetime]
    # The first instant at which it no longer holds; None while it lasts.
    ends_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="memberships", viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)
    role: Mapped[Role] = relationship(viewonly=True)


class Deputy(Base):
    """An acting officer (Plt. or Plh.): until it ends, the deputy also holds whatever roles the principal holds."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("principal_id <> deputy_id", name="two_people"),
        CheckConstraint("ends_at >= begins_at", name="ends_after_it_begins"),
        CheckConstraint("kind IN ('plt', 'plh')", name="kind"),
        Index(None, "deputy_id", "ends_at"),
        Index(None, "principal_id", "ends_at"),
    )

    id: Mapped[UuidKey]
    principal_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    # "plt" while the seat is vacant (pelaksana tugas), "plh" while its holder is away (pelaksana harian).
    kind: Mapped[str]
    begins_at: Mapped[datetime]
    # The first instant at which it no longer holds; equal to `begins_at` when it was cancelled before it began.
    ends_at: Mapped[datetime]
    # Number of the written order (surat perintah) that names the deputy.
    order_number: Mapped[str | None]
    named_at: Mapped[datetime]
    named_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))

    principal: Mapped[User] = relationship(foreign_keys=principal_id, viewonly=True)
    deputy: Mapped[User] = relationship(foreign_keys=deputy_id, viewonly=True)


class UserSession(Base):
    """A browser that is signed in, or on its way there. The browser holds the token, we only its hash."""

    __tablename__ = "user_session"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("stage IN ('second_factor', 'enrolment', 'new_password', 'open')", name="stage"),
        Index(None, "user_id", "revoked_at"),
    )

    id: Mapped[UuidKey]
    # SHA-256 of the token, hexadecimal. The token has 256 random bits, so a plain hash is enough.
    token_hash: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    # "second_factor": a code is still due; "enrolment": a second factor must be enrolled first; "new_password": a
    # password must be chosen first; "open": signed in. Only "open" opens pages.
    stage: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    # When it ends unless it is used before: half an hour after the last use, or the end of its longest life.
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(viewonly=True)

    def is_alive(self, now: datetime) -> bool:
        """Tell whether the token still counts for anything."""
        return self.revoked_at is None and now < self.expires_at
