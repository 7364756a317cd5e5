"""The databases of the tests: one embedded server per clone, one template per schema, one copy per test process.

Several pytest processes may run at once. They share the server and the templates; every process works on its own copies
and drops them at its end. What a killed process left behind is dropped by the next one. Fixtures are in `conftest.py`.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import procrastinate
import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy import Engine, create_engine, create_mock_engine, text
from sqlalchemy.schema import ExecutableDDLElement

from workflows.embedded_postgres import EmbeddedPostgres
from workflows.jobs import SLEEPERS_INDEX
from workflows.tables import metadata

REPOSITORY = Path(__file__).parent.parent

# Test data need not survive a power cut; without waiting for the disk a test takes a third of the time.
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}

# How many acts wait for a lock in this database; the server has databases of other test processes too, and of the lock
# on another's act it does not say where that one is. Whoever waits holds other locks, of which it does.
WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks"
    " WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)

# Takes every row away and lets every sequence begin anew.
_CLEAR = """
DO $$
DECLARE ours CONSTANT oid = 'public'::regnamespace; part record; filled boolean;
BEGIN
  FOR part IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = ours LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', part.name) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %s', part.name); END IF;
  END LOOP;
  FOR part IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = ours LOOP
    EXECUTE format('SELECT is_called FROM %s', part.name) INTO filled;
    IF filled THEN PERFORM setval(part.name, 1, false); END IF;
  END LOOP;
END $$
"""

# Templates of other states of the models, kept for colleagues and for going back and forth between branches.
_KEPT_TEMPLATES = 6


@dataclass(frozen=True)
class TestDatabase:
    """A database of its own that a test may commit to."""

    __test__ = False

    # The postgresql:// address, for other processes, for a browser's server and for a worker.
    url: str
    # SQLAlchemy's engine on that address.
    engine: Engine


class TestServer:
    """The embedded server of the tests with the template of the present models."""

    __test__ = False

    def __init__(self) -> None:
        self._server = EmbeddedPostgres(REPOSITORY / ".amanah" / "test", options=_CARELESS)
        # Databases that nobody has lent at the moment, without any row.
        self._cleared: list[TestDatabase] = []

    def start(self) -> None:
        """Start the server and drop the databases of test processes that are no more."""
        self._server.start()
        with self._administering() as connection:
            for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'run!_%' ESCAPE '!'"):
                if not _lives(int(name.split("_")[1])):
                    _drop(connection, name)

    def stop(self) -> None:
        """Drop what was cleared and leave the server; the last test process to leave stops it."""
        while self._cleared:
            self._drop_copy(self._cleared.pop())
        self._server.stop()

    @contextmanager
    def database(self, *, empty: bool = False, like: TestDatabase | None = None) -> Iterator[TestDatabase]:
        """Lend a database with the present schema and no rows, or with no schema at all; drop it afterwards.

        With `like` it is a copy of that one, rows and all; nobody may be at work there.
        """
        if like is not None:
            like.engine.dispose()
            template = like.engine.url.database or ""
        else:
            template = "template0" if empty else self._template()
        database = self._copy(template)
        try:
            yield database
        finally:
            self._drop_copy(database)

    @contextmanager
    def cleared_database(self) -> Iterator[TestDatabase]:
        """Lend a database with the present schema and no rows; take only its rows away afterwards, for the next one.

        That takes a fraction of the time of a copy, and its engine keeps the statements that it compiled. Whoever
        changes the schema itself asks for one that is dropped.
        """
        database = self._cleared.pop() if self._cleared else self._copy(self._template())
        try:
            yield database
        finally:
            _clear(database)
            self._cleared.append(database)

    def _copy(self, template: str) -> TestDatabase:
        name = f"run_{os.getpid()}_{uuid4().hex[:8]}"
        with self._administering() as connection:
            # Copying the files takes half the time of writing every page of them to the log, which nobody will read.
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return TestDatabase(self._server.url(name), create_engine(self._server.url(name)))

    def _drop_copy(self, database: TestDatabase) -> None:
        database.engine.dispose()
        with self._administering() as connection:
            _drop(connection, database.engine.url.database or "")

    def _template(self) -> str:
        """Give the name of the template of the present schema; build it when no process has done so yet."""
        name = f"template_{schema_hash()}"
        with (self._server.folder / "template.lock").open("a") as lock, self._administering() as connection:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return name
            unfinished = f"run_{os.getpid()}_{uuid4().hex[:8]}"
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(unfinished)))
            engine = create_engine(self._server.url(unfinished))
            build_schema(engine)
            engine.dispose()
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
            )
            # Nobody may open a template, not even autovacuum: copying one that is in use fails.
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
            templates = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'template!_%' ESCAPE '!' ORDER BY oid DESC"
            )
            for (old,) in templates.fetchall()[_KEPT_TEMPLATES:]:
                _drop(connection, old)
            return name

    @contextmanager
    def _administering(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            yield connection


def schema_hash() -> str:
    """Give a short name to the schema that the present models describe."""
    statements: list[str] = []

    def note(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
        # In PostgreSQL's own words: the general ones leave out its kinds of index.
        statements.append(str(statement.compile(dialect=mock.dialect)))

    mock = create_mock_engine("postgresql://", note)
    metadata.create_all(mock, checkfirst=False)
    described = "\n".join([procrastinate.__version__, *sorted(statements)])
    return hashlib.sha256(described.encode()).hexdigest()[:12]


def build_schema(engine: Engine) -> None:
    """Create all tables, and those of the queue, in an empty database.

    From the models and not by the revisions, which takes a third of the time; `migrations/` proves that both are equal.
    """
    with engine.begin() as connection:
        connection.connection.driver_connection.execute(SchemaManager.get_schema())
        connection.exec_driver_sql(SLEEPERS_INDEX)
        metadata.create_all(connection)


def installation_environment(database_url: str, home: Path) -> dict[str, str]:
    """Give the variables of an installation under test."""
    return {
        "AMANAH_ENV": "development",
        "AMANAH_HOME": str(home),
        "AMANAH_DEFINITIONS": str(REPOSITORY / "bpmn"),
        "DATABASE_URL": database_url,
        "PUBLIC_URL": "http://localhost",
        "SECRET_KEY": "a key for tests only",
        "FINGERPRINT_KEY": "fingerprints of tests only",
    }


def _clear(database: TestDatabase) -> None:
    """Send everybody away who is still connected, and take all rows away."""
    database.engine.dispose()
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        # Neither foreign keys nor the guards of the journal have a say in it.
        connection.execute("SET session_replication_role = replica")
        connection.execute(_CLEAR)


def _drop(connection: psycopg.Connection, name: str) -> None:
    with suppress(psycopg.errors.InvalidCatalogName):
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
