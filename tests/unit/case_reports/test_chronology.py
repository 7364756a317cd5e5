"""The journal told in sentences."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from workflows.case_reports.chronology import Names, sentence
from workflows.cases.queries import TimelineEntry

WORDS = {"journal": {"deadline.started": "Batas waktu {deadline} berjalan, jatuh tempo {due_at}"}}
NAMES = Names({}, {}, {}, {}, {})


@pytest.mark.parametrize(
    ("due_at", "told"),
    [
        # 24:00 of Friday the 30th in Jakarta: in time until the end of that day.
        ("2026-10-30T17:00:00+00:00", "30 Oktober 2026"),
        # A deadline of hours ends within its day.
        ("2026-10-30T18:30:00+00:00", "31 Oktober 2026"),
    ],
)
def test_a_deadline_is_told_by_its_last_day_as_everywhere_else(due_at: str, told: str) -> None:
    entry = TimelineEntry(
        sequence=1,
        kind="deadline.started",
        at=datetime(2026, 10, 27, tzinfo=UTC),
        actor_kind="system",
        actor_name="",
        facts={"deadline": "P-01", "due_at": due_at},
        names={},
        hash="",
    )

    assert sentence(entry, WORDS, NAMES, ZoneInfo("Asia/Jakarta"), "id") == (
        f"Batas waktu P-01 berjalan, jatuh tempo {told}"
    )
