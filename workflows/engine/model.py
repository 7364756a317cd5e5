"""What a BPMN file says, in plain values: the stage between the XML and the executable plan.

Checks read it, `assembly` builds from it, `Definition` shows parts of it. It is thrown away after `parse`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from workflows.engine.report import Place

# More instances of one activity than this belong into cases of their own.
MAXIMUM_INSTANCES = 500


@dataclass
class EventModel:
    """The event definition of an event or receive task."""

    # "message", "signal", "timer", "error", "escalation", "conditional", "terminate" or "link".
    kind: str
    place: Place
    # Name of the message, signal or link; code of the error or escalation. None catches every code.
    name: str | None = None
    # Timers: "date", "duration" or "cycle", and the text as drawn.
    timer_form: str = ""
    timer_text: str = ""
    # Conditional events: FEEL text.
    condition: str = ""
    # Variables that receive code and message of a caught error or escalation.
    code_variable: str | None = None
    message_variable: str | None = None
    # Thrown messages: the service that carries them.
    topic: str | None = None


@dataclass
class Repetition:
    """A multi-instance or loop marker."""

    # "parallel", "sequential" or "loop".
    kind: str
    place: Place
    collection: str | None = None
    element_variable: str | None = None
    cardinality: str | None = None
    completion: str | None = None
    # Standard loop.
    condition: str | None = None
    test_before: bool = False
    maximum: int | None = None


@dataclass
class Parameter:
    """A named FEEL text: an input, an output, or one line of a call activity's mapping."""

    name: str
    text: str
    place: Place


@dataclass
class Mapping:
    """What goes into or comes out of a called process."""

    parameters: list[Parameter] = field(default_factory=list)
    # True for `variables="all"`.
    everything: bool = False


@dataclass
class FlowModel:
    """A sequence flow."""

    id: str
    source: str
    target: str
    place: Place
    name: str = ""
    condition: str | None = None
    default: bool = False


@dataclass
class Node:
    """A flow node with everything that the dialect reads from it."""

    id: str
    # Local name of the BPMN element.
    kind: str
    name: str
    place: Place
    scope: "ScopeModel"
    lane: str | None = None
    documentation: str = ""
    event: EventModel | None = None
    attached_to: str | None = None
    # `cancelActivity` of a boundary event, `isInterrupting` of an event sub-process' start.
    interrupting: bool = True
    default_flow: str | None = None
    form: str | None = None
    due: str | None = None
    priority: str | None = None
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    topic: str | None = None
    result: str | None = None
    decision: str | None = None
    decision_result: str | None = None
    script: str | None = None
    called: str | None = None
    call_in: Mapping = field(default_factory=Mapping)
    call_out: Mapping = field(default_factory=Mapping)
    inputs: list[Parameter] = field(default_factory=list)
    outputs: list[Parameter] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    repetition: Repetition | None = None
    # Content of a sub-process.
    body: "ScopeModel | None" = None
    # Whether a finding has said already that the engine does not run what it is; nobody needs to hear what follows.
    refused: bool = False
    # Whether the sub-process is started by an event.
    by_event: bool = False
    incoming: list[FlowModel] = field(default_factory=list)
    outgoing: list[FlowModel] = field(default_factory=list)
    boundaries: list["Node"] = field(default_factory=list)

    @property
    def is_activity(self) -> bool:
        """Whether it is a task, a sub-process or a call activity."""
        return self.kind.lower().endswith("task") or self.kind in ("subProcess", "callActivity")


@dataclass
class ScopeModel:
    """A process or the content of a sub-process: flow nodes and the flows between them."""

    id: str
    place: Place
    # Id of the process around it; its own for a process.
    process: str
    name: str = ""
    executable: bool = False
    parent: "ScopeModel | None" = None
    # The sub-process node whose content this is.
    owner: Node | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[FlowModel] = field(default_factory=list)
    # Ids of elements in this scope that the engine does not run, of which a finding has told.
    refused: set[str] = field(default_factory=set)
    # Catching link events by name.
    landings: dict[str | None, Node] = field(default_factory=dict)
    # Lane id -> name; only of a process.
    lanes: dict[str, str] = field(default_factory=dict)

    def starts(self) -> list[Node]:
        """Give the start events of this scope."""
        return [node for node in self.nodes.values() if node.kind == "startEvent"]

    def event_subprocesses(self) -> list[Node]:
        """Give the sub-processes of this scope that events start."""
        return [node for node in self.nodes.values() if node.by_event]

    @property
    def top(self) -> "ScopeModel":
        """The process around this scope; itself for a process."""
        here = self
        while here.parent is not None:
            here = here.parent
        return here

    @cached_property
    def names(self) -> frozenset[str]:
        """The ids of all flow nodes in this scope and inside it; asked once everything has been read."""
        return frozenset(name for inner in self.everywhere() for name in inner.nodes)

    def everywhere(self) -> Iterator["ScopeModel"]:
        """Give this scope and every scope inside it, outermost first."""
        yield self
        for node in self.nodes.values():
            if node.body is not None:
                yield from node.body.everywhere()
