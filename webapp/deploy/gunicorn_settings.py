"""How gunicorn serves the application, in a trial and behind a proxy alike; WEB_CONCURRENCY sets the processes.

There is no access log: a list of who asked for what and when would betray reporters.
"""

import gc
import os
import shutil
import tempfile
from typing import Any

from workflows.garbage import look_less_often

# This file is read before the application is.
look_less_often()

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# The application is read once and shared by the processes; it opens no connection before the first request.
preload_app = True
# A page takes milliseconds; an upload over a slow line takes minutes, but a thread and not the process waits for it.
timeout = 120
graceful_timeout = 12
accesslog = None
loglevel = "warning"
# Heartbeats in memory: on a disk that is busy they would look like a dead worker.
_memory = "/dev/shm"  # noqa: S108 (gunicorn opens its files there and unlinks them at once)
worker_tmp_dir = _memory if os.path.isdir(_memory) else None
control_socket_disable = True
# Figures of all processes of this machine meet here; the library looks for the variable when it is first read.
_figures = tempfile.mkdtemp(prefix="amanah-metrics-", dir=worker_tmp_dir)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _figures
# Only the proxy can reach us where TRUSTED_PROXIES is set; without one nobody's word is taken.
forwarded_allow_ips = "*" if os.environ.get("TRUSTED_PROXIES", "0") != "0" else "127.0.0.1"


def when_ready(server: Any) -> None:
    """Leave what was loaded where it is: a look for garbage in one process would copy what all of them share."""
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    """Let go of the figures of a process that is gone."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 (reads the variable set above)

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    shutil.rmtree(_figures, ignore_errors=True)
