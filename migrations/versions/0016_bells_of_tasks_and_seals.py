"""Say which task a bell announces, and how a printed document was sealed.

What was printed before is left unsaid: whether it was sealed can be read from the file alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SEALS = "seal in ('none', 'trial', 'office')"
_UNREAD = sa.text("channel = 'bell' AND read_at IS NULL")


def upgrade() -> None:
    op.add_column("notice", sa.Column("task_id", sa.Uuid(), nullable=True))
    op.create_index("ix_notice_unread_task", "notice", ["task_id"], unique=False, postgresql_where=_UNREAD)
    for table in ("letter", "case_report"):
        op.add_column(table, sa.Column("seal", sa.String(), nullable=True))
        op.create_check_constraint(op.f(f"ck_{table}_seal"), table, _SEALS)


def downgrade() -> None:
    for table in ("case_report", "letter"):
        op.drop_column(table, "seal")
    op.drop_index("ix_notice_unread_task", table_name="notice", postgresql_where=_UNREAD)
    op.drop_column("notice", "task_id")
