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
    """Give the strongly connected parts in which one can go round (Tarjan's algorithm, without recursion)."""
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
                    if len(part) > 1 or node in graph[node]:
                        found.append(part)
    return found
