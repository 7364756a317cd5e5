"""Dates counted anew after the calendar changed: deadlines, the tasks that they limit, and the timers that watch them.

A timer was counted once, when it was armed. Its expression is asked again for that same moment, so that a share of a
deadline moves with it; so is a script that notes a deadline in a variable, for the moment at which it ran, and then
whatever is due by that variable. Dates that people or forms wrote into variables hang on no calendar and stay.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import engine, jobs
from workflows.cases import deadlines
from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import FUNCTIONS, counting_by
from workflows.diagrams.plan import NAMES, Plan
from workflows.engine import State
from workflows.feel import expressions as feel
from workflows.feel.clock import Clock
from workflows.feel.values import from_json, to_json
from workflows.journal.operations import record
from workflows.processes.advance import advance
from workflows.processes.calls import Call
from workflows.processes.models import PathStep, ProcessInstance
from workflows.processes.running import locked_run_of, state_of
from workflows.transaction import Tx

# What an expression holds that asks the register.
_DEADLINE = "deadline("


def recount(tx: Tx, instance_id: UUID) -> int:
    """Count the dates of a running case anew by today's calendar, and tell how many moved.

    Needs `incident.handle`. Nothing becomes due earlier: see `cases.deadlines.recount`, which journals each deadline;
    journals `timer.recounted` for each timer and `variable.recounted` for each variable.
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
    definition = catalogue.definition(call.tx.session, call.version)
    with counting_by(call.counting):
        recounting = _Recounting(call, definition)
        noted = recounting.noted()
        later = recounting.timers(noted)
        delayed = recounting.tasks(noted)
    if later or noted:
        before = state_of(call.instance)
        document = dict(before.variables) | {name: to_json(value) for name, value in noted.items()}
        state, step = engine.retime(definition, State(before.tokens, document), later, now=call.tx.now)
        advance(call, state, replace(step, changed=tuple(noted)), kind="recount", actor_name=call.tx.actor.name)
    return len(moved) + len(later) + len(noted) + delayed


def ask_recount(tx: Tx) -> None:
    """Have the dates of all running cases counted anew by jobs, one for each case; journals `calendar.recount_asked`.

    Whoever asks again before the jobs were handed out asks for the same ones.
    """
    tx.require("calendar.edit")

    jobs.defer(tx.session, "calendar.recount", queueing_lock="calendar.recount")

    record(tx, "calendar.recount_asked")


def hand_out(tx: Tx) -> int:
    """Defer the recounting of each running case, and tell how many there are; called by the job that was asked for."""
    running = running_instances(tx.session)
    jobs.defer_together(
        tx.session, [jobs.Errand("processes.recount", {"instance_id": instance_id}) for instance_id in running]
    )
    return len(running)


def running_instances(session: Session) -> Sequence[UUID]:
    """Give the ids of the runs whose dates may move, the oldest first."""
    running = select(ProcessInstance.id).where(ProcessInstance.status == "running")
    return session.scalars(running.order_by(ProcessInstance.started_at, ProcessInstance.id)).all()


class _Recounting:
    """One running case whose expressions are asked again."""

    def __init__(self, call: Call, definition: engine.Definition) -> None:
        self.call, self.elements = call, {element.id: element for element in definition.elements}
        diagram = catalogue.diagram(call.tx.session, call.version)
        self.timer_texts, self.script_texts = _texts(diagram, "timer"), _texts(diagram, "script")
        self.entered = _entered(call)
        self.variables: dict[str, Any] = from_json(call.instance.variables)

    def noted(self) -> dict[str, datetime]:
        """Give the variables in which a script noted a deadline that is later now; it must not have passed."""
        later: dict[str, datetime] = {}
        for variable in self.call.manifest.variables.values():
            writer = variable.writers[0] if len(variable.writers) == 1 else ""
            text, ran_at = self.script_texts.get(writer, ""), self.entered.get(writer)
            old = self.variables.get(variable.name)
            if _DEADLINE not in text or ran_at is None or not isinstance(old, datetime) or old <= self.call.tx.now:
                continue
            new = self._value(text, ran_at)
            if isinstance(new, datetime) and new > old:
                later[variable.name] = new
                self._journal("variable.recounted", variable=variable.name, old=old, new=new)
        self.variables |= later
        return later

    def timers(self, noted: Collection[str]) -> dict[str, datetime]:
        """Give the timers that are not due yet and would be later by today's calendar, with the new instants."""
        later: dict[str, datetime] = {}
        for timer in self.call.waiting.timers:
            text, armed_at = self.timer_texts.get(timer.element, ""), self._armed_at(timer.element)
            if not _hangs_on(text, noted) or armed_at is None or timer.due_at <= self.call.tx.now:
                continue
            due_at = self._value(text, armed_at)
            if isinstance(due_at, datetime) and due_at > timer.due_at:
                later[timer.engine_timer] = due_at
                self._journal("timer.recounted", element=timer.element, old=timer.due_at, new=due_at)
        return later

    def tasks(self, noted: Collection[str]) -> int:
        """Move the tasks that are due by an expression, and tell how many moved."""
        moved = 0
        for task in self.call.waiting.tasks:
            element = self.elements.get(task.element)
            text = (element.due or "").strip() if element is not None else ""
            written = text.startswith("=") and task.deadline_id is None and _hangs_on(text[1:], noted)
            if not written or not task.is_open or task.due_at is None or task.due_at <= self.call.tx.now:
                continue
            due_at = self._value(text[1:], task.created_at)
            if isinstance(due_at, datetime) and due_at > task.due_at:
                task.due_at = due_at
                moved += 1
        return moved

    def _value(self, text: str, at: datetime) -> Any:
        return feel.evaluate(text, self.variables, Clock(at, self.call.office.zone), functions=FUNCTIONS)

    def _armed_at(self, place: str | None) -> datetime | None:
        """Give the instant at which a timer was armed: when the token came to what it hangs on."""
        while place is not None and place in self.elements:
            element = self.elements[place]
            # A boundary hangs on its activity, the start of an event sub-process on the scope around that one.
            found = self.entered.get(element.attached_to or place)
            if found is not None:
                return found
            place = element.parent
        return self.call.instance.started_at

    def _journal(self, kind: str, **facts: Any) -> None:
        record(self.call.tx, kind, case_id=self.call.case.id, instance=self.call.instance.id, **facts)


def _hangs_on(text: str, noted: Collection[str]) -> bool:
    """Tell whether an expression can be later: what names neither a deadline nor what moved hangs on no calendar."""
    return _DEADLINE in text or any(name in text for name in noted)


def _entered(call: Call) -> Mapping[str, datetime]:
    """Give when each element was last entered."""
    last = (
        select(PathStep.element, func.max(PathStep.at))
        .where(PathStep.instance_id == call.instance.id, PathStep.event == "entered")
        .group_by(PathStep.element)
    )
    return {row[0]: row[1] for row in call.tx.session.execute(last)}


@lru_cache(maxsize=64)
def _texts(diagram: bytes, of: Literal["timer", "script"]) -> Mapping[str, str]:
    """Give the FEEL text of each timer or script in the diagram, by element."""
    texts: dict[str, str] = {}
    for name, element in Plan.read(diagram).elements.items():
        found: Any = element.find("b:timerEventDefinition/b:timeDate" if of == "timer" else "b:script", NAMES)
        text = (found.text or "").strip() if found is not None else ""
        if of == "script" and text:
            texts[name] = text
        elif text.startswith("="):
            texts[name] = text[1:]
    return texts
