"""Questions about the graph of a scope: what can be reached, and where it goes round."""

from collections.abc import Iterable, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]


def reachable(graph: Graph, starts: Iterable[str]) -> set[str]:
    """Name everything that can be reached from the starts, themselves included."""
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(graph.get(node, ()))
    return seen


def cycles(graph: Graph) -> list[set[str]]:
    """Give the strongly connected parts in which one can go round."""
    return [part for part in parts(graph) if len(part) > 1 or any(node in graph[node] for node in part)]


def reach(graph: Graph, places: Mapping[str, int]) -> dict[str, int]:
    """Give for each node what can be reached from it, itself included, as the bits of `places`."""
    found: dict[str, int] = {}
    # Whatever a part leads to has been seen before the part.
    for part in parts(graph):
        together = 0
        for node in part:
            together |= 1 << places[node]
            for target in graph[node]:
                together |= found.get(target, 0)
        found.update(dict.fromkeys(part, together))
    return found


def parts(graph: Graph) -> list[set[str]]:
    """Give all strongly connected parts, each after those it leads to (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[set[str]] = []
    for origin in graph:
        if origin in index:
            continue
        index[origin] = low[origin] = len(index)
        stack.append(origin)
        on_stack.add(origin)
        work = [(origin, iter(graph[origin]))]
        while work:
            node, following = work[-1]
            for target in following:
                if target not in graph:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph[target])))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part: set[str] = set()
                    while node not in part:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.add(member)
                    found.append(part)
    return found
