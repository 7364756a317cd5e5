"""Words that people wrote are planted, a case is worked through, and they are looked for where they must not be."""

import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from case_factories import a_key, create_sample_office
from due_jobs import run_due_jobs
from evidence_files import upload
from factories import NOW
from workflows import jobs
from workflows.background.duties import Workshop
from workflows.case_reports.operations import ask_report
from workflows.intake import operations as intake
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.processes.operations import NO_CONFLICT
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

CANARY = "kenarikuning"
# Where what people wrote is at home: contents, identities, drafts, words of the search, file names, stored bytes, and
# the frozen words of letters. Everything else may be seen by those who run the machine.
HOMES = {"content", "party", "task_draft", "case_file", "evidence", "stored_chunk", "letter"}


@pytest.mark.parametrize("confidential", [False, True])
def test_what_people_wrote_stays_where_it_belongs(
    begin_tx: BeginTx,
    session: Session,
    workshop: Workshop,
    caplog: pytest.LogCaptureFixture,
    confidential: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    with begin_tx() as tx:
        office = create_sample_office(tx)
    posted = {
        "title": [f"Judul {CANARY}"],
        "story": [f"Uraian {CANARY}"],
        "category": ["02"],
        "name": [f"Nama {CANARY}"],
        "email": [f"{CANARY}@localhost"],
        "confidential": ["true"] if confidential else [],
    }
    with begin_tx(NOBODY) as tx:
        files = [upload(f"{CANARY}.txt", CANARY.encode(), "photos")]
        filed = intake.submit_report(tx, "sample", posted=posted, files=files, key=a_key())
    steps: list[tuple[str, Actor, dict[str, list[str]]]] = [
        ("check", office.officer, {"valid": ["true"], "category": ["02"], "note": [f"Catatan {CANARY}"]}),
        ("answer", office.liaison, {"answer": [f"Jawaban {CANARY}"], "note": [CANARY], NO_CONFLICT: ["true"]}),
    ]
    for element, actor, answers in steps:
        task = session.scalars(select(Task).where(Task.element == element, Task.status == "open")).one()
        revision = session.scalars(select(ProcessInstance.revision)).one()
        with begin_tx(actor) as tx:
            processes.complete_task(tx, task.id, posted=answers, revision=revision, key=a_key())
    with begin_tx() as tx:
        ask_report(tx, filed.case_id, edition="ombudsman")
        # A job that cannot but fail, so that an incident is written too.
        jobs.defer(tx.session, "evidence.copy", evidence_id=filed.case_id)

    run_due_jobs(session, workshop, NOW)

    for table in inspect(session.connection()).get_table_names():
        if table in HOMES:
            continue
        rows = session.execute(text(f'SELECT to_jsonb(t)::text FROM "{table}" t')).scalars()
        assert not [row for row in rows if CANARY in row.lower()], table
    instance = session.scalars(select(ProcessInstance)).one()
    assert CANARY.encode() not in instance.tokens
    assert CANARY not in json.dumps(instance.variables)
    assert CANARY not in caplog.text.lower()
