"""A browser without scripts, on the web application that the same process serves: it asks, fills in forms and posts.

The application comes by its name, since nothing here stands upon the web. What a browser holds (its cookies) lies in a
file and outlives the process, as people's browsers outlive the server that dies behind them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from workflows.settings import Settings

# As `amanah web` serves it.
_APPLICATION = "webapp.app:create_app"


class NotAnswered(Exception):
    """The application answered otherwise than a person who goes on would have to be answered."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str

    def hidden(self) -> dict[str, str]:
        """Give what the forms of the page carry without showing it; of one name the last."""
        found = _Hidden()
        found.feed(self.text)
        return found.values


def application(settings: Settings) -> Any:
    """Put the application together; it opens no connection before the first request."""
    return resolve_name(_APPLICATION)(settings)


class Browser:
    """Somebody's browser."""

    def __init__(self, application: Any, cookies: Path) -> None:
        self._client = application.test_client(use_cookies=False)
        self._file = cookies
        self._cookies: dict[str, str] = json.loads(cookies.read_text()) if cookies.exists() else {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._answered(self._client.get(path, headers=self._headers()))

    def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """Post a form."""
        return self._answered(self._client.post(path, data=dict(fields), headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def _answered(self, response: Any) -> Answer:
        before = dict(self._cookies)
        for line in response.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        if self._cookies != before:
            # Whole or not at all, whenever this process dies.
            written = self._file.with_suffix(f".{os.getpid()}")
            written.write_text(json.dumps(self._cookies))
            written.replace(self._file)
        return Answer(response.status_code, response.get_data(as_text=True))


class _Hidden(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "input" and given.get("type") == "hidden" and name:
            self.values[name] = given.get("value") or ""
