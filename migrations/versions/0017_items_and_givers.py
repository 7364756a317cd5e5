"""Keep what was given and by whom: codes, amounts, dates and fingerprints.

Names and descriptions are not here; they are contents of the case.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "giver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("name_mark", sa.String(length=64), nullable=True),
        sa.Column("confirmed_as_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("confirmed_as_id <> id", name=op.f("ck_giver_not_oneself")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_giver_case_id_case_file")),
        sa.ForeignKeyConstraint(["confirmed_as_id"], ["giver.id"], name=op.f("fk_giver_confirmed_as_id_giver")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["app_user.id"], name=op.f("fk_giver_confirmed_by_id_app_user")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_giver_content_id_content")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_giver")),
    )
    op.create_index(op.f("ix_giver_case_id"), "giver", ["case_id"])
    op.create_index(op.f("ix_giver_confirmed_as_id"), "giver", ["confirmed_as_id"])
    op.create_index(op.f("ix_giver_fingerprint"), "giver", ["fingerprint"])
    op.create_index(op.f("ix_giver_name_mark"), "giver", ["name_mark"])
    op.create_table(
        "giver_denial",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("denied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("denied_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["denied_by_id"], ["app_user.id"], name=op.f("fk_giver_denial_denied_by_id_app_user")),
        sa.ForeignKeyConstraint(["giver_id"], ["giver.id"], name=op.f("fk_giver_denial_giver_id_giver")),
        sa.ForeignKeyConstraint(["other_id"], ["giver.id"], name=op.f("fk_giver_denial_other_id_giver")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_giver_denial")),
        sa.UniqueConstraint("giver_id", "other_id", name=op.f("uq_giver_denial_giver_id_other_id")),
    )
    op.create_index(op.f("ix_giver_denial_other_id"), "giver_denial", ["other_id"])
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=True),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("estimated_by", sa.String(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("amount", sa.Numeric(precision=24, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=8), nullable=True),
        sa.Column("rate_source", sa.String(), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("perishable", sa.Boolean(), nullable=False),
        sa.Column("flags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('recorded', 'replaced', 'withdrawn')", name=op.f("ck_item_state_known")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_item_value_not_negative")),
        sa.CheckConstraint(
            "currency = 'IDR' OR value IS NULL OR rate IS NOT NULL", name=op.f("ck_item_rate_for_other_currencies")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_item_case_id_case_file")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_item_content_id_content")),
        sa.ForeignKeyConstraint(["giver_id"], ["giver.id"], name=op.f("fk_item_giver_id_giver")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("case_id", "ordinal", name=op.f("uq_item_case_id_ordinal")),
    )
    op.create_index(op.f("ix_item_giver_id"), "item", ["giver_id"])
    op.create_index(op.f("ix_item_receiver_received_on"), "item", ["receiver", "received_on"])


def downgrade() -> None:
    op.drop_table("item")
    op.drop_table("giver_denial")
    op.drop_table("giver")
