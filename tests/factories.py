"""Makers of what a test is about, built on the real verbs, and the instants at which tests take place.

Plain functions with keyword-only arguments after `tx`; every value has a default that does not matter to the test.
Ready examples that many tests share are fixtures named `a_...` in the conftest of their folder.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")


def jakarta(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Give the instant at which the clocks of the office show this date and time; nine in the morning unless said."""
    return datetime(year, month, day, hour, minute, tzinfo=JAKARTA).astimezone(UTC)


# When a test does not care: Monday 2 March 2026, nine in the morning, in a week without holidays.
NOW = jakarta(2026, 3, 2)
