"""Every case type in `bpmn/` passes all checks, and all its scenarios go as written."""

import pytest

from databases import REPOSITORY
from workflows.catalogue import checks, scenarios
from workflows.launch import extra_checks

FOLDERS = sorted(path.parent for path in (REPOSITORY / "bpmn").glob("*/case-type.yml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_type_passes_all_checks(folder):
    findings = checks.check(folder, extra=extra_checks())

    assert [finding for finding in findings if finding.severity == "error"] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_scenario_of_a_case_type_goes_as_written(folder):
    results = scenarios.rehearse(folder)

    assert [(result.file, result.disappointments) for result in results if not result.passed] == []


def test_there_is_a_case_type():
    assert FOLDERS
