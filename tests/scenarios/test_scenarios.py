"""Every scenario of every case type goes as written, and one that should not pass does not."""

import re
import shutil

import pytest

from databases import REPOSITORY
from workflows.catalogue.bundle import read_bundle
from workflows.catalogue.manifest_reader import read_manifest
from workflows.catalogue.scenarios import rehearse, scenarios_pass

SCENARIOS = sorted((REPOSITORY / "bpmn").glob("*/scenarios/*.yml"))


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_scenario(file):
    (result,) = rehearse(file.parent.parent, only=file.stem)

    assert result.disappointments == ()


def test_a_complaint_has_at_least_twelve_scenarios():
    assert len([file for file in SCENARIOS if file.parent.parent.name == "complaint"]) >= 12


def test_a_gratification_has_twenty_scenarios_that_reach_every_stage_and_every_disposition():
    folder = REPOSITORY / "bpmn" / "gratification"
    texts = [file.read_text() for file in SCENARIOS if file.parent.parent == folder]
    manifest = read_manifest((folder / "case-type.yml").read_bytes())

    assert len(texts) >= 20
    for stage in manifest.stages:
        assert any(re.search(rf"stage: {stage}\b", text) for text in texts), stage
    for disposition in manifest.dispositions:
        assert any(re.search(rf"disposition: {disposition}\b", text) for text in texts), disposition


def _told(folder, scenario):
    """Play one scenario of our making and give (line, sentence) of what disappointed."""
    (folder / "scenarios" / "ours.yml").write_text(scenario)
    (result,) = rehearse(folder, only="ours")
    return [(each.line, each.message) for each in result.disappointments]


@pytest.fixture
def a_case_type(tmp_path):
    """A copy of the complaint's folder that a test may break."""
    return shutil.copytree(REPOSITORY / "bpmn" / "complaint", tmp_path / "complaint")


REPORT = """title: Uji
report:
  classification: complaint
  title: Lampu jalan padam
  story: Sudah dua minggu lampu jalan di sini padam.
  privacy_read: true
"""


def test_a_task_that_does_not_wait_is_told_with_its_line_and_what_waits_instead(a_case_type):
    told = _told(a_case_type, REPORT + "steps:\n  - complete: refer\n")

    assert told == [(8, "Tugas 'refer' tidak menunggu; yang menunggu: verify.")]


def test_a_wrong_expectation_says_what_was_expected_and_what_happened(a_case_type):
    told = _told(
        a_case_type,
        REPORT
        + """steps:
  - expect:
      tasks: [refer]
      stage: closed
      services: [{notify: {template: closed}}]
  - expect: {task: verify, role: regent, due: P-09}
expect:
  disposition: resolved
  without: [notify]
""",
    )

    assert [line for line, _ in told] == [9, 10, 11, 12, 14, 15]
    assert told[0][1] == "Diharapkan tugas: refer; nyatanya: verify."
    assert told[1][1] == "Tahap: diharapkan 'closed', nyatanya 'received'."
    assert "notify(template=received, to=reporter)" in told[2][1]
    assert told[3][1] == "Diharapkan role 'regent' pada 'verify'; nyatanya 'intake_officer'."


def test_refused_answers_name_field_and_problem(a_case_type):
    told = _told(a_case_type, REPORT + "steps:\n  - complete: verify\n    answers: {verification: postponed}\n")

    assert told == [(8, "Isian ditolak (requested: required).")]


def test_a_row_with_a_field_that_the_form_does_not_have_is_told(tmp_path):
    folder = shutil.copytree(REPOSITORY / "bpmn" / "gratification", tmp_path / "gratification")
    told = _told(folder, "title: Uji\nreport: {objects: [{colour: red}]}\n")

    assert told == [(2, "Formulir 'report' tidak memuat: objects[0].colour.")]


def test_a_field_that_the_form_does_not_have_is_told(a_case_type):
    told = _told(a_case_type, REPORT + "steps:\n  - complete: verify\n    answers: {verificaton: archived}\n")

    assert len(told) == 1
    assert told[0][0] == 8


def test_a_timer_or_message_that_nobody_awaits_is_told(a_case_type):
    assert _told(a_case_type, REPORT + "steps:\n  - wait_for: refer_overdue\n")[0][0] == 8
    assert _told(a_case_type, REPORT + "steps:\n  - message: reply\n") == [
        (8, "Pesan 'reply' tidak ditunggu; yang ditunggu: duplicate_confirmed, withdrawn.")
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("title: [", 1),
        ("steps: []\n", 1),
        ("title: x\nsteps: 3\n", 2),
        ("title: x\nsteps:\n  - jump: 3 days\n", 3),
        ("title: x\nsteps:\n  - wait: soon\n", 3),
        ("title: x\nsteps:\n  - wait: 1 day\n    complete: verify\n", 3),
        ("title: x\nfiled_at: yesterday\n", 2),
        ("title: x\nreport: [a]\n", 2),
        ("title: x\nexpect: {moon: full}\n", 2),
        ("title: x\nexpect:\n  services: [{notify: 3}]\n", 3),
        ("title: x\nexpect:\n  role: regent\n", 3),
    ],
)
def test_a_scenario_that_is_not_written_as_one_is_told_with_its_line(a_case_type, text, line):
    assert _told(a_case_type, text)[0][0] == line


def test_a_changed_rule_makes_its_scenario_fail(a_case_type):
    table = a_case_type / "decisions" / "escalation_ladder.dmn"
    table.write_text(table.read_text().replace('"intake_supervisor"', '"regent"'))

    (late,) = rehearse(a_case_type, only="verification_late")

    assert not late.passed
    assert "escalate" in late.disappointments[0].message


def test_failed_scenarios_are_findings_for_the_gate(a_case_type):
    for file in (a_case_type / "scenarios").iterdir():
        file.unlink()
    (a_case_type / "scenarios" / "ours.yml").write_text(REPORT + "steps:\n  - complete: refer\n")

    (finding,) = scenarios_pass(read_bundle(a_case_type))

    assert (finding.code, finding.file, finding.line) == ("scenario.failed", "scenarios/ours.yml", 8)


def test_a_step_of_the_path_is_in_the_trace(a_case_type):
    (result,) = rehearse(a_case_type, only="on_time")

    assert result.trace[0] == "complaint_filed"
    assert result.trace[-1] == "complaint_closed"
    assert result.title == "Tepat waktu sampai selesai"
