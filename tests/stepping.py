"""Acts that stand still where a test tells them to: races played step by step, without sleeping and without hooks.

A `Walker` runs one act in a thread of its own, on a connection of its own. It is led from one named point to the next;
the points are what SQLAlchemy itself tells of: what was sent to the database, and the commit.
"""

from collections.abc import Callable
from threading import Event, Lock, Thread, get_ident
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

# Far beyond what any act takes; only a broken test gets there.
PATIENCE = 120.0

# Point -> (before or after the statement, what it says).
STATEMENTS: dict[str, tuple[str, str]] = {
    "before taking the job": ("before", "DELETE FROM procrastinate_jobs"),
    "after taking the job": ("after", "DELETE FROM procrastinate_jobs"),
    "before loading": ("before", "FROM process_instance"),
    "after loading": ("after", "FROM process_instance"),
    "before writing": ("before", "UPDATE process_instance"),
    "after writing": ("after", "UPDATE process_instance"),
}
POINTS = (*STATEMENTS, "before commit", "after commit")


class Walker:
    """One act that is led from point to point."""

    def __init__(self, engine: Engine, act: Callable[[Session], Any]) -> None:
        self._engine, self._act = engine, act
        self._thread = Thread(target=self._walk, daemon=True)
        self._wanted: str | None = None
        self._passed: set[str] = set()
        self._stands, self._goes = Event(), Event()
        self._outcome: Any = None
        self._error: BaseException | None = None
        # Process of the database that does the act's present transaction.
        self.backend = 0

    def to(self, point: str) -> "Walker":
        """Let the act go on until it comes to the point for the first time."""
        assert point in POINTS, point
        self._go(point)
        assert self._stands.wait(PATIENCE), f"never came to {point}"
        assert self._thread.is_alive(), f"ended before it came to {point}: {self._error!r}"
        return self

    def start(self) -> "Walker":
        """Let the act go on by itself; for one that is going to wait for a lock."""
        self._go(None)
        return self

    def finish(self) -> Any:
        """Let the act go on to its end, and give what it returned; what it raised is raised here."""
        self.start()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "it never ended"
        if self._error is not None:
            raise self._error
        return self._outcome

    def waits(self) -> bool:
        """Tell whether the act waits for somebody's lock, as soon as it does either that or end."""
        asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = :pid")
        with self._engine.connect() as watcher:
            while self._thread.is_alive():
                if watcher.execute(asked, {"pid": self.backend}).scalar():
                    return True
                watcher.rollback()
        return False

    def _go(self, point: str | None) -> None:
        self._wanted = point
        self._stands.clear()
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._goes.set()

    def _come_to(self, point: str) -> None:
        if point in self._passed:
            return
        self._passed.add(point)
        if point == self._wanted:
            self._stands.set()
            assert self._goes.wait(PATIENCE), f"left standing {point}"
            self._goes.clear()

    def _begun(self, _session: Session, _transaction: Any, connection: Connection) -> None:
        self.backend = connection.connection.driver_connection.info.backend_pid

    def _walk(self) -> None:
        _walkers[get_ident()] = self
        _listen(self._engine)
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                event.listen(session, "after_begin", self._begun)
                event.listen(session, "before_commit", lambda _: self._come_to("before commit"))
                event.listen(session, "after_commit", lambda _: self._come_to("after commit"))
                self._outcome = self._act(session)
        except BaseException as error:
            self._error = error
        finally:
            del _walkers[get_ident()]
            self._stands.set()


# Thread -> the walker in it.
_walkers: dict[int, Walker] = {}
_heard = WeakSet[Engine]()
_hearing = Lock()


def _listen(engine: Engine) -> None:
    """Hear what is sent through the engine, once for all walkers; whoever is no walker is let pass."""

    def hear(when: str) -> Callable[..., None]:
        def heard(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            walker = _walkers.get(get_ident())
            if walker is None:
                return
            for point, (side, words) in STATEMENTS.items():
                if side == when and words in statement:
                    walker._come_to(point)

        return heard

    with _hearing:
        if engine in _heard:
            return
        _heard.add(engine)
        for when in ("before", "after"):
            event.listen(engine, f"{when}_cursor_execute", hear(when))
