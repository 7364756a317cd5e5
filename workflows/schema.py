"""The schema of the database and its revisions: bring it up to date, take it back, ask where it stands.

The revisions themselves are in `migrations/`, beside the packages in a clone and in the image alike. What the tables
mean is not known here.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision`; whoever comes second waits for the first and finds nothing to do."""
    command.upgrade(_config(connection), revision)


def migrate_down(connection: Connection, revision: str) -> None:
    """Take the schema back to `revision`, "base" being the empty database. Rows of what disappears are lost."""
    command.downgrade(_config(connection), revision)


def current_revision(connection: Connection) -> str | None:
    """Give the revision at which the database stands; None when it has no schema of ours."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest_revision() -> str:
    """Give the revision that this code expects."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if head is None:
        raise RuntimeError(f"no revisions in {MIGRATIONS}")
    return head


def is_current(connection: Connection) -> bool:
    """Tell whether the database stands where this code expects it."""
    return current_revision(connection) == newest_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
