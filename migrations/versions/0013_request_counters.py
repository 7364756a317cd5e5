"""Count costly requests in the database, so that several web processes keep one count.

Unlogged: a counter that a crash loses is counted anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_counter",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_counter")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_request_counter_ends_at"), "request_counter", ["ends_at"], unique=False)


def downgrade() -> None:
    op.drop_table("request_counter")
