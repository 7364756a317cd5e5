"""Reports and paths of the demonstration are read whole, and every mistake is told with its line."""

import pytest

from databases import REPOSITORY
from workflows.catalogue.bundle import read_bundle
from workflows.demonstration.scripts import Step, read_scripts
from workflows.errors import BrokenDefinition

PATHS = """
short:
  - {after: 1, complete: verify, answers: {class: "{classification}", note: "{note}", day: "{today}"}}
  - {after: 0, message: reply, answers: {reply: "{note}!"}}
taken:
  - {after: 2, claim: verify}
"""
REPORTS = """
defaults: {classification: problem, privacy_read: true}
reports:
- days_ago: 3
  path: short
  by: warga
  show: true
  photos: {report: Lampu padam, verify: Panel lampu}
  report: {title: Lampu padam, at: [3.7, 98.4], event_date: -2, anonymous: false}
  texts: {note: Sudah diganti}
- days_ago: 0
  path: taken
  report: {title: Jalan rusak}
"""


def scripts(reports=REPORTS, paths=PATHS):
    return read_scripts("sample", reports.encode(), paths.encode())


def findings(reports=REPORTS, paths=PATHS):
    with pytest.raises(BrokenDefinition) as broken:
        scripts(reports, paths)
    return [(finding.file, finding.line) for finding in broken.value.findings]


def test_a_path_is_filled_in_with_the_words_of_its_report():
    report, _ = scripts()

    assert report.steps == (
        Step("complete", "verify", 1, {"class": "problem", "note": "Sudah diganti", "day": "{today}"}, "Panel lampu"),
        Step("message", "reply", 0, {"reply": "Sudah diganti!"}),
    )
    assert (report.by, report.photo, report.show) == ("warga", "Lampu padam", True)


def test_defaults_fill_what_a_report_leaves_open():
    report, _ = scripts()

    assert report.fields["privacy_read"] is True
    assert report.fields["title"] == "Lampu padam"


def test_a_report_keeps_its_key_when_its_path_changes_and_loses_it_when_its_words_do():
    before = [report.key for report in scripts()]

    assert [
        report.key for report in scripts(REPORTS.replace("path: taken", "path: short\n  texts: {note: x}"))
    ] == before
    assert [report.key for report in scripts(REPORTS.replace("Jalan rusak", "Jalan amblas"))][1] != before[1]


def test_chance_depends_on_the_report_and_the_purpose_alone():
    one, other = scripts()

    assert one.share("hour") == scripts()[0].share("hour")
    assert len({one.share("hour"), one.share("filed"), other.share("hour")}) == 3
    assert 0 <= one.share("hour") < 1


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (("path: taken", "path: nowhere"), 12),
        (("days_ago: 0", "days_ago: soon"), 11),
        (("{note: Sudah diganti}", "{other: x}"), 4),
        (("  by: warga", "  bye: warga"), 6),
        (("{title: Jalan rusak}", "Jalan rusak"), 13),
    ],
    ids=["unknown path", "no number", "missing word", "unknown key", "no fields"],
)
def test_a_mistake_in_a_report_is_told_with_its_line(wrong, line):
    assert ("demonstration/reports.yml", line) in findings(REPORTS.replace(*wrong))


def test_a_report_that_stands_twice_is_told():
    assert findings(
        REPORTS.replace("title: Jalan rusak", "title: Lampu padam, at: [3.7, 98.4], event_date: -2, anonymous: false")
    )


def test_a_step_that_does_two_things_is_told_with_its_line():
    assert ("demonstration/paths.yml", 6) in findings(
        paths=PATHS.replace("claim: verify", "claim: verify, message: reply")
    )


def test_what_is_demonstrated_is_no_part_of_an_edition(tmp_path):
    (tmp_path / "demonstration").mkdir()
    (tmp_path / "demonstration" / "reports.yml").write_text(REPORTS)
    (tmp_path / "case-type.yml").write_text("key: sample")

    assert "demonstration/reports.yml" not in read_bundle(tmp_path).files


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in (REPOSITORY / "bpmn").glob("*/demonstration/reports.yml")), ids=str
)
def test_what_this_house_demonstrates_can_be_read(folder):
    reports = read_scripts("any", (folder / "reports.yml").read_bytes(), (folder / "paths.yml").read_bytes())

    assert len(reports) >= 20
