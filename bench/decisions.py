"""How many questions does a decision table answer in a second, beside SpiffWorkflow's own evaluator?

    .venv/bin/python bench/decisions.py [--json]

Takes about fifteen seconds. Each table is written twice, for either evaluator in its own dialect (FEEL here, Python
there), and asked the same questions; both must give the same answers. The table of law is asked here alone: it has
annotations, a drawn graph and FEEL dates, which the other one cannot read. Reading here includes the look for gaps and
overlaps. CPU time, so that whatever else runs does not count; medians of seven rounds, after one that warms up.

* worst_ratio: questions per second here / there, on the table where we fare worst. At least 1.
* growth: cost per rule of a table of 800 rules / of 100 rules. At most 2: linear, with room for
  a busy machine.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

from arguments import parser_of
from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

from workflows.decisions.reader import parse
from workflows.feel.clock import Clock

CLOCK = Clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
LAW = Path(__file__).parents[1] / "bpmn" / "gratification" / "decisions" / "reporting_duty.dmn"
GIFT = {
    "kind": "o", "giver_relation": "colleague", "value": 500_000, "prior_12_months": 1_000_000, "form": "goods",
    "generally_available": False, "official_duty": False, "conflict_of_interest": False, "related_to_office": False,
    "contrary_to_duty": False, "received_on": "2026-01-20",
}  # fmt: skip
ROUNDS = 7
PROMISES = {"worst_ratio": ("at least", 1.0), "growth": ("at most", 2.0)}


@dataclass(frozen=True)
class Table:
    """A table in both dialects, and what it is asked."""

    columns: Sequence[tuple[str, str]]
    # Cells as FEEL and as Python, the answer last.
    feel: Sequence[Sequence[str]]
    python: Sequence[Sequence[str]]
    questions: Sequence[dict[str, Any]]


def tables() -> dict[str, Table]:
    """Make the tables: a few classes, a long list of codes, ranges, and two columns together."""
    classes = [('"a"', "< 10", '"x"'), ('"a"', ">= 10", '"y"'), ('"b"', "-", '"z"')]
    codes = [(f'"code{n}"', str(n)) for n in range(300)]
    spans = [(f"[{n * 10}..{n * 10 + 10})", f"{n * 10} <= ? < {n * 10 + 10}", str(n)) for n in range(50)]
    pairs = [(f'"unit{n // 4}"', str(n % 4), str(n)) for n in range(200)]
    return {
        "classes": Table(
            [("kind", "string"), ("amount", "number")],
            classes,
            classes,
            [{"kind": "a", "amount": 5}, {"kind": "a", "amount": 50}, {"kind": "b", "amount": 5}],
        ),
        "codes": Table([("code", "string")], codes, codes, [{"code": f"code{n}"} for n in (0, 150, 299)]),
        "ranges": Table(
            [("amount", "number")],
            [(row[0], row[2]) for row in spans],
            [(row[1], row[2]) for row in spans],
            [{"amount": amount} for amount in (5, 250, 499)],
        ),
        "pairs": Table(
            [("unit", "string"), ("month", "number")],
            pairs,
            pairs,
            [{"unit": f"unit{n // 4}", "month": n % 4} for n in (0, 101, 199)],
        ),
    }


def main() -> int:
    """Measure, print and judge."""
    asked = parser_of(__doc__).parse_args()
    logging.disable(logging.WARNING)
    figures: dict[str, float] = {}
    for name, table in tables().items():
        figures |= {f"{name}_{figure}": value for figure, value in beside(table).items()}
    figures["worst_ratio"] = min(value for name, value in figures.items() if name.endswith("_ratio"))
    content = LAW.read_bytes()
    law = parse(content, LAW.name)["reporting_duty"]
    figures["law_per_second"] = per_second(lambda: law.decide(GIFT, CLOCK))
    figures["law_read_ms"] = 1000 / per_second(lambda: parse(content, LAW.name))
    figures["growth"] = growth()
    missed = [name for name, (word, promised) in PROMISES.items() if not keeps(figures[name], word, promised)]
    if asked.json:
        print(json.dumps({"figures": figures, "missed": missed}, indent=2))
    else:
        show(figures, missed)
    return 1 if missed else 0


def beside(table: Table) -> dict[str, float]:
    """Measure both evaluators on one table, after they have agreed on every answer."""
    ours, theirs = written(table.columns, table.feel), written(table.columns, table.python)
    decision, other = parse(ours, "table.dmn")["d"], other_reads(theirs)
    for question in table.questions:
        here, there = decision.decide(question, CLOCK).rows[0], other(question)
        assert {name: _same(value) for name, value in here.items()} == {n: _same(v) for n, v in there.items()}, question
    count = len(table.questions)
    here_rate = count * per_second(lambda: [decision.decide(question, CLOCK) for question in table.questions])
    there_rate = count * per_second(lambda: [other(question) for question in table.questions])
    return {
        "rules": float(len(table.feel)),
        "per_second": here_rate,
        "other_per_second": there_rate,
        "ratio": here_rate / there_rate,
        "read_ms": 1000 / per_second(lambda: parse(ours, "table.dmn")),
        "other_read_ms": 1000 / per_second(lambda: other_reads(theirs)),
    }


def other_reads(content: bytes) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Read the table with SpiffWorkflow and give what asks it, as its business rule task does."""
    root = etree.fromstring(content)
    parser = DMNParser(None, root, {"dmn": root.nsmap[None]}, filename="table.dmn")
    parser.parse()
    engine = DMNEngine(parser.decision.decisionTables[0])
    workflow = SimpleNamespace(script_engine=PythonScriptEngine())
    return lambda question: engine.result(SimpleNamespace(data=dict(question), workflow=workflow))


