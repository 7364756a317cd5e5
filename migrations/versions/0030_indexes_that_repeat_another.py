"""Drop the indexes that only repeat the beginning of a unique one; every act kept them up to date."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_REPEATING = ("journal_entry", "case_circle", "case_exclusion")


def upgrade() -> None:
    for table in _REPEATING:
        op.drop_index(f"ix_{table}_case_id", table)


def downgrade() -> None:
    for table in _REPEATING:
        op.create_index(f"ix_{table}_case_id", table, ["case_id"])
