"""Give every content a salt, so that the journal can bear a checksum of words that tells nothing once they are gone.

Contents that were put before have none; their entries in the journal bear no checksum either.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("content", sa.Column("salt", sa.String(), server_default="", nullable=False))
    op.alter_column("content", "salt", server_default=None)


def downgrade() -> None:
    op.drop_column("content", "salt")
