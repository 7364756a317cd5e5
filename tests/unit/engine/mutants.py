"""The diagrams of the house, damaged: as they are, and as skeletons that the token game can play.

A skeleton keeps every element, flow and event of its diagram. What works on data (services, decisions, parameters,
forms) becomes a plain task or goes; conditions ask the variables of the game, and timers count days.
"""

import random
from pathlib import Path

from lxml import etree

from databases import REPOSITORY
from unit.engine.damage import damage
from unit.engine.playing import VARIABLES

HOUSE = sorted(file for folder in ("bpmn", "bench/lifecycle/ours") for file in (REPOSITORY / folder).rglob("*.bpmn"))
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
_GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway")
_ACTIVITIES = ("task", "userTask", "manualTask", "subProcess")
_PLACES = (*_ACTIVITIES, *_GATEWAYS, "startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent")
_WORKING = ("serviceTask", "sendTask", "businessRuleTask", "scriptTask", "callActivity")
_CONDITIONS = ("conditionExpression", "condition", "completionCondition", "loopCondition")


def mutant(path: Path, seed: int) -> bytes:
    """Give a diagram of the house with one to three damages, in what it means and not in where it is drawn."""
    root = etree.fromstring(path.read_bytes())
    for each in list(root.iter("{*}BPMNDiagram")):
        root.remove(each)
    return _damaged(root, random.Random(f"{path.name} {seed}"))


def skeleton(path: Path) -> bytes:
    """Give what the token game can play of a diagram."""
    return etree.tostring(_skeleton(etree.fromstring(path.read_bytes())))


def redrawn_skeleton(path: Path, seed: int) -> bytes:
    """Give the skeleton of a diagram, redrawn in one to three places as a designer might."""
    root = _skeleton(etree.fromstring(path.read_bytes()))
    dice = random.Random(f"{path.name} {seed}")
    for _ in range(dice.choice([1, 1, 2, 3])):
        _redraw(root, dice)
    return etree.tostring(root)


def _redraw(root: etree._Element, dice: random.Random) -> None:
    """Change what may be changed without breaking the file: where a flow leads, what a gateway is, what interrupts."""
    tags = {each: etree.QName(each).localname for each in root.iter(etree.Element)}
    flows = [each for each, tag in tags.items() if tag == "sequenceFlow"]
    flow = dice.choice(flows)
    places = [each for each in flow.getparent() if tags[each] in _PLACES]
    match dice.randrange(7):
        case 0:
            flow.set("targetRef", str(dice.choice([p for p in places if tags[p] != "startEvent"]).get("id")))
        case 1:
            source = dice.choice([p for p in places if tags[p] != "endEvent"]).get("id")
            target = dice.choice([p for p in places if tags[p] != "startEvent"]).get("id")
            added = etree.SubElement(flow.getparent(), f"{_BPMN}sequenceFlow", id=f"added{dice.random()}"[:12])
            added.set("sourceRef", str(source))
            added.set("targetRef", str(target))
        case 2:
            gateway = dice.choice([each for each, tag in tags.items() if tag in _GATEWAYS] or [None])
            if gateway is not None:
                gateway.tag = f"{_BPMN}{dice.choice(_GATEWAYS)}"
                gateway.attrib.pop("gatewayDirection", None)
        case 3:
            border = dice.choice([each for each, tag in tags.items() if tag == "boundaryEvent"] or [None])
            if border is not None:
                border.set("cancelActivity", "false" if border.get("cancelActivity", "true") == "true" else "true")
        case 4:
            task = dice.choice([each for each, tag in tags.items() if tag in ("task", "userTask")])
            task.tag = f"{_BPMN}{dice.choice(['task', 'userTask', 'manualTask'])}"
        case 5:
            border = dice.choice([each for each, tag in tags.items() if tag == "boundaryEvent"] or [None])
            hosts = [] if border is None else [each for each in border.getparent() if tags[each] in _ACTIVITIES]
            if border is not None and hosts:
                border.set("attachedToRef", str(dice.choice(hosts).get("id")))
        case _:
            task = dice.choice([each for each, tag in tags.items() if tag in ("userTask", "subProcess")])
            if not any(tags[each] == "multiInstanceLoopCharacteristics" for each in task):
                marker = etree.SubElement(task, f"{_BPMN}multiInstanceLoopCharacteristics")
                marker.set("isSequential", dice.choice(["true", "false"]))
                etree.SubElement(marker, f"{_BPMN}loopCardinality").text = "2"


def _damaged(root: etree._Element, dice: random.Random) -> bytes:
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        damage(root, dice)
    return etree.tostring(root)


def _skeleton(root: etree._Element) -> etree._Element:
    drawn = [f"{_BPMN}{tag}" for tag in ("extensionElements", "incoming", "outgoing", "laneSet", "collaboration")]
    for each in list(root.iter(*drawn, "{*}BPMNDiagram", etree.Comment)):
        each.getparent().remove(each)
    number = 0
    for each in list(root.iter(etree.Element)):
        tag = etree.QName(each).localname
        for name in [name for name in each.attrib if str(name).startswith(_CAMUNDA)]:
            del each.attrib[name]
        if tag in _WORKING:
            each.tag = f"{_BPMN}task"
            for name in set(each.attrib) - {"id", "name", "default"}:
                del each.attrib[name]
            for inner in list(each):
                each.remove(inner)
        elif tag in _CONDITIONS:
            number += 1
            each.text = f"{VARIABLES[number % len(VARIABLES)]} = {number % 2}"
        elif tag in ("timeDuration", "timeDate", "timeCycle"):
            number += 1
            each.tag, each.text = f"{_BPMN}timeDuration", f"P{number % 9 + 1}D"
        elif tag == "loopCardinality":
            each.text = "2"
    _without_collections(root)
    return root


def _without_collections(root: etree._Element) -> None:
    """Let what was repeated for each of a list be done twice."""
    for marker in root.iter(f"{_BPMN}multiInstanceLoopCharacteristics"):
        for inner in list(marker):
            marker.remove(inner)
        etree.SubElement(marker, f"{_BPMN}loopCardinality").text = "2"
