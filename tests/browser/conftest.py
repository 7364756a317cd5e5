"""The browser, the running application behind it, and how people come in.

The application runs in this process on a database of its own with real commits, so a test may look at both sides.
Without any browser the tests are skipped with the reason; where CI=true they fail instead.
"""

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from browsers import Browser, find_browser
from databases import TestServer, installation_environment
from webapp.app import create_app
from webapp.extensions import db
from workflows import launch
from workflows.catalogue import operations as catalogue
from workflows.installation import Installation
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
    """A running application with the published case types and the demonstration office."""

    # Its address, without a slash at the end.
    address: str
    installation: Installation
    # Password of each user of the demonstration office, by login.
    passwords: dict[str, str]
    # Cookies of whoever has signed in, and the page where that led, by login.
    signed_in: dict[str, tuple[list[Any], str]] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """Give the whole address of a page."""
        return self.address + path

    def sign_in(self, page: Page, login: str) -> None:
        """Let the person in: the first time through the page that everybody uses, then by the cookies of that time."""
        if login in self.signed_in:
            cookies, led_to = self.signed_in[login]
            page.context.add_cookies(cookies)
            page.goto(led_to)
            return
        page.goto(self.url("/masuk"))
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(self.passwords[login])
        page.locator("main button[type=submit], main button:not([type])").first.click()
        page.wait_for_url(lambda url: "/masuk" not in url)
        self.signed_in[login] = (page.context.cookies(), page.url)


@pytest.fixture(scope="session")
def site(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application on a database of its own, served on a free port of this machine."""
    with database_server.database() as database, socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        variables = installation_environment(database.url, tmp_path_factory.mktemp("home"))
        settings = Settings.from_env({**variables, "PUBLIC_URL": address})
        installation = Installation(settings, database.url, notice=None)
        launch.load_registers(installation)
        with launch.acting(installation) as tx:
            for folder in launch.case_types(settings.definitions):
                # Without the checks that take longest; `architecture/` asks them.
                catalogue.publish(tx, folder, gate=lambda bundle: ())
        passwords = launch.furnish(installation)
        app = create_app(settings)
        server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(address, installation, passwords)
        server.shutdown()
        thread.join()
        with app.app_context():
            db.engine.dispose()
        installation.engine.dispose()


@pytest.fixture
def quiet_page(page: Page) -> Iterator[Page]:
    """A page that fails the test when a script throws or the security policy refuses something."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    assert not complaints, "\n".join(complaints)
