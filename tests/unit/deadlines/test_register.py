"""The register: what the house's file says, and how a broken one is told."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from workflows.deadlines import reading
from workflows.deadlines.explaining import refusal
from workflows.deadlines.register import Register, load
from workflows.errors import BrokenDefinition, NotFound
from workflows.language import speaking

FILE = Path(__file__).parents[3] / "bpmn" / "shared" / "deadlines.yml"
REGISTER = load(FILE)
TODAY = date(2026, 9, 1)

RULE = """
deadlines:
  - id: X-01
    title: Judul
    title_en: Title
    trigger: pemicu
    trigger_en: trigger
    obligation: Kewajiban
    obligation_en: Obligation
    source: Dasar
    source_en: Basis
    editions:
      - {in_force_from: 2020-01-01, in_force_until: 2024-12-31, length: 3, unit: working_days, evidence: design}
      - {in_force_from: 2026-01-01, length: 5, unit: calendar_days, evidence: found, read_in: [A], source: Dasar baru}
"""


def findings(text: str) -> list[tuple[str, int, str | None]]:
    with pytest.raises(BrokenDefinition) as broken:
        reading.read(text.encode(), "deadlines.yml")
    return [(found.code, found.line, found.element) for found in broken.value.findings]


@pytest.mark.parametrize(
    ("deadline_id", "length", "unit"),
    [
        ("P-01", 3, "working_days"),
        ("P-02", 5, "working_days"),
        ("P-03", 10, "working_days"),
        ("P-04", 5, "working_days"),
        ("P-05", 14, "working_days"),
        ("P-06", 60, "working_days"),
        ("P-07", 5, "working_days"),
        ("P-08a", 14, "calendar_days"),
        ("P-08b", 30, "calendar_days"),
        ("P-08c", 60, "calendar_days"),
        ("P-09", 30, "calendar_days"),
        ("P-10", 10, "working_days"),
        ("P-10x", 7, "working_days"),
        ("P-11", 60, "working_days"),
        ("P-12", 24, "clock_hours"),
        ("P-13", 30, "calendar_days"),
    ],
)
def test_every_rule_of_a_complaint_has_its_length_and_its_texts(deadline_id: str, length: int, unit: str) -> None:
    rule = REGISTER.rule(deadline_id, TODAY)

    assert (rule.length, rule.unit) == (length, unit)
    for field in dataclasses.fields(rule):
        if field.name in {
            "title",
            "title_en",
            "trigger",
            "trigger_en",
            "obligation",
            "obligation_en",
            "source",
            "source_en",
        }:
            assert getattr(rule, field.name)
    assert rule.read_in or rule.evidence != "found"


def test_the_ids_are_those_that_a_clock_can_follow() -> None:
    assert len(REGISTER.ids) == 30
    assert "P-08" not in REGISTER
    assert "P-08a" in REGISTER


def test_bounds_of_the_law_hold_for_every_rule_of_the_office() -> None:
    """P-08 bounds the others: even 60 days of law are more than the days of P-01 to P-05."""
    bound = REGISTER.rule("P-08c", TODAY).length

    assert all(REGISTER.rule(each, TODAY).length < bound for each in ("P-01", "P-02", "P-03", "P-04", "P-05"))


def test_a_group_names_its_parts() -> None:
    assert REGISTER.parts("P-08") == ("P-08a", "P-08b", "P-08c")
    assert REGISTER.parts("P-01") == ()
    assert REGISTER.rule("P-08b", TODAY).part_of == "P-08"
    with pytest.raises(NotFound, match=r"deadline\.has_parts") as refused:
        REGISTER.rule("P-08", TODAY)
    assert refused.value.facts["parts"] == ["P-08a", "P-08b", "P-08c"]
    assert "P-08a" in refusal(refused.value)


@pytest.mark.parametrize(("asked", "meant"), [("P-1", "P-01"), ("p01", "P-01"), ("P-08A", "P-08a"), ("P-10X", "P-10x")])
def test_an_unknown_id_is_told_with_near_ones(asked: str, meant: str) -> None:
    with pytest.raises(NotFound, match=r"deadline\.unknown") as refused:
        REGISTER.rule(asked, TODAY)

    assert meant in refused.value.facts["near"]
    assert meant in refusal(refused.value)


def test_an_id_like_none_is_told_without_guessing() -> None:
    with pytest.raises(NotFound) as refused:
        REGISTER.parts("ZZZZ")

    assert refused.value.facts["near"] == []
    with speaking("en"):
        assert refusal(refused.value) == "There is no deadline ZZZZ."


def test_a_rule_asked_for_a_day_before_it_was_in_force_says_since_when() -> None:
    with pytest.raises(NotFound, match=r"deadline\.not_in_force") as refused:
        REGISTER.rule("P-10", date(2010, 4, 29))

    assert refused.value.facts["since"] == date(2010, 4, 30)
    assert refusal(refused.value) == "P-10 belum berlaku pada 2010-04-29; berlaku sejak 2010-04-30."
    assert REGISTER.rule("P-10", date(2010, 4, 30)).length == 10


def test_a_trigger_counts_by_the_edition_of_its_day() -> None:
    register = Register(*reading.read(RULE.encode(), "x.yml"))

    old, new = register.rule("X-01", date(2024, 12, 31)), register.rule("X-01", date(2026, 1, 1))

    assert (old.length, old.source) == (3, "Dasar")
    assert (new.length, new.source, new.read_in) == (5, "Dasar baru", ("A",))
    with pytest.raises(NotFound) as gap:
        register.rule("X-01", date(2025, 6, 1))
    assert gap.value.facts["since"] == date(2026, 1, 1)


def test_a_rule_that_has_ended_says_until_when() -> None:
    text = RULE[: RULE.rindex("      - {")]
    register = Register(*reading.read(text.encode(), "x.yml"))

    with pytest.raises(NotFound) as refused:
        register.rule("X-01", date(2025, 1, 1))

    assert refused.value.facts["until"] == date(2024, 12, 31)
    assert "2024-12-31" in refusal(refused.value)


def test_a_rule_that_follows_another_takes_its_length() -> None:
    assert REGISTER.rule("P-11", TODAY).follows == "P-06"
    assert REGISTER.rule("P-11", TODAY).length == REGISTER.rule("P-06", TODAY).length


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("length: 3", "length: 0", ("deadlines.field", 13, "X-01")),
        ("length: 3", "length: true", ("deadlines.field", 13, "X-01")),
        ("unit: working_days", "unit: weeks", ("deadlines.field", 13, "X-01")),
        ("evidence: design", "evidence: hearsay", ("deadlines.field", 13, "X-01")),
        ("title_en: Title", "title_en: ''", ("deadlines.field", 13, "X-01")),
        ("in_force_from: 2020-01-01", "in_force_from: soon", ("deadlines.field", 13, "X-01")),
        ("in_force_until: 2024-12-31", "in_force_until: 2019-12-31", ("deadlines.field", 13, "X-01")),
        ("read_in: [A]", "read_in: [1]", ("deadlines.field", 14, "X-01")),
        ("read_in: [A]", "colour: red", ("deadlines.field", 14, "X-01")),
        ("in_force_until: 2024-12-31", "in_force_until: 2026-01-01", ("deadlines.overlap", 14, "X-01")),
        ("length: 3, unit: working_days", "follows: X-09", ("deadlines.follows", 1, "X-01")),
        ("length: 3, unit: working_days", "follows: X-01, length: 3", ("deadlines.field", 13, "X-01")),
        ("title: Judul", "title: Judul\n    owner: me", ("deadlines.field", 3, "X-01")),
        ("id: X-01", "name: X-01", ("deadlines.id", 3, None)),
        ("editions:", "edition:", ("deadlines.editions", 3, "X-01")),
    ],
)
def test_a_broken_entry_is_a_finding_with_its_line(old: str, new: str, finding: tuple[str, int, str | None]) -> None:
    assert finding in findings(RULE.replace(old, new, 1))


@pytest.mark.parametrize(
    "text", ["", "[", "deadlines: 3", "a: &a [*a]\nb: [", "deadlines: []", "\x00", "? {a: b}\n: c"]
)
def test_a_file_that_is_no_register_is_a_finding_and_never_a_traceback(text: str) -> None:
    assert len(findings(text)) == 1


def test_a_rule_written_twice_is_a_finding() -> None:
    entry = RULE.split("deadlines:\n")[1]

    assert [code for code, _, _ in findings(RULE + entry)] == ["deadlines.twice"]


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(BrokenDefinition) as broken:
        load(tmp_path / "deadlines.yml")

    assert broken.value.findings[0].code == "deadlines.unreadable"
