"""Rehearsal: runs the scenarios of a case type on engine, forms and deadlines alone.

The clock is moved by hand, services are recorded instead of run, and nothing is stored or sent. How a scenario is
written stands in `bpmn/README.md`; `script` reads it, here it is played.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from workflows import engine
from workflows.calendar.sources import packaged_calendar
from workflows.calendar.working_days import WorkingCalendar
from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.examining import Examined, examine
from workflows.catalogue.functions import Counting, counting_by
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.script import BadScript, Expectation, Move, Script, Stride, read_script
from workflows.deadlines.register import Register
from workflows.engine import Definition, State, Step, WaitingTask
from workflows.errors import AmanahError, BrokenDefinition, BusinessError, Finding, InvalidAnswers
from workflows.feel.clock import Clock
from workflows.forms import answers as form_answers
from workflows.language import say

# Timers that one wait may fire; a diagram that rings more often than this rings for ever.
MOST_TIMERS = 2_000
_YEARS_BEFORE_AND_AFTER = (1, 3)


@dataclass(frozen=True)
class Disappointment:
    """One thing in a scenario that did not come as expected."""

    # Line of the scenario file.
    line: int
    # What was expected and what happened, in the reader's language.
    message: str


@dataclass(frozen=True)
class ServiceCall:
    """A service that the diagram called."""

    name: str
    inputs: Mapping[str, Any]
    # The instant at which it was called.
    at: datetime

    def fits(self, name: str, inputs: Mapping[str, Any]) -> bool:
        """Tell whether this is the call that was expected; inputs that were not mentioned may be anything."""
        return self.name == name and all(_same(self.inputs.get(key), value) for key, value in inputs.items())


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario went."""

    # Path inside the case type, for example "scenarios/on_time.yml".
    file: str
    title: str
    # Elements that were entered, in order: the path that a diagram may show.
    trace: tuple[str, ...]
    # Services that were called, in order.
    services: tuple[ServiceCall, ...]
    disappointments: tuple[Disappointment, ...]

    @property
    def passed(self) -> bool:
        """Tell whether everything came as the scenario says."""
        return not self.disappointments


def rehearse(source: Path | Bundle, *, only: str | None = None, shared: Path | None = None) -> list[ScenarioResult]:
    """Run all scenarios, or the one whose file name without ending is `only`.

    Raise BrokenDefinition when the case type itself cannot be read, OSError when the path cannot.
    """
    bundle = source if isinstance(source, Bundle) else read_bundle(source, shared=shared)
    examined = examine(bundle)
    stage = _stage_of(examined)
    return [
        _play(stage, path, content)
        for path, content in bundle.under("scenarios", ".yml")
        if only is None or path.rpartition("/")[2].removesuffix(".yml") == only
    ]


def scenarios_pass(bundle: Bundle) -> Iterator[Finding]:
    """Check that every scenario goes as written; handed to `checks.check` by those who can wait for it."""
    examined = examine(bundle)
    if examined.case_type is None or examined.definition is None or examined.register is None:
        return
    for result in rehearse(bundle):
        for disappointment in result.disappointments:
            yield Finding(
                code="scenario.failed",
                message=disappointment.message,
                fix=say("Perbaiki diagram atau skenarionya.", "Mend the diagram or the scenario."),
                file=result.file,
                line=disappointment.line,
            )


@dataclass(frozen=True)
class _Stage:
    """What every scenario of a case type is played on."""

    examined: Examined
    case_type: CaseType
    definition: Definition
    register: Register


def _stage_of(examined: Examined) -> _Stage:
    errors = [finding for finding in examined.findings if finding.severity == "error"]
    if examined.case_type is None or examined.definition is None:
        raise BrokenDefinition(errors)
    if examined.register is None:
        raise BrokenDefinition(
            errors
            or [
                Finding(
                    code="deadlines.missing",
                    message=say(
                        "Daftar batas waktu (deadlines.yml) tidak ditemukan.",
                        "The register of deadlines (deadlines.yml) was not found.",
                    ),
                )
            ]
        )
    return _Stage(examined, examined.case_type, examined.definition, examined.register)


def _play(stage: _Stage, path: str, content: bytes) -> ScenarioResult:
    try:
        script = read_script(content, path)
    except BadScript as bad:
        title = path.rpartition("/")[2]
        return ScenarioResult(path, title, (), (), tuple(Disappointment(line, said) for line, said in bad.problems))
    play = _Play(stage, script)
    play.run()
    return ScenarioResult(path, script.title, tuple(play.trace), tuple(play.calls), tuple(play.disappointments))


