"""Fixtures of the web tests: the application on the test's own transaction, and a browser without scripts.

All of them work on one database per test process that holds the demonstration office and the published case types
from the start, since making these for every test would take most of its time.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from databases import REPOSITORY, TestDatabase, TestServer, installation_environment
from due_jobs import run_due_jobs
from factories import NOW
from pages import Visitor
from stories import Story
from webapp.app import create_app
from webapp.extensions import db, limiter
from workflows import transaction
from workflows.access import policy
from workflows.background.duties import workshop_of
from workflows.catalogue.operations import publish
from workflows.notices.senders import NullSender
from workflows.people import passwords
from workflows.people.demonstration import load_office
from workflows.processes import office
from workflows.settings import Settings
from workflows.transaction import SYSTEM, Tx
from workflows.transaction import begin as begin_on

BeginTx = Callable[..., AbstractContextManager[Tx]]


class MovableClock:
    """The clock of the application under test: it stands still until the test moves it."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def __call__(self) -> datetime:
        return self.instant


@pytest.fixture(scope="session")
def furnished(database_server: TestServer) -> Iterator[tuple[TestDatabase, dict[str, str]]]:
    """A database with the demonstration office and the published case types, and the passwords by login."""
    with database_server.database() as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "_policies", [])
        policy.install()
        with (
            passwords.costing(passwords.CHEAPEST),
            Session(database.engine) as session,
            begin_on(session, SYSTEM, now=NOW) as tx,
        ):
            made = load_office(tx, REPOSITORY / "bpmn" / "shared" / "demonstration" / "office.yml")
            for manifest in sorted(REPOSITORY.glob("bpmn/*/case-type.yml")):
                # What lies in the repository passes the gate in `architecture/test_case_types.py`.
                publish(tx, manifest.parent, gate=lambda bundle: ())
        yield database, made


@pytest.fixture(scope="session")
def database(furnished: tuple[TestDatabase, dict[str, str]]) -> TestDatabase:
    """The database of this test process; nothing that a test does stays in it."""
    return furnished[0]


@pytest.fixture(scope="session")
def database_url(database: TestDatabase) -> str:
    """The address of this process's database."""
    return database.url


@pytest.fixture(scope="session")
def engine(database: TestDatabase) -> Engine:
    """SQLAlchemy's engine on this process's database."""
    return database.engine


@pytest.fixture
def passwords_made(furnished: tuple[TestDatabase, dict[str, str]]) -> dict[str, str]:
    """The passwords of the demonstration's twenty people, by login."""
    return dict(furnished[1])


@pytest.fixture
def clock() -> MovableClock:
    """The application's clock; `clock.instant = …` moves it."""
    return MovableClock(NOW)


@pytest.fixture(scope="session")
def application(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, put together once: compiling its addresses and templates takes longer than most tests."""
    settings = Settings.from_env(installation_environment(database_url, tmp_path_factory.mktemp("application")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "_policies", [])
        patch.setattr(office, "_opened", [])
        return create_app(settings)


@pytest.fixture
def app(
    application: Flask, settings: Settings, session: Session, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The application with the test's own home and clock; what it commits is a savepoint in the test's transaction.

    A test may change its configuration; whoever adds a route to it calls `create_app`.
    """
    app = application
    changeable: tuple[dict[str, Any], ...] = (app.config, app.extensions, app.jinja_env.globals)
    before = [dict(each) for each in changeable]
    app.extensions["amanah_settings"], app.extensions["amanah_clock"] = settings, clock
    # What an application installs when it starts is gone after the test.
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(office, "_opened", [])
    policy.install()
    office.open_office(settings)
    monkeypatch.setattr(limiter, "enabled", False)
    sessions = sessionmaker(bind=session.get_bind(), join_transaction_mode="create_savepoint")
    scoped: scoped_session[Session] = scoped_session(sessions)
    monkeypatch.setattr(db, "session", scoped)
    yield app
    scoped.remove()
    with app.app_context():
        db.engine.dispose()
    for each, kept in zip(changeable, before, strict=True):
        each.clear()
        each.update(kept)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that keeps cookies, from nowhere in particular."""
    return app.test_client()


@pytest.fixture
def visit(client: FlaskClient) -> Visitor:
    """Open pages and hold each to the contract: `visit("/lacak")`."""
    return Visitor(client)


@pytest.fixture
def another_visitor(app: Flask) -> Callable[[], Visitor]:
    """Make further browsers with cookies of their own."""
    return lambda: Visitor(app.test_client())


@pytest.fixture
def sign_in(app: Flask, passwords_made: dict[str, str]) -> Callable[[str], Visitor]:
    """Let one of the demonstration's people sign in: `as_officer = sign_in("petugas")`, then `as_officer("/tugas")`."""

    def enter(login: str) -> Visitor:
        visitor = Visitor(app.test_client())
        page = visitor("/masuk")
        form = {**page.form("/masuk").values, "login": login, "password": passwords_made[login]}
        response = visitor.client.post("/masuk", data=form)
        assert response.status_code == 303, response.get_data(as_text=True)
        return visitor

    return enter


@pytest.fixture
def complaints_open(app: Flask) -> None:
    """The demonstration office takes complaints: the case type as it lies in the repository is published."""


@pytest.fixture
def a_case(app: Flask, begin_tx: BeginTx) -> Story:
    """A complaint about a road that has just been filed, to be worked through by verbs."""
    story = Story(begin_tx)
    story.file(name="Siti Aminah", phone="081234567890")
    return story


@pytest.fixture
def do_what_is_due(app: Flask, session: Session, settings: Settings, clock: MovableClock) -> Callable[[], int]:
    """Do everything that background work would have done by the application's clock, and tell how many jobs it was."""
    workshop = replace(workshop_of(settings), senders={"email": NullSender()})

    def work() -> int:
        session.expire_all()
        return run_due_jobs(session, workshop, clock.instant, since=NOW)

    return work
