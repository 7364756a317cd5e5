"""Activities that happen several times: parallel and sequential multi-instance, and the standard loop.

SpiffWorkflow's owners connect a handler to the shared specification on first use, merge the data of the instances by
value (100, 100, 50 becomes 100, 50) and walk all instances whenever one is finished. Here the owner counts.
"""

from decimal import Decimal
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.model import MAXIMUM_INSTANCES, Repetition
from workflows.engine.model import Node as NodeModel
from workflows.engine.nodes import Node, ProcessSpec
from workflows.engine.tokens import Token
from workflows.engine.variables import encode
from workflows.errors import AmanahError
from workflows.feel.expressions import Expression


class Repeated(Node):
    """The owner of the instances of one activity. Their results are written as those of any activity are.

    Each instance sees its item and `loopCounter` (from 0); the completion condition also sees `nrOfInstances`,
    `nrOfCompletedInstances` and `nrOfActiveInstances`, as in Camunda 7.
    """

    visible = False
    repeats = True

    def __init__(self, spec: ProcessSpec, model: NodeModel, repetition: Repetition) -> None:
        super().__init__(spec, model.id, model)
        self.repetition = repetition
        # The activity itself; set when it has been built.
        self.inner: Node
        self.collection: Expression | None = None
        self.cardinality: Expression | None = None
        self.completion: Expression | None = None
        self.condition: Expression | None = None

    def _update_hook(self, my_task: Token) -> bool:
        my_task._set_state(TaskState.STARTED)
        # How many instances there are (None: a loop asks after each), were begun, and are done.
        memory = my_task.internal_data
        memory.update(all=None, begun=0, done=0)
        if self.repetition.kind != "loop":
            self._count(my_task)
        elif self.repetition.test_before and not self._goes_on(my_task):
            memory["all"] = 0
        if memory["all"] == 0:
            # Nobody is asked, and the token passes; people still see that it came by.
            token = my_task._add_child(self.inner)
            token.entered()
            token.left()
            token.remove()
            return True
        for _ in range(memory["all"] if self.repetition.kind == "parallel" else 1):
            self._begin(my_task)
        return False

    def _count(self, token: Token) -> None:
        if self.collection is not None:
            items = token.evaluate(self.collection)
            if items is not None and not isinstance(items, list):
                items = [items]
            token.internal_data["items"] = encode(items or [])
            amount = len(items or [])
        else:
            value = None if self.cardinality is None else token.evaluate(self.cardinality)
            if not isinstance(value, Decimal) or value < 0 or value != value.to_integral_value():
                raise AmanahError("repetition.no_number", element=self.element, value=str(value))
            amount = int(value)
        if amount > MAXIMUM_INSTANCES:
            raise AmanahError("repetition.too_many", element=self.element, instances=amount, most=MAXIMUM_INSTANCES)
        token.internal_data["all"] = amount

    def _begin(self, token: Token) -> None:
        memory = token.internal_data
        child = token._add_child(self.inner)
        child.data = {"loopCounter": memory["begun"]}
        if self.collection is not None and self.repetition.element_variable:
            child.data[self.repetition.element_variable] = memory["items"][memory["begun"]]
        memory["begun"] += 1
        self.inner._update(child)

    def _goes_on(self, token: Token) -> bool:
        done = token.internal_data["done"]
        if self.repetition.maximum is not None and done >= self.repetition.maximum:
            return False
        return self.condition is None or token.holds(self.condition, {"loopCounter": done})

    def child_finished(self, token: Token, child: Token) -> None:
        if child.task_spec is not self.inner:
            return
        memory = token.internal_data
        memory["done"] += 1
        if self.repetition.kind == "loop":
            if self._goes_on(token):
                self._begin(token)
            else:
                self._finish(token)
            return
        if memory["done"] >= memory["all"] or self._is_enough(token, child):
            self._finish(token)
        elif self.repetition.kind == "sequential":
            self._begin(token)

    def _is_enough(self, token: Token, child: Token) -> bool:
        memory = token.internal_data
        if self.completion is None:
            return False
        seen: dict[str, Any] = {
            "nrOfInstances": memory["all"],
            "nrOfCompletedInstances": memory["done"],
            "nrOfActiveInstances": memory["begun"] - memory["done"],
            "loopCounter": child.data.get("loopCounter"),
        }
        item = self.repetition.element_variable
        if item and item in child.data:
            seen[item] = child.context().get(item)
        return token.holds(self.completion, seen)

    def _finish(self, token: Token) -> None:
        for child in token.children:
            child.cancel()
        token.complete()
