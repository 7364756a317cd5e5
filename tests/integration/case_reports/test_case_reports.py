"""Reports about a case on paper: each edition holds what its reader may know, and the print is what it promises."""

import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pikepdf
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import SampleOffice, a_key, create_actor
from evidence_files import upload
from factories import NOW
from prints import faults
from workflows.case_reports import queries
from workflows.case_reports.composition import Composed, compose
from workflows.case_reports.models import CaseReport
from workflows.case_reports.operations import ask_report, note_failure, note_progress, print_report
from workflows.case_reports.stationery import Stationery, stationery_in
from workflows.cases.models import Case
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.intake import operations as intake
from workflows.journal.kinds import KINDS
from workflows.journal.queries import entries_of
from workflows.language import speaking
from workflows.letters.seals import NoSeal
from workflows.processes import by_hand
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.processes.office import current_office
from workflows.processes.operations import NO_CONFLICT
from workflows.settings import Settings
from workflows.storage import queries as storage
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

# Planted where a reader of some edition must not find them.
IDENTITY, INSIDE_NOTE = "Siti Rahasia", "KANARI-catatan-dalam"


@pytest.fixture
def stationery(settings: Settings) -> Stationery:
    return stationery_in(settings.definitions / "shared" / "reports")


@pytest.fixture
def a_case(begin_tx: BeginTx, session: Session, an_office: SampleOffice) -> Case:
    """A case that was filed with a name and a file, checked, and answered with a note for the office."""
    posted = {
        "title": ["Antrean panjang"],
        "story": ["Menunggu <b>lima</b> jam & tidak dilayani."],
        "category": ["02"],
        "name": [IDENTITY],
        "email": ["siti@localhost"],
    }
    with begin_tx(NOBODY) as tx:
        filed = intake.submit_report(
            tx, "sample", posted=posted, files=[upload("bukti.txt", b"isi", "photos")], key=a_key()
        )
    for element, actor, answers in (
        ("check", an_office.officer, {"valid": ["true"], "category": ["02"], "note": [INSIDE_NOTE]}),
        ("answer", an_office.liaison, {"answer": ["Loket ditambah."], "note": [INSIDE_NOTE], NO_CONFLICT: ["true"]}),
    ):
        task = session.scalars(select(Task).where(Task.element == element, Task.status == "open")).one()
        revision = session.scalars(select(ProcessInstance.revision)).one()
        with begin_tx(actor) as tx:
            processes.complete_task(tx, task.id, posted=answers, revision=revision, key=a_key())
    return session.get_one(Case, filed.case_id)


def asked(begin_tx: BeginTx, case: Case, actor: Actor, **wanted: str) -> CaseReport:
    with begin_tx(actor) as tx:
        return ask_report(tx, case.id, **wanted)


EDITIONS = ("internal", "reporter", "ombudsman")
LANGUAGES = ("id", "en", "id")


def composed(session: Session, row: CaseReport, stationery: Stationery) -> Composed:
    with speaking(row.language):  # type: ignore[arg-type]
        return compose(session, row, stationery, current_office(), NOW)


def reporter_of(case: Case) -> Actor:
    return Actor(kind="reporter", case_id=case.id)


def printed(begin_tx: BeginTx, row: CaseReport) -> list[int]:
    told: list[int] = []
    with begin_tx() as tx:
        print_report(tx, row.id, office=current_office(), seal=NoSeal(), progress=told.append)
    return told


class TestAsking:
    def test_defers_the_print_and_stands_in_the_journal(
        self, begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
    ) -> None:
        row = asked(begin_tx, a_case, an_office.officer)

        assert (row.state, row.progress, row.requested_by_id) == ("queued", 0, an_office.officer.user_id)
        entry = entries_of(session, a_case.id)[-1]
        assert (entry.kind, entry.facts) == ("report.requested", {"report": str(row.id), "edition": "internal"})
        job = session.execute(text("SELECT queue_name, args FROM procrastinate_jobs ORDER BY id DESC LIMIT 1")).one()
        assert job == ("prints", {"report_id": str(row.id)})

    def test_the_reporters_edition_speaks_the_language_of_the_report(
        self, begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
    ) -> None:
        a_case.language = "en"

        chosen = {edition: asked(begin_tx, a_case, an_office.officer, edition=edition) for edition in EDITIONS}

        assert {edition: row.language for edition, row in chosen.items()} == dict(zip(EDITIONS, LANGUAGES, strict=True))
        assert asked(begin_tx, a_case, an_office.officer, edition="reporter", language="id").language == "id"

    def test_reporter_may_ask_for_the_editions_that_are_theirs(self, begin_tx: BeginTx, a_case: Case) -> None:
        for edition in ("reporter", "ombudsman"):
            assert asked(begin_tx, a_case, reporter_of(a_case), edition=edition).requested_by_id is None
        with pytest.raises(NotAllowed):
            asked(begin_tx, a_case, reporter_of(a_case), edition="internal")

    def test_without_the_right_an_officer_gets_none(
        self, begin_tx: BeginTx, a_case: Case, an_office: SampleOffice
    ) -> None:
        for edition in ("internal", "reporter"):
            with pytest.raises(NotAllowed):
                asked(begin_tx, a_case, an_office.liaison, edition=edition)

    def test_for_strangers_there_is_no_such_case(self, begin_tx: BeginTx, a_case: Case) -> None:
        with begin_tx() as tx:
            citizen = create_actor(tx)
        for stranger in (citizen, NOBODY, Actor(kind="reporter", case_id=uuid4())):
            with pytest.raises(NotFound, match=r"case\.unknown"):
                asked(begin_tx, a_case, stranger)

    def test_unknown_edition_is_not_found(self, begin_tx: BeginTx, a_case: Case, an_office: SampleOffice) -> None:
        with pytest.raises(NotFound, match=r"report\.unknown_edition"):
            asked(begin_tx, a_case, an_office.officer, edition="secret")


