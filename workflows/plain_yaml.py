"""YAML that holds plain data: how every file of the house is read, by whatever loader makes its values.

libyaml reads it, in a fifteenth of the time of PyYAML's own parser. It composes in C, where no RecursionError stops a
hundred thousand brackets; so the events are looked through first, and depth and references are refused there. What
the data mean, and how findings are told, is the business of each reader.
"""

from typing import Any

import yaml
from yaml.error import Mark

# Deeper than any manifest or scenario; a stack of brackets must not exhaust ours.
DEEPEST = 30

_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class TooDeep(yaml.MarkedYAMLError):
    """The file has more levels than any of ours."""


class Reference(yaml.MarkedYAMLError):
    """The file points to a value elsewhere in it: nine lists that name each other nine times would fill the memory."""


def refuse_tricks(content: bytes | str) -> None:
    """Raise a YAMLError that knows its place when the file is no YAML, is too deep or holds references."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        if isinstance(event, _OPENING):
            depth += 1
            if depth > DEEPEST:
                raise TooDeep(problem="too many levels", problem_mark=_place(event))
        elif isinstance(event, _CLOSING):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise Reference(problem="'*' is not used here", problem_mark=_place(event))


def load(content: bytes | str, loader: type[yaml.CSafeLoader] = yaml.CSafeLoader) -> Any:
    """Read the one document of a file; raise YAMLError, UnicodeDecodeError, or ValueError for a date that is none."""
    refuse_tricks(content)
    return yaml.load(content, loader)  # noqa: S506 (a CSafeLoader, or one made of it)


def _place(event: yaml.Event) -> Mark | None:
    # libyaml's marks are made like Python's, but of a class of their own.
    mark = event.start_mark
    return Mark(mark.name, mark.index, mark.line, mark.column, None, 0) if mark else None
