"""From a rule and a trigger to an instant. Pure: calendar, zone and reading are handed in.

Day 0 is the day of the trigger in the office's zone; a deadline in days ends at 24:00 of its last day, stored as that
UTC instant, and is overdue from then on. Deadlines in hours run exactly, through nights and holidays.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from workflows.calendar.working_days import Counted, Skipped, WorkingCalendar
from workflows.deadlines import wording
from workflows.deadlines.rules import Reading, Rule
from workflows.errors import AmanahError


@dataclass(frozen=True)
class Due:
    """When a deadline falls due, and how that was counted."""

    deadline_id: str
    # The first instant at which it is overdue, UTC.
    due_at: datetime
    # The last day in the office's zone; for a deadline in hours the day on which it ends.
    due_on: date
    reading: Reading
    rule: Rule
    # Days off that the count passed over; empty where every day or hour counts.
    skipped: tuple[Skipped, ...]
    # Days or hours counted: the rule's length, or the share of it.
    counted: int | Decimal
    # Years touched whose days off are an estimate; empty where every day or hour counts.
    provisional_years: tuple[int, ...]
    # What the explanation tells; most that is counted is never explained, and the words take longer than the count.
    told: wording.Facts = field(repr=False)

    @cached_property
    def explanation(self) -> str:
        """How it was counted, in Indonesian: rule, source, days skipped and why."""
        return wording.indonesian(self.told)

    @cached_property
    def explanation_en(self) -> str:
        """The same in English."""
        return wording.english(self.told)


def due(
    rule: Rule,
    trigger_at: datetime,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
    *,
    reading: Reading,
    share: Decimal | None = None,
) -> Due:
    """Tell when `rule` falls due if triggered at `trigger_at`, or when `share` of it (above 0, at most 1) is used up.

    A share of days is rounded down, and is at least one day. Raises AmanahError `deadline.bad_share`, and
    `deadline.out_of_range` where the calendar of dates itself ends.
    """
    if share is not None and not 0 < share <= 1:
        raise AmanahError("deadline.bad_share", id=rule.id, share=share)
    starts_at = trigger_at.astimezone(zone)
    day_zero = starts_at.date()
    try:
        if rule.unit == "clock_hours":
            hours = rule.length * (Decimal(1) if share is None else share)
            # Added in UTC: an hour is an hour, whatever the clocks of a zone are put to.
            due_at = trigger_at.astimezone(UTC) + timedelta(seconds=float(hours * 3600))
            counted = Counted(due_at.astimezone(zone).date(), ())
            amount: int | Decimal = hours
        else:
            days = rule.length if share is None else max(1, int(rule.length * share))
            if rule.unit == "working_days":
                counted = calendar.add(day_zero, days, joint_leave_works=reading == "strict")
            else:
                counted = Counted(day_zero + timedelta(days=days), ())
            due_at, amount = end_of(counted.day, zone), days
    except OverflowError as error:
        raise AmanahError("deadline.out_of_range", id=rule.id, on=day_zero) from error
    return Due(
        deadline_id=rule.id,
        due_at=due_at,
        due_on=counted.day,
        reading=reading,
        rule=rule,
        skipped=counted.skipped,
        counted=amount,
        provisional_years=counted.provisional_years,
        told=wording.Facts(rule, starts_at, due_at.astimezone(zone), counted, reading, amount, share),
    )


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Give 24:00 of `day` in the zone, as a UTC instant."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


def last_day(due_at: datetime, zone: ZoneInfo) -> date:
    """Give the last day on which something due at `due_at` is in time: the inverse of `end_of`."""
    return (due_at - timedelta(microseconds=1)).astimezone(zone).date()


def remaining_working_days(
    due_at: datetime, now: datetime, calendar: WorkingCalendar, zone: ZoneInfo, *, reading: Reading = "lenient"
) -> int:
    """Count the working days left after today: 0 on the last day, negative by the working days it is late."""
    today = now.astimezone(zone).date()
    return calendar.between(today, last_day(due_at, zone), joint_leave_works=reading == "strict")
