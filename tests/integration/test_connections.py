"""The pool lends living connections only, and reading costs a connection nothing that it knows."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from workflows.connections import LivingPool


@pytest.fixture
def pooled(database_url: str) -> Iterator[Engine]:
    """An engine of its own, whose connections can be ended; it only reads."""
    engine = create_engine(database_url, poolclass=LivingPool)
    yield engine
    engine.dispose()


def process_of(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


@pytest.fixture
def administrator(database_url: str) -> Iterator[Connection]:
    """A connection of somebody else, each of whose statements is committed."""
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_connection_that_died_while_it_rested_is_replaced(pooled: Engine, administrator: Connection) -> None:
    with pooled.connect() as connection:
        died = process_of(connection)
    administrator.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": died})

    with pooled.connect() as connection:
        assert process_of(connection) != died


def test_a_living_connection_is_lent_again(pooled: Engine) -> None:
    with pooled.connect() as connection:
        first = process_of(connection)

    with pooled.connect() as connection:
        assert process_of(connection) == first


def test_a_connection_that_only_heard_something_is_kept(pooled: Engine, administrator: Connection) -> None:
    with pooled.connect() as connection:
        first = process_of(connection)
        connection.execute(text("LISTEN news"))
        connection.commit()
    administrator.execute(text("NOTIFY news"))

    with pooled.connect() as connection:
        assert process_of(connection) == first


def prepared(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%42%'")) or 0)


def test_what_only_read_does_not_cost_the_prepared_statements(pooled: Engine) -> None:
    with pooled.connect() as connection:
        for _ in range(7):
            connection.execute(text("SELECT 42"))
        assert prepared(connection) == 1

    with pooled.connect() as connection:
        assert prepared(connection) == 1


def test_what_was_written_is_still_rolled_back(pooled: Engine) -> None:
    with pooled.connect() as connection:
        connection.execute(text("CREATE TABLE never (id int)"))

    with pooled.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('never')")) is None


def test_what_failed_is_rolled_back(pooled: Engine) -> None:
    with pooled.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("SELECT 1 / 0"))

    with pooled.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
