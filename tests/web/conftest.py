"""Fixtures of the web tests: the application on the test's own transaction, and a browser without scripts."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from factories import NOW
from pages import Visitor
from webapp.app import create_app
from webapp.extensions import db
from workflows.settings import Settings


class MovableClock:
    """The clock of the application under test: it stands still until the test moves it."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def __call__(self) -> datetime:
        return self.instant


@pytest.fixture
def clock() -> MovableClock:
    """The application's clock; `clock.instant = …` moves it."""
    return MovableClock(NOW)


@pytest.fixture
def app(settings: Settings, session: Session, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application; what it commits is a savepoint in the test's transaction."""
    app = create_app(settings, clock=clock)
    app.config["RATELIMIT_ENABLED"] = False
    sessions = sessionmaker(bind=session.get_bind(), join_transaction_mode="create_savepoint")
    scoped: scoped_session[Session] = scoped_session(sessions)
    monkeypatch.setattr(db, "session", scoped)
    yield app
    scoped.remove()


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
