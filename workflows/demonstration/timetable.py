"""When everything of the demonstration happens: a plan of instants, pure and the same for the same day.

The office works from Monday to Friday without the days off of the calendar; citizens write from early to late. What
would lie after the present instant is left out, which is how cases come to wait and to be late.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.calendar.working_days import WorkingCalendar
from workflows.demonstration.scripts import Report, Step

# When officers are at their desks, and when citizens write.
_OFFICE = (time(8, 5), time(15, 50))
_WAKING = (time(6, 40), time(20, 30))
# The soonest and the latest that something follows within the same day.
_SOON, _LATER = timedelta(minutes=20), timedelta(minutes=110)
# How long before completing it somebody takes a task upon themselves.
_SHORTEST_WORK, _LONGEST_WORK = timedelta(minutes=4), timedelta(minutes=90)


@dataclass(frozen=True)
class Act:
    """One thing that is done at one instant, UTC."""

    at: datetime
    report: Report
    # None when the report is filed.
    step: Step | None
    # Place in the report's own path, from 0 for the filing.
    place: int


def plan(reports: Iterable[Report], now: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> tuple[Act, ...]:
    """Give every act until `now` in the order of the clock; within one report no clock runs backwards."""
    acts = (act for report in reports for act in _acts(report, now, calendar, zone))
    return tuple(sorted(acts, key=lambda act: (act.at, act.report.key, act.place)))


def _acts(report: Report, now: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> Iterator[Act]:
    at = _filed_at(report, now, zone)
    yield Act(at, report, None, 0)
    place = 0
    for step in report.steps:
        before, at = at, _next(at, step, report.share(f"hour {place}"), calendar, zone)
        if step.kind == "complete":
            place += 1
            begun_at = _begun_at(before, at, report.share(f"begun {place}"), zone)
            if begun_at <= now:
                yield Act(begun_at, report, Step("claim", step.name, step.after, {}), place)
        if at > now:
            return
        place += 1
        yield Act(at, report, step, place)


def _filed_at(report: Report, now: datetime, zone: ZoneInfo) -> datetime:
    """Give the instant of filing; a report of today that would come later today came a short while ago instead."""
    day = now.astimezone(zone).date() - timedelta(days=report.days_ago)
    at = _within(day, _WAKING, report.share("filed"), zone)
    return at if at < now else now - _SOON - (_LATER - _SOON) * report.share("filed just now")


def _next(before: datetime, step: Step, share: float, calendar: WorkingCalendar, zone: ZoneInfo) -> datetime:
    """Give the instant at which the step is done: so many working days on, or as soon as the hours allow."""
    hours = _WAKING if step.kind == "message" else _OFFICE
    day = before.astimezone(zone).date()
    if step.after:
        return _within(calendar.add(day, step.after, joint_leave_works=False).day, hours, share, zone)
    soon = before + _SOON + (_LATER - _SOON) * share
    local = soon.astimezone(zone)
    works = step.kind == "message" or calendar.is_working_day(local.date(), joint_leave_works=False)
    if works and hours[0] <= local.time() <= hours[1]:
        return soon
    if works and local.time() < hours[0]:
        return _within(local.date(), (hours[0], time(9, 30)), share, zone)
    next_day = calendar.add(local.date(), 1, joint_leave_works=False).day
    return _within(next_day, (hours[0], time(9, 30)), share, zone)


def _begun_at(before: datetime, at: datetime, share: float, zone: ZoneInfo) -> datetime:
    """Give the instant at which somebody took the task that they complete at `at`: that day, after what led to it."""
    begun_at = at - _SHORTEST_WORK - (_LONGEST_WORK - _SHORTEST_WORK) * share
    if begun_at.astimezone(zone).time() < _OFFICE[0] or begun_at <= before:
        return max(before, at - _SHORTEST_WORK)
    return begun_at


def _within(day: date, hours: tuple[time, time], share: float, zone: ZoneInfo) -> datetime:
    first, last = (datetime.combine(day, hour, tzinfo=zone) for hour in hours)
    return (first + (last - first) * share).astimezone(UTC)
