"""The arithmetic of working days: pure, on two lists of days off. No table, no clock, no law.

A working day is Monday to Friday without the national holidays. Whether a day of joint leave (cuti bersama) is one is
settled by no text found, so every count says how it takes them: `joint_leave_works` true is the strict reading,
false the lenient one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from workflows.language import say

ReasonKind = Literal["weekend", "holiday", "joint_leave"]

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reason:
    """Why a day is off."""

    kind: ReasonKind
    # Indonesian name of the day, for example "Hari Suci Nyepi".
    name: str
    name_en: str

    def __str__(self) -> str:
        return say(self.name, self.name_en)


class Skipped(NamedTuple):
    """A day that a count passed over."""

    day: date
    reason: Reason


@dataclass(frozen=True)
class Counted:
    """Where a count of working days ended, and what it passed over on the way."""

    # The last working day counted.
    day: date
    # Every day off between the start and `day`, in order.
    skipped: tuple[Skipped, ...]
    # Years touched whose list of days off is an estimate or unknown.
    provisional_years: tuple[int, ...] = ()


class WorkingCalendar:
    """Days off with their names. A value: nothing changes it after it is made."""

    def __init__(
        self,
        holidays: Mapping[date, str],
        joint_leave: Mapping[date, str],
        *,
        english: Mapping[date, str] | None = None,
        settled_years: Collection[int] | None = None,
    ) -> None:
        """Take national holidays and days of joint leave by date, with Indonesian names.

        `english` translates names; `settled_years` are the years whose list is decreed, None meaning all.
        """
        self._holidays = dict(holidays)
        self._joint_leave = dict(joint_leave)
        self._english = dict(english or {})
        self._settled_years = None if settled_years is None else frozenset(settled_years)
        # Days off that fall on Monday to Friday, sorted, for counting without walking.
        weekdays_off = sorted(day for day in self._holidays if day.weekday() < _SATURDAY)
        self._off_strict = weekdays_off
        self._off_lenient = sorted({*weekdays_off, *(day for day in self._joint_leave if day.weekday() < _SATURDAY)})

    def is_working_day(self, day: date, *, joint_leave_works: bool) -> bool:
        """Tell whether the office works on `day`."""
        return self.reason_off(day, joint_leave_works=joint_leave_works) is None

    def reason_off(self, day: date, *, joint_leave_works: bool) -> Reason | None:
        """Say why `day` is off, or None if it is a working day. A holiday on a weekend counts as weekend."""
        if day.weekday() >= _SATURDAY:
            return Reason("weekend", *(("Sabtu", "Saturday") if day.weekday() == _SATURDAY else ("Minggu", "Sunday")))
        if day in self._holidays:
            return Reason("holiday", self._holidays[day], self._english.get(day, self._holidays[day]))
        if day in self._joint_leave and not joint_leave_works:
            return Reason("joint_leave", self._joint_leave[day], self._english.get(day, self._joint_leave[day]))
        return None

    def add(self, start: date, days: int, *, joint_leave_works: bool) -> Counted:
        """Count `days` working days (at least one) after `start`, which is day 0 whether or not it is one itself."""
        if days < 1:
            raise ValueError("a count of working days begins at one")
        day, left, skipped = start, days, []
        while left:
            day += _ONE_DAY
            reason = self.reason_off(day, joint_leave_works=joint_leave_works)
            if reason is None:
                left -= 1
            else:
                skipped.append(Skipped(day, reason))
        return Counted(day, tuple(skipped), self.provisional_years(start, day))

    def between(self, start: date, end: date, *, joint_leave_works: bool) -> int:
        """Count the working days after `start` up to and with `end`; negative when `end` lies before `start`.

        Thus the inverse of `add`: between(s, add(s, n).day) is n.
        """
        if end < start:
            return -self.between(end, start, joint_leave_works=joint_leave_works)
        off = self._off_strict if joint_leave_works else self._off_lenient
        return _weekdays_until(end) - _weekdays_until(start) - (bisect_right(off, end) - bisect_right(off, start))

    def with_day(self, day: date, kind: str, name: str = "", name_en: str = "") -> "WorkingCalendar":
        """Give a calendar that differs in one day, which is "holiday", "joint_leave" or "ordinary" there."""
        holidays = {each: known for each, known in self._holidays.items() if each != day}
        joint_leave = {each: known for each, known in self._joint_leave.items() if each != day}
        if kind == "holiday":
            holidays[day] = name
        elif kind == "joint_leave":
            joint_leave[day] = name
        english = {**self._english, day: name_en}
        return WorkingCalendar(holidays, joint_leave, english=english, settled_years=self._settled_years)

    def working_days_of(self, year: int, *, joint_leave_works: bool) -> int:
        """Count the working days of a year."""
        return self.between(date(year - 1, 12, 31), date(year, 12, 31), joint_leave_works=joint_leave_works)

    def days_off(self, year: int) -> list[Skipped]:
        """Give the named days off of a year, weekends apart, joint leave included, in order."""
        first, after = date(year, 1, 1), date(year + 1, 1, 1)
        days = sorted({*self._holidays, *self._joint_leave})
        named = days[bisect_left(days, first) : bisect_left(days, after)]
        return [Skipped(day, self._named(day)) for day in named]

    def provisional_years(self, start: date, end: date) -> tuple[int, ...]:
        """Give the years from `start` to `end` whose list of days off may still change."""
        if self._settled_years is None:
            return ()
        return tuple(year for year in range(start.year, end.year + 1) if year not in self._settled_years)

    def _named(self, day: date) -> Reason:
        if day in self._holidays:
            return Reason("holiday", self._holidays[day], self._english.get(day, self._holidays[day]))
        return Reason("joint_leave", self._joint_leave[day], self._english.get(day, self._joint_leave[day]))


def _weekdays_until(day: date) -> int:
    """Count the days from Monday to Friday up to and with `day`, from the beginning of the calendar."""
    # Day 1 of the ordinal is a Monday.
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)
