"""Other dialects of BPMN, so that a finding can say whose word it is and what to write here instead.

Nothing of them is read: the same word means different things in different engines.
"""

from collections.abc import Mapping

from lxml import etree

from workflows.engine.documents import BPMN

# Namespace -> (prefix that its tools write, product).
DIALECTS: Mapping[str, tuple[str, str]] = {
    "http://camunda.org/schema/1.0/bpmn": ("camunda", "Camunda 7"),
    "http://operaton.org/schema/1.0/bpmn": ("operaton", "Operaton"),
    "http://camunda.org/schema/zeebe/1.0": ("zeebe", "Camunda 8"),
    "http://spiffworkflow.org/bpmn/schema/1.0/core": ("spiffworkflow", "SpiffArena"),
    "http://flowable.org/bpmn": ("flowable", "Flowable"),
    "http://activiti.org/bpmn": ("activiti", "Activiti"),
}

_SERVICE = ("Pakai camunda:topic dengan nama layanan.", "Use camunda:topic with the name of a service.")
_PEOPLE = (
    "Pakai lane, camunda:candidateGroups, atau camunda:assignee.",
    "Use a lane, camunda:candidateGroups or camunda:assignee.",
)
_FORM = ("Pakai camunda:formKey dengan berkas .form.", "Use camunda:formKey with a .form file.")
_PARAMETERS = ("Pakai camunda:inputOutput dengan FEEL.", "Use camunda:inputOutput with FEEL.")
_DRAWN_TASK = ("Gambar sebagai tugas layanan atau skrip.", "Draw it as a service or script task.")
_DECISION = (
    "Pakai camunda:decisionRef dan camunda:resultVariable.",
    "Use camunda:decisionRef and camunda:resultVariable.",
)
_CALL = (
    "Pakai calledElement dengan id tetap, camunda:in dan camunda:out.",
    "Use calledElement with a fixed id, camunda:in and camunda:out.",
)
_MULTIPLE = (
    "Pakai camunda:collection, camunda:elementVariable, dan completionCondition.",
    "Use camunda:collection, camunda:elementVariable and completionCondition.",
)
_DUE = ("Pakai camunda:dueDate.", "Use camunda:dueDate.")
_SCRIPT = (
    'Pakai scriptFormat="feel", bpmn:script, dan camunda:resultVariable.',
    'Use scriptFormat="feel", bpmn:script and camunda:resultVariable.',
)
_MESSAGE = (
    "Hapus; pesan diantar ke kasus menurut nomornya, isinya menjadi variabel.",
    "Remove it; a message goes to the case by its number, what it brings become variables.",
)
_NOTHING = ("Hapus; di sini tidak perlu.", "Remove it; it is not needed here.")

# What to write here, by the name of an attribute or extension element of any dialect.
ADVICE: Mapping[str, tuple[str, str]] = {
    # Camunda 7, Operaton, Flowable, Activiti
    "candidateUsers": _PEOPLE,
    "class": _SERVICE,
    "delegateExpression": _SERVICE,
    "expression": _SERVICE,
    "type": _SERVICE,
    "connector": _SERVICE,
    "field": _PARAMETERS,
    "formData": _FORM,
    "formProperty": _FORM,
    "formRef": _FORM,
    "formRefBinding": _FORM,
    "formRefVersion": _FORM,
    "formHandlerClass": _FORM,
    "followUpDate": _DUE,
    "executionListener": _DRAWN_TASK,
    "taskListener": _DRAWN_TASK,
    "eventListener": _DRAWN_TASK,
    "initiator": ("Tulis pengisi sebagai isian formulir.", "Write who filed as a form field."),
    "resource": ("Tulis keputusan sebagai DMN atau skrip FEEL.", "Write it as a DMN table or a FEEL script."),
    "decisionRefVersion": _DECISION,
    "calledElementVersion": _CALL,
    "caseRef": _CALL,
    "variableMappingClass": _CALL,
    "variableMappingDelegateExpression": _CALL,
    "variableName": ("Tulis syaratnya saja; ia diperiksa saat datanya berubah.", "Write the condition alone."),
    "variableEvents": ("Tulis syaratnya saja; ia diperiksa saat datanya berubah.", "Write the condition alone."),
    "errorEventDefinition": ("Layanan melempar kode galatnya sendiri.", "A service raises its error code itself."),
    # Camunda 8
    "taskDefinition": _SERVICE,
    "taskHeaders": _PARAMETERS,
    "ioMapping": _PARAMETERS,
    "assignmentDefinition": _PEOPLE,
    "formDefinition": _FORM,
    "userTask": _NOTHING,
    "userTaskForm": _FORM,
    "taskSchedule": _DUE,
    "priorityDefinition": ("Pakai camunda:priority.", "Use camunda:priority."),
    "calledElement": _CALL,
    "calledDecision": _DECISION,
    "loopCharacteristics": _MULTIPLE,
    "subscription": _MESSAGE,
    "script": _SCRIPT,
    "executionListeners": _DRAWN_TASK,
    "taskListeners": _DRAWN_TASK,
    "versionTag": _NOTHING,
    # SpiffArena
    "calledDecisionId": _DECISION,
    "serviceTaskOperator": _SERVICE,
    "preScript": _PARAMETERS,
    "postScript": _PARAMETERS,
    "instructionsForEndUser": ("Pakai bpmn:documentation.", "Use bpmn:documentation."),
    "messageVariable": _MESSAGE,
    "messagePayload": _MESSAGE,
    "processVariableCorrelation": _MESSAGE,
    "isMatchingCorrelation": _MESSAGE,
    "properties": ("Pakai camunda:properties atau camunda:formKey.", "Use camunda:properties or camunda:formKey."),
    "unitTests": ("Tulis contoh di scenarios/.", "Write examples in scenarios/."),
    "allowGuest": ("Nyatakan pelapor di case-type.yml.", "Declare the reporters in case-type.yml."),
}


