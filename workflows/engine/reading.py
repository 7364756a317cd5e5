"""From a safe XML tree to the model: what each element says, in the dialect.

Reads only; whether it makes sense together is the business of `checks`.
"""

from lxml import etree

from workflows.engine import dialect
from workflows.engine.documents import BPMN, bpmn, camunda, flag, local_name, place_of
from workflows.engine.expressions import bare
from workflows.engine.links import is_link
from workflows.engine.model import EventModel, FlowModel, Mapping, Node, Parameter, Repetition, ScopeModel
from workflows.engine.report import Place, Report
from workflows.language import say

# Deeper nesting than this is no drawing any more.
MAXIMUM_NESTING = 20


class Reader:
    """Reads one file; the names of its messages, signals, errors and escalations are known to all of it."""

    def __init__(self, root: etree._Element, file: str, report: Report) -> None:
        self.root = root
        self.file = file
        self.report = report
        self._named = {
            (local_name(element), str(element.get("id"))): element
            for tag in ("message", "signal", "error", "escalation")
            for element in root.iterfind(f"{{{BPMN}}}{tag}")
        }

        # What was referred to and is nowhere, of which it has been told once.
        self._missing: set[tuple[str, str]] = set()

    def processes(self) -> list[ScopeModel]:
        """Read every process of the file."""
        for named in self._named.values():
            dialect.check_attributes_of_event(named, self.file, self.report)
        self._demands()
        return [self._process(element) for element in self.root.iterfind(bpmn("process"))]

    def _demands(self) -> None:
        """Refuse what the file as a whole asks of its reader and the engine does not give."""
        for extension in self.root.iterfind(bpmn("extension")):
            if flag(extension, "mustUnderstand"):
                self.report.error(
                    place_of(extension, self.file),
                    "extension.must_understand",
                    say(
                        "Perluasan ini wajib dipahami, dan tidak dikenal.",
                        "This extension must be understood; it is not.",
                    ),
                    say("Hapus perluasannya.", "Remove the extension."),
                )
        language = self.root.get("expressionLanguage") or ""
        # Many tools write the default of the standard, XPath, whatever they draw.
        if not language or _is_feel(language) or language.rstrip("/").endswith("XPath"):
            return
        for text in self.root.iter(*map(bpmn, _EXPRESSIONS)):
            if text.get("language") is None:
                self._check_language(language, place_of(text, self.file))

    def _process(self, element: etree._Element) -> ScopeModel:
        identity = str(element.get("id"))
        scope = ScopeModel(
            id=identity,
            place=place_of(element, self.file),
            process=identity,
            name=element.get("name") or "",
            executable=flag(element, "isExecutable"),
        )
        if not scope.executable:
            # A pool drawn for the reader only; nothing in it runs.
            return scope
        dialect.check_attributes(element, self.file, self.report)
        dialect.check_extensions(element, self.file, self.report)
        self._content(element, scope, self._lanes(element, scope), None, 0)
        return scope

    def _lanes(self, element: etree._Element, scope: ScopeModel) -> dict[str, str]:
        """Give the lane of each element that stands in one; two lanes beside each other cannot both hold it."""
        holders: dict[str, etree._Element] = {}
        for lane in element.iter(bpmn("lane")):
            scope.lanes[str(lane.get("id"))] = lane.get("name") or ""
            # Lanes come before the lanes inside them, so the innermost one wins.
            for reference in lane.iterfind(bpmn("flowNodeRef")):
                held = (reference.text or "").strip()
                holder = holders.get(held)
                if holder is not None and holder is not lane and holder not in lane.iterancestors():
                    self.report.error(
                        Place(self.file, place_of(reference, self.file).line, held),
                        "lane.two",
                        say(
                            f'"{held}" berdiri di dua lajur: "{holder.get("name") or holder.get("id")}" dan '
                            f'"{lane.get("name") or lane.get("id")}".',
                            f'"{held}" stands in two lanes: "{holder.get("name") or holder.get("id")}" and '
                            f'"{lane.get("name") or lane.get("id")}".',
                        ),
                        say("Hapus dari salah satu lajur.", "Take it out of one of the lanes."),
                    )
                holders[held] = lane
        return {held: str(lane.get("id")) for held, lane in holders.items()}

    def _content(
        self, element: etree._Element, scope: ScopeModel, holders: dict[str, str], lane: str | None, depth: int
    ) -> None:
        if depth > MAXIMUM_NESTING:
            self.report.error(
                scope.place,
                "process.too_deep",
                say("Sub-proses bersarang terlalu dalam.", "Sub-processes are nested too deep."),
                say("Pindahkan isinya ke proses yang dipanggil.", "Move the content to a called process."),
            )
            return
        dialect.check_strangers(element, self.file, self.report)
        for child in element.iterchildren(f"{{{BPMN}}}*"):
            tag = local_name(child)
            if tag in dialect.FLOW_NODES:
                node = self._node(child, scope, holders, lane, depth)
                if node.id not in scope.nodes:
                    scope.nodes[node.id] = node
            elif tag == "sequenceFlow":
                scope.flows.append(self._flow(child))
            elif tag not in dialect.DRAWN_ONLY and tag not in _PARTS_OF_ACTIVITIES:
                dialect.refuse_element(child, self.file, self.report)
                scope.refused.add(child.get("id") or "")
        for flow in scope.flows:
            source, target = scope.nodes.get(flow.source), scope.nodes.get(flow.target)
            flow.default = source is not None and source.default_flow == flow.id
            if source is not None:
                source.outgoing.append(flow)
            if target is not None:
                target.incoming.append(flow)
        for node in scope.nodes.values():
            if node.event is not None and is_link(node, "intermediateCatchEvent"):
                scope.landings.setdefault(node.event.name, node)
            host = scope.nodes.get(node.attached_to or "")
            if node.kind == "boundaryEvent" and host is not None:
                host.boundaries.append(node)

    def _flow(self, element: etree._Element) -> FlowModel:
        dialect.check_attributes(element, self.file, self.report)
        dialect.check_extensions(element, self.file, self.report)
        dialect.check_strangers(element, self.file, self.report)
        place = place_of(element, self.file)
        condition = element.find(bpmn("conditionExpression"))
        text = None if condition is None else self._text(condition)
        return FlowModel(
            id=str(element.get("id")),
            source=element.get("sourceRef") or "",
            target=element.get("targetRef") or "",
            place=place,
            name=element.get("name") or "",
            condition=text,
        )

    def _node(
        self, element: etree._Element, scope: ScopeModel, holders: dict[str, str], lane: str | None, depth: int
    ) -> Node:
        kind = local_name(element)
        identity = str(element.get("id"))
        place = place_of(element, self.file)
        dialect.check_attributes(element, self.file, self.report)
        dialect.check_extensions(element, self.file, self.report)
        groups = element.get(camunda("candidateGroups")) or ""
        documentation = element.find(bpmn("documentation"))
        node = Node(
            id=identity,
            kind=kind,
            name=element.get("name") or "",
            place=place,
            scope=scope,
            lane=holders.get(identity, lane),
            documentation="" if documentation is None else (documentation.text or "").strip(),
            attached_to=element.get("attachedToRef"),
            interrupting=flag(
                element, "cancelActivity" if kind == "boundaryEvent" else "isInterrupting", otherwise=True
            ),
            default_flow=element.get("default"),
            form=element.get(camunda("formKey")),
            due=element.get(camunda("dueDate")),
            priority=element.get(camunda("priority")),
            assignee=element.get(camunda("assignee")),
            candidate_groups=tuple(group.strip() for group in groups.split(",") if group.strip()),
            topic=element.get(camunda("topic")),
            result=element.get(camunda("resultVariable")),
            decision=element.get(camunda("decisionRef")),
            decision_result=element.get(camunda("mapDecisionResult")),
            called=element.get("calledElement"),
            by_event=flag(element, "triggeredByEvent"),
            refused=flag(element, "isForCompensation"),
        )
        if kind != "subProcess":
            dialect.check_strangers(element, self.file, self.report)
        self._external(element, node.place)
        self._extensions(element, node)
        for child in element.iterchildren(f"{{{BPMN}}}*"):
            tag = local_name(child)
            if tag in _PARTS_OF_ACTIVITIES:
                self._repetition(child, node)
            elif tag == "script" and kind == "scriptTask":
                node.script = bare(child.text)
            elif tag.endswith("EventDefinition"):
                self._event(child, node)
            elif kind == "subProcess" or tag in dialect.DRAWN_ONLY:
                continue
            else:
                dialect.refuse_element(child, self.file, self.report)
        if kind == "scriptTask":
            self._check_language(element.get("scriptFormat") or "", place, required=True)
        if kind in ("receiveTask", "sendTask") and element.get("messageRef"):
            node.event = EventModel("message", place, self._name_of("message", element.get("messageRef"), place))
        if kind == "subProcess":
            node.body = ScopeModel(identity, place, scope.process, node.name, executable=True, parent=scope, owner=node)
            self._content(element, node.body, holders, node.lane, depth + 1)
        return node

    def _repetition(self, element: etree._Element, node: Node) -> None:
        if node.repetition is not None:
            self.report.error(
                place_of(element, self.file),
                "repetition.two",
                say("Kegiatan ini diulang dengan dua cara.", "This activity is repeated in two ways."),
                say("Hapus salah satu penandanya.", "Remove one of the markers."),
            )
        is_loop = local_name(element) == "standardLoopCharacteristics"
        node.repetition = self._loop(element) if is_loop else self._multi_instance(element)

    def _external(self, element: etree._Element, place: Place) -> None:
        kind = element.get(camunda("type"))
        if kind not in (None, "external"):
            self.report.error(
                place,
                "service.unsupported_type",
                say(f'camunda:type="{kind}" tidak dijalankan.', f'camunda:type="{kind}" is not run.'),
                say(
                    'Pakai camunda:type="external" dan camunda:topic.', 'Use camunda:type="external" and camunda:topic.'
                ),
            )

    def _extensions(self, element: etree._Element, node: Node) -> None:
        extensions = element.find(bpmn("extensionElements"))
        if extensions is None:
            return
        for entry in extensions.iterfind(f"{camunda('properties')}/{camunda('property')}"):
            name = entry.get("name")
            if name:
                node.properties[name] = entry.get("value") or ""
        for direction, parameters in (("input", node.inputs), ("output", node.outputs)):
            for entry in extensions.iterfind(f"{camunda('inputOutput')}/{camunda(direction + 'Parameter')}"):
                parameters.append(self._parameter(entry))
        for direction, mapping in (("in", node.call_in), ("out", node.call_out)):
            for entry in extensions.iterfind(camunda(direction)):
                self._map(entry, mapping, node)

    def _parameter(self, entry: etree._Element) -> Parameter:
        place = place_of(entry, self.file)
        if len(entry):
            self.report.error(
                place,
                "parameter.structured",
                say(
                    "Parameter ini berisi daftar, peta, atau skrip Camunda.",
                    "This parameter holds a Camunda list, map or script.",
                ),
                say("Tulis sebagai FEEL, misalnya [1, 2] atau {a: 1}.", "Write it as FEEL, such as [1, 2] or {a: 1}."),
            )
        return Parameter(entry.get("name") or "", bare(entry.text), place)

    def _map(self, entry: etree._Element, mapping: Mapping, node: Node) -> None:
        place = place_of(entry, self.file)
        known = {"source", "sourceExpression", "target", "variables", "businessKey"}
        for name in entry.attrib:
            if str(name) not in known:
                self.report.error(
                    place,
                    "attribute.unknown",
                    say(f'Atribut "{name}" pada pemetaan tidak dikenal.', f'The attribute "{name}" is not known here.'),
                    say("Pakai source, sourceExpression, target, variables.", "Use source, sourceExpression, target."),
                )
        if node.kind != "callActivity":
            self.report.error(
                place,
                "mapping.misplaced",
                say("camunda:in/out hanya untuk call activity.", "camunda:in/out belong to call activities only."),
                say("Pakai camunda:inputOutput.", "Use camunda:inputOutput."),
            )
        if entry.get("businessKey") is not None:
            # The case number is the key of every process of a case; there is nothing to hand on.
            return
        if entry.get("variables") is not None:
            mapping.everything = entry.get("variables") == "all"
            return
        source = entry.get("sourceExpression") or entry.get("source")
        target = entry.get("target")
        if not source or not target:
            self.report.error(
                place,
                "mapping.incomplete",
                say("Pemetaan memerlukan sumber dan target.", "A mapping needs a source and a target."),
                say("Isi source dan target.", "Fill in source and target."),
            )
            return
        mapping.parameters.append(Parameter(target, bare(source), place))

    def _multi_instance(self, element: etree._Element) -> Repetition:
        place = place_of(element, self.file)
        for child in element.iterchildren(f"{{{BPMN}}}*"):
            if local_name(child) not in (
                "loopCardinality",
                "completionCondition",
                "extensionElements",
                "documentation",
            ):
                dialect.refuse_element(child, self.file, self.report)
        dialect.check_attributes(element, self.file, self.report)
        return Repetition(
            "sequential" if flag(element, "isSequential") else "parallel",
            place,
            collection=_optional(bare(element.get(camunda("collection")))),
            element_variable=element.get(camunda("elementVariable")),
            cardinality=self._optional_text(element, "loopCardinality"),
            completion=self._optional_text(element, "completionCondition"),
        )

    def _loop(self, element: etree._Element) -> Repetition:
        place = place_of(element, self.file)
        dialect.check_attributes(element, self.file, self.report)
        maximum = element.get("loopMaximum")
        if maximum is not None and not maximum.isdecimal():
            self.report.error(
                place,
                "loop.bad_maximum",
                say("loopMaximum bukan bilangan bulat.", "loopMaximum is not a whole number."),
                say("Tulis bilangan bulat.", "Write a whole number."),
            )
            maximum = None
        return Repetition(
            "loop",
            place,
            condition=self._optional_text(element, "loopCondition"),
            test_before=flag(element, "testBefore"),
            maximum=None if maximum is None else int(maximum),
        )

    def _event(self, element: etree._Element, node: Node) -> None:
        kind = local_name(element).removesuffix("EventDefinition")
        place = place_of(element, self.file)
        place = Place(place.file, place.line, node.id)
        if kind in ("compensate", "cancel") or node.kind not in dialect.EVENTS:
            dialect.refuse_element(element, self.file, self.report)
            node.refused = True
            return
        if node.event is not None:
            self.report.error(
                place,
                "event.multiple",
                say("Peristiwa ini memuat lebih dari satu definisi.", "This event carries more than one definition."),
                say("Pisahkan menjadi beberapa peristiwa.", "Split it into several events."),
            )
            return
        dialect.check_attributes_of_event(element, self.file, self.report)
        self._external(element, place)
        event = EventModel(kind, place)
        if kind in ("message", "signal", "error", "escalation"):
            event.name = self._name_of(kind, element.get(f"{kind}Ref"), place)
            event.code_variable = element.get(camunda(f"{kind}CodeVariable"))
            event.message_variable = element.get(camunda("errorMessageVariable"))
            event.topic = element.get(camunda("topic"))
        elif kind == "link":
            event.name = element.get("name")
        elif kind == "conditional":
            condition = element.find(bpmn("condition"))
            if condition is not None:
                event.condition = self._text(condition)
        elif kind == "timer":
            for form in ("date", "duration", "cycle"):
                text = element.find(bpmn(f"time{form.capitalize()}"))
                if text is not None:
                    self._text(text)
                    event.timer_form, event.timer_text = form, (text.text or "").strip()
                    place_of_text = place_of(text, self.file)
                    event.place = Place(place.file, place_of_text.line, node.id)
        node.event = event

    def _name_of(self, kind: str, reference: str | None, place: Place) -> str | None:
        """Give the name of a message or signal, the code of an error or escalation; None without a reference."""
        if not reference:
            return None
        # A reference is a qualified name; most tools write it without prefix.
        element = self._named.get((kind, reference), self._named.get((kind, reference.rpartition(":")[2])))
        if element is None:
            if (kind, reference) not in self._missing:
                self._missing.add((kind, reference))
                self.report.error(
                    place,
                    f"{kind}.unknown",
                    say(f'"{reference}" tidak ada di berkas ini.', f'"{reference}" does not exist in this file.'),
                    say(f"Tambahkan bpmn:{kind} dengan id itu.", f"Add a bpmn:{kind} with that id."),
                )
            # It is named, only nothing stands behind the name: nobody needs to hear that it has none.
            return reference
        attribute = {"error": "errorCode", "escalation": "escalationCode"}.get(kind, "name")
        value = element.get(attribute)
        if value and (value.startswith("=") or "${" in value or "#{" in value):
            self.report.error(
                place_of(element, self.file),
                f"{kind}.computed",
                say(
                    f'"{value}" ditulis sebagai ungkapan; di sini {attribute} selalu tetap.',
                    f'"{value}" is written as an expression; here the {attribute} is fixed.',
                ),
                say(
                    "Tulis nama tetap; pesan diantar ke kasus menurut nomornya.",
                    "Write a fixed name; a message goes to the case by its number.",
                ),
            )
        if not value:
            self.report.error(
                place_of(element, self.file),
                f"{kind}.unnamed",
                say(f'"{reference}" tidak memiliki {attribute}.', f'"{reference}" has no {attribute}.'),
                say(f"Isi {attribute}.", f"Fill in {attribute}."),
            )
        return value

    def _text(self, element: etree._Element) -> str:
        """Give the expression that an element holds, when it is one of ours."""
        dialect.check_attributes(element, self.file, self.report)
        self._check_language(element.get("language"), place_of(element, self.file))
        return bare(element.text)

    def _optional_text(self, element: etree._Element, tag: str) -> str | None:
        found = element.find(bpmn(tag))
        return None if found is None else self._text(found) or None

    def _check_language(self, language: str | None, place: Place, *, required: bool = False) -> None:
        if (language is None and not required) or _is_feel(language or ""):
            return
        if not language:
            self.report.error(
                place,
                "expression.language",
                say("Tugas skrip ini tidak menyebut bahasanya.", "This script task does not say its language."),
                say('Isi scriptFormat="feel".', 'Fill in scriptFormat="feel".'),
            )
            return
        self.report.error(
            place,
            "expression.language",
            say(
                f'Bahasa "{language}" tidak dijalankan; hanya FEEL.',
                f'The language "{language}" is not run; only FEEL is.',
            ),
            say('Tulis dalam FEEL dengan bahasa "feel".', 'Write it in FEEL with the language "feel".'),
        )


# Read by `_node` when the content of a sub-process is walked.
_PARTS_OF_ACTIVITIES = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})


# Elements that hold an expression.
_EXPRESSIONS = (
    *("conditionExpression", "condition", "completionCondition", "loopCondition", "loopCardinality"),
    *("timeDate", "timeDuration", "timeCycle"),
)


def _is_feel(language: str) -> bool:
    # The namespaces of FEEL end with it or with its edition: ".../FEEL/", ".../DMN/20191111/FEEL/".
    return language.rstrip("/").lower().endswith("feel")


def _optional(text: str) -> str | None:
    return text or None
