"""FEEL beside the rules of DMN 1.3, chapter 10.3, one line a rule: over a thousand expressions and what each gives.

`conformance/*.txt` holds the lines, by section: an expression, `==>`, and its value in FEEL, or `!code@position` for a
text that is refused. `given {...}` sets the variables of the lines behind it, and ⏎ stands for a new line. Where the
specification leaves a choice, the office's zone is the local one, and a date lacks any hour.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workflows.feel.budget import Budget
from workflows.feel.builtins.registry import BUILTINS
from workflows.feel.expressions import Clock, FeelError, compile, evaluate
from workflows.feel.values import kind, write

CLOCK = Clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
TABLES = sorted(Path(__file__).with_name("conformance").glob("*.txt"))

# What each section of 10.3.4 lists, by the names of the specification.
FUNCTIONS = {
    "10.3.4.1 conversion": [
        "date", "date and time", "time", "number", "string", "duration", "years and months duration",
    ],
    "10.3.4.2 boolean": ["not"],
    "10.3.4.3 string": [
        "substring", "string length", "upper case", "lower case", "substring before", "substring after", "replace",
        "contains", "starts with", "ends with", "matches", "split",
    ],
    "10.3.4.4 list": [
        "list contains", "count", "min", "max", "sum", "mean", "all", "any", "sublist", "append", "concatenate",
        "insert before", "remove", "reverse", "index of", "union", "distinct values", "flatten", "product", "median",
        "stddev", "mode",
    ],
    "10.3.4.5 numeric": ["decimal", "floor", "ceiling", "abs", "modulo", "sqrt", "log", "exp", "odd", "even"],
    "10.3.4.6 date and time": ["is"],
    "10.3.4.7 ranges": [
        "before", "after", "meets", "met by", "overlaps", "overlaps before", "overlaps after", "finishes",
        "finished by", "includes", "during", "starts", "started by", "coincides",
    ],
    "10.3.4.8 temporal": ["day of year", "day of week", "month of year", "week of year"],
    "10.3.4.9 sort": ["sort"],
    "10.3.4.10 context": ["get value", "get entries"],
}  # fmt: skip
# Later editions of DMN and Camunda's forms brought these; they disturb nothing.
LATER = {
    "context", "context put", "context merge", "string join", "list replace", "round up", "round down", "round half up",
    "round half down", "now", "today", "is defined", "trim",
}  # fmt: skip


def lines(table: Path) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Give the lines of a table: where each stands, its variables, its expression and what that gives."""
    section, variables = "", {}
    for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# "):
            section = line[2:]
        elif line.startswith("given "):
            variables = json.loads(line.removeprefix("given "))
        elif line:
            text, arrow, expected = line.rpartition("  ==>  ")
            assert arrow, f"{table.name}:{number} expects nothing"
            yield f"{table.name}:{number} ({section})", variables, text.replace("⏎", "\n"), expected


def told(value: Any) -> tuple[str, str]:
    """Give the kind of a value and how FEEL writes it: zones are told, zeros behind the point are not."""
    return kind(value), write(value, Budget(), 1)


def found(text: str, variables: dict[str, Any]) -> tuple[str, str] | str:
    try:
        return told(compile(text, names=variables or None, strict=bool(variables)).evaluate(variables, CLOCK))
    except FeelError as refusal:
        return f"!{refusal.code}@{refusal.position}"


@pytest.mark.parametrize("table", TABLES, ids=[table.stem for table in TABLES])
def test_every_line_gives_what_the_specification_says(table: Path) -> None:
    different = {}
    for place, variables, text, expected in lines(table):
        wanted = expected if expected.startswith("!") else told(evaluate(expected, {}, CLOCK))
        if found(text, variables) != wanted:
            different[f"{place}: {text}"] = (found(text, variables), wanted)

    assert different == {}


def test_no_line_stands_twice() -> None:
    seen: dict[tuple[str, str], str] = {}
    for table in TABLES:
        for place, variables, text, _ in lines(table):
            first = seen.setdefault((json.dumps(variables), text), place)
            assert first == place, f"{text} stands at {first} and {place}"


@pytest.mark.parametrize("section", FUNCTIONS)
def test_every_function_of_the_specification_is_there_and_played(section: str) -> None:
    played = " ".join(text for table in TABLES for _, _, text, _ in lines(table))

    assert [name for name in FUNCTIONS[section] if name not in BUILTINS or f"{name}(" not in played] == []


def test_no_function_is_there_that_nobody_specified() -> None:
    assert BUILTINS.keys() - {name for names in FUNCTIONS.values() for name in names} == LATER
