"""Keep every decision that a case rests upon: what was asked, which rules of which edition of the table answered.

Decisions of before are not known; a table that changes tells of those that are.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision_record",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_decision_record_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("instance_id", "revision", "place", name=op.f("pk_decision_record")),
    )
    op.create_index(op.f("ix_decision_record_decision"), "decision_record", ["decision"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_decision_record_decision"), table_name="decision_record")
    op.drop_table("decision_record")
