"""Keep the journal, append-only and chained.

The triggers refuse what no verb does: a change, a deletion, an emptying. Entries name cases without a foreign
key, since a chain must be checkable without anything around it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REFUSE_CHANGE = """
CREATE FUNCTION journal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("case_id", "sequence", name=op.f("uq_journal_entry_case_id_sequence")),
    )
    op.create_index(op.f("ix_journal_entry_case_id"), "journal_entry", ["case_id"], unique=False)
    op.create_index(op.f("ix_journal_entry_kind_at"), "journal_entry", ["kind", "at"], unique=False)
    op.create_table(
        "journal_head",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "journal_link",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["journal_entry.id"], name=op.f("fk_journal_link_entry_id_journal_entry")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_journal_link")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_journal_link_entry_id")),
    )
    op.execute(REFUSE_CHANGE)
    for table in ("journal_entry", "journal_link"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION journal_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("journal_link")
    op.drop_table("journal_head")
    op.drop_table("journal_entry")
    op.execute("DROP FUNCTION journal_refuse_change()")
