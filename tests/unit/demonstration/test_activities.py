"""Lines for the register of activities fall on working days, and every mistake is told with its line."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from databases import REPOSITORY
from workflows.activities.register import register_in
from workflows.calendar.working_days import WorkingCalendar
from workflows.catalogue.bundle import read_bundle
from workflows.demonstration.activities import ACTIVITIES, read_lines
from workflows.errors import BrokenDefinition

ZONE = ZoneInfo("Asia/Jakarta")
# A Monday.
NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def lines(text):
    return read_lines("sample", text.encode(), NOW, WorkingCalendar({}, {}), ZONE)


def test_a_free_day_becomes_the_working_day_before_it_and_nothing_is_written_ahead_of_time():
    told = lines(
        "activities:\n"
        "- {days_ago: 0, by: upg, kind: training, title: Hari ini, hours: 1.5, participants: 7}\n"
        "- {days_ago: 1, by: upg, kind: training, title: Minggu}\n"
    )

    assert [(line.title, line.held_on) for line in told] == [
        ("Minggu", date(2026, 2, 27)),
        ("Hari ini", date(2026, 3, 2)),
    ]
    assert [line.at for line in told] == [datetime(2026, 2, 27, 8, 30, tzinfo=UTC), NOW]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kegiatan: []\n", [1]),
        ("activities:\n- Pelatihan\n", [2]),
        ("activities:\n- {days_ago: 1, by: upg, title: x}\n", [2]),
        (
            "activities:\n- by: upg\n  kind: rule\n  title: x\n  days_ago: kemarin\n  tempat: y\n  units: PUPR\n",
            [6, 5, 7],
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(text, found):
    with pytest.raises(BrokenDefinition) as broken:
        lines(text)

    assert [finding.line for finding in broken.value.findings] == found


@pytest.mark.parametrize("folder", sorted(file.parent.parent for file in REPOSITORY.glob(f"bpmn/*/{ACTIVITIES}")))
def test_the_lines_of_the_house_tell_what_their_register_counts(folder):
    register = register_in(read_bundle(folder))
    told = read_lines(folder.name, (folder / ACTIVITIES).read_bytes(), NOW, WorkingCalendar({}, {}), ZONE)

    assert len({line.title for line in told}) == len(told) > 0
    for line in told:
        counts = register.kinds[line.kind].counts
        assert all(getattr(line, name) for name in counts), line.title
