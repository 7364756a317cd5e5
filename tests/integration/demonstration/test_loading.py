"""Loading a demonstration again, wrongly, or where it does not belong."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from databases import REPOSITORY
from factories import NOW
from workflows.activities.models import Activity
from workflows.cases.models import Case
from workflows.catalogue.operations import publish
from workflows.demonstration.operations import DemonstrationRefused
from workflows.errors import BrokenDefinition
from workflows.journal.models import JournalEntry
from workflows.notices.models import Notice
from workflows.transaction import SYSTEM, begin


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


def test_activities_are_written_once_and_what_the_register_refuses_is_told_with_its_line(stage):
    registers = REPOSITORY / "bpmn" / "gratification"
    folder = stage.settings.definitions / "complaint"
    shutil.copy(registers / "activities.yml", folder)
    with begin(stage.session, SYSTEM, now=NOW) as tx:
        publish(tx, folder, gate=lambda bundle: ())
    diary = folder / "demonstration" / "activities.yml"
    diary.write_text(
        "activities:\n- {days_ago: 3, by: upg, kind: training, title: Sidang, hours: 2, participants: 5}\n"
    )

    assert [stage.load().noted, stage.load().noted] == [1, 0]
    (line,) = stage.session.scalars(select(Activity))
    assert (line.title, line.held_on, line.participants) == ("Sidang", NOW.date() - timedelta(days=3), 5)

    with diary.open("a") as file:
        file.write("- {days_ago: 3, by: petugas, kind: rule, title: Bukan tugasnya}\n")
    with pytest.raises(BrokenDefinition) as broken:
        stage.load()
    assert [(finding.file, finding.line) for finding in broken.value.findings] == [("demonstration/activities.yml", 3)]


def test_a_real_office_is_left_alone(stage):
    real = replace(stage, settings=replace(stage.settings, environment="production"))

    with pytest.raises(DemonstrationRefused, match="production"):
        real.load()
