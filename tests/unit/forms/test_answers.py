"""What people post: typed, checked, and nothing that the form does not ask for."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.errors import BrokenDefinition, InvalidAnswers
from workflows.feel.clock import Clock
from workflows.forms import answers
from workflows.forms.answers import Answers
from workflows.forms.schema import Form
from workflows.forms.schema import read as read_form

JAKARTA = ZoneInfo("Asia/Jakarta")
CLOCK = Clock(datetime(2026, 1, 31, 16, 30, tzinfo=UTC), JAKARTA)
COMPLAINT = Path(__file__).parents[3] / "bpmn" / "complaint" / "forms"


def form(*components: dict[str, Any]) -> Form:
    return read_form(json.dumps({"id": "test", "components": components}).encode(), "test.form")


def field(type_: str = "textfield", key: str = "x", **entries: Any) -> dict[str, Any]:
    return {"type": type_, "id": f"field_{key}", "key": key, "label": "Isian", **entries}


def options(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "label": value} for value in values]


def read(asked: Form, posted: dict[str, Any], **given: Any) -> Answers:
    typed = {name: value if isinstance(value, list) else [value] for name, value in posted.items()}
    return answers.read(asked, typed, clock=CLOCK, **given)


def answer(component: dict[str, Any], *typed: str) -> Any:
    return read(form(component), {"x": list(typed)}).values["x"]


def problem(component: dict[str, Any], *typed: str) -> str:
    with pytest.raises(InvalidAnswers) as refusal:
        answer(component, *typed)
    ((name, code, facts),) = refusal.value.problems
    assert name == "x"
    assert facts["label"] == "Isian"
    assert set(answers.PROBLEMS[code]) == set(facts)
    return code


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1500000", 1_500_000),
        ("1.500.000", 1_500_000),
        ("1.500", 1_500),
        ("1.500.000,75", Decimal("1500000.75")),
        ("1,5", Decimal("1.5")),
        ("1.5", Decimal("1.5")),
        ("0.500", Decimal("0.5")),
        ("Rp 1.500.000", 1_500_000),
        ("rp.25.000", 25_000),
        ("1,500,000.50", Decimal("1500000.5")),
        ("-3,25", Decimal("-3.25")),
        ("−3", -3),
        (" 7 ", 7),
        ("", None),
        ("00012", 12),
    ],
)
def test_numbers_are_read_as_people_write_them_here(typed: str, expected: object) -> None:
    result = answer(field("number"), typed)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    "typed",
    [
        "x",
        "1.2.3",
        "1e5",
        "NaN",
        "Infinity",
        "0x10",
        "--1",
        "1.50.000",
        "9" * 50,
        "٣",
        "1 juta",
        "1;2",
        "$(id)",
        "1_000",
    ],
)
def test_what_is_no_number_is_told(typed: str) -> None:
    assert problem(field("number"), typed) == "not_number"


def test_a_point_of_coordinates_is_not_taken_for_thousands() -> None:
    latitude = field("number", decimalDigits=6, validate={"min": -11, "max": 6.5})
    assert answer(latitude, "3.597") == Decimal("3.597")
    assert answer(latitude, "3,597031") == Decimal("3.597031")
    assert problem(latitude, "3.5970315") == "decimals"
    assert problem(latitude, "7") == "above_maximum"
    assert problem(latitude, "-12") == "below_minimum"


def test_a_whole_number_may_have_zeros_behind_its_comma() -> None:
    assert answer(field("number", decimalDigits=0), "5,00") == 5
    assert problem(field("number", decimalDigits=0), "5,50") == "decimals"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("31/01/2026", date(2026, 1, 31)),
        ("1/2/2026", date(2026, 2, 1)),
        ("31-01-2026", date(2026, 1, 31)),
        ("31 Januari 2026", date(2026, 1, 31)),
        ("17 agustus 2025", date(2025, 8, 17)),
        ("", None),
    ],
)
def test_days_are_read_in_both_ways_of_writing(typed: str, expected: date | None) -> None:
    assert answer(field("datetime"), typed) == expected


@pytest.mark.parametrize(
    "typed", ["2026-02-30", "31/13/2026", "31/01/26", "kemarin", "20260131", "0000-01-01", "31 Foo 2026"]
)
def test_what_is_no_day_is_told(typed: str) -> None:
    assert problem(field("datetime"), typed) == "not_date"


def test_instants_are_read_in_the_zone_of_the_office() -> None:
    component = field("datetime", subtype="datetime")
    expected = datetime(2026, 1, 31, 10, 30, tzinfo=JAKARTA)
    assert answer(component, "2026-01-31T10:30") == expected
    assert answer(component, "31/01/2026 10.30") == expected
    assert answer(component, "2026-01-31", "10:30") == expected
    assert problem(component, "2026-01-31") == "not_date"
    assert answer(field("datetime", subtype="time"), "07.05") == time(7, 5)
    assert problem(field("datetime", subtype="time"), "25:00") == "not_time"


def test_a_day_that_has_passed_is_told_where_none_may_have() -> None:
    component = field("datetime", disallowPassedDates=True)
    # 31 January 16:30 UTC is still 31 January in Langkat.
    assert answer(component, "2026-01-31") == date(2026, 1, 31)
    assert problem(component, "2026-01-30") == "passed"


def test_a_day_outside_its_bounds_is_told() -> None:
    component = field("datetime", properties={"earliest": "2001-11-21", "latest": "today"})
    assert answer(component, "2001-11-21") == date(2001, 11, 21)
    assert answer(component, "2026-01-31") == date(2026, 1, 31)
    assert problem(component, "2001-11-20") == "too_early"
    assert problem(component, "2026-02-01") == "ahead"


@pytest.mark.parametrize("bound", [{"earliest": "once"}, {"latest": "tomorrow"}])
def test_a_bound_that_is_no_day_is_refused(bound: dict[str, str]) -> None:
    with pytest.raises(BrokenDefinition) as refused:
        form(field("datetime", properties=bound))
    assert [each.code for each in refused.value.findings if each.severity == "error"] == ["form.bound"]


@pytest.mark.parametrize(
    ("rules", "typed", "code"),
    [
        ({"minLength": 5}, "abcd", "too_short"),
        ({"maxLength": 5}, "abcdef", "too_long"),
        ({}, "x" * 1_001, "too_long"),
        ({"pattern": "^[0-9]{4}$"}, "12a4", "pattern"),
        ({"validationType": "email"}, "budi@langkat", "not_email"),
        ({"validationType": "email"}, "a b@c.id", "not_email"),
        ({"validationType": "email"}, "a@b.id, c@d.id", "not_email"),
        ({"validationType": "phone"}, "telepon", "not_phone"),
        ({"validationType": "phone"}, "(((((((", "not_phone"),
        ({}, "a\x00b", "not_text"),
        ({}, "a\x1b[31m", "not_text"),
        ({}, "satu\ndua", "not_text"),
        ({"required": True}, "   ", "required"),
    ],
)
def test_texts_keep_to_their_rules(rules: dict[str, Any], typed: str, code: str) -> None:
    assert problem(field(validate=rules), typed) == code


def test_texts_are_taken_as_they_were_meant() -> None:
    assert answer(field(), "  Budi  ") == "Budi"
    assert answer(field("textarea"), "satu\r\ndua") == "satu\ndua"
    assert answer(field(), "e\u0301") == "é"
    assert answer(field("textarea", validate={"maxLength": 5}), "a\r\nb\r\n ") == "a\nb"
    assert answer(field("textarea", validate={"maxLength": 90_000}), "a" * 90_000) == "a" * 90_000
    assert answer(field(validate={"validationType": "phone"}), "+62 812-3456-7890") == "+62 812-3456-7890"


def test_the_sentence_for_a_pattern_comes_from_the_form() -> None:
    component = field(validate={"pattern": "^a", "patternErrorMessage": "Mulai dengan a."})
    with pytest.raises(InvalidAnswers) as refusal:
        answer(component, "b")
    assert refusal.value.problems[0][2]["message"] == "Mulai dengan a."


def test_only_options_that_exist_can_be_chosen() -> None:
    for type_ in ("radio", "select"):
        component = field(type_, values=options("a", "b"), validate={"required": True})
        assert answer(component, "b") == "b"
        assert problem(component, "c") == "unknown_option"
        assert problem(component) == "choose"
    for type_ in ("checklist", "taglist"):
        component = field(type_, values=options("a", "b", "c"))
        assert answer(component, "c", "a", "c") == ["a", "c"]
        assert answer(component) == []
        assert problem(component, "a", "z") == "unknown_option"


def test_options_of_the_host_are_checked_when_they_are_at_hand() -> None:
    asked = form(field("select", valuesKey="districts"))
    assert read(asked, {"x": "12.05.01"}).values == {"x": "12.05.01"}
    assert read(asked, {"x": "12.05.01"}, choices={"districts": {"12.05.01"}}).values == {"x": "12.05.01"}
    with pytest.raises(InvalidAnswers):
        read(asked, {"x": "99"}, choices={"districts": {"12.05.01"}})


def test_a_box_is_ticked_or_not() -> None:
    assert answer(field("checkbox"), "on") is True
    assert read(form(field("checkbox")), {}).values == {"x": False}
    assert answer(field("checkbox"), "false") is False
    assert problem(field("checkbox", validate={"required": True})) == "agree"


def test_files_are_asked_for_but_are_no_value() -> None:
    asked = form(field("filepicker", validate={"required": True}))
    assert read(asked, {}, files_present={"x"}).values == {}
    with pytest.raises(InvalidAnswers) as refusal:
        read(asked, {"x": "forged.pdf"})
    assert refusal.value.problems[0][1] == "choose"


HIDING = (
    field("radio", "result", values=options("yes", "no"), validate={"required": True}),
    field("textarea", "reason", conditional={"hide": '=result != "no"'}, validate={"required": True}),
    field("textfield", "source", conditional={"hide": "=reason = null"}),
)


def test_hidden_fields_are_dropped_and_counted_even_when_they_were_filled() -> None:
    result = read(form(*HIDING), {"result": "yes", "reason": "smuggled", "source": "smuggled too"})
    assert result == Answers({"result": "yes"}, dropped=2, hidden=("reason", "source"))


def test_a_shown_field_must_be_answered() -> None:
    with pytest.raises(InvalidAnswers) as refusal:
        read(form(*HIDING), {"result": "no"})
    assert [(name, code) for name, code, _ in refusal.value.problems] == [("reason", "required")]
    assert read(form(*HIDING), {"result": "no", "reason": "because"}).hidden == ()


def test_conditions_that_look_ahead_or_at_each_other_come_to_an_end() -> None:
    ahead = form(
        field("textfield", "a", conditional={"hide": "=b = null"}),
        field("textfield", "b", conditional={"hide": "=c = null"}),
        field("textfield", "c"),
    )
    assert read(ahead, {"a": "1", "b": "2"}).hidden == ("a", "b")
    circle = form(
        field("textfield", "a", conditional={"hide": "=b != null"}),
        field("textfield", "b", conditional={"hide": "=a = null"}),
    )
    read(circle, {"a": "1", "b": "2"})


def test_conditions_see_the_variables_of_the_process() -> None:
    asked = form(field(conditional={"hide": "=stage != 2"}))
    assert read(asked, {"x": "a"}, variables={"stage": 2}).values == {"x": "a"}
    assert read(asked, {"x": "a"}, variables={"stage": 1}).values == {}


def test_a_condition_that_costs_too_much_hides_nothing() -> None:
    asked = form(field(conditional={"hide": "=count(for i in 1..100000000 return i) > 0"}))
    assert read(asked, {"x": "a"}).values == {"x": "a"}


GROUPED = (
    {"type": "group", "id": "g", "path": "reporter", "components": [field(key="name"), field("number", "age")]},
    {
        "type": "dynamiclist",
        "id": "l",
        "path": "witnesses",
        "label": "Saksi",
        "components": [
            field(key="who", validate={"required": True}),
            field("checkbox", "saw"),
            {**field(key="what", conditional={"hide": "=saw != true"}), "id": "what"},
        ],
    },
)


def test_groups_are_nested_and_lists_have_rows() -> None:
    result = read(
        form(*GROUPED),
        {
            "reporter.name": "Budi",
            "reporter.age": "40",
            "witnesses[0].who": "Ani",
            "witnesses[0].what": "hidden",
            "witnesses[1].who": "",
            "witnesses[2].who": "Tono",
            "witnesses[2].saw": "on",
            "witnesses[2].what": "all",
        },
    )
    assert result.values == {
        "reporter": {"name": "Budi", "age": 40},
        "witnesses": [{"who": "Ani", "saw": False}, {"who": "Tono", "saw": True, "what": "all"}],
    }
    assert (result.dropped, result.hidden) == (1, ("witnesses[0].what",))


def test_a_problem_in_a_row_names_its_row() -> None:
    with pytest.raises(InvalidAnswers) as refusal:
        read(form(*GROUPED), {"witnesses[0].who": "Ani", "witnesses[1].saw": "on"})
    assert [(name, code) for name, code, _ in refusal.value.problems] == [("witnesses[1].who", "required")]


def test_more_rows_than_a_list_may_have_are_told_and_not_read() -> None:
    with pytest.raises(InvalidAnswers) as refusal:
        read(form(*GROUPED), {"witnesses[9999].who": "x", "witnesses[99999999999].who": "y"})
    assert [(name, code) for name, code, _ in refusal.value.problems] == [("witnesses", "too_many")]


def test_keys_with_dots_are_nested() -> None:
    assert read(form(field(key="a.b"), field(key="a.c")), {"a.b": "1"}).values == {"a": {"b": "1", "c": None}}


def test_expressions_are_computed_on_the_server_whatever_was_posted() -> None:
    asked = form(
        field("number", "price"),
        field("number", "count"),
        {"type": "expression", "id": "e", "key": "total", "expression": "=price * count"},
        field("textfield", "reason", conditional={"hide": "=not(total > 100)"}),
    )
    assert read(asked, {"price": "5", "count": "4", "total": "9999", "reason": "x"}).values == {
        "price": 5,
        "count": 4,
        "total": 20,
    }
    assert read(asked, {"price": "50", "count": "4", "reason": "x"}).values["reason"] == "x"


def test_read_only_fields_take_no_answer() -> None:
    asked = form(field(readonly=True), field(key="y"))
    result = read(asked, {"x": "changed", "y": "1"}, variables={"x": "kept"})
    assert (result.values, result.dropped) == ({"y": "1"}, 1)
    shown = answers.show(asked, clock=CLOCK, posted={"x": ["changed"]}, variables={"x": "kept"})
    assert shown["field_x"].value == "kept"


def test_unknown_names_are_dropped_and_the_names_of_the_page_are_not_counted() -> None:
    posted = {"x": "a", "evil": "1", "__class__": "x", "_key": "abc", "csrf_token": "t", "rows#": "3", "empty": ""}
    assert read(form(field()), posted) == Answers({"x": "a"}, dropped=1)


def test_a_name_posted_twice_counts_once() -> None:
    assert answer(field(), "", "first", "second") == "first"


def test_a_rejected_form_shows_exactly_what_was_typed() -> None:
    asked = form(
        field("number", "n"),
        field("datetime", "d"),
        field("checkbox", "c"),
        field("checklist", "l", values=options("a", "b")),
        *HIDING,
    )
    posted = {"n": ["1,5 juta"], "d": ["kemarin"], "c": ["on"], "l": ["b", "evil"], "reason": [" \r\nkept "]}
    shown = answers.show(asked, clock=CLOCK, posted=posted)
    assert (shown["field_n"].value, shown["field_d"].value) == ("1,5 juta", "kemarin")
    assert (shown["field_c"].value, shown["field_l"].value) == (True, ("b", "evil"))
    assert (shown["field_reason"].value, shown["field_reason"].visible) == (" \r\nkept ", False)


def test_stored_values_are_shown_as_they_would_be_typed_and_read_back_alike() -> None:
    asked = form(
        field("number", "n"),
        field("number", "whole"),
        field("datetime", "d"),
        field("datetime", "t", subtype="datetime"),
        field("checkbox", "c"),
        field("checklist", "l", values=options("a", "b")),
        field("radio", "r", values=options("a", "b"), defaultValue="a"),
        *GROUPED,
    )
    values = {
        "n": Decimal("3.597"),
        "whole": 1500,
        "d": date(2026, 1, 31),
        "t": datetime(2026, 1, 31, 3, 30, tzinfo=UTC),
        "c": True,
        "l": ["b"],
        "reporter": {"name": "Budi", "age": 40},
        "witnesses": [{"who": "Ani", "saw": True, "what": "all"}],
    }
    shown = answers.show(asked, clock=CLOCK, values=values)
    assert [shown[f"field_{key}"].value for key in ("n", "whole", "d", "t", "c", "l", "r")] == [
        "3,597", "1500", "2026-01-31", "2026-01-31T10:30", True, ("b",), "a",
    ]  # fmt: skip
    row = shown["l"].rows[0]
    assert (row["field_who"].name, row["field_who"].value, row["what"].visible) == ("witnesses[0].who", "Ani", True)
    posted: dict[str, Any] = {}
    for each in [*shown.values(), *row.values()]:
        if each.name and each.value not in ("", False):
            posted[each.name] = list(each.value) if isinstance(each.value, tuple) else str(each.value)
    assert read(asked, posted).values == {**values, "r": "a"}


def test_an_empty_list_shows_its_first_row_and_more_when_asked() -> None:
    asked = form(*GROUPED)
    assert len(answers.show(asked, clock=CLOCK)["l"].rows) == 1
    assert len(answers.show(asked, clock=CLOCK, posted={"witnesses#": ["3"]})["l"].rows) == 3
    assert len(answers.show(asked, clock=CLOCK, posted={"witnesses#": ["99999"]})["l"].rows) <= 50


def test_what_stands_in_a_hidden_group_is_hidden_with_it() -> None:
    asked = form({"type": "group", "id": "g", "conditional": {"hide": "=true"}, "components": [field()]})
    assert answers.show(asked, clock=CLOCK)["field_x"].visible is False
    assert read(asked, {"x": "a"}) == Answers({}, dropped=1, hidden=("x",))


def test_the_first_report_form_takes_a_whole_report() -> None:
    asked = read_form((COMPLAINT / "report.form").read_bytes(), "report.form")
    posted = {
        "classification": "complaint",
        "title": "Lampu jalan padam",
        "story": "Lampu jalan di Simpang Tiga padam sejak dua minggu.",
        "event_date": "17/01/2026",
        "district": "12.05.01",
        "latitude": "3.597",
        "anonymous": "on",
        "privacy_read": "on",
    }
    values = read(asked, posted).values
    assert values["event_date"] == date(2026, 1, 17)
    assert values["latitude"] == Decimal("3.597")
    assert (values["anonymous"], values["confidential"], values["village"]) == (True, False, None)


names = st.sampled_from(
    [
        "n",
        "d",
        "r",
        "result",
        "reason",
        "reporter.age",
        "witnesses[0].who",
        "witnesses[1].saw",
        "witnesses#",
        "x[",
        "][",
        "\x00",
    ]
)


@given(st.dictionaries(names, st.lists(st.text(max_size=12), max_size=3), max_size=8))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_nothing_that_is_posted_brings_forth_anything_but_answers_or_problems(posted: dict[str, list[str]]) -> None:
    asked = form(
        field("number", "n"), field("datetime", "d"), field("radio", "r", values=options("a")), *HIDING, *GROUPED
    )
    try:
        taken = answers.read(asked, posted, clock=CLOCK)
        assert set(taken.values) <= set(asked.keys)
    except InvalidAnswers as refusal:
        assert all(code in answers.PROBLEMS for _, code, _ in refusal.problems)  # noqa: PT017
    answers.show(asked, clock=CLOCK, posted=posted)
