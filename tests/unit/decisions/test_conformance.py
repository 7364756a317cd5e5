"""Decision tables beside DMN 1.3, chapters 7 and 8: cells, hit policies, aggregations and what is refused, as data.

`conformance/cells.txt`: a value in FEEL, `~`, a cell (⎵ is empty), `==>`, whether it passes, or `!code@position`.
`conformance/tables.txt`: `table POLICY [AGGREGATION]`, its columns (`in NAME: TYPE = allowed values`, `out NAME: TYPE =
allowed values default ANSWER`), its rules with `|` between the cells, questions in JSON with their answer and the rules
that fired, and `finds` with every finding and the rule that it names. A table without `finds` is one without any.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from workflows.decisions.asking import as_json, in_json
from workflows.decisions.errors import DecisionError
from workflows.decisions.reader import parse
from workflows.errors import BrokenDefinition, Finding
from workflows.feel.expressions import Clock, FeelError, compile_unary_tests, evaluate

CLOCK = Clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
FOLDER = Path(__file__).with_name("conformance")
ARROW = "  ==>  "
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
COLUMN = re.compile(r"(?P<name>.+): (?P<type>[^=]+?)(?: = (?P<values>.+?))?(?: default (?P<default>.+))?")


def lines(name: str) -> Iterator[tuple[int, str]]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return ((number, line) for number, line in enumerate(text.splitlines(), 1) if line and not line.startswith("# "))


def test_every_cell_takes_what_the_specification_says() -> None:
    different, variables = {}, {}
    for number, line in lines("cells.txt"):
        if line.startswith("given "):
            variables = json.loads(line.removeprefix("given "))
            continue
        asked, _, expected = line.rpartition(ARROW)
        value, _, cell = asked.partition(" ~ ")
        try:
            tests = compile_unary_tests(cell.replace("⎵", " "), names=variables or None, strict=bool(variables))
            found = str(tests.matches(evaluate(value, {}, CLOCK), variables, CLOCK)).lower()
        except FeelError as refusal:
            found = f"!{refusal.code}@{refusal.position}"
        if found != expected:
            different[f"{number}: {asked}"] = (found, expected)

    assert different == {}


@dataclass
class Table:
    """One table of the data."""

    line: int
    policy: list[str]
    inputs: list[re.Match[str]] = field(default_factory=list)
    outputs: list[re.Match[str]] = field(default_factory=list)
    rules: list[list[str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    finds: str = ""


def tables() -> Iterator[Table]:
    table: Table | None = None
    for number, line in lines("tables.txt"):
        word, _, rest = line.partition(" ")
        if word == "table":
            if table is not None:
                yield table
            # An aggregation stands behind a policy that has one word.
            table = Table(number, [rest] if rest in ("RULE ORDER", "OUTPUT ORDER") else rest.split())
            continue
        assert table is not None
        if word in ("in", "out"):
            column = COLUMN.fullmatch(rest)
            assert column is not None, line
            (table.inputs if word == "in" else table.outputs).append(column)
        elif word == "finds":
            table.finds = rest
        elif ARROW in line:
            asked, _, expected = line.partition(ARROW)
            table.asked.append((asked, expected))
        else:
            table.rules.append([cell.strip() for cell in line.split(" | ")])
    if table is not None:
        yield table


def text(name: str, content: str | None) -> str:
    return "" if content is None else f"<{name}><text>{escape(content)}</text></{name}>"


def xml(table: Table) -> bytes:
    policy, *aggregation = table.policy
    columns = "".join(
        f"<input label={quoteattr(each['name'])}><inputExpression typeRef={quoteattr(each['type'])}>"
        f"<text>{escape(each['name'])}</text></inputExpression>{text('inputValues', each['values'])}</input>"
        for each in table.inputs
    )
    columns += "".join(
        f"<output name={quoteattr(each['name'])} typeRef={quoteattr(each['type'])}>"
        f"{text('outputValues', each['values'])}{text('defaultOutputEntry', each['default'])}</output>"
        for each in table.outputs
    )
    count = len(table.inputs)
    rules = "".join(
        f'<rule id="r{number}">{"".join(text("inputEntry", cell) for cell in cells[:count])}'
        f"{''.join(text('outputEntry', cell) for cell in cells[count:])}</rule>"
        for number, cells in enumerate(table.rules, 1)
    )
    aggregated = f' aggregation="{aggregation[0]}"' if aggregation else ""
    return (
        f'<definitions xmlns="{NAMESPACE}" id="x" name="x" namespace="n"><decision id="d" name="D">'
        f'<decisionTable hitPolicy="{policy}"{aggregated}>{columns}{rules}</decisionTable></decision></definitions>'
    ).encode()


def told(findings: "list[Finding] | tuple[Finding, ...]") -> str:
    return " ".join(f"{finding.severity[0]}:{finding.code}@{finding.element}" for finding in findings)


def played(table: Table) -> tuple[str, list[tuple[str, str]]]:
    """Give what is found about the table, and its answers."""
    try:
        decisions = parse(xml(table), "t.dmn")
    except BrokenDefinition as broken:
        return told(broken.findings), []
    answers = []
    for asked, _ in table.asked:
        try:
            outcome = decisions["d"].decide(json.loads(asked), CLOCK)
            answer: Any = f"{in_json(as_json(outcome.result))} {[rule.number for rule in outcome.rules]}"
        except DecisionError as refusal:
            answer = f"!{refusal.code}"
        answers.append((asked, answer))
    return told(decisions.findings), answers


def test_every_table_answers_and_is_refused_as_the_specification_says() -> None:
    different = {}
    for table in tables():
        found = played(table)
        if found != (table.finds, table.asked):
            different[f"line {table.line}"] = (found, (table.finds, table.asked))

    assert different == {}
