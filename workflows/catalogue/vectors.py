"""Test vectors of a decision: examples as data beside the table, and whether the table answers as they say.

`<table>.vectors.yml` stands beside `<table>.dmn`. Whoever changes a table adds examples; the gate runs them all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.functions import FUNCTIONS
from workflows.catalogue.lined_yaml import LinedList, LinedMap, read_yaml
from workflows.decisions.asking import RefusedInputs, as_json, ask, in_json
from workflows.decisions.graph import Decision, Decisions
from workflows.decisions.reader import parse
from workflows.decisions.tables import DecisionTable, Outcome
from workflows.errors import BrokenDefinition, Finding
from workflows.feel.budget import Budget
from workflows.feel.errors import suggestion
from workflows.feel.values import admit
from workflows.language import say

SUFFIX = ".vectors.yml"
# A table of law has some hundred; more is a mistake, or made to hurt.
_MOST = 5_000
_TOP_KEYS = {"decision", "inputs", "vectors"}
_KEYS = {"title", "inputs", "expect", "rule", "refused"}
# Vectors never depend on the day on which they are run: what `today()` means in them.
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Vector:
    """One example."""

    # Line in the file.
    line: int
    title: str
    # All inputs, those that the file gives to every vector included.
    inputs: Mapping[str, Any]
    # Outputs that are expected, by name, each a list where the table answers with one; others are not looked at.
    expect: Mapping[str, Any]
    # Id of the rule that is expected to decide; empty when any may.
    rule: str
    # Whether the inputs are to be refused.
    refused: bool


@dataclass(frozen=True)
class VectorResult:
    """How one example went."""

    file: str
    vector: Vector
    # What came otherwise than expected, in the reader's language; empty when it went well.
    disappointment: str


def vectors_path(table: str) -> str:
    """Give the path of the vectors that belong to a table."""
    return table.removesuffix(".dmn") + SUFFIX


def run(content: bytes, file: str, decisions: Decisions) -> list[VectorResult]:
    """Run the vectors of a file on the decisions of its table; raise BrokenDefinition when they cannot be read."""
    decision_id, vectors = _read(content, file)
    if decision_id not in decisions:
        raise BrokenDefinition(
            [
                Finding(
                    "vectors.unknown_decision",
                    say(
                        f"Keputusan '{decision_id}' tidak ada di {decisions.file}.",
                        f"There is no decision '{decision_id}' in {decisions.file}.",
                    ),
                    say(f"Yang ada: {', '.join(decisions)}.", f"There are: {', '.join(decisions)}."),
                    file=file,
                )
            ]
        )
    decision = decisions[decision_id]
    results = []
    for vector in vectors:
        try:
            said = _unknown_output(vector, decision) or _compared(vector, ask(decision, vector.inputs, now=_SOME_DAY))
        except RefusedInputs as refusal:
            said = "" if vector.refused else str(refusal)
        results.append(VectorResult(file, vector, said))
    return results


def vectors_hold(bundle: Bundle) -> Iterator[Finding]:
    """Check that every table answers as its vectors say, and that no vectors lie about without a table."""
    for path in sorted(bundle.files):
        if not path.endswith(SUFFIX):
            continue
        table = path.removesuffix(SUFFIX) + ".dmn"
        if table not in bundle.files:
            yield Finding(
                "vectors.no_table",
                say(f"Tabel {table} tidak ada.", f"There is no table {table}."),
                say("Beri nama yang sama dengan tabelnya.", "Give it the name of its table."),
                file=path,
            )
            continue
        try:
            decisions = parse(bundle.files[table], table, functions=FUNCTIONS)
        except BrokenDefinition:
            # What is wrong with the table is told by its reading.
            continue
        try:
            results = run(bundle.files[path], path, decisions)
        except BrokenDefinition as broken:
            yield from broken.findings
            continue
        for result in results:
            if result.disappointment:
                yield Finding(
                    "vectors.failed",
                    f"{result.vector.title}: {result.disappointment}",
                    say("Perbaiki tabel atau contohnya.", "Mend the table or the example."),
                    file=path,
                    line=result.vector.line,
                )


def _unknown_output(vector: Vector, decision: Decision) -> str:
    logic = decision.logic
    known = [column.name for column in logic.outputs] if isinstance(logic, DecisionTable) else [decision.variable]
    name = next((each for each in vector.expect if each not in known), None)
    if name is None:
        return ""
    listed = ", ".join(known)
    said = say(
        f'keluaran "{name}" tidak ada; yang ada: {listed}.', f'there is no output "{name}"; there are: {listed}.'
    )
    return said + suggestion(name, known)


def _compared(vector: Vector, outcome: Outcome) -> str:
    if vector.refused:
        return say("masukannya seharusnya ditolak", "its inputs should be refused")
    fired = ", ".join(rule.id for rule in outcome.rules)
    for name, expected in vector.expect.items():
        given = [row.get(name) for row in outcome.rows]
        wanted = as_json(admit(expected, Budget()))
        found = as_json(given if outcome.several else next(iter(given), None))
        if found != wanted:
            shown, told = in_json(wanted), in_json(found)
            return say(
                f"{name} seharusnya {shown}, jawabannya {told} (aturan {fired or '-'})",
                f"{name} should be {shown}, the answer is {told} (rule {fired or '-'})",
            )
    if vector.rule and vector.rule not in {rule.id for rule in outcome.rules}:
        return say(
            f"seharusnya diputus aturan {vector.rule}, bukan {fired or '-'}",
            f"the rule {vector.rule} should decide, not {fired or '-'}",
        )
    return ""


def _read(content: bytes, file: str) -> tuple[str, list[Vector]]:
    top = read_yaml(content, file)
    findings: list[Finding] = []

    def wrong(line: int, indonesian: str, english: str) -> None:
        findings.append(Finding("vectors.unreadable", say(indonesian, english), file=file, line=line))

    for key in top.keys() - _TOP_KEYS:
        wrong(top.line_of(key), f"Kunci '{key}' tidak dikenal.", f"The key '{key}' is unknown.")
    common, rows, decision = top.get("inputs", {}), top.get("vectors"), top.get("decision")
    if not isinstance(decision, str):
        wrong(top.line_of("decision"), "'decision' harus id keputusan.", "'decision' must be the id of a decision.")
    if not isinstance(rows, LinedList) or not rows or len(rows) > _MOST or not isinstance(common, dict):
        wrong(
            top.line_of("vectors"),
            f"'vectors' harus daftar berisi 1 sampai {_MOST} contoh, dan 'inputs' pasangan nama dan nilai.",
            f"'vectors' must be a list of 1 to {_MOST} examples, and 'inputs' names with values.",
        )
        raise BrokenDefinition(findings)
    vectors = []
    for row, line in zip(rows, rows.lines, strict=True):
        inputs = row.get("inputs", {}) if isinstance(row, LinedMap) else None
        expect = row.get("expect", {}) if isinstance(row, LinedMap) else None
        if not isinstance(row, LinedMap) or not isinstance(inputs, dict) or not isinstance(expect, dict):
            wrong(
                line,
                "Contoh ditulis {inputs: {...}, expect: {...}}.",
                "An example is written {inputs: {...}, expect: {...}}.",
            )
            continue
        for key in row.keys() - _KEYS:
            wrong(row.line_of(key), f"Kunci '{key}' tidak dikenal.", f"The key '{key}' is unknown.")
        if not expect and not row.get("rule") and row.get("refused") is not True:
            wrong(
                line,
                "Contoh ini tidak mengharapkan apa-apa: tulis expect, rule, atau refused: true.",
                "This example expects nothing: write expect, rule or refused: true.",
            )
        title = str(row.get("title") or ", ".join(f"{name} {value}" for name, value in inputs.items()))
        merged = {**common, **inputs}
        vectors.append(Vector(line, title, merged, expect, str(row.get("rule") or ""), row.get("refused") is True))
    if findings:
        raise BrokenDefinition(findings)
    return str(decision), vectors
