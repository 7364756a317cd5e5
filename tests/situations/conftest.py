"""What the situations share: the application and the furnished office of the web tests, and a committed copy of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from databases import TestDatabase, TestServer, installation_environment
from factories import NOW
from stories import Story

# These are the fixtures of the web tests; pytest finds them here by their names.
from web.conftest import (
    MovableClock,
    another_visitor,
    app,
    application,
    client,
    clock,
    complaints_open,
    database,
    database_url,
    engine,
    furnished,
    passwords_made,
    sign_in,
    visit,
)
from workflows import transaction
from workflows.background.duties import Workshop, workshop_of
from workflows.notices.senders import NullSender
from workflows.processes import office
from workflows.settings import Settings
from workflows.transaction import SYSTEM, Actor, Tx, begin

__all__ = [
    "MovableClock",
    "another_visitor",
    "app",
    "application",
    "client",
    "clock",
    "complaints_open",
    "database",
    "database_url",
    "engine",
    "furnished",
    "passwords_made",
    "sign_in",
    "visit",
]

BeginTx = Callable[..., AbstractContextManager[Tx]]


@dataclass(frozen=True)
class LiveOffice:
    """A furnished installation with real commits, which other processes may work on as well."""

    database: TestDatabase
    settings: Settings
    environment: dict[str, str]

    @contextmanager
    def begin(self, actor: Actor = SYSTEM, *, now: datetime = NOW) -> Iterator[Tx]:
        """Open an act in a session of its own."""
        with Session(self.database.engine, expire_on_commit=False) as session, begin(session, actor, now=now) as tx:
            yield tx

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Look at what was committed."""
        with Session(self.database.engine) as session:
            yield session

    def story(self, now: datetime = NOW) -> Story:
        """Begin a complaint."""
        return Story(self.begin, now)


@pytest.fixture(scope="session")
def live_copy(
    database_server: TestServer,
    furnished: tuple[TestDatabase, dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveOffice]:
    """A committed copy of the furnished office, made once; every test files cases of its own."""
    home = tmp_path_factory.mktemp("live")
    with database_server.database(like=furnished[0]) as database:
        environment = installation_environment(database.url, home)
        yield LiveOffice(database, Settings.from_env(environment), environment)


@pytest.fixture
def live(live_copy: LiveOffice, monkeypatch: pytest.MonkeyPatch) -> LiveOffice:
    """The committed office, with its law installed in this process too."""
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(office, "_opened", [])
    workshop_of(live_copy.settings)
    return live_copy


@pytest.fixture
def mail() -> NullSender:
    """The sender of the workshop's mail."""
    return NullSender()


@pytest.fixture
def workshop(app: Flask, settings: Settings, mail: NullSender) -> Workshop:
    """What jobs need, on the test's own session."""
    return replace(workshop_of(settings), senders={"email": mail})


@pytest.fixture
def story(app: Flask, begin_tx: BeginTx) -> Story:
    """A complaint that has not been filed yet, on the test's own session."""
    return Story(begin_tx)
