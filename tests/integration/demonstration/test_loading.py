"""Loading a demonstration again, wrongly, or where it does not belong."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from factories import NOW
from workflows.cases.models import Case
from workflows.demonstration.operations import DemonstrationRefused
from workflows.errors import BrokenDefinition
from workflows.journal.models import JournalEntry
from workflows.notices.models import Notice


def rows(session):
    return [session.scalar(select(func.count()).select_from(table)) for table in (Case, JournalEntry, Notice)]


def test_loading_again_adds_only_what_is_new(stage):
    stage.load()
    before = rows(stage.session)

    again = stage.load(now=NOW + timedelta(days=1))

    assert (again.filed, again.known) == (0, 4)
    assert rows(stage.session) == before

    stage.add("reports.yml", "- {days_ago: 1, path: waiting, report: {title: Pohon tumbang}}")
    again = stage.load()

    assert (again.filed, again.known, again.running) == (1, 4, 1)


def test_a_path_that_the_case_does_not_take_is_left_and_told(stage):
    stage.add(
        "paths.yml",
        "  - {after: 1, complete: refer, answers: {handling_office: PUPR, instruction: Ya, urgency: normal}}",
    )

    played = stage.load()

    archived = stage.session.scalars(select(Case.number).where(Case.disposition == "archived")).one()
    assert played.left_path == ((archived, "refer"),)


def test_answers_that_do_not_fit_are_told_with_their_line_and_nothing_stays(stage):
    stage.add("reports.yml", "- {days_ago: 1, path: waiting, report: {title: x}}")

    with pytest.raises(BrokenDefinition) as broken:
        stage.load()

    (finding,) = broken.value.findings
    assert (finding.file, finding.line) == ("demonstration/reports.yml", 19)
    assert "title" in finding.message
    assert rows(stage.session)[0] == 0


def test_a_real_office_is_left_alone(stage):
    real = replace(stage, settings=replace(stage.settings, environment="production"))

    with pytest.raises(DemonstrationRefused, match="production"):
        real.load()
