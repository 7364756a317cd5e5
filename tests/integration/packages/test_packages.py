"""A package holds everything that the authority needs, once its checklist is signed, and nobody else is told of it."""

import csv
import hashlib
import io
import json
import logging
import zipfile
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import forwarding
from due_jobs import run_due_jobs
from factories import NOW
from looking import tables_holding
from prints import faults
from stories import person
from workflows.case_reports.stationery import stationery_in
from workflows.cases.models import Case
from workflows.errors import Conflict, NotFound
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.letters.models import Letter
from workflows.packages import queries
from workflows.packages.composition import compose
from workflows.packages.filling import fill_archive
from workflows.packages.models import Package
from workflows.packages.operations import ask_package, open_package
from workflows.storage import queries as storage

# Where what people wrote is at home.
HOMES = {"content", "party", "evidence", "stored_chunk", "letter"}


def facts(session: Session, kind: str) -> list[dict[str, Any]]:
    found = select(JournalEntry).where(JournalEntry.kind == kind).order_by(JournalEntry.id)
    return [entry.facts for entry in session.scalars(found)]


def ask(session: Session, begin_tx, case: Case, login: str = "upg") -> Package:
    with begin_tx(person(session, login)) as tx:
        return ask_package(tx, case.id, "kpk")


def test_a_signed_report_becomes_one_archive_that_holds_it_whole(session, begin_tx, case, workshop, caplog):
    with pytest.raises(Conflict, match=r"package\.unsigned"):
        ask(session, begin_tx, case)
    forwarding.sign(session, begin_tx, case)
    with pytest.raises(Conflict, match=r"package\.letter_not_printed"):
        ask(session, begin_tx, case)
    run_due_jobs(session, workshop, NOW)

    with caplog.at_level(logging.DEBUG):
        package = ask(session, begin_tx, case)
        assert ask(session, begin_tx, case, "ketuaupg") is package
        (arguments,) = session.scalars(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'packages.make'"))
        assert arguments == {"package_id": str(package.id)}
        run_due_jobs(session, workshop, NOW)

    content = storage.read(session, package.checksum or "")
    assert hashlib.sha256(content).hexdigest() == package.checksum
    (made,) = facts(session, "package.made")
    assert (made["sha256"], made["files"]) == (package.checksum, 7)
    _holds_the_case(session, case, content)
    _is_told_nobody_else(session, caplog.text)
    _is_made_alike_again(session, package, content, workshop)
    _is_opened_by_whoever_may(session, begin_tx, case, package)
    _slip_was_issued(session, case)


def _holds_the_case(session: Session, case: Case, content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert list(files) == [
        "letter.pdf", "checklist.pdf", "report.pdf", "report.json", "items.csv", "evidence/001.pdf",
        "evidence/002.png", "SHA256SUMS",
    ]  # fmt: skip
    sums = dict(reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    assert files["evidence/001.pdf"] == forwarding.PAPER
    letter = session.scalars(select(Letter).where(Letter.case_id == case.id, Letter.name == "forwarding")).one()
    assert hashlib.sha256(files["letter.pdf"]).hexdigest() == letter.checksum
    for paper in ("checklist.pdf", "report.pdf"):
        assert faults(files[paper]) == []

    report = json.loads(files["report.json"])
    assert report["format"] == "amanah.package/1"
    assert report["numbers"]["letter"] == letter.number
    assert report["numbers"]["deposit_slips"] == ["TTP-2026-0001"]
    assert report["reporter"]["name"] == "Kenari Pelapor"
    (item,), (giver,), ruling = report["items"], report["givers"], report["rulings"][-1]
    assert (item["value"], item["amount"], item["giver"]) == (2_500_000, "2500000", giver["number"])
    assert (giver["name"], giver["relation"]) == ("Kenari Pemberi", "vendor")
    assert ruling["decision"] == "reporting_duty"
    assert ruling["answer"][0]["ruling"] == "report"
    assert {deadline["id"] for deadline in report["deadlines"]} >= {"G-01", "G-03"}
    assert report["checklist"]["role"] == "upg_head"
    assert [point["checked"] for point in report["checklist"]["points"]] == [True] * 5
    assert [told["form"] for told in report["contents"]] == ["report", "review"]
    assert "kenari-intern" not in files["report.json"].decode()
    (row,) = csv.DictReader(io.StringIO(files["items.csv"].decode("utf-8-sig")))
    assert (row["description"], row["value"], row["giver_name"]) == ("'=Kenari objek", "2500000", "Kenari Pemberi")


def _is_told_nobody_else(session: Session, logged: str) -> None:
    for word in forwarding.CANARIES:
        assert word not in logged.lower()
        assert tables_holding(session, word) <= HOMES


def _is_made_alike_again(session: Session, package: Package, content: bytes, workshop) -> None:
    stationery = stationery_in(workshop.settings.definitions / "shared" / "reports")
    again = io.BytesIO()
    fill_archive(session, package, again, stationery=stationery, office=workshop.office, progress=lambda percent: None)
    assert again.getvalue() == content
    ruling = compose(session, package, stationery, workshop.office).sheet["rulings"][-1]
    assert ruling["title"] == "Kewajiban lapor"
    assert {"label": "", "value": "Wajib dilaporkan"} in ruling["lines"]
    assert {line["label"] for line in ruling["lines"]} <= {"", "Dasar hukum"}


def _is_opened_by_whoever_may(session: Session, begin_tx, case: Case, package: Package) -> None:
    read = len(facts(session, "identity.read"))
    with begin_tx(person(session, "ketuaupg")) as tx:
        assert open_package(tx, package.id).checksum == package.checksum
    assert len(facts(session, "identity.read")) == read + 1
    assert facts(session, "package.read") == [{"package": str(package.id)}]
    for login in ("petugas", "penyelia", "inspektur", "bupati", "admin", "asn"):
        actor = person(session, login)
        assert not queries.packages_of(session, actor, case)
        assert not queries.offers(session, actor, case)
        with pytest.raises(NotFound, match=r"case\.unknown"):
            ask(session, begin_tx, case, login)
        with begin_tx(actor) as tx, pytest.raises(NotFound, match=r"package\.unknown"):
            open_package(tx, package.id)


def _slip_was_issued(session: Session, case: Case) -> None:
    (slip,) = session.scalars(select(Letter).where(Letter.case_id == case.id, Letter.name == "custody_slip"))
    assert (slip.state, slip.context["values"]["slip"]) == ("printed", "TTP-2026-0001")


def test_a_package_that_cannot_be_made_is_failed_and_an_incident(session, begin_tx, case, workshop):
    forwarding.sign(session, begin_tx, case)
    run_due_jobs(session, workshop, NOW)
    package = ask(session, begin_tx, case)
    # Something that only a fault can bring about: the signed answers are no longer the signer's.
    session.execute(text("UPDATE task SET role = 'upg_officer' WHERE element = 'sign_checklist'"))
    session.expire_all()

    run_due_jobs(session, workshop, NOW)

    assert package.state == "failed"
    assert facts(session, "package.failed") == [{"package": str(package.id)}]
    incident = session.scalars(select(Incident).where(Incident.case_id == case.id)).one()
    assert incident.cause_code == "package.unsigned"
    with begin_tx(person(session, "upg")) as tx, pytest.raises(Conflict, match=r"package\.not_ready"):
        open_package(tx, package.id)
    with begin_tx(person(session, "upg")) as tx, pytest.raises(NotFound, match=r"package\.none"):
        ask_package(tx, case.id, "elsewhere")
