"""The browser, the running application behind it, and how people come in.

The application runs in this process on a database of its own with real commits, so a test may look at both sides.
Without any browser the tests are skipped with the reason; where CI=true they fail instead.
"""

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from browsers import Browser, find_browser
from databases import TestDatabase, TestServer, installation_environment
from webapp.app import create_app
from workflows.settings import Settings


@pytest.fixture(scope="session")
def chromium() -> Browser:
    """The browser of this machine."""
    try:
        return find_browser()
    except Exception as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Chromium on this machine, and none could be fetched: {error}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: Browser) -> dict[str, Any]:
    """How pytest-playwright starts the browser: ours, and as root, which Chromium's own sandbox refuses."""
    quiet = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update")
    return {
        **browser_type_launch_args,
        "executable_path": str(chromium.program),
        "args": list(quiet),
        "env": {**os.environ, **chromium.environment},
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A reader in the office's language and zone."""
    return {**browser_context_args, "locale": "id-ID", "timezone_id": "Asia/Jakarta"}


@dataclass(frozen=True)
class Site:
    """A running application with the demonstration office."""

    # Its address, without a slash at the end.
    address: str
    settings: Settings
    database: TestDatabase

    def url(self, path: str) -> str:
        """Give the whole address of a page."""
        return self.address + path


@pytest.fixture(scope="session")
def site(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application on a database of its own, served on a free port of this machine."""
    with database_server.database() as database, socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        variables = installation_environment(database.url, tmp_path_factory.mktemp("home"))
        settings = Settings.from_env({**variables, "PUBLIC_URL": address})
        app = create_app(settings)
        server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(address, settings, database)
        server.shutdown()
        thread.join()


@pytest.fixture
def quiet_page(page: Page) -> Iterator[Page]:
    """A page that fails the test when a script throws or the security policy refuses something."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    assert not complaints, "\n".join(complaints)
