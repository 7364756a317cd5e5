"""What every node of a running process does: our base of SpiffWorkflow's task specifications.

SpiffWorkflow keeps the tokens (its tasks), their states and the order of update, ready, run and complete. These classes
sit between it and the diagram and take out what makes 3.2.0 unfit to be trusted. Each repair is named where it is made:

* nothing is predicted: successors are born when a token leaves (stock prediction is exponential in parallel blocks);
* no data travel with the tokens (stock inheriting and merging loses updates and shares nested values);
* a finished token is spliced out of the tree at once, so that the tree holds live tokens only: no depth limit is ever
  met, no stale arrival can fire a join, and a step costs the same after a thousand rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask
from SpiffWorkflow.bpmn.specs.defaults import NoneTask
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.util.task import TaskState

from workflows.engine.model import Node as NodeModel
from workflows.errors import AmanahError
from workflows.feel.expressions import Expression

if TYPE_CHECKING:
    from workflows.engine.tokens import Token


@dataclass(frozen=True)
class Route:
    """A way out of a node: a sequence flow and the node where its token appears."""

    # Id of the sequence flow; empty for the jump of a link event, which is drawn without one.
    flow: str
    target: "Node"
    condition: Expression | None = None
    # Taken when no condition of its siblings holds.
    default: bool = False


@dataclass(frozen=True)
class Assignment:
    """A named expression: an input or output parameter, or one line of a call activity's mapping."""

    name: str
    expression: Expression


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The specification of one scope: a process, or the content of a sub-process.

    The stock constructor adds an `End` and an `EndJoin` that walk the whole tree to learn whether a scope is complete;
    here it is complete when its last token is gone, so neither exists.
    """

    def __init__(self, key: str, process: str, file: str) -> None:
        WorkflowSpec.__init__(self, name=key, filename=file)
        self.process = process
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.start = ScopeRoot(self, "Start")
        # Start events of event sub-processes, armed as long as the scope lives.
        self.listeners: list[Node] = []
        # Whether some event of the whole definition waits for data; only those are asked between two steps.
        self.asks_conditions = False
        # Where a token begins: start events by element id.
        self.entries: dict[str, Node] = {}


class ScopeRoot(BpmnStartTask):  # type: ignore[misc]
    """The root of a scope's tree; it is no element of the diagram and never runs."""

    element = ""
    visible = watches = listens = by_event = repeats = offers_choices = False

    def only_watches(self, token: "Token") -> bool:
        """Never."""
        return False

    def watches_over(self, spec: object) -> bool:
        """Never."""
        return False

    def child_finished(self, token: "Token", child: "Token") -> None:
        """Hear of it and do nothing: the instance settles the scope."""

    def child_fires(self, token: "Token", child: "Token") -> None:
        """Hear of it and do nothing."""


