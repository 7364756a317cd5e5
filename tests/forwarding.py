"""A gift report on its way to the authority: filed with a photograph, examined, entrusted, signed."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

import evidence_files
from factories import NOW
from stories import person, posted
from workflows.cases.models import Case
from workflows.evidence.uploads import Upload
from workflows.intake.operations import submit_report
from workflows.processes.models import ProcessInstance
from workflows.processes.operations import NO_CONFLICT, complete_task
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

# In lower case: what may stand where people's words are at home, and nowhere else.
CANARIES = ("kenari", "1205015102930001")
REPORT = {
    "report_kind": "receipt", "title": "Kenari objek dari rekanan", "event": "birthday",
    "received_on": (NOW - timedelta(days=3)).date().isoformat(), "privacy_read": "true", "received_at": "Kantor",
    "givers[0].giver_name": "Kenari Pemberi", "givers[0].giver_relation": "vendor",
    "objects[0].description": "=Kenari objek", "objects[0].giver": "1", "objects[0].kind": "other",
    "objects[0].object_class": "5", "objects[0].form": "goods", "objects[0].quantity": "1",
    "objects[0].amount": "2.500.000", "objects[0].currency": "IDR", "objects[0].valued_by": "estimate",
    "objects[0].place": "reporter", "chronology": "Rekanan menitipkannya pada petugas jaga.",
    "name": "Kenari Pelapor", "identity_number": "1205015102930001", "position": "Guru", "home_address": "Stabat",
    "phone": "0800 000 0000", "truthful": "true",
}  # fmt: skip
PAPER = evidence_files.pdf()


def file_report(session: Session, begin_tx: BeginTx) -> Case:
    """File the report as somebody without an account."""
    with begin_tx(NOBODY) as tx:
        files = (Upload("files", "kenari-bukti.pdf", io.BytesIO(PAPER)),)
        slip = submit_report(tx, "gratification", posted=posted(REPORT), files=files, key=uuid4().hex)
    return session.get_one(Case, slip.case_id)


def do(session: Session, begin_tx: BeginTx, case: Case, login: str, element: str, **answers: str) -> None:
    """Let somebody complete the open task of that element; an answer "@" is a photograph."""
    waiting = select(Task).where(Task.case_id == case.id, Task.status == "open", Task.element == element)
    task = session.scalars(waiting).one()
    run = session.get_one(ProcessInstance, task.instance_id)
    with begin_tx(person(session, login)) as tx:
        typed = posted({NO_CONFLICT: "true", **{name: text for name, text in answers.items() if text != "@"}})
        files = [
            Upload(name, "kenari-foto.png", io.BytesIO(evidence_files.picture("PNG")))
            for name, text in answers.items()
            if text == "@"
        ]
        complete_task(tx, task.id, posted=typed, files=files, revision=run.revision, key=uuid4().hex)


def examine(session: Session, begin_tx: BeginTx, case: Case) -> None:
    """Find the report complete and subject to the duty, with its object entrusted."""
    do(session, begin_tx, case, "upg", "check_completeness", completeness="complete", entrusted="true")
    keep = {"custody_place": "Brankas UPG", "custody_condition": "good", "custody_photos": "@"}
    do(session, begin_tx, case, "upg2", "take_custody", **keep)
    do(session, begin_tx, case, "upg", "review", classification="report", review_note="Catatan intern kenari-intern.")


def sign(session: Session, begin_tx: BeginTx, case: Case) -> None:
    """Let the head of the unit sign the checklist."""
    ticks = ("identity", "objects", "evidence", "classification", "custody")
    ticked = {f"checked_{tick}": "true" for tick in ticks}
    do(session, begin_tx, case, "ketuaupg", "sign_checklist", checklist="signed", **ticked)
