"""The pool of connections to the database: one that died while it rested is replaced before it is lent.

SQLAlchemy can ask the database `SELECT 1` before each act (`pool_pre_ping`), which is a journey for what the socket
already knows: the server that ends a connection, or goes down, closes it, and then there is something to read. A
network that swallows everything is noticed by neither.
"""

import select
from typing import Any

import psycopg
from sqlalchemy import QueuePool, event
from sqlalchemy.exc import InvalidatePoolError


class LivingPool(QueuePool):
    """A pool that lends living connections only; when one of them is dead it asks for new ones."""


@event.listens_for(LivingPool, "checkout")
def _replace_the_dead(connection: Any, _record: Any, _lent: Any) -> None:
    if not _is_alive(connection):
        raise InvalidatePoolError


def _is_alive(connection: psycopg.Connection[Any]) -> bool:
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return True
    # Something came: its end, or only a word about a setting that was changed.
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.OperationalError:
        return False
    return True
