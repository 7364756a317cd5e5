"""The register of entrusted objects and their hand-overs."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custody",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("slip_number", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column("keeper_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.Uuid(), nullable=True),
        sa.Column("released_to", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_to IS NULL)", name=op.f("ck_custody_released_to_somebody")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_custody_case_id_case_file")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_custody_content_id_content")),
        sa.ForeignKeyConstraint(["keeper_id"], ["app_user.id"], name=op.f("fk_custody_keeper_id_app_user")),
        sa.ForeignKeyConstraint(["released_by_id"], ["app_user.id"], name=op.f("fk_custody_released_by_id_app_user")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["app_user.id"], name=op.f("fk_custody_taken_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody")),
        sa.UniqueConstraint("slip_number", name=op.f("uq_custody_slip_number")),
    )
    op.create_index(op.f("ix_custody_case_id"), "custody", ["case_id"])
    op.create_index(
        "uq_custody_kept_case", "custody", ["case_id"], unique=True, postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_table(
        "custody_move",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("custody_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by_id", sa.Uuid(), nullable=True),
        sa.Column("from_keeper_id", sa.Uuid(), nullable=True),
        sa.Column("to_keeper_id", sa.Uuid(), nullable=True),
        sa.Column("from_place", sa.String(), nullable=False),
        sa.Column("to_place", sa.String(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["custody_id"], ["custody.id"], name=op.f("fk_custody_move_custody_id_custody")),
        sa.ForeignKeyConstraint(
            ["from_keeper_id"], ["app_user.id"], name=op.f("fk_custody_move_from_keeper_id_app_user")
        ),
        sa.ForeignKeyConstraint(["moved_by_id"], ["app_user.id"], name=op.f("fk_custody_move_moved_by_id_app_user")),
        sa.ForeignKeyConstraint(["to_keeper_id"], ["app_user.id"], name=op.f("fk_custody_move_to_keeper_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_move")),
    )
    op.create_index(op.f("ix_custody_move_custody_id"), "custody_move", ["custody_id"])


def downgrade() -> None:
    op.drop_table("custody_move")
    op.drop_table("custody")
