"""Intake: a report becomes a case once, its reporter follows it by a code that we do not keep, and sees no more."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from sqlalchemy import func, select, text, true
from sqlalchemy.orm import Session

from case_factories import SAMPLE, SampleOffice, a_key, create_actor, create_sample_office, create_unit
from factories import NOW
from workflows.access import policy
from workflows.cases import contents, parties
from workflows.cases.models import Case, CaseCircle, Party
from workflows.cases.search import matches
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.evidence.models import Evidence
from workflows.evidence.uploads import Upload
from workflows.intake import operations as intake
from workflows.intake import receipts
from workflows.intake.models import Receipt
from workflows.intake.queries import TrackedCase, tracking
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.language import speaking
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.processes.office import current_office
from workflows.processes.operations import NO_CONFLICT
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, SYSTEM, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

REPORT = {
    "title": ["Antrean panjang"],
    "story": ["Loket tutup sebelum waktunya KENARI"],
    "category": ["02"],
    "office": ["DINKES"],
    "name": ["Siti Aminah"],
    "email": ["siti@example.org"],
}


@pytest.fixture(autouse=True)
def _cheap_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "COST", receipts.Cost(rounds=1, memory=64))


def _file_report(begin_tx: BeginTx, actor: Actor = NOBODY, **given: object) -> intake.ReceiptSlip:
    with begin_tx(actor) as tx:
        return intake.submit_report(tx, "sample", **{"posted": REPORT, "key": a_key(), **given})  # type: ignore[arg-type]


def _pdf(field: str) -> Upload:
    content = BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(content)
    content.seek(0)
    return Upload(field, "surat.pdf", content)


@pytest.fixture
def a_slip(begin_tx: BeginTx, an_office: SampleOffice) -> intake.ReceiptSlip:
    """The receipt of a filed report."""
    return _file_report(begin_tx)


class TestFiling:
    def test_keeps_the_language_also_of_who_leaves_no_way_to_be_reached(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        nameless = {name: typed for name, typed in REPORT.items() if name not in {"name", "email"}}

        slip = _file_report(begin_tx, posted=nameless, language="en")

        assert session.get_one(Case, slip.case_id).language == "en"

    def test_opens_a_case_and_says_what_happens_by_when(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        slip = _file_report(begin_tx, files=[_pdf("files")])

        case = session.get_one(Case, slip.case_id)
        assert slip.number == case.number == "SMP-2026-00001"
        assert (case.category, case.subject_unit_id, case.stage) == ("02", an_office.health.id, "checking")
        assert [promise.deadline_id for promise in slip.promises] == ["P-01"]
        assert slip.promises[0].explanation
        assert len(slip.code.replace("-", "")) == 25
        assert session.scalars(select(Evidence.audience)).all() == ["reporter"]
        assert session.scalars(select(Case.id).where(matches("antrean"))).all() == [case.id]
        assert verify(session) is None

    def test_words_and_identity_stay_out_of_the_process_and_the_journal(
        self, begin_tx: BeginTx, session: Session, a_slip: intake.ReceiptSlip
    ) -> None:
        variables = session.scalars(select(ProcessInstance.variables)).one()
        assert variables == {"category": "02"}
        journal = [(entry.facts, entry.actor_name) for entry in session.scalars(select(JournalEntry))]
        jobs = session.execute(text("SELECT args FROM procrastinate_jobs")).all()
        for secret in ("KENARI", "Siti", "siti@", a_slip.code):
            assert secret not in json.dumps([variables, journal, [row[0] for row in jobs]], default=str)

    def test_the_identity_is_the_partys_alone(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_slip: intake.ReceiptSlip
    ) -> None:
        case = session.get_one(Case, a_slip.case_id)
        report = contents.latest(session, an_office.officer, case, "report")
        assert report is not None
        assert "name" not in report.body
        party = session.scalars(select(Party)).one()
        assert parties.addresses_of(session, party.id) == {"email": "siti@example.org"}

    def test_the_same_post_again_files_nothing_and_shows_the_same_slip(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        key = a_key()
        first = _file_report(begin_tx, key=key)
        again = _file_report(begin_tx, key=key)

        assert again == replace(first, repeated=True)
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        assert key not in str(session.execute(text("SELECT * FROM submission")).all())

    def test_the_same_key_with_other_words_gets_no_code(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        key = a_key()
        first = _file_report(begin_tx, key=key)
        again = _file_report(begin_tx, key=key, posted={**REPORT, "title": ["Lain"]})

        assert (again.number, again.code, again.repeated) == (first.number, "", True)

    def test_a_confidential_report_is_for_its_circle(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        slip = _file_report(begin_tx, posted={**REPORT, "confidential": ["true"]})

        case = session.get_one(Case, slip.case_id)
        assert case.confidential
        assert session.scalars(select(CaseCircle.role)).all() == ["intake_officer"]
        assert policy.may(session, an_office.officer, "case.read", case)
        assert not policy.may(session, an_office.supervisor, "case.read", case)
        assert session.scalars(select(Case.id).where(matches("antrean"))).all() == []

    def test_wrong_answers_file_nothing(self, begin_tx: BeginTx, session: Session, an_office: SampleOffice) -> None:
        with pytest.raises(InvalidAnswers) as caught:
            _file_report(begin_tx, posted={"story": ["tanpa judul"], "office": ["TIDAKADA"]})

        assert [(name, code) for name, code, _ in caught.value.problems] == [
            ("title", "required"),
            ("office", "unknown_option"),
        ]
        assert session.scalar(select(func.count()).select_from(Case)) == 0

    @pytest.mark.parametrize(
        ("district", "village", "refused"),
        [
            ("12.05.07", "12.05.07.2003", []),
            ("12.05.07", "", []),
            ("Stabat", "", ["district"]),
            ("12.05.07' OR 1=1", "", ["district"]),
            ("12.05.07", "12.05.07.20", ["village"]),
            ("12.05.07", "12.05.08.2003", ["village"]),
            ("", "12.05.07.2003", ["village"]),
        ],
    )
    def test_a_place_that_is_none_is_refused_whoever_posts_it(
        self,
        begin_tx: BeginTx,
        session: Session,
        an_office: SampleOffice,
        district: str,
        village: str,
        refused: list[str],
    ) -> None:
        posted = {**REPORT, "district": [district], "village": [village]}
        if not refused:
            case = session.get_one(Case, _file_report(begin_tx, posted=posted).case_id)
            assert (case.district, case.village or "") == (district, village)
            return
        with pytest.raises(InvalidAnswers) as caught:
            _file_report(begin_tx, posted=posted)
        assert [(name, code) for name, code, _ in caught.value.problems] == [
            (name, "unknown_option") for name in refused
        ]

    def test_an_unknown_case_type_is_not_found(self, begin_tx: BeginTx, an_office: SampleOffice) -> None:
        with begin_tx(NOBODY) as tx, pytest.raises(NotFound, match=r"case_type\.unknown"):
            intake.submit_report(tx, "other", posted=REPORT, key=a_key())

    def test_an_account_reports_without_its_name_in_the_journal(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        with begin_tx() as tx:
            citizen = create_actor(tx, ("citizen", create_unit(tx)), name="Warga Bernama")
        slip = _file_report(begin_tx, citizen)

        assert policy.may(session, citizen, "case.follow", session.get_one(Case, slip.case_id))
        entries = session.scalars(select(JournalEntry).where(JournalEntry.case_id == slip.case_id)).all()
        assert not any("Warga" in entry.actor_name or entry.actor_id == citizen.user_id for entry in entries)


class TestCodes:
    def test_have_more_than_80_bits_in_groups(self) -> None:
        code = receipts.new_code(None, "")
        assert [len(group) for group in code.split("-")] == [5] * 5
        assert 10**25 > 2**80
        assert receipts.new_code("secret", "key-1") == receipts.new_code("secret", "key-1")
        assert receipts.new_code("secret", "key-1") != receipts.new_code("secret", "key-2")
        assert receipts.new_code("secret", "key-1") != receipts.new_code("other", "key-1")

    @pytest.mark.parametrize("spelling", ["{}", " {} ", "{}\n", "kode: {}"])
    def test_are_read_however_they_are_typed(self, session: Session, a_slip: intake.ReceiptSlip, spelling: str) -> None:
        assert tracking(session, spelling.format(a_slip.code.replace("-", " ")), NOW).number == a_slip.number

    @pytest.mark.parametrize("code", ["", "1", "00000-00000-00000-00000-00000", "x" * 10_000, "٣" * 25])
    def test_that_open_nothing_are_alike_and_hashed_alike(
        self, session: Session, a_slip: intake.ReceiptSlip, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hashed: list[str] = []
        real = receipts.lookup_of
        monkeypatch.setattr(receipts, "lookup_of", lambda typed: (hashed.append(typed), real(typed))[1])

        with pytest.raises(NotFound) as caught:
            tracking(session, code, NOW)

        assert (caught.value.code, caught.value.facts) == ("receipt.unknown", {})
        assert len(hashed) == 1

    def test_expired_ones_look_like_unknown_ones(
        self, begin_tx: BeginTx, session: Session, a_slip: intake.ReceiptSlip
    ) -> None:
        session.scalars(select(Receipt)).one().expired_at = NOW
        session.flush()
        with pytest.raises(NotFound, match=r"receipt\.unknown"):
            tracking(session, a_slip.code, NOW)

    def test_are_not_kept(self, session: Session, a_slip: intake.ReceiptSlip) -> None:
        row = str(session.execute(text("SELECT * FROM receipt")).all())
        assert a_slip.code not in row
        assert a_slip.code.replace("-", "") not in row


class TestTracking:
    def _answer(self, begin_tx: BeginTx, session: Session, an_office: SampleOffice) -> None:
        for actor, element, posted in (
            (an_office.officer, "check", {"valid": ["true"], "note": ["RAHASIA KANTOR"]}),
            (
                an_office.liaison,
                "answer",
                {"answer": ["Loket kini buka"], "note": ["RAHASIA KANTOR"], NO_CONFLICT: ["true"]},
            ),
        ):
            task_id = session.scalars(select(Task.id).where(Task.element == element, Task.status == "open")).one()
            revision = session.scalars(select(ProcessInstance.revision)).one()
            files = [_pdf("photos")] if element == "answer" else []
            with begin_tx(actor, now=NOW + timedelta(hours=1)) as tx:
                processes.complete_task(tx, task_id, posted=posted, files=files, revision=revision, key=a_key())

    def test_shows_stages_promises_and_own_words(self, session: Session, a_slip: intake.ReceiptSlip) -> None:
        case = tracking(session, a_slip.code, NOW)

        assert [(stage.key, stage.state) for stage in case.stages] == [
            ("received", "current"),
            ("working", "ahead"),
            ("closed", "ahead"),
        ]
        (promise,) = case.promises
        assert (promise.promise.deadline_id, promise.met_at, promise.overdue) == ("P-01", None, False)
        # Where the case type does not tell its own stages, the public ones are all that is said.
        assert (case.next_promise, case.standing) == (promise, "")
        (own,) = case.texts
        assert own.by == "reporter"
        assert ("Judul", "Antrean panjang") in own.lines
        assert ("Masalah", "Pelayanan") in own.lines
        assert case.messages == ()
        with speaking("en"):
            assert tracking(session, a_slip.code, NOW).stages[0].title == "Received"

    def test_shows_what_was_released_and_nothing_else(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_slip: intake.ReceiptSlip
    ) -> None:
        self._answer(begin_tx, session, an_office)

        case = tracking(session, a_slip.code, NOW + timedelta(days=1))
        answer = case.texts[-1]
        assert (answer.by, answer.form, answer.lines) == ("office", "answer", (("Jawaban", "Loket kini buka"),))
        assert [(file.name, file.by) for file in case.files] == [("surat.pdf", "office")]
        assert [(message.name, message.title) for message in case.messages] == [("reply", "Tanggapi")]
        assert case.messages[0].form is not None
        assert case.stages[1].state == "current"
        shown = str({field.name: getattr(case, field.name) for field in fields(TrackedCase)})
        for hidden in ("RAHASIA", "Dewi", "Rahma", "Siti", "siti@"):
            assert hidden not in shown

    def test_the_reporter_replies_and_the_case_closes(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_slip: intake.ReceiptSlip
    ) -> None:
        self._answer(begin_tx, session, an_office)
        key = a_key()
        for _ in range(2):
            with begin_tx(NOBODY) as tx:
                intake.send_reporter_message(
                    tx, a_slip.code, "reply", posted={"satisfied": ["true"], "words": ["Terima kasih"]}, key=key
                )

        case = tracking(session, a_slip.code, NOW + timedelta(days=1))
        assert (case.disposition, case.may_add_information, case.messages) == ("Selesai", False, ())
        assert all(stage.state == "done" for stage in case.stages)
        assert case.texts[-1].lines == (("Puas", "Ya"), ("Tanggapan", "Terima kasih"))
        with begin_tx(NOBODY) as tx, pytest.raises(Conflict, match=r"message\.unawaited"):
            intake.send_reporter_message(tx, a_slip.code, "reply", posted={}, key=a_key())

    def test_what_the_reporter_completes_is_what_lists_and_searches_know(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        form = json.loads((SAMPLE / "forms" / "reply.form").read_bytes())
        form["components"].append({"id": "story", "key": "story", "type": "textarea", "label": "Uraian"})
        with begin_tx() as tx:
            office = create_sample_office(tx, {"forms/reply.form": json.dumps(form).encode()})
        with begin_tx(NOBODY) as tx:
            posted = {"title": ["Antrean loket"], "story": ["Menunggu lima jam"], "category": ["02"]}
            slip = intake.submit_report(tx, "sample", posted=posted, key=a_key())
        self._answer(begin_tx, session, office)
        with begin_tx(NOBODY) as tx:
            intake.send_reporter_message(tx, slip.code, "reply", posted={"story": ["Menunggu gergaji"]}, key=a_key())

        case = session.get_one(Case, slip.case_id)
        said = contents.summaries(session, true(), [case.id])[case.id]
        assert (said.title, said.text) == ("Antrean loket", "Menunggu gergaji")
        for words, found in (("gergaji", [case.id]), ("antrean", [case.id]), ("lima", [])):
            assert session.scalars(select(Case.id).where(matches(words))).all() == found
        assert len(contents.read(session, SYSTEM, case, kinds=(contents.SUMMARY,))) == 2


class TestAddedInformation:
    def test_is_kept_once_and_seen_by_both(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_slip: intake.ReceiptSlip
    ) -> None:
        key = a_key()
        for _ in range(2):
            with begin_tx(NOBODY) as tx:
                intake.add_information(tx, a_slip.code, text=" Kejadian terulang. ", files=[_pdf("files")], key=key)

        assert tracking(session, a_slip.code, NOW).texts[-1].lines == (("", "Kejadian terulang."),)
        case = session.get_one(Case, a_slip.case_id)
        message = contents.latest(session, an_office.officer, case, "message")
        assert message is not None
        assert (message.author_kind, message.body) == ("reporter", {"text": "Kejadian terulang."})
        assert session.scalar(select(func.count()).select_from(Evidence)) == 1

    def test_needs_a_word_or_a_file(self, begin_tx: BeginTx, a_slip: intake.ReceiptSlip) -> None:
        with begin_tx(NOBODY) as tx, pytest.raises(InvalidAnswers):
            intake.add_information(tx, a_slip.code, text="  ", key=a_key())
        with begin_tx(NOBODY) as tx, pytest.raises(InvalidAnswers):
            intake.add_information(tx, a_slip.code, text="x" * 10_001, key=a_key())

    def test_needs_the_code(self, begin_tx: BeginTx, a_slip: intake.ReceiptSlip) -> None:
        with begin_tx(NOBODY) as tx, pytest.raises(NotFound, match=r"receipt\.unknown"):
            intake.add_information(tx, "12345", text="halo", key=a_key())


def test_a_case_type_for_staff_takes_no_public_reports(
    begin_tx: BeginTx, session: Session, an_office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = intake.catalogue.manifest
    monkeypatch.setattr(intake.catalogue, "manifest", lambda *given: replace(real(*given), reporters="staff"))
    with pytest.raises(NotAllowed, match=r"report\.not_allowed"):
        _file_report(begin_tx)
    assert _file_report(begin_tx, an_office.officer).number


def test_without_a_secret_a_code_is_shown_once(
    begin_tx: BeginTx, an_office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = current_office()
    bare = replace(office, settings=replace(office.settings, secret_key=None))
    monkeypatch.setattr(intake, "current_office", lambda: bare)
    key = a_key()

    assert _file_report(begin_tx, key=key).code
    assert _file_report(begin_tx, key=key).code == ""
