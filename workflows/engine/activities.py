"""Activities: the tasks that people, services, tables and scripts do, and the scopes inside sub-processes and calls."""

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import CallActivity as SpiffCallActivity
from SpiffWorkflow.bpmn.specs.defaults import ManualTask as SpiffManualTask
from SpiffWorkflow.bpmn.specs.defaults import ScriptTask as SpiffScriptTask
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask as SpiffServiceTask
from SpiffWorkflow.bpmn.specs.defaults import SubWorkflowTask as SpiffSubWorkflowTask
from SpiffWorkflow.bpmn.specs.defaults import UserTask as SpiffUserTask
from SpiffWorkflow.util.task import TaskState

from workflows.decisions.graph import Decision
from workflows.engine import timers
from workflows.engine.model import Node as NodeModel
from workflows.engine.nodes import Assignment, Node, ProcessSpec
from workflows.engine.services import call_service
from workflows.engine.step import DecisionTaken
from workflows.engine.tokens import Token
from workflows.engine.variables import Context, Variables, encode
from workflows.errors import AmanahError
from workflows.feel.expressions import Expression


class UserTask(Node, SpiffUserTask):  # type: ignore[misc]
    """Waits for a person. A manual task is the same without a form."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel) -> None:
        super().__init__(spec, name, model)
        self.model = model
        # `camunda:dueDate` as FEEL; None when it is an ISO 8601 literal or the id of a deadline.
        self.due_expression: Expression | None = None
        # `camunda:assignee` and `camunda:candidateGroups` as FEEL; None when they are names.
        self.assignee_expression: Expression | None = None
        self.groups_expression: Expression | None = None

    def _update_hook(self, my_task: Token) -> bool:
        my_task.entered()
        self.arm_local_values(my_task)
        self._count_due(my_task)
        self._name_people(my_task)
        return True

    def _on_ready(self, my_task: Token) -> None:
        """Wait: `complete` moves it on, never the queue."""

    def _count_due(self, token: Token) -> None:
        text = (self.model.due or "").strip()
        if not text:
            return
        clock = token.instance.clock
        value = text if self.due_expression is None else token.evaluate(self.due_expression)
        try:
            due = timers.due_of(value, clock.now, clock.zone)
        except timers.TimerProblem as problem:
            if not isinstance(value, str):
                raise AmanahError("timer.no_time", element=self.element, reason=str(problem)) from problem
            # The id of a deadline, as drawn or as a decision chose it; those above know it.
            token.internal_data["deadline"] = value
            return
        token.internal_data["due_at"] = due.isoformat()

    def _name_people(self, token: Token) -> None:
        if self.assignee_expression is not None:
            value = token.evaluate(self.assignee_expression)
            token.internal_data["assignee"] = value if isinstance(value, str) and value else None
        if self.groups_expression is not None:
            value = token.evaluate(self.groups_expression)
            groups = value if isinstance(value, list) else [value]
            token.internal_data["groups"] = [group for group in groups if isinstance(group, str) and group]


class ManualTask(UserTask, SpiffManualTask):  # type: ignore[misc]
    """Waits for a person to say that it is done."""


class ServiceTask(Node, SpiffServiceTask):  # type: ignore[misc]
    """Calls a service: a service or a send task."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, topic: str) -> None:
        super().__init__(spec, name, model)
        self.topic = topic

    def _run_hook(self, my_task: Token) -> bool:
        return call_service(self, my_task, self.topic)


