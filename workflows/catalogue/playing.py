"""Plays one scenario: files the report, moves the clock, completes tasks, sends messages, and looks.

Services are recorded instead of run, and nothing is stored. Each timer fires at its own instant, as it would for a
worker that is never late.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from workflows import engine
from workflows.calendar.sources import packaged_calendar
from workflows.catalogue.examining import Examined
from workflows.catalogue.functions import Counting, counting_by
from workflows.catalogue.looking import ServiceCall, View, disappointments, listed, no_such_task
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.script import Complete, Expectation, Message, Move, Script, Stride, WaitFor
from workflows.deadlines import triggers
from workflows.deadlines.counting import due
from workflows.deadlines.register import Register
from workflows.engine import Definition, State, Step
from workflows.errors import AmanahError, BusinessError, InvalidAnswers
from workflows.feel.clock import Clock
from workflows.feel.values import from_json
from workflows.forms import answers as form_answers
from workflows.language import say

# Timers that one wait may fire; a diagram that rings more often than this rings for ever.
MOST_TIMERS = 2_000
# The number of a row in the name of a field.
_ROW = re.compile(r"\[\d+\]")
# Years around the filing for which days off are looked up.
_YEARS_BEFORE, _YEARS_AFTER = 1, 3


@dataclass(frozen=True)
class Stage:
    """What every scenario of a case type is played on."""

    examined: Examined
    case_type: CaseType
    definition: Definition
    register: Register


@dataclass
class Running:
    """A running of a deadline, as the case would keep it."""

    deadline_id: str
    trigger_at: datetime
    due_at: datetime
    is_running: bool = True


@dataclass
class Play:
    """One scenario while it is played."""

    stage: Stage
    script: Script
    # Elements that were entered, in order.
    trace: list[str] = field(default_factory=list)
    # Services that were called, in order.
    calls: list[ServiceCall] = field(default_factory=list)
    # What did not come as expected: (line, sentence).
    missed: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._now = self.script.filed_at.astimezone(UTC)
        years = range(self._now.year - _YEARS_BEFORE, self._now.year + _YEARS_AFTER + 1)
        self._runnings: list[Running] = []
        self._counting = Counting(
            self.stage.register,
            packaged_calendar(years),
            self.stage.definition.zone,
            running_since=lambda deadline_id: triggers.running_since(deadline_id, self._runnings),
        )
        names = {element.topic for element in self.stage.definition.elements if element.topic}
        self._services: Mapping[str, engine.Service] = {name: partial(self._called, name) for name in names}
        self._state = State(b"", {})
        self._step = Step()
        self._case_stage: str | None = None
        # Messages that came before anybody waited for them: name, values, and until when they are kept.
        self._kept: list[tuple[str, Mapping[str, Any], datetime]] = []
        self._disposition: str | None = None
        # Calls that an expectation has already looked at.
        self._looked_at = 0

    def run(self) -> None:
        """Play until the end, or until the first thing that cannot go on."""
        line = self.script.report_line
        with counting_by(lambda: self._counting):
            try:
                for line, act in self._acts():  # noqa: B007 (the handlers below say where it stopped)
                    act()
            except _Stop as stop:
                self.missed.append((line, stop.said))
            except InvalidAnswers as error:
                refused = ", ".join(f"{name}: {code}" for name, code, _ in error.problems)
                self.missed.append((line, say(f"Isian ditolak ({refused}).", f"The answers were refused ({refused}).")))
            except (AmanahError, BusinessError, ValueError, LookupError, ArithmeticError, RecursionError) as error:
                said = f"{type(error).__name__}: {error}"
                self.missed.append((line, say(f"Tidak dapat dilanjutkan: {said}", f"It cannot go on: {said}")))

    def _acts(self) -> Iterator[tuple[int, partial[None]]]:
        yield self.script.report_line, partial(self._file)
        for move in self.script.moves:
            yield move.line, partial(self._move, move)
        if self.script.end is not None:
            yield self.script.end.line, partial(self._look, self.script.end, from_the_beginning=True)

    def _file(self) -> None:
        values = self._read_form(self.stage.case_type.start_form, self.script.report)
        self._after(engine.start(self.stage.definition, values, now=self._now, services=self._services))

    def _move(self, move: Move) -> None:
        match move.what:
            case Stride() as stride:
                self._wait_until(self._after_stride(stride))
            case WaitFor(timer):
                self._wait_for(timer)
            case Complete(task, answers):
                self._complete(task, answers)
            case Message(name, answers):
                self._deliver(name, answers)
            case Expectation() as wanted:
                self._look(wanted)

    def _wait_for(self, timer: str) -> None:
        running = [each for each in self._step.timers if each.element == timer]
        if not running:
            others = listed(each.element for each in self._step.timers)
            raise _Stop(
                say(
                    f"Pengingat '{timer}' tidak berjalan; yang berjalan: {others}.",
                    f"The timer '{timer}' does not run; these do: {others}.",
                )
            )
        self._wait_until(running[0].due_at)

    def _wait_until(self, then: datetime) -> None:
        for _ in range(MOST_TIMERS):
            due = [timer.due_at for timer in self._step.timers if timer.due_at <= then]
            if not due:
                break
            self._now = max(self._now, min(due))
            self._after(engine.wake(self.stage.definition, self._state, now=self._now, services=self._services))
        self._now = max(self._now, then)

    def _after_stride(self, stride: Stride) -> datetime:
        if stride.unit == "hours":
            return self._now + timedelta(hours=stride.count)
        local = self._now.astimezone(self._counting.zone)
        if stride.unit == "working days":
            day = self._counting.calendar.add(local.date(), stride.count, joint_leave_works=False).day
        else:
            day = local.date() + timedelta(days=stride.count)
        # The same time of day, on that day.
        return datetime.combine(day, local.timetz()).astimezone(UTC)

    def _complete(self, element: str, answers: Mapping[str, Any]) -> None:
        task = next((task for task in self._step.tasks if task.element == element), None)
        if task is None:
            raise _Stop(no_such_task(element, self._step))
        values = self._read_form(task.form, answers)
        self._close(task.due)
        self._after(
            engine.complete(self.stage.definition, self._state, task.id, values, now=self._now, services=self._services)
        )

    def _deliver(self, name: str, answers: Mapping[str, Any]) -> None:
        is_awaited = any(message.name == name for message in self._step.messages)
        early = self.stage.case_type.early_messages.get(name)
        if not is_awaited and (early is None or self._step.ended or not early.admits(self._case_stage)):
            awaited = listed(message.name for message in self._step.messages)
            raise _Stop(
                say(
                    f"Pesan '{name}' tidak ditunggu; yang ditunggu: {awaited}.",
                    f"The message '{name}' is not awaited; these are: {awaited}.",
                )
            )
        known = self.stage.case_type.reporter_messages.get(name)
        values = self._read_form(known.form if known is not None else None, answers)
        if early is not None and not is_awaited:
            self._kept.append((name, values, self._now + early.kept_for))
            return
        self._after(
            engine.deliver(self.stage.definition, self._state, name, values, now=self._now, services=self._services)
        )

    def _read_form(self, form_id: str | None, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Read answers through their form as a post would be; give those that become variables."""
        declared = self.stage.case_type.variables
        form = self.stage.examined.forms.get(form_id or "")
        if form is None:
            return {name: value for name, value in answers.items() if name in declared}
        flat = dict(form_answers.numbered(answers))
        known = {each.name for each in form.fields}
        if unknown := sorted(name for name in flat if _ROW.sub("[]", name) not in known):
            raise _Stop(
                say(
                    f"Formulir '{form.id}' tidak memuat: {listed(unknown)}.",
                    f"The form '{form.id}' has no: {listed(unknown)}.",
                )
            )
        files = {each.name for each in form.fields if each.type == "filepicker" and flat.get(each.name)}
        read = form_answers.read(
            form,
            {name: _posted(value) for name, value in flat.items() if name not in files},
            files_present=files,
            clock=Clock(self._now, self._counting.zone),
            variables=self._state.variables,
        )
        # As in a real case: what the form hid was not answered, whatever an earlier round had said.
        given = {**dict.fromkeys(read.hidden), **read.values}
        return {name: value for name, value in given.items() if name in declared}

    def _after(self, moved: tuple[State, Step]) -> None:
        before, (self._state, self._step) = self._step, moved
        watched = {task.due for task in self._step.tasks if task.due_at is None and task.due}
        for task in before.tasks:
            if task.due not in watched:
                self._close(task.due)
        for deadline_id in sorted(watched):
            self._begin(deadline_id)
        waiting = {task.id: task for task in self._step.tasks}
        for entry in self._step.trace:
            if entry.kind != "entered":
                continue
            self.trace.append(entry.element)
            if entry.task in waiting:
                self._case_stage = waiting[entry.task].properties.get("stage", self._case_stage)
        self._deliver_kept()

    def _deliver_kept(self) -> None:
        """Deliver the first of what came early and is awaited now; what follows it looks for the next."""
        awaited = {message.name for message in self._step.messages}
        for kept in self._kept:
            name, values, until = kept
            if name in awaited and self._now <= until:
                self._kept.remove(kept)
                self._after(
                    engine.deliver(
                        self.stage.definition, self._state, name, values, now=self._now, services=self._services
                    )
                )
                return

    def _called(self, name: str, inputs: dict[str, Any]) -> Mapping[str, Any]:
        """Stand in for every service: write the call down and give what the scenario says it gives."""
        self.calls.append(ServiceCall(name, inputs, self._now))
        asked = inputs.get("deadline") or []
        for deadline_id in asked if isinstance(asked, list) else [asked]:
            if name == "start_deadline":
                self._begin(deadline_id, inputs.get("since"))
            elif name in ("meet_deadline", "stop_deadline"):
                self._close(deadline_id)
        if name == "set_stage":
            self._case_stage = inputs.get("stage")
        elif name == "close_case":
            self._disposition = inputs.get("disposition")
        elif name == "reopen_case":
            self._disposition = None
        # Dates and the like are written as they are kept: {$date: "2026-06-26"}.
        given: Mapping[str, Any] = from_json(dict(self.script.services.get(name, {})))
        return given

    def _begin(self, deadline_id: str, since: date | datetime | None = None) -> None:
        """Start a running as the case would: from what the register or the diagram says, unless one runs already."""
        if triggers.running_since(deadline_id, self._runnings) is not None:
            return
        register, zone = self._counting.register, self._counting.zone
        if since is not None:
            begins_at = triggers.beginning(since, zone)
            if not register.is_in_force(deadline_id, begins_at.astimezone(zone).date()):
                return
            rule = register.rule(deadline_id, begins_at.astimezone(zone).date())
        else:
            rule = register.rule(deadline_id, self._now.astimezone(zone).date())
            filed_at = self.script.filed_at.astimezone(UTC)
            begins_at = triggers.begins_at(rule, self._now, filed_at=filed_at, runnings=self._runnings)
        counted = due(rule, begins_at, self._counting.calendar, zone, reading="lenient")
        self._runnings.append(Running(deadline_id, begins_at, counted.due_at))

    def _close(self, deadline_id: str | None) -> None:
        for running in self._runnings:
            running.is_running = running.is_running and running.deadline_id != deadline_id

    def _look(self, wanted: Expectation, *, from_the_beginning: bool = False) -> None:
        view = View(
            case_type=self.stage.case_type,
            definition=self.stage.definition,
            step=self._step,
            variables=self._state.variables,
            trace=self.trace,
            calls=self.calls if from_the_beginning else self.calls[self._looked_at :],
            facts={
                "stage": self._case_stage,
                "disposition": self._disposition,
                "ended": self._step.ended,
                "outcome": self._step.outcome,
            },
        )
        self._looked_at = len(self.calls)
        self.missed += disappointments(wanted, view)


class _Stop(Exception):
    """The scenario cannot go on; the message says why."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def _posted(value: Any) -> list[str]:
    """Write an answer as a browser would post it."""
    if isinstance(value, bool):
        return ["true"] if value else []
    if isinstance(value, list):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]
