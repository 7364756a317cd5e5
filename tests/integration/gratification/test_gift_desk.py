"""The gift desk on the real case type: from a draft to the review, and who may know the reporter."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from databases import REPOSITORY
from factories import NOW
from gifts import DRAFT, FULL
from looking import tables_holding
from workflows import transaction
from workflows.access import policy
from workflows.calendar.operations import seed_years
from workflows.case_reports.composition import compose
from workflows.case_reports.models import CaseReport
from workflows.case_reports.stationery import stationery_in
from workflows.cases import contents, parties
from workflows.cases.models import Case, CaseDeadline
from workflows.catalogue import queries as catalogue
from workflows.catalogue.operations import publish
from workflows.errors import InvalidAnswers, NotAllowed, NotFound
from workflows.intake.operations import send_reporter_message, submit_report
from workflows.items.models import Item
from workflows.items.operations import amend_item
from workflows.journal.models import JournalEntry
from workflows.language import speaking
from workflows.letters.models import Letter
from workflows.letters.preview import preview
from workflows.people import passwords, queries
from workflows.people.demonstration import load_office
from workflows.processes import office
from workflows.processes.models import ProcessInstance
from workflows.processes.operations import NO_CONFLICT, complete_task
from workflows.recapitulations.operations import make_recapitulation
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, SYSTEM, Actor, Tx, permits

BPMN = REPOSITORY / "bpmn"
BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture
def desk(begin_tx: BeginTx, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration office with the gift desk published, under the law of the program."""
    monkeypatch.setattr(transaction, "_policies", [policy.may])
    monkeypatch.setattr(office, "_opened", [])
    office.open_office(settings)
    with passwords.costing(passwords.CHEAPEST), begin_tx(SYSTEM) as tx:
        load_office(tx, BPMN / "shared" / "demonstration" / "office.yml")
        seed_years(tx, range(NOW.year - 1, NOW.year + 2))
        publish(tx, BPMN / "gratification", gate=lambda bundle: ())


def posted(answers: dict[str, str]) -> dict[str, list[str]]:
    return {name: [text] for name, text in answers.items()}


def actor(session: Session, login: str, now: datetime = NOW) -> Actor:
    user = queries.user_by_login(session, login)
    assert user is not None
    return queries.actor_for(session, user.id, now)


def entries(session: Session, case: Case, kind: str) -> list[dict[str, Any]]:
    found = select(JournalEntry).where(JournalEntry.case_id == case.id, JournalEntry.kind == kind)
    return [entry.facts for entry in session.scalars(found.order_by(JournalEntry.sequence))]


def do(session: Session, begin_tx: BeginTx, case: Case, login: str, element: str, **answers: str) -> None:
    """Let somebody complete the one open task of that element."""
    task = session.scalars(select(Task).where(Task.case_id == case.id, Task.status == "open")).one()
    assert task.element == element
    run = session.get_one(ProcessInstance, task.instance_id)
    with begin_tx(actor(session, login)) as tx:
        typed = posted({NO_CONFLICT: "true", **answers})
        complete_task(tx, task.id, posted=typed, revision=run.revision, key=f"{element} at revision {run.revision}")


def test_a_draft_becomes_a_report_that_only_the_gift_desk_knows_and_may_judge_otherwise(
    session: Session, begin_tx: BeginTx, desk: None, settings: Settings
) -> None:
    with begin_tx(NOBODY) as tx:
        slip = submit_report(tx, "gratification", posted=posted(DRAFT), key="a draft of a gift")
    case = session.get_one(Case, slip.case_id)

    assert (case.stage, case.confidential) == ("draft", True)
    assert case.handling_unit_id == queries.unit_by_code(session, "UPG").id  # type: ignore[union-attr]
    assert not session.scalars(select(Item).where(Item.case_id == case.id)).all()

    with begin_tx(NOBODY) as tx:
        send_reporter_message(tx, slip.code, "submission", posted=posted(FULL), key="the whole report")

    assert case.stage == "received"
    said = contents.summaries(session, true(), [case.id])[case.id]
    assert (said.title, said.text, case.search) == (FULL["title"], FULL["chronology"], None)
    item = session.scalars(select(Item).where(Item.case_id == case.id)).one()
    assert (item.value, item.counts, item.receiver is not None) == (2_500_000, True, True)
    runnings = {each.deadline_id: each for each in session.scalars(select(CaseDeadline)) if not each.stopped_at}
    assert runnings["G-02"].met_at == NOW
    assert runnings["G-01"].trigger_at < NOW - timedelta(days=2)
    assert session.scalars(select(Letter.name).where(Letter.case_id == case.id)).all() == ["receipt"]

    do(session, begin_tx, case, "upg", "check_completeness", completeness="complete")
    with pytest.raises(InvalidAnswers):
        do(session, begin_tx, case, "upg", "review", classification="report", review_note="Wajib lapor.")
    reason = "Kakak pelapor peserta tender pada unitnya."
    do(session, begin_tx, case, "upg", "review", classification="report", override_reason=reason)

    (overridden,) = entries(session, case, "decision.overridden")
    assert (overridden["decision"], overridden["answer"], overridden["chosen"]) == (
        "reporting_duty",
        "exempt",
        "report",
    )
    assert reason not in str(entries(session, case, "content.put"))
    run = session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == case.id)).one()
    for word in ("Siti", "Kakak Kandung", "Jam tangan", "1205015102930001", reason):
        assert word not in str(run.variables)
    _known_to_the_gift_desk_alone(session, begin_tx, case)
    _told_on_paper(session, begin_tx, case, settings)
    _previewed(session, begin_tx, case, settings)
    with begin_tx(actor(session, "ketuaupg")) as tx:
        figures = make_recapitulation(
            tx, "gratification", "2026-Q1", edition="full", office=office.current_office()
        ).figures
    assert figures["cases"] == 1
    # Who reported is kept with the party and nowhere else: in no letter, journal line, notice, figure, search or job.
    for name in ("name", "identity_number", "phone"):
        assert tables_holding(session, FULL[name].lower()) == {"party"}, name


