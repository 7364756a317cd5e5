"""Asking a decision from outside: strict about names and types, dated, and answered as plain JSON.

A process asks its tables with all its variables, and a variable that a table does not know is no mistake there. Whoever
asks by hand has mistyped it; so here every name and every type is looked at first, and all problems are told at once.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from workflows.decisions.errors import DecisionError
from workflows.decisions.graph import Decision
from workflows.decisions.tables import DecisionTable, Outcome
from workflows.decisions.types import ItemType, Misfit, NotAllowed, converted
from workflows.feel.budget import Budget
from workflows.feel.clock import Clock, office_zone
from workflows.feel.errors import FeelError, suggestion
from workflows.feel.nodes import Name
from workflows.feel.values import Function, admit, plain, write, write_number
from workflows.language import say


@dataclass(frozen=True)
class Problem:
    """One thing about the inputs that keeps a decision from answering."""

    # Name of the input; empty when the problem is about no single one.
    input: str
    # What is wrong, in the reader's language.
    message: str


class RefusedInputs(Exception):
    """The decision was not asked, or could not answer; `problems` tell why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def ask(decision: Decision, given: Mapping[str, Any], *, now: datetime, on: date | None = None) -> Outcome:
    """Ask the decision with these inputs alone; an absent input is null. Raise RefusedInputs.

    `on` is the day whose law is asked for: it fills the governing date where the inputs lack it, and is what `today()`
    means. Without it `now` is taken for `today()`, and the governing date stays unknown.
    """
    clock = Clock(now if on is None else datetime.combine(on, time.min, tzinfo=office_zone()))
    problems = list(_problems(decision, given, clock))
    if problems:
        raise RefusedInputs(problems)
    inputs = dict(given)
    governing = decision.governing_date
    if governing is not None and on is not None and inputs.get(governing) is None:
        inputs[governing] = on
    try:
        outcome = decision.decide(inputs, clock)
    except (DecisionError, FeelError) as refusal:
        raise RefusedInputs([Problem(refusal.facts.get("input", ""), explained(refusal))]) from refusal
    return outcome if outcome.effective_on is not None else replace(outcome, effective_on=on)


def is_answered(decision: Decision, outcome: Outcome) -> bool:
    """Tell whether the decision had an answer: a rule fired, a default stood in, or it needs no rule at all."""
    return bool(outcome.rows) or not isinstance(decision.logic, DecisionTable)


def as_document(decision: Decision, outcome: Outcome) -> dict[str, Any]:
    """Give the answer as plain JSON: decision, result, rules with their decision, id and row, checksum and day."""
    return {
        "decision": decision.id,
        "result": as_json(outcome.result),
        "rules": list(_rules(decision.id, outcome, set())),
        "checksum": outcome.checksum,
        "effective_on": None if outcome.effective_on is None else outcome.effective_on.isoformat(),
    }


def as_json(value: Any) -> Any:
    """Give a value of FEEL as JSON: dates, times and durations as their texts, ranges as FEEL, functions as null.

    Numbers are ints where they are whole, else Decimal, which `in_json` writes as exact as they are.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    return None if isinstance(value, Function) else write(value, Budget())


def in_json(document: Any) -> str:
    """Write plain JSON with every digit of its numbers; Python's own writer knows floats only, which round."""
    if isinstance(document, Decimal):
        return write_number(document)
    if isinstance(document, list):
        return f"[{', '.join(in_json(item) for item in document)}]"
    if isinstance(document, dict):
        return f"{{{', '.join(f'{in_json(name)}: {in_json(item)}' for name, item in document.items())}}}"
    return json.dumps(document, ensure_ascii=False)


