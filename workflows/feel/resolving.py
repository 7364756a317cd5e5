"""Types that FEEL does not name itself: those that a decision file defines, put in the place of their names.

Reading leaves an open type wherever a text names one that the specification does not know; whoever compiles the text
says what it is. Without an answer the name is unknown, and the text is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from workflows.feel import nodes
from workflows.feel.errors import FeelError, suggestion
from workflows.feel.nodes import Node, walk
from workflows.feel.types import TYPE_NAMES, Type
from workflows.language import say

# Gives the type of that name; None when there is none.
FindType = Callable[[str], Type | None]


def is_open(root: Node) -> bool:
    """Tell whether the expression names a type that FEEL does not know."""
    return any(type_.is_open for type_ in _types_in(root))


def resolve(root: Node, find: FindType | None) -> Node:
    """Give the expression with all its types; FeelError for one that nobody knows."""
    changes: dict[str, Any] = {}
    for name in root.parts:
        part = getattr(root, name)
        if isinstance(part, Node):
            changes[name] = resolve(part, find)
        elif part is not None:
            changes[name] = tuple(resolve(each, find) for each in part)
    if isinstance(root, nodes.InstanceOf):
        changes["type"] = _resolved(root.type, find)
    elif isinstance(root, nodes.Definition):
        changes["types"] = tuple(None if each is None else _resolved(each, find) for each in root.types)
    return replace(root, **changes) if changes else root  # type: ignore[type-var]


def _types_in(root: Node) -> Iterator[Type]:
    for part in walk(root):
        if isinstance(part, nodes.InstanceOf):
            yield part.type
        elif isinstance(part, nodes.Definition):
            yield from (type_ for type_ in part.types if type_ is not None)


def _resolved(type_: Type, find: FindType | None) -> Type:
    if not type_.is_open:
        return type_
    if type_.reference:
        known = None if find is None else find(type_.reference)
        if known is None:
            message = say(
                f'Jenis "{type_.reference}" tidak dikenal.', f'The type "{type_.reference}" is unknown.'
            ) + suggestion(type_.reference, TYPE_NAMES)
            raise FeelError("feel.unknown_type", message, type_.at)
        return known
    return replace(
        type_,
        element=None if type_.element is None else _resolved(type_.element, find),
        entries=tuple((key, _resolved(each, find)) for key, each in type_.entries),
        parameters=None if type_.parameters is None else tuple(_resolved(each, find) for each in type_.parameters),
    )
