"""Figures of a period: what is counted, what is withheld in public, and what a wrong plan is told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import load_workbook

from databases import REPOSITORY
from workflows.catalogue.bundle import MANIFEST, Bundle, read_bundle
from workflows.catalogue.manifest_reader import read_manifest
from workflows.errors import BrokenDefinition, NotFound
from workflows.feel.clock import Clock
from workflows.recapitulations.checks import recapitulation_counts
from workflows.recapitulations.composition import compose, public
from workflows.recapitulations.facts import Facts
from workflows.recapitulations.periods import Period
from workflows.recapitulations.plan import FILE, plan_in
from workflows.recapitulations.spreadsheet import spreadsheet

CLOCK = Clock(datetime(2026, 4, 1, 5, tzinfo=UTC), ZoneInfo("Asia/Jakarta"))
PLAN = """
title: Rekapitulasi
title_en: Recapitulation
deadline: G-08
notices:
  - {share: 0.5, to: upg_head, notice: recapitulation_due}
  - {share: 1, to: regent, notice: recapitulation_late}
smallest: 5
recipients:
  - {title: Bupati, title_en: Regent}
tables:
  - id: by_kind
    title: Menurut jenis
    title_en: By kind
    over: cases
    by: classification
    words:
      gift: {title: Hadiah, title_en: Gift}
      refusal: {title: Penolakan, title_en: Refusal}
    sums:
      - {id: value, title: Nilai, title_en: Value, unit: rupiah, of: sum(items.value)}
  - id: by_office
    title: Menurut perangkat daerah
    title_en: By office
    over: cases
    only: not(late)
    by: office
    words: offices
  - id: by_form
    title: Menurut bentuk
    title_en: By form
    over: items
    by: form
indicators:
  - id: in_time
    title: Tepat waktu
    title_en: In time
    unit: percent
    public: true
    value: if count(cases) = 0 then null else 100 * count(cases[not(late)]) / count(cases)
  - id: hours
    title: Jam pelatihan
    title_en: Hours of training
    unit: hours
    value: if count(activities) = 0 then 0 else sum(activities.hours)
"""


@pytest.fixture(scope="module")
def gratification():
    """A case type with a plan, its notices and the registers of the office."""
    return read_bundle(REPOSITORY / "bpmn" / "gratification")


def plan_of(text=PLAN):
    manifest = SimpleNamespace(stages={}, dispositions={})
    return plan_in(Bundle({FILE: text.encode()}), manifest)


def case(classification="gift", office="PUPR", late=False, values=()):
    return {
        "classification": classification,
        "office": office,
        "late": late,
        "items": [{"value": value, "form": "goods"} for value in values],
    }


def facts(*cases, activities=()):
    items = [{**item, "case": each} for each in cases for item in each["items"]]
    return Facts(cases, cases, (), items, activities, {"PUPR": "Dinas PUPR", "DINKES": "Dinas Kesehatan"})


def figures(*cases, activities=()):
    return compose(plan_of(), facts(*cases, activities=activities), Period(2026, 1), CLOCK)


def row(table, key):
    return next(each for each in table["rows"] if each["key"] == key)


def test_cases_and_objects_are_counted_and_summed():
    counted = figures(case(values=(100_000, 250_000)), case(late=True), case("refusal", "DINKES"), case("other", None))
    by_kind, by_office, by_form = counted["tables"]

    assert (row(by_kind, "gift")["count"], row(by_kind, "gift")["sums"]) == (2, [350_000])
    assert row(by_kind, "refusal") == {
        "key": "refusal", "title": {"id": "Penolakan", "en": "Refusal"}, "count": 1, "sums": [0],
    }  # fmt: skip
    assert [each["key"] for each in by_kind["rows"]] == ["gift", "refusal", "other"]
    assert by_kind["total"] == {"count": 4, "sums": [350_000]}
    assert {each["key"]: each["count"] for each in by_office["rows"]} == {"PUPR": 1, "DINKES": 1, "": 1}
    assert row(by_form, "goods")["count"] == 2
    assert [each["value"] for each in counted["indicators"]] == [75, 0]


def test_the_gift_desk_counts_what_it_took_in_and_what_it_still_keeps(gratification):
    plan = plan_in(gratification, read_manifest(gratification.files[MANIFEST]))
    deposits = tuple(one for one in plan.indicators if one.id in {"entrusted", "kept"})
    plan = replace(plan, only=None, tables=(), indicators=deposits)

    def entrusted(taken_on, released_on=None):
        return {"items": [], "custody": [{"taken_on": taken_on, "released_on": released_on, "released_to": None}]}

    before, within, after = date(2025, 12, 31), date(2026, 3, 31), date(2026, 4, 1)
    still_open = (entrusted(before), entrusted(before, within), entrusted(within, after), entrusted(after))
    closed = (entrusted(date(2026, 1, 1), within), entrusted(within), {"items": [], "custody": []})
    counted = compose(plan, Facts((), still_open, closed, (), (), {}), Period(2026, 1), CLOCK)

    assert {one["id"]: one["value"] for one in counted["indicators"]} == {"entrusted": 3, "kept": 3}


def test_what_the_plan_leaves_out_counts_nowhere():
    plan = plan_of(PLAN.replace("tables:\n", "only: classification != null\ntables:\n", 1))

    counted = compose(plan, facts(case(values=(1,)), case(None, values=(2,))), Period(2026, 1), CLOCK)

    assert counted["cases"] == 1
    assert [table["total"]["count"] for table in counted["tables"]] == [1, 1, 1]


def test_activities_are_counted_by_kind_and_told_in_public_too():
    table = """
  - id: by_activity
    title: Kegiatan
    title_en: Activities
    over: activities
    by: kind
    sums:
      - {id: hours, title: Jam, title_en: Hours, unit: hours, of: hours}
