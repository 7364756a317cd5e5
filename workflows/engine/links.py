"""Where a token can go next in the drawing: flows, boundary events, and the jumps of link events."""

from workflows.engine.model import Node, ScopeModel


def is_link(node: Node, kind: str) -> bool:
    """Tell whether the node is a link event of this kind of element."""
    return node.kind == kind and node.event is not None and node.event.kind == "link"


def link_target(scope: ScopeModel, node: Node) -> Node | None:
    """Find the catching link event of the same name in the same scope."""
    return scope.landings.get(node.event.name if node.event else None)


def successors(scope: ScopeModel, node: Node) -> list[str]:
    """Name the elements to which a token of this element can go next."""
    following = [flow.target for flow in node.outgoing] + [boundary.id for boundary in node.boundaries]
    if node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link":
        target = link_target(scope, node)
        if target is not None:
            following.append(target.id)
    return following
