"""Asking the decisions of one DMN file by hand, for `amanah decide`: no database, no diagram, nothing stored."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from workflows.catalogue import vectors
from workflows.catalogue.bundle import LARGEST_FILE, is_a_folder
from workflows.catalogue.functions import FUNCTIONS
from workflows.catalogue.vectors import VectorResult
from workflows.decisions.asking import as_document, ask, in_json, is_answered
from workflows.decisions.graph import Decision, Decisions
from workflows.decisions.reader import parse
from workflows.feel.errors import suggestion
from workflows.language import say


class Unreadable(Exception):
    """The question cannot be understood; the sentence says what is wrong with it."""


def read_decisions(path: Path) -> Decisions:
    """Read the decisions of a file; raise OSError, or BrokenDefinition with the findings."""
    # A pipe is told before anybody waits for it; opening a folder tells by itself.
    is_a_folder(path)
    with path.open("rb") as stream:
        # One byte more than is taken, so that the reader itself refuses what is too large.
        content = stream.read(LARGEST_FILE + 1)
    return parse(content, path.name, functions=FUNCTIONS, unsound="tell")


def find_decision(decisions: Decisions, decision_id: str | None) -> Decision:
    """Give the decision of that id, or the only one; raise Unreadable."""
    if decision_id is None and len(decisions) == 1:
        return next(iter(decisions.values()))
    if decision_id is not None and decision_id in decisions:
        return decisions[decision_id]
    listed = ", ".join(decisions)
    if decision_id is None:
        raise Unreadable(say(f"Pilih satu dengan --decision: {listed}.", f"Choose one with --decision: {listed}."))
    raise Unreadable(
        say(
            f"Keputusan '{decision_id}' tidak ada; yang ada: {listed}.",
            f"There is no decision '{decision_id}'; there are: {listed}.",
        )
        + suggestion(decision_id, decisions)
    )


def read_inputs(text: str) -> dict[str, Any]:
    """Read the inputs from a JSON object; raise Unreadable."""
    try:
        # Decimals as written, no NaN, and no name twice: the second one would silently win.
        given = json.loads(
            text, parse_float=Decimal, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        at = error.pos + 1
        raise Unreadable(
            say(
                f"Masukan ini bukan JSON yang benar, mulai huruf ke-{at}.",
                f"These inputs are not JSON, from character {at} on.",
            )
        ) from error
    except ArithmeticError as error:
        raise Unreadable(say("Sebuah bilangan terlalu besar.", "A number is too large.")) from error
    except RecursionError as error:
        raise Unreadable(say("Masukan ini bersusun terlalu dalam.", "These inputs are nested too deeply.")) from error
    if not isinstance(given, dict):
        raise Unreadable(
            say('Masukan harus objek JSON, misalnya {"value": 500000}.', 'Inputs are a JSON object like {"value": 5}.')
        )
    return given


def answer(decision: Decision, given: dict[str, Any], *, now: datetime, on: date | None) -> tuple[str, bool]:
    """Give the answer as one line of JSON, and whether there was one; raise RefusedInputs."""
    outcome = ask(decision, given, now=now, on=on)
    return in_json(as_document(decision, outcome)), is_answered(decision, outcome)


def run_vectors(path: Path, decisions: Decisions) -> Sequence[VectorResult]:
    """Run the vectors beside the table; raise OSError without them, BrokenDefinition when they are unreadable."""
    beside = Path(vectors.vectors_path(str(path)))
    return vectors.run(beside.read_bytes(), beside.name, decisions)


def _whole(digits: str) -> int | Decimal:
    # Python reads no int of more digits than a few thousand; FEEL rounds both to what its numbers hold.
    return int(digits) if len(digits) < 1000 else Decimal(digits)


def _no_constant(name: str) -> Any:
    raise Unreadable(say(f"{name} bukan bilangan.", f"{name} is no number."))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(say(f'"{twice}" tertulis dua kali.', f'"{twice}" stands twice.'))
    return found
