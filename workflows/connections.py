"""Connections to the database: none is lent that died while it rested, and none forgets what it has prepared.

SQLAlchemy can ask the database `SELECT 1` before each act (`pool_pre_ping`), which is a journey for what the socket
already knows: the server that ends a connection, or goes down, closes it, and then there is something to read. A
network that swallows everything is noticed by neither.

psycopg forgets its prepared statements, and has the server forget them, at every rollback, since what they speak of may
have been made in that transaction. Every page that only reads ends with one, and the next act on that connection would
be planned anew, which costs as much as the act. A transaction that has written nothing is committed instead.
"""

import select
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, QueuePool, event
from sqlalchemy.exc import InvalidatePoolError


class LivingPool(QueuePool):
    """A pool that lends living connections only; when one of them is dead it asks for new ones."""


@event.listens_for(LivingPool, "checkout")
def _replace_the_dead(connection: Any, _record: Any, _lent: Any) -> None:
    if not _is_alive(connection):
        raise InvalidatePoolError


@event.listens_for(Engine, "rollback")
def _end_what_only_read(connection: Connection) -> None:
    if connection.invalidated or not isinstance(connection.engine.pool, LivingPool):
        return
    driver = connection.connection.driver_connection
    if driver is not None and _has_only_read(driver):
        # What follows is a rollback outside of any transaction, which psycopg does not send.
        driver.commit()


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


def _has_only_read(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether the open transaction has neither failed, nor written or locked any row: those get a number."""
    if connection.info.transaction_status != TransactionStatus.INTRANS:
        return False
    try:
        row = connection.execute("SELECT pg_current_xact_id_if_assigned() IS NULL").fetchone()
    except psycopg.Error:
        return False
    return row is not None and row[0] is True
