"""The instant that triggers a deadline in a case: the moment itself, the filing, or the end of another deadline."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from workflows.deadlines.rules import Rule

# What `counts_from` says of a deadline that runs from the filing, however late somebody starts it.
FILING = "filing"


class Running(Protocol):
    """What is asked of a running of a deadline; `cases.models.CaseDeadline` is one."""

    @property
    def deadline_id(self) -> str: ...
    @property
    def trigger_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def is_running(self) -> bool: ...


def begins_at(rule: Rule, now: datetime, *, filed_at: datetime, runnings: Sequence[Running]) -> datetime:
    """Tell from what the rule counts when it is started now; `runnings` are those of the case, the oldest first.

    Only the first running counts from the filing: a matter that came back was, as it were, filed again. What extends
    another deadline begins on that one's last day, which is day 0 also when the extension was granted before.
    """
    if rule.counts_from == FILING:
        return now if any(each.deadline_id == rule.id for each in runnings) else filed_at
    extended = [each for each in runnings if each.deadline_id == rule.counts_from]
    return extended[-1].due_at - timedelta(microseconds=1) if extended else now


def beginning(since: date | datetime, zone: ZoneInfo) -> datetime:
    """Give the instant that a day or an instant stands for as a trigger: a day begins at 00:00 in the office's zone."""
    return since if isinstance(since, datetime) else datetime.combine(since, time.min, tzinfo=zone)


def running_since(deadline_id: str, runnings: Sequence[Running]) -> datetime | None:
    """Tell from what the open running of the deadline counts; None when none is open."""
    return next((each.trigger_at for each in runnings if each.deadline_id == deadline_id and each.is_running), None)
