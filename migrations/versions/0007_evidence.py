"""Keep bytes by checksum, and the evidence that they are.

Files lie in the database in chunks, so that they commit and roll back with the act that brought them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("checksum ~ '^[0-9a-f]{64}$'", name=op.f("ck_stored_file_checksum")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_stored_file_size")),
        sa.PrimaryKeyConstraint("checksum", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "stored_chunk",
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checksum"],
            ["stored_file.checksum"],
            name=op.f("fk_stored_chunk_checksum_stored_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("checksum", "position", name=op.f("pk_stored_chunk")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("caption", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("element", sa.String(), nullable=True),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attached_by_id", sa.Uuid(), nullable=True),
        sa.Column("working_checksum", sa.String(), nullable=True),
        sa.Column("working_type", sa.String(), nullable=True),
        sa.Column("working_size", sa.BigInteger(), nullable=True),
        sa.Column("copy_failed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("audience in ('internal', 'reporter', 'public')", name=op.f("ck_evidence_audience")),
        sa.CheckConstraint("origin in ('reporter', 'officer')", name=op.f("ck_evidence_origin")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_evidence_size")),
        sa.ForeignKeyConstraint(["attached_by_id"], ["app_user.id"], name=op.f("fk_evidence_attached_by_id_app_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_evidence_case_id_case_file")),
        sa.ForeignKeyConstraint(["checksum"], ["stored_file.checksum"], name=op.f("fk_evidence_checksum_stored_file")),
        sa.ForeignKeyConstraint(
            ["working_checksum"], ["stored_file.checksum"], name=op.f("fk_evidence_working_checksum_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("case_id", "ordinal", name=op.f("uq_evidence_case_id_ordinal")),
    )


def downgrade() -> None:
    op.drop_table("evidence")
    op.drop_table("stored_chunk")
    op.drop_table("stored_file")
