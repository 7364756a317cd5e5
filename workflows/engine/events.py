"""Events that are caught and thrown: what a token waits for, and what it tells.

SpiffWorkflow's event definitions carry data copies, hand a message to everybody, read the wall clock and fire a
non-interrupting boundary event once only. An event here is a frozen value of the definition; what a token must
remember (its due instant, its round) is in the token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit as SpiffBoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent as SpiffBoundaryEvent
from SpiffWorkflow.bpmn.specs.defaults import EndEvent as SpiffEndEvent
from SpiffWorkflow.bpmn.specs.defaults import IntermediateCatchEvent as SpiffCatchEvent
from SpiffWorkflow.bpmn.specs.defaults import IntermediateThrowEvent as SpiffThrowEvent
from SpiffWorkflow.bpmn.specs.defaults import StartEvent as SpiffStartEvent
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflows.engine import timers
from workflows.engine.model import Node as NodeModel
from workflows.engine.nodes import Node, ProcessSpec
from workflows.engine.services import call_service
from workflows.engine.step import Thrown
from workflows.engine.tokens import Token
from workflows.errors import AmanahError
from workflows.feel.expressions import Expression


@dataclass(frozen=True)
class Event:
    """What an event is about."""

    # "message", "signal", "timer", "error", "escalation", "conditional", "terminate" or "" for a plain one.
    kind: str = ""
    # Name of the message or signal; code of the error or escalation, None for every code.
    name: str | None = None
    # Timers: "date", "duration" or "cycle", and an ISO 8601 literal or an expression.
    timer_form: str = ""
    timer: str | Expression = ""
    condition: Expression | None = None
    # Variables that take code and message of a caught error or escalation.
    code_variable: str | None = None
    message_variable: str | None = None
    # Service that carries a thrown message.
    topic: str | None = None


class Catcher(Node):
    """A node that waits for an event."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, event: Event, **kwargs: Any) -> None:
        super().__init__(spec, name, model, event_definition=NoneEventDefinition(), **kwargs)
        self.event = event
        self.interrupting = model.interrupting
        self.attached_to = model.attached_to
        self.watches = event.kind == "conditional"

    def awaits(self, kind: str) -> bool:
        return self.event.kind == kind

    def arm(self, token: Token) -> None:
        """Begin to wait; a timer is counted now, once."""
        if self.event.kind == "timer":
            self._arm_timer(token)

    def fire(self, token: Token, payload: Mapping[str, Any]) -> None:
        """Take the event: write what it brings and let the flow go on."""
        raise NotImplementedError

    def catch_code(self, token: Token, code: str, message: str) -> None:
        """Take an error or escalation."""
        wanted = {self.event.code_variable: code, self.event.message_variable: message}
        self.fire(token, {name: value for name, value in wanted.items() if name})

    def may_move(self, token: Token) -> bool:
        """Fire a conditional event when its condition has become true since it was last asked."""
        condition = self.event.condition
        if condition is None:
            return False
        was, holds = token.internal_data.get("held", False), token.holds(condition)
        token.internal_data["held"] = holds
        if holds and not was:
            self.fire(token, {})
            return True
        return False

    def _arm_timer(self, token: Token) -> None:
        text = self.event.timer
        now, zone = token.instance.clock.now, token.instance.clock.zone
        value = text if isinstance(text, str) else token.evaluate(text)
        try:
            if self.event.timer_form == "cycle":
                cycle = timers.cycle_of(value, zone)
                token.internal_data["cycle"] = _pack(cycle, now)
                due = cycle.round(1, now, zone)
            else:
                due = timers.due_of(value, now, zone)
        except timers.TimerProblem as problem:
            raise AmanahError("timer.no_time", element=self.element, reason=str(problem)) from problem
        token.internal_data["due"] = due.isoformat()

    def arm_again(self, token: Token) -> None:
        """Go on waiting after a non-interrupting firing; a timer without further rounds is over."""
        if self.event.kind != "timer":
            return
        packed = token.internal_data.get("cycle")
        if packed is not None:
            cycle, armed_at, number = _unpack(packed)
            clock = token.instance.clock
            following = timers.next_round(cycle, number, armed_at, clock.now, clock.zone)
            if following is not None:
                token.internal_data["cycle"] = [*packed[:-1], following]
                token.internal_data["due"] = cycle.round(following, armed_at, clock.zone).isoformat()
                return
        token.remove()


class CatchEvent(Catcher, SpiffCatchEvent):  # type: ignore[misc]
    """An intermediate catch event or a receive task, alone or behind an event-based gateway."""

    def _update_hook(self, my_task: Token) -> bool:
        my_task.entered()
        my_task._set_state(TaskState.WAITING)
        self.arm(my_task)
        return False

    def only_watches(self, token: Token) -> bool:
        return token.above.task_spec.offers_choices

    def fire(self, token: Token, payload: Mapping[str, Any]) -> None:
        if self.only_watches(token):
            token.above.task_spec.child_fires(token.above, token)
            token.entered()
        token.internal_data.clear()
        self.take_results(token, dict(payload))
        token._ready()


