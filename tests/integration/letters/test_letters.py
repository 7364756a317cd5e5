"""Letters: numbered without gaps, frozen at issue, printed once, read by those whom they are for."""

import contextlib
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import Thread
from uuid import uuid4

import pikepdf
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import SampleOffice, create_actor, create_case
from databases import TestDatabase
from factories import NOW, jakarta
from prints import faults
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.cases.operations import refer, set_stage
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import CaseType, LetterType
from workflows.errors import Conflict, NotFound
from workflows.journal.queries import entries_of
from workflows.letters import queries
from workflows.letters.models import Letter, LetterSeries
from workflows.letters.operations import _next_in_series as next_in_series
from workflows.letters.operations import issue, new_document_id, note_failure, print_letter
from workflows.letters.seals import NoSeal
from workflows.letters.templates import LetterTemplate
from workflows.settings import Settings
from workflows.storage import queries as storage
from workflows.transaction import NOBODY, SYSTEM, Actor, Tx, begin

BeginTx = Callable[..., AbstractContextManager[Tx]]

TEMPLATE = LetterTemplate.of(
    {
        "template.html": b"""<!doctype html><html lang="id"><head><title>{{ letter.number }}</title></head><body>
<h1>{{ letter.title }}</h1><p>{{ case.number }} {{ contents.answer.answer }} {{ contents.answer.note }}</p>
<p>{{ signer.name }}</p>{{ qr }}</body></html>"""
    }
)


@pytest.fixture
def case_type(session: Session, an_office: SampleOffice) -> CaseType:
    manifest = catalogue.manifest(session, an_office.version)
    kinds = {
        "answer": LetterType(
            "answer", "Surat jawaban", "Answer", "700/{sequence:04d}/J/{month_roman}/{year}", "reporter"
        ),
        "memo": LetterType("memo", "Nota", "Memo", "ND/{sequence}/{year}", "unit"),
    }
    return replace(manifest, letters=kinds)


@pytest.fixture
def a_case(begin_tx: BeginTx, an_office: SampleOffice) -> Case:
    with begin_tx() as tx:
        case = create_case(tx, handling_unit_id=an_office.health.id)
        contents.put(tx, case, "answer", {"answer": "Sudah diperbaiki", "note": "hanya untuk kantor"})
        return case


def issued(tx: Tx, case: Case, case_type: CaseType, settings: Settings, name: str = "answer") -> Letter:
    return issue(tx, case, case_type, name, TEMPLATE, settings=settings)


