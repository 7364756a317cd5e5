"""Diagrams damaged at random where it matters: elements lost, doubled and moved, references bent, texts replaced."""

import copy
import random

from lxml import etree

from unit.engine.block_models import Model

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TAGS = (
    "task", "userTask", "scriptTask", "serviceTask", "receiveTask", "manualTask", "subProcess", "callActivity",
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway", "startEvent",
    "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "sequenceFlow", "lane", "signal",
)  # fmt: skip
DEFINITIONS = (
    "messageEventDefinition", "signalEventDefinition", "timerEventDefinition", "errorEventDefinition",
    "escalationEventDefinition", "conditionalEventDefinition", "terminateEventDefinition", "linkEventDefinition",
    "compensateEventDefinition", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics",
)  # fmt: skip
ATTRIBUTES = (
    "id", "sourceRef", "targetRef", "default", "attachedToRef", "cancelActivity", "triggeredByEvent", "isInterrupting",
    "calledElement", "messageRef", "isSequential", "isExecutable", "name", "scriptFormat", "instantiate",
)  # fmt: skip
TEXTS = (
    "", "true", "1 +", "a = b", "R3/PT1H", "P1M", "PT0S", "R/PT0S", "= now()", "=x", '"text"', "null", "500", "501",
    "-1", "[1, 2]", "a.b.c", "x" * 300, "2026-01-31", "for i in 1..999999 return i", "function(x) x",
)  # fmt: skip


def damaged(seed: int) -> bytes:
    """Give a random block model with one to three damages."""
    dice = random.Random(seed)
    root = etree.fromstring(Model(seed % 50, size=8).bpmn)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        damage(root, dice)
    return etree.tostring(root)


def damage(root: etree._Element, dice: random.Random) -> None:
    elements = [element for element in root.iter() if element.getparent() is not None]
    element = dice.choice(elements)
    ids = [str(other.get("id")) for other in elements if other.get("id")]
    parent = element.getparent()
    match dice.randrange(9):
        case 0:
            parent.remove(element)
        case 1:
            parent.append(copy.deepcopy(element))
        case 2:
            target = dice.choice(elements)
            if target is not element and element not in target.iterancestors():
                target.append(element)
        case 3:
            element.tag = BPMN + dice.choice(TAGS)
        case 4 if element.attrib:
            del element.attrib[dice.choice(list(element.attrib))]
        case 5:
            element.set(dice.choice(ATTRIBUTES), dice.choice([*ids, "true", "false", "nowhere", ""]))
        case 6:
            element.append(etree.Element(BPMN + dice.choice(DEFINITIONS)))
        case 7:
            element.text = dice.choice(TEXTS)
        case _:
            texts = [other for other in elements if other.text and other.text.strip()]
            if texts:
                dice.choice(texts).text = dice.choice(TEXTS)
