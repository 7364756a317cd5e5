"""What the watchdog told of and has mended itself is closed without anybody's hand."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import SAMPLE, SampleOffice, create_case, create_sample_office
from factories import NOW
from workflows import jobs
from workflows.background.duties import DUTIES, Workshop
from workflows.catalogue.models import ProcessFile, ProcessVersion
from workflows.incidents.models import Incident
from workflows.incidents.operations import Cause, raise_incident
from workflows.processes import operations as processes
from workflows.processes.by_hand import STEP
from workflows.tasks.models import Task
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def an_office(begin_tx: BeginTx, workshop: Workshop) -> SampleOffice:
    """The people around the case type "sample"; one case of it waits for them."""
    with begin_tx() as tx:
        office = create_sample_office(tx)
        processes.start(tx, create_case(tx).id, office.version.id, {})
    return office


def watched(begin_tx: BeginTx, session: Session, workshop: Workshop) -> list[tuple[str, str]]:
    with begin_tx(now=LATER) as tx:
        DUTIES["processes.watch"].run(tx, workshop)
    return [(found.kind, found.state) for found in session.scalars(select(Incident).order_by(Incident.id))]


def test_a_stuck_case_that_moves_again_is_no_incident_any_more(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    session.execute(text("UPDATE task SET status = 'done'"))
    session.execute(text("DELETE FROM procrastinate_jobs"))
    assert watched(begin_tx, session, workshop) == [("case.stuck", "open")]

    session.execute(text("UPDATE task SET status = 'open'"))

    assert watched(begin_tx, session, workshop) == [("case.stuck", "resolved")]
    assert watched(begin_tx, session, workshop) == [("case.stuck", "resolved")]


def test_a_stuck_case_that_was_closed_is_no_incident_any_more(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    session.execute(text("UPDATE task SET status = 'done'"))
    session.execute(text("DELETE FROM procrastinate_jobs"))
    watched(begin_tx, session, workshop)

    session.execute(text("UPDATE case_file SET closed_at = opened_at"))

    assert watched(begin_tx, session, workshop) == [("case.stuck", "resolved")]


def test_a_task_that_somebody_may_do_again_is_no_incident_any_more(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    session.execute(text("UPDATE membership SET ends_at = begins_at WHERE role_id = 'intake_officer'"))
    assert watched(begin_tx, session, workshop) == [("task.orphan", "open")]

    session.execute(text("UPDATE membership SET ends_at = NULL"))

    assert watched(begin_tx, session, workshop) == [("task.orphan", "resolved")]


def test_a_failed_step_that_went_well_since_is_no_incident_any_more(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    task = session.scalars(select(Task)).first()
    assert task is not None
    with begin_tx() as tx:
        cause = Cause("AmanahError", "expression.failed")
        raise_incident(
            tx, "step.failed", f"{STEP}{task.id}", cause, owner_role="process_designer", case_id=task.case_id
        )
    assert watched(begin_tx, session, workshop) == [("step.failed", "open")]

    session.execute(text("UPDATE task SET status = 'done' WHERE id = :id"), {"id": task.id})

    assert ("step.failed", "resolved") in watched(begin_tx, session, workshop)


def test_a_stuck_case_of_a_type_that_names_nobody_is_the_business_of_administrators(
    begin_tx: BeginTx, session: Session, workshop: Workshop
) -> None:
    manifest = (SAMPLE / "case-type.yml").read_bytes()
    with begin_tx() as tx:
        unnamed = manifest.replace(b"looked_after_by: office_head\n", b"")
        office = create_sample_office(tx, replacing={"case-type.yml": unnamed})
        processes.start(tx, create_case(tx).id, office.version.id, {})
    session.execute(text("UPDATE task SET status = 'done'"))
    session.execute(text("DELETE FROM procrastinate_jobs"))

    assert watched(begin_tx, session, workshop) == [("case.stuck", "open")]

    assert session.scalars(select(Incident.owner_role)).all() == ["administrator"]


def test_a_case_whose_edition_cannot_be_read_keeps_nobody_from_looking_at_the_others(
    begin_tx: BeginTx, session: Session, workshop: Workshop, an_office: SampleOffice
) -> None:
    session.execute(text("UPDATE task SET status = 'done'"))
    session.execute(text("DELETE FROM procrastinate_jobs"))
    for file in session.scalars(select(ProcessFile).where(ProcessFile.version_id == an_office.version.id)):
        file.content = b"\x00"
    session.get_one(ProcessVersion, an_office.version.id).checksum = "of no readable file"
    session.flush()

    assert watched(begin_tx, session, workshop) == [("case.stuck", "open")]

    assert session.scalars(select(Incident.owner_role)).all() == ["administrator"]


def test_a_job_that_was_given_up_untold_is_told_of_once(
    begin_tx: BeginTx, session: Session, workshop: Workshop
) -> None:
    with begin_tx() as tx:
        jobs.defer(tx.session, "letters.print", letter_id="of-nobody")
        raise_incident(
            tx, "job.failed", "known", Cause("X", "x"), owner_role="none",
            task="evidence.copy", arguments={"evidence_id": "told"},
        )  # fmt: skip
        jobs.defer(tx.session, "evidence.copy", evidence_id="told")
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))

    for _ in range(2):
        assert watched(begin_tx, session, workshop) == [("job.failed", "open")] * 2

    untold = session.scalars(select(Incident).where(Incident.subject == "letters.print:of-nobody")).one()
    assert (untold.cause_code, untold.attempts, untold.task) == ("job.untold", 1, "letters.print")


def test_a_channel_with_nothing_left_to_send_is_no_incident_any_more(
    begin_tx: BeginTx, session: Session, workshop: Workshop
) -> None:
    with begin_tx() as tx:
        cause = Cause("SendingFailed", "smtp")
        raise_incident(tx, "job.failed", "notices.send:email", cause, owner_role="administrator")

    with begin_tx() as tx:
        DUTIES["notices.resend"].run(tx, workshop, channel="email")

    assert session.scalars(select(Incident.state)).all() == ["resolved"]
