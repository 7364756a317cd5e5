"""Looking at everything that an installation holds, whichever table it lies in: for tests of what must not change."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.tables import metadata

# The queue's own tables, as far as acts write to them.
QUEUE = ("procrastinate_jobs",)
# What is written when a page is read, and says nothing about cases.
READING = frozenset({"user_session", "procrastinate_events", "request_counter"})


def tables() -> list[str]:
    """Name every table of the house and of its queue."""
    return [*sorted(metadata.tables), *QUEUE]


def row_counts(session: Session, *, leaving_out: Collection[str] = READING) -> dict[str, int]:
    """Count the rows of every table; empty ones are left out."""
    names = [name for name in tables() if name not in leaving_out]
    counted = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names)
    return {name: count for name, count in session.execute(text(counted)) if count}


def tables_holding(session: Session, word: str) -> set[str]:
    """Name the tables in which the word stands in any column of any row: as text, in JSON, or in bytes."""
    found = set()
    for name in tables():
        plain = text(f"SELECT EXISTS (SELECT 1 FROM {name} r WHERE position(:word IN lower(CAST(r AS text))) > 0)")
        if session.scalar(plain, {"word": word}):
            found.add(name)
            continue
        # Bytes are shown in hexadecimal.
        if session.scalar(plain, {"word": word.encode().hex()}):
            found.add(name)
    return found
