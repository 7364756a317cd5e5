"""The structure of a process: does what is drawn hang together so that it can run as drawn?

One small function per question, each over one scope (a process or the content of a sub-process). SpiffWorkflow accepts
most of what is refused here and then drops it, ignores it or does something else.
"""

from collections.abc import Callable, Mapping

from workflows.engine import dialect
from workflows.engine.graphs import cycles, reachable
from workflows.engine.links import link_target, successors
from workflows.engine.model import FlowModel, Node, ScopeModel
from workflows.engine.report import Report
from workflows.language import say

# More flow nodes than this in one process nobody can review.
MAXIMUM_NODES = 5_000

Processes = Mapping[str, ScopeModel]

_DATA_CHANGING = frozenset({"scriptTask", "serviceTask", "sendTask", "businessRuleTask", "callActivity", "subProcess"})
_RESTING = frozenset({"userTask", "manualTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})


def check(processes: Processes, report: Report) -> None:
    """Ask every question about every scope of every executable process."""
    for process in processes.values():
        total = 0
        for scope in process.everywhere():
            total += len(scope.nodes)
            for question in _QUESTIONS:
                question(scope, report)
        if total > MAXIMUM_NODES:
            report.error(
                process.place,
                "process.too_large",
                say(f"Proses memuat lebih dari {MAXIMUM_NODES} elemen.", f"More than {MAXIMUM_NODES} elements."),
                say("Pecah dengan call activity.", "Split it with call activities."),
            )
    _calls(processes, report)


# --- flows ------------------------------------------------------------------------------------------------------------


def flows_connect(scope: ScopeModel, report: Report) -> None:
    """Each flow leads from one element of the scope to another."""
    elsewhere = _everything(scope)
    for flow in scope.flows:
        for end, identity in (("source", flow.source), ("target", flow.target)):
            if identity in scope.nodes:
                continue
            if identity in elsewhere:
                report.error(
                    flow.place,
                    "flow.crosses_border",
                    say(
                        f'Alur ini melewati batas sub-proses di "{identity}".',
                        f'This flow crosses the border of a sub-process at "{identity}".',
                    ),
                    say("Hubungkan dengan sub-prosesnya sendiri.", "Connect it to the sub-process itself."),
                )
            else:
                report.error(
                    flow.place,
                    f"flow.unknown_{end}",
                    say(
                        f'Alur menunjuk "{identity or "-"}", yang tidak ada.',
                        f'The flow refers to "{identity or "-"}", which does not exist.',
                    ),
                    say("Sambungkan ulang atau hapus alurnya.", "Connect it again or remove it."),
                )


def flows_are_allowed(scope: ScopeModel, report: Report) -> None:
    """No flow into a start or boundary event, out of an end event, or at an event sub-process."""
    for node in scope.nodes.values():
        for flow in node.incoming:
            if (
                node.kind in ("startEvent", "boundaryEvent")
                or node.by_event
                or _is_link(node, "intermediateCatchEvent")
            ):
                _misplaced(flow, node, report)
        for flow in node.outgoing:
            if node.kind == "endEvent" or node.by_event or _is_link(node, "intermediateThrowEvent"):
                _misplaced(flow, node, report)


def _misplaced(flow: FlowModel, node: Node, report: Report) -> None:
    report.error(
        flow.place,
        "flow.misplaced",
        say(
            f'Alur ini tidak boleh tersambung dengan "{node.name or node.id}".',
            f'This flow may not be connected to "{node.name or node.id}".',
        ),
        say("Hapus alurnya.", "Remove the flow."),
    )


def conditions_are_asked(scope: ScopeModel, report: Report) -> None:
    """A condition stands only where somebody evaluates it, and a default flow has none."""
    for node in scope.nodes.values():
        asks = node.is_activity or node.kind in ("exclusiveGateway", "inclusiveGateway")
        for flow in node.outgoing:
            if flow.condition is None:
                continue
            if not asks:
                report.error(
                    flow.place,
                    "condition.ignored",
                    say(
                        f'Syarat pada alur dari "{node.name or node.id}" tidak akan diperiksa.',
                        f'The condition on the flow out of "{node.name or node.id}" would never be asked.',
                    ),
                    say("Pasang gerbang eksklusif atau inklusif.", "Put an exclusive or inclusive gateway there."),
                )
            elif flow.default:
                report.error(
                    flow.place,
                    "flow.default_with_condition",
                    say("Alur bawaan tidak boleh bersyarat.", "A default flow may not have a condition."),
                    say("Hapus syaratnya, atau jangan jadikan bawaan.", "Remove the condition or the default mark."),
                )
        if node.default_flow and not any(flow.default for flow in node.outgoing):
            report.error(
                node.place,
                "flow.unknown_default",
                say(
                    f'Alur bawaan "{node.default_flow}" tidak keluar dari elemen ini.',
                    f'The default flow "{node.default_flow}" does not leave this element.',
                ),
                say("Pilih salah satu alur keluarnya.", "Choose one of the flows that leave it."),
            )


def gateways_decide(scope: ScopeModel, report: Report) -> None:
    """Every way out of an exclusive or inclusive gateway has a condition, except the default one."""
    for node in scope.nodes.values():
        if node.kind not in dialect.GATEWAYS:
            continue
        if not node.outgoing:
            report.error(
                node.place,
                "gateway.no_way_out",
                say("Gerbang ini tidak punya alur keluar.", "This gateway has no outgoing flow."),
                say("Sambungkan atau hapus gerbangnya.", "Connect or remove the gateway."),
            )
        if node.kind in ("exclusiveGateway", "inclusiveGateway") and len(node.outgoing) > 1:
            for flow in node.outgoing:
                if flow.condition is None and not flow.default:
                    report.error(
                        flow.place,
                        "flow.no_condition",
                        say("Alur dari gerbang ini tidak bersyarat.", "This flow out of the gateway has no condition."),
                        say("Beri syarat, atau jadikan alur bawaan.", "Give it a condition or make it the default."),
                    )
            if not any(flow.default for flow in node.outgoing):
                report.warning(
                    node.place,
                    "gateway.no_default",
                    say("Gerbang ini tidak punya alur bawaan.", "This gateway has no default flow."),
                    say("Tandai satu alur sebagai bawaan.", "Mark one flow as the default."),
                )


def event_gateways_offer_events(scope: ScopeModel, report: Report) -> None:
    """Behind an event-based gateway stand catch events or receive tasks that only it leads to."""
    for node in scope.nodes.values():
        if node.kind != "eventBasedGateway":
            continue
        targets = [scope.nodes[flow.target] for flow in node.outgoing if flow.target in scope.nodes]
        for target in targets:
            catches = target.kind == "receiveTask" or (
                target.kind == "intermediateCatchEvent" and not _is_link(target, "intermediateCatchEvent")
            )
            if not catches or len(target.incoming) != 1 or target.boundaries or target.repetition is not None:
                report.error(
                    target.place,
                    "event_gateway.bad_target",
                    say(
                        "Setelah gerbang peristiwa hanya boleh ada peristiwa tangkap dengan satu alur masuk.",
                        "Only catch events with one incoming flow may follow an event-based gateway.",
                    ),
                    say("Sisipkan peristiwa tangkap.", "Insert a catch event."),
                )
        if len(targets) == 1:
            report.warning(
                node.place,
                "event_gateway.no_choice",
                say("Gerbang peristiwa ini hanya punya satu jalan.", "This event-based gateway has one way only."),
                say("Pakai peristiwa tangkap saja.", "Use the catch event alone."),
            )


# --- events -----------------------------------------------------------------------------------------------------------


def scopes_begin_once(scope: ScopeModel, report: Report) -> None:
    """A process has a start and no two with one trigger; a sub-process has exactly one."""
    starts = scope.starts()
    place = scope.place
    if scope.owner is None:
        if not starts:
            report.error(
                place,
                "start.missing",
                say("Proses tidak punya peristiwa mulai.", "The process has no start event."),
                say("Tambahkan peristiwa mulai.", "Add a start event."),
            )
        seen: set[tuple[str, str | None]] = set()
        for start in starts:
            event = start.event
            trigger = ("", None) if event is None else (event.kind, event.name if event.kind != "timer" else start.id)
            if trigger in seen:
                report.error(
                    start.place,
                    "start.duplicate",
                    say("Sudah ada peristiwa mulai dengan pemicu ini.", "There already is a start with this trigger."),
                    say("Gabungkan keduanya.", "Join the two."),
                )
            seen.add(trigger)
    elif len(starts) != 1:
        report.error(
            place,
            "start.not_one",
            say(
                f"Sub-proses memerlukan tepat satu peristiwa mulai, ada {len(starts)}.",
                f"A sub-process needs exactly one start event, there are {len(starts)}.",
            ),
            say("Sisakan satu.", "Keep one."),
        )


def events_fit_their_place(scope: ScopeModel, report: Report) -> None:
    """Each event carries a definition that its place knows, complete with what it needs."""
    for node in scope.nodes.values():
        if node.kind not in dialect.EVENTS:
            continue
        place = node.kind
        if place == "startEvent":
            owner = scope.owner
            place = (
                "start of a process"
                if owner is None
                else "start of an event sub-process"
                if owner.by_event
                else "start of a sub-process"
            )
        kind = node.event.kind if node.event else ""
        if kind not in dialect.EVENT_KINDS[place]:
            report.error(
                node.place,
                "event.unsupported",
                say(
                    f'Peristiwa jenis "{kind or "kosong"}" tidak dijalankan di sini ({place}).',
                    f'An event of kind "{kind or "plain"}" is not run here ({place}).',
                ),
                say(
                    f"Di sini dikenal: {_kinds(place)}.",
                    f"Known here: {_kinds(place)}.",
                ),
            )
        elif node.event is not None:
            _event_is_complete(node, report)


def _kinds(place: str) -> str:
    return ", ".join(sorted(kind or "plain" for kind in dialect.EVENT_KINDS[place]))


def _event_is_complete(node: Node, report: Report) -> None:
    event = node.event
    if event is None:
        return
    throws = node.kind in ("intermediateThrowEvent", "endEvent")
    needs_name = event.kind in ("message", "signal", "link") or (throws and event.kind in ("error", "escalation"))
    if needs_name and not event.name and not (throws and event.topic):
        report.error(
            event.place,
            "event.nameless",
            say(
                f'Peristiwa "{event.kind}" ini tidak menyebut nama atau kodenya.',
                f'This "{event.kind}" event does not say which one it means.',
            ),
            say("Pilih pesan, sinyal, galat, atau eskalasinya.", "Choose its message, signal, error or escalation."),
        )
    if event.kind == "error" and not throws and not node.interrupting:
        report.error(
            event.place,
            "event.must_interrupt",
            say("Galat selalu menghentikan kegiatannya.", "An error always ends its activity."),
            say("Jadikan peristiwa ini menghentikan.", "Make this event interrupting."),
        )
    repeats = node.kind in ("boundaryEvent", "startEvent") and not node.interrupting
    starts_process = node.kind == "startEvent" and node.scope.owner is None
    if event.timer_form == "cycle" and not (repeats or starts_process):
        report.error(
            event.place,
            "timer.cycle_misplaced",
            say("Siklus tidak dapat berulang di sini.", "A cycle cannot repeat here."),
            say(
                "Pakai timeDuration, atau peristiwa yang tidak menghentikan.", "Use timeDuration, or do not interrupt."
            ),
        )


def boundary_events_hang(scope: ScopeModel, report: Report) -> None:
    """A boundary event hangs on an activity of its scope and leads on."""
    for node in scope.nodes.values():
        if node.kind != "boundaryEvent":
            continue
        host = scope.nodes.get(node.attached_to or "")
        if host is None or not host.is_activity or host.by_event:
            report.error(
                node.place,
                "boundary.no_host",
                say(
                    f'Peristiwa batas menempel pada "{node.attached_to or "-"}", yang bukan kegiatan di sini.',
                    f'The boundary event hangs on "{node.attached_to or "-"}", which is no activity here.',
                ),
                say("Tempelkan pada tugas atau sub-proses.", "Attach it to a task or sub-process."),
            )
        if not node.outgoing:
            report.error(
                node.place,
                "boundary.no_way_out",
                say("Peristiwa batas ini tidak menuju ke mana pun.", "This boundary event leads nowhere."),
                say("Sambungkan atau hapus.", "Connect it or remove it."),
            )


def links_meet(scope: ScopeModel, report: Report) -> None:
    """Each link that is thrown is caught once, in the same scope."""
    caught: set[str | None] = set()
    for node in scope.nodes.values():
        if _is_link(node, "intermediateCatchEvent") and node.event is not None:
            if node.event.name in caught:
                report.error(
                    node.place,
                    "link.ambiguous",
                    say("Tautan ini ditangkap di dua tempat.", "This link is caught in two places."),
                    say("Beri nama lain.", "Give it another name."),
                )
            caught.add(node.event.name)
        elif _is_link(node, "intermediateThrowEvent") and link_target(scope, node) is None:
            report.error(
                node.place,
                "link.uncaught",
                say("Tidak ada penangkap tautan ini di lingkup yang sama.", "Nothing here catches this link."),
                say("Tambahkan peristiwa tangkap dengan nama itu.", "Add a catching link event of that name."),
            )


# --- activities -------------------------------------------------------------------------------------------------------


def tasks_say_what_to_do(scope: ScopeModel, report: Report) -> None:
    """Services have a topic, receive tasks a message, decisions and scripts a place for their result."""
    for node in scope.nodes.values():
        if node.kind in ("serviceTask", "sendTask") and not node.topic:
            report.error(
                node.place,
                "service.no_topic",
                say("Tugas layanan ini tidak menyebut layanannya.", "This task does not say which service it calls."),
                say("Isi camunda:topic dengan nama layanan.", "Fill camunda:topic with the name of a service."),
            )
        if node.kind == "receiveTask" and (node.event is None or not node.event.name):
            report.error(
                node.place,
                "event.nameless",
                say("Tugas terima ini tidak menyebut pesannya.", "This receive task does not say which message."),
                say("Isi messageRef.", "Fill in messageRef."),
            )
        if node.kind in ("scriptTask", "businessRuleTask") and not node.result and not node.outputs:
            report.warning(
                node.place,
                "result.lost",
                say("Hasilnya tidak disimpan ke variabel mana pun.", "Its result is not kept in any variable."),
                say("Isi camunda:resultVariable.", "Fill in camunda:resultVariable."),
            )
        if node.kind == "scriptTask" and not node.script:
            report.error(
                node.place,
                "expression.empty",
                say("Tugas skrip ini kosong.", "This script task is empty."),
                say("Tulis satu ekspresi FEEL.", "Write one FEEL expression."),
            )
        if node.decision_result not in (None, "singleEntry", "singleResult", "collectEntries", "resultList"):
            report.error(
                node.place,
                "decision.bad_mapping",
                say(
                    f'mapDecisionResult="{node.decision_result}" tidak dikenal.',
                    f'mapDecisionResult="{node.decision_result}" is not known.',
                ),
                say(
                    "Pakai singleEntry, singleResult, collectEntries, atau resultList.",
                    "Use singleEntry, singleResult, collectEntries or resultList.",
                ),
            )


def repetitions_are_bounded(scope: ScopeModel, report: Report) -> None:
    """A multi-instance has a collection or a number, a loop a condition or a maximum."""
    for node in scope.nodes.values():
        marker = node.repetition
        if marker is None:
            continue
        if node.by_event or not node.is_activity:
            report.error(
                marker.place,
                "repetition.misplaced",
                say("Pengulangan tidak dijalankan di sini.", "A repetition is not run here."),
                say("Hapus penandanya.", "Remove the marker."),
            )
        if marker.kind == "loop":
            if marker.condition is None and marker.maximum is None:
                report.error(
                    marker.place,
                    "loop.unbounded",
                    say(
                        "Pengulangan ini tidak punya syarat maupun batas.", "This loop has no condition and no maximum."
                    ),
                    say("Isi loopCondition atau loopMaximum.", "Fill in loopCondition or loopMaximum."),
                )
        elif (marker.collection is None) == (marker.cardinality is None):
            report.error(
                marker.place,
                "repetition.unclear",
                say(
                    "Multi-instance memerlukan camunda:collection atau loopCardinality, bukan keduanya.",
                    "A multi-instance needs camunda:collection or loopCardinality, not both.",
                ),
                say("Isi salah satunya.", "Fill in one of them."),
            )


def parameters_are_read(scope: ScopeModel, report: Report) -> None:
    """Input and output parameters stand only where somebody reads them, each with a name."""
    for node in scope.nodes.values():
        tells = node.kind in ("intermediateThrowEvent", "endEvent") and node.event is not None and node.event.topic
        hears = node.kind in ("intermediateCatchEvent", "boundaryEvent", "startEvent") and node.event is not None
        takes_in = node.is_activity or tells
        gives_out = takes_in or (hears and not (node.kind == "startEvent" and scope.owner is None))
        if (node.inputs and not takes_in) or (node.outputs and not gives_out):
            _unread(node, report)
        for parameter in (*node.inputs, *node.outputs):
            if not parameter.name:
                report.error(
                    parameter.place,
                    "parameter.nameless",
                    say("Parameter ini tidak bernama.", "This parameter has no name."),
                    say("Isi namanya.", "Fill in its name."),
                )


def _unread(node: Node, report: Report) -> None:
    report.error(
        node.place,
        "parameter.misplaced",
        say("Parameter di sini tidak dibaca.", "Parameters here are not read."),
        say("Pindahkan ke tugas.", "Move them to a task."),
    )


# --- paths ------------------------------------------------------------------------------------------------------------


def everything_is_reached(scope: ScopeModel, report: Report) -> None:
    """Every element can be reached from a start; those that lead nowhere are pointed out."""
    graph = _graph(scope)
    starts = [node.id for node in scope.nodes.values() if node.kind == "startEvent" or node.by_event]
    seen = reachable(graph, starts)
    for node in scope.nodes.values():
        if node.id not in seen:
            report.error(
                node.place,
                "element.unreachable",
                say(
                    f'"{node.name or node.id}" tidak pernah dicapai dari peristiwa mulai.',
                    f'"{node.name or node.id}" is never reached from a start event.',
                ),
                say("Sambungkan atau hapus.", "Connect it or remove it."),
            )
        elif not node.outgoing and _should_lead_on(node):
            report.warning(
                node.place,
                "element.no_way_out",
                say(
                    f'Jalur berakhir di "{node.name or node.id}" tanpa peristiwa akhir.',
                    f'The path stops at "{node.name or node.id}" without an end event.',
                ),
                say("Tambahkan peristiwa akhir.", "Add an end event."),
            )


def _should_lead_on(node: Node) -> bool:
    # Gateways and boundary events without a way out are errors of their own.
    ends = node.kind in ("endEvent", "boundaryEvent") or node.kind in dialect.GATEWAYS
    return not (ends or node.by_event or _is_link(node, "intermediateThrowEvent"))


def loops_come_to_rest(scope: ScopeModel, report: Report) -> None:
    """A loop without any waiting changes data and can be left; otherwise it would turn for ever in one call."""
    graph = _graph(scope)
    automatic = {
        name: [target for target in targets if target in scope.nodes]
        for name, targets in graph.items()
        if scope.nodes[name].kind not in _RESTING
    }
    for part in cycles(automatic):
        nodes = [scope.nodes[name] for name in part]
        changes = any(node.kind in _DATA_CHANGING for node in nodes)
        leaves = any(_may_leave(node, part) for node in nodes)
        if changes and leaves:
            continue
        first = min(nodes, key=lambda node: (node.place.line, node.id))
        names = ", ".join(sorted(node.name or node.id for node in nodes))
        report.error(
            first.place,
            "loop.endless",
            say(f"Putaran ini tidak pernah berhenti: {names}.", f"This loop never comes to rest: {names}."),
            say(
                "Pasang tugas atau peristiwa yang menunggu, atau ubah data dan beri jalan keluar bersyarat.",
                "Put something that waits into it, or change data and give it a conditional way out.",
            ),
        )


def _may_leave(node: Node, part: set[str]) -> bool:
    chooses = node.kind in ("exclusiveGateway", "inclusiveGateway") or any(flow.condition for flow in node.outgoing)
    if chooses and any(flow.target not in part for flow in node.outgoing):
        return True
    return any(boundary.id not in part for boundary in node.boundaries)


# --- calls ------------------------------------------------------------------------------------------------------------


def _calls(processes: Processes, report: Report) -> None:
    """Every called process is in the deployment, has a plain start, and does not come back to its caller."""
    graph: dict[str, list[str]] = {identity: [] for identity in processes}
    calls = [
        (process, node)
        for process in processes.values()
        for scope in process.everywhere()
        for node in scope.nodes.values()
        if node.kind == "callActivity"
    ]
    for process, node in calls:
        called = processes.get(node.called or "")
        if called is None:
            report.error(
                node.place,
                "call.unknown",
                say(
                    f'Proses "{node.called or "-"}" tidak ada di berkas yang diberikan.',
                    f'The process "{node.called or "-"}" is in none of the given files.',
                ),
                say(
                    "Sertakan berkasnya; calledElement harus id tetap.",
                    "Add its file; calledElement must be a fixed id.",
                ),
            )
            continue
        graph[process.id].append(called.id)
        if not any(start.event is None for start in called.starts()):
            report.error(
                node.place,
                "call.no_plain_start",
                say(
                    f'Proses "{called.id}" tidak punya peristiwa mulai biasa.',
                    f'The process "{called.id}" has no plain start event.',
                ),
                say("Tambahkan peristiwa mulai tanpa pemicu.", "Add a start event without trigger."),
            )
    circular = {name for part in cycles(graph) for name in part}
    for process, node in calls:
        if process.id in circular and node.called in circular:
            report.error(
                node.place,
                "call.recursive",
                say("Proses ini memanggil dirinya sendiri.", "This process calls itself."),
                say("Putuskan putarannya; pakai multi-instance atau putaran.", "Break the circle; use a loop instead."),
            )


def _is_link(node: Node, kind: str) -> bool:
    return node.kind == kind and node.event is not None and node.event.kind == "link"


def _graph(scope: ScopeModel) -> dict[str, list[str]]:
    return {node.id: successors(scope, node) for node in scope.nodes.values()}


def _everything(scope: ScopeModel) -> set[str]:
    top = scope
    while top.parent is not None:
        top = top.parent
    return {name for inner in top.everywhere() for name in inner.nodes}


_QUESTIONS: tuple[Callable[[ScopeModel, Report], None], ...] = (
    flows_connect,
    flows_are_allowed,
    conditions_are_asked,
    gateways_decide,
    event_gateways_offer_events,
    scopes_begin_once,
    events_fit_their_place,
    boundary_events_hang,
    links_meet,
    tasks_say_what_to_do,
    repetitions_are_bounded,
    parameters_are_read,
    everything_is_reached,
    loops_come_to_rest,
)
