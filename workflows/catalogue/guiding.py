"""A public guided check: questions of a form, answered by a decision table of the same edition; nothing is kept.

What a case type says about it stands in `public_check` of the manifest, which is read here into a frozen value; a page
asks the questions, and `look_up` gives the answer with everything that explains it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.functions import FUNCTIONS
from workflows.decisions.asking import as_json, ask, in_json, types_of
from workflows.decisions.dating import Period, in_force
from workflows.decisions.graph import Decision
from workflows.decisions.reader import parse
from workflows.decisions.tables import DecisionTable
from workflows.errors import BrokenDefinition, NotFound

# What a question may be answered with when nobody knows; it becomes null, and a table must live with that.
UNKNOWN = "unknown"
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Words:
    """What people read of something, in both languages."""

    title: str
    title_en: str


@dataclass(frozen=True)
class Ruling:
    """What one answer of the table means for who asks."""

    title: str
    title_en: str
    text: str
    text_en: str
    # Whether a duty follows: then its deadlines are counted.
    duty: bool


@dataclass(frozen=True)
class PublicCheck:
    """The guided check that a case type offers to everybody."""

    title: str
    title_en: str
    description: str
    description_en: str
    # Id of the form with the questions, in their order.
    form: str
    # Id of the decision that is asked; its inputs are fields of the form.
    decision: str
    # Output of the decision whose values are the keys of `rulings`.
    result: str
    rulings: Mapping[str, Ruling]
    # Annotation column that explains a rule in English; its description does so in Indonesian. None without one.
    explanation_en: str | None
    # Outputs and annotation columns that are shown beside the answer, with their words.
    shows: Mapping[str, Words]
    # Ids of the deadlines that count from the governing date when a duty follows.
    deadlines: tuple[str, ...]
    # Field of the start form -> field of the check that fills it in; "list.field" means the first row of a list.
    prefill: Mapping[str, str]


@dataclass(frozen=True)
class Answered:
    """What the table answers, and why."""

    ruling: Ruling
    # Why, as the rule that decided says it: in Indonesian and in English; empty when it says nothing.
    explanation: str
    explanation_en: str
    # (words, value) of what the manifest shows beside the answer, where there is any.
    shown: tuple[tuple[Words, str], ...]
    # The governing date, and the period in which the rule that decided is in force.
    effective_on: date | None
    period: Period


def look_up(bundle: Bundle, check: PublicCheck, values: Mapping[str, Any], *, now: datetime) -> Answered:
    """Ask the decision of the edition with the answers of the form; raise RefusedInputs when it does not take them."""
    decision = decision_of(bundle, check.decision)
    outcome = ask(decision, inputs_of(decision, values), now=now)
    row = {name: as_json(value) for name, value in (outcome.rows[0] if outcome.rows else {}).items()}
    ruling = check.rulings.get(str(row.get(check.result)))
    if ruling is None:
        raise NotFound("public_check.no_answer", decision=decision.id)
    rule = outcome.rules[0] if outcome.rules else None
    annotations = dict(rule.annotations) if rule is not None else {}
    told = {**annotations, **row}
    table, period = decision.logic, Period()
    if rule is not None and isinstance(table, DecisionTable):
        period = in_force(table, rule.number)
    return Answered(
        ruling=ruling,
        explanation=rule.description if rule is not None else "",
        explanation_en=annotations.get(check.explanation_en or "", ""),
        shown=tuple((words, _shown(told[name])) for name, words in check.shows.items() if told.get(name)),
        effective_on=outcome.effective_on,
        period=period,
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else in_json(value)


def inputs_of(decision: Decision, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the inputs of the decision among the answers of a form.

    A choice says yes, no or unknown with the values "true", "false" and "unknown"; what is unknown is null.
    """
    booleans = {name for name, of_type in types_of(decision) if of_type.base == "boolean"}
    inputs = {}
    for name in decision.takes:
        value = values.get(name)
        if value == UNKNOWN:
            value = None
        inputs[name] = _TRUTH.get(value, value) if name in booleans and isinstance(value, str) else value
    return inputs


def prefilled(check: PublicCheck, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the start form begins with: the answers of the check, under the names of that form."""
    filled: dict[str, Any] = {}
    for target, source in check.prefill.items():
        value = values.get(source)
        if value is None or value == UNKNOWN:
            continue
        value = _TRUTH.get(value, value) if isinstance(value, str) else value
        rows, dot, field = target.partition(".")
        if dot:
            filled.setdefault(rows, [{}])[0][field] = value
        else:
            filled[target] = value
    return filled


@lru_cache(maxsize=16)
def decision_of(bundle: Bundle, decision_id: str) -> Decision:
    """Give a decision of the edition; raise NotFound (`decision.unknown`)."""
    for path, content in bundle.executable().items():
        if path.endswith(".dmn") and decision_id.encode() in content:
            try:
                found = parse(content, path, functions=FUNCTIONS, unsound="pass").get(decision_id)
            except BrokenDefinition:
                continue
            if found is not None:
                return found
    raise NotFound("decision.unknown", decision=decision_id)
