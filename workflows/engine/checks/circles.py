"""Circles: does everything that goes round come to rest, or change something on its way?

A token that comes back without having waited, and without having changed what conditions see, does the same again for
ever. The engine abandons such a step; here it is refused before anybody depends on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.engine.checks.branches import writes
from workflows.engine.graphs import cycles, reachable
from workflows.engine.links import is_link, link_target
from workflows.engine.model import Node, ScopeModel
from workflows.engine.report import Report
from workflows.language import say

# Elements whose results nobody knows beforehand: they may change what a condition sees.
_DATA_CHANGING = frozenset({"serviceTask", "sendTask", "callActivity"})
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
# Elements where a token rests until something happens outside.
_RESTING = frozenset({"userTask", "manualTask", "receiveTask", "eventBasedGateway"})
# A link jumps at once, and a condition that was true when the token left is true when it comes back.
_PASSED_AT_ONCE = frozenset({"link", "conditional"})
# Marks, in the graph of what happens at once, the inside of an element apart from the arrival at it.
_INSIDE = "\0"
# Circles are looked for again, without the joins that hold them up, no more often than this.
MAXIMUM_ROUNDS = 200
# More watches of signals that lead to each other are refused together.
MAXIMUM_TURNING = 200

Graph = dict[str, list[str]]


def loops_come_to_rest(scope: ScopeModel, report: Report) -> None:
    """A loop without any waiting changes data and can be left; otherwise it would turn for ever in one call."""
    if scope.parent is None:
        moves = _Moves()
        for inner in scope.everywhere():
            _come_to_rest(inner, moves.graph(inner), report)


def _come_to_rest(scope: ScopeModel, graph: Graph, report: Report) -> None:
    silent = {key: targets for key, targets in graph.items() if not _changes(scope, key)}
    told: list[set[str]] = []
    for part in [part for part in _circles(scope, graph) if not _may_be_left(scope, part)] + _circles(scope, silent):
        if any(part <= other for other in told):
            continue
        told.append(part)
        nodes = [scope.nodes[name] for name in {_element(key) for key in part}]
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


def _circles(scope: ScopeModel, graph: Graph) -> list[set[str]]:
    """Find where tokens turn by themselves: not past a parallel join that also waits for one from elsewhere."""
    found, coming = [], [graph]
    for rounds, here in enumerate(coming):
        for part in cycles(here):
            held = {key for key in part if _waits_for_others(scope, key, part)}
            if held and rounds < MAXIMUM_ROUNDS:
                rest = part - held
                coming.append({key: [target for target in graph[key] if target in rest] for key in rest})
            else:
                found.append(part)
    return found


def _waits_for_others(scope: ScopeModel, key: str, part: set[str]) -> bool:
    node = scope.nodes[_element(key)]
    joins = node.kind == "parallelGateway" and len(node.incoming) > 1
    return joins and any(flow.source + _INSIDE not in part for flow in node.incoming)


def _element(key: str) -> str:
    return key.removesuffix(_INSIDE)


class _Moves:
    """Where tokens may go without anything from outside; each scope is looked at once."""

    def __init__(self) -> None:
        self._graphs: dict[int, Graph] = {}
        self._ends: dict[int, bool] = {}
        self._thrown: dict[int, frozenset[tuple[str, str | None]]] = {}

    def graph(self, scope: ScopeModel) -> Graph:
        """Give the moves of one scope, the arrival at an element apart from what follows.

        A conditional boundary event is asked as soon as its activity begins, before that does anything.
        """
        graph = self._graphs.setdefault(id(scope), {})
        if graph:
            return graph
        for node in scope.nodes.values():
            inside = node.id + _INSIDE
            graph[node.id] = [each.id for each in node.boundaries if _is(each, "conditional")] + [inside]
            graph[inside] = [target for target in self._following(scope, node) if target in scope.nodes]
        return graph

    def _following(self, scope: ScopeModel, node: Node) -> Iterator[str]:
        for flow in node.outgoing:
            offered = node.kind == "eventBasedGateway" and _is(scope.nodes.get(flow.target), "conditional")
            if offered or self._passes(node):
                yield flow.target
        landing = link_target(scope, node) if is_link(node, "intermediateThrowEvent") else None
        if landing is not None:
            yield landing.id
        for boundary in node.boundaries:
            if self._throws_soon(node, boundary):
                yield boundary.id

    def _passes(self, node: Node) -> bool:
        """Tell whether a token may go on from here without anything from outside."""
        return self._ends_soon(node.body) if node.body is not None else not _rests(node)

    def _ends_soon(self, body: ScopeModel) -> bool:
        """Tell whether a sub-process may be over without any waiting: all tokens at an end, or one that ends all."""
        if id(body) not in self._ends:
            # A body that holds itself does not exist; False stands here only while it is looked at.
            self._ends[id(body)] = False
            self._ends[id(body)] = self._looked_for_end(body)
        return self._ends[id(body)]

    def _looked_for_end(self, body: ScopeModel) -> bool:
        graph = self.graph(body)
        starts = [start.id for start in body.starts()]
        came = reachable(graph, starts)
        ends = [key for key in came if key.endswith(_INSIDE) and self._is_end(body.nodes[_element(key)])]
        if any(_is(body.nodes[_element(key)], kind) for key in ends for kind in ("terminate", "error")):
            return True
        before: dict[str, list[str]] = {}
        for key in came:
            for target in graph[key]:
                before.setdefault(target, []).append(key)
        # Of a fork every way must come to an end, of anything else one.
        open_ways = {key: len(graph[key]) if _forks(body, key) else 1 for key in came}
        ended = set(ends)
        for key in ends:
            for other in before.get(key, ()):
                open_ways[other] -= 1
                if open_ways[other] == 0 and other not in ended:
                    ended.add(other)
                    ends.append(other)
        return any(start in ended for start in starts)

    def _is_end(self, node: Node) -> bool:
        return not node.outgoing and not is_link(node, "intermediateThrowEvent") and self._passes(node)

    def _throws_soon(self, host: Node, boundary: Node) -> bool:
        """Tell whether an error or escalation may come out of an activity to its boundary event without any waiting."""
        event = boundary.event
        if event is None or event.kind not in ("error", "escalation"):
            return False
        if host.body is None:
            return not _rests(host)
        thrown = self._thrown_soon(host.body)
        return any(kind == event.kind and event.name in (None, name) for kind, name in thrown)

    def _thrown_soon(self, body: ScopeModel) -> frozenset[tuple[str, str | None]]:
        if id(body) not in self._thrown:
            found: set[tuple[str, str | None]] = set()
            for key in reachable(self.graph(body), [start.id for start in body.starts()]):
                node = body.nodes[_element(key)]
                if node.kind in ("intermediateThrowEvent", "endEvent") and node.event is not None:
                    found.add((node.event.kind, node.event.name))
                elif node.body is not None:
                    found |= self._thrown_soon(node.body)
            self._thrown[id(body)] = frozenset(found)
        return self._thrown[id(body)]


def _is(node: Node | None, kind: str) -> bool:
    return node is not None and node.event is not None and node.event.kind == kind


def _forks(scope: ScopeModel, key: str) -> bool:
    node = scope.nodes[_element(key)]
    return key.endswith(_INSIDE) and node.kind not in _CHOOSING and not any(flow.condition for flow in node.outgoing)


def _rests(node: Node) -> bool:
    """Tell whether a token waits here for something from outside, so that no call goes round for ever."""
    if node.kind == "intermediateCatchEvent":
        return node.event is not None and node.event.kind not in _PASSED_AT_ONCE
    return node.kind in _RESTING


def _changes(scope: ScopeModel, key: str) -> bool:
    """Tell whether conditions may see something else once a token has been inside this element."""
    return key.endswith(_INSIDE) and _changes_data(scope.nodes[_element(key)])


def _changes_data(node: Node) -> bool:
    if node.kind in _DATA_CHANGING or writes(node):
        return True
    inside = node.body.nodes.values() if node.body is not None else ()
    return any(_rests(inner) or _changes_data(inner) for inner in inside)


def _may_be_left(scope: ScopeModel, part: set[str]) -> bool:
    return any(_may_leave(scope.nodes[_element(key)], part) for key in part)


def _may_leave(node: Node, part: set[str]) -> bool:
    """Tell whether a token may do something else here than go round: a choice, or a condition that does not hold."""
    chooses = node.kind in _CHOOSING or any(flow.condition for flow in node.outgoing)
    if chooses and any(flow.target not in part for flow in node.outgoing):
        return True
    if _is(node, "conditional"):
        return True
    # What an activity throws on some of its ways only, it may not throw the next time.
    if any(boundary.id in part for boundary in node.boundaries if not _is(boundary, "conditional")):
        return node.body is None or any(
            _chooses(inner) for part in node.body.everywhere() for inner in part.nodes.values()
        )
    return any(boundary.id not in part for boundary in node.boundaries)


def _chooses(node: Node) -> bool:
    return _is(node, "conditional") or any(flow.condition is not None for flow in node.outgoing)


# --- signals that call each other -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Watch:
    """A boundary event or the start of a handler that a signal starts and that lets everything go on."""

    begin: Node
    # The signals that it throws again with nothing to wait for and nothing to choose.
    thrown: frozenset[str | None]

    @property
    def signal(self) -> str | None:
        return self.begin.event.name if self.begin.event is not None else None

    @property
    def home(self) -> ScopeModel:
        """The scope in which it is armed."""
        scope = self.begin.scope
        return scope if self.begin.kind == "boundaryEvent" or scope.parent is None else scope.parent

    def stands_with(self, other: "_Watch") -> bool:
        """Tell whether it is armed whenever the other one is: as long as a scope around both, or a host, is active."""
        around: list[ScopeModel] = [other.home]
        while around[-1].parent is not None:
            around.append(around[-1].parent)
        if self.home not in around:
            return False
        if self.begin.kind != "boundaryEvent":
            return True
        hosts = [scope.owner.id for scope in around if scope.owner is not None]
        return self.begin.attached_to in (*hosts, other.begin.attached_to)


def signals_do_not_call_themselves(scope: ScopeModel, report: Report) -> None:
    """What signals start and let go on does not throw them again at once, alone or in a circle with others."""
    if scope.parent is not None:
        return
    watches = _turning([watch for inner in scope.everywhere() for watch in _watches(inner)])
    many = len(watches) > MAXIMUM_TURNING
    told: set[_Watch] = set()
    for watch in watches:
        # Of so many the first circle is told, without asking which of them listen at the same time.
        circle = _way_back(watch, watches if many else [other for other in watches if other.stands_with(watch)])
        if not circle or told & set(circle):
            continue
        told.update(circle)
        names = " → ".join(f'"{each.signal}"' for each in (*circle, watch))
        report.error(
            watch.begin.place,
            "loop.endless",
            say(
                f"Sinyal yang memulainya dipancarkan lagi di sini tanpa menunggu: {names}.",
                f"The signal that starts this is thrown again here without any waiting: {names}.",
            ),
            say("Pakai nama sinyal lain, atau biarkan memutus.", "Use another signal, or let it interrupt."),
        )
        if many:
            return


def _watches(scope: ScopeModel) -> Iterator[_Watch]:
    for node in scope.nodes.values():
        for begin in node.body.starts() if node.by_event and node.body is not None else [node]:
            watches = node.by_event or node.kind == "boundaryEvent"
            if watches and not begin.interrupting and _is(begin, "signal"):
                yield _Watch(begin, frozenset(_thrown_at_once(begin)))


def _turning(watches: list[_Watch]) -> list[_Watch]:
    """Give those whose signal leads, from one to the next, to itself again."""
    graph: Graph = {}
    for watch in watches:
        graph.setdefault(str(watch.signal), []).extend(str(name) for name in watch.thrown)
    turning = {name for part in cycles(graph) for name in part}
    return [watch for watch in watches if str(watch.signal) in turning]


def _way_back(watch: _Watch, company: list[_Watch]) -> list[_Watch]:
    """Find a shortest circle from a watch over others to itself; empty when there is none."""
    ways: list[list[_Watch]] = [[watch]]
    seen: set[str | None] = set()
    for way in ways:
        if watch.signal in way[-1].thrown:
            return way
        for other in company:
            if other.signal not in seen and other.signal in way[-1].thrown:
                seen.add(other.signal)
                ways.append([*way, other])
    return []


def _thrown_at_once(begin: Node) -> Iterator[str | None]:
    """Give the signals that a token throws from here on with nothing to wait for and nothing to choose."""
    seen: set[str] = set()
    coming = [begin]
    while coming:
        node = coming.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.kind in ("intermediateThrowEvent", "endEvent") and node.event is not None and _is(node, "signal"):
            yield node.event.name
        chooses = any(flow.condition for flow in node.outgoing) or node.repetition is not None
        may_wait = node.kind == "callActivity" or (node.kind in _JOINS and len(node.incoming) > 1) or _rests(node)
        if chooses or (node is not begin and may_wait):
            continue
        # What a sub-process leads to is not followed: something inside it may wait.
        onward = [flow.target for flow in node.outgoing] if node.body is None else []
        inside = node.body.starts() if node.body is not None else []
        coming += inside + [node.scope.nodes[target] for target in onward if target in node.scope.nodes]
