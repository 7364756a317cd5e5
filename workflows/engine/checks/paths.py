"""Paths through a scope: is everything reached, and does every loop come to rest?"""

from workflows.engine import dialect
from workflows.engine.graphs import cycles, reachable
from workflows.engine.links import is_link, successors
from workflows.engine.model import Node, ScopeModel
from workflows.engine.report import Report
from workflows.language import say

# Elements that may change what a condition sees, and elements where a token rests until something happens outside.
_DATA_CHANGING = frozenset({"scriptTask", "serviceTask", "sendTask", "businessRuleTask", "callActivity"})
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_RESTING = frozenset({"userTask", "manualTask", "receiveTask", "eventBasedGateway"})
# A link jumps at once, and a condition that was true when the token left is true when it comes back.
_PASSED_AT_ONCE = frozenset({"link", "conditional"})


def everything_is_reached(scope: ScopeModel, report: Report) -> None:
    """Every element can be reached from a start; those that lead nowhere are pointed out."""
    if scope.refused:
        # What stands in their place when they are mended leads on; until then nothing behind them is lost.
        return
    graph = _graph(scope)
    starts = [node.id for node in scope.nodes.values() if node.kind == "startEvent" or node.by_event]
    seen = reachable(graph, starts)
    for node in scope.nodes.values():
        if node.refused:
            continue
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
    return not (ends or node.by_event or is_link(node, "intermediateThrowEvent"))


def loops_come_to_rest(scope: ScopeModel, report: Report) -> None:
    """A loop without any waiting changes data and can be left; otherwise it would turn for ever in one call."""
    graph = _graph(scope)
    automatic = {
        name: [target for target in targets if target in scope.nodes]
        for name, targets in graph.items()
        if not _rests(scope.nodes[name])
    }
    for part in cycles(automatic):
        nodes = [scope.nodes[name] for name in part]
        changes = any(_changes_data(node) for node in nodes)
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


def signals_do_not_call_themselves(scope: ScopeModel, report: Report) -> None:
    """What a signal starts and lets go on does not throw that signal at once: each throw would start it again."""
    for node in scope.nodes.values():
        for begin in node.body.starts() if node.by_event and node.body is not None else [node]:
            watches = node.by_event or node.kind == "boundaryEvent"
            event = begin.event
            if not watches or begin.interrupting or event is None or event.kind != "signal":
                continue
            if _throws_at_once(begin, event.name):
                report.error(
                    begin.place,
                    "loop.endless",
                    say(
                        f'Sinyal "{event.name}" yang memulainya dipancarkan lagi di sini tanpa menunggu.',
                        f'The signal "{event.name}" that starts this is thrown again here without any waiting.',
                    ),
                    say("Pakai nama sinyal lain, atau biarkan memutus.", "Use another signal, or let it interrupt."),
                )


def _throws_at_once(begin: Node, signal: str | None) -> bool:
    """Tell whether a token comes from here to a throw of the signal with nothing to wait for and nothing to choose."""
    seen: set[str] = set()
    coming = [begin]
    while coming:
        node = coming.pop()
        throws = node.kind in ("intermediateThrowEvent", "endEvent") and node.event is not None
        if throws and node.event is not None and (node.event.kind, node.event.name) == ("signal", signal):
            return True
        chooses = any(flow.condition for flow in node.outgoing) or node.repetition is not None
        may_wait = node.kind == "callActivity" or (node.kind in _JOINS and len(node.incoming) > 1) or _rests(node)
        if node.id in seen or chooses or (node is not begin and may_wait):
            continue
        seen.add(node.id)
        # What a sub-process leads to is not followed: something inside it may wait.
        onward = [flow.target for flow in node.outgoing] if node.body is None else []
        inside = node.body.starts() if node.body is not None else []
        coming += inside + [node.scope.nodes[target] for target in onward if target in node.scope.nodes]
    return False


def _rests(node: Node) -> bool:
    """Tell whether a token waits here for something from outside, so that no call goes round for ever."""
    if node.kind == "intermediateCatchEvent":
        return node.event is not None and node.event.kind not in _PASSED_AT_ONCE
    return node.kind in _RESTING


def _changes_data(node: Node) -> bool:
    """Tell whether conditions may see something else once a token has passed here."""
    if node.kind in _DATA_CHANGING or node.outputs:
        return True
    inside = node.body.nodes.values() if node.body is not None else ()
    return any(_rests(inner) or _changes_data(inner) for inner in inside)


def _may_leave(node: Node, part: set[str]) -> bool:
    chooses = node.kind in ("exclusiveGateway", "inclusiveGateway") or any(flow.condition for flow in node.outgoing)
    if chooses and any(flow.target not in part for flow in node.outgoing):
        return True
    return any(boundary.id not in part for boundary in node.boundaries)


def _graph(scope: ScopeModel) -> dict[str, list[str]]:
    return {node.id: successors(scope, node) for node in scope.nodes.values()}
