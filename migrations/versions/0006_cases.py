"""Keep cases: parties, contents, referrals, deadlines, escalations, circles, duplicates.

What people wrote stands in `content` alone; a confidential case has no search text, by constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_series")),
    )
    op.create_table(
        "case_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=True),
        sa.Column("classification", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("village", sa.String(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("subject_unit_id", sa.Uuid(), nullable=True),
        sa.Column("handling_unit_id", sa.Uuid(), nullable=True),
        sa.Column("event_on", sa.Date(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("reporter_user_id", sa.Uuid(), nullable=True),
        sa.Column("duplicate_of_id", sa.Uuid(), nullable=True),
        sa.Column("search", postgresql.TSVECTOR(), nullable=True),
        sa.CheckConstraint(
            "NOT (confidential AND search IS NOT NULL)", name=op.f("ck_case_file_confidential_not_searchable")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["case_file.id"], name=op.f("fk_case_file_duplicate_of_id_case_file")
        ),
        sa.ForeignKeyConstraint(["handling_unit_id"], ["unit.id"], name=op.f("fk_case_file_handling_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["reporter_user_id"], ["app_user.id"], name=op.f("fk_case_file_reporter_user_id_app_user")
        ),
        sa.ForeignKeyConstraint(["subject_unit_id"], ["unit.id"], name=op.f("fk_case_file_subject_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
    )
    op.create_index(op.f("ix_case_file_case_type_opened_at"), "case_file", ["case_type", "opened_at"], unique=False)
    op.create_index(op.f("ix_case_file_category_opened_at"), "case_file", ["category", "opened_at"], unique=False)
    op.create_index(op.f("ix_case_file_closed_at"), "case_file", ["closed_at"], unique=False)
    op.create_index(op.f("ix_case_file_district"), "case_file", ["district"], unique=False)
    op.create_index(op.f("ix_case_file_duplicate_of_id"), "case_file", ["duplicate_of_id"], unique=False)
    op.create_index(op.f("ix_case_file_handling_unit_id"), "case_file", ["handling_unit_id"], unique=False)
    op.create_index(op.f("ix_case_file_opened_at"), "case_file", ["opened_at"], unique=False)
    op.create_index(op.f("ix_case_file_reporter_user_id"), "case_file", ["reporter_user_id"], unique=False)
    op.create_index(op.f("ix_case_file_search"), "case_file", ["search"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_case_file_stage"), "case_file", ["stage"], unique=False)
    op.create_index(op.f("ix_case_file_subject_unit_id"), "case_file", ["subject_unit_id"], unique=False)
    op.create_table(
        "party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("identity", postgresql.JSONB(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_party_case_id_case_file")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_party_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    op.create_index(op.f("ix_party_case_id_role"), "party", ["case_id", "role"], unique=False)
    op.create_table(
        "content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_kind", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_fields", postgresql.JSONB(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("audience IN ('internal', 'reporter', 'public')", name=op.f("ck_content_audience_known")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_content_author_id_app_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_content_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_content_ordinal")),
    )
    op.create_index(op.f("ix_content_case_id_kind_ordinal"), "content", ["case_id", "kind", "ordinal"], unique=False)
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_unit_id", sa.Uuid(), nullable=True),
        sa.Column("to_unit_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_referral_by_id_app_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_referral_case_id_case_file")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_referral_content_id_content")),
        sa.ForeignKeyConstraint(["from_unit_id"], ["unit.id"], name=op.f("fk_referral_from_unit_id_unit")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["unit.id"], name=op.f("fk_referral_to_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    op.create_index(op.f("ix_referral_case_id"), "referral", ["case_id"], unique=False)
    op.create_index(op.f("ix_referral_to_unit_id_case_id"), "referral", ["to_unit_id", "case_id"], unique=False)
    op.create_table(
        "case_deadline",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("basis_en", sa.String(), nullable=False),
        sa.Column("trigger_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("strict_on", sa.Date(), nullable=False),
        sa.Column("lenient_on", sa.Date(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("explanation_en", sa.String(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_deadline_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_deadline")),
        sa.UniqueConstraint("case_id", "deadline_id", "round", name=op.f("uq_case_deadline_case_id_deadline_id_round")),
    )
    op.create_index(
        op.f("ix_case_deadline_due_at"),
        "case_deadline",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("met_at IS NULL AND stopped_at IS NULL"),
    )
    op.create_table(
        "deadline_reminder",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_deadline_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_deadline_id"], ["case_deadline.id"], name=op.f("fk_deadline_reminder_case_deadline_id_case_deadline")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_reminder")),
        sa.UniqueConstraint("case_deadline_id", "on", name=op.f("uq_deadline_reminder_case_deadline_id_on")),
    )
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.String(), nullable=True),
        sa.Column("case_deadline_id", sa.Integer(), nullable=True),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("to_unit_id", sa.Uuid(), nullable=True),
        sa.Column("reason_content_id", sa.Uuid(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by_id", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["app_user.id"], name=op.f("fk_escalation_acknowledged_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["case_deadline_id"], ["case_deadline.id"], name=op.f("fk_escalation_case_deadline_id_case_deadline")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_escalation_case_id_case_file")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["app_user.id"], name=op.f("fk_escalation_raised_by_id_app_user")),
        sa.ForeignKeyConstraint(
            ["reason_content_id"], ["content.id"], name=op.f("fk_escalation_reason_content_id_content")
        ),
        sa.ForeignKeyConstraint(["to_unit_id"], ["unit.id"], name=op.f("fk_escalation_to_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("case_deadline_id", "to_role", name=op.f("uq_escalation_case_deadline_id_to_role")),
    )
    op.create_index(op.f("ix_escalation_case_id"), "escalation", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_escalation_to_role_to_unit_id_raised_at"),
        "escalation",
        ["to_role", "to_unit_id", "raised_at"],
        unique=False,
    )
    op.create_table(
        "case_circle",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(role IS NULL) <> (user_id IS NULL)", name=op.f("ck_case_circle_role_or_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_circle_case_id_case_file")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_circle_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_circle_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_circle")),
        sa.UniqueConstraint(
            "case_id",
            "role",
            "unit_id",
            "user_id",
            name=op.f("uq_case_circle_case_id_role_unit_id_user_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_case_circle_case_id"), "case_circle", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_circle_user_id"), "case_circle", ["user_id"], unique=False)
    op.create_table(
        "case_exclusion",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(unit_id IS NULL) <> (user_id IS NULL)", name=op.f("ck_case_exclusion_unit_or_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_exclusion_case_id_case_file")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_exclusion_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_exclusion_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_exclusion")),
        sa.UniqueConstraint(
            "case_id",
            "unit_id",
            "user_id",
            name=op.f("uq_case_exclusion_case_id_unit_id_user_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_case_exclusion_case_id"), "case_exclusion", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_exclusion_user_id"), "case_exclusion", ["user_id"], unique=False)
    op.create_table(
        "duplicate_suggestion",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("distance_metres", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_duplicate_suggestion_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["case_file.id"], name=op.f("fk_duplicate_suggestion_other_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_suggestion")),
        sa.UniqueConstraint("case_id", "other_id", name=op.f("uq_duplicate_suggestion_case_id_other_id")),
    )
    op.create_index(op.f("ix_duplicate_suggestion_other_id"), "duplicate_suggestion", ["other_id"], unique=False)


def downgrade() -> None:
    op.drop_table("duplicate_suggestion")
    op.drop_table("case_exclusion")
    op.drop_table("case_circle")
    op.drop_table("escalation")
    op.drop_table("deadline_reminder")
    op.drop_table("case_deadline")
    op.drop_table("referral")
    op.drop_table("content")
    op.drop_table("party")
    op.drop_table("case_file")
    op.drop_table("number_series")
