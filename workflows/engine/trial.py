"""The trial run: walks through a definition with sample data before anybody depends on it.

Between any two steps the state is written and read, and beside it goes an instance that is never written: both must
stand in the same place and know the same. What goes wrong with the definition becomes a finding; nothing is stored and
no service is called. The walks are the same for the same files, and bounded in steps.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson

from workflows.engine import acts, codec
from workflows.engine.activities import RuleTask
from workflows.engine.definition import Definition, Element, StartEvent
from workflows.engine.instance import Instance
from workflows.engine.observing import observe
from workflows.engine.samples import Samples
from workflows.engine.step import State, Step, WaitingTask
from workflows.errors import AmanahError, Finding
from workflows.feel.clock import Clock
from workflows.language import say

logger = logging.getLogger(__name__)

# Acts of all walks together, and of one walk; a large diagram is walked in part.
MOST_ACTS = 80
MOST_IN_A_WALK = 30
# Walks end when so many in a row came to no new element.
MOST_IN_VAIN = 16
# Automatic steps of all walks together: a diagram of thousands of nodes is walked once or twice.
MOST_STEPS = 12_000
# How often one act may ask what waits for its data; the engine itself has more patience.
MOST_ASKED = 30_000
# Elements that are named as not reached.
MOST_NAMED = 8
# A Monday morning; the clock of the walks begins here and moves with the timers.
BEGINNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

# Walks end quietly where a register of deadlines is asked that is not there, and where a table refuses sample data.
_LACKING = frozenset(
    {"deadline.nothing_to_count_by", "deadline.unknown", "decision.input_type", "decision.input_value"}
)


@dataclass(frozen=True)
class Asked:
    """Somebody or something that gives values to the process."""

    # Element that takes them: a start event, a user task, a message or signal event, a service.
    element: str
    # Form that is filled in, if the diagram names one.
    form: str | None = None


@dataclass(frozen=True)
class Blank:
    """A variable that is filled in: with one of these values, and unless it is closed with what expressions ask for."""

    values: tuple[Any, ...]
    closed: bool = False


# Names what is filled in; without it every variable is that no element of the diagram writes.
Blanks = Callable[[Asked], Mapping[str, Blank]]


@dataclass
class Trial:
    """What the walks found."""

    definition: Definition
    blanks: Blanks | None = None
    findings: list[Finding] = field(default_factory=list)
    # Elements that some walk came to.
    reached: set[str] = field(default_factory=set)
    acts: int = 0
    steps: int = 0

    def __post_init__(self) -> None:
        specs = [spec for scope in self.definition.plan.scopes.values() for spec in scope.task_specs.values()]
        decisions = [spec.decision for spec in specs if isinstance(spec, RuleTask)]
        self._samples = Samples(self.definition.uses, decisions)
        self._elements = {element.id: element for element in self.definition.elements}
        self._done: Counter[str] = Counter()
        names = {element.topic for element in self.definition.elements if element.topic}
        self._services: dict[str, Callable[..., Any]] = dict.fromkeys(names, lambda inputs: {})
        # What the diagram itself writes is nobody's answer.
        self._open = tuple(sorted(set(self._samples.names) - set(self.definition.variables_written)))

    def run(self) -> "Trial":
        """Walk from every start event, again and again, until nothing new is found."""
        starts = self.definition.starts
        in_vain = seed = 0
        while in_vain < MOST_IN_VAIN * len(starts) and self.acts < MOST_ACTS and self.steps < MOST_STEPS:
            known = len(self.reached)
            self._walk(starts[seed % len(starts)], Random(seed))  # noqa: S311 (the same walks for the same files)
            seed += 1
            in_vain = 0 if len(self.reached) > known else in_vain + 1
        return self

    @property
    def unreached(self) -> list[Element]:
        """Elements of the started process that no walk came to, in the order of the file."""
        return [
            element
            for element in self.definition.elements
            if element.id not in self.reached and element.process == self.definition.process
        ]

    # --- walking -----------------------------------------------------------------------------------------------------

    def _walk(self, entry: StartEvent, dice: Random) -> None:
        now = BEGINNING
        definition, last = self.definition, entry.element
        trigger = None if entry.kind == "none" else (entry.kind, entry.name or "")
        values = self._values(Asked(entry.element), dice)
        clock = Clock(now, definition.zone)
        try:
            live = acts.start(definition, values, clock, self._services, trigger)
            live.ask_budget = MOST_ASKED
            state, step = self._rest(live)
            for _ in range(MOST_IN_A_WALK):
                if step.ended or self.acts >= MOST_ACTS or self.steps >= MOST_STEPS:
                    return
                if step.stuck:
                    self._tell_stuck(step)
                    return
                act, last, now = self._choose(step, now, dice)
                clock = Clock(now, definition.zone)
                read = codec.load(
                    state.tokens,
                    definition.plan,
                    orjson.loads(orjson.dumps(state.variables)),
                    clock=clock,
                    services=self._services,
                )
                read.ask_budget = MOST_ASKED
                live.turn(clock)
                same = codec.dump(read) == state.tokens
                act(read)
                act(live)
                kept, step = self._rest(read)
                state, beside = self._rest(live)
                self.acts += 1
                if not same or (kept, step) != (state, beside):
                    self._tell("trial.not_kept", last, *_NOT_KEPT)
                    return
        except AmanahError as problem:
            self._tell_fault(problem, last)
        except Exception as problem:
            # A fault of the engine: the diagram must not be trusted to it.
            logger.exception("The trial run broke at %s", last)
            self._tell(
                "trial.broken",
                last,
                f"Jalan percobaan putus di sini: {type(problem).__name__}.",
                f"The trial run broke here: {type(problem).__name__}.",
            )

    def _rest(self, instance: Instance) -> tuple[State, Step]:
        """Let everything move that can, and give the state as it is written."""
        instance.run()
        step = observe(instance)
        self.steps += instance.steps
        self.reached.update(entry.element for entry in step.trace)
        return State(codec.dump(instance), instance.variables.document), step

    def _choose(self, step: Step, now: datetime, dice: Random) -> tuple[Callable[[Instance], object], str, datetime]:
        """Choose among what may happen next what was done least."""
        moves: list[tuple[str, str, Any]] = [("task", task.element, task) for task in step.tasks]
        moves += [("message", message.element, message.name) for message in step.messages]
        moves += [("signal", signal.element, signal.name) for signal in step.signals]
        moves += [("wake", timer.element, timer.due_at) for timer in step.timers[:1]]
        least = min(self._done[element] for _, element, _ in moves)
        kind, element, what = dice.choice([move for move in moves if self._done[move[1]] == least])
        self._done[element] += 1
        if kind == "wake":
            return acts.wake, element, max(now, what)
        now += timedelta(hours=1)
        if kind == "task":
            task: WaitingTask = what
            values = self._values(Asked(element, task.form), dice)
            return lambda instance: acts.complete(instance, task.id, values), element, now
        values = self._values(Asked(element), dice)
        if kind == "signal":
            return lambda instance: acts.deliver(instance, what, values, "signal"), element, now
        return lambda instance: acts.deliver(instance, what, values, "message"), element, now

    def _values(self, asked: Asked, dice: Random) -> dict[str, Any]:
        if self.blanks is None:
            return self._samples.draw(self._open, dice)
        blanks = self.blanks(asked)
        drawn = self._samples.draw([name for name, blank in blanks.items() if not blank.closed], dice)
        return {name: drawn[name] if name in drawn else dice.choice(blank.values) for name, blank in blanks.items()}

    # --- telling -----------------------------------------------------------------------------------------------------

    def _tell_fault(self, problem: AmanahError, last: str) -> None:
        element = str(problem.facts.get("element") or last)
        if problem.code in _LACKING:
            # The diagram is right and asks for more than it brings.
            return
        if problem.code == "gateway.no_way" and any(
            finding.code == "gateway.no_default" and finding.element == element for finding in self.definition.findings
        ):
            # That was told already, and better: without a default flow there is data without an answer.
            return
        reason = problem.facts.get("reason") or problem.code
        if problem.code == "engine.endless":
            # Two such walks are enough; each goes as far as the engine lets it.
            self.steps += MOST_STEPS // 2
            self._tell("trial.endless", element, *_ENDLESS, severity="warning")
            return
        self._tell(
            "trial.stopped",
            element,
            f"Dengan data contoh, jalan percobaan berhenti di sini: {reason}.",
            f"With sample data the trial run stops here: {reason}.",
            severity="warning",
        )

    def _tell_stuck(self, step: Step) -> None:
        waiting = step.tokens[0] if step.tokens else self.definition.starts[0].element
        self._tell("trial.stuck", waiting, *_STUCK, severity="warning")

    def _tell(self, code: str, element: str, indonesian: str, english: str, severity: Any = "error") -> None:
        found = self._elements.get(element)
        place = ("", 1) if found is None else (found.file, found.line)
        finding = Finding(code, say(indonesian, english), say(*_MEND[code]), severity, *place, element)
        if finding not in self.findings:
            self.findings.append(finding)


def try_out(definition: Definition, blanks: Blanks | None = None) -> list[Finding]:
    """Walk through the definition and give what was found; `blanks` knows what forms and declarations say."""
    trial = Trial(definition, blanks).run()
    unreached = trial.unreached
    if unreached and not trial.findings:
        named = ", ".join(element.name or element.id for element in unreached[:MOST_NAMED])
        more = f" (+{len(unreached) - MOST_NAMED})" if len(unreached) > MOST_NAMED else ""
        first = unreached[0]
        trial.findings.append(
            Finding(
                "trial.not_reached",
                say(
                    f"Jalan percobaan dengan data contoh tidak sampai ke: {named}{more}.",
                    f"The trial run with sample data did not come to: {named}{more}.",
                ),
                say("Tulis skenario yang melewatinya.", "Write a scenario that passes it."),
                "note",
                first.file,
                first.line,
                first.id,
            )
        )
    return trial.findings


_NOT_KEPT = (
    "Setelah disimpan dan dibaca lagi, proses tidak berdiri di tempat yang sama.",
    "After writing and reading, the process does not stand in the same place.",
)
_ENDLESS = (
    "Dengan data contoh, proses berputar di sini tanpa pernah menunggu.",
    "With sample data the process goes round here without ever waiting.",
)
_STUCK = (
    "Jalan percobaan macet: gerbang di sini menunggu cabang yang tidak pernah datang.",
    "The trial run is stuck: what stands here waits for a branch that never comes.",
)
_REPORT = ("Laporkan diagram ini kepada pengembang.", "Report this diagram to the developers.")
_MEND = {
    "trial.not_kept": _REPORT,
    "trial.broken": _REPORT,
    "trial.endless": ("Pasang sesuatu yang menunggu, atau syarat keluar.", "Put something that waits, or a way out."),
    "trial.stuck": ("Satukan pilihan dengan gerbang eksklusif.", "Join alternatives with an exclusive gateway."),
    "trial.stopped": (
        "Tambahkan alur bawaan atau periksa ekspresinya.",
        "Add a default flow or look at the expression.",
    ),
}
