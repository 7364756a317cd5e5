"""The few fixtures that everybody uses. How to choose among them: see README.md in this folder."""

import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from databases import TestDatabase, TestServer, installation_environment
from factories import NOW
from workflows.intake import receipts
from workflows.people import passwords
from workflows.settings import Settings
from workflows.transaction import SYSTEM, Actor, Tx, begin


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the browser come last: Playwright keeps an event loop running in the process that used it once."""
    items.sort(key=lambda item: "browser" in Path(item.path).parts)


def pytest_collection_finish() -> None:
    """Look for garbage less often: what was loaded stays, and walking over it took an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_sessionfinish() -> None:
    """Look for garbage a last time; pytest and the interpreter will, time and again, walk over what then is left."""
    gc.collect()
    gc.freeze()


BeginTx = Callable[..., AbstractContextManager[Tx]]

# Until all tests are collected nothing is thrown away, so nobody need look for garbage: `pytest_collection_finish`.
gc.disable()


@pytest.fixture(scope="session")
def database_server() -> Iterator[TestServer]:
    """The embedded PostgreSQL of the tests, started when the first test asks for a database."""
    server = TestServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database(database_server: TestServer) -> Iterator[TestDatabase]:
    """The database of this test process; nothing is ever committed to it."""
    with database_server.database() as database:
        yield database


@pytest.fixture(scope="session")
def database_url(database: TestDatabase) -> str:
    """The address of this process's database."""
    return database.url


@pytest.fixture(scope="session")
def engine(database: TestDatabase) -> Engine:
    """SQLAlchemy's engine on this process's database."""
    return database.engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints in one outer transaction that is rolled back after the test."""
    with engine.connect() as connection, connection.begin() as outer:
        with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


@pytest.fixture
def begin_tx(session: Session) -> BeginTx:
    """Open an act on the test's session: `with begin_tx(actor, now=...) as tx:`."""

    def begin_act(actor: Actor = SYSTEM, *, now: datetime = NOW) -> AbstractContextManager[Tx]:
        return begin(session, actor, now=now)

    return begin_act


@pytest.fixture
def committed_database(database_server: TestServer) -> Iterator[TestDatabase]:
    """A database of the test's own, with real commits: for races, workers, servers and browsers."""
    with database_server.cleared_database() as database:
        yield database


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of an installation on this process's database, with a home of the test's own."""
    return Settings.from_env(installation_environment(database_url, tmp_path))


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords in a millisecond; the tests of the real cost ask for it."""
    with passwords.costing(passwords.CHEAPEST):
        yield


@pytest.fixture(autouse=True, scope="session")
def _cheap_codes() -> Iterator[None]:
    """Hash the codes of receipts in a millisecond too; the test of their real cost asks for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receipts, "COST", receipts.Cost(rounds=1, memory=8))
        yield


@pytest.fixture(autouse=True)
def reached_out_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fail a test that talks to another machine, even when the code under test swallows the refusal.

    The list holds the machines that it tried to reach; only the guard's own test has a reason to empty it.
    """
    strangers: list[str] = []

    def guard(method: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: socket.socket, address: Any, *rest: Any) -> Any:
            if self.family != socket.AF_UNIX and not _is_this_machine(address[0]):
                strangers.append(str(address[0]))
                raise ConnectionRefusedError(f"a test may not talk to {address[0]}")
            return method(self, address, *rest)

        return guarded

    monkeypatch.setattr(socket.socket, "connect", guard(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guard(socket.socket.connect_ex))
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        if host is not None and not _is_this_machine(host):
            strangers.append(str(host))
            raise socket.gaierror(f"a test may not look up {host}")
        return look_up(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield strangers
    if strangers:
        pytest.fail(f"the test tried to reach {', '.join(dict.fromkeys(strangers))}")


def _is_this_machine(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in {"", "localhost", socket.gethostname()}:
        return True
    try:
        return ip_address(name).is_loopback or ip_address(name).is_unspecified
    except ValueError:
        return False
