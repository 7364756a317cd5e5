"""Keep running processes: tokens, timers, awaited messages, the path taken.

Tokens and variables are two columns of one row with one revision: whoever steps an instance locks that row.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=False),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tokens_at", postgresql.JSONB(), nullable=False),
        sa.Column("path_length", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'ended', 'cancelled')", name=op.f("ck_process_instance_status_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_process_instance_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["process_versions.id"], name=op.f("fk_process_instance_version_id_process_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index(op.f("ix_process_instance_case_id"), "process_instance", ["case_id"], unique=False)
    op.create_index(op.f("ix_process_instance_version_id"), "process_instance", ["version_id"], unique=False)
    op.create_index(
        "uq_process_instance_running_case",
        "process_instance",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "timer",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("engine_timer", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_timer_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    op.create_index(op.f("ix_timer_due_at"), "timer", ["due_at"], unique=False)
    op.create_index(op.f("ix_timer_instance_id"), "timer", ["instance_id"], unique=False)
    op.create_table(
        "awaited_message",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_awaited_message_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_awaited_message_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awaited_message")),
        sa.UniqueConstraint("instance_id", "name", "element", name=op.f("uq_awaited_message_instance_id_name_element")),
    )
    op.create_index(op.f("ix_awaited_message_case_id"), "awaited_message", ["case_id"], unique=False)
    op.create_table(
        "path_step",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_path_step_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path_step")),
        sa.UniqueConstraint("instance_id", "sequence", name=op.f("uq_path_step_instance_id_sequence")),
    )
    op.create_table(
        "step_record",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("changed", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_step_record_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("instance_id", "revision", name=op.f("pk_step_record")),
    )
    op.create_table(
        "submission",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submission")),
    )


def downgrade() -> None:
    op.drop_table("submission")
    op.drop_table("step_record")
    op.drop_table("path_step")
    op.drop_table("awaited_message")
    op.drop_table("timer")
    op.drop_table("process_instance")
