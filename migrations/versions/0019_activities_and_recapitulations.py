"""Registers of activities, and the recapitulations of a quarter or a year."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("units", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_by_id", sa.Uuid(), nullable=True),
        sa.Column("struck_because", sa.String(), nullable=True),
        sa.CheckConstraint("hours >= 0 AND participants >= 0", name=op.f("ck_activity_not_negative")),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_because IS NULL)", name=op.f("ck_activity_struck_with_reason")
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["app_user.id"], name=op.f("fk_activity_recorded_by_id_app_user")),
        sa.ForeignKeyConstraint(["struck_by_id"], ["app_user.id"], name=op.f("fk_activity_struck_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(op.f("ix_activity_case_type_held_on"), "activity", ["case_type", "held_on"])
    op.create_table(
        "recapitulation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checksum", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sheet_checksum", sa.String(), nullable=True),
        sa.CheckConstraint("edition IN ('full', 'public')", name=op.f("ck_recapitulation_edition_known")),
        sa.CheckConstraint("state IN ('queued', 'ready', 'failed')", name=op.f("ck_recapitulation_state_known")),
        sa.ForeignKeyConstraint(
            ["checksum"], ["stored_file.checksum"], name=op.f("fk_recapitulation_checksum_stored_file")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["app_user.id"], name=op.f("fk_recapitulation_made_by_id_app_user")),
        sa.ForeignKeyConstraint(
            ["sheet_checksum"], ["stored_file.checksum"], name=op.f("fk_recapitulation_sheet_checksum_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recapitulation")),
        sa.UniqueConstraint("document_id", name=op.f("uq_recapitulation_document_id")),
    )
    op.create_index(op.f("ix_recapitulation_case_type_first"), "recapitulation", ["case_type", "first"])


def downgrade() -> None:
    op.drop_table("recapitulation")
    op.drop_table("activity")