@dataclass
class _Play:
    """One scenario while it is played."""

    stage: _Stage
    script: Script
    trace: list[str] = field(default_factory=list)
    calls: list[ServiceCall] = field(default_factory=list)
    disappointments: list[Disappointment] = field(default_factory=list)
    # What a case would say of itself.
    case_stage: str | None = None
    disposition: str | None = None
    # Calls that a step's expectation has already looked at.
    looked_at: int = 0

    def __post_init__(self) -> None:
        self.now = self.script.filed_at.astimezone(UTC)
        before, after = _YEARS_BEFORE_AND_AFTER
        self.calendar: WorkingCalendar = packaged_calendar(range(self.now.year - before, self.now.year + after + 1))
        self.state: State | None = None
        self.step = Step()
        names = {element.topic for element in self.stage.definition.elements if element.topic}
        self.services: Mapping[str, engine.Service] = {name: partial(self._called, name) for name in names}

    def run(self) -> None:
        """Play until the end or the first thing that cannot go on."""
        counting = Counting(self.stage.register, self.calendar, self.stage.definition.zone)
        line = self.script.report_line
        with counting_by(lambda: counting):
            try:
                self._file()
                for move in self.script.moves:
                    line = move.line
                    self._move(move)
                line = self.script.end.line if self.script.end is not None else line
                if self.script.end is not None:
                    self._look(self.script.end, everything=True)
            except _Stop:
                pass
            except InvalidAnswers as error:
                refused = ", ".join(f"{name}: {code}" for name, code, _ in error.problems)
                self._miss(line, f"Isian ditolak ({refused}).", f"The answers were refused ({refused}).")
            except (AmanahError, BusinessError, ValueError, LookupError, ArithmeticError, RecursionError) as error:
                said = f"{type(error).__name__}: {error}"
                self._miss(line, f"Tidak dapat dilanjutkan: {said}", f"It cannot go on: {said}")

    def _file(self) -> None:
        values = self._read_form(self.stage.case_type.start_form, self.script.report)
        self._after(*engine.start(self.stage.definition, values, now=self.now, services=self.services))

    def _move(self, move: Move) -> None:
        match move.kind:
            case "wait":
                assert isinstance(move.what, Stride)  # noqa: S101 (the reader made it so)
                self._wait_until(self._after_stride(move.what))
            case "wait_for":
                self._wait_for(move)
            case "complete":
                self._complete(move)
            case "message":
                self._deliver(move)
            case "expect":
                assert isinstance(move.what, Expectation)  # noqa: S101 (the reader made it so)
                self._look(move.what, everything=False)

    # Moves.

    def _wait_for(self, move: Move) -> None:
        timers = [timer for timer in self.step.timers if timer.element == move.what]
        if not timers:
            running = _listed(timer.element for timer in self.step.timers)
            self._miss(
                move.line,
                f"Pengingat '{move.what}' tidak berjalan; yang berjalan: {running}.",
                f"The timer '{move.what}' does not run; these do: {running}.",
            )
            raise _Stop
        self._wait_until(max(self.now, timers[0].due_at))

    def _wait_until(self, then: datetime) -> None:
        """Move the clock; each timer fires at its own instant, as it would for a worker that is never late."""
        assert self.state is not None  # noqa: S101 (filed first)
        for _ in range(MOST_TIMERS):
            due = [timer.due_at for timer in self.step.timers if timer.due_at <= then]
            if not due:
                break
            self.now = max(self.now, min(due))
            self._after(*engine.wake(self.stage.definition, self.state, now=self.now, services=self.services))
        self.now = max(self.now, then)

    def _after_stride(self, stride: Stride) -> datetime:
        if stride.unit == "hours":
            return self.now + timedelta(hours=stride.count)
        local = self.now.astimezone(self.stage.definition.zone)
        if stride.unit == "working days":
            day = self.calendar.add(local.date(), stride.count, joint_leave_works=False).day
        else:
            day = local.date() + timedelta(days=stride.count)
        # The same time of day, on that day.
        return datetime.combine(day, local.timetz()).astimezone(UTC)

    def _complete(self, move: Move) -> None:
        assert self.state is not None  # noqa: S101 (filed first)
        waiting = [task for task in self.step.tasks if task.element == move.what]
        if not waiting:
            self._miss(
                move.line,
                f"Tugas '{move.what}' tidak menunggu; yang menunggu: {self._waiting()}.",
                f"The task '{move.what}' does not wait; these do: {self._waiting()}.",
            )
            raise _Stop
        values = self._read_form(waiting[0].form, move.answers)
        self._after(
            *engine.complete(
                self.stage.definition, self.state, waiting[0].id, values, now=self.now, services=self.services
            )
        )

    def _deliver(self, move: Move) -> None:
        assert self.state is not None  # noqa: S101 (filed first)
        name = str(move.what)
        if all(message.name != name for message in self.step.messages):
            awaited = _listed(message.name for message in self.step.messages)
            self._miss(
                move.line,
                f"Pesan '{name}' tidak ditunggu; yang ditunggu: {awaited}.",
                f"The message '{name}' is not awaited; these are: {awaited}.",
            )
            raise _Stop
        known = self.stage.case_type.reporter_messages.get(name)
        values = self._read_form(known.form if known is not None else None, move.answers)
        self._after(
            *engine.deliver(self.stage.definition, self.state, name, values, now=self.now, services=self.services)
        )

    def _read_form(self, form_id: str | None, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Read answers through their form as a post would be; give those that become variables."""
        form = self.stage.examined.forms.get(form_id or "")
        declared = self.stage.case_type.variables
        if form is None:
            return {name: value for name, value in answers.items() if name in declared}
        files = {each.name for each in form.fields if each.type == "filepicker" and answers.get(each.name)}
        posted = {name: _posted(value) for name, value in answers.items() if name not in files}
        read = form_answers.read(
            form,
            posted,
            files_present=files,
            clock=Clock(self.now, self.stage.definition.zone),
            variables=self.state.variables if self.state is not None else {},
        )
        unknown = sorted(answers.keys() - {each.name for each in form.fields})
        if unknown:
            raise LookupError(say(f"formulir {form.id} tidak memuat ", f"form {form.id} has no ") + ", ".join(unknown))
        return {name: value for name, value in read.values.items() if name in declared}

    def _after(self, state: State, step: Step) -> None:
        self.state, self.step = state, step
        for entry in step.trace:
            if entry.kind == "entered":
                self.trace.append(entry.element)
                stage = self.stage.definition.element(entry.element, entry.process or None).properties.get("stage")
                if stage is not None and any(task.id == entry.task for task in step.tasks):
                    self.case_stage = stage

    def _called(self, name: str, inputs: dict[str, Any]) -> Mapping[str, Any] | None:
        self.calls.append(ServiceCall(name, inputs, self.now))
        if name == "set_stage":
            self.case_stage = inputs.get("stage")
        elif name == "close_case":
            self.disposition = inputs.get("disposition")
        elif name == "reopen_case":
            self.disposition = None
        return self.script.services.get(name, {})

    # Looking.

    def _look(self, wanted: Expectation, *, everything: bool) -> None:
        calls = self.calls if everything else self.calls[self.looked_at :]
        self.looked_at = len(self.calls)
        for line, ask in sorted(self._asks(wanted, calls), key=itemgetter(0)):
            said = ask()
            if said is not None:
                self._miss(line, *said)

    def _asks(
        self, wanted: Expectation, calls: Sequence[ServiceCall]
    ) -> Iterator[tuple[int, Callable[[], tuple[str, str] | None]]]:
        """Give every question of an expectation with its line; an answer is what is wrong, in both languages."""
        at = wanted.line_of
        if wanted.tasks is not None:
            yield at("tasks"), partial(self._set, "tugas", "tasks", wanted.tasks, [t.element for t in self.step.tasks])
        if wanted.messages is not None:
            names = [message.name for message in self.step.messages]
            yield at("messages"), partial(self._set, "pesan", "messages", wanted.messages, names)
        for element, lane, role, due in wanted.details:
            yield at("task"), partial(self._detail, element, lane, role, due)
        for number, (name, inputs) in enumerate(wanted.services):
            yield at("services"), partial(self._in_order, wanted.services, number, calls, name, inputs)
        for name, inputs in wanted.without:
            yield at("without"), partial(self._never, calls, name, inputs)
        if wanted.trace:
            yield at("trace"), partial(self._passed, wanted.trace)
        for key, indonesian, english, actual in (
            ("stage", "Tahap", "The stage", self.case_stage),
            ("disposition", "Keputusan akhir", "The disposition", self.disposition),
            ("ended", "Selesai", "Ended", self.step.ended),
            ("outcome", "Akhir", "The outcome", self.step.outcome),
        ):
            if key in wanted.facts:
                yield at(key), partial(_equal, indonesian, english, wanted.facts[key], actual)
        variables = self.state.variables if self.state is not None else {}
        for name, value in wanted.variables.items():
            yield at("variables"), partial(_equal, f"Variabel {name}", f"Variable {name}", value, variables.get(name))

    def _set(
        self, indonesian: str, english: str, wanted: Sequence[str], actual: Sequence[str]
    ) -> tuple[str, str] | None:
        if sorted(wanted) == sorted(actual):
            return None
        want, got = _listed(wanted), _listed(actual)
        return f"Diharapkan {indonesian}: {want}; nyatanya: {got}.", f"Expected {english}: {want}; there are: {got}."

    def _detail(self, element: str, lane: str | None, role: str | None, due: str | None) -> tuple[str, str] | None:
        task = next((task for task in self.step.tasks if task.element == element), None)
        if task is None:
            return (
                f"Tugas '{element}' tidak menunggu; yang menunggu: {self._waiting()}.",
                f"The task '{element}' does not wait; these do: {self._waiting()}.",
            )
        known = self.stage.case_type.lanes.get(task.lane or "")
        for wanted, actual, word in ((lane, task.lane, "lane"), (role, known.role if known else None, "role")):
            if wanted is not None and wanted != actual:
                return (
                    f"Diharapkan {word} '{wanted}' pada '{element}'; nyatanya '{actual}'.",
                    f"Expected {word} '{wanted}' of '{element}'; it is '{actual}'.",
                )
        if due is not None and due != (actual := _due_of(task, self.stage)):
            return (
                f"Diharapkan '{element}' berbatas '{due}'; nyatanya '{actual}'.",
                f"Expected '{element}' to be due by '{due}'; it is by '{actual}'.",
            )
        return None

    def _in_order(
        self,
        wanted: Sequence[tuple[str, Mapping[str, Any]]],
        number: int,
        calls: Sequence[ServiceCall],
        name: str,
        inputs: Mapping[str, Any],
    ) -> tuple[str, str] | None:
        """Find this call after those of the entries before it; what is missing is told once, by its own entry."""
        place = 0
        for earlier_name, earlier_inputs in wanted[:number]:
            found = _find(calls, place, earlier_name, earlier_inputs)
            place = place if found is None else found + 1
        if _find(calls, place, name, inputs) is not None:
            return None
        want, got = _call_text(name, inputs), _listed(_call_text(call.name, call.inputs) for call in calls)
        return f"Layanan {want} tidak dipanggil di sini; yang dipanggil: {got}.", (
            f"The service {want} was not called here; these were: {got}."
        )

    def _never(self, calls: Sequence[ServiceCall], name: str, inputs: Mapping[str, Any]) -> tuple[str, str] | None:
        if _find(calls, 0, name, inputs) is None:
            return None
        call = _call_text(name, inputs)
        return f"Layanan {call} tidak boleh dipanggil.", f"The service {call} must not be called."

    def _passed(self, wanted: Sequence[str]) -> tuple[str, str] | None:
        place = 0
        for element in wanted:
            if element not in self.trace[place:]:
                return (
                    f"'{element}' tidak dilalui pada urutannya; yang dilalui: {_listed(self.trace)}.",
                    f"'{element}' was not passed in its order; the path was: {_listed(self.trace)}.",
                )
            place = self.trace.index(element, place) + 1
        return None

    def _waiting(self) -> str:
        return _listed(task.element for task in self.step.tasks)

    def _miss(self, line: int, indonesian: str, english: str) -> None:
        self.disappointments.append(Disappointment(line, say(indonesian, english)))


class _Stop(Exception):
    """The scenario cannot go on; why has been noted."""


def _due_of(task: WaitingTask, stage: _Stage) -> str | None:
    if task.due_at is None:
        return task.due
    # The last day of a deadline ends at midnight, which is the first instant of the day after.
    last_instant = task.due_at.astimezone(stage.definition.zone) - timedelta(microseconds=1)
    return last_instant.date().isoformat()


def _find(calls: Sequence[ServiceCall], place: int, name: str, inputs: Mapping[str, Any]) -> int | None:
    return next((at for at in range(place, len(calls)) if calls[at].fits(name, inputs)), None)


def _equal(indonesian: str, english: str, wanted: Any, actual: Any) -> tuple[str, str] | None:
    if _same(actual, wanted):
        return None
    return f"{indonesian}: diharapkan {wanted!r}, nyatanya {actual!r}.", (
        f"{english}: expected {wanted!r}, it is {actual!r}."
    )


def _same(actual: Any, wanted: Any) -> bool:
    """Compare a value of the engine with one of YAML: numbers by value, everything of other kinds by its text."""
    if isinstance(wanted, bool) or wanted is None or isinstance(actual, bool):
        return bool(actual is wanted)
    if isinstance(wanted, dict) and isinstance(actual, Mapping):
        return all(_same(actual.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(actual, Sequence) and not isinstance(actual, str):
        return len(wanted) == len(actual) and all(map(_same, actual, wanted))
    if isinstance(wanted, int | float):
        try:
            return float(actual) == float(wanted)
        except (TypeError, ValueError):
            return False
    return str(actual) == str(wanted)


def _posted(value: Any) -> list[str]:
    """Write an answer as a browser would post it."""
    if isinstance(value, bool):
        return ["true"] if value else []
    if isinstance(value, list):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]


def _call_text(name: str, inputs: Mapping[str, Any]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in inputs.items())})"


def _listed(words: Any) -> str:
    return ", ".join(words) or say("tidak ada", "none")