def test_a_letter_knows_what_its_reporter_reads(
    begin_tx: BeginTx, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    with begin_tx() as tx:
        assert issued(tx, a_case, case_type, settings).context["letter"]["language"] == "id"
        a_case.language = "en"

        assert issued(tx, a_case, case_type, settings).context["letter"]["language"] == "en"
        # Within the house everybody reads Indonesian.
        assert issued(tx, a_case, case_type, settings, "memo").context["letter"]["language"] == "id"


def test_numbers_follow_each_other_within_series_and_year(
    begin_tx: BeginTx, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    # Half an hour after midnight in the office is still the old year in UTC.
    instants = (jakarta(2026, 12, 31, 23, 30), jakarta(2027, 1, 1, 0, 30))
    numbers = []
    for now in (instants[0], *instants):
        with begin_tx(now=now) as tx:
            numbers.append(issued(tx, a_case, case_type, settings).number)
    with begin_tx(now=instants[1]) as tx:
        numbers.append(issued(tx, a_case, case_type, settings, "memo").number)

    assert numbers == ["700/0001/J/XII/2026", "700/0002/J/XII/2026", "700/0001/J/I/2027", "ND/1/2027"]


def test_act_that_fails_leaves_no_gap(begin_tx: BeginTx, a_case: Case, case_type: CaseType, settings: Settings) -> None:
    with contextlib.suppress(ZeroDivisionError), begin_tx() as tx:
        issued(tx, a_case, case_type, settings)
        raise ZeroDivisionError
    with begin_tx() as tx:
        assert issued(tx, a_case, case_type, settings).number == "700/0001/J/III/2026"


def test_two_acts_at_once_never_get_one_number(committed_database: TestDatabase) -> None:
    numbers: list[int] = []

    def take() -> None:
        with Session(committed_database.engine) as session, begin(session, SYSTEM, now=NOW) as tx:
            numbers.append(next_in_series(tx, "700/{sequence}", 2026))

    threads = [Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1, 9))
    with Session(committed_database.engine) as session:
        assert session.scalars(select(LetterSeries.last)).all() == [8]


def test_issue_freezes_the_words_and_defers_the_print(
    begin_tx: BeginTx, session: Session, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    with begin_tx() as tx:
        letter = issued(tx, a_case, case_type, settings)
    with begin_tx() as tx:
        tx.session.get_one(Case, a_case.id).disposition = "resolved"

    session.refresh(letter)
    assert letter.state == "issued"
    assert letter.context["case"]["disposition"] == ""
    assert letter.template_checksum == TEMPLATE.checksum
    assert entries_of(session, a_case.id)[-1].kind == "letter.issued"
    assert session.execute(text("SELECT task_name, queue_name FROM procrastinate_jobs")).all() == [
        ("letters.print", "prints")
    ]


def test_reporter_is_told_what_was_released_and_never_named(
    begin_tx: BeginTx, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    with begin_tx() as tx:
        before = issued(tx, a_case, case_type, settings)
        contents.publish(tx, a_case, "answer", fields=["answer"])
        after = issued(tx, a_case, case_type, settings)
        inside = issued(tx, a_case, case_type, settings, "memo")

    assert before.context["contents"] == {}
    assert after.context["contents"] == {"answer": {"answer": "Sudah diperbaiki"}}
    assert inside.context["contents"]["answer"]["note"] == "hanya untuk kantor"


def test_letter_that_leaves_the_office_tells_nothing_of_its_inner_ways(
    begin_tx: BeginTx, a_case: Case, case_type: CaseType, settings: Settings, an_office: SampleOffice
) -> None:
    kinds = {**case_type.letters, "forwarding": replace(case_type.letters["answer"], recipient="outside")}
    with begin_tx() as tx:
        for stage in ("checking", "answering"):
            set_stage(tx, a_case, stage)
        refer(tx, a_case, an_office.health.id)
        for name in ("answer", "forwarding"):
            outside = issued(tx, a_case, replace(case_type, letters=kinds), settings, name).context
            assert outside["contents"] == {}
            assert outside["referrals"] == []
            assert outside["case"]["stage"] == "Dalam proses"
            assert [stage["text"] for stage in outside["path"]] == ["Diterima", "Dalam proses"]
        inside = issued(tx, a_case, case_type, settings, "memo").context

    assert inside["contents"]["answer"]["note"] == "hanya untuk kantor"
    assert [each["to_unit"] for each in inside["referrals"]] == [an_office.health.name]
    assert [stage["text"] for stage in inside["path"]] == ["Diperiksa", "Dijawab"]


def test_print_is_made_once_and_can_be_verified(
    begin_tx: BeginTx, session: Session, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    with begin_tx() as tx:
        letter = issued(tx, a_case, case_type, settings)
    for _ in range(2):
        with begin_tx() as tx:
            print_letter(tx, letter.id, NoSeal())

    view, content = queries.document(session, Actor(kind="reporter", case_id=a_case.id), letter.id)
    assert (view.state, view.size) == ("printed", len(content))
    assert storage.is_intact(session, view.checksum or "")
    assert [entry.kind for entry in entries_of(session, a_case.id)].count("letter.printed") == 1
    assert faults(content) == []
    with pikepdf.open(io.BytesIO(content)) as document:
        data = json.loads(document.attachments["data.json"].get_file().read_bytes())
    assert data["letter"]["number"] == letter.number

    verified = queries.verified(session, f" {letter.document_id.lower()} ")
    assert verified is not None
    assert (verified.number, verified.checksum, verified.case_number) == (letter.number, view.checksum, a_case.number)


def test_verification_names_no_confidential_case(
    begin_tx: BeginTx, session: Session, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    with begin_tx() as tx:
        letter = issued(tx, a_case, case_type, settings)
        tx.session.get_one(Case, a_case.id).confidential = True

    verified = queries.verified(session, letter.document_id)
    assert verified is not None
    assert verified.case_number is None
    assert queries.verified(session, new_document_id()) is None


def test_letters_are_seen_by_those_whom_they_are_for(
    begin_tx: BeginTx,
    session: Session,
    a_case: Case,
    case_type: CaseType,
    settings: Settings,
    an_office: SampleOffice,
) -> None:
    with begin_tx() as tx:
        issued(tx, a_case, case_type, settings)
        memo = issued(tx, a_case, case_type, settings, "memo")
        citizen = create_actor(tx)
    reporter = Actor(kind="reporter", case_id=a_case.id)

    assert [letter.name for letter in queries.letters_of(session, an_office.officer, a_case)] == ["answer", "memo"]
    assert [letter.name for letter in queries.letters_of(session, reporter, a_case)] == ["answer"]
    for stranger in (citizen, NOBODY, Actor(kind="reporter", case_id=uuid4())):
        assert queries.letters_of(session, stranger, a_case) == []
    with pytest.raises(NotFound):
        queries.document(session, reporter, memo.id)
    with pytest.raises(Conflict, match=r"letter\.not_printed"):
        queries.document(session, an_office.officer, memo.id)


def test_letter_that_cannot_be_printed_says_so_and_stays_issued(
    begin_tx: BeginTx, session: Session, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    with begin_tx() as tx:
        letter = issued(tx, a_case, case_type, settings)
        note_failure(tx, letter.id)

    assert letter.state == "failed"
    with begin_tx() as tx:
        assert print_letter(tx, letter.id, NoSeal()).state == "printed"
        assert letter.seal == "none"


def test_letter_that_the_case_type_does_not_know_is_not_issued(
    begin_tx: BeginTx, a_case: Case, case_type: CaseType, settings: Settings
) -> None:
    with pytest.raises(NotFound, match=r"letter\.unknown"), begin_tx() as tx:
        issued(tx, a_case, case_type, settings, "unknown")


def test_document_ids_are_typed_easily_and_guessed_never() -> None:
    ids = {new_document_id() for _ in range(100)}

    assert len(ids) == 100
    for document_id in ids:
        assert len(document_id) == 19
        assert not set("ILOU") & set(document_id)