class TestEditions:
    def test_internal_edition_tells_what_was_done_and_by_whom(
        self, begin_tx: BeginTx, session: Session, stationery: Stationery, a_case: Case, an_office: SampleOffice
    ) -> None:
        with begin_tx(an_office.officer) as tx:
            by_hand.escalate(tx, a_case.id, to_role="office_liaison", reason="Warga sudah bertanya tiga kali")

        report = composed(session, asked(begin_tx, a_case, an_office.officer), stationery).report

        assert report["case"]["title"] == "Antrean panjang"
        assert [raised["reason"] for raised in report["escalations"]] == ["Warga sudah bertanya tiga kali"]
        assert report["referrals"][0]["from_unit"] == an_office.intake.name
        assert [answer["title"] for answer in report["answers"]] == ["Periksa", "Jawab"]
        assert INSIDE_NOTE in json.dumps(report["answers"])
        assert {answer["by"] for answer in report["answers"]} == {"Rahma", "Dewi"}
        assert report["made_by"] == "Rahma"
        assert [item["name"] for item in report["evidence"]] == ["bukti.txt"]
        assert [deadline["state"] for deadline in report["deadlines"]] == ["met"]
        assert "Penerimaan: Periksa selesai" in [step["text"] for step in report["path"]]
        assert report["referrals"][0]["to_unit"] == "Unit DINKES"
        assert {"at", "who", "text"} == report["chronology"][0].keys()
        assert entries_of(session, a_case.id)[-1].hash in report["integrity"]

    @pytest.mark.parametrize("edition", ["internal", "reporter", "ombudsman"])
    def test_no_edition_names_the_reporter(
        self,
        begin_tx: BeginTx,
        session: Session,
        stationery: Stationery,
        a_case: Case,
        an_office: SampleOffice,
        edition: str,
    ) -> None:
        report = composed(session, asked(begin_tx, a_case, an_office.officer, edition=edition), stationery).report

        assert IDENTITY not in json.dumps(report, ensure_ascii=False)
        assert "siti@localhost" not in json.dumps(report)

    @pytest.mark.parametrize("edition", ["reporter", "ombudsman"])
    def test_editions_for_outside_hold_neither_notes_nor_names_of_handlers(
        self,
        begin_tx: BeginTx,
        session: Session,
        stationery: Stationery,
        a_case: Case,
        an_office: SampleOffice,
        edition: str,
    ) -> None:
        row = asked(begin_tx, a_case, an_office.officer, edition=edition)
        report = composed(session, row, stationery).report
        everything = json.dumps(report, ensure_ascii=False)

        assert INSIDE_NOTE not in everything
        for name in (an_office.officer.name, an_office.liaison.name, an_office.supervisor.name):
            assert name not in everything
        assert [field["value"] for answer in report["answers"] for field in answer["fields"]] == ["Loket ditambah."]
        assert report["case"]["stage"] == "Dalam proses"

    def test_summary_for_the_ombudsman_is_short_whatever_people_wrote(
        self, begin_tx: BeginTx, session: Session, stationery: Stationery, a_case: Case, an_office: SampleOffice
    ) -> None:
        session.execute(
            text("UPDATE content SET body = jsonb_set(body, '{text}', to_jsonb(repeat('sangat panjang ', 2000)))")
        )
        row = asked(begin_tx, a_case, an_office.officer, edition="ombudsman")

        report = composed(session, row, stationery).report

        assert len(report["case"]["text"]) < 1_000
        assert report["dates"][0]["label"] == "Pengaduan diterima"
        assert "chronology" not in report

    def test_english_edition_speaks_english(
        self, begin_tx: BeginTx, session: Session, stationery: Stationery, a_case: Case, an_office: SampleOffice
    ) -> None:
        row = asked(begin_tx, a_case, an_office.officer, language="en")

        report = composed(session, row, stationery).report

        assert report["case"]["stage"] == "Being answered"
        assert "Case opened under the number " + a_case.number in [entry["text"] for entry in report["chronology"]]


