"""From an instance at rest to the `Step` that is told of it."""

from collections.abc import Iterator
from datetime import datetime

from SpiffWorkflow.util.task import TaskState

from workflows.engine.activities import ManualTask
from workflows.engine.events import Catcher, due_at
from workflows.engine.instance import LIVE, Instance
from workflows.engine.step import AwaitedMessage, DueTimer, Step, WaitingTask
from workflows.engine.tokens import Token


def observe(instance: Instance, taken_by: tuple[str, ...] = ()) -> Step:
    """Tell what the call did and what the instance waits for now."""
    tokens = [token for token in instance.tokens() if token._state & LIVE]
    return Step(
        tasks=tuple(_task(token) for token in tokens if token.waits_for_a_person),
        timers=tuple(sorted(_timers(tokens), key=lambda timer: (timer.due_at, int(timer.id[1:])))),
        messages=tuple(_awaited(tokens, "message")),
        signals=tuple(_awaited(tokens, "signal")),
        trace=tuple(instance.trace),
        flows=tuple(instance.flows),
        tokens=tuple(
            dict.fromkeys(token.task_spec.element for token in tokens if token.task_spec.visible and not token.is_armed)
        ),
        changed=tuple(sorted(instance.variables.written)),
        thrown=tuple(instance.thrown),
        decided=tuple(instance.decided),
        ended=instance.ended,
        outcome=instance.outcome if instance.ended else None,
        error=instance.error,
        taken_by=taken_by,
    )


def _task(token: Token) -> WaitingTask:
    spec = token.task_spec
    model = spec.model
    memory = token.internal_data
    due = memory.get("due_at")
    return WaitingTask(
        id=token.name,
        element=spec.element,
        name=model.name,
        lane=_lane(token),
        form=model.form,
        due=token.internal_data.get("deadline", model.due),
        due_at=None if due is None else datetime.fromisoformat(due),
        priority=model.priority,
        properties=dict(model.properties),
        assignee=memory.get("assignee", model.assignee),
        candidate_groups=tuple(memory.get("groups", model.candidate_groups)),
        local=dict(token.data),
        process=spec.process,
        kind="manual" if isinstance(spec, ManualTask) else "user",
    )


def _lane(token: Token) -> str | None:
    """Give the lane of the task, or that of the call activity around it."""
    here: Token | None = token
    while here is not None:
        lane: str | None = here.task_spec.lane_id
        if lane is not None:
            return lane
        here = here.workflow.owner
    return None


def _timers(tokens: list[Token]) -> Iterator[DueTimer]:
    for token in tokens:
        instant = due_at(token)
        if instant is not None:
            yield DueTimer(
                element=token.task_spec.element,
                due_at=instant,
                id=token.name,
                attached_to=token.task_spec.attached_to,
                interrupting=token.task_spec.interrupting,
            )


def _awaited(tokens: list[Token], kind: str) -> Iterator[AwaitedMessage]:
    for token in tokens:
        spec = token.task_spec
        if token._state & TaskState.WAITING and isinstance(spec, Catcher) and spec.awaits(kind):
            yield AwaitedMessage(
                name=spec.event.name or "",
                element=spec.element,
                id=token.name,
                attached_to=spec.attached_to,
                interrupting=spec.interrupting,
            )
