"""Which season of a case type runs today, by the calendar of days off. Pure.

Feasts move through the year and are settled by decree, so a season names its feast and not a date.
"""

from datetime import date, timedelta

from workflows.calendar.working_days import WorkingCalendar
from workflows.catalogue.manifest import CaseType, Season


def running(case_type: CaseType, calendar: WorkingCalendar, today: date) -> Season | None:
    """Give the season that runs today; of several the one that was written first."""
    return next((season for season in case_type.seasons.values() if _runs(season, calendar, today)), None)


def _runs(season: Season, calendar: WorkingCalendar, today: date) -> bool:
    # A feast early in January has its season in the year before.
    years = {(today - timedelta(days=season.days_after)).year, (today + timedelta(days=season.days_before)).year}
    feasts = [
        off.day for year in years for off in calendar.days_off(year) if off.reason.name.startswith(season.holiday)
    ]
    return any(
        feast - timedelta(days=season.days_before) <= today <= feast + timedelta(days=season.days_after)
        for feast in feasts
    )
