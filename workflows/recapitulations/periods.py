"""Quarters and years: the periods for which a recapitulation is made. Pure arithmetic on days."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from workflows.errors import NotFound

_NAME = re.compile(r"(?P<year>20\d\d)(?:-Q(?P<quarter>[1-4]))?")
_QUARTER_MONTHS = 3


@dataclass(frozen=True, order=True)
class Period:
    """A calendar year, or a quarter of one."""

    year: int
    # 1 to 4; None for the whole year.
    quarter: int | None = None

    @classmethod
    def named(cls, name: str) -> "Period":
        """Read "2026" or "2026-Q3"; raise NotFound (`period.unknown`)."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise NotFound("period.unknown", period=name)
        return cls(int(found["year"]), int(found["quarter"]) if found["quarter"] else None)

    @classmethod
    def quarter_of(cls, day: date) -> "Period":
        """Give the quarter in which the day lies."""
        return cls(day.year, (day.month - 1) // _QUARTER_MONTHS + 1)

    @property
    def name(self) -> str:
        """What addresses and files call it: "2026" or "2026-Q3"."""
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def first(self) -> date:
        """The first day of it."""
        return date(self.year, (self.quarter - 1) * _QUARTER_MONTHS + 1 if self.quarter else 1, 1)

    @property
    def last(self) -> date:
        """The last day of it."""
        return self.following().first - timedelta(days=1)

    def following(self) -> "Period":
        """Give the period of the same length that comes next."""
        if self.quarter is None:
            return Period(self.year + 1)
        return Period(self.year, self.quarter + 1) if self.quarter < 4 else Period(self.year + 1, 1)

    def before(self) -> "Period":
        """Give the period of the same length that came before."""
        if self.quarter is None:
            return Period(self.year - 1)
        return Period(self.year, self.quarter - 1) if self.quarter > 1 else Period(self.year - 1, 4)