def explained(refusal: DecisionError | FeelError) -> str:
    """Say why a decision could not answer, in the reader's language."""
    if isinstance(refusal, FeelError):
        return refusal.message
    facts = refusal.facts
    name = facts.get("input") or facts.get("output") or ""
    rules = ", ".join(str(number) for number in facts.get("rules", ()))
    sentences = {
        "decision.not_unique": say(
            f"Tabel {facts['decision']} hanya boleh cocok dengan satu aturan; yang cocok: {rules}.",
            f"The table {facts['decision']} may fit one rule only; these fit: {rules}.",
        ),
        "decision.not_any": say(
            f"Aturan {rules} dari tabel {facts['decision']} cocok bersama tetapi jawabannya berbeda.",
            f"The rules {rules} of the table {facts['decision']} fit together and differ in their answers.",
        ),
        "decision.input_type": _is_no(name, facts.get("type", "")),
        "decision.input_value": _is_none_of(name, facts.get("allowed", "")),
        "decision.output_type": say(
            f'Jawaban "{name}" bukan {facts.get("type", "")}.', f'The answer "{name}" is no {facts.get("type", "")}.'
        ),
        "decision.output_value": say(
            f'Jawaban "{name}" tidak ada di antara {facts.get("allowed", "")}.',
            f'The answer "{name}" is not among {facts.get("allowed", "")}.',
        ),
    }
    return sentences.get(refusal.code, str(refusal))


def _rules(decision: str, outcome: Outcome, told: set[str]) -> Iterator[dict[str, Any]]:
    told.add(decision)
    for rule in outcome.rules:
        entry: dict[str, Any] = {"decision": decision, "id": rule.id, "row": rule.number}
        if rule.description:
            entry["description"] = rule.description
        annotations = {name: text for name, text in rule.annotations if text}
        if annotations:
            entry["annotations"] = annotations
        yield entry
    for needed, answered in outcome.required.items():
        if needed not in told:
            yield from _rules(needed, answered, told)


def _problems(decision: Decision, given: Mapping[str, Any], clock: Clock) -> Iterator[Problem]:
    known = decision.takes
    types = list(types_of(decision))
    for name, value in given.items():
        if name not in known:
            said = say(f'Masukan "{name}" tidak dikenal.', f'The input "{name}" is unknown.') + suggestion(name, known)
            listed = ", ".join(known)
            yield Problem(name, said + " " + say(f"Yang ada: {listed}.", f"There are: {listed}."))
            continue
        misfits = (_misfit(name, value, wanted, clock) for named, wanted in types if named == name)
        said = next((each for each in misfits if each), "")
        if said:
            yield Problem(name, said)


def types_of(decision: Decision) -> Iterator[tuple[str, ItemType]]:
    """Give the type of every input that has one: as drawn, or as the column says that reads it and nothing else."""
    for needed in decision.required:
        yield from types_of(needed)
    if isinstance(decision.logic, DecisionTable):
        for column in decision.logic.inputs:
            if isinstance(column.expression.root, Name):
                yield column.expression.root.name, replace(column.type, allowed=column.allowed or column.type.allowed)
    for data in decision.inputs:
        if data.type.base != "Any":
            yield data.name, data.type


def _misfit(name: str, value: Any, wanted: ItemType, clock: Clock) -> str:
    """Say what is wrong with the value; empty when it fits. JSON has numbers, so a text is none here."""
    is_text = isinstance(value, str) and wanted.base == "number" and not wanted.collection
    try:
        if is_text:
            raise Misfit
        converted(value, wanted, clock, Budget())
    except NotAllowed as refusal:
        return _is_none_of(name, refusal.allowed)
    except Misfit:
        return f"{_is_no(name, wanted.name)} {say('Yang diberikan', 'Given')}: {_short(value)}."
    except FeelError as refusal:
        return f"{name}: {refusal.message}"
    return ""


def _is_no(name: str, kind_of: str) -> str:
    form = {"date": ' ("2026-01-31")', "boolean": " (true, false)", "number": " (1500000)"}.get(kind_of, "")
    article = "an" if kind_of[:1] in "aeiou" else "a"
    return say(
        f'Masukan "{name}" harus berjenis {kind_of}{form}.', f'The input "{name}" must be {article} {kind_of}{form}.'
    )


def _is_none_of(name: str, allowed: str) -> str:
    return say(f'Masukan "{name}" harus salah satu dari: {allowed}.', f'The input "{name}" must be one of: {allowed}.')


def _short(value: Any) -> str:
    text = in_json(as_json(admit(value, Budget())))
    return text if len(text) <= 60 else f"{text[:59]}…"
