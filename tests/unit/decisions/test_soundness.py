"""Tables whose cells are right and which are wrong as a whole: gaps, overlaps, rules never reached, no default."""

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from xml.sax.saxutils import escape

import pytest

from workflows.decisions import reader
from workflows.decisions.reader import parse
from workflows.decisions.tables import DecisionTable
from workflows.errors import BrokenDefinition, Finding
from workflows.feel.clock import Clock
from workflows.language import speaking

CLOCK = Clock(datetime(2026, 1, 31, tzinfo=UTC))


def xml(
    columns: Sequence[tuple[str, str, str]], rules: Sequence[Sequence[str]], policy: str = "UNIQUE", default: str = ""
) -> bytes:
    """Write a table, each rule on a line of its own from line 5 on; columns are (expression, type, allowed values)."""

    def cell(kind: str, text: str) -> str:
        return f"<{kind}><text>{escape(text)}</text></{kind}>"

    inputs = "".join(
        f'<input label="{name}"><inputExpression typeRef="{kind}"><text>{escape(name)}</text></inputExpression>'
        f"{cell('inputValues', allowed) if allowed else ''}</input>"
        for name, kind, allowed in columns
    )
    rows = "\n".join(
        f'<rule id="r{number}">'
        + "".join(cell("inputEntry", text) for text in row[:-1])
        + f"{cell('outputEntry', row[-1])}</rule>"
        for number, row in enumerate(rules, 1)
    )
    output = f'<output name="y" typeRef="number">{cell("defaultOutputEntry", default) if default else ""}</output>'
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">\n'
        f'<decision id="d" name="D">\n<decisionTable id="t" hitPolicy="{policy}">\n{inputs}{output}\n{rows}\n'
        "</decisionTable></decision></definitions>"
    ).encode()


def findings(*arguments: Any, **options: Any) -> list[Finding]:
    with speaking("en"):
        try:
            return list(parse(xml(*arguments, **options), "t.dmn").findings)
        except BrokenDefinition as broken:
            return broken.findings


NUMBER, WHOLE, DATE, TEXT = ("x", "number", ""), ("x", "integer", ""), ("on", "date", ""), ("kind", "string", '"a","b"')
TIME = ("at", "time", "")


