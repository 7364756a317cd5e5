"""A definition seen as a map: levels, the ways between elements, and which forks hold an element between them.

A level is a process or the inside of one sub-process; a token never leaves its level by a flow.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workflows.engine.definition import Definition, Element, Flow
from workflows.engine.forks import Fork
from workflows.engine.graphs import reachable
from workflows.engine.nodes import ProcessSpec

# (process, sub-process or None)
Level = tuple[str, str | None]


@dataclass(frozen=True)
class Chart:
    """One definition as a map."""

    definition: Definition
    _levels: dict[Level, dict[str, Element]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for element in self.definition.elements:
            self._levels.setdefault((element.process, element.parent), {})[element.id] = element

    def level(self, level: Level) -> Mapping[str, Element]:
        """Give the elements of a level by id."""
        return self._levels.get(level, {})

    def ahead(self, level: Level, starts: Iterable[str]) -> set[str]:
        """Name what tokens on these elements of the level can still come to, themselves included."""
        return reachable(self._graphs.get(level, {}), starts)

    def reaches(self, level: Level, source: str, targets: Collection[str]) -> bool:
        """Tell whether a token on `source` can come to one of the targets."""
        return not reachable(self._graphs.get(level, {}), [source]).isdisjoint(targets)

    def inside(self, element: Element) -> list[Element]:
        """Give the element and everything drawn inside it, however deep."""
        found = [element]
        for inner in self.level((element.process, element.id)).values():
            found += self.inside(inner)
        return found

    def forks_around(self, level: Level, element: str) -> dict[str, Fork]:
        """Give the forks of the level on some, but not on all, of whose ways the element lies."""
        known = self.level(level)
        return {
            fork.element: fork
            for fork in self.definition.forks
            if fork.element in known and 0 < sum(element in way for way in fork.ways) < len(fork.ways)
        }

    def joins_of(self, level: Level, fork: Fork) -> dict[str, int]:
        """Give the parallel joins at which ways of the fork first meet, with their number of incoming flows."""
        graph = self._graphs.get(level, {})
        meeting = {
            name
            for name, found in self.level(level).items()
            if found.kind == "parallelGateway" and sum(name in way for way in fork.ways) > 1
        }
        incoming = {name: sum(flow.target == name for flow in self._flows_of(level)) for name in meeting}
        joins = {name for name, count in incoming.items() if count > 1}
        later = {name for join in joins for name in reachable(graph, graph.get(join, ()))}
        # Where everything goes round, each of them is behind the others.
        return {name: incoming[name] for name in (joins - later or joins)}

    def flow(self, flow_id: str, process: str) -> Flow | None:
        """Find a flow by its id."""
        return next((flow for flow in self.definition.flows if flow.id == flow_id and flow.process == process), None)

    def flows_between(self, level: Level, source: str, target: str) -> list[Flow]:
        """Give the flows from one element to another."""
        return [flow for flow in self._flows_of(level) if (flow.source, flow.target) == (source, target)]

    def name(self, level: Level, element: str) -> str:
        """Give the element as people read it."""
        found = self.level(level).get(element)
        return (found.name if found is not None else "") or element

    def _flows_of(self, level: Level) -> Sequence[Flow]:
        known = self.level(level)
        return [flow for flow in self.definition.flows if flow.process == level[0] and flow.source in known]

    @cached_property
    def _graphs(self) -> Mapping[Level, Mapping[str, Sequence[str]]]:
        graphs: dict[Level, dict[str, list[str]]] = {}
        for level, known in self._levels.items():
            graph: dict[str, list[str]] = {name: [] for name in known}
            for flow in self._flows_of(level):
                graph[flow.source].append(flow.target)
            landings = {
                each.event_name: each.id
                for each in known.values()
                if each.event == "link" and each.kind == "intermediateCatchEvent"
            }
            for each in known.values():
                if each.attached_to in graph:
                    graph[each.attached_to].append(each.id)
                if each.event == "link" and each.kind == "intermediateThrowEvent" and each.event_name in landings:
                    graph[each.id].append(landings[each.event_name])
            graphs[level] = graph
        return graphs


def level_of(spec: ProcessSpec) -> Level:
    """Give the level that a specification was made from; see `assembly.key_of`."""
    return spec.process, spec.name.partition("/")[2] or None
