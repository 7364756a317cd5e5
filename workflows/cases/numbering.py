"""The numbers by which people call a case: one series per case type and year, without gaps."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflows.cases.models import NumberSeries


def next_number(session: Session, pattern: str, at: datetime, zone: ZoneInfo) -> str:
    """Give the next number of the pattern's series in the local year of `at`.

    The series' row stays locked until the act ends: a number that is rolled back is given to the next report, so
    nobody can see from a gap that something was withheld.
    """
    series = pattern.replace("{year}", str(at.astimezone(zone).year))
    upsert = insert(NumberSeries).values(series=series, last=1)
    statement = upsert.on_conflict_do_update(
        index_elements=[NumberSeries.series], set_={"last": NumberSeries.last + 1}
    ).returning(NumberSeries.last)
    return series.format(sequence=session.execute(statement).scalar_one())
