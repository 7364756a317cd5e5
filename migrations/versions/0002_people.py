"""Keep people: users, units, roles, memberships, deputies, sessions.

Logins are kept in lower case, so that two spellings are one person. Sessions hold the hash of their token: a copy of
the table opens nobody's account.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("employee_number", sa.String(), nullable=True),
        sa.Column("position", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.String(), nullable=True),
        sa.Column("totp_pending_secret", sa.String(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("totp_failures", sa.Integer(), nullable=False),
        sa.Column("totp_paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("login = lower(login)", name=op.f("ck_app_user_login_in_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("employee_number", name=op.f("uq_app_user_employee_number")),
        sa.UniqueConstraint("login", name=op.f("uq_app_user_login")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        sa.Column("reportable", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('regent', 'secretariat', 'inspectorate', 'information', 'office', 'district', 'section')",
            name=op.f("ck_unit_kind"),
        ),
        sa.ForeignKeyConstraint(["head_id"], ["app_user.id"], name=op.f("fk_unit_head_id_app_user")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("rights", postgresql.JSONB(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= begins_at", name=op.f("ck_membership_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_membership_role_id_role")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_membership_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_membership_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_role_id"), "membership", ["role_id"], unique=False)
    op.create_index(op.f("ix_membership_unit_id_role_id"), "membership", ["unit_id", "role_id"], unique=False)
    op.create_index(
        "uq_membership_open",
        "membership",
        ["user_id", "unit_id", "role_id"],
        unique=True,
        postgresql_where=sa.text("ends_at IS NULL"),
    )
    op.create_table(
        "deputy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_number", sa.String(), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('plt', 'plh')", name=op.f("ck_deputy_kind")),
        sa.CheckConstraint("ends_at >= begins_at", name=op.f("ck_deputy_ends_after_it_begins")),
        sa.CheckConstraint("principal_id <> deputy_id", name=op.f("ck_deputy_two_people")),
        sa.ForeignKeyConstraint(["deputy_id"], ["app_user.id"], name=op.f("fk_deputy_deputy_id_app_user")),
        sa.ForeignKeyConstraint(["named_by_id"], ["app_user.id"], name=op.f("fk_deputy_named_by_id_app_user")),
        sa.ForeignKeyConstraint(["principal_id"], ["app_user.id"], name=op.f("fk_deputy_principal_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    op.create_index(op.f("ix_deputy_deputy_id_ends_at"), "deputy", ["deputy_id", "ends_at"], unique=False)
    op.create_index(op.f("ix_deputy_principal_id_ends_at"), "deputy", ["principal_id", "ends_at"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "stage IN ('second_factor', 'enrolment', 'new_password', 'open')", name=op.f("ck_user_session_stage")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_session_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index(op.f("ix_user_session_user_id_revoked_at"), "user_session", ["user_id", "revoked_at"], unique=False)


def downgrade() -> None:
    op.drop_table("user_session")
    op.drop_table("deputy")
    op.drop_table("membership")
    op.drop_table("role")
    op.drop_table("unit")
    op.drop_table("app_user")
