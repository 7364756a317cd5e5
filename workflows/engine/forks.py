"""Forks: where one token becomes several, and which elements stand on ways that run beside each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflows.engine.graphs import reachable
from workflows.engine.links import successors
from workflows.engine.model import Node, ScopeModel


@dataclass(frozen=True)
class Fork:
    """An element that sends tokens on several ways at once."""

    element: str
    # False when conditions choose among the ways, so that perhaps only one is taken.
    certain: bool
    # For each way out, in order: the elements that it reaches, and not by passing the fork again.
    ways: tuple[frozenset[str], ...]

    def beside(self) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        """Give, for each two ways, what only the one and what only the other reaches."""
        for number, one in enumerate(self.ways):
            for other in self.ways[number + 1 :]:
                yield one - other, other - one

    def part(self, one: str, other: str) -> bool:
        """Tell whether the two elements stand on different ways that run at the same time."""
        return any(
            (one in left and other in right) or (one in right and other in left) for left, right in self.beside()
        )


def is_fork(node: Node) -> bool:
    """Tell whether tokens may leave the element on several flows at once."""
    if len(node.outgoing) < 2:
        return False
    return node.kind in ("parallelGateway", "inclusiveGateway") or node.is_activity or node.kind.endswith("Event")


def forks_of(scope: ScopeModel) -> list[Fork]:
    """Find the forks of one scope."""
    graph = {node.id: successors(scope, node) for node in scope.nodes.values()}
    return [_fork(node, graph) for node in scope.nodes.values() if is_fork(node)]


def watches_of(scope: ScopeModel) -> list[Fork]:
    """Find what runs beside its host: the ways out of boundary events, and event sub-processes, that let it go on.

    The host is one way and what the event leads to is the other. What follows the host is not counted: by then it is
    up to the diagram whether the event's way still goes on.
    """
    graph = {node.id: successors(scope, node) for node in scope.nodes.values()}
    found = []
    for node in scope.nodes.values():
        if node.kind == "boundaryEvent" and not node.interrupting and node.attached_to in scope.nodes:
            way = frozenset(reachable(graph, [node.id])) - {node.attached_to}
            found.append(Fork(node.id, True, (frozenset({node.attached_to}), way)))
        elif node.by_event and node.body is not None and not any(start.interrupting for start in node.body.starts()):
            others = frozenset(other.id for other in scope.nodes.values() if not other.by_event)
            found.append(Fork(node.id, True, (others, frozenset({node.id}))))
    return found


def _fork(node: Node, graph: Mapping[str, Sequence[str]]) -> Fork:
    without = {name: targets for name, targets in graph.items() if name != node.id}
    ways = tuple(frozenset(reachable(without, [flow.target])) - {node.id} for flow in node.outgoing)
    return Fork(node.id, all(flow.condition is None and not flow.default for flow in node.outgoing), ways)


def writers_within(scope: ScopeModel, node: Node) -> Iterator[Node]:
    """Give the element and everything inside it, for what all of it writes."""
    yield node
    if node.body is not None:
        for inner in node.body.everywhere():
            yield from inner.nodes.values()
