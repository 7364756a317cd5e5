"""Let a worker find the next job that has slept enough without reading those that sleep on."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_procrastinate_jobs_asleep ON procrastinate_jobs (queue_name, scheduled_at)"
        " WHERE status = 'todo' AND priority < 0"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_procrastinate_jobs_asleep")
