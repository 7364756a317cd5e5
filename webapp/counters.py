"""Where Flask-Limiter counts: in the database, so that every web process counts on from the others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from limits.storage import Storage
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from webapp.extensions import db
from workflows.limits import operations
from workflows.transaction import read_clock

# How the configuration of Flask-Limiter names this store.
ADDRESS = "amanah-database://"


class DatabaseStorage(Storage):
    """Counters of the fixed windows of all limits; each call is an act of its own."""

    STORAGE_SCHEME = [ADDRESS.partition(":")[0]]  # noqa: RUF012 (the base declares it so)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions, **options)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a database that rests raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more within a window of `expiry` seconds."""
        window = timedelta(seconds=expiry)
        return self._act(
            lambda connection: operations.add(connection, key, window=window, now=read_clock(), amount=amount)
        )

    def get(self, key: str) -> int:
        """Give what is counted."""
        return self._act(lambda connection: operations.look(connection, key, now=read_clock())[0])

    def get_expiry(self, key: str) -> float:
        """Give when the window ends, in seconds since 1970."""
        return self._act(lambda connection: operations.look(connection, key, now=read_clock())[1].timestamp())

    def check(self) -> bool:
        """Tell whether the database answers."""
        try:
            self._act(operations.count_kept)
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Drop every counter."""
        return self._act(operations.forget)

    def clear(self, key: str) -> None:
        """Drop one counter."""
        self._act(lambda connection: operations.forget(connection, key))

    @staticmethod
    def _act(ask: Callable[[Connection], Any]) -> Any:
        with db.engine.begin() as connection:
            return ask(connection)
