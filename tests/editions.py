"""Random changes to a drawn process, as a designer makes them between two editions: one change, one new file."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
_RESTS = ("userTask", "manualTask", "intermediateCatchEvent", "subProcess", "callActivity")


@dataclass(frozen=True)
class Changed:
    """What a designer made of a diagram."""

    bpmn: bytes
    # What was done, for whoever reads of a failure.
    what: str
    # Element of the old diagram -> element that takes its place, as a designer would say.
    mapping: Mapping[str, str] = field(default_factory=dict)


def changed(bpmn: bytes, dice: random.Random, standing: Sequence[str] = ()) -> Changed:
    """Change one thing of the diagram, often where cases stand; it need not be one that the gate accepts."""
    drawing = _Drawing(bpmn, dice, standing)
    made = dice.choice(_CHANGES)(drawing)
    return Changed(etree.tostring(drawing.root), made[0], made[1] if len(made) > 1 else {})


class _Drawing:
    """A diagram in the hands of a designer."""

    def __init__(self, bpmn: bytes, dice: random.Random, standing: Sequence[str]) -> None:
        self.root = etree.fromstring(bpmn)
        self.dice = dice
        self._standing = set(standing)
        self._names = {each.get("id") for each in self.root.iter() if each.get("id")}

    def all(self, *tags: str) -> list[etree._Element]:
        return [each for tag in tags for each in self.root.iter(f"{{{_BPMN}}}{tag}")]

    def one_of(self, *tags: str, fits: Callable[[etree._Element], bool] = lambda _: True) -> etree._Element | None:
        found = [each for each in self.all(*tags) if fits(each)]
        here = [each for each in found if each.get("id") in self._standing]
        if here and self.dice.random() < 0.6:
            return self.dice.choice(here)
        return self.dice.choice(found) if found else None

    def fresh(self, name: str) -> str:
        number = next(each for each in range(1, 1000) if f"{name}_{each}" not in self._names)
        self._names.add(f"{name}_{number}")
        return f"{name}_{number}"

    def add(self, place: etree._Element, tag: str, **attributes: str) -> etree._Element:
        return etree.SubElement(place, f"{{{_BPMN}}}{tag}", attributes)

    def flow(self, place: etree._Element, source: str, target: str) -> etree._Element:
        return self.add(place, "sequenceFlow", sourceRef=source, targetRef=target)

    def task(self, place: etree._Element, name: str) -> etree._Element:
        task = self.add(place, "userTask", id=name)
        task.set(f"{{{_CAMUNDA}}}candidateGroups", "intake_officer")
        return task

    def out_of(self, name: str | None) -> list[etree._Element]:
        return [each for each in self.all("sequenceFlow") if each.get("sourceRef") == name]

    def into(self, name: str | None) -> list[etree._Element]:
        return [each for each in self.all("sequenceFlow") if each.get("targetRef") == name]

    def borders(self, name: str | None) -> list[etree._Element]:
        return [each for each in self.all("boundaryEvent") if each.get("attachedToRef") == name]

    def is_plain(self, element: etree._Element) -> bool:
        """Tell whether the element can be taken out of its way without more ado."""
        name = element.get("id")
        return len(self.out_of(name)) == 1 and bool(self.into(name)) and not self.borders(name)


def _rename(drawing: _Drawing) -> tuple[str, dict[str, str]]:
    element = drawing.one_of(*_RESTS, fits=lambda each: each.get("triggeredByEvent") != "true")
    if element is None:
        return "nothing", {}
    old = element.get("id") or ""
    new = drawing.fresh(old)
    for each in drawing.root.iter():
        for name in ("id", "sourceRef", "targetRef", "attachedToRef"):
            if each.get(name) == old:
                each.set(name, new)
    told = drawing.dice.random() < 0.8
    return f"{old} renamed to {new}{'' if told else ', and nobody said so'}", {old: new} if told else {}


def _remove(drawing: _Drawing) -> tuple[str, ...]:
    element = drawing.one_of("userTask", "scriptTask", "intermediateCatchEvent", fits=drawing.is_plain)
    if element is None:
        return ("nothing",)
    name = element.get("id")
    (leaving,) = drawing.out_of(name)
    for flow in drawing.into(name):
        flow.set("targetRef", leaving.get("targetRef") or "")
    for gone in (leaving, element):
        gone.getparent().remove(gone)
    return (f"{name} removed",)


def _insert(drawing: _Drawing) -> tuple[str, ...]:
    flow = drawing.one_of("sequenceFlow")
    assert flow is not None
    place, name = flow.getparent(), drawing.fresh("new")
    drawing.task(place, name)
    drawing.flow(place, name, flow.get("targetRef") or "")
    told = f"{name} put between {flow.get('sourceRef')} and {flow.get('targetRef')}"
    flow.set("targetRef", name)
    return (told,)


def _wrap(drawing: _Drawing) -> tuple[str, ...]:
    task = drawing.one_of("userTask", fits=lambda each: not drawing.borders(each.get("id")))
    if task is None:
        return ("nothing",)
    place, name = task.getparent(), task.get("id") or ""
    around = drawing.fresh("around")
    for each in (*drawing.into(name), *drawing.out_of(name)):
        side = "targetRef" if each.get("targetRef") == name else "sourceRef"
        each.set(side, around)
    box = drawing.add(place, "subProcess", id=around)
    place.remove(task)
    begin, finish = drawing.fresh("in"), drawing.fresh("out")
    drawing.add(box, "startEvent", id=begin)
    task.attrib.pop("default", None)
    box.append(task)
    drawing.add(box, "endEvent", id=finish)
    drawing.flow(box, begin, name)
    drawing.flow(box, name, finish)
    return (f"{name} moved into a sub-process",)


def _retype(drawing: _Drawing) -> tuple[str, ...]:
    task = drawing.one_of("userTask")
    if task is None:
        return ("nothing",)
    task.tag = f"{{{_BPMN}}}{drawing.dice.choice(('manualTask', 'receiveTask'))}"
    if task.tag.endswith("receiveTask"):
        task.set("messageRef", "message_reply")
    return (f"{task.get('id')} is another kind of task",)


def _retime(drawing: _Drawing) -> tuple[str, ...]:
    durations = drawing.all("timeDuration")
    if not durations:
        return ("nothing",)
    chosen = drawing.dice.choice(durations)
    chosen.text = f"P{drawing.dice.randint(1, 9)}D"
    return ("a timer runs longer or shorter",)


def _reform(drawing: _Drawing) -> tuple[str, ...]:
    task = drawing.one_of("userTask")
    if task is None:
        return ("nothing",)
    key = f"{{{_CAMUNDA}}}formKey"
    if task.get(key):
        del task.attrib[key]
    else:
        task.set(key, "answers")
    task.set("name", f"Tugas {drawing.dice.randint(1, 9)}")
    return (f"{task.get('id')} asks something else",)


def _watch(drawing: _Drawing) -> tuple[str, ...]:
    task = drawing.one_of("userTask", "subProcess", fits=lambda each: each.get("triggeredByEvent") != "true")
    if task is None:
        return ("nothing",)
    place = task.getparent()
    border, reaction, finish = drawing.fresh("watch"), drawing.fresh("reaction"), drawing.fresh("over")
    stays = "false" if drawing.dice.random() < 0.7 else "true"
    event = drawing.add(place, "boundaryEvent", id=border, attachedToRef=task.get("id") or "", cancelActivity=stays)
    if drawing.dice.random() < 0.5:
        definition = drawing.add(event, "timerEventDefinition")
        drawing.add(definition, "timeDuration").text = f"P{drawing.dice.randint(1, 9)}D"
    else:
        drawing.add(event, "messageEventDefinition", messageRef="message_stop")
    drawing.task(place, reaction)
    drawing.add(place, "endEvent", id=finish)
    drawing.flow(place, border, reaction)
    drawing.flow(place, reaction, finish)
    return (f"{task.get('id')} is watched by {border}",)


def _unwatch(drawing: _Drawing) -> tuple[str, ...]:
    border = drawing.one_of("boundaryEvent")
    if border is None:
        return ("nothing",)
    for each in list(_path_from(drawing, border)):
        each.getparent().remove(each)
    return (f"{border.get('id')} and its way removed",)


def _path_from(drawing: _Drawing, element: etree._Element) -> Iterator[etree._Element]:
    """Give the element and whatever only it leads to, along one way."""
    here: etree._Element | None = element
    while here is not None:
        yield here
        yield from drawing.borders(here.get("id"))
        leaving = drawing.out_of(here.get("id"))
        yield from leaving
        targets = [each.get("targetRef") for each in leaving]
        here = None
        if len(targets) == 1 and len(drawing.into(targets[0])) == 1:
            here = next(each for each in drawing.root.iter() if each.get("id") == targets[0])


def _hear(drawing: _Drawing) -> tuple[str, ...]:
    awaited = drawing.all("messageEventDefinition")
    if not awaited:
        return ("nothing",)
    chosen = drawing.dice.choice(awaited)
    chosen.set("messageRef", f"message_{drawing.dice.choice(('news', 'reply', 'stop'))}")
    return ("another message is awaited",)


_CHANGES = (_rename, _rename, _remove, _insert, _insert, _wrap, _retype, _retime, _reform, _watch, _unwatch, _hear)