def _previewed(session: Session, begin_tx: BeginTx, case: Case, settings: Settings) -> None:
    """Every letter can be read before it is issued, by whoever may read the case, and leaves no trace."""
    run = session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == case.id)).one()
    edition = catalogue.version(session, run.version_id)
    case_type = catalogue.manifest(session, edition)
    before = session.scalars(select(Letter.id)).all()
    for name, letter in case_type.letters.items():
        files = catalogue.letter_files(session, edition, name)
        with begin_tx(actor(session, "upg")) as tx:
            html = preview(tx, case, case_type, name, files, settings=settings)
        assert "Pratinjau: belum terbit" in html
        assert letter.title in html
        assert ("Hitungan ketat" in html) == (name == "receipt")
        assert FULL["name"] not in html
        assert FULL["identity_number"] not in html
        with begin_tx(actor(session, "petugas")) as tx, pytest.raises(NotFound):
            preview(tx, case, case_type, name, files, settings=settings)
    assert session.scalars(select(Letter.id)).all() == before


def _known_to_the_gift_desk_alone(session: Session, begin_tx: BeginTx, case: Case) -> None:
    for login in ("upg", "ketuaupg"):
        with begin_tx(actor(session, login)) as tx:
            (party,) = parties.reveal(tx, case)
            assert party.identity is not None
            assert party.identity["name"] == "Siti Rekaan"
    for login in ("petugas", "penyelia", "inspektur", "sekda", "bupati", "admin", "asn"):
        assert not permits(session, actor(session, login), "case.read", case), login
        with pytest.raises(NotAllowed), begin_tx(actor(session, login)) as tx:
            parties.reveal(tx, case)


def _told_on_paper(session: Session, begin_tx: BeginTx, case: Case, settings: Settings) -> None:
    """The report tells of objects what its reader may know: the office all, the reporter what they wrote."""
    item = session.scalars(select(Item).where(Item.case_id == case.id)).one()
    with begin_tx(actor(session, "upg")) as tx:
        amend_item(tx, item.id, {"amount": Decimal(3_000_000), "description": "Jam tangan emas"}, reason="Ditaksir.")
    stationery = stationery_in(settings.definitions / "shared" / "reports")

    def told_in(edition: str, login: str, language: str = "id") -> Any:
        row = CaseReport(case_id=case.id, edition=edition, language=language, document_id="CONTOH")
        row.requested_by_id = actor(session, login).user_id
        with speaking(language):  # type: ignore[arg-type]
            return compose(session, row, stationery, office.current_office(), NOW).report

    def chapter(edition: str, login: str, language: str = "id") -> Any:
        return told_in(edition, login, language)["objects"]

    inside, told = chapter("internal", "upg"), chapter("reporter", "upg", "en")
    (line,), (own,) = inside["lines"], told["lines"]
    assert (line["description"], line["giver"]) == ("Jam tangan emas", "Kakak Kandung")
    assert (inside["total"], inside["givers"][0]["relation"]) == ("Rp3.000.000", "Keluarga")
    assert (own["description"], own["giver"]) == ("Jam tangan", "Kakak Kandung")
    assert told["total"] == "Rp2,500,000"
    besides = [answer["value"] for answer in told_in("internal", "upg")["case"]["besides"]]
    assert FULL["received_at"] in besides
    assert not {FULL["name"], FULL["phone"], FULL["title"], FULL["chronology"]} & set(besides)
    # Whoever may not read the case is told of no giver, though somebody asked in their name.
    assert chapter("internal", "petugas") is None
