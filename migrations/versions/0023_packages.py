"""Packages: what of one case went to an authority, as one archive."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "package",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("signed_content_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checksum", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'making', 'ready', 'failed')", name=op.f("ck_package_state_known")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_package_progress_in_percent")),
        sa.CheckConstraint("(state = 'ready') = (checksum IS NOT NULL)", name=op.f("ck_package_ready_with_bytes")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_package_case_id_case_file")),
        sa.ForeignKeyConstraint(["checksum"], ["stored_file.checksum"], name=op.f("fk_package_checksum_stored_file")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_package_letter_id_letter")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["app_user.id"], name=op.f("fk_package_requested_by_id_app_user")),
        sa.ForeignKeyConstraint(
            ["signed_content_id"], ["content.id"], name=op.f("fk_package_signed_content_id_content")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
    )
    op.create_index(op.f("ix_package_case_id_requested_at"), "package", ["case_id", "requested_at"])


def downgrade() -> None:
    op.drop_table("package")