class TestPrinting:
    def test_archival_print_is_kept_once_and_carries_its_data(
        self, begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
    ) -> None:
        row = asked(begin_tx, a_case, an_office.officer)

        told = printed(begin_tx, row)
        assert printed(begin_tx, row) == []

        view, content = queries.document(session, an_office.officer, row.id)
        assert told == sorted(told)
        assert (view.state, view.progress, view.size) == ("ready", 100, len(content))
        assert storage.is_intact(session, view.checksum or "")
        assert [entry.kind for entry in entries_of(session, a_case.id)].count("report.printed") == 1
        with pikepdf.open(io.BytesIO(content)) as document:
            assert len(document.pages) == view.pages
            data = json.loads(document.attachments["data.json"].get_file().read_bytes())
            assert document.docinfo["/Title"] == f"Laporan penanganan kasus {a_case.number}"
        assert faults(content) == []
        assert data["case"]["number"] == a_case.number

    def test_accessible_print_for_the_reporter_is_tagged(
        self, begin_tx: BeginTx, session: Session, a_case: Case
    ) -> None:
        row = asked(begin_tx, a_case, reporter_of(a_case), edition="reporter", variant="accessible", language="en")
        printed(begin_tx, row)

        _, content = queries.document(session, reporter_of(a_case), row.id)
        assert faults(content) == []
        with pikepdf.open(io.BytesIO(content)) as document:
            assert str(document.Root.Lang) == "en"

    def test_summary_for_the_ombudsman_is_one_page(
        self, begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
    ) -> None:
        session.execute(
            text("UPDATE content SET body = jsonb_set(body, '{text}', to_jsonb(repeat('sangat panjang ', 2000)))")
        )
        session.execute(
            text("UPDATE content SET body = jsonb_set(body, '{answer}', to_jsonb(repeat('jawaban ', 900)))"
                 " WHERE kind = 'answer'")
        )  # fmt: skip
        row = asked(begin_tx, a_case, an_office.officer, edition="ombudsman")
        printed(begin_tx, row)

        session.refresh(row)
        assert row.pages == 1
        assert faults(queries.document(session, an_office.officer, row.id)[1]) == []

    def test_progress_is_seen_until_the_print_is_there(
        self, begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
    ) -> None:
        row = asked(begin_tx, a_case, an_office.officer)
        with begin_tx() as tx:
            note_progress(tx, row.id, 30)
        session.refresh(row)
        assert (row.state, row.progress) == ("printing", 30)
        with pytest.raises(Conflict, match=r"report\.not_ready"):
            queries.document(session, an_office.officer, row.id)

        with begin_tx() as tx:
            note_failure(tx, row.id)
        assert queries.report(session, an_office.officer, row.id).state == "failed"


def test_prints_are_seen_by_those_whom_they_are_for(
    begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
) -> None:
    inside = asked(begin_tx, a_case, an_office.officer)
    outside = asked(begin_tx, a_case, reporter_of(a_case), edition="reporter")

    def seen(actor: Actor) -> set[str]:
        return {report.edition for report in queries.reports_of(session, actor, a_case)}

    assert seen(an_office.supervisor) == {"internal", "reporter"}
    assert seen(an_office.liaison) == seen(reporter_of(a_case)) == {"reporter"}
    assert seen(NOBODY) == set()
    with pytest.raises(NotFound):
        queries.report(session, reporter_of(a_case), inside.id)
    assert queries.report(session, reporter_of(a_case), outside.id).document_id == outside.document_id


def test_anybody_may_verify_a_document_and_learns_no_confidential_number(
    begin_tx: BeginTx, session: Session, a_case: Case, an_office: SampleOffice
) -> None:
    row = asked(begin_tx, a_case, an_office.officer)
    verified = queries.verified(session, row.document_id.lower())
    assert verified is not None
    assert (verified.edition, verified.checksum, verified.case_number) == ("internal", None, a_case.number)

    with begin_tx() as tx:
        tx.session.get_one(Case, a_case.id).confidential = True
        tx.session.get_one(Case, a_case.id).search = None
    hidden = queries.verified(session, row.document_id)
    assert hidden is not None
    assert hidden.case_number is None
    assert queries.verified(session, "0000-0000-0000-0000") is None


def test_every_journal_kind_that_is_told_is_one_that_exists(stationery: Stationery) -> None:
    from_both = [set(stationery.words[language]["journal"]) for language in ("id", "en")]

    assert from_both[0] == from_both[1]
    assert stationery.told_to_reporters <= from_both[0] <= KINDS.keys()