def written(columns: Sequence[tuple[str, str]], rules: Sequence[Sequence[str]]) -> bytes:
    """Write a table as both read it."""
    inputs = "".join(
        f'<input id="i{n}" label="{name}"><inputExpression id="e{n}" typeRef="{kind}"><text>{name}</text>'
        "</inputExpression></input>"
        for n, (name, kind) in enumerate(columns)
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(
            f'<{kind} id="r{number}_{place}"><text>{escape(cell)}</text></{kind}>'
            for place, cell in enumerate(row)
            for kind in ("outputEntry" if place == len(columns) else "inputEntry",)
        )
        + "</rule>"
        for number, row in enumerate(rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">'
        f'<decision id="d" name="D"><decisionTable id="t" hitPolicy="UNIQUE">{inputs}'
        f'<output id="o" name="y" label="y" typeRef="Any"/>{rows}</decisionTable></decision></definitions>'
    ).encode()


def growth() -> float:
    """Give what a rule of a long table costs, as a multiple of what one of a short table costs."""
    cost = {}
    for count in (100, 800):
        rules = [(f'"code{n}"', str(n)) for n in range(count)]
        decision = parse(written([("code", "string")], rules), "table.dmn")["d"]
        last = {"code": f"code{count - 1}"}
        cost[count] = 1 / per_second(lambda decision=decision, last=last: decision.decide(last, CLOCK)) / count
    return cost[800] / cost[100]


def per_second(act: Callable[[], Any]) -> float:
    """Tell how often something can be done in a second of CPU."""
    began = time.process_time()
    act()
    once = max(time.process_time() - began, 1e-7)
    times = max(1, min(2000, int(0.03 / once)))
    rates = []
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        for _ in range(times):
            act()
        rates.append(times / (time.process_time() - began))
    return median(rates[1:])


def keeps(figure: float, word: str, promised: float) -> bool:
    """Tell whether a figure keeps its promise."""
    return figure >= promised if word == "at least" else figure <= promised


def show(figures: dict[str, float], missed: Sequence[str]) -> None:
    """Print the two evaluators side by side."""
    print(f"{'table':<10}{'rules':>7}{'here/s':>11}{'there/s':>11}{'ratio':>8}{'read ms':>10}{'there ms':>10}")
    for name in tables():
        row = {part: figures[f"{name}_{part}"] for part in ("rules", "per_second", "other_per_second", "ratio")}
        reads = [figures[f"{name}_read_ms"], figures[f"{name}_other_read_ms"]]
        print(
            f"{name:<10}{row['rules']:>7.0f}{row['per_second']:>11.0f}{row['other_per_second']:>11.0f}"
            f"{row['ratio']:>8.1f}{reads[0]:>10.2f}{reads[1]:>10.2f}"
        )
    print(f"the law: {figures['law_per_second']:.0f} questions/s, read in {figures['law_read_ms']:.0f} ms")
    for name, (word, promised) in PROMISES.items():
        print(f"{name}: {figures[name]:.2f}  ({word} {promised:g}){'  MISSED' if name in missed else ''}")


def _same(value: Any) -> Any:
    return value if isinstance(value, str) else float(value)


if __name__ == "__main__":
    sys.exit(main())
