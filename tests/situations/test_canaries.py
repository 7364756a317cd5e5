"""Words are planted in every field of a complaint that runs from filing to closing, and looked for everywhere else."""

import logging
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from complaints import ANSWERS
from due_jobs import run_due_jobs
from evidence_files import upload
from factories import NOW
from looking import tables_holding
from pages import Visitor
from stories import REFERRED, STEPS, VERIFIED, Story, person
from workflows.background.duties import Workshop
from workflows.case_reports.models import CaseReport
from workflows.case_reports.operations import ask_report
from workflows.intake import operations as intake
from workflows.logs import JsonLines
from workflows.notices.models import Notice
from workflows.notices.senders import NullSender
from workflows.processes.models import ProcessInstance

SignIn = Callable[[str], Visitor]
CANARY = "kenarikuning"
# Where what people wrote is at home: contents, drafts, parties, the file's own name and bytes, the words of the search
# of an open case, and the frozen words of letters. Whoever runs the machine may look at everything else.
HOMES = {"content", "party", "task_draft", "case_file", "evidence", "stored_chunk", "letter"}


@pytest.fixture
def listening(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Hear every logger, however quiet."""
    caplog.set_level(logging.DEBUG)
    return caplog


def plant(story: Story, session: Session, workshop: Workshop, *, confidential: bool) -> None:
    """Let the complaint run from filing to closing, with the word in all that can be written, and print its report."""
    story.file(
        title=f"Judul {CANARY}",
        story=f"Uraian tentang {CANARY} di jalan desa itu.",
        name=f"Siti {CANARY}",
        email=f"{CANARY}@contoh.example",
        phone="081234567890",
        confidential="true" if confidential else "",
        files=(upload(f"{CANARY}.txt", f"isi {CANARY}".encode()),),
    )
    story.do("verify", {**VERIFIED, "note": f"Catatan {CANARY}"})
    story.do("refer", {**REFERRED, "instruction": f"Periksa {CANARY} itu."})
    for element, answers in STEPS[2:]:
        story.do(element, {name: f"{value} {CANARY}" if len(value) > 20 else value for name, value in answers.items()})
    if not confidential:
        # Printing takes seconds, and what it may hold does not depend on the circle.
        with story.begin(person(session, "penyelia"), now=NOW) as tx:
            ask_report(tx, story.case_id)  # type: ignore[arg-type]
    story.send("reply", reply_kind="accepted", reply=f"Terima kasih {CANARY}")
    run_due_jobs(session, workshop, NOW)
    assert story.case(session).closed_at is not None
    assert set(session.scalars(select(CaseReport.state))) == ({"ready"} if not confidential else set())


@pytest.mark.parametrize("confidential", [False, True], ids=["open", "confidential"])
def test_words_stay_where_they_are_at_home(
    story: Story,
    session: Session,
    workshop: Workshop,
    mail: NullSender,
    listening: pytest.LogCaptureFixture,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    confidential: bool,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plant(story, session, workshop, confidential=confidential)

    assert tables_holding(session, CANARY) <= HOMES
    assert CANARY not in listening.text.lower()
    assert CANARY not in "".join(map(JsonLines().format, listening.records)).lower()
    for message in mail.messages:
        # Where it goes is its address, which nobody but its reader sees.
        said = " ".join((message.subject, message.text, *message.parameters)).lower()
        assert CANARY not in said
    left = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes().lower()]
    assert left == []
    for tokens, variables in session.execute(select(ProcessInstance.tokens, ProcessInstance.variables)):
        assert CANARY.encode() not in tokens.lower()
        assert CANARY not in str(variables).lower()
    assert (story.case(session).search is None) == confidential

    if confidential:
        found = text("SELECT count(*) FROM case_file WHERE search @@ websearch_to_tsquery('indonesian', :word)")
        assert session.scalar(found, {"word": CANARY}) == 0
        for login in ("opd2", "dinkes", "admin"):
            visit = sign_in(login)
            for address in ("/kasus", f"/kasus?cari={CANARY}", "/tugas?lingkup=semua", "/eskalasi"):
                answer = visit.client.get(address)
                asked = answer.get_data(as_text=True).lower().replace(f'value="{CANARY}"', "").replace(f"={CANARY}", "")
                if login != "opd2":
                    # Of the office to which the case was referred, everybody has a part in it.
                    assert CANARY not in asked, (login, address)
        for notice in session.scalars(select(Notice).where(Notice.channel != "bell")):
            words = " ".join(str(words) for words in notice.texts.values())
            assert story.number not in words
            assert not re.search(r"jalan|sampah|pungut", words.lower())


def test_a_fault_quotes_nobody(
    visit: Visitor, story: Story, session: Session, listening: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks in the middle of an act may not carry words of the act into the log."""

    def broken(tx: object, case: object, *given: object, **named: object) -> None:
        raise ValueError(f"cannot do this with {given} {named} {CANARY}")

    monkeypatch.setattr(intake, "_keep_report", broken)
    form = {**visit("/lapor/complaint").form("/lapor/complaint").values, "_village_asked": "1"}
    response = visit.client.post("/lapor/complaint", data={**form, **ANSWERS, "title": f"Judul {CANARY}"})

    assert response.status_code == 500
    assert "ValueError" in listening.text
    assert CANARY not in listening.text.lower()
    assert CANARY in response.get_data(as_text=True)
