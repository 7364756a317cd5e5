"""Keep beside fingerprints with which key they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Which key made those that are there is not known here; `amanah refingerprint` finds out.
    op.add_column("giver", sa.Column("mark_key", sa.String(12), nullable=True))
    op.add_column("item", sa.Column("mark_key", sa.String(12), nullable=True))


def downgrade() -> None:
    op.drop_column("item", "mark_key")
    op.drop_column("giver", "mark_key")
