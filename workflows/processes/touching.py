"""What a changed table would change: the decisions of open cases asked again with the inputs that they had.

Nothing is written. A case that would be answered otherwise stays as it was decided, until an officer looks at it: law
is applied by its day, and a table is usually changed for days to come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.decisions.asking import explained
from workflows.decisions.errors import DecisionError
from workflows.decisions.graph import Decision
from workflows.feel.clock import Clock
from workflows.feel.errors import FeelError
from workflows.feel.values import from_json, plain, to_json
from workflows.processes.models import DecisionRecord, ProcessInstance


@dataclass(frozen=True)
class Touched:
    """A decision of an open case that the new table would answer otherwise."""

    case_id: UUID
    # Number of the case; None for a confidential one, which is named to those alone who see it.
    number: str | None
    # The business rule task that asked, when it did, and the day whose law answered.
    element: str
    decided_at: datetime
    effective_on: date | None
    # Ids of the rules that answered then and would now, and the rows that they give.
    rules_then: Sequence[str]
    rules_now: Sequence[str]
    then: Sequence[Mapping[str, Any]]
    now: Sequence[Mapping[str, Any]]
    # Why the new table gives no answer to these inputs; empty when it does.
    refusal: str = ""

    @property
    def changes(self) -> Sequence[tuple[str, Any, Any]]:
        """What of the answer would be other: name of the output, what it was, what it would be, each once."""
        nothing: Mapping[str, Any] = {}
        pairs = zip_longest(self.then, self.now, fillvalue=nothing)
        told = (
            (name, then.get(name), now.get(name))
            for then, now in pairs
            for name in dict.fromkeys((*then, *now))
            if then.get(name) != now.get(name)
        )
        return tuple(dict.fromkeys(told))


@dataclass(frozen=True)
class Looked:
    """What became of looking at the open cases."""

    # How many decisions of open cases were asked again.
    asked: int
    touched: Sequence[Touched]


def touched(session: Session, decision: Decision, *, case_type: str | None = None) -> Looked:
    """Ask the decision again for every open case that rests upon one of that id; tell those it would answer otherwise.

    Of each task of a case the answers of its last step count, several where it asked for several things. `case_type`
    leaves out cases of other types.
    """
    last = (
        select(DecisionRecord.instance_id, DecisionRecord.element, func.max(DecisionRecord.revision).label("revision"))
        .where(DecisionRecord.decision == decision.id)
        .group_by(DecisionRecord.instance_id, DecisionRecord.element)
        .subquery()
    )
    query = (
        select(DecisionRecord, Case)
        .join(
            last,
            (last.c.instance_id == DecisionRecord.instance_id)
            & (last.c.element == DecisionRecord.element)
            & (last.c.revision == DecisionRecord.revision),
        )
        .join(ProcessInstance, ProcessInstance.id == DecisionRecord.instance_id)
        .join(Case, Case.id == ProcessInstance.case_id)
        .where(DecisionRecord.decision == decision.id, Case.closed_at.is_(None))
        .order_by(Case.opened_at, Case.id, DecisionRecord.revision, DecisionRecord.place)
    )
    if case_type is not None:
        query = query.where(Case.case_type == case_type)
    asked, found = 0, []
    for row, case in session.execute(query):
        asked += 1
        again = _again(decision, row, case)
        if again is not None:
            found.append(again)
    return Looked(asked, found)


def _again(decision: Decision, row: DecisionRecord, case: Case) -> Touched | None:
    """Ask with what was read then, at the moment of then; None when the answer is the same."""
    rules_now: Sequence[str] = ()
    now: Sequence[Mapping[str, Any]] = ()
    refusal = ""
    try:
        outcome = decision.decide(from_json(row.inputs), Clock(row.at))
    except (DecisionError, FeelError) as error:
        refusal = explained(error)
    else:
        rules_now = tuple(rule.id for rule in outcome.rules)
        now = [to_json(plain(each)) for each in outcome.rows]
        if now == row.answer:
            return None
    return Touched(
        case_id=case.id,
        number=None if case.confidential else case.number,
        element=row.element,
        decided_at=row.at,
        effective_on=row.effective_on,
        rules_then=tuple(row.rules),
        rules_now=rules_now,
        then=row.answer,
        now=now,
        refusal=refusal,
    )
