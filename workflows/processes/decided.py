"""The decisions of a step, as they are kept: in the case's journal by their rules, in a row with what they read.

The row holds what is needed to ask again: when a table changes, `processes.touching` asks the new edition with the same
inputs and tells which open cases would be answered otherwise.
"""

from collections.abc import Sequence

from workflows.engine import Step
from workflows.feel.values import plain, to_json
from workflows.journal.operations import record
from workflows.processes.calls import Call
from workflows.processes.models import DecisionRecord


def decided(call: Call, step: Step, revision: int) -> Sequence[DecisionRecord]:
    """Make the rows of the decisions that the step asked for; journals `step.decided` for each."""
    rows = []
    for place, taken in enumerate(step.decided):
        outcome = taken.outcome
        rules = [rule.id for rule in outcome.rules]
        row = DecisionRecord(
            instance_id=call.instance.id,
            revision=revision,
            place=place,
            element=taken.element,
            decision=taken.decision,
            checksum=taken.checksum,
            effective_on=outcome.effective_on,
            rules=rules,
            inputs=dict(taken.inputs),
            answer=[to_json(plain(each)) for each in outcome.rows],
            at=call.tx.now,
        )
        rows.append(row)
        record(
            call.tx,
            "step.decided",
            case_id=call.case.id,
            instance=call.instance.id,
            element=taken.element,
            decision=taken.decision,
            rules=", ".join(rules),
            checksum=taken.checksum,
            effective_on=outcome.effective_on,
        )
    return rows
