"""Child processes of one command: started together, watched, and stopped together by their ids.

Knows nothing of what the children do. A child that ends by itself ends the company; nothing is left behind, not even
when we are killed, where the system can promise that.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

# Long enough for a request or a job to finish; after that it is cut off and, being one transaction, undone.
PATIENCE_SECONDS = 15

_LOOK_SECONDS = 0.2
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Ended:
    """Why the watch is over."""

    # The child that ended by itself; None when somebody asked us to stop.
    child: str | None
    # Its exit status, negative for a signal.
    status: int = 0


class Company:
    """Some child processes; as a context manager it stops them all when the block ends."""

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._asked_to_stop = threading.Event()
        self._former: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        # A terminal that closes, an init system and Ctrl-C all mean the same.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._former[number] = signal.signal(number, lambda *_: self._asked_to_stop.set())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def start(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        """Start a child out of reach of the terminal's Ctrl-C, which is ours to pass on in good order."""
        self._children[name] = subprocess.Popen(
            [str(part) for part in command],
            env=dict(environment),
            start_new_session=True,
            preexec_fn=partial(_end_with, os.getpid()) if sys.platform == "linux" else None,
        )

    @property
    def asked_to_stop(self) -> bool:
        """Tell whether somebody asked us to stop."""
        return self._asked_to_stop.is_set()

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> bool:
        """Wait until `ready()`; tell False when time is over, a child has ended, or somebody asked us to stop."""
        for _ in range(int(seconds / _LOOK_SECONDS)):
            if ready():
                return True
            if self.look() or self._asked_to_stop.wait(_LOOK_SECONDS):
                return False
        return False

    def watch(self, meanwhile: Callable[[], None] = lambda: None) -> Ended:
        """Wait until somebody asks us to stop, or a child ends by itself; do `meanwhile` at every look."""
        while (ended := self.look()) is None:
            meanwhile()
            self._asked_to_stop.wait(_LOOK_SECONDS)
        return ended

    def look(self) -> Ended | None:
        """Tell why the watch would be over now; None while all is well."""
        return Ended(child=None) if self.asked_to_stop else self._first_ended()

    def stop(self, patience: float | None = None) -> None:
        """Ask all children to finish, the last started first; cut off whoever takes longer than `patience` seconds."""
        until = time.monotonic() + (PATIENCE_SECONDS if patience is None else patience)
        running = [child for child in reversed(self._children.values()) if child.poll() is None]
        for child in running:
            child.terminate()
        for child in running:
            try:
                child.wait(max(until - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    def _first_ended(self) -> Ended | None:
        for name, child in self._children.items():
            status = child.poll()
            if status is not None:
                return Ended(name, status)
        return None


def _end_with(parent: int) -> None:
    """Ask Linux to end this process when its parent dies without being able to say so."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
