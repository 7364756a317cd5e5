"""How Alembic reaches the database and the models. The database belongs to the domain, not to Flask.

`workflows.schema` hands in its connection; on Alembic's own command line the address comes from the settings.
"""

import os
from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from workflows import tables
from workflows.settings import Settings

# A migration that waits for a lock makes everybody behind it wait too: it gives up early and is tried again later.
LOCK_TIMEOUT = "10s"
# Long enough for an index over a large journal, short enough to be noticed.
STATEMENT_TIMEOUT = "15min"
# Any number that nobody else takes: two machines that start at once migrate one after the other.
ONE_AT_A_TIME = 62_626_424


def is_ours(name: str | None, kind: str, parents: Any) -> bool:
    """Leave the tables of the queue alone; procrastinate's own files describe them, not our models."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run(connection: Connection) -> None:
    """Run the asked-for revisions on the connection, each in a transaction of its own."""
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=tables.Base.metadata,
            include_name=is_ours,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ONE_AT_A_TIME})
        connection.execute(text("RESET lock_timeout"))
        connection.execute(text("RESET statement_timeout"))
        connection.commit()


handed_in: Connection | None = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    address = Settings.from_env(os.environ).database_url
    if address is None:
        raise SystemExit("set DATABASE_URL, or use `amanah migrate`, which knows the embedded database")
    with create_engine(address, poolclass=pool.NullPool).connect() as own:
        run(own)
