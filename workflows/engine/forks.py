"""Forks: where one token becomes several, and which elements stand on ways that run beside each other.

A process may hold thousands of elements and of ways, so what a way reaches is kept as the bits of a number.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workflows.engine.graphs import cycles, reach
from workflows.engine.links import successors
from workflows.engine.model import Node, ScopeModel


@dataclass(frozen=True)
class Way(Collection[str]):
    """The elements that one way out of a fork reaches."""

    # The bit of each element of the scope; shared by all ways of the scope.
    places: Mapping[str, int] = field(repr=False, compare=False)
    reached: int

    def __contains__(self, element: object) -> bool:
        place = self.places.get(element)  # type: ignore[call-overload]
        return place is not None and bool(self.reached >> place & 1)

    def __iter__(self) -> Iterator[str]:
        return (element for element, place in self.places.items() if self.reached >> place & 1)

    def __len__(self) -> int:
        return self.reached.bit_count()


@dataclass(frozen=True)
class Fork:
    """An element that sends tokens on several ways at once."""

    element: str
    # False when conditions choose among the ways, so that perhaps only one is taken.
    certain: bool
    # For each way out, in order: the elements that it reaches, and not by passing the fork again.
    ways: tuple[Way, ...]

    def part(self, one: str, other: str) -> bool:
        """Tell whether the two elements stand on different ways that run at the same time."""
        left, right = self.ways_of(one), self.ways_of(other)
        return bool(left & ~right and right & ~left)

    def ways_of(self, element: str) -> int:
        """Give as bits on which ways the element lies; 0 also when it lies on all, where nothing parts it."""
        if element not in self._some:
            return 0
        return sum(1 << number for number, way in enumerate(self.ways) if element in way)

    @cached_property
    def _some(self) -> Way:
        """What lies on some ways and not on all of them."""
        anywhere, everywhere = 0, -1
        for way in self.ways:
            anywhere |= way.reached
            everywhere &= way.reached
        return Way(self.ways[0].places, anywhere & ~everywhere)


def is_fork(node: Node) -> bool:
    """Tell whether tokens may leave the element on several flows at once."""
    if len(node.outgoing) < 2:
        return False
    return node.kind in ("parallelGateway", "inclusiveGateway") or node.is_activity or node.kind.endswith("Event")


def is_watch(node: Node) -> bool:
    """Tell whether the element is an event that lets what it watches go on, or a handler that such an event starts."""
    if node.kind == "boundaryEvent":
        return not node.interrupting and node.attached_to in node.scope.nodes
    return node.by_event and node.body is not None and not any(start.interrupting for start in node.body.starts())


def forks_of(scope: ScopeModel) -> list[Fork]:
    """Find the forks of one scope."""
    graph, places = _drawn(scope)
    forks = [node for node in scope.nodes.values() if is_fork(node)]
    if not forks:
        return []
    turning = {name for part in cycles(graph) for name in part}
    reached = reach(graph, places)
    found = []
    for node in forks:
        # Only where one can come back to the fork does it matter that a way ends there.
        seen = reached if node.id not in turning else reach({**graph, node.id: []}, places)
        own = 1 << places[node.id]
        ways = tuple(Way(places, seen.get(flow.target, 0) & ~own) for flow in node.outgoing)
        certain = all(flow.condition is None and not flow.default for flow in node.outgoing)
        found.append(Fork(node.id, certain, ways))
    return found


def watches_of(scope: ScopeModel) -> list[Fork]:
    """Find what runs beside its host: the ways out of boundary events, and event sub-processes, that let it go on.

    The host is one way and what the event leads to is the other. What follows the host is not counted: by then it is
    up to the diagram whether the event's way still goes on.
    """
    watches = [node for node in scope.nodes.values() if is_watch(node)]
    if not watches:
        return []
    graph, places = _drawn(scope)
    reached = reach(graph, places)
    others = sum(1 << places[node.id] for node in scope.nodes.values() if not node.by_event)
    found = []
    for node in watches:
        if node.attached_to is not None:
            host = 1 << places[node.attached_to]
            beside = reached[node.id] & ~host
        else:
            host, beside = others, 1 << places[node.id]
        found.append(Fork(node.id, True, (Way(places, host), Way(places, beside))))
    return found


def turning_forks(scope: ScopeModel) -> int:
    """Count the forks to which a token can come back; each of them costs a look at the whole scope."""
    graph, _ = _drawn(scope)
    turning = {name for part in cycles(graph) for name in part}
    return sum(is_fork(node) and node.id in turning for node in scope.nodes.values())


def _drawn(scope: ScopeModel) -> tuple[dict[str, list[str]], dict[str, int]]:
    graph = {
        node.id: [target for target in successors(scope, node) if target in scope.nodes]
        for node in scope.nodes.values()
    }
    return graph, {name: number for number, name in enumerate(graph)}


def writers_within(scope: ScopeModel, node: Node) -> Iterator[Node]:
    """Give the element and everything inside it, for what all of it writes."""
    yield node
    if node.body is not None:
        for inner in node.body.everywhere():
            yield from inner.nodes.values()
