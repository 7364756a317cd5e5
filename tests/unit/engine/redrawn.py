"""A BPMN file as a drawing for the oracle, read anew: nothing here comes from the engine's own reader or checks.

Conditions and scripts are FEEL, which has tests of its own; everything else is plain XML. What the token game does not
play (lists, cycles, parameters) is told by `Unplayable`, so that whoever counts says how many were compared.
"""

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

from lxml import etree

from unit.engine.drawing import NOW
from unit.engine.token_game import Arrow, Box, Drawing
from workflows.feel import expressions as feel

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
_CLOCK = feel.Clock(NOW, UTC)
_GATEWAYS = {
    "exclusiveGateway": "xor",
    "parallelGateway": "and",
    "inclusiveGateway": "or",
    "eventBasedGateway": "choice",
}
# What each kind of event is called in the game.
_AWAITED = {name: name for name in ("message", "signal", "timer", "error", "escalation")} | {"conditional": "condition"}


class Unplayable(Exception):
    """The token game does not know this; nothing is said about the diagram."""


def drawing_of(content: bytes, process: str) -> Drawing:
    """Read the process of this id, and those that it calls; Unplayable when the game does not know all of it."""
    return _Reader(content).read(process)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._root = etree.fromstring(content)
        self._named = {str(each.get("id")): each for each in self._root if each.get("id")}
        self._drawing = Drawing()
        self._links: list[tuple[str, str, str]] = []
        self._landings: dict[tuple[str, str], str] = {}

    def read(self, process: str) -> Drawing:
        self._scope(self._named[process], "")
        for scope, name, thrower in self._links:
            self._drawing.arrows.append(Arrow(thrower, self._landings[scope, name]))
        return self._drawing

    def _scope(self, holder: Any, scope: str) -> str:
        """Read what stands in a process or sub-process; give its plain start."""
        entry = ""
        for each in holder:
            if not isinstance(each.tag, str) or not each.tag.startswith(_BPMN):
                continue
            tag = each.tag.removeprefix(_BPMN)
            if tag == "sequenceFlow":
                self._flow(each, holder)
            elif tag.endswith(("Task", "Event", "Gateway")) or tag in ("task", "subProcess", "callActivity"):
                box = self._box(each, tag, scope)
                if box.name in self._drawing.boxes:
                    raise Unplayable("one id in two processes")
                self._drawing.boxes[box.name] = box
                entry = box.name if box.kind == "start" and not entry else entry
        return entry

    def _flow(self, each: Any, holder: Any) -> None:
        text = each.find(f"{_BPMN}conditionExpression")
        source = next(node for node in holder if node.get("id") == each.get("sourceRef"))
        default = each.get("id") is not None and source.get("default") == each.get("id")
        condition = None if text is None else _condition(text.text)
        self._drawing.arrows.append(Arrow(str(each.get("sourceRef")), str(each.get("targetRef")), condition, default))

    def _box(self, each: Any, tag: str, scope: str) -> Box:
        box = Box(str(each.get("id")), "pass", scope)
        if each.find(f"{_BPMN}extensionElements/{_CAMUNDA}inputOutput") is not None:
            raise Unplayable("parameters")
        if tag in _GATEWAYS:
            box.kind = _GATEWAYS[tag]
        elif tag.endswith("Event"):
            self._event(each, tag, box)
        elif tag in ("userTask", "manualTask"):
            box.kind = "user"
        elif tag == "receiveTask":
            box.kind, box.about = "message", self._named[str(each.get("messageRef"))].get("name")
        elif tag == "scriptTask":
            box.kind, box.about = "script", _script(each)
        elif tag == "subProcess":
            self._sub_process(each, box)
        elif tag == "callActivity":
            self._call(each, box)
        self._repetition(each, box)
        return box

    def _repetition(self, each: Any, box: Box) -> None:
        loop, several = (each.find(f"{_BPMN}{kind}LoopCharacteristics") for kind in ("standard", "multiInstance"))
        if loop is not None:
            raise Unplayable("standard loop")
        if several is None:
            return
        number = several.findtext(f"{_BPMN}loopCardinality") or ""
        if box.kind not in ("user", "sub") or not re.fullmatch("[1-9][0-9]{0,2}", number.strip()) or len(several) > 1:
            raise Unplayable("repetition")
        box.times, box.one_by_one = int(number), several.get("isSequential") == "true"

    def _sub_process(self, each: Any, box: Box) -> None:
        box.kind = "sub"
        box.entry = self._scope(each, box.name)
        if each.get("triggeredByEvent") == "true":
            begin = self._drawing.boxes[box.entry]
            box.kind, box.trigger, box.about = "event sub", begin.trigger, begin.about
            box.interrupting = begin.interrupting

    def _call(self, each: Any, box: Box) -> None:
        mappings = [dict(each.attrib) for each in each.iterfind(f"{_BPMN}extensionElements/*")]
        if mappings != [{"variables": "all"}] * 2:
            raise Unplayable("mapping")
        box.kind, box.called = "sub", True
        box.entry = self._scope(self._named[str(each.get("calledElement"))], box.name)

    def _event(self, each: Any, tag: str, box: Box) -> None:
        definitions = [inner for inner in each if isinstance(inner.tag, str) and inner.tag.endswith("EventDefinition")]
        kind = definitions[0].tag.removeprefix(_BPMN).removesuffix("EventDefinition") if definitions else ""
        box.ends = tag == "endEvent"
        box.host = each.get("attachedToRef") or ""
        box.interrupting = (each.get("cancelActivity") or each.get("isInterrupting") or "true") == "true"
        about = self._about(definitions[0], kind) if definitions else None
        if tag == "startEvent":
            box.kind = "start"
            if box.scope and kind:
                box.trigger, box.about = _AWAITED[kind], about
        elif kind == "link":
            name = str(definitions[0].get("name"))
            if tag == "intermediateThrowEvent":
                self._links.append((box.scope, name, box.name))
            else:
                self._landings[box.scope, name] = box.name
        elif tag in ("boundaryEvent", "intermediateCatchEvent"):
            box.kind, box.about = _AWAITED[kind], about
        elif kind in ("signal", "error", "escalation"):
            box.kind, box.about = {"signal": "throw", "error": "error", "escalation": "escalate"}[kind], about
        elif kind == "terminate" or tag == "endEvent":
            box.kind = kind if kind == "terminate" else "end"

    def _about(self, definition: Any, kind: str) -> Any:
        if kind == "timer":
            return _days(definition)
        if kind == "conditional":
            return _condition(definition.findtext(f"{_BPMN}condition"))
        reference = definition.get(f"{kind}Ref")
        if reference is None:
            return None
        return self._named[reference].get({"error": "errorCode", "escalation": "escalationCode"}.get(kind, "name"))


def _days(definition: Any) -> int:
    texts = [inner.text or "" for inner in definition if inner.tag == f"{_BPMN}timeDuration"]
    found = re.fullmatch(r"P([0-9]{1,4})D", texts[0].strip()) if len(texts) == 1 else None
    if found is None:
        raise Unplayable("timer")
    return int(found[1])


def _condition(text: str | None) -> Callable[[dict[str, Any]], bool]:
    expression = _compiled(text)
    return lambda variables: expression.evaluate(variables, _CLOCK) is True


def _script(each: Any) -> Callable[[dict[str, Any]], None]:
    expression = _compiled(each.findtext(f"{_BPMN}script"))
    result = each.get(f"{_CAMUNDA}resultVariable")

    def write(variables: dict[str, Any]) -> None:
        value = expression.evaluate(variables, _CLOCK)
        if result:
            variables[result] = value

    return write


def _compiled(text: str | None) -> feel.Expression:
    bare = (text or "").strip().removeprefix("=").strip()
    return feel.compile(bare)
