"""Compares what a scenario expects with what came, and says in words what differs.

Every question is a small function that gives None when all is well, else what was expected and what happened.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from workflows.catalogue.manifest import CaseType
from workflows.catalogue.script import Call, Detail, Expectation
from workflows.engine import Definition, Step, WaitingTask
from workflows.language import say


@dataclass(frozen=True)
class ServiceCall:
    """A service that the diagram called."""

    name: str
    inputs: Mapping[str, Any]
    # The instant at which it was called.
    at: datetime

    def fits(self, wanted: Call) -> bool:
        """Tell whether this is the call that was expected; inputs that were not mentioned may be anything."""
        name, inputs = wanted
        return self.name == name and all(_same(self.inputs.get(key), value) for key, value in inputs.items())


@dataclass(frozen=True)
class View:
    """What there is to see at one moment of a rehearsal."""

    case_type: CaseType
    definition: Definition
    step: Step
    variables: Mapping[str, Any]
    # Elements that were entered so far, in order.
    trace: Sequence[str]
    # Services that were called since the last look, in order.
    calls: Sequence[ServiceCall]
    # What a case would say of itself: stage, disposition, ended, outcome.
    facts: Mapping[str, Any]


def disappointments(wanted: Expectation, view: View) -> Iterator[tuple[int, str]]:
    """Give everything that is not as expected, with its line, in the order of the lines."""
    yield from sorted(_all(wanted, view), key=lambda told: told[0])


def _all(wanted: Expectation, view: View) -> Iterator[tuple[int, str]]:
    questions: list[tuple[str, str | None]] = []
    if wanted.tasks is not None:
        waiting = [task.element for task in view.step.tasks]
        questions.append(("tasks", _exactly(say("tugas", "tasks"), wanted.tasks, waiting)))
    if wanted.messages is not None:
        awaited = [message.name for message in view.step.messages]
        questions.append(("messages", _exactly(say("pesan", "messages"), wanted.messages, awaited)))
    if wanted.detail is not None:
        questions.append(("task", _detail(wanted.detail, view)))
    questions += [("services", each) for each in _called_in_order(wanted.services, view.calls)]
    questions += [("without", _never_called(each, view.calls)) for each in wanted.without]
    questions.append(("trace", _passed(wanted.trace, view.trace)))
    for fact, value in wanted.facts.items():
        questions.append((fact, _equal(_FACTS[fact](), value, view.facts.get(fact))))
    for name, value in wanted.variables.items():
        questions.append(
            ("variables", _equal(say(f"Variabel {name}", f"Variable {name}"), value, view.variables.get(name)))
        )
    for key, said in questions:
        if said is not None:
            yield wanted.line_of(key), said


_FACTS = {
    "stage": lambda: say("Tahap", "The stage"),
    "disposition": lambda: say("Keputusan akhir", "The disposition"),
    "ended": lambda: say("Selesai", "Ended"),
    "outcome": lambda: say("Akhir", "The outcome"),
}


def _exactly(what: str, wanted: Sequence[str], actual: Sequence[str]) -> str | None:
    if sorted(wanted) == sorted(actual):
        return None
    return say(
        f"Diharapkan {what}: {listed(wanted)}; nyatanya: {listed(actual)}.",
        f"Expected {what}: {listed(wanted)}; there are: {listed(actual)}.",
    )


def _detail(wanted: Detail, view: View) -> str | None:
    task = next((task for task in view.step.tasks if task.element == wanted.task), None)
    if task is None:
        return no_such_task(wanted.task, view.step)
    lane = view.case_type.lanes.get(task.lane or "")
    for word, expected, actual in (
        ("lane", wanted.lane, task.lane),
        ("role", wanted.role, lane.role if lane is not None else None),
        ("due", wanted.due, _due_of(task, view.definition)),
    ):
        if expected is not None and expected != actual:
            return say(
                f"Diharapkan {word} '{expected}' pada '{wanted.task}'; nyatanya '{actual}'.",
                f"Expected {word} '{expected}' of '{wanted.task}'; it is '{actual}'.",
            )
    return None


def no_such_task(element: str, step: Step) -> str:
    """Say that a task does not wait, and which do."""
    waiting = listed(task.element for task in step.tasks)
    return say(
        f"Tugas '{element}' tidak menunggu; yang menunggu: {waiting}.",
        f"The task '{element}' does not wait; these do: {waiting}.",
    )


def _called_in_order(wanted: Sequence[Call], calls: Sequence[ServiceCall]) -> Iterator[str]:
    """Look for each call after the one before it; others may stand between."""
    place = 0
    for call in wanted:
        found = _find(call, calls, place)
        if found is not None:
            place = found + 1
            continue
        actual = listed(_text((call.name, call.inputs)) for call in calls)
        yield say(
            f"Layanan {_text(call)} tidak dipanggil di sini; yang dipanggil: {actual}.",
            f"The service {_text(call)} was not called here; these were: {actual}.",
        )


def _never_called(wanted: Call, calls: Sequence[ServiceCall]) -> str | None:
    if _find(wanted, calls, 0) is None:
        return None
    return say(f"Layanan {_text(wanted)} tidak boleh dipanggil.", f"The service {_text(wanted)} must not be called.")


def _find(wanted: Call, calls: Sequence[ServiceCall], place: int) -> int | None:
    return next((at for at in range(place, len(calls)) if calls[at].fits(wanted)), None)


def _passed(wanted: Sequence[str], trace: Sequence[str]) -> str | None:
    place = 0
    for element in wanted:
        if element not in trace[place:]:
            return say(
                f"'{element}' tidak dilalui pada urutannya; yang dilalui: {listed(trace)}.",
                f"'{element}' was not passed in its order; the path was: {listed(trace)}.",
            )
        place = list(trace).index(element, place) + 1
    return None


def _equal(what: str, wanted: Any, actual: Any) -> str | None:
    if _same(actual, wanted):
        return None
    return say(
        f"{what}: diharapkan {wanted!r}, nyatanya {actual!r}.", f"{what}: expected {wanted!r}, it is {actual!r}."
    )


def _due_of(task: WaitingTask, definition: Definition) -> str | None:
    if task.due_at is None:
        return task.due
    # The last day of a deadline ends at midnight, which is the first instant of the day after.
    last_instant = task.due_at.astimezone(definition.zone) - timedelta(microseconds=1)
    return last_instant.date().isoformat()


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


def _text(call: Call) -> str:
    name, inputs = call
    return f"{name}({', '.join(f'{key}={value}' for key, value in inputs.items())})"


def listed(words: Iterable[str]) -> str:
    """Give the words with commas, or say that there are none."""
    return ", ".join(words) or say("tidak ada", "none")
