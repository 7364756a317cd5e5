"""The dialect as data: which elements and attributes are read, which are harmless, which are refused and why.

BPMN 2.0 with Camunda 7 attributes. Whatever is not named here is a finding: what is drawn is what runs, or it is
refused.
"""

from collections.abc import Mapping

from lxml import etree

from workflows.engine import foreign
from workflows.engine.documents import BPMN, CAMUNDA, local_name, place_of
from workflows.engine.report import Report
from workflows.language import say

TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
FLOW_NODES = TASKS | GATEWAYS | EVENTS | {"subProcess", "callActivity"}

# Which event definitions each place may carry; "" is the event without one.
EVENT_KINDS: Mapping[str, frozenset[str]] = {
    "start of a process": frozenset({"", "message", "signal", "timer"}),
    "start of a sub-process": frozenset({""}),
    "start of an event sub-process": frozenset({"message", "signal", "timer", "error", "escalation", "conditional"}),
    "intermediateCatchEvent": frozenset({"message", "signal", "timer", "conditional", "link"}),
    "intermediateThrowEvent": frozenset({"", "message", "signal", "escalation", "link"}),
    "boundaryEvent": frozenset({"message", "signal", "timer", "error", "escalation", "conditional"}),
    "endEvent": frozenset({"", "message", "signal", "error", "escalation", "terminate"}),
}

# Elements that only draw or describe.
DRAWN_ONLY = frozenset(
    {
        "association",
        "auditing",
        "category",
        "collaboration",
        "dataInputAssociation",
        "dataObject",
        "dataObjectReference",
        "dataOutputAssociation",
        "dataStore",
        "dataStoreReference",
        "documentation",
        "extensionElements",
        "group",
        "incoming",
        "laneSet",
        "monitoring",
        "outgoing",
        "property",
        "textAnnotation",
    }
)

# Attributes without namespace that are read, by element; `id` and `name` are understood everywhere.
_PLAIN: Mapping[str, frozenset[str]] = {
    "process": frozenset({"isExecutable", "isClosed", "processType", "definitionalCollaborationRef"}),
    "sequenceFlow": frozenset({"sourceRef", "targetRef", "isImmediate"}),
    "subProcess": frozenset({"triggeredByEvent", "default"}),
    "callActivity": frozenset({"calledElement", "default"}),
    "startEvent": frozenset({"isInterrupting", "parallelMultiple"}),
    "intermediateCatchEvent": frozenset({"parallelMultiple"}),
    "boundaryEvent": frozenset({"attachedToRef", "cancelActivity", "parallelMultiple"}),
    "exclusiveGateway": frozenset({"default", "gatewayDirection"}),
    "inclusiveGateway": frozenset({"default", "gatewayDirection"}),
    "parallelGateway": frozenset({"gatewayDirection"}),
    "eventBasedGateway": frozenset({"gatewayDirection", "instantiate", "eventGatewayType"}),
    "userTask": frozenset({"default", "implementation"}),
    "manualTask": frozenset({"default"}),
    "task": frozenset({"default"}),
    "scriptTask": frozenset({"default", "scriptFormat"}),
    "serviceTask": frozenset({"default", "implementation", "operationRef"}),
    "sendTask": frozenset({"default", "implementation", "operationRef", "messageRef"}),
    "receiveTask": frozenset({"default", "implementation", "operationRef", "messageRef", "instantiate"}),
    "businessRuleTask": frozenset({"default", "implementation"}),
    "multiInstanceLoopCharacteristics": frozenset({"isSequential", "behavior"}),
    "standardLoopCharacteristics": frozenset({"testBefore", "loopMaximum"}),
    **dict.fromkeys(
        (
            *("conditionExpression", "condition", "completionCondition", "loopCondition", "loopCardinality"),
            *("timeDate", "timeDuration", "timeCycle"),
        ),
        frozenset({"language", "evaluatesToTypeRef"}),
    ),
}
_ACTIVITY = frozenset({"isForCompensation", "startQuantity", "completionQuantity"})

# Attributes that carry a value which only one spelling of ours supports; any other would change what happens.
_ONLY_VALUE: Mapping[str, str] = {
    "isForCompensation": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "parallelMultiple": "false",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "behavior": "All",
}
# Nobody mends more attributes of one element at once.
MAXIMUM_REFUSED = 20

# XML Schema spells a yes or no in two ways.
_SPELLINGS = {"0": "false", "1": "true"}

