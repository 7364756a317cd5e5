"""Keep issued letters with their number series, and printed case reports.

A letter keeps the template and the words it was issued with: a reprint reads nothing else.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_series",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_letter_series")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("template_checksum", sa.String(), nullable=False),
        sa.Column("template", postgresql.JSONB(), nullable=False),
        sa.Column("context", postgresql.JSONB(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checksum", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("recipient in ('reporter', 'unit', 'office', 'outside')", name=op.f("ck_letter_recipient")),
        sa.CheckConstraint("state in ('issued', 'printed', 'failed')", name=op.f("ck_letter_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_letter_case_id_case_file")),
        sa.ForeignKeyConstraint(["checksum"], ["stored_file.checksum"], name=op.f("fk_letter_checksum_stored_file")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["app_user.id"], name=op.f("fk_letter_issued_by_id_app_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["process_versions.id"], name=op.f("fk_letter_version_id_process_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("document_id", name=op.f("uq_letter_document_id")),
        sa.UniqueConstraint("number", name=op.f("uq_letter_number")),
    )
    op.create_index(op.f("ix_letter_case_id"), "letter", ["case_id"], unique=False)
    op.create_table(
        "case_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checksum", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.CheckConstraint("edition in ('internal', 'reporter', 'ombudsman')", name=op.f("ck_case_report_edition")),
        sa.CheckConstraint("state in ('queued', 'printing', 'ready', 'failed')", name=op.f("ck_case_report_state")),
        sa.CheckConstraint("variant in ('archival', 'accessible')", name=op.f("ck_case_report_variant")),
        sa.CheckConstraint("progress between 0 and 100", name=op.f("ck_case_report_progress")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_report_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["checksum"], ["stored_file.checksum"], name=op.f("fk_case_report_checksum_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["app_user.id"], name=op.f("fk_case_report_requested_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_report")),
        sa.UniqueConstraint("document_id", name=op.f("uq_case_report_document_id")),
    )
    op.create_index(
        op.f("ix_case_report_case_id_requested_at"), "case_report", ["case_id", "requested_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("case_report")
    op.drop_table("letter")
    op.drop_table("letter_series")
