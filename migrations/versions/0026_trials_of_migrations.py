"""Keep trials of migrations on copies as migrations are kept: a batch that moves nothing, with a result for each."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("migration_batch", sa.Column("trial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("migration_batch", "trial", server_default=None)
    op.drop_constraint(op.f("ck_migration_result_state_known"), "migration_result", type_="check")
    op.create_check_constraint(
        op.f("ck_migration_result_state_known"),
        "migration_result",
        "state IN ('waiting', 'migrated', 'refused', 'passed', 'undone', 'possible')",
    )


def downgrade() -> None:
    # A trial has moved nothing, and the tables of before know none.
    op.execute(
        "DELETE FROM migration_result USING migration_batch"
        " WHERE migration_batch.id = migration_result.batch_id AND migration_batch.trial"
    )
    op.execute("DELETE FROM migration_batch WHERE trial")
    op.drop_constraint(op.f("ck_migration_result_state_known"), "migration_result", type_="check")
    op.create_check_constraint(
        op.f("ck_migration_result_state_known"),
        "migration_result",
        "state IN ('waiting', 'migrated', 'refused', 'passed', 'undone')",
    )
    op.drop_column("migration_batch", "trial")
