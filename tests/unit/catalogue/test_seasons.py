"""A season lies around its feast, wherever the calendar puts that."""

from datetime import date

import pytest

from databases import REPOSITORY
from workflows.calendar.working_days import WorkingCalendar
from workflows.catalogue.bundle import MANIFEST, Bundle, read_bundle
from workflows.catalogue.checking.guided import seasons_fit_the_report
from workflows.catalogue.examining import examine
from workflows.catalogue.manifest_reader import read_manifest
from workflows.catalogue.seasons import running
from workflows.errors import BrokenDefinition

TEXT = (REPOSITORY / "bpmn" / "gratification" / "case-type.yml").read_text()
CALENDAR = WorkingCalendar(
    {
        date(2026, 3, 21): "Hari Raya Idul Fitri",
        date(2026, 3, 22): "Hari kedua dari Hari Raya Idul Fitri",
        date(2026, 12, 25): "Hari Raya Natal",
    },
    {date(2026, 3, 24): "Cuti Bersama Hari Raya Idul Fitri"},
)


@pytest.fixture(scope="module")
def case_type():
    return read_manifest(TEXT.encode())


@pytest.mark.parametrize(
    ("today", "season"),
    [
        (date(2026, 2, 18), None),
        (date(2026, 2, 19), "idulfitri"),
        (date(2026, 3, 31), "idulfitri"),
        (date(2026, 4, 1), None),
        (date(2026, 11, 24), None),
        (date(2026, 11, 25), "natal"),
        (date(2027, 1, 4), "natal"),
        (date(2027, 1, 5), None),
    ],
)
def test_a_season_runs_from_thirty_days_before_to_ten_after(case_type, today, season):
    found = running(case_type, CALENDAR, today)

    assert (found.id if found else None) == season


def test_a_season_without_end_is_refused():
    with pytest.raises(BrokenDefinition) as broken:
        read_manifest(TEXT.replace("days_after: 10", "days_after: 400", 1).encode())

    assert [finding.code for finding in broken.value.findings] == ["manifest.not_a_number"]


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        ("[draft,", "[drafts,", "field.unknown"),
        ("[draft,", "[givers.giver_name,", "season.leaves_out_required"),
        ("event: holiday", "events: holiday", "field.unknown"),
        ("event: holiday", "objects.kind: other", "field.unknown"),
    ],
)
def test_a_quick_form_speaks_of_the_report(written, instead, code):
    files = dict(read_bundle(REPOSITORY / "bpmn" / "gratification").files)
    assert list(seasons_fit_the_report(examine(Bundle(files)))) == []
    files[MANIFEST] = TEXT.replace(written, instead, 1).encode()

    (finding,) = seasons_fit_the_report(examine(Bundle(files)))

    assert finding.code == code
    assert finding.line > 1


def test_what_a_quick_form_leaves_out_is_a_list():
    with pytest.raises(BrokenDefinition) as broken:
        read_manifest(TEXT.replace("leaves_out: [draft", "leaves_out: rank # [draft", 1).encode())

    assert [finding.code for finding in broken.value.findings] == ["manifest.not_a_list"]
