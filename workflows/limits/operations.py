"""Counting requests within a window, whatever becomes of the request: on a connection of its own."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from workflows.limits.models import RequestCounter


def add(connection: Connection, key: str, *, window: timedelta, now: datetime, amount: int = 1) -> int:
    """Count `amount` more under `key` and give the sum of the window; a window that has passed begins anew."""
    fresh = insert(RequestCounter).values(key=_hashed(key), count=amount, ends_at=now + window)
    over = RequestCounter.ends_at <= now
    counted = fresh.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((over, amount), else_=RequestCounter.count + amount),
            "ends_at": case((over, now + window), else_=RequestCounter.ends_at),
        },
    ).returning(RequestCounter.count)
    return connection.execute(counted).scalar_one()


def look(connection: Connection, key: str, *, now: datetime) -> tuple[int, datetime]:
    """Give what is counted under `key`, and when its window ends; nothing counted ends now."""
    found = connection.execute(
        select(RequestCounter.count, RequestCounter.ends_at).where(
            RequestCounter.key == _hashed(key), RequestCounter.ends_at > now
        )
    ).one_or_none()
    return (found[0], found[1]) if found is not None else (0, now)


def forget(connection: Connection, key: str | None = None) -> int:
    """Drop the counter of `key`, or all of them; give how many were dropped."""
    dropped = delete(RequestCounter)
    if key is not None:
        dropped = dropped.where(RequestCounter.key == _hashed(key))
    return connection.execute(dropped).rowcount


def forget_passed(connection: Connection, now: datetime) -> int:
    """Drop the counters whose window has passed; give how many there were."""
    return connection.execute(delete(RequestCounter).where(RequestCounter.ends_at <= now)).rowcount


def count_kept(connection: Connection) -> int:
    """Tell how many counters there are."""
    return connection.execute(select(func.count()).select_from(RequestCounter)).scalar_one()


def _hashed(key: str) -> str:
    """Hash a key, since it may hold an address or a login and neither is to lie in the database."""
    return sha256(key.encode()).hexdigest()
