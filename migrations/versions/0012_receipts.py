"""Keep receipts, by the keyed hash of their code.

The code itself is shown once and is nowhere kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_receipt_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("lookup", name=op.f("uq_receipt_lookup")),
    )
    op.create_index(op.f("ix_receipt_case_id"), "receipt", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("receipt")