class ScriptTask(Node, SpiffScriptTask):  # type: ignore[misc]
    """Evaluates one FEEL expression."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, expression: Expression) -> None:
        super().__init__(spec, name, model, script="")
        self.expression = expression

    def _run_hook(self, my_task: Token) -> bool:
        self.arm_local_values(my_task)
        self.give_result(my_task, my_task.evaluate(self.expression))
        return True


class RuleTask(Node, SpiffServiceTask):  # type: ignore[misc]
    """Asks a decision. SpiffWorkflow's own evaluator ignores hit policies and is not used."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, decision: Decision) -> None:
        super().__init__(spec, name, model)
        self.decision = decision
        # SHA-256 of the file of the decision.
        self.checksum = ""
        self.decision_result = model.decision_result or "resultList"

    def _run_hook(self, my_task: Token) -> bool:
        self.arm_local_values(my_task)
        context = my_task.context()
        outcome = self.decision.decide(context, my_task.instance.clock)
        inputs = {name: encode(context[name]) for name in self.decision.takes if name in context}
        my_task.instance.decided.append(DecisionTaken(self.element, self.decision.id, outcome, self.checksum, inputs))
        self.give_result(my_task, self._mapped(list(outcome.rows)))
        return True

    def _mapped(self, rows: list[dict[str, Any]]) -> Any:
        if self.decision_result == "resultList":
            return rows
        if self.decision_result == "collectEntries":
            return [self._single(row) for row in rows]
        if len(rows) > 1:
            raise AmanahError("decision.several_results", element=self.element, results=len(rows))
        if not rows:
            return None
        return rows[0] if self.decision_result == "singleResult" else self._single(rows[0])

    def _single(self, row: dict[str, Any]) -> Any:
        if len(row) != 1:
            raise AmanahError("decision.several_outputs", element=self.element, outputs=sorted(row))
        return next(iter(row.values()))


class SubProcess(Node, SpiffSubWorkflowTask):  # type: ignore[misc]
    """An embedded sub-process, also one that an event starts; it lives on the variables around it."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, key: str, entry: str) -> None:
        super().__init__(spec, name, model, subworkflow_spec=key)
        # Key of the specification of its content, and the start event where it begins.
        self.key = key
        self.entry = entry
        self.by_event = model.by_event

    def _update_hook(self, my_task: Token) -> bool:
        my_task.entered()
        self.arm_local_values(my_task)
        my_task._set_state(TaskState.STARTED)
        instance = my_task.instance
        scope = instance.open_scope(my_task, self.key, None)
        instance.begin(scope, scope.spec.entries[self.entry])
        return False

    def _on_cancel(self, my_task: Token) -> None:
        """Do nothing: the token closes its scope itself."""

    def scope_finished(self, token: Token, scope: Any) -> None:
        if self.outputs_wanted:
            self.take_results(token, {})
        token.complete()


class CallActivity(Node, SpiffCallActivity):  # type: ignore[misc]
    """Starts another process with variables of its own; only what is mapped goes in and comes out."""

    def __init__(self, spec: ProcessSpec, name: str, model: NodeModel, key: str, entry: str) -> None:
        super().__init__(spec, name, model, subworkflow_spec=key)
        self.key = key
        self.entry = entry
        self.everything_in = model.call_in.everything
        self.everything_out = model.call_out.everything
        self.handed_in: Sequence[Assignment] = ()
        self.handed_out: Sequence[Assignment] = ()

    def _update_hook(self, my_task: Token) -> bool:
        my_task.entered()
        self.arm_local_values(my_task)
        my_task._set_state(TaskState.STARTED)
        context = my_task.context()
        values: dict[str, Any] = dict(context) if self.everything_in else {}
        values.update({line.name: my_task.evaluate(line.expression) for line in self.handed_in})
        instance = my_task.instance
        own = Variables({name: encode(value) for name, value in values.items()})
        scope = instance.open_scope(my_task, self.key, own)
        instance.begin(scope, scope.spec.entries[self.entry])
        return False

    def _on_cancel(self, my_task: Token) -> None:
        """Do nothing: the token closes its scope itself."""

    def scope_finished(self, token: Token, scope: Any) -> None:
        inside = Context((), scope.variables)
        values: dict[str, Any] = dict(inside) if self.everything_out else {}
        values.update({line.name: token.evaluate_in(line.expression, inside) for line in self.handed_out})
        token.variables.write(values)
        if self.outputs_wanted:
            self.take_results(token, values)
        token.complete()
