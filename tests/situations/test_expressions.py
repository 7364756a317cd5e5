"""Steps that cannot be taken: an endless expression is an incident of its task alone, a newer state nobody's fault."""

from collections.abc import Callable
from html import escape
from time import process_time
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from looking import row_counts
from pages import Visitor
from stories import VERIFIED, BeginTx, Story
from workflows.catalogue.models import ProcessFile, ProcessVersion
from workflows.catalogue.queries import newest_version
from workflows.incidents.models import Incident

SignIn = Callable[[str], Visitor]

ENDLESS = {
    "powers": "9 ** 9 ** 9 ** 9 ** 9 ** 9 ** 9 > 0 and count(for a in 1..99999, b in 1..99999 return a) > 0",
    "loops": "count(for a in 1..99999, b in 1..99999, c in 1..99999 return a ** b ** c) > 0",
    "texts": 'string length(string join(for i in 1..99999 return "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")) > 0',
    "sorting": "count(sort(for i in 1..99999 return 99999 - i, function(x, y) x < y)) > 0",
}


def put_in_force(begin_tx: BeginTx, condition: str) -> None:
    """Let new cases start on an edition that asks something endless once verification is done."""
    with begin_tx() as tx:
        known = newest_version(tx.session, "complaint")
        files = {file.path: file.content for file in known.files}
        asked = b'>verification = "archived"<'
        assert asked in files["process.bpmn"]
        files["process.bpmn"] = files["process.bpmn"].replace(asked, f">{escape(condition, quote=False)}<".encode())
        known.state, known.retired_at = "retired", tx.now
        tx.session.flush()
        tx.session.add(
            ProcessVersion(
                case_type="complaint",
                number=known.number + 1,
                checksum=uuid4().hex,
                published_at=tx.now,
                files=[ProcessFile(path=path, content=content) for path, content in files.items()],
            )
        )


@pytest.mark.parametrize("condition", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_condition_is_an_incident_on_its_task_alone(
    sign_in: SignIn, story: Story, session: Session, begin_tx: BeginTx, condition: str
) -> None:
    story.file()
    put_in_force(begin_tx, condition)
    faulty = Story(begin_tx)
    faulty.file(title="Laporan pada diagram yang rusak")
    visit = sign_in("petugas")
    address = f"/tugas/{faulty.task(session, 'verify').id}"
    opened, before = visit(address), row_counts(session)

    began = process_time()
    page = visit.fill(opened, address, {**VERIFIED, "_no_conflict": "true", "note": "Sudah saya telepon."}, status=500)

    assert process_time() - began < 5
    assert page.heading == "Langkah ini belum dapat dijalankan"
    assert "Sudah saya telepon." in page.source
    incident = session.scalars(select(Incident)).one()
    assert (incident.kind, incident.case_id, incident.owner_role) == ("step.failed", faulty.case_id, "process_designer")
    assert (incident.cause_code, incident.element) == ("expression.failed", "verification_gateway")
    after = row_counts(session)
    assert {name for name in after if after[name] != before.get(name, 0)} <= {"incident", "journal_entry"}
    assert faulty.waiting(session) == ["verify"]
    story.do("verify", VERIFIED)
    assert story.waiting(session) == ["refer"]


def test_a_case_that_a_newer_edition_of_the_program_has_moved_waits_for_it(
    sign_in: SignIn, story: Story, session: Session
) -> None:
    """While machines are brought up to date one by one: nobody's fault, nothing is stored, nothing typed is lost."""
    story.file()
    visit, address = sign_in("petugas"), f"/tugas/{story.task(session, 'verify').id}"
    opened = visit(address)
    session.execute(text("UPDATE process_instance SET tokens = '[99'::bytea || substr(tokens, 3)"))

    page = visit.fill(opened, address, {**VERIFIED, "_no_conflict": "true", "note": "Sudah saya telepon."}, status=503)

    assert page.heading == "Sistem sedang dimutakhirkan"
    assert "Sudah saya telepon." in page.source
    assert session.scalars(select(Incident)).all() == []
    assert story.waiting(session) == ["verify"]
