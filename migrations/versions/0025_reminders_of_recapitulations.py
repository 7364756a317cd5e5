"""Reminders of recapitulations: whom the clock told that one is due or late, and who took note."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recapitulation_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("deadline_id", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("share", sa.Numeric(), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_recapitulation_reminder_share_of_the_deadline")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"],
            ["app_user.id"],
            name=op.f("fk_recapitulation_reminder_acknowledged_by_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recapitulation_reminder")),
        sa.UniqueConstraint(
            "case_type",
            "period",
            "share",
            "to_role",
            name=op.f("uq_recapitulation_reminder_case_type_period_share_to_role"),
        ),
    )


def downgrade() -> None:
    op.drop_table("recapitulation_reminder")