@pytest.mark.parametrize(
    ("columns", "rules", "policy", "code", "line", "said"),
    [
        ([NUMBER], [("< 5", "1"), ("> 5", "2")], "UNIQUE", "decision.gap", 3, "x = 5"),
        ([NUMBER], [("<= 5", "1"), (">= 6", "2")], "ANY", "decision.gap", 3, "x = 5.5"),
        ([("x", "number", ">= 0")], [("> 0", "1")], "UNIQUE", "decision.gap", 3, "x = 0"),
        (
            [DATE],
            [('< date("2026-01-19")', "1"), ('>= date("2026-01-20")', "2")],
            "UNIQUE",
            "decision.gap",
            3,
            "on = 2026-01-19",
        ),
        ([TIME], [('< @"08:00:00"', "1"), ('> @"08:00:00"', "2")], "UNIQUE", "decision.gap", 3, "at = 08:00:00"),
        ([TIME], [('[@"08:00:00"..@"23:59:59"]', "1")], "UNIQUE", "decision.gap", 3, "at = 00:00:00"),
        ([TIME], [('< @"08:00:00"', "1"), ('> @"15:30:00"', "2")], "UNIQUE", "decision.gap", 3, "at = 08:00:00"),
        (
            [TIME],
            [('<= @"08:00:00"', "1"), ('> @"08:00:00+08:00"', "2")],
            "UNIQUE",
            "decision.overlap",
            6,
            "at = 07:59:59",
        ),
        ([TEXT], [('"a"', "1")], "UNIQUE", "decision.gap", 3, 'kind = "b"'),
        ([("yes", "boolean", "")], [("true", "1")], "UNIQUE", "decision.gap", 3, "yes = false"),
        (
            [TEXT, NUMBER],
            [('"a"', "-", "1"), ('"b"', "<= 10", "2")],
            "UNIQUE",
            "decision.gap",
            3,
            'kind = "b", x = 11',
        ),
        ([NUMBER], [("<= 5", "1"), (">= 5", "2")], "UNIQUE", "decision.overlap", 6, "x = 5"),
        ([NUMBER], [("<= 5", "1"), ("-", "2"), (">= 9", "1")], "ANY", "decision.overlap", 6, "x = 4"),
        (
            [DATE],
            [('[date("2026-01-01")..date("2026-01-20")]', "1"), ('>= date("2026-01-20")', "2")],
            "UNIQUE",
            "decision.overlap",
            6,
            "on = 2026-01-20",
        ),
        ([TEXT], [('"a","b"', "1"), ('not("a")', "2")], "UNIQUE", "decision.overlap", 6, 'kind = "b"'),
        (
            [("d", "dayTimeDuration", "")],
            [('< duration("P3D")', "1"), ("-", "2")],
            "UNIQUE",
            "decision.overlap",
            6,
            "d =",
        ),
        ([NUMBER], [("[9..5]", "1"), ("-", "2")], "FIRST", "decision.unreachable", 5, "Rule 1 never fits"),
        ([TEXT], [('"c"', "1"), ("-", "2")], "COLLECT", "decision.unreachable", 5, "Rule 1 never fits"),
        ([WHOLE], [("(5..6)", "1"), ("-", "2")], "FIRST", "decision.unreachable", 5, "Rule 1 never fits"),
        ([NUMBER], [("> 5", "1"), ("> 7", "2"), ("-", "3")], "FIRST", "decision.shadowed", 6, "Rule 2 is never used"),
        (
            [NUMBER],
            [("> 5", "1"), ("<= 5", "2"), ("7", "3"), ("-", "4")],
            "FIRST",
            "decision.shadowed",
            7,
            "Rule 3 is never used",
        ),
        ([NUMBER], [("> 5", "1")], "FIRST", "decision.no_default", 3, "x = 4"),
        ([("kind", "string", "")], [('"a"', "1")], "UNIQUE", "decision.no_default", 3, 'kind = "…"'),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_an_example(
    columns: Any, rules: Any, policy: str, code: str, line: int, said: str
) -> None:
    found = [finding for finding in findings(columns, rules, policy) if finding.code == code]
    assert [finding.line for finding in found][:1] == [line]
    assert said in found[0].message


@pytest.mark.parametrize(
    ("columns", "rules", "policy", "default"),
    [
        ([NUMBER], [("<= 5", "1"), ("> 5", "2")], "UNIQUE", ""),
        ([WHOLE], [("<= 5", "1"), (">= 6", "2")], "UNIQUE", ""),
        # No day lies between the two.
        ([DATE], [('<= date("2026-01-19")', "1"), ('>= date("2026-01-20")', "2")], "UNIQUE", ""),
        # A day begins and ends by the office's clock, and is told by the second.
        ([TIME], [('< @"08:00:00"', "1"), ('[@"08:00:00"..@"23:59:59"]', "2")], "UNIQUE", ""),
        ([TIME], [('<= @"07:59:59"', "1"), ('>= @"08:00:00"', "2")], "UNIQUE", ""),
        ([TEXT], [('"a"', "1"), ('"b"', "2")], "UNIQUE", ""),
        ([NUMBER], [("> 5", "1")], "UNIQUE", "0"),
        ([NUMBER], [("> 5", "1"), ("> 7", "1"), ("-", "1")], "ANY", ""),
        ([NUMBER], [("> 5", "1"), ("null", "2"), ("-", "3")], "FIRST", ""),
        ([NUMBER], [("> 5", "1"), ("> 5", "2")], "COLLECT", ""),
        # What is computed may take anything, or nothing: nothing is claimed.
        ([NUMBER], [("? * 2 > 5", "1"), ("-", "2")], "UNIQUE", ""),
        ([("x", "Any", "")], [("5", "1"), ('"a"', "2"), ("-", "3")], "FIRST", ""),
    ],
)
def test_sound_tables_are_not_complained_of(columns: Any, rules: Any, policy: str, default: str) -> None:
    assert findings(columns, rules, policy, default) == []


def test_rules_that_contradict_each_other_are_refused_and_may_be_tried_out_all_the_same() -> None:
    table = xml([NUMBER], [("<= 5", "1"), (">= 5", "2")])
    with pytest.raises(BrokenDefinition):
        parse(table, "t.dmn")
    tried = parse(table, "t.dmn", unsound="tell")
    assert tried["d"].evaluate({"x": 4}, CLOCK) == {"y": 1}
    assert [(finding.code, finding.severity) for finding in tried.findings] == [("decision.overlap", "warning")]


@pytest.mark.parametrize(
    "columns_and_rules",
    [
        # Only a missing value meets both, or the columns read the same variable.
        (
            [("a", "number", ""), ("b", "number", "")],
            [("null", "> 1", "1"), ("not(> 1)", "null, 2", "2"), ("-", "2", "3")],
        ),
        ([NUMBER, ("x * 2", "number", "")], [("> 5", "-", "1"), ("-", "<= 5", "2")]),
    ],
)
def test_an_overlap_that_may_never_happen_is_a_warning(columns_and_rules: Any) -> None:
    found = [finding for finding in findings(*columns_and_rules) if finding.code == "decision.overlap"]
    assert "warning" in {finding.severity for finding in found}


def test_a_cell_of_another_type_is_refused_also_when_a_function_makes_it() -> None:
    for cell in ('date and time("2026-01-01T00:00:00")', '< duration("P1D")', '[date("2026-01-01")..5]'):
        assert "decision.cell_type" in {finding.code for finding in findings([DATE], [(cell, "1")])}
    assert "decision.cell_type" in {finding.code for finding in findings([("b", "boolean", "")], [("> true", "1")])}


def test_looking_for_gaps_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_EFFORT", 500)
    rng = random.Random(7)
    spans = [[sorted(rng.sample(range(10_000), 2)) for _ in range(6)] for _ in range(40)]
    rules = [[*(f"[{low}..{high}]" for low, high in row), "1"] for row in spans]
    columns = [(f"x{number}", "number", "") for number in range(6)]
    assert "decision.not_all_examined" in {finding.code for finding in findings(columns, rules, "FIRST")}


def test_the_examination_agrees_with_trying_every_input() -> None:
    cells = {
        "integer": [
            "-",
            "< 2",
            ">= 2",
            "[1..3]",
            "(1..3)",
            "3",
            "1,4",
            "not(2)",
            "null",
            "not(null)",
            "null,1",
            "!= 3",
            "not([1..3))",
            "not((1..3])",
            "(1..3), 4",
        ],
        "date": [
            "-",
            '< @"2026-01-03"',
            '>= date("2026-01-03")',
            '[@"2026-01-01"..@"2026-01-03")',
            'not([@"2026-01-01"..@"2026-01-03"))',
            '@"2026-01-02"',
            'not(@"2026-01-02")',
            "null",
        ],
        "time": ["-", '< @"08:00:00"', 'time("08:00:00")', '[@"08:00:00"..@"12:00:00")', 'not(>= @"12:00:00")', "null"],
        "string": ["-", '"a"', '"a","b"', 'not("a")', "null", '"c",null'],
        "boolean": ["-", "true", "false", "null", "not(true)", "true,null"],
    }
    values: dict[str, list[Any]] = {
        "integer": [None, *range(6)],
        "date": [None, date(2025, 12, 31), *(date(2026, 1, day) for day in range(1, 5))],
        "time": [None, *(time(hour) for hour in (0, 8, 9, 12, 23))],
        "string": [None, "a", "b", "c"],
        "boolean": [None, True, False],
    }
    rng = random.Random(1)
    for _ in range(200):
        kinds = rng.choices(list(cells), k=2)
        policy = rng.choice(["UNIQUE", "FIRST"])
        columns = [(f"x{n}", kind, '"a","b","c"' if kind == "string" else "") for n, kind in enumerate(kinds)]
        rules = [[*(rng.choice(cells[kind]) for kind in kinds), "1"] for _ in range(rng.randint(1, 4))]
        decisions = parse(xml(columns, rules, policy), "t.dmn", unsound="tell")
        table = decisions["d"].logic
        assert isinstance(table, DecisionTable)
        hits = {
            tried: [n for n, rule in enumerate(table.rules) if _fits(rule.tests, tried)]
            for tried in itertools.product(*(values[kind] for kind in kinds))
        }
        told = [(f.code, f.line - 5) for f in decisions.findings]
        never = set(range(len(rules))) - {n for hit in hits.values() for n in hit}
        assert {line for code, line in told if code == "decision.unreachable"} == never
        gap = any(not hit for tried, hit in hits.items() if None not in tried)
        assert gap == any(code in ("decision.gap", "decision.no_default") for code, _ in told)
        if policy == "FIRST":
            first = {hit[0] for hit in hits.values() if hit}
            shadowed = set(range(len(rules))) - first - never
            assert {line for code, line in told if code == "decision.shadowed"} == shadowed
        else:
            second = {later for hit in hits.values() for later in hit[1:]}
            assert {line for code, line in told if code == "decision.overlap"} == second


def _fits(tests: Any, tried: Sequence[Any]) -> bool:
    return all(test.matches(value, {}, CLOCK) for test, value in zip(tests, tried, strict=True))
