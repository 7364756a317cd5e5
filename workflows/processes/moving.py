"""Moving a token by hand: the last resort when a case stands where it should not, shown before it is done.

The preview is the act itself in a savepoint that is rolled back, so that it shows exactly what would happen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import counting_by
from workflows.engine import Definition, Element
from workflows.engine.charts import Chart
from workflows.engine.concerns import RISKS
from workflows.engine.migration import Crossing, migrate
from workflows.errors import Conflict
from workflows.journal.operations import record
from workflows.processes.advance import advance
from workflows.processes.calls import Call
from workflows.processes.delivery import catch_up
from workflows.processes.models import ProcessInstance
from workflows.processes.running import locked_run_of, state_of
from workflows.processes.services import bound
from workflows.processes.suspension import OPERATE, keep_reason, open_deadlines
from workflows.transaction import Tx

# Where a token cannot be put: what begins something, what sits on a border, and gateways that wait for several.
_NO_PLACE = frozenset({"startEvent", "boundaryEvent"})


@dataclass(frozen=True)
class Preview:
    """What moving the token takes away and brings."""

    # Revision of the run that was looked at; `move_token` wants it back.
    revision: int
    # Names of tasks with the role that does them.
    tasks_gone: Sequence[tuple[str, str]]
    tasks_made: Sequence[tuple[str, str]]
    # Elements of timers with their instants.
    timers_gone: Sequence[tuple[str, datetime]]
    timers_made: Sequence[tuple[str, datetime]]
    # Names of messages that are awaited no longer, and from then on.
    messages_gone: Sequence[str]
    messages_made: Sequence[str]
    # Legal deadlines that stop, since the task that they watched is gone, and those that begin; with their ends.
    deadlines_gone: Sequence[tuple[str, datetime]]
    deadlines_made: Sequence[tuple[str, datetime]]
    # Elements that run by themselves at once.
    follows: Sequence[str]
    # Whether the run is over then.
    ends: bool


def standing_at(session: Session, instance: ProcessInstance) -> Sequence[Element]:
    """Give the elements that hold a token of the run."""
    known = {element.id: element for element in _definition(session, instance).elements}
    return [known[name] for name in instance.tokens_at if name in known]


def places_for(session: Session, instance: ProcessInstance, element_id: str) -> Sequence[Element]:
    """Give the elements to which a token of the element can be moved: those on its level at which one can stand."""
    definition = _definition(session, instance)
    found = next((element for element in definition.elements if element.id == element_id), None)
    if found is None:
        return []
    level = Chart(definition).level((found.process, found.parent))
    return [each for each in level.values() if each.id != element_id and each.kind not in _NO_PLACE]


def preview(tx: Tx, instance_id: UUID, element: str, target: str) -> Preview:
    """Tell what moving the tokens of an element to another one would do; nothing stays of it.

    Raises as `move_token`.
    """
    call = _locked(tx, instance_id)
    savepoint = tx.session.begin_nested()
    try:
        return _moved(call, lambda: None, element, target, tx.actor.name)
    finally:
        savepoint.rollback()


def move_token(tx: Tx, instance_id: UUID, element: str, target: str, *, reason: str, revision: int) -> Preview:
    """Move the tokens of an element to another one of the same level; journals `process.moved` and what followed.

    `revision` is that of the preview. Needs `process.operate`. Raises NotFound (`process.unknown`), InvalidAnswers
    without a reason, Conflict: `process.ended`, `process.moved_on` when somebody was quicker, `migration.hindered`
    (Hindered, with its concerns) when the case would not run as drawn from there.
    """
    call = _locked(tx, instance_id)
    if call.instance.revision != revision:
        raise Conflict("process.moved_on")
    keep_reason(tx, call, reason)

    def journal() -> None:
        facts = {"instance": instance_id, "element": element, "target": target}
        record(tx, "process.moved", case_id=call.case.id, **facts)

    return _moved(call, journal, element, target, tx.actor.name)


def _locked(tx: Tx, instance_id: UUID) -> Call:
    call = locked_run_of(tx, instance_id)

    tx.require(OPERATE)

    if not call.instance.is_running:
        raise Conflict("process.ended")
    return call


def _moved(call: Call, journal: Callable[[], None], element: str, target: str, actor_name: str) -> Preview:
    """Move, and compare what waited before with what waits after."""
    revision = call.instance.revision
    catch_up(call)
    if not call.instance.is_running:
        raise Conflict("process.ended")
    tasks = {task.id: (task.name, task.role) for task in call.waiting.tasks if task.is_open}
    timers = {timer.engine_timer: (timer.element, timer.due_at) for timer in call.waiting.timers}
    messages = {message.name for message in call.waiting.messages}
    running = _running(call)
    definition = catalogue.definition(call.tx.session, call.version)
    crossing = Crossing(definition, definition, anew={element: target}, accepted=RISKS)
    with counting_by(call.counting):
        crossed = migrate(crossing, state_of(call.instance), now=call.tx.now, services=bound(call))
    journal()
    advance(call, crossed.state, crossed.step, kind="move", what=element, actor_name=actor_name)
    made = {task.id: (task.name, task.role) for task in call.waiting.tasks if task.is_open}
    armed = {timer.engine_timer: (timer.element, timer.due_at) for timer in call.waiting.timers}
    awaited = {message.name for message in call.waiting.messages}
    still_running = _running(call)
    return Preview(
        revision=revision,
        tasks_gone=[tasks[name] for name in tasks if name not in made],
        tasks_made=[made[name] for name in made if name not in tasks],
        timers_gone=[timers[name] for name in timers if name not in armed],
        timers_made=[armed[name] for name in armed if name not in timers],
        messages_gone=sorted(messages - awaited),
        messages_made=sorted(awaited - messages),
        deadlines_gone=[running[each] for each in running if each not in still_running],
        deadlines_made=[still_running[each] for each in still_running if each not in running],
        follows=[concern.name or concern.element for concern in crossed.concerns if concern.code == "step.follows"],
        ends=not call.instance.is_running,
    )


def _running(call: Call) -> dict[int, tuple[str, datetime]]:
    """Give the legal deadlines that run, by row."""
    rows = call.tx.session.scalars(open_deadlines(call.case.id))
    return {row.id: (row.deadline_id, row.due_at) for row in rows}


def _definition(session: Session, instance: ProcessInstance) -> Definition:
    return catalogue.definition(session, catalogue.version(session, instance.version_id))