class BoundarySplit(Node, SpiffBoundaryEventSplit):  # type: ignore[misc]
    """Stands before an activity with boundary events and holds it and them together.

    The stock join behind the activity searches the ancestors of every token for its split; here the split itself hears
    when its activity is finished.
    """

    visible = False

    def __init__(self, spec: ProcessSpec, host: Node, model: NodeModel) -> None:
        # The stock constructor of the split takes no name of the diagram.
        Node.__init__(self, spec, f"{model.id}.BoundaryEventSplit", model)
        self.host = host
        self.boundaries: list[BoundaryEvent] = []

    def _update_hook(self, my_task: Token) -> bool:
        my_task._set_state(TaskState.COMPLETED)
        for boundary in self.boundaries:
            boundary.arm(my_task._add_child(boundary, TaskState.WAITING))
        self.host._update(my_task._add_child(self.host))
        return False

    def watches_over(self, spec: object) -> bool:
        return spec is self.host

    def child_finished(self, token: Token, child: Token) -> None:
        if child.task_spec is self.host:
            self.disarm(token)

    def disarm(self, token: Token, spare: Token | None = None) -> None:
        """Take the boundary events away, and the split with them; what goes on moves up."""
        for child in token.children:
            if child is not spare and child.task_spec in self.boundaries and child._state & TaskState.WAITING:
                child.remove()
        token.remove()


class BoundaryEvent(Catcher, SpiffBoundaryEvent):  # type: ignore[misc]
    """An event on the border of an activity."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, event: Event) -> None:
        super().__init__(spec, name, model, event, cancel_activity=model.interrupting)

    def only_watches(self, token: Token) -> bool:
        return True

    def fire(self, token: Token, payload: Mapping[str, Any]) -> None:
        split = token.above
        self.take_results(token, dict(payload))
        if not self.interrupting:
            # The watch goes on, whatever the event: a message may come twice, a cycle has further rounds.
            happened = split._add_child(self)
            self.arm_again(token)
            happened.entered()
            happened._ready()
            return
        host = next(child for child in split.children if child.task_spec is split.task_spec.host)
        host.cancel()
        split.task_spec.disarm(split, spare=token)
        token.internal_data.clear()
        token.entered()
        token._ready()


class EventSubprocessStart(Catcher, SpiffStartEvent):  # type: ignore[misc]
    """The start event of an event sub-process, armed as long as the scope around it lives.

    In stock SpiffWorkflow such handlers change the shared specification, run beside the path they should interrupt, or
    never run.
    """

    visible = False
    listens = True

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, event: Event) -> None:
        super().__init__(spec, name, model, event)
        # The event sub-process; set when it has been built.
        self.handler: Node

    def only_watches(self, token: Token) -> bool:
        return True

    def fire(self, token: Token, payload: Mapping[str, Any]) -> None:
        scope = token.workflow
        self.take_results(token, dict(payload))
        if self.interrupting:
            token.instance.clear(scope)
        else:
            self.arm_again(token)
        started = scope.task_tree._add_child(self.handler)
        self.handler._update(started)


class StartEvent(Node, SpiffStartEvent):  # type: ignore[misc]
    """Where a scope begins; what triggered it has already been taken."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel) -> None:
        super().__init__(spec, name, model, event_definition=NoneEventDefinition())


class ThrowEvent(Node, SpiffThrowEvent):  # type: ignore[misc]
    """An intermediate event that tells something, or that only marks progress."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, event: Event) -> None:
        super().__init__(spec, name, model, event_definition=NoneEventDefinition())
        self.event = event

    def _run_hook(self, my_task: Token) -> bool:
        event, instance = self.event, my_task.instance
        if event.kind == "message":
            if event.topic is not None and not call_service(self, my_task, event.topic):
                return False
            instance.thrown.append(Thrown("message", event.name or "", self.element))
        elif event.kind == "signal":
            instance.thrown.append(Thrown("signal", event.name or "", self.element))
            instance.broadcast(event.name or "", {})
        elif event.kind == "escalation":
            instance.raise_escalation(my_task, event.name or "")
        return my_task.is_alive


class EndEvent(ThrowEvent, SpiffEndEvent):  # type: ignore[misc]
    """Where a token ends."""

    def _run_hook(self, my_task: Token) -> bool:
        instance, scope = my_task.instance, my_task.workflow
        if not super()._run_hook(my_task):
            return False
        if scope.owner is None or (scope.owner.task_spec.by_event and scope.owner.workflow.owner is None):
            instance.outcome = self.element
        if self.event.kind == "terminate":
            instance.clear(scope, spare=my_task)
        elif self.event.kind == "error":
            my_task.left()
            my_task._set_state(TaskState.COMPLETED)
            code = self.event.name or ""
            if not instance.raise_error(my_task, code, self.bpmn_name or ""):
                instance.outcome = self.element
                instance.collapse(code)
            return False
        return True


def due_at(token: Token) -> datetime | None:
    """Give the instant at which a waiting token's timer is due."""
    text = token.internal_data.get("due")
    return None if text is None else datetime.fromisoformat(text)


def _pack(cycle: timers.Cycle, armed_at: datetime) -> list[Any]:
    begin = None if cycle.begin is None else cycle.begin.isoformat()
    period = cycle.period
    return [
        cycle.count,
        period.months,
        period.days,
        period.rest.total_seconds(),
        begin,
        armed_at.astimezone(UTC).isoformat(),
        1,
    ]


def _unpack(packed: list[Any]) -> tuple[timers.Cycle, datetime, int]:
    count, months, days, seconds, begin, armed_at, number = packed
    period = timers.Span(months, days, timedelta(seconds=seconds))
    first = None if begin is None else datetime.fromisoformat(begin)
    return timers.Cycle(count, period, first), datetime.fromisoformat(armed_at), number
