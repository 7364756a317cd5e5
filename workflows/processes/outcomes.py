"""What a step led to, for the page that follows; kept in small, so that a repeated post gets the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflows.processes.calls import Call


@dataclass(frozen=True)
class Outcome:
    """What a step led to, for the page that follows."""

    case_id: UUID
    case_number: str
    instance_id: UUID
    # Of the run after the step.
    revision: int
    # Names of the tasks that wait now.
    next_tasks: tuple[str, ...]
    ended: bool
    # Whether a message was kept for later, since the run could not take it now.
    kept: bool = False
    # Whether this answers a repeated post, which changed nothing.
    repeated: bool = False


def outcome_of(call: Call, *, revision: int | None = None, ended: bool | None = None, kept: bool = False) -> Outcome:
    """Give where the run stands, or will stand at the revision that is about to be written."""
    return Outcome(
        case_id=call.case.id,
        case_number=call.case.number,
        instance_id=call.instance.id,
        revision=call.instance.revision if revision is None else revision,
        next_tasks=tuple(task.name for task in call.waiting.tasks),
        ended=not call.instance.is_running if ended is None else ended,
        kept=kept,
    )


def stored(outcome: Outcome) -> dict[str, Any]:
    return {
        **vars(outcome),
        "case_id": str(outcome.case_id),
        "instance_id": str(outcome.instance_id),
        "next_tasks": list(outcome.next_tasks),
        "repeated": True,
    }


def repeated(result: Mapping[str, Any]) -> Outcome:
    return Outcome(
        **{
            **result,
            "case_id": UUID(result["case_id"]),
            "instance_id": UUID(result["instance_id"]),
            "next_tasks": tuple(result["next_tasks"]),
        }
    )
