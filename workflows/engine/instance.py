"""A running instance: scopes, the queue of tokens that may run, and how events find who catches them.

Our SpiffWorkflow workflow classes. The stock ones walk the whole tree after every completed task, ask for completion
instead of counting, stop looking at depth 1,000 and hand an event to everybody; these hold live tokens only.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from workflows.engine.nodes import Node, ProcessSpec
from workflows.engine.script_engine import RefusingScriptEngine
from workflows.engine.step import DecisionTaken, Thrown, TraceEntry
from workflows.engine.tokens import Token
from workflows.engine.variables import Variables
from workflows.errors import AmanahError
from workflows.feel.clock import Clock

# More automatic moves than this in one call are an endless loop, not a process.
STEP_BUDGET = 5_000
# More tokens than this are not born in one call: instances of instances multiply without a single step.
TOKEN_BUDGET = 25_000
# Nor are conditions, and joins that wait for others, asked more often than this in one call: where tokens that wait for
# their data multiply, each further step asks them all.
ASK_BUDGET = 300_000

LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED | TaskState.FUTURE


class Scope(BpmnSubWorkflow):  # type: ignore[misc]
    """The inside of a sub-process or called process that runs."""

    def __init__(self, spec: ProcessSpec, owner: Token, variables: Variables | None) -> None:
        self.owner: Token | None = owner
        # Variables of a called process; None in a sub-process, which lives on those around it.
        self.variables = variables
        super().__init__(spec, owner.id, owner.instance, deserializing=True)
        self.task_tree = Token(self, spec.start, None, TaskState.COMPLETED, 0)

    def _calculate_depth(self) -> int:
        owner = self.owner
        return 1 if owner is None else 1 + int(owner.workflow.depth)

    def _task_completed_notify(self, task: Token) -> None:
        self.top_workflow.after(task)


class Instance(BpmnWorkflow):  # type: ignore[misc]
    """One process instance in memory, for the length of one call."""

    owner = None

    def __init__(
        self,
        spec: ProcessSpec,
        scopes: Mapping[str, ProcessSpec],
        variables: Variables,
        *,
        clock: Clock,
        services: Mapping[str, Callable[..., Any]],
        last_number: int = 0,
    ) -> None:
        self.variables = variables
        self.clock = clock
        self.services = services
        # Tokens are numbered through the life of the instance.
        self.last_number = self._first_number = last_number
        # Tokens that may run now, in the order in which they became ready.
        self.queue: deque[Token] = deque()
        self.steps = self.asked = 0
        self.ask_budget = ASK_BUDGET
        self.trace: list[TraceEntry] = []
        self.flows: list[str] = []
        self.thrown: list[Thrown] = []
        self.decided: list[DecisionTaken] = []
        self.ended = False
        self.outcome: str | None = None
        self.error: str | None = None
        super().__init__(spec, scopes, script_engine=RefusingScriptEngine(), deserializing=True)
        self.task_tree = Token(self, spec.start, None, TaskState.COMPLETED, 0)

    def turn(self, clock: Clock) -> None:
        """Begin another call on an instance that stays in memory: what the last one told is forgotten."""
        self.clock, self.steps, self.asked, self._first_number = clock, 0, 0, self.last_number
        self.trace, self.flows, self.thrown, self.decided = [], [], [], []
        self.variables.written = set()

    def next_number(self) -> int:
        """Give the number of the next token."""
        self.last_number += 1
        if self.last_number - self._first_number > TOKEN_BUDGET:
            raise AmanahError("engine.endless", element="", steps=TOKEN_BUDGET)
        return self.last_number

    # --- scopes --------------------------------------------------------------------------------------------------

    def scopes(self) -> Iterator[Any]:
        """Give the top scope and every open one, outer before inner."""
        yield self
        yield from sorted(self.subprocesses.values(), key=lambda scope: (scope.depth, scope.owner.id))

    def tokens(self) -> Iterator[Token]:
        """Give every token, oldest first."""
        yield from sorted(
            (token for scope in self.scopes() for token in scope.tasks.values() if token.id), key=lambda token: token.id
        )

    def open_scope(self, owner: Token, key: str, variables: Variables | None) -> Scope:
        """Open the inside of an activity; `begin` puts the first token into it."""
        scope = Scope(self.subprocess_specs[key], owner, variables)
        self.subprocesses[owner.id] = scope
        return scope

    def begin(self, scope: Any, entry: Node) -> None:
        """Arm what listens as long as the scope lives, and put a token on its start event."""
        root = scope.task_tree
        for listener in scope.spec.listeners:
            listener.arm(root._add_child(listener, TaskState.WAITING))
        token = root._add_child(entry, TaskState.FUTURE)
        entry._update(token)

    def close_scope(self, owner: Token) -> None:
        """Take away everything inside an activity."""
        scope = self.subprocesses.pop(owner.id, None)
        if scope is not None:
            self.clear(scope)

    def clear(self, scope: Any, spare: Token | None = None) -> None:
        """Cancel every token of a scope but one; what listened is disarmed."""
        for token in sorted(scope.tasks.values(), key=lambda token: token.id):
            if token.id and token is not spare and token.id in scope.tasks:
                token.cancel()
        for token in list(scope.tasks.values()):
            if token.id and token is not spare and token.id in scope.tasks:
                token.remove()

    def after(self, token: Token) -> None:
        """Tidy up behind a token that has completed: splice it out and see what that finishes."""
        scope, parent = token.workflow, token.above
        token.remove()
        parent.task_spec.child_finished(parent, token)
        self.settle(scope)

    def settle(self, scope: Any) -> None:
        """Complete the scope when its last token is gone. What only listens does not keep it open."""
        for token in scope.tasks.values():
            if token._state & LIVE and not (token._state & TaskState.WAITING and token.task_spec.listens):
                return
        owner = scope.owner
        if owner is None:
            self.clear(self)
            self.ended = True
        elif self.subprocesses.get(owner.id) is scope:
            del self.subprocesses[owner.id]
            owner.task_spec.scope_finished(owner, scope)

    # --- running ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Let every token move that can, until each one waits."""
        while True:
            while self.queue:
                # A condition that holds for one step only has become true all the same (BPMN 2.0.2, 10.5.5).
                if self.spec.asks_conditions and self._wake_watchers(only_conditions=True):
                    continue
                token = self.queue.popleft()
                if token._state != TaskState.READY or not token.is_alive:
                    continue
                self.steps += 1
                if self.steps > STEP_BUDGET:
                    raise AmanahError("engine.endless", element=token.task_spec.element, steps=STEP_BUDGET)
                token.run()
            if not self._wake_watchers():
                return

    def _wake_watchers(self, *, only_conditions: bool = False) -> bool:
        """Ask what waits for data and, unless told otherwise, for where tokens stand; True when one moves."""
        watching = [
            token
            for scope in (self, *self.subprocesses.values())
            for token in scope.tasks.values()
            if token._state & TaskState.WAITING
            and token.task_spec.watches
            and not (only_conditions and token.task_spec.counts_flows)
        ]
        for token in sorted(watching, key=lambda token: token.id):
            self.asked += 1
            if self.asked > self.ask_budget:
                raise AmanahError("engine.endless", element=token.task_spec.element, steps=self.steps)
            if token.task_spec.may_move(token):
                return True
        return False

    def _task_completed_notify(self, task: Token) -> None:
        self.after(task)

    # --- events ----------------------------------------------------------------------------------------------------

    def waiting_for(self, kind: str, name: str) -> list[Token]:
        """Give the tokens that wait for a message or signal, the one nearest to what goes on first.

        Innermost scope before those around it; in one scope its own tokens before the event sub-processes that watch
        over it; among equals the one that waits longest.
        """
        found = [
            token
            for token in self.tokens()
            if token._state & TaskState.WAITING and token.task_spec.awaits(kind) and token.task_spec.event.name == name
        ]
        return sorted(found, key=lambda token: (-int(token.workflow.depth), token.task_spec.listens, token.id))

    def broadcast(self, name: str, payload: Mapping[str, Any]) -> list[Token]:
        """Hand a signal to everybody who waits for it now."""
        taken = []
        for token in self.waiting_for("signal", name):
            if token.is_alive:
                taken.append(token)
                token.task_spec.fire(token, payload)
        return taken

    def catcher(self, token: Token, kind: str, code: str) -> Token | None:
        """Find who catches an error or escalation that `token` throws: from the inside out, the exact code first.

        At each level the boundary events of the activity come first, then the event sub-processes of the scope around
        it. An event sub-process does not catch what it throws itself, nor do its siblings (BPMN 2.0.2, 10.5.6).
        """
        activity, scope = token, token.workflow
        while True:
            while activity.above.task_spec.repeats:
                activity = activity.above
            # What a boundary event that lets its activity go on leads to stands below the same split, and outside it.
            watched = activity.above.task_spec.watches_over(activity.task_spec)
            found = self._matching(activity.above, kind, code) if watched else None
            if found is None and not activity.task_spec.by_event:
                found = self._matching(scope.task_tree, kind, code)
            if found is not None or scope.owner is None:
                return found
            activity = scope.owner
            scope = activity.workflow

    def _matching(self, holder: Token, kind: str, code: str) -> Token | None:
        fitting = [
            token
            for token in holder.children
            if token.is_armed and token.task_spec.awaits(kind) and token.task_spec.event.name in (code, None)
        ]
        return min(fitting, key=lambda token: (token.task_spec.event.name is None, token.id), default=None)

    def raise_error(self, token: Token, code: str, message: str) -> bool:
        """Hand an error to who catches it; False, and nothing happened, when nobody does."""
        found = self.catcher(token, "error", code)
        if found is None:
            return False
        found.task_spec.catch_code(found, code, message)
        return True

    def raise_escalation(self, token: Token, code: str) -> None:
        """Hand an escalation to who catches it; an uncaught one is told and changes nothing (BPMN 2.0.2, 10.5.7)."""
        found = self.catcher(token, "escalation", code)
        if found is None:
            self.thrown.append(Thrown("escalation", code, token.task_spec.element))
            return
        if found.task_spec.interrupting:
            # What threw it has done its part; it is not among those that are taken away.
            token.left()
            token._set_state(TaskState.COMPLETED)
        found.task_spec.catch_code(found, code, "")

    def collapse(self, code: str) -> None:
        """End the instance because nothing caught an error."""
        self.clear(self)
        self.error = code
        self.ended = True