indicators:
"""
    plan = plan_of(PLAN.replace("\nindicators:\n", table, 1))
    held = [{"kind": "training", "hours": Decimal(2)}, {"kind": "training", "hours": Decimal("1.5")}]

    counted = compose(plan, facts(activities=held), Period(2026, 1), CLOCK)

    assert row(counted["tables"][-1], "training") == {
        "key": "training", "title": {"id": "training", "en": "training"}, "count": 2, "sums": ["3.5"],
    }  # fmt: skip
    assert public(counted, plan)["tables"][-1] == counted["tables"][-1]


def test_share_forwarded_in_time_counts_what_nobody_forwarded(gratification):
    plan = plan_in(gratification, SimpleNamespace(stages={}, dispositions={}))
    (share,) = (each for each in plan.indicators if each.id == "forwarded_in_time")

    def of(*told):
        cases = [
            {"variables": {"forwarded_on": done and date(2026, 2, 2)}, "deadlines": [{"id": "G-03", "late": late}]}
            for done, late in told
        ]
        return share.value.evaluate(replace(facts(), cases=cases).of_period(Period(2026, 1)), CLOCK)

    assert of() is None
    assert of((None, False)) is None
    assert of((True, False), (None, True), (True, True), (None, False), (True, False)) == 50


def test_a_quarter_without_a_case_has_figures_too():
    counted = figures()

    assert counted["cases"] == 0
    assert counted["tables"][0]["total"] == {"count": 0, "sums": [0]}
    assert [each["value"] for each in counted["indicators"]] == [None, 0]


def test_parts_of_a_number_are_kept_as_text():
    counted = figures(case(), activities=[{"hours": Decimal("1.5")}, {"hours": Decimal("2.25")}])

    assert counted["indicators"][1]["value"] == "3.75"


def test_small_counts_are_withheld_in_public_and_cannot_be_worked_out():
    counted = figures(*[case(values=(1_000,))] * 9, *[case("refusal")] * 2, *[case("other")] * 6)

    shown = public(counted, plan_of())["tables"][0]

    assert [each["count"] for each in shown["rows"]] == [9, None, None]
    assert row(shown, "other")["sums"] == [None]
    assert shown["total"] == {"count": 17, "sums": [None]}
    assert row(shown, "gift")["sums"] == [9_000]
    assert [each["id"] for each in public(counted, plan_of())["indicators"]] == ["in_time"]


@pytest.mark.parametrize(
    ("late", "of", "told"),
    [
        (0, 20, 100),
        (20, 20, 0),
        (5, 20, 75),
        # Two late ones of twenty could be read off "90 %", and eighteen off "10 %"; of four cases nothing is told.
        (2, 20, None),
        (18, 20, None),
        (0, 4, None),
    ],
)
def test_no_small_count_can_be_read_off_a_share(late, of, told):
    counted = figures(*[case(late=True)] * late, *[case()] * (of - late))

    assert [each["value"] for each in public(counted, plan_of())["indicators"]] == [told]


def test_a_small_count_beside_a_row_is_withheld_with_its_column():
    lately = "- {id: late, title: T, title_en: T, unit: count, of: if late then 1 else 0}"
    plan = plan_of(PLAN.replace("    sums:\n", f"    sums:\n      {lately}\n", 1))
    clock, period = CLOCK, Period(2026, 1)
    counted = compose(plan, facts(*[case(late=True)], *[case()] * 9, *[case("refusal")] * 7), period, clock)

    shown = public(counted, plan)["tables"][0]

    assert [each["count"] for each in shown["rows"]] == [10, 7]
    assert [each["sums"][0] for each in [*shown["rows"], shown["total"]]] == [None, None, None]
    assert [each["sums"][0] for each in counted["tables"][0]["rows"]] == [1, 0]


@given(some.lists(some.integers(0, 12), min_size=1, max_size=6))
def test_no_small_count_is_told_or_left_as_a_difference(sizes):
    cases = [case(f"kind{at}") for at, size in enumerate(sizes) for _ in range(size)]
    full = figures(*cases)["tables"][0]
    shown = public(figures(*cases), plan_of())["tables"][0]

    told = [each["count"] for each in shown["rows"] if each["count"] is not None]
    withheld = [
        each["count"]
        for each, public_row in zip(full["rows"], shown["rows"], strict=True)
        if public_row["count"] is None
    ]
    assert all(count == 0 or count >= 5 for count in told)
    if shown["total"]["count"] is not None and withheld:
        # What the total leaves is shared by at least two rows.
        assert len(withheld) > 1
        assert shown["total"]["count"] - sum(told) == sum(withheld)


WRONG = {
    "  - id: by_kind\n": ("  - id: by_kind\n    colour: red\n", "colour"),
    "over: cases\n    by: classification": ("over: cases\n    by: clasification", "clasification"),
    "over: items": ("over: persons", "over"),
    "unit: percent": ("unit: apples", "unit"),
    "smallest: 5": ("smallest: 0", "smallest"),
    "id: by_form": ("id: by_kind", "by_kind"),
    "words: offices": ("words: colours", "stages"),
    "  - {title: Bupati, title_en: Regent}": ("  - Bupati", "kunci"),
    "{title: Bupati, title_en: Regent}": ("{title: Bupati, title_en: Regent, colour: red}", "colour"),
    "{title: Hadiah, title_en: Gift}": ("{title: Hadiah, title_en: Gift, colour: red}", "colour"),
    "deadline: G-08": ("", "deadline"),
    "share: 0.5": ("share: 1.5", "share"),
    "share: 1,": ("share: ya,", "share"),
    "share: 0.5, to: upg_head": ("share: 1, to: regent", "regent"),
    "notice: recapitulation_due": ("notices: recapitulation_due", "notices"),
}


@pytest.mark.parametrize("right", WRONG)
def test_what_is_wrong_in_a_plan_is_named_with_its_line(right):
    wrong, word = WRONG[right]
    with pytest.raises(BrokenDefinition) as broken:
        plan_of(PLAN.replace(right, wrong, 1))

    assert word in broken.value.findings[0].message
    assert broken.value.findings[0].line > 1


# What only the whole case type can tell: right words of the plan -> wrong ones, and the finding with its mend.
WRONG_NAMES = {
    "deadline: G-08": ("deadline: G-008", "deadline.unknown", "G-08"),
    "to: upg_head": ("to: upg_haed", "role.unknown", "upg_head"),
    "notice: recapitulation_due": ("notice: recapitulation_du", "notice.unknown", "recapitulation_due"),
    "notice: recapitulation_late": ("notice: closed", "notice.unknown_name", "period"),
}


@pytest.mark.parametrize("right", WRONG_NAMES)
def test_names_of_a_plan_must_exist(gratification, right):
    wrong, code, mend = WRONG_NAMES[right]
    files = {**gratification.files, FILE: PLAN.replace(right, wrong, 1).encode()}

    findings = list(recapitulation_counts(replace(gratification, files=files)))

    assert {each.code for each in findings} == {code}
    assert all(mend in each.fix and each.line > 1 and each.file == FILE for each in findings)


def test_a_plan_whose_names_exist_is_accepted(gratification):
    files = {**gratification.files, FILE: PLAN.encode()}

    assert list(recapitulation_counts(replace(gratification, files=files))) == []


def test_periods_follow_each_other_through_the_year():
    assert (Period.named("2026-Q4").first, Period.named("2026-Q4").last) == (date(2026, 10, 1), date(2026, 12, 31))
    assert Period.named("2026-Q4").following() == Period(2027, 1)
    assert Period.named("2026-Q1").before() == Period(2025, 4)
    assert (Period.named("2026").first, Period.named("2026").last) == (date(2026, 1, 1), date(2026, 12, 31))
    assert Period.quarter_of(date(2026, 5, 31)).name == "2026-Q2"
    for wrong in ("2026-Q5", "1999", "2026-q1", ""):
        with pytest.raises(NotFound):
            Period.named(wrong)


def test_the_spreadsheet_holds_the_figures_and_no_formula():
    counted = figures(case("=HYPERLINK(1)", values=(1_500_000,)))
    book = load_workbook(BytesIO(spreadsheet(counted, [("Masa", "=1+1")], "id")))

    assert book.sheetnames == ["Tentang", "Menurut jenis", "Menurut perangkat daerah", "Menurut bentuk", "Indikator"]
    sheet = book["Menurut jenis"]
    assert [cell.value for cell in sheet[1]] == ["Menurut jenis", "Jumlah", "Nilai"]
    assert [cell.value for cell in sheet[4]] == ["=HYPERLINK(1)", 1, 1_500_000]
    assert {cell.data_type for sheet in book for line in sheet for cell in line if cell.value} <= {"s", "n"}
