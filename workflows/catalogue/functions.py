"""The FEEL functions that diagrams may call beside the built-in ones.

A definition is parsed once and shared for ever, while the register of deadlines and the calendar change. So a function
asks for them when it is called, and whoever runs the engine says by which it counts: `with counting_by(...)`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendar.working_days import WorkingCalendar
from workflows.deadlines.counting import due
from workflows.deadlines.register import Register
from workflows.errors import AmanahError


@dataclass(frozen=True)
class Counting:
    """What a deadline is counted by."""

    register: Register
    calendar: WorkingCalendar
    # Zone in which days begin and end.
    zone: ZoneInfo
    # From what a deadline counts that runs in the case already; None for one that does not.
    running_since: Callable[[str], datetime | None] = lambda deadline_id: None


_source: ContextVar[Callable[[], Counting] | None] = ContextVar("counting", default=None)


@contextmanager
def counting_by(source: Callable[[], Counting]) -> Iterator[None]:
    """Let `deadline` count by what `source` gives; it is asked at most once, and not at all when nothing is counted."""
    asked: list[Counting] = []

    def once() -> Counting:
        if not asked:
            asked.append(source())
        return asked[0]

    token = _source.set(once)
    try:
        yield
    finally:
        _source.reset(token)


def deadline(deadline_id: str, share: Decimal | int | None = None, *, now: datetime) -> datetime:
    """Give the instant at which the deadline, or a share of it, falls due when counted from now.

    One that runs already counts from what started it, so that a reminder keeps to the day that was promised. The
    reading is the lenient one, which is what the house promises outwards. Raise NotFound (`deadline.unknown`).
    """
    source = _source.get()
    if source is None:
        raise AmanahError("deadline.nothing_to_count_by")
    counting = source()
    begins_at = counting.running_since(str(deadline_id)) or now
    rule = counting.register.rule(str(deadline_id), begins_at.astimezone(counting.zone).date())
    part = None if share is None else Decimal(share)
    return due(rule, begins_at, counting.calendar, counting.zone, reading="lenient", share=part).due_at


# What a definition is parsed with.
FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType({"deadline": deadline})
