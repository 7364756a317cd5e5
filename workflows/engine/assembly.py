"""From the checked model to executable specifications, and to what readers of the definition see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

from workflows.decisions.graph import Decision
from workflows.engine import activities, events, gateways, timers
from workflows.engine.definition import Element, Flow
from workflows.engine.expressions import Compiler, bare, is_marked
from workflows.engine.kinds import Use
from workflows.engine.links import link_target, successors
from workflows.engine.model import EventModel, FlowModel, Node, Parameter, ScopeModel
from workflows.engine.nodes import Assignment, PassingTask, ProcessSpec, Route
from workflows.engine.nodes import Node as NodeSpec
from workflows.engine.repetition import Repeated
from workflows.engine.report import Place, Report
from workflows.feel.expressions import Expression
from workflows.language import say


@dataclass(frozen=True)
class Plan:
    """The executable specifications: of the process itself and, by key, of every scope that may open inside it."""

    top: ProcessSpec
    scopes: Mapping[str, ProcessSpec]


class Assembler:
    """Builds the specifications of one definition; what cannot be built becomes a finding."""

    def __init__(
        self,
        processes: Mapping[str, ScopeModel],
        decisions: Mapping[str, Decision],
        compiler: Compiler,
        report: Report,
        zone: ZoneInfo,
    ) -> None:
        self._processes = processes
        self._decisions = decisions
        self._compiler = compiler
        self._report = report
        self._zone = zone
        self.scopes: dict[str, ProcessSpec] = {}
        # Free names in the expressions of each element, by (process, element).
        self.reads: dict[tuple[str, str], set[str]] = {}
        # SHA-256 of the file of each decision, by its id.
        self.checksums: dict[str, str] = {}
        # Every expression with what its place asks for.
        self.uses: list[Use] = []

    def plan(self, process: str) -> Plan:
        """Build everything; `process` is the one that is run."""
        for scope in self._processes.values():
            self._scope(scope)
        everything = [node for spec in self.scopes.values() for node in spec.task_specs.values()]
        conditions = any(isinstance(node, events.Catcher) and node.watches for node in everything)
        for spec in self.scopes.values():
            spec.asks_conditions = conditions
        return Plan(self.scopes[process], MappingProxyType(self.scopes))

    # --- scopes ------------------------------------------------------------------------------------------------------

    def _scope(self, scope: ScopeModel) -> ProcessSpec:
        spec = ProcessSpec(key_of(scope), scope.process, scope.place.file)
        self.scopes[spec.name] = spec
        made: dict[str, NodeSpec] = {}
        # Where a token that comes to an element appears: the element, or a helper in front of it.
        doors: dict[str, NodeSpec] = {}
        for node in scope.nodes.values():
            built = self._node(spec, node)
            if built is None:
                continue
            made[node.id] = built
            doors[node.id] = self._door(spec, node, built)
        for node in scope.nodes.values():
            if node.boundaries and node.id in doors:
                split = events.BoundarySplit(spec, doors[node.id], node)
                for boundary in node.boundaries:
                    spot = made.get(boundary.id)
                    if isinstance(spot, events.BoundaryEvent):
                        split.boundaries.append(spot)
                doors[node.id] = split
        for node in scope.nodes.values():
            if node.id in made:
                self._routes(node, scope, made, doors)
        for node in scope.event_subprocesses():
            self._listener(spec, node, made.get(node.id))
        joins = [built for built in made.values() if isinstance(built, gateways.InclusiveGateway)]
        before = _predecessors(scope) if joins else {}
        # What comes before a boundary event is no sequence flow.
        borders = {node.id for node in scope.nodes.values() if node.kind == "boundaryEvent"}
        drawn = {name: names for name, names in before.items() if name not in borders}
        for join in joins:
            sources = {flow.id: flow.source for flow in scope.nodes[join.element].incoming}
            join.upstream = {flow: _upstream(before, source, join.element) for flow, source in sources.items()}
            join.by_flows = {flow: _upstream(drawn, source, join.element) for flow, source in sources.items()}
        spec.entries = {
            node.id: made[node.id] for node in scope.nodes.values() if node.kind == "startEvent" and node.id in made
        }
        return spec

    def _door(self, spec: ProcessSpec, node: Node, built: NodeSpec) -> NodeSpec:
        if node.repetition is None:
            return built
        place, marker = node.repetition.place, node.repetition
        owner = Repeated(spec, node, marker)
        owner.inner = built
        owner.collection = self._optional(node, marker.collection, place, wanted="list")
        owner.cardinality = self._optional(node, marker.cardinality, place, wanted="number")
        owner.completion = self._optional(node, marker.completion, place, wanted="boolean")
        owner.condition = self._optional(node, marker.condition, place, wanted="boolean")
        return owner

    def _routes(
        self, node: Node, scope: ScopeModel, made: Mapping[str, NodeSpec], doors: Mapping[str, NodeSpec]
    ) -> None:
        if node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link":
            target = link_target(scope, node)
            routes = [] if target is None else [Route("", doors[target.id])]
        else:
            routes = [
                Route(flow.id, doors[flow.target], self._condition(node, flow), flow.default)
                for flow in node.outgoing
                if flow.target in doors
            ]
        source = made[node.id]
        if node.repetition is not None and node.id in source._wf_spec.task_specs:
            # The owner of the instances goes on, not each of them.
            source = source._wf_spec.task_specs[node.id]
        source.lead_to(routes)

    def _condition(self, node: Node, flow: FlowModel) -> Expression | None:
        if flow.condition is None:
            return None
        return self._expression(node, flow.condition, flow.place, wanted="boolean")

    def _listener(self, spec: ProcessSpec, node: Node, handler: NodeSpec | None) -> None:
        for start in node.body.starts() if node.body else ():
            event = self._event(start)
            if event is None or handler is None:
                continue
            listener = events.EventSubprocessStart(spec, start.id, start, event)
            listener.outputs_wanted = self._assignments(start, start.outputs)
            listener.handler = handler
            spec.listeners.append(listener)

    # --- nodes -------------------------------------------------------------------------------------------------------

    def _node(self, spec: ProcessSpec, node: Node) -> NodeSpec | None:
        name = node.id if node.repetition is None else f"{node.id} [child]"
        built = self._of_kind(spec, name, node)
        if built is not None:
            built.inputs_wanted = self._assignments(node, node.inputs)
            built.outputs_wanted = self._assignments(node, node.outputs)
        return built

    def _of_kind(self, spec: ProcessSpec, name: str, node: Node) -> NodeSpec | None:
        match node.kind:
            case "task":
                return PassingTask(spec, name, node)
            case "userTask" | "manualTask":
                kind = activities.UserTask if node.kind == "userTask" else activities.ManualTask
                task = kind(spec, name, node)
                task.due_expression = self._marked(node, node.due, wanted="time")
                task.assignee_expression = self._marked(node, node.assignee)
                task.groups_expression = self._marked(node, ",".join(node.candidate_groups))
                return task
            case "serviceTask" | "sendTask":
                return activities.ServiceTask(spec, name, node, node.topic or "")
            case "scriptTask":
                # Of an empty one a check has told.
                script = self._expression(node, node.script, node.place, wanted="data") if node.script else None
                return None if script is None else activities.ScriptTask(spec, name, node, script)
            case "businessRuleTask":
                decision = self._decision(node)
                if decision is None:
                    return None
                rules = activities.RuleTask(spec, name, node, decision)
                rules.checksum = self.checksums.get(decision.id, "")
                return rules
            case "subProcess":
                return self._sub_process(spec, name, node)
            case "callActivity":
                return self._call(spec, name, node)
            case "exclusiveGateway":
                return gateways.ExclusiveGateway(spec, name, node)
            case "parallelGateway":
                return gateways.ParallelGateway(spec, name, node)
            case "inclusiveGateway":
                return gateways.InclusiveGateway(spec, name, node)
            case "eventBasedGateway":
                return gateways.EventGateway(spec, name, node)
            case "startEvent":
                return events.StartEvent(spec, name, node)
            case _:
                return self._event_node(spec, name, node)

    def _event_node(self, spec: ProcessSpec, name: str, node: Node) -> NodeSpec | None:
        event = self._event(node)
        if event is None:
            return None
        match node.kind:
            case "intermediateCatchEvent" if event.kind == "link":
                return PassingTask(spec, name, node)
            case "intermediateCatchEvent" | "receiveTask":
                return events.CatchEvent(spec, name, node, event)
            case "boundaryEvent":
                return events.BoundaryEvent(spec, name, node, event)
            case "intermediateThrowEvent":
                return events.ThrowEvent(spec, name, node, event)
            case "endEvent":
                return events.EndEvent(spec, name, node, event)
        raise AssertionError(node.kind)

    def _event(self, node: Node) -> events.Event | None:
        model = node.event
        if model is None:
            return events.Event()
        condition = None
        if model.kind == "conditional":
            condition = self._expression(node, model.condition, model.place, wanted="boolean")
            if condition is None:
                return None
        timer = self._timer(node, model) if model.kind == "timer" else ""
        if timer is None:
            return None
        return events.Event(
            kind=model.kind,
            name=model.name,
            timer_form=model.timer_form,
            timer=timer,
            condition=condition,
            code_variable=model.code_variable,
            message_variable=model.message_variable,
            topic=model.topic,
        )

    def _timer(self, node: Node, model: EventModel) -> str | Expression | None:
        text = model.timer_text
        if is_marked(text):
            return self._expression(node, bare(text), model.place, wanted="time")
        if model.timer_form and timers.looks_literal(model.timer_form, text, self._zone):
            return text
        indonesian, english, example = _TIMES_MEANT.get(model.timer_form, _TIMES_MEANT[""])
        self._report.error(
            model.place,
            "timer.invalid",
            say(f'"{text}" bukan {indonesian}.', f'"{text}" is no {english}.')
            if text
            else say("Waktunya belum ditulis.", "The time is not written."),
            say(
                f"Tulis {indonesian}, misalnya {example}, atau FEEL setelah tanda =.",
                f"Write {english}, such as {example}, or FEEL after an = sign.",
            ),
        )
        return None

    def _decision(self, node: Node) -> Decision | None:
        found = self._decisions.get(node.decision or "")
        if found is None:
            self._report.error(
                node.place,
                "decision.unknown" if node.decision else "decision.unnamed",
                say(
                    f'Keputusan "{node.decision or "-"}" tidak ada di berkas DMN yang diberikan.',
                    f'The decision "{node.decision or "-"}" is in none of the given DMN files.',
                ),
                say(
                    "Isi camunda:decisionRef dengan id keputusan yang ada.",
                    "Fill camunda:decisionRef with the id of a decision that exists.",
                ),
            )
        return found

    def _sub_process(self, spec: ProcessSpec, name: str, node: Node) -> NodeSpec | None:
        if node.body is None:
            return None
        starts = node.body.starts()
        self._scope(node.body)
        if len(starts) != 1:
            return None
        return activities.SubProcess(spec, name, node, key_of(node.body), starts[0].id)

    def _call(self, spec: ProcessSpec, name: str, node: Node) -> NodeSpec | None:
        called = self._processes.get(node.called or "")
        plain = [start for start in called.starts() if start.event is None] if called is not None else []
        if called is None or len(plain) != 1:
            return None
        built = activities.CallActivity(spec, name, node, key_of(called), plain[0].id)
        built.handed_in = self._assignments(node, node.call_in.parameters)
        # What comes out is read inside the called process; its names are none of this one.
        built.handed_out = self._assignments(node, node.call_out.parameters, record=False)
        return built

    # --- expressions -------------------------------------------------------------------------------------------------

    def _expression(
        self, node: Node, text: str, place: Place, *, record: bool = True, wanted: str = ""
    ) -> Expression | None:
        compiled = self._compiler.expression(text, place)
        if compiled is not None:
            process = node.scope.process if record else ""
            self.uses.append(Use(node.id, process, place.file, place.line, text, wanted, compiled.root))
        if compiled is not None and record:
            self.reads.setdefault((node.scope.process, node.id), set()).update(compiled.names)
        return compiled

    def _marked(self, node: Node, text: str | None, *, wanted: str = "") -> Expression | None:
        return self._expression(node, bare(text), node.place, wanted=wanted) if is_marked(text) else None

    def _optional(self, node: Node, text: str | None, place: Place, *, wanted: str = "") -> Expression | None:
        return None if text is None else self._expression(node, text, place, wanted=wanted)

    def _assignments(
        self, node: Node, parameters: Iterable[Parameter], *, record: bool = True
    ) -> tuple[Assignment, ...]:
        made = []
        for parameter in parameters:
            # An empty parameter is null, as in Camunda.
            compiled = self._expression(node, parameter.text or "null", parameter.place, record=record, wanted="data")
            if compiled is not None:
                made.append(Assignment(parameter.name, compiled))
        return tuple(made)


# What each form of a timer holds, in both languages, and an example.
_TIMES_MEANT = {
    "duration": ("lama waktu (timeDuration)", "a length of time (timeDuration)", "P3D atau PT4H"),
    "date": ("tanggal dan jam (timeDate)", "a date and time (timeDate)", "2026-01-31T09:00:00"),
    "cycle": ("pengulangan waktu (timeCycle)", "a repeated time (timeCycle)", "R3/P1D"),
    "": (
        "lama waktu (timeDuration), waktu (timeDate), atau ulangan (timeCycle)",
        "a timeDuration, timeDate or timeCycle",
        "P3D",
    ),
}


def key_of(scope: ScopeModel) -> str:
    """Name the specification of a scope; sub-processes of two processes may have the same id."""
    return scope.id if scope.owner is None else f"{scope.process}/{scope.id}"


def _predecessors(scope: ScopeModel) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {}
    for node in scope.nodes.values():
        for target in successors(scope, node):
            before.setdefault(target, []).append(node.id)
    return before


def _upstream(before: Mapping[str, list[str]], source: str, gateway: str) -> frozenset[str]:
    """Name the elements from which a token can come to the flow out of `source` without passing the gateway."""
    seen: set[str] = set()
    todo = [source]
    while todo:
        element = todo.pop()
        if element not in seen and element != gateway:
            seen.add(element)
            todo.extend(before.get(element, ()))
    return frozenset(seen)


def elements_of(scope: ScopeModel, reads: Mapping[tuple[str, str], set[str]]) -> list[Element]:
    """Give what readers of the definition see of the flow nodes of a process, sub-processes included."""
    found = []
    for inner in scope.everywhere():
        for node in inner.nodes.values():
            event = node.event
            found.append(
                Element(
                    id=node.id,
                    name=node.name,
                    kind=node.kind,
                    lane=node.lane,
                    form=node.form,
                    due=node.due,
                    topic=node.topic or (event.topic if event else None),
                    decision=node.decision,
                    properties=dict(node.properties),
                    line=node.place.line,
                    file=node.place.file,
                    process=scope.id,
                    parent=None if inner.owner is None else inner.id,
                    event=event.kind if event else None,
                    event_name=event.name if event else None,
                    attached_to=node.attached_to,
                    interrupting=node.interrupting,
                    called=node.called,
                    inputs=tuple(parameter.name for parameter in node.inputs),
                    input_texts={parameter.name: parameter.text for parameter in node.inputs},
                    writes=_written(node),
                    reads=tuple(sorted(reads.get((scope.id, node.id), set()) - _own_to_instances(node))),
                    repetition=node.repetition.kind if node.repetition else None,
                    candidate_groups=node.candidate_groups,
                    assignee=node.assignee,
                    priority=node.priority,
                    documentation=node.documentation,
                )
            )
    return found


def _own_to_instances(node: Node) -> set[str]:
    """Name what only the instances of the node, or of a sub-process around it, have: their item and the counters."""
    names: set[str] = set()
    here: Node | None = node
    while here is not None:
        if here.repetition is not None:
            names |= {"loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances"}
            names |= {here.repetition.element_variable} if here.repetition.element_variable else set()
        here = here.scope.owner
    return names


def flows_of(scope: ScopeModel) -> list[Flow]:
    """Give what readers of the definition see of the sequence flows of a process."""
    return [
        Flow(
            id=flow.id,
            source=flow.source,
            target=flow.target,
            name=flow.name,
            condition=flow.condition,
            default=flow.default,
            line=flow.place.line,
            file=flow.place.file,
            process=scope.id,
        )
        for inner in scope.everywhere()
        for flow in inner.flows
    ]


def _written(node: Node) -> tuple[str, ...]:
    names = {parameter.name for parameter in (*node.outputs, *node.call_out.parameters)}
    names.update(name for name in (node.result,) if name)
    if node.event is not None:
        names.update(name for name in (node.event.code_variable, node.event.message_variable) if name)
    return tuple(sorted(names))
