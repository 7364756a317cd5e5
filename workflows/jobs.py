"""The queue's door: background work is deferred here, inside the transaction that calls for it.

A job exists if and only if the act that deferred it was committed. Tasks are registered by name in `worker`; this
module knows only their names, so that any floor may defer work without knowing who does it.
"""

from datetime import datetime
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from sqlalchemy.orm import Session

# The queue as the acts see it: it never opens a connection of its own, since `defer` hands it the session's.
_deferring = App(connector=SyncPsycopgConnector())

# The queue as a worker sees it. The worker gives it a connector with an address before it opens it.
queue = App(connector=PsycopgConnector())


def defer(
    session: Session,
    task: str,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    at: datetime | None = None,
    **arguments: Any,
) -> int:
    """Defer the named task on the session's own connection and give the job's id.

    `lock` lets only one job of that name run at a time; `at` is the UTC instant before which it does not start.
    Arguments are ids, never contents.
    """
    connection = session.connection().connection.driver_connection
    deferrer = _deferring.configure_task(
        task,
        allow_unknown=True,
        connection=connection,
        lock=lock,
        queueing_lock=queueing_lock,
        schedule_at=at,
    )
    return deferrer.defer(**arguments)
