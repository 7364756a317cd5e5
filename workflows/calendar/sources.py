"""Where days off come from before anybody has edited them: the `holidays` package, which follows the joint decrees.

It reproduces the decree (SKB) of 2025 and 2026 to the day. Islamic and Buddhist feasts of years without a decree are
estimates, and joint leave is unknown until it is decreed: such a year is provisional.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Literal

import holidays

from workflows.calendar.working_days import WorkingCalendar

PACKAGE = f"holidays {version('holidays')} (ID)"

DayKind = Literal["holiday", "joint_leave"]
# How the package marks a date that it computed instead of reading it in a decree.
_ESTIMATE = "(perkiraan)"
_CATEGORIES: tuple[tuple[DayKind, str], ...] = (("holiday", "public"), ("joint_leave", "government"))


@dataclass(frozen=True)
class DayOff:
    """One day off as a source names it."""

    day: date
    kind: DayKind
    # Indonesian name.
    name: str
    name_en: str


@dataclass(frozen=True)
class PackagedYear:
    """A year's days off as the package knows them."""

    year: int
    days: tuple[DayOff, ...]
    # At least one date is an estimate, or no joint leave is known.
    provisional: bool


@cache
def packaged_year(year: int) -> PackagedYear:
    """Give the days off of one year from the `holidays` package."""
    days = []
    for kind, category in _CATEGORIES:
        english = _listed(year, category, "en_US")
        days += [DayOff(day, kind, name, english.get(day, name)) for day, name in _listed(year, category, "id").items()]
    days.sort(key=lambda off: (off.day, off.kind))
    provisional = any(_ESTIMATE in off.name for off in days) or all(off.kind != "joint_leave" for off in days)
    return PackagedYear(year, tuple(days), provisional)


def packaged_calendar(years: Iterable[int]) -> WorkingCalendar:
    """Make a calendar of `years` from the package alone; no database is asked."""
    return calendar_of(packaged_year(year) for year in years)


def calendar_of(years: Iterable[PackagedYear]) -> WorkingCalendar:
    """Make a calendar of years that have been read."""
    listed = list(years)
    days = [off for year in listed for off in year.days]
    return WorkingCalendar(
        {off.day: off.name for off in days if off.kind == "holiday"},
        {off.day: off.name for off in days if off.kind == "joint_leave"},
        english={off.day: off.name_en for off in days},
        settled_years={year.year for year in listed if not year.provisional},
    )


def _listed(year: int, category: str, language: str) -> dict[date, str]:
    return dict(
        sorted(holidays.country_holidays("ID", years=[year], categories=(category,), language=language).items())
    )
