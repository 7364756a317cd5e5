"""The guided check: question by question, the table's answer with its source and dates, and on to the report."""

from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conftest import BeginTx
from pages import Page, Visitor
from workflows.cases.models import Case
from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.operations import publish
from workflows.transaction import SYSTEM

BPMN = Path(__file__).parents[2] / "bpmn"
LAW = BPMN / "gratification"
CHECK = "/wajib-lapor/complaint"
SECTION = """
public_check:
  title: Apakah saya wajib lapor?
  title_en: Must I report?
  description: Beberapa pertanyaan.
  description_en: A few questions.
  form: reporting_check
  decision: reporting_duty
  result: ruling
  rulings:
    report: {title: Wajib dilaporkan, title_en: It must be reported, text: Laporkan., text_en: Report it., duty: true}
    exempt: {title: Tidak wajib, title_en: It need not be, text: Boleh juga., text_en: You may., duty: false}
    refuse: {title: Wajib ditolak, title_en: Refuse it, text: Tolaklah., text_en: Do refuse it., duty: true}
  explanation_en: explanation_en
  shows: {basis: {title: Dasar hukum, title_en: Legal basis}}
  deadlines: [P-01]
  prefill: {event_date: received_on}
"""


@pytest.fixture(scope="module")
def with_check() -> Bundle:
    """The complaint of the repository, to which a guided check was added."""
    complaint = read_bundle(BPMN / "complaint")
    files = dict(complaint.files)
    files["case-type.yml"] += dedent(SECTION).encode()
    for path in ("decisions/reporting_duty.dmn", "forms/reporting_check.form"):
        files[path] = (LAW / path).read_bytes()
    return Bundle(files, shared_folder=complaint.shared_folder)


@pytest.fixture(autouse=True)
def _published(app: object, begin_tx: BeginTx, with_check: Bundle) -> None:
    with begin_tx(SYSTEM) as tx:
        publish(tx, with_check)


def answered(visit: Visitor, page: Page, **answers: str) -> Page:
    """Answer one question after another, in the order in which they are asked."""
    for name, value in answers.items():
        page = visit.fill(page, CHECK, {name: value})
    return page


WEDDING = {
    "received_on": "2026-01-20",
    "related_to_office": "false",
    "contrary_to_duty": "false",
    "giver_relation": "family",
    "kind": "l",
    "conflict_of_interest": "false",
}


def test_the_check_is_offered_and_begins_with_the_first_question(visit: Visitor) -> None:
    assert CHECK in visit("/").source
    assert "Apakah saya wajib lapor?" in visit("/wajib-lapor").text
    page = visit(CHECK)
    assert page.heading == "Apakah saya wajib lapor?"
    assert page.value("received_on") == ""
    visit("/wajib-lapor/nothing", status=404)


def test_questions_that_no_answer_needs_are_not_asked(visit: Visitor) -> None:
    page = answered(visit, visit(CHECK), **WEDDING)
    assert "Berapa nilainya" in page.text
    assert "Selasa, 20 Januari 2026" in page.text
    page = answered(visit, page, value="1500000")
    assert page.heading == "Tidak wajib"
    assert "12 bulan sebelumnya" not in page.text


def test_the_rule_is_told_with_its_source_and_the_dates_in_both_readings(visit: Visitor, session: Session) -> None:
    page = answered(visit, visit(CHECK), **WEDDING, value="1500001")
    assert page.heading == "Wajib dilaporkan"
    assert "Pasal 2 ayat (3) huruf l" in page.text
    assert "Melebihi Rp1.500.000" in page.text
    assert "sejak Selasa, 20 Januari 2026" in page.text
    assert page.text.count("Jumat, 23 Januari 2026") >= 2
    assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_a_gift_is_judged_by_the_law_of_its_day(visit: Visitor) -> None:
    page = answered(visit, visit(CHECK), **{**WEDDING, "received_on": "2026-01-19"}, value="1200000")
    assert page.heading == "Wajib dilaporkan"
    assert "Rabu, 1 Januari 2020 sampai Senin, 19 Januari 2026" in page.text


def test_what_must_be_refused_needs_no_further_question(visit: Visitor) -> None:
    page = answered(visit, visit(CHECK), received_on="2026-02-02", related_to_office="true", contrary_to_duty="true")
    assert page.heading == "Wajib ditolak"


def test_an_answer_that_does_not_fit_is_asked_again(visit: Visitor) -> None:
    page = visit.fill(visit(CHECK), CHECK, {"received_on": "kemarin"}, status=422)
    assert page.problems
    page = answered(visit, page, received_on="2026-02-02")
    assert "berhubungan dengan jabatan" in page.text


def test_an_earlier_answer_may_be_changed(visit: Visitor) -> None:
    page = answered(visit, visit(CHECK), **WEDDING)
    page = visit.fill(page, CHECK, {"_back": "kind", "value": ""})
    assert page.value("kind") == "l"
    page = answered(visit, page, kind="k", form="goods")
    assert page.heading == "Tidak wajib"


def test_no_question_can_be_skipped(visit: Visitor) -> None:
    page = visit.fill(visit(CHECK), CHECK, {"received_on": "2026-02-02", "_answered": "kind", "kind": "k"})
    assert "Kapan pemberian itu" in page.text
    assert page.heading == "Apakah saya wajib lapor?"


def test_the_report_begins_with_the_answers(visit: Visitor) -> None:
    page = answered(visit, visit(CHECK), **WEDDING, value="2000000")
    page = visit.fill(page, f"{CHECK}/lapor")
    assert page.heading == "Pengaduan masyarakat"
    assert page.value("event_date") == "2026-01-20"


def test_the_check_speaks_english(visit: Visitor) -> None:
    page = visit(f"{CHECK}?bahasa=en", language="en")
    assert page.heading == "Must I report?"
    for name, value in {**WEDDING, "value": "1500001"}.items():
        page = visit.fill(page, CHECK, {name: value}, language="en")
    assert page.heading == "It must be reported"
    assert "the whole gift must be reported" in page.text
