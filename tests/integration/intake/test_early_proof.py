"""A reporter who has something already before the office waits for it is asked for it, in the stages that say so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, a_key, create_case
from due_jobs import run_due_jobs
from factories import NOW
from workflows.background.duties import workshop_of
from workflows.cases.models import Case
from workflows.catalogue.models import ProcessFile
from workflows.errors import Conflict
from workflows.intake.operations import OwnReport, send_reporter_message
from workflows.intake.queries import tracking
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.transaction import Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
EARLY = b"""
early_messages:
  reply: {for: P3D, stages: [answering], title: Sudah tahu jawabannya?, title_en: Do you know the answer already?}
"""


@pytest.fixture
def a_report(begin_tx: BeginTx, session: Session, an_office: SampleOffice) -> Case:
    """A case of the officer's own, that is being checked."""
    manifest = session.scalars(select(ProcessFile).where(ProcessFile.path == "case-type.yml")).one()
    manifest.content += EARLY
    an_office.version.checksum = sha256(manifest.content).hexdigest()
    with begin_tx() as tx:
        case = create_case(tx)
        case.reporter_user_id = an_office.colleague.user_id
        processes.start(tx, case.id, an_office.version.id, {})
    return case


def asked(session: Session, case: Case, reporter: Actor) -> list[str]:
    return [each.title for each in tracking(session, OwnReport(case.number), NOW, reporter).messages]


def test_it_is_asked_for_kept_and_delivered_when_its_time_comes(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_report: Case, settings: Settings
) -> None:
    reporter = an_office.colleague

    def send() -> processes.Outcome:
        posted = {"satisfied": ["true"]}
        with begin_tx(reporter) as tx:
            return send_reporter_message(tx, OwnReport(a_report.number), "reply", posted=posted, key=a_key())

    def complete(actor: Actor, posted: dict[str, list[str]]) -> None:
        task = session.scalars(select(Task).where(Task.status == "open")).one()
        revision = session.scalars(select(ProcessInstance.revision)).one()
        with begin_tx(actor) as tx:
            processes.complete_task(tx, task.id, posted=posted, revision=revision, key=a_key())

    # Not in this stage.
    assert asked(session, a_report, reporter) == []
    with pytest.raises(Conflict, match=r"message\.unawaited"):
        send()

    complete(an_office.officer, {"category": ["02"], "valid": ["true"]})
    assert asked(session, a_report, reporter) == ["Sudah tahu jawabannya?"]
    assert send().kept
    assert asked(session, a_report, reporter) == []

    complete(an_office.liaison, {"answer": ["Sudah"], processes.NO_CONFLICT: ["true"]})
    assert asked(session, a_report, reporter) == ["Tanggapi"]
    run_due_jobs(session, workshop_of(settings), NOW)
    assert session.scalars(select(ProcessInstance.outcome)).one() == "resolved"
