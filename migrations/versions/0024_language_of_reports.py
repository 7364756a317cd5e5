"""Keep the language in which a case was reported, also of reporters who left no way to reach them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("language", sa.String(), nullable=False, server_default="id"))
    op.execute(
        "UPDATE case_file SET language = party.language FROM party"
        " WHERE party.case_id = case_file.id AND party.role = 'reporter' AND party.language <> 'id'"
    )
    op.alter_column("case_file", "language", server_default=None)


def downgrade() -> None:
    op.drop_column("case_file", "language")
