"""One installation, opened for work: its settings, the address of its database and the keys that are its own.

The command line opens it; what runs in it (web, worker, verbs) is elsewhere.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from workflows.connections import LivingPool
from workflows.embedded_postgres import EmbeddedPostgres
from workflows.settings import Settings


@dataclass(frozen=True)
class Installation:
    """An installation whose database runs."""

    # The settings, with the address of the database and the keys settled.
    settings: Settings
    # The address of the database, as postgresql://.
    database_url: str
    # What people should know about where the data are; None when there is nothing unusual.
    notice: str | None
    # The database's server where it is ours to keep alive; None where the settings name another one.
    server: EmbeddedPostgres | None = None

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine on the database."""
        return create_engine(self.database_url, poolclass=LivingPool, hide_parameters=True)

    def session(self) -> Session:
        """Open a session on the database."""
        return Session(self.engine, expire_on_commit=False)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Give the environment in which a child process finds this same installation."""
        environment = dict(inherited)
        # A file named in the environment would outrank the value beside it.
        for name in ("DATABASE_URL", "SECRET_KEY", "FINGERPRINT_KEY"):
            environment.pop(f"{name}_FILE", None)
        environment["DATABASE_URL"] = self.database_url
        environment["SECRET_KEY"] = self.settings.secret_key or ""
        environment["FINGERPRINT_KEY"] = self.settings.fingerprint_key or ""
        environment["PUBLIC_URL"] = self.settings.public_url
        return environment


@contextmanager
def open_installation(settings: Settings) -> Iterator[Installation]:
    """Start the embedded database unless the settings name another one, for as long as the block lasts."""
    settings = replace(
        settings,
        secret_key=settings.secret_key or _kept_secret(settings.home / "secret_key"),
        fingerprint_key=settings.fingerprint_key or _kept_secret(settings.home / "fingerprint_key"),
    )
    if settings.database_url is not None:
        yield from _lend(Installation(settings, settings.database_url, notice=None))
        return
    with EmbeddedPostgres(settings.home / "postgres") as server:
        server.ensure_database("amanah")
        address = server.url("amanah")
        yield from _lend(Installation(replace(settings, database_url=address), address, server.notice, server))


def _lend(installation: Installation) -> Iterator[Installation]:
    try:
        yield installation
    finally:
        installation.engine.dispose()


def _kept_secret(file: Path) -> str:
    """Give a key of a trial installation, made once, so that people stay signed in, and known, over a restart."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as fresh:
            fresh.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return file.read_text(encoding="ascii").strip()
