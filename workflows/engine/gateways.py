"""Gateways, with joins that count tokens on flows.

SpiffWorkflow's joins look for finished arrivals in the history of the tree: in a loop the arrival of an earlier round
fires them too early, two tokens on one flow are not told apart, and in loops of a few hundred rounds they recurse to
death. Here an arrival is a waiting token that remembers its flow.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway as SpiffEventBasedGateway
from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway as SpiffExclusiveGateway
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway as SpiffInclusiveGateway
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway as SpiffParallelGateway
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflows.engine.model import Node as NodeModel
from workflows.engine.nodes import Node, ProcessSpec, Route
from workflows.engine.tokens import Token
from workflows.errors import AmanahError


class ExclusiveGateway(Node, SpiffExclusiveGateway):  # type: ignore[misc]
    """Takes the first flow whose condition holds, in the order of the file, else the default flow."""

    def ways_out(self, token: Token) -> Sequence[Route]:
        default = None
        for route in self.routes:
            if route.default or (route.condition is None and len(self.routes) == 1):
                default = route
            elif route.condition is not None and token.holds(route.condition):
                return (route,)
        if default is None:
            raise AmanahError("gateway.no_way", element=self.element)
        return (default,)


class Join(Node):
    """A gateway that waits for tokens on several incoming flows."""

    counts_flows = True

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, **kwargs: Any) -> None:
        super().__init__(spec, name, model, **kwargs)
        self.incoming: tuple[str, ...] = tuple(flow.id for flow in model.incoming)

    def arrivals(self, token: Token) -> dict[str, Token]:
        """Give the oldest token that waits on each incoming flow; later ones wait for the next round."""
        found: dict[str, Token] = {}
        for other in token.workflow.tasks.values():
            if other.task_spec is self and other._state & TaskState.WAITING:
                flow = other.internal_data["flow"]
                if flow not in found or other.id < found[flow].id:
                    found[flow] = other
        return found

    def merge(self, token: Token, arrived: Mapping[str, Token]) -> None:
        """Let one token go on for all that arrived."""
        for other in arrived.values():
            if other is not token:
                other.remove()
        token.entered()


class ParallelGateway(Join, SpiffParallelGateway):  # type: ignore[misc]
    """Fires when every incoming flow has a token and takes exactly one from each (BPMN 2.0.2, 13.4.1)."""

    def _update_hook(self, my_task: Token) -> bool:
        if len(self.incoming) < 2:
            return super()._update_hook(my_task)
        my_task._set_state(TaskState.WAITING)
        arrived = self.arrivals(my_task)
        if len(arrived) < len(self.incoming):
            return False
        # The one that came last goes on, unless an older one waits on the same flow.
        self.merge(arrived[my_task.internal_data["flow"]], arrived)
        if arrived[my_task.internal_data["flow"]] is my_task:
            return True
        arrived[my_task.internal_data["flow"]]._ready()
        return False

    def ways_out(self, token: Token) -> Sequence[Route]:
        return self.routes


class InclusiveGateway(Join, SpiffInclusiveGateway):  # type: ignore[misc]
    """Fires when no token elsewhere can still reach an empty incoming flow (BPMN 2.0.2, 13.4.3)."""

    watches = True

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, **kwargs: Any) -> None:
        super().__init__(spec, name, model, **kwargs)
        # Incoming flow -> names of the elements from which it can be reached without passing this gateway; by
        # sequence flows alone, and by boundary events too.
        self.by_flows: dict[str, frozenset[str]] = {}
        self.upstream: dict[str, frozenset[str]] = {}

    def _update_hook(self, my_task: Token) -> bool:
        if len(self.incoming) < 2:
            return super()._update_hook(my_task)
        my_task._set_state(TaskState.WAITING)
        return False

    def may_move(self, token: Token) -> bool:
        arrived = self.arrivals(token)
        if len(arrived) < len(self.incoming):
            empty = [self.upstream[flow] for flow in self.incoming if flow not in arrived]
            # Only a sequence flow may lead it to a filled one instead: the path of a boundary event may run beside it.
            filled = [self.by_flows[flow] for flow in arrived]
            for other in token.workflow.tasks.values():
                if not other.id or other.is_armed or other.task_spec is self or other._state & TaskState.COMPLETED:
                    continue
                element = other.task_spec.element
                if any(element in flows for flows in empty) and not any(element in flows for flows in filled):
                    return False
        first = min(arrived.values(), key=lambda other: other.id)
        self.merge(first, arrived)
        first._ready()
        return True


class EventGateway(Node, SpiffEventBasedGateway):  # type: ignore[misc]
    """Arms the events behind it; the first that happens takes the token, the others are disarmed.

    The stock gateway keeps one due date for all its timers, so that the earlier of two never fires on time.
    """

    offers_choices = True

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, **kwargs: Any) -> None:
        super().__init__(spec, name, model, event_definition=NoneEventDefinition(), **kwargs)

    def _update_hook(self, my_task: Token) -> bool:
        my_task.entered()
        my_task._set_state(TaskState.STARTED)
        for route in self.routes:
            choice = my_task._add_child(route.target, TaskState.WAITING)
            choice.internal_data["flow"] = route.flow
            route.target.arm(choice)
        return False

    def _on_ready(self, my_task: Token) -> None:
        return None

    def child_fires(self, token: Token, child: Token) -> None:
        for other in token.children:
            if other is not child:
                other.remove()
        token.left()
        token.instance.flows.append(child.internal_data["flow"])
        token.remove()