class Node(BpmnSpecMixin):  # type: ignore[misc]
    """A node of the diagram, or a helper of ours beside one."""

    # False for helpers that people never see in a trace (splits, owners of a multi-instance).
    visible = True
    # True for nodes whose waiting tokens are asked again whenever nothing else can run.
    watches = False
    # True for joins, whose tokens remember the flow on which they came.
    counts_flows = False
    # True for what waits as long as its scope lives and does not keep it open.
    listens = False
    # True for an event sub-process.
    by_event = False
    # True for the owner of a multi-instance or loop.
    repeats = False
    # True for an event-based gateway.
    offers_choices = False

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, **kwargs: Any) -> None:
        super().__init__(spec, name, lane=model.lane, bpmn_name=model.name, **kwargs)
        # Id of the element in the diagram; `name` may carry a suffix of ours.
        self.element: str = model.id
        self.kind: str = model.kind
        self.bpmn_id = model.id
        self.process: str = spec.process
        self.routes: tuple[Route, ...] = ()
        self.inputs_wanted: tuple[Assignment, ...] = ()
        self.outputs_wanted: tuple[Assignment, ...] = ()
        self.lane_id: str | None = model.lane
        # `camunda:resultVariable`.
        self.result_variable: str | None = model.result

    def lead_to(self, routes: Sequence[Route]) -> None:
        """Set the ways out, in the order of the diagram."""
        self.routes = tuple(routes)
        for route in routes:
            TaskSpec.connect(self, route.target)

    # --- SpiffWorkflow's hooks, in the order in which a token meets them -------------------------------------------

    def test(self) -> None:
        """Do nothing: the structure was checked once, at parse, and not on every step."""

    def _predict(self, my_task: Any, *_: Any, **__: Any) -> None:
        """Predict nothing; see the head of this module."""

    def _update(self, my_task: "Token") -> None:
        if not self.counts_flows:
            my_task.internal_data.pop("flow", None)
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: "Token") -> bool:
        """Tell whether the token may run at once; called when it reaches the node."""
        my_task.entered()
        return True

    def _on_ready(self, my_task: "Token") -> None:
        my_task.instance.queue.append(my_task)

    def _run(self, my_task: "Token") -> bool | None:
        # The stock method marks the task as failed and goes on; here an exception abandons the whole call.
        result: bool | None = self._run_hook(my_task)
        return result

    def _run_hook(self, my_task: "Token") -> bool | None:
        return True

    def _on_complete_hook(self, my_task: "Token") -> None:
        my_task.left()
        for route in self.ways_out(my_task):
            my_task.send(route)

    # --- what nodes of ours add ------------------------------------------------------------------------------------

    def ways_out(self, token: "Token") -> Sequence[Route]:
        """Choose the flows that get a token: all without condition, and those whose condition holds.

        BPMN 2.0.2, 8.3.13 and 13.3.1: the default flow gets one only when no condition holds.
        """
        if all(route.condition is None and not route.default for route in self.routes):
            return self.routes
        holding = [route for route in self.routes if route.condition is not None and token.holds(route.condition)]
        chosen = [
            route
            for route in self.routes
            if (route.condition is None and not route.default) or route in holding or (route.default and not holding)
        ]
        if not chosen:
            # The diagram has no answer; the call is abandoned.
            raise AmanahError("gateway.no_way", element=self.element)
        return chosen

    def arm_local_values(self, token: "Token") -> None:
        """Evaluate the input parameters, each seeing those before it; they become values of this token only."""
        for assignment in self.inputs_wanted:
            token.set_local(assignment.name, token.evaluate(assignment.expression))

    def take_results(self, token: "Token", values: dict[str, Any]) -> None:
        """Write what came back: as it is, or through the output parameters, which see it on top."""
        if not self.outputs_wanted:
            token.variables.write(values)
            return
        for assignment in self.outputs_wanted:
            token.variables.write({assignment.name: token.evaluate(assignment.expression, values)})

    def give_result(self, token: "Token", value: Any) -> None:
        """Write a result under its variable's name; output parameters see it too, and its fields."""
        if self.result_variable:
            token.variables.write({self.result_variable: value})
        if self.outputs_wanted:
            seen = dict(value) if isinstance(value, dict) else {}
            if self.result_variable:
                seen[self.result_variable] = value
            self.take_results(token, seen)

    def awaits(self, kind: str) -> bool:
        """Tell whether a waiting token here waits for an event of this kind."""
        return False

    def only_watches(self, token: "Token") -> bool:
        """Tell whether a waiting token here is armed beside another one instead of being the flow itself."""
        return False

    def watches_over(self, spec: object) -> bool:
        """Tell whether what is armed below a token here watches over the activity of this specification."""
        return False

    def may_move(self, token: "Token") -> bool:
        """Move the waiting token if the others or the data allow it now; asked when nothing else can run."""
        return False

    def child_finished(self, token: "Token", child: "Token") -> None:
        """Hear that a token below this one has completed and is gone."""

    def child_fires(self, token: "Token", child: "Token") -> None:
        """Hear that an armed token below this one is about to fire."""

    def scope_finished(self, token: "Token", scope: Any) -> None:
        """Hear that the inside of this activity has completed."""


class PassingTask(Node, NoneTask):  # type: ignore[misc]
    """A plain task: it says something to the reader and nothing to the engine."""


WAITING, READY, STARTED, COMPLETED = TaskState.WAITING, TaskState.READY, TaskState.STARTED, TaskState.COMPLETED
CANCELLED, FUTURE = TaskState.CANCELLED, TaskState.FUTURE
