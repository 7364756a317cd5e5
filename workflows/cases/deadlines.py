"""The deadlines of a case: started, reminded of, met; each kept with both readings and how it was counted."""

from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.calendar.working_days import WorkingCalendar
from workflows.cases.models import Case, CaseDeadline, DeadlineReminder
from workflows.deadlines.register import Rule
from workflows.transaction import Tx


def start_deadline(
    tx: Tx, case: Case, rule: Rule, calendar: WorkingCalendar, zone: ZoneInfo, *, trigger_at: datetime | None = None
) -> CaseDeadline:
    """Start a running of the deadline, counted from `trigger_at` or from now; journals `deadline.started`.

    A running that is not met stays the same one; after it was met, a new round begins.
    """
    raise NotImplementedError


def meet_deadline(tx: Tx, case: Case, deadline_id: str) -> CaseDeadline | None:
    """Mark the open running as met; journals `deadline.met`. None when none is open."""
    raise NotImplementedError


def remind(tx: Tx, case: Case, deadline_id: str, share: str, to_role: str, zone: ZoneInfo) -> DeadlineReminder | None:
    """Note a reminder of the open running; journals `deadline.reminded`.

    None when there is nothing to remind of: no open running, it is over already, or this local day had its reminder.
    """
    raise NotImplementedError


def open_running(tx: Tx, case: Case, deadline_id: str) -> CaseDeadline | None:
    """Give the running of the deadline that is not met yet."""
    raise NotImplementedError
