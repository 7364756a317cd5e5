"""Keep case types and their published editions.

The bytes that were checked are kept, so that an edition can be read on a machine that has no folder.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_types",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_case_types")),
    )
    op.create_table(
        "process_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'retired')", name=op.f("ck_process_versions_state")),
        sa.CheckConstraint("number > 0", name=op.f("ck_process_versions_number")),
        sa.ForeignKeyConstraint(
            ["case_type"], ["case_types.key"], name=op.f("fk_process_versions_case_type_case_types")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["app_user.id"], name=op.f("fk_process_versions_published_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_versions")),
        sa.UniqueConstraint("case_type", "checksum", name=op.f("uq_process_versions_case_type_checksum")),
        sa.UniqueConstraint("case_type", "number", name=op.f("uq_process_versions_case_type_number")),
    )
    op.create_index(
        "uq_process_versions_open", "process_versions", ["case_type"], unique=True, postgresql_where="state = 'open'"
    )
    op.create_table(
        "process_files",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["process_versions.id"], name=op.f("fk_process_files_version_id_process_versions")
        ),
        sa.PrimaryKeyConstraint("version_id", "path", name=op.f("pk_process_files")),
    )


def downgrade() -> None:
    op.drop_table("process_files")
    op.drop_table("process_versions")
    op.drop_table("case_types")
