"""The guided check without its pages: what becomes of answers, and what the gate says of `public_check`."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.checking.guided import public_check_fits_its_table
from workflows.catalogue.examining import Examined, examine
from workflows.catalogue.guiding import PublicCheck, Ruling, Words, inputs_of, look_up, prefilled
from workflows.catalogue.manifest_reader import read_manifest
from workflows.decisions.dating import Period, in_force
from workflows.decisions.reader import parse
from workflows.decisions.tables import DecisionTable
from workflows.errors import BrokenDefinition, NotFound

BPMN = Path(__file__).parents[3] / "bpmn"
LAW = BPMN / "gratification"
TABLE = (LAW / "decisions" / "reporting_duty.dmn").read_bytes()
NOW = datetime(2026, 3, 2, tzinfo=UTC)
CHECK = PublicCheck(
    title="T",
    title_en="T",
    description="D",
    description_en="D",
    form="reporting_check",
    decision="reporting_duty",
    result="ruling",
    rulings={name: Ruling(name, name, "", "", name != "exempt") for name in ("report", "exempt", "refuse")},
    explanation_en="explanation_en",
    shows={"basis": Words("Dasar", "Basis"), "assumption": Words("Asumsi", "Assumption")},
    deadlines=(),
    prefill={"on": "received_on", "rows.kind": "kind", "rows.amount": "value", "duty": "official_duty"},
)
SECTION = """
public_check:
  title: A
  title_en: A
  description: A
  description_en: A
  form: reporting_check
  decision: reporting_duty
  result: ruling
  rulings:
    report: {title: A, title_en: A, text: A, text_en: A, duty: true}
    exempt: {title: A, title_en: A, text: A, text_en: A, duty: false}
    refuse: {title: A, title_en: A, text: A, text_en: A, duty: true}
  shows: {basis: {title: A, title_en: A}}
  deadlines: [P-01]
  prefill: {event_date: received_on}
"""


@pytest.fixture(scope="module")
def law() -> Bundle:
    return Bundle({"decisions/reporting_duty.dmn": TABLE})


@pytest.fixture(scope="module")
def complaint() -> Examined:
    """The complaint of the repository, with the table and the questions; read once."""
    found = read_bundle(BPMN / "complaint")
    added = {path: (LAW / path).read_bytes() for path in ("decisions/reporting_duty.dmn", "forms/reporting_check.form")}
    return examine(Bundle({**found.files, **added}, shared_folder=found.shared_folder))


def told_of(complaint: Examined, section: str) -> list[str]:
    case_type = read_manifest(complaint.bundle.files["case-type.yml"] + section.encode())
    return [finding.code for finding in public_check_fits_its_table(replace(complaint, case_type=case_type))]


def test_yes_no_and_unknown_become_truth_and_null(law: Bundle) -> None:
    decision = parse(TABLE, "law.dmn")["reporting_duty"]
    inputs = inputs_of(decision, {"official_duty": "true", "conflict_of_interest": "unknown", "kind": "l", "other": 1})
    assert (inputs["official_duty"], inputs["conflict_of_interest"], inputs["kind"]) == (True, None, "l")
    assert "other" not in inputs


def test_an_answer_comes_with_its_reasons_and_its_period(law: Bundle) -> None:
    answered = look_up(law, CHECK, {"received_on": date(2026, 1, 19), "kind": "k", "form": "goods",
                                    "related_to_office": "false"}, now=NOW)  # fmt: skip
    assert answered.ruling.title == "exempt"
    assert answered.explanation_en == "A flower arrangement as a greeting."
    assert [(words.title, value) for words, value in answered.shown] == [
        ("Dasar", "Peraturan KPK 2/2019 Pasal 2 ayat (3) huruf k")
    ]
    assert answered.period == Period(date(2020, 1, 1), date(2026, 1, 19))
    assert answered.effective_on == date(2026, 1, 19)


def test_an_answer_without_words_is_not_found(law: Bundle) -> None:
    silent = PublicCheck(**{**vars(CHECK), "rulings": {}})
    with pytest.raises(NotFound):
        look_up(law, silent, {}, now=NOW)


def test_the_report_begins_with_what_is_known() -> None:
    values = {"received_on": date(2026, 1, 2), "kind": "l", "value": 5, "official_duty": "unknown"}
    assert prefilled(CHECK, values) == {"on": date(2026, 1, 2), "rows": [{"kind": "l", "amount": 5}]}


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        ('> date("2026-01-19")', Period(date(2026, 1, 20), None)),
        ('< date("2026-01-20")', Period(None, date(2026, 1, 19))),
        ('(date("2026-01-01")..date("2026-01-03"))', Period(date(2026, 1, 2), date(2026, 1, 2))),
        ('date("2026-01-01")', Period(date(2026, 1, 1), date(2026, 1, 1))),
        ("-", Period()),
        ('not(date("2026-01-01"))', Period()),
    ],
)
def test_a_row_is_in_force_as_its_first_cell_says(cell: str, period: Period) -> None:
    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">'
        '<decision id="d" name="D"><decisionTable hitPolicy="FIRST"><input label="on"><inputExpression typeRef="date">'
        f'<text>on</text></inputExpression></input><output name="y"/><rule><inputEntry><text><![CDATA[{cell}]]></text>'
        "</inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable></decision></definitions>"
    )
    table = parse(xml.encode(), "x.dmn")["d"].logic
    assert isinstance(table, DecisionTable)
    assert in_force(table, 1) == period


def test_a_check_that_fits_has_no_findings(complaint: Examined) -> None:
    assert told_of(complaint, SECTION) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("form: reporting_check", "form: gone", "form.unknown"),
        ("form: reporting_check", "form: reply", "public_check.no_question"),
        ("decision: reporting_duty", "decision: gone", "decision.unknown"),
        ("result: ruling", "result: rule", "public_check.unknown_column"),
        ("    refuse: {title: A, title_en: A, text: A, text_en: A, duty: true}\n", "", "public_check.no_words"),
        ("shows: {basis:", "shows: {basic:", "public_check.unknown_column"),
        ("deadlines: [P-01]", "deadlines: [P-99]", "deadline.unknown"),
        ("{event_date: received_on}", "{event_day: received_on}", "field.unknown"),
        ("{event_date: received_on}", "{event_date: received_in}", "field.unknown"),
    ],
)
def test_what_does_not_fit_is_told(complaint: Examined, old: str, new: str, code: str) -> None:
    assert old in SECTION
    assert code in told_of(complaint, SECTION.replace(old, new))


@pytest.mark.parametrize("old", ["duty: false", "title: A\n", "[P-01]", "{event_date: received_on}"])
def test_a_section_that_is_written_wrong_is_told(complaint: Examined, old: str) -> None:
    wrong = SECTION.replace(old, {"duty: false": "duty: perhaps", "title: A\n": "titel: A\n"}.get(old, "nothing"))
    with pytest.raises(BrokenDefinition):
        read_manifest(complaint.bundle.files["case-type.yml"] + wrong.encode())
