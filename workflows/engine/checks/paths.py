"""Paths through a scope: is everything reached, and does every path lead on?"""

from workflows.engine import dialect
from workflows.engine.graphs import cycles, parts, reachable
from workflows.engine.links import is_link, successors
from workflows.engine.model import FlowModel, Node, ScopeModel
from workflows.engine.report import Report
from workflows.language import say


def _is_loose(scope: ScopeModel, flow: FlowModel) -> bool:
    return flow.source not in scope.nodes or flow.target not in scope.nodes


def _tell_lost(scope: ScopeModel, lost: dict[str, list[str]], report: Report) -> None:
    """Tell where what is never reached begins; what only follows is lost with it, and for the same reason."""
    behind = {name: {target for target in targets if target in lost} for name, targets in lost.items()}
    led_to = {target for part in parts(lost) for name in part for target in behind[name] - part}
    for part in parts(lost):
        if part & led_to:
            continue
        first = min((scope.nodes[name] for name in part), key=lambda node: (node.place.line, node.id))
        after = len(reachable(lost, [first.id]) & lost.keys()) - 1
        more, too = (f" Begitu pula {after} elemen setelahnya.", f" Nor are {after} elements after it.")
        if not first.refused:
            report.error(
                first.place,
                "element.unreachable",
                say(
                    f'"{first.name or first.id}" tidak pernah dicapai dari peristiwa mulai.{more if after else ""}',
                    f'"{first.name or first.id}" is never reached from a start event.{too if after else ""}',
                ),
                say("Sambungkan atau hapus.", "Connect it or remove it."),
            )


# Each costs a look at the whole scope; nobody draws more.
MAXIMUM_JOINS_IN_LOOPS = 200


def everything_is_reached(scope: ScopeModel, report: Report) -> None:
    """Every element can be reached from a start; those that lead nowhere are pointed out."""
    if scope.refused or not scope.starts() or any(_is_loose(scope, flow) for flow in scope.flows):
        # What stands in their place when they are mended leads on; until then nothing behind them is lost.
        return
    graph = _graph(scope)
    starts = [node.id for node in scope.nodes.values() if node.kind == "startEvent" or node.by_event]
    seen = reachable(graph, starts)
    _tell_lost(scope, {name: targets for name, targets in graph.items() if name not in seen}, report)
    for node in scope.nodes.values():
        if node.refused or node.id not in seen:
            continue
        if not node.outgoing and _should_lead_on(node):
            report.warning(
                node.place,
                "element.no_way_out",
                say(
                    f'Jalur berakhir di "{node.name or node.id}" tanpa peristiwa akhir.',
                    f'The path stops at "{node.name or node.id}" without an end event.',
                ),
                say("Tambahkan peristiwa akhir.", "Add an end event."),
            )


def joins_do_not_wait_for_themselves(scope: ScopeModel, report: Report) -> None:
    """No parallel gateway waits for a token that can only come after the gateway itself (BPMN 2.0.2, 13.4.1)."""
    graph = _graph(scope)
    starts = [node.id for node in scope.nodes.values() if node.kind == "startEvent"]
    joins = [node for node in scope.nodes.values() if node.kind == "parallelGateway" and len(node.incoming) > 1]
    turning = {name for part in cycles(graph) for name in part} if joins else set()
    for node in [node for node in joins if node.id in turning][:MAXIMUM_JOINS_IN_LOOPS]:
        before = reachable({**graph, node.id: []}, starts)
        flow = next((flow for flow in node.incoming if flow.source not in before or flow.source == node.id), None)
        if node.id in before and flow is not None:
            source = scope.nodes.get(flow.source)
            name = flow.source if source is None else source.name or source.id
            report.error(
                node.place,
                "gateway.waits_for_itself",
                say(
                    f'Gerbang paralel ini menunggu alur dari "{name}", yang baru dicapai setelah gerbang ini.',
                    f'This parallel gateway waits for the flow from "{name}", which is reached only after it.',
                ),
                say("Satukan putarannya dengan gerbang eksklusif.", "Let the loop come back to an exclusive gateway."),
            )


def _should_lead_on(node: Node) -> bool:
    # Gateways and boundary events without a way out are errors of their own.
    ends = node.kind in ("endEvent", "boundaryEvent") or node.kind in dialect.GATEWAYS
    return not (ends or node.by_event or is_link(node, "intermediateThrowEvent"))


def _graph(scope: ScopeModel) -> dict[str, list[str]]:
    return {node.id: successors(scope, node) for node in scope.nodes.values()}
