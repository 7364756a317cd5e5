"""The values that cross the engine's fence: the state that is stored, and the step that tells what happened.

Frozen values in our own words; nothing here knows SpiffWorkflow. `State` is two columns of one row. `Step` describes
the whole state after the call (every waiting task, every timer, every awaited message), and what happened in this call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from workflows.decisions.tables import Outcome

TraceKind = Literal["entered", "left", "cancelled"]
ThrownKind = Literal["message", "signal", "escalation"]


@dataclass(frozen=True)
class State:
    """A process instance at rest. Give it back unchanged to the next call; never edit it."""

    # Live tokens in the engine's own compact, versioned form; holds no definition, no variable and no history.
    tokens: bytes
    # The process variables as a JSON document (`workflows.feel.values.to_json` form), to be stored as it is.
    variables: dict[str, Any]


@dataclass(frozen=True)
class WaitingTask:
    """A user or manual task that waits for a person."""

    # Names this occurrence within the instance; never used twice, unchanged while the task waits.
    id: str
    # Id of the element in the diagram.
    element: str
    # What people read; empty when the diagram gives no name.
    name: str
    # Id of the lane that holds the task, or the lane of the activity around it; None without lanes.
    lane: str | None
    # `camunda:formKey`, the id of the form that is filled in.
    form: str | None
    # Text of `camunda:dueDate`: an ISO 8601 literal, FEEL after `=`, or the id of a legal deadline, also when FEEL
    # gave that id.
    due: str | None = None
    # The instant that `due` meant when the task began to wait (UTC); None for the id of a deadline.
    due_at: datetime | None = None
    # Text of `camunda:priority`.
    priority: str | None = None
    # `camunda:property` entries, for example `stage`, `legal_basis`, `four_eyes`, `recusal`.
    properties: Mapping[str, str] = field(default_factory=dict, hash=False)
    # `camunda:assignee` and the entries of `camunda:candidateGroups`; FEEL was asked once, when the task began to wait.
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    # Values that only this occurrence sees (input parameters, the item of a multi-instance), in JSON form.
    local: Mapping[str, Any] = field(default_factory=dict, hash=False)
    # Id of the process that holds the element; differs from the started one inside a call activity.
    process: str = ""
    # "user" or "manual".
    kind: str = "user"


@dataclass(frozen=True)
class DueTimer:
    """A timer that runs. It was counted once, when it was armed, and fires in the first `wake` at or after `due_at`."""

    # Id of the event in the diagram.
    element: str
    # The instant in UTC.
    due_at: datetime
    # Names this occurrence within the instance.
    id: str = ""
    # Id of the activity that a boundary timer hangs on.
    attached_to: str | None = None
    # False when it leaves the activity or the scope that it watches running.
    interrupting: bool = True


@dataclass(frozen=True)
class AwaitedMessage:
    """A message (or a signal) that the instance would take now."""

    # Name of the message or signal.
    name: str
    # Id of the event or receive task that waits.
    element: str
    # Names this occurrence within the instance.
    id: str = ""
    # Id of the activity that a boundary event hangs on.
    attached_to: str | None = None
    # False when taking it leaves the activity or scope that it watches running.
    interrupting: bool = True


@dataclass(frozen=True)
class TraceEntry:
    """One movement of a token in this call."""

    # "entered" when a token came to the element, "left" when it went on, "cancelled" when it was taken away.
    kind: TraceKind
    # Id of the element in the diagram.
    element: str
    # The occurrence, the same as `WaitingTask.id` for a task.
    task: str = ""
    # Id of the process that holds the element.
    process: str = ""


@dataclass(frozen=True)
class Thrown:
    """Something that this call threw out of the instance, for the caller to carry further if it wishes."""

    kind: ThrownKind
    # Name of the message or signal, code of the escalation.
    name: str
    # Id of the event or task that threw it.
    element: str


@dataclass(frozen=True)
class DecisionTaken:
    """A business rule task asked a decision in this call."""

    # Id of the business rule task.
    element: str
    # Id of the decision.
    decision: str
    # What it answered and which rules fired, with their annotations.
    outcome: Outcome
    # SHA-256 of the file that holds the decision, so that the answer can be traced to its table for ever.
    checksum: str = ""
    # What the decision read, in JSON form, so that it can be asked again by another edition of its table.
    inputs: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Step:
    """What a call did, and what the instance waits for after it."""

    # Every task that waits for a person, oldest first.
    tasks: tuple[WaitingTask, ...] = ()
    # Every timer that runs, first due first.
    timers: tuple[DueTimer, ...] = ()
    # Every awaited message, oldest first.
    messages: tuple[AwaitedMessage, ...] = ()
    # Every awaited signal, oldest first.
    signals: tuple[AwaitedMessage, ...] = ()
    # Elements entered, left and cancelled in this call, in order.
    trace: tuple[TraceEntry, ...] = ()
    # Ids of the sequence flows that tokens took in this call, in order.
    flows: tuple[str, ...] = ()
    # Elements that hold a token now (tasks, events, joins, open sub-processes), for the live diagram.
    tokens: tuple[str, ...] = ()
    # Names of the process variables that this call wrote, in alphabetical order.
    changed: tuple[str, ...] = ()
    # Messages, signals and uncaught escalations that this call threw, in order.
    thrown: tuple[Thrown, ...] = ()
    # Decisions that were asked in this call, in order, with the rules that fired.
    decided: tuple[DecisionTaken, ...] = ()
    # True when no token is left.
    ended: bool = False
    # Id of the end event that was reached last, or that ended the others; None while it runs or at an implicit end.
    outcome: str | None = None
    # Code of the error that ended the instance because nothing caught it.
    error: str | None = None
    # Elements that took what `deliver` brought; empty for the other calls.
    taken_by: tuple[str, ...] = field(default=())

    @property
    def stuck(self) -> bool:
        """Whether the instance lives but waits for nothing that can ever come (a join that misses a branch)."""
        return not (self.ended or self.tasks or self.timers or self.messages or self.signals)
