"""Dates counted anew after the calendar changed: deadlines, the tasks that they limit, and the timers that watch them.

A timer was counted once, when it was armed. Its expression is asked again for that same moment, so that a share of a
deadline moves with it; a timer that depends on no deadline is left alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases import deadlines
from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import FUNCTIONS, counting_by
from workflows.diagrams.plan import NAMES, Plan
from workflows.feel import expressions as feel
from workflows.feel.clock import Clock
from workflows.feel.values import from_json
from workflows.journal.operations import record
from workflows.processes.advance import advance
from workflows.processes.calls import Call
from workflows.processes.models import PathStep, ProcessInstance, Timer
from workflows.processes.running import locked_run_of, state_of
from workflows.transaction import Tx


def recount(tx: Tx, instance_id: UUID) -> int:
    """Count the dates of a running case anew by today's calendar, and tell how many moved.

    Needs `incident.handle`. Nothing becomes due earlier: see `cases.deadlines.recount`, which journals each deadline;
    journals `timer.recounted` for each timer.
    """
    call = locked_run_of(tx, instance_id)

    tx.require("incident.handle")

    if not call.instance.is_running:
        return 0

    moved = deadlines.recount(call.tx, call.case, call.office.register, call.calendar, call.office.zone)
    for task in call.waiting.tasks:
        for running in moved:
            if task.deadline_id == running.deadline_id:
                task.due_at = running.due_at
    later = _later(call)
    if later:
        definition = catalogue.definition(call.tx.session, call.version)
        state, step = engine.retime(definition, state_of(call.instance), later, now=call.tx.now)
        advance(call, state, step, kind="recount", actor_name=call.tx.actor.name)
    return len(moved) + len(later)


def running_instances(session: Session) -> Sequence[UUID]:
    """Give the ids of the runs whose dates may move, the oldest first."""
    running = select(ProcessInstance.id).where(ProcessInstance.status == "running")
    return session.scalars(running.order_by(ProcessInstance.started_at, ProcessInstance.id)).all()


def _later(call: Call) -> dict[str, datetime]:
    """Give the timers that are not due yet and would be later by today's calendar, with the new instants."""
    texts = _timer_texts(catalogue.diagram(call.tx.session, call.version))
    armed = _armed(call)
    variables = from_json(call.instance.variables)
    later: dict[str, datetime] = {}
    with counting_by(call.counting):
        for timer in call.waiting.timers:
            text, armed_at = texts.get(timer.element, ""), armed.get(timer.element)
            # What is written without a deadline does not hang on the calendar.
            if "deadline(" not in text or armed_at is None or timer.due_at <= call.tx.now:
                continue
            clock = Clock(armed_at, call.office.zone)
            due_at = feel.evaluate(text, variables, clock, functions=FUNCTIONS)
            if isinstance(due_at, datetime) and due_at > timer.due_at:
                later[timer.engine_timer] = due_at
                record(
                    call.tx,
                    "timer.recounted",
                    case_id=call.case.id,
                    instance=call.instance.id,
                    element=timer.element,
                    old=timer.due_at,
                    new=due_at,
                )
    return later


def _armed(call: Call) -> Mapping[str, datetime]:
    """Give the instant at which each timer was armed: when the token came to what it hangs on."""
    session = call.tx.session
    last_entered = (
        select(PathStep.element, func.max(PathStep.at))
        .where(PathStep.instance_id == call.instance.id, PathStep.event == "entered")
        .group_by(PathStep.element)
    )
    entered: dict[str, datetime] = {row[0]: row[1] for row in session.execute(last_entered)}
    elements = {element.id: element for element in catalogue.definition(session, call.version).elements}

    def armed_at(timer: Timer) -> datetime | None:
        place: str | None = timer.element
        while place is not None and place in elements:
            element = elements[place]
            # A boundary hangs on its activity, the start of an event sub-process on the scope around that one.
            found = entered.get(element.attached_to or place)
            if found is not None:
                return found
            place = element.parent
        return call.instance.started_at

    return {timer.element: at for timer in call.waiting.timers if (at := armed_at(timer)) is not None}


@lru_cache(maxsize=32)
def _timer_texts(diagram: bytes) -> Mapping[str, str]:
    """Give the FEEL text of each timer in the diagram, by element."""
    texts: dict[str, str] = {}
    for name, element in Plan.read(diagram).elements.items():
        date: Any = element.find("b:timerEventDefinition/b:timeDate", NAMES)
        if date is not None and (date.text or "").strip().startswith("="):
            texts[name] = date.text.strip()[1:]
    return texts
