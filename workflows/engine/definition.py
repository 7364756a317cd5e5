"""A parsed definition: what the diagram says, for those who read it, and what the engine needs to run it.

`parse` makes it once for a deployed version; it is immutable and may be shared by threads and cached by the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from workflows.engine.forks import Fork
from workflows.engine.kinds import Use
from workflows.errors import Finding

StartKind = Literal["none", "message", "signal", "timer"]


@dataclass(frozen=True)
class Element:
    """One flow node of the diagram, as people and checks read it."""

    id: str
    # What people read; empty when the diagram gives none.
    name: str
    # BPMN name of the element: "userTask", "serviceTask", "exclusiveGateway", "boundaryEvent", "subProcess", ...
    kind: str
    # Id of the lane, its own or the one around it; None without lanes.
    lane: str | None = None
    # `camunda:formKey`.
    form: str | None = None
    # Text of `camunda:dueDate`.
    due: str | None = None
    # `camunda:topic`: the service that runs.
    topic: str | None = None
    # `camunda:decisionRef`.
    decision: str | None = None
    # `camunda:property` entries.
    properties: Mapping[str, str] = field(default_factory=dict, hash=False)
    # Line of the element in its file, from 1.
    line: int = 1
    file: str = ""
    # Id of the process that holds it.
    process: str = ""
    # Id of the sub-process that holds it; None at the top of the process.
    parent: str | None = None
    # "message", "timer", "error", ... of an event; None for a plain one and for everything else.
    event: str | None = None
    # Name of the message or signal, code of the error or escalation.
    event_name: str | None = None
    # The activity that a boundary event hangs on.
    attached_to: str | None = None
    # False for a boundary event or event sub-process that lets the activity go on.
    interrupting: bool = True
    # Process that a call activity starts.
    called: str | None = None
    # Names of the input parameters, for checks of services.
    inputs: tuple[str, ...] = ()
    # Text of the input parameters by name, as drawn.
    input_texts: Mapping[str, str] = field(default_factory=dict, hash=False)
    # Variables that this element writes, as far as the diagram tells.
    writes: tuple[str, ...] = ()
    # Free names in the expressions of this element and of the flows that leave it.
    reads: tuple[str, ...] = ()
    # "parallel" or "sequential" for a multi-instance, "loop" for a standard loop.
    repetition: str | None = None
    # `camunda:candidateGroups` and `camunda:assignee`.
    candidate_groups: tuple[str, ...] = ()
    assignee: str | None = None
    # `camunda:priority`.
    priority: str | None = None
    # Text of `documentation`.
    documentation: str = ""


@dataclass(frozen=True)
class Flow:
    """One sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    # FEEL text of the condition.
    condition: str | None = None
    # True when its source takes it if no condition holds.
    default: bool = False
    line: int = 1
    file: str = ""
    process: str = ""


@dataclass(frozen=True)
class StartEvent:
    """One way to start the process."""

    element: str
    kind: StartKind
    # Name of the message or signal; the element's id for a timer.
    name: str | None = None


@dataclass(frozen=True)
class Definition:
    """Everything `start`, `complete`, `wake` and `deliver` need to know about a deployed process."""

    # Id and name of the process that is run.
    process: str
    name: str
    # Every flow node of every executable process, in the order of the files.
    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]
    # Names of the messages that some element awaits, in alphabetical order.
    messages: tuple[str, ...]
    signals: tuple[str, ...]
    # Lane id -> name.
    lanes: Mapping[str, str]
    # How the process can be started.
    starts: tuple[StartEvent, ...]
    # Process variables that the diagram reads or writes, as far as it tells, in alphabetical order.
    variables_read: tuple[str, ...]
    variables_written: tuple[str, ...]
    # Warnings and notes; errors have raised `BrokenDefinition`.
    findings: tuple[Finding, ...]
    # Where one token becomes several, in every scope of the processes.
    forks: tuple[Fork, ...]
    # Every expression with what its place asks for.
    uses: tuple[Use, ...] = field(repr=False, compare=False)
    # The office's zone, in which local times of timers and FEEL are read.
    zone: ZoneInfo
    # What runs beside its host: ways out of boundary events, and event sub-processes, that let it go on.
    watches: tuple[Fork, ...] = ()
    # What only the engine touches: the executable specifications, and what they were made from.
    plan: Any = field(repr=False, compare=False, default=None)
    source: Any = field(repr=False, compare=False, default=None)

    def runs_beside(self, one: str, other: str) -> Fork | None:
        """Give the fork or watch whose ways hold the two elements (or what is around them) at the same time."""
        left, right = self._around(one), self._around(other)
        beside = (*self.forks, *self.watches)
        return next((fork for fork in beside if any(fork.part(a, b) for a in left for b in right)), None)

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {element.id: element.parent for element in self.elements}

    def _around(self, element_id: str) -> list[str]:
        here: str | None = element_id
        found: list[str] = []
        while here is not None and here not in found:
            found.append(here)
            here = self._parents.get(here)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickled definition is its files; it is parsed again where it is read.
        recipe: tuple[Any, ...] = self.source
        return recipe

    def element(self, element_id: str, process: str | None = None) -> Element:
        """Find an element by id, in the started process first; KeyError when the diagram has none."""
        wanted = process or self.process
        found = [element for element in self.elements if element.id == element_id]
        for element in found:
            if element.process == wanted:
                return element
        if not found or process is not None:
            raise KeyError(element_id)
        return found[0]