# Camunda attributes that are read, by element.
_CAMUNDA: Mapping[str, frozenset[str]] = {
    "userTask": frozenset({"formKey", "assignee", "candidateGroups", "dueDate", "priority"}),
    "serviceTask": frozenset({"topic", "type", "resultVariable"}),
    "sendTask": frozenset({"topic", "type", "resultVariable"}),
    "scriptTask": frozenset({"resultVariable"}),
    "businessRuleTask": frozenset({"decisionRef", "resultVariable", "mapDecisionResult"}),
    "startEvent": frozenset({"formKey"}),
    "messageEventDefinition": frozenset({"topic", "type"}),
    "errorEventDefinition": frozenset({"errorCodeVariable", "errorMessageVariable"}),
    "escalationEventDefinition": frozenset({"escalationCodeVariable"}),
    "multiInstanceLoopCharacteristics": frozenset({"collection", "elementVariable"}),
}

# Camunda attributes that do not change what runs: noted, not refused.
_CAMUNDA_HARMLESS = frozenset(
    {
        "asyncAfter",
        "asyncBefore",
        "calledElementBinding",
        "candidateStarterGroups",
        "candidateStarterUsers",
        "decisionRefBinding",
        "diagramRelationId",
        "exclusive",
        "historyTimeToLive",
        "isStartableInTasklist",
        "jobPriority",
        "modelerTemplate",
        "modelerTemplateIcon",
        "modelerTemplateVersion",
        "taskPriority",
        "versionTag",
    }
)
# Bindings that mean what the engine does anyway: the file of the same deployment.
_HARMLESS_BINDINGS = frozenset({"deployment", "latest"})

_HARMLESS_NAMESPACES = (
    "http://camunda.org/schema/modeler/",
    "http://bpmn.io/schema/bpmn/biocolor/",
    "http://www.omg.org/spec/BPMN/non-normative/color/",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
)

# Camunda extension elements that are read, by name, and those that change nothing here.
EXTENSIONS = frozenset({"properties", "inputOutput", "in", "out"})
_EXTENSIONS_HARMLESS = frozenset({"failedJobRetryTimeCycle"})

_REFUSED_ELEMENTS: Mapping[str, tuple[str, str]] = {
    "complexGateway": ("Pakai gerbang inklusif atau paralel.", "Use an inclusive or a parallel gateway."),
    "adHocSubProcess": (
        "Gambar tugas-tugasnya dengan gerbang inklusif atau multi-instance.",
        "Draw its tasks with an inclusive gateway or a multi-instance.",
    ),
    "transaction": (
        "Pakai sub-proses dengan peristiwa batas error; pembatalan digambar sebagai tugas.",
        "Use a sub-process with an error boundary event; draw the undoing as tasks.",
    ),
    "compensateEventDefinition": (
        "Gambar tindakan pembatalannya sebagai tugas biasa.",
        "Draw the undoing as ordinary tasks.",
    ),
    "cancelEventDefinition": (
        "Pakai peristiwa error dari sub-proses.",
        "Use an error event out of the sub-process.",
    ),
    "eventDefinitionRef": ("Tulis definisinya di dalam peristiwa.", "Write the definition inside the event."),
    "ioSpecification": (
        "Pakai camunda:inputOutput; data ditulis sebagai variabel proses.",
        "Use camunda:inputOutput; data are process variables.",
    ),
    "potentialOwner": ("Pakai lane atau camunda:candidateGroups.", "Use a lane or camunda:candidateGroups."),
    "humanPerformer": ("Pakai lane atau camunda:assignee.", "Use a lane or camunda:assignee."),
    "performer": ("Pakai lane atau camunda:assignee.", "Use a lane or camunda:assignee."),
    "resourceRole": ("Pakai lane atau camunda:candidateGroups.", "Use a lane or camunda:candidateGroups."),
    "loopDataInputRef": ("Pakai camunda:collection.", "Use camunda:collection."),
    "loopDataOutputRef": (
        "Kumpulkan hasil dengan camunda:outputParameter dan append().",
        "Collect results with a camunda:outputParameter and append().",
    ),
    "inputDataItem": ("Pakai camunda:elementVariable.", "Use camunda:elementVariable."),
    "outputDataItem": (
        "Kumpulkan hasil dengan camunda:outputParameter dan append().",
        "Collect results with a camunda:outputParameter and append().",
    ),
    "complexBehaviorDefinition": ("Hapus.", "Remove it."),
}


# Elements that are read where they belong, beside those whose attributes are.
_ELSEWHERE = frozenset(
    {"lane", "laneSet", "flowNodeRef", "message", "signal", "error", "escalation", "script", "endEvent"}
)


def refuse_element(element: etree._Element, file: str, report: Report) -> None:
    """Record that the engine does not run this element, with the best advice there is."""
    name, parent = local_name(element), element.getparent()
    advice = _REFUSED_ELEMENTS.get(name) or ("Hapus dari diagram.", "Remove it from the diagram.")
    said = say(f'Elemen "{name}" tidak dijalankan oleh mesin ini.', f'This engine does not run "{name}".')
    known = name in _PLAIN or name in _ELSEWHERE or name.endswith("EventDefinition")
    if name not in _REFUSED_ELEMENTS and parent is not None and known:
        # It is run, only not here.
        inside = local_name(parent)
        said = say(f'"{name}" tidak boleh ada di dalam {inside}.', f'"{name}" may not stand inside a {inside}.')
        advice = ("Hapus, atau pindahkan ke tempatnya.", "Remove it, or move it where it belongs.")
    report.error(place_of(element, file), "element.unsupported", said, say(*advice))


