"""R10: what a completed step left behind is the same for ever; the next step weighs it again, and so does the proof."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import a_key
from databases import installation_environment
from due_jobs import run_due_jobs
from factories import NOW
from promises.conftest import Matter
from workflows import cli, jobs
from workflows.background.duties import Workshop
from workflows.errors import SealBroken
from workflows.incidents.models import Incident
from workflows.processes import operations as processes
from workflows.processes import recounting
from workflows.processes.models import StepRecord
from workflows.processes.operations import NO_CONFLICT
from workflows.proof import verify
from workflows.transaction import begin

VALID = {"valid": ["true"], "category": ["02"]}
ANSWERED = {"answer": ["Sudah"], NO_CONFLICT: ["true"]}
# What may happen to a step of the past.
CHANGES = {
    "its data": 'UPDATE step_record SET values = values || \'{"category": "10"}\' WHERE revision = 2',
    "who did it": "UPDATE step_record SET actor_name = 'Siapa saja' WHERE revision = 2",
    "when": "UPDATE step_record SET at = at - interval '1 day' WHERE revision = 2",
    "that it was": "DELETE FROM step_record WHERE revision = 1",
}


@pytest.fixture
def checked(matter: Matter) -> Matter:
    with matter.begin(matter.office.officer) as tx:
        processes.complete_task(tx, matter.task("check").id, posted=VALID, revision=1, key=a_key())
    return matter


def test_a_step_keeps_what_it_left_behind(checked: Matter) -> None:
    with checked.look() as session:
        steps = session.scalars(
            select(StepRecord).where(StepRecord.instance_id == checked.instance_id).order_by(StepRecord.revision)
        ).all()
        assert verify(session) is None
    assert {"category": "02", "valid": True}.items() <= (steps[-1].values or {}).items()
    assert len({step.checksum for step in steps}) == len(steps)


@pytest.mark.parametrize("change", CHANGES)
def test_a_step_of_the_past_that_was_changed_stops_the_run_and_fails_the_proof(checked: Matter, change: str) -> None:
    task, actor = checked.task("answer").id, checked.office.liaison
    with Session(checked.database.engine) as session:
        session.execute(text(f"{CHANGES[change]} AND instance_id = :run"), {"run": checked.instance_id})
        found = verify(session)
        assert found is not None
        assert (found.problem, found.case_id) == ("step.changed", checked.case_id)

        with pytest.raises(SealBroken) as refused, begin(session, actor, now=NOW) as tx:
            processes.complete_task(tx, task, posted=ANSWERED, revision=2, key=a_key())
        assert refused.value.instance_id == checked.instance_id
        session.rollback()
        assert verify(session) is None


def test_a_broken_seal_is_an_incident_with_an_owner_whoever_meets_it(
    checked: Matter, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A job meets it first, then the command line, which speaks to people and goes on with the other cases."""
    run = {"run": checked.instance_id}
    with checked.begin() as tx:
        tx.session.execute(text(f"{CHANGES['its data']} AND instance_id = :run"), run)
        jobs.defer(tx.session, "processes.wake", instance_id=checked.instance_id)
    late = NOW + timedelta(days=30)
    with Session(checked.database.engine) as session:
        run_due_jobs(session, workshop, late)
    monkeypatch.setattr(recounting, "running_instances", lambda session: [checked.instance_id])
    monkeypatch.setattr(recounting, "recount", lambda tx, instance_id: processes.wake(tx, instance_id))
    for name, value in installation_environment(checked.database.url, workshop.settings.home).items():
        monkeypatch.setenv(name, value)

    assert cli.main(["recount"]) == cli.REFUSED

    said = capsys.readouterr().err
    assert f"Langkah 2 dari proses {checked.instance_id}" in said
    assert cli.main(["verify"]) == cli.REFUSED
    assert f"Sebuah langkah proses tidak sama lagi dengan saat ditulis (step.changed, case {checked.case_id}" in (
        capsys.readouterr().err
    )
    with checked.look() as session:
        told = session.scalars(select(Incident).where(Incident.instance_id == checked.instance_id)).all()
        assert {(each.kind, each.owner_role, each.case_id) for each in told} == {
            ("seal.broken", "administrator", checked.case_id)
        }
        assert {each.subject.split(":")[0] for each in told} == {"processes.wake", "seal"}
