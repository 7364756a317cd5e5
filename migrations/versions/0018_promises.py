"""Keep messages that come early, what each step left behind, and when the watchdog looked last.

Steps that were taken before bear no checksum; what is proven of an older run begins with its next step.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "early_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('kept', 'delivered', 'expired')", name=op.f("ck_early_message_state_known")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_early_message_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_message")),
    )
    op.create_index(
        op.f("ix_early_message_instance_id"),
        "early_message",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("state = 'kept'"),
    )
    op.create_table(
        "watchdog_run",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("stuck", sa.Integer(), nullable=False),
        sa.Column("falsely_ended", sa.Integer(), nullable=False),
        sa.Column("orphaned", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchdog_run")),
    )
    op.add_column("step_record", sa.Column("values", postgresql.JSONB(), nullable=True))
    op.add_column("step_record", sa.Column("checksum", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("step_record", "checksum")
    op.drop_column("step_record", "values")
    op.drop_table("watchdog_run")
    op.drop_index(
        op.f("ix_early_message_instance_id"), table_name="early_message", postgresql_where=sa.text("state = 'kept'")
    )
    op.drop_table("early_message")
