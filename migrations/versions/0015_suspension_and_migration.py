"""Keep suspended runs, and running cases that move to another edition: the batch, and a result per case.

What stood before a case was moved is kept with its result, so that moving it can be taken back.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("process_instance", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "migration_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_version_id", sa.Uuid(), nullable=False),
        sa.Column("to_version_id", sa.Uuid(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("anew", postgresql.JSONB(), nullable=False),
        sa.Column("accepted", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["app_user.id"], name=op.f("fk_migration_batch_created_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["from_version_id"],
            ["process_versions.id"],
            name=op.f("fk_migration_batch_from_version_id_process_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["process_versions.id"], name=op.f("fk_migration_batch_to_version_id_process_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_batch")),
    )
    op.create_table(
        "migration_result",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("tokens", sa.LargeBinary(), nullable=True),
        sa.Column("cancelled", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'migrated', 'refused', 'passed', 'undone')",
            name=op.f("ck_migration_result_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'migrated') = (tokens IS NOT NULL AND revision IS NOT NULL)",
            name=op.f("ck_migration_result_way_back"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["migration_batch.id"], name=op.f("fk_migration_result_batch_id_migration_batch")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_migration_result_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("batch_id", "instance_id", name=op.f("pk_migration_result")),
    )
    op.create_index(op.f("ix_migration_result_instance_id"), "migration_result", ["instance_id"], unique=False)


def downgrade() -> None:
    op.drop_table("migration_result")
    op.drop_table("migration_batch")
    op.drop_column("process_instance", "suspended_at")