def check_attributes(element: etree._Element, file: str, report: Report) -> None:
    """Refuse every attribute that could change behaviour and is not read."""
    tag = local_name(element)
    plain = _PLAIN.get(tag, frozenset()) | {"id", "name"}
    if tag in TASKS or tag in ("subProcess", "callActivity"):
        plain |= _ACTIVITY
    refused = 0
    for raw, value in element.attrib.items():
        name = etree.QName(str(raw))
        fault = _fault(tag, plain, name, str(value))
        if fault == "":
            continue
        if fault is None:
            _note_attribute(element, file, foreign.shown(name), report)
            continue
        _refuse_attribute(element, file, fault, name, report)
        refused += 1
        if refused == MAXIMUM_REFUSED:
            return


def _fault(tag: str, plain: frozenset[str], name: etree.QName, value: str) -> str | None:
    """Give what is wrong with an attribute as it is shown; "" when nothing is, None when it only has no effect."""
    local, namespace = str(name.localname), name.namespace
    if namespace is None or namespace == BPMN:
        if local not in plain:
            return local
        stripped = value.strip()
        if local in _ONLY_VALUE and _SPELLINGS.get(stripped, stripped) != _ONLY_VALUE[local]:
            return f'{local}="{value}"'
        return ""
    if namespace == CAMUNDA:
        if local in _CAMUNDA.get(tag, frozenset()):
            return ""
        if local in _CAMUNDA_HARMLESS and (not local.endswith("Binding") or value in _HARMLESS_BINDINGS):
            return None
        return f"camunda:{local}"
    return "" if str(namespace).startswith(_HARMLESS_NAMESPACES) else foreign.shown(name)


def check_attributes_of_event(element: etree._Element, file: str, report: Report) -> None:
    """Check an event definition: besides what the table names it may refer to a root element."""
    for raw in element.attrib:
        name = etree.QName(str(raw))
        if name.namespace not in (None, BPMN):
            fault = _fault(local_name(element), frozenset(), name, "")
            if fault:
                _refuse_attribute(element, file, fault, name, report)
    check_extensions(element, file, report)


def check_extensions(element: etree._Element, file: str, report: Report) -> None:
    """Refuse extension elements that could change behaviour and are not read."""
    for extension in element.iterfind(f"{{{BPMN}}}extensionElements/*"):
        name = etree.QName(extension)
        if name.namespace == CAMUNDA and name.localname in EXTENSIONS:
            continue
        if name.namespace == CAMUNDA and name.localname in _EXTENSIONS_HARMLESS:
            _note_attribute(extension, file, f"camunda:{name.localname}", report)
            continue
        if str(name.namespace).startswith(_HARMLESS_NAMESPACES):
            continue
        report.error(
            place_of(extension, file),
            "extension.unknown",
            say(
                f'Perluasan "{foreign.shown(name)}" tidak dikenal.',
                f'The extension "{foreign.shown(name)}" is not known.',
            ),
            say(*foreign.advice(name)),
        )


def check_strangers(element: etree._Element, file: str, report: Report) -> None:
    """Refuse what a product wrote beside `bpmn:extensionElements`, where nobody reads it."""
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child)
        if str(name.namespace) in foreign.DIALECTS:
            report.error(
                place_of(child, file),
                "extension.misplaced",
                say(
                    f'"{foreign.shown(name)}" tidak dibaca di luar bpmn:extensionElements.',
                    f'"{foreign.shown(name)}" is not read outside bpmn:extensionElements.',
                ),
                say("Pindahkan ke dalam bpmn:extensionElements.", "Move it into bpmn:extensionElements."),
            )


def _refuse_attribute(element: etree._Element, file: str, fault: str, name: etree.QName, report: Report) -> None:
    tag = local_name(element)
    if "=" in fault:
        said = say(f"{fault} pada {tag} tidak dijalankan.", f"{fault} of {tag} is not run.")
    else:
        said = say(f'Atribut "{fault}" pada {tag} tidak dikenal.', f'The attribute "{fault}" of {tag} is not known.')
    report.error(
        place_of(element, file),
        "attribute.unknown",
        said,
        say(*foreign.advice(name, _CAMUNDA.get(tag, frozenset()))),
    )


def _note_attribute(element: etree._Element, file: str, name: str, report: Report) -> None:
    report.note(
        place_of(element, file),
        "attribute.without_effect",
        say(f'"{name}" tidak berpengaruh di sini.', f'"{name}" has no effect here.'),
    )
