"""The FEEL functions that diagrams may call beside the built-in ones.

They are bound to a register of deadlines and a calendar when a definition is parsed; the evaluator hands each call the
instant of the act as `now`.
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendar.working_days import WorkingCalendar
from workflows.deadlines.register import Register


def functions(register: Register, calendar: WorkingCalendar, zone: ZoneInfo) -> dict[str, Callable[..., Any]]:
    """Give the functions by name: `deadline(id, share?)` is the lenient due instant counted from now."""
    raise NotImplementedError
