"""Script and markup in every text, name, label and file name: inert in pages, mails and PDFs."""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from io import BytesIO

import pikepdf
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from due_jobs import run_due_jobs
from evidence_files import picture, upload
from factories import NOW
from pages import Page, Visitor
from stories import REFERRED, STEPS, VERIFIED, BeginTx, Story, person
from workflows.background.duties import Workshop
from workflows.case_reports.models import CaseReport
from workflows.case_reports.operations import ask_report
from workflows.catalogue.models import ProcessFile, ProcessVersion
from workflows.catalogue.queries import newest_version
from workflows.letters.models import Letter
from workflows.notices.senders import NullSender, SmtpSender
from workflows.people.models import Unit, User
from workflows.storage.queries import read

SignIn = Callable[[str], Visitor]

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}${7*7}{%raw%}&lt;b&gt;"
# Short enough for a name, and what breaks out of attributes, templates and style sheets.
SHORT = '"><svg onload=alert(3)>{{9*9}}</style>'


def with_evil_names(session: Session, begin_tx: BeginTx) -> None:
    """Let people, units, steps, labels and titles bear markup."""
    for unit in session.scalars(select(Unit)):
        unit.name, unit.name_en = f"{unit.name} {SHORT}", f"{unit.name_en} {SHORT}"
    for user in session.scalars(select(User)):
        user.name, user.position = f"{user.name} {SHORT}", SHORT
    with begin_tx() as tx:
        known = newest_version(tx.session, "complaint")
        files = {file.path: file.content for file in known.files}
        escaped = SHORT.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode()
        files["process.bpmn"] = files["process.bpmn"].replace(b'name="', b'name="' + escaped)
        # Names of roots that are called by name stay what they are called.
        for root in (b"message", b"signal", b"error", b"escalation"):
            files["process.bpmn"] = re.sub(
                rb"(<(?:bpmn:)?" + root + rb" [^>]*name=\")" + re.escape(escaped), rb"\1", files["process.bpmn"]
            )
        files["process.bpmn"] = re.sub(
            rb"(<camunda:(?:property|inputParameter|outputParameter)[^>]*name=\")" + re.escape(escaped),
            rb"\1",
            files["process.bpmn"],
        )
        files["process.bpmn"] = re.sub(
            rb"(<(?:bpmn:)?lane [^>]*name=\")" + re.escape(escaped), rb"\1", files["process.bpmn"]
        )
        # A form refuses "{{" in its labels by itself.
        json_text = SHORT.replace("{{9*9}}", "").replace('"', '\\"').encode()
        for path in files:
            if path.endswith(".form"):
                files[path] = re.sub(rb'("(?:label|description|label_en)": ")', rb"\1" + json_text, files[path])
        files["case-type.yml"] = files["case-type.yml"].replace(
            b"title: Pengaduan masyarakat", b"title: 'Pengaduan " + SHORT.replace("'", "''").encode() + b"'"
        )
        known.state, known.retired_at = "retired", tx.now
        tx.session.flush()
        tx.session.add(
            ProcessVersion(
                case_type="complaint",
                number=known.number + 1,
                checksum="e" * 64,
                published_at=tx.now,
                files=[ProcessFile(path=path, content=content) for path, content in files.items()],
            )
        )


def inert(page: Page) -> None:
    """Assert that nothing of it became an element, an attribute or a result."""
    tree = page.tree
    assert not tree.xpath("//script[not(@src)][not(@type='application/json')]")
    assert not tree.xpath("//*[@*[starts-with(name(), 'on')]]")
    assert not tree.xpath("//img[@src='x']")
    assert "<script>alert" not in page.source
    assert "<svg onload" not in page.source
    seen = page.text
    assert "{{7*7}}" in seen or "7*7" not in seen
    assert "{{9*9}}" in seen or "9*9" not in seen


@pytest.fixture
def evil(session: Session, story: Story, begin_tx: BeginTx, workshop: Workshop) -> Story:
    """A case in which everything that can be written or named is markup, worked through to its end."""
    with_evil_names(session, begin_tx)
    story.file(
        title=f"Judul {SHORT}",
        story=f"Cerita panjang tentang jalan {EVIL}",
        name=f"Siti {SHORT}",
        email="siti@contoh.example",
        files=(upload(f'"><script>alert(1)</script>{SHORT}.jpg', picture("JPEG")),),
    )
    story.do("verify", {**VERIFIED, "note": EVIL})
    story.do("refer", {**REFERRED, "instruction": f"Periksa {EVIL}"})
    for element, answers in STEPS[2:]:
        story.do(element, {name: f"{value} {EVIL}" if len(value) > 20 else value for name, value in answers.items()})
    with begin_tx(person(session, "penyelia")) as tx:
        ask_report(tx, story.case_id)  # type: ignore[arg-type]
    run_due_jobs(session, workshop, NOW)
    return story


def test_markup_is_text_in_pages_mails_and_documents(
    evil: Story, session: Session, sign_in: SignIn, visit: Visitor, mail: NullSender
) -> None:
    officer = sign_in("penyelia")
    for address in (
        "/tugas?lingkup=semua",
        "/kasus",
        f"/kasus/{evil.number}",
        f"/kasus/{evil.number}/laporan",
        "/eskalasi",
    ):
        inert(officer(address))
    shown = officer(f"/kasus/{evil.number}")
    assert "<script>alert(1)</script>" in shown.text
    revealed = officer.client.post(f"/kasus/{evil.number}/identitas", data={"csrf_token": "x"})
    assert b"<svg onload" not in revealed.data
    inert(visit("/lapor/complaint"))
    inert(visit("/"))
    inert(visit.fill(visit("/lacak"), "/lacak", {"code": evil.code}))

    assert mail.messages
    sender = SmtpSender("localhost", 25, "amanah@localhost", "Kantor")
    for message in mail.messages:
        whole = message_from_bytes(sender._mail(message).as_bytes(), policy=policy.default)
        assert whole.get_content_type() == "text/plain"
        assert "\n" not in str(whole["Subject"])
        assert "81" not in message.subject

    checksums = [*session.scalars(select(Letter.checksum)), *session.scalars(select(CaseReport.checksum))]
    assert checksums
    for checksum in checksums:
        assert checksum is not None
        with pikepdf.open(BytesIO(read(session, checksum))) as document:
            assert "/OpenAction" not in document.Root
            assert "/JavaScript" not in document.Root.get("/Names", {})
            for page in document.pages:
                for link in page.get("/Annots", []):
                    assert "/JS" not in link.get("/A", {})
    words = session.execute(text("SELECT string_agg(CAST(letter AS text), ' ') FROM letter")).scalar_one()
    assert "{{7*7}}" in words or "7*7" not in words
    _file_is_a_name(officer, evil.number)


def _file_is_a_name(officer: Visitor, number: str) -> None:
    page = officer(f"/kasus/{number}")
    address = page.tree.xpath("string(//a[contains(@href, '/bukti/')]/@href)")
    answer = officer.client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.mimetype == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
