"""The path of a case through its diagram: which flows it took, how far each element is, and the same in plain words.

Pure functions of the diagram's bytes and of the footsteps that the engine reported, oldest first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from workflows.diagrams.plan import Mark, Plan
from workflows.language import say

# What no person does or decides: tasks of the system, and sub-processes, whose own steps tell more.
_BY_ITSELF = frozenset(
    {"serviceTask", "sendTask", "scriptTask", "businessRuleTask", "subProcess", "callActivity", "transaction"}
)


@dataclass(frozen=True)
class Footstep:
    """One event of the path: the token entered, left, or was taken from an element."""

    element: str
    event: Literal["entered", "left", "cancelled"]


@dataclass(frozen=True)
class Passage:
    """A line of the path in plain words."""

    element: str
    # What happened or is awaited, in the reader's language.
    text: str
    mark: Mark
    # Place in the footsteps of the event that the line tells, so that a caller can add the time.
    index: int


def path_taken(source: bytes, steps: Sequence[Footstep]) -> frozenset[str]:
    """Tell which sequence flows the token went along, from the order in which elements were entered and left.

    A joining gateway was reached along every flow whose source was passed since it was last entered; anything else
    along the one whose source was passed last.
    """
    plan = Plan.read(source)
    arriving: dict[str, list[tuple[str, str]]] = {}
    for flow in plan.flows:
        arriving.setdefault(plan.attribute(flow, "targetRef"), []).append((flow, plan.attribute(flow, "sourceRef")))
    passed: dict[str, int] = {}
    entered: dict[str, int] = {}
    taken: set[str] = set()
    for index, step in enumerate(steps):
        if step.event == "entered":
            since = entered.get(step.element, -1)
            ways = [(passed[origin], flow) for flow, origin in arriving.get(step.element, ()) if origin in passed]
            if plan.kind(step.element) in {"parallelGateway", "inclusiveGateway"}:
                taken.update(flow for at, flow in ways if at > since)
            elif ways:
                latest = max(at for at, _ in ways)
                taken.update(flow for at, flow in ways if at == latest)
            entered[step.element] = index
        if step.event == "left":
            passed[step.element] = index
    return frozenset(taken)


def marks_of(
    source: bytes, steps: Sequence[Footstep], *, late: Collection[str] = (), failed: Collection[str] = ()
) -> dict[str, Mark]:
    """Turn footsteps into marks for `draw`: elements passed, waiting, late or cancelled, and the flows between them.

    An element at which something `failed` is marked so whether the token came to it or not: it is where to look.
    """
    plan = Plan.read(source)
    marks: dict[str, Mark] = {}
    inside: dict[str, int] = {}
    for step in steps:
        # An event on the border of an activity waits with it and says nothing until it happens.
        if plan.kind(step.element) == "boundaryEvent" and step.event != "left":
            continue
        if step.event == "entered":
            inside[step.element] = inside.get(step.element, 0) + 1
            marks[step.element] = "waiting"
        else:
            inside[step.element] = max(inside.get(step.element, 0) - 1, 0)
            if not inside[step.element]:
                marks[step.element] = "done" if step.event == "left" else "cancelled"
    for element in late:
        if marks.get(element) == "waiting":
            marks[element] = "late"
    marks.update(dict.fromkeys(path_taken(source, steps), "done"))
    marks.update({element: "failed" for element in failed if element in plan.elements})
    return marks


def plain_path(
    source: bytes, steps: Sequence[Footstep], *, late: Collection[str] = (), automatic: bool = True
) -> tuple[Passage, ...]:
    """Tell the path in words, oldest first: what was done, decided, received, and what is awaited now.

    Without `automatic` the steps that the system does by itself are passed over.
    """
    plan = Plan.read(source)
    left = [step.element for step in steps if step.event != "entered"]
    passages: list[Passage] = []
    visits: dict[str, int] = {}
    for index, step in enumerate(steps):
        if not automatic and plan.kind(step.element) in _BY_ITSELF:
            continue
        if step.event == "entered":
            visits[step.element] = visits.get(step.element, 0) + 1
            if visits[step.element] > left.count(step.element):
                mark: Mark = "late" if step.element in late else "waiting"
                text = _words(plan, step.element, mark)
                if text:
                    passages.append(Passage(step.element, text, mark, index))
            continue
        mark = "done" if step.event == "left" else "cancelled"
        text = _words(plan, step.element, mark, steps[index + 1 :])
        if text:
            passages.append(Passage(step.element, text, mark, index))
    return tuple(passages)


def _words(plan: Plan, element: str, mark: Mark, after: Sequence[Footstep] = ()) -> str:
    """One line of the path; empty for what only a drawing needs, such as a join. `after` are the steps that follow."""
    kind, name = plan.kind(element), plan.name(element)
    if not name and kind != "startEvent":
        return ""
    if kind == "boundaryEvent" and mark != "done":
        return ""
    lane = plan.lanes.get(element, "")
    who = f"{lane}: " if lane else ""
    if mark == "cancelled":
        return say(f"{who}{name} dibatalkan", f"{who}{name} was cancelled")
    if mark in {"waiting", "late"}:
        return _awaited(plan, element, kind, name, lane, late=mark == "late")
    if kind.endswith("Gateway"):
        way = _way_out(plan, element, after)
        return f"{name} {way}" if way else ""
    if kind in {"userTask", "manualTask"}:
        return say(f"{who}{name} selesai", f"{who}{name} done")
    if kind == "endEvent":
        return say(f"Berakhir: {name}", f"Ended: {name}")
    if kind == "startEvent":
        return say(f"Dimulai: {name}" if name else "Dimulai", f"Began: {name}" if name else "Began")
    if kind.endswith("Event"):
        trigger = plan.trigger(plan.elements[element])
        if trigger == "timer":
            return say(f"Waktunya tiba: {name}", f"The time came: {name}")
        if trigger == "message" and kind != "intermediateThrowEvent":
            return say(f"Diterima: {name}", f"Received: {name}")
        return name
    return say(f"Otomatis: {name}", f"By the system: {name}") if kind.endswith("Task") else name


def _way_out(plan: Plan, gateway: str, after: Sequence[Footstep]) -> str:
    """The name of the flow along which a gateway was left: the one to whatever was entered first afterwards."""
    ways = {
        plan.attribute(flow, "targetRef"): plan.name(flow)
        for flow in plan.flows
        if plan.attribute(flow, "sourceRef") == gateway
    }
    return next((ways[step.element] for step in after if step.event == "entered" and step.element in ways), "")


def _awaited(plan: Plan, element: str, kind: str, name: str, lane: str, *, late: bool) -> str:
    if kind.endswith("Event"):
        if plan.trigger(plan.elements[element]) == "timer":
            return say(f"Menunggu waktu: {name}", f"Waiting for the time: {name}")
        return say(f"Menunggu: {name}", f"Waiting for: {name}")
    if kind.endswith("Gateway") or kind not in {"userTask", "manualTask", "receiveTask"}:
        return ""
    text = (
        say(f"Menunggu {lane}: {name}", f"Waiting for {lane}: {name}")
        if lane
        else say(f"Menunggu: {name}", f"Waiting for: {name}")
    )
    return say(f"{text} (lewat tenggat)", f"{text} (overdue)") if late else text
