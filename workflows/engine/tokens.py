"""Tokens: where a running process stands.

A token is a SpiffWorkflow task without its data, its history and its guesses.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.step import TraceEntry
from workflows.engine.variables import Context, Variables, decode, encode
from workflows.errors import AmanahError
from workflows.feel.errors import FeelError
from workflows.feel.expressions import Expression

if TYPE_CHECKING:
    from workflows.engine.instance import Instance
    from workflows.engine.nodes import Node, Route


class Token(Task):  # type: ignore[misc]
    """One token. `data` holds its local values in JSON form, `internal_data` what its node must remember."""

    def __init__(self, workflow: Any, spec: "Node", parent: "Token | None", state: int, number: int) -> None:
        # Not the stock constructor: it draws a random id and reads the wall clock. Numbers are given out by the
        # instance, so that a call with the same arguments has the same result.
        self.id = number
        self.workflow = workflow
        self.task_spec = spec
        self._parent = None if parent is None else parent.id
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        workflow.tasks[number] = self
        if parent is not None:
            parent._children.append(number)

    @property
    def name(self) -> str:
        """The name by which the world outside knows this token."""
        return f"t{self.id}"

    @property
    def above(self) -> "Token":
        """The token that holds this one: a split, an owner of instances, a choice, or the root of the scope."""
        parent: Token = self.workflow.tasks[self._parent]
        return parent

    @property
    def instance(self) -> "Instance":
        """The instance that the token belongs to."""
        top: Instance = self.workflow.top_workflow
        return top

    @property
    def is_alive(self) -> bool:
        """Whether it still stands in its scope."""
        return self.id in self.workflow.tasks and not self._state & (TaskState.CANCELLED | TaskState.COMPLETED)

    @property
    def waits_for_a_person(self) -> bool:
        """Whether it is a task that `complete` may finish now."""
        return bool(self._state & TaskState.READY and self.task_spec.manual)

    @property
    def is_armed(self) -> bool:
        """Whether it only watches something else: a boundary event, the start of an event sub-process, a choice."""
        return bool(self._state & TaskState.WAITING and self.task_spec.only_watches(self))

    # --- life --------------------------------------------------------------------------------------------------------

    def _set_state(self, value: int) -> None:
        # The stock method reads the clock and builds a log record on every change.
        self._state = value

    def _add_child(self, task_spec: "Node", state: int = TaskState.FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state, self.instance.next_number())

    def send(self, route: "Route") -> "Token":
        """Put a token on a flow; it is updated when this one has completed."""
        if route.flow:
            self.instance.flows.append(route.flow)
        child = self._add_child(route.target)
        child.internal_data["flow"] = route.flow
        return child

    def run(self) -> None:
        """Let the node act, and go on unless it waits or took the token away."""
        if self.task_spec._run(self):
            self.complete()

    def complete(self) -> None:
        """Go on, unless the node itself took the token away (an error or terminate end)."""
        if not self._state & (TaskState.CANCELLED | TaskState.COMPLETED):
            super().complete()

    def cancel(self) -> None:
        """Take the token away with everything inside it, and tell so."""
        if self._state & (TaskState.CANCELLED | TaskState.COMPLETED):
            return
        armed = self.is_armed
        self._set_state(TaskState.CANCELLED)
        self.instance.close_scope(self)
        for child in self.children:
            child.cancel()
        if not armed:
            self._tell("cancelled")
        self.remove()

    def remove(self) -> None:
        """Take the token out of the tree; what it led to moves up to its parent."""
        tasks = self.workflow.tasks
        if tasks.pop(self.id, None) is None:
            return
        parent = self.above
        parent._children.remove(self.id)
        for number in self._children:
            tasks[number]._parent = parent.id
            parent._children.append(number)
        self._children = []

    # --- what people hear --------------------------------------------------------------------------------------------

    def entered(self) -> None:
        """Tell that the token came to its element."""
        self._tell("entered")

    def left(self) -> None:
        """Tell that the token went on."""
        self._tell("left")

    def _tell(self, kind: Any) -> None:
        spec = self.task_spec
        if spec.visible:
            self.instance.trace.append(TraceEntry(kind, spec.element, self.name, spec.process))

    # --- values ------------------------------------------------------------------------------------------------------

    @property
    def variables(self) -> Variables:
        """The variables that the token writes: those of the process, or of the called process around it."""
        workflow = self.workflow
        while workflow.variables is None:
            workflow = workflow.owner.workflow
        found: Variables = workflow.variables
        return found

    def context(self, extra: Mapping[str, Any] | None = None) -> Context:
        """Give what an expression of this token sees: `extra`, its own values, those around it, the variables."""
        layers: list[Mapping[str, Any]] = [extra] if extra else []
        token: Token | None = self
        while token is not None:
            if token.data:
                layers.append(decode(token.data))
            workflow = token.workflow
            if workflow.variables is not None:
                return Context(layers, workflow.variables)
            token = workflow.owner
        raise AssertionError("the top of an instance always has variables")

    def set_local(self, name: str, value: Any) -> None:
        """Give the token a value of its own."""
        self.data = {**self.data, name: encode(value)}

    def evaluate(self, expression: Expression, extra: Mapping[str, Any] | None = None) -> Any:
        """Evaluate an expression at this token; see `evaluate_in`."""
        return self.evaluate_in(expression, self.context(extra))

    def evaluate_in(self, expression: Expression, context: Context) -> Any:
        """Evaluate an expression for this token; AmanahError `expression.failed` when it costs too much."""
        try:
            return expression.evaluate(context, self.instance.clock)
        except FeelError as problem:
            raise AmanahError(
                "expression.failed",
                element=self.task_spec.element,
                expression=expression.text,
                reason=problem.message,
            ) from problem

    def holds(self, condition: Expression, extra: Mapping[str, Any] | None = None) -> bool:
        """Tell whether a condition is true; null and every other value are not."""
        return self.evaluate(condition, extra) is True