# Attributes of BPMN itself that say what the engine does not do.
PLAIN_ADVICE: Mapping[str, tuple[str, str]] = {
    "isForCompensation": (
        "Gambar tindakan pembatalannya sebagai tugas biasa.",
        "Draw the undoing as an ordinary task.",
    ),
    "instantiate": ("Mulai dengan peristiwa mulai pesan.", "Begin with a message start event."),
    "parallelMultiple": ("Pisahkan menjadi beberapa peristiwa.", "Split it into several events."),
    "eventGatewayType": (
        "Pakai gerbang paralel dan peristiwa tangkap di setiap cabang.",
        "Use a parallel gateway with a catch event on each branch.",
    ),
    "startQuantity": ("Satukan token dengan gerbang paralel.", "Join the tokens with a parallel gateway."),
    "completionQuantity": ("Gambar alur keluarnya satu per satu.", "Draw each outgoing flow."),
    "behavior": ("Kirim peristiwanya dari dalam kegiatan.", "Throw the event inside the activity."),
}


def shown(name: etree.QName) -> str:
    """Write a qualified name as its own tools do, or with its whole namespace when nobody knows it."""
    if name.namespace is None:
        return str(name.localname)
    if name.namespace == BPMN:
        return f"bpmn:{name.localname}"
    known = DIALECTS.get(str(name.namespace))
    return f"{known[0]}:{name.localname}" if known else f"{{{name.namespace}}}{name.localname}"


def advice(name: etree.QName, ours: frozenset[str] = frozenset()) -> tuple[str, str]:
    """Say in two languages what to write here; `ours` are the Camunda attributes that this element may carry."""
    local = str(name.localname)
    known = DIALECTS.get(str(name.namespace))
    if known is None and name.namespace is not None:
        if name.namespace == BPMN:
            return "Hapus, atau pindahkan ke tempatnya.", "Remove it, or move it where it belongs."
        return "Hapus, atau pakai atribut camunda.", "Remove it, or use camunda."
    if known is not None and known[0] != "camunda" and local in ours:
        return (
            f'Tulis "camunda:{local}" ({known[1]} tidak dibaca).',
            f'Write "camunda:{local}" ({known[1]} is not read).',
        )
    if local in ADVICE and known is not None:
        indonesian, english = ADVICE[local]
        if known[0] == "camunda":
            return indonesian, english
        return f"Ini bahasa {known[1]}. {indonesian}", f"This is {known[1]}. {english}"
    if known is not None and known[0] != "camunda":
        return f"Ini bahasa {known[1]}; hapus.", f"This is {known[1]}; remove it."
    if known is None and local in PLAIN_ADVICE:
        return PLAIN_ADVICE[local]
    return "Hapus atribut ini.", "Remove this attribute."
