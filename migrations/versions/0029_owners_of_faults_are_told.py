"""Keep when the owner of a fault was told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    # Whoever owns those that are open has found them on the page; nobody is woken for all of them at once.
    op.execute("UPDATE incident SET told_at = first_at")


def downgrade() -> None:
    op.drop_column("incident", "told_at")
