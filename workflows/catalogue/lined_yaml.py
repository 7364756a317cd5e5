"""YAML with line numbers: plain values that remember where in the file they stood.

Only plain data is read: no tags, no anchors that multiply, no dates made of text. Keys are texts and no key stands
twice, because a second one would silently win.
"""

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from workflows import plain_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say


class LinedMap(dict[str, Any]):
    """A mapping that knows the line of each key and of itself."""

    line: int
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """Give the line of the key, or of the mapping when the key is missing."""
        return self.lines.get(key, self.line)


class LinedList(list[Any]):
    """A list that knows its own line and the line of each item."""

    line: int
    lines: list[int]


class _Plain(yaml.CSafeLoader):
    """CSafeLoader without dates: "2026-02-02" stays the text that the designer wrote."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (the type is that of the class above)
        first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(content: bytes, file: str) -> LinedMap:
    """Read a YAML file whose top is a mapping; raise BrokenDefinition that names the line of what is wrong."""
    try:
        text = content.decode("utf-8")
        plain_yaml.refuse_tricks(text)
        loader = _Plain(text)
        try:
            node = loader.get_single_node()
            value = _build(loader, node, file) if node is not None else None
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        raise _broken(file, 1, "yaml.encoding", "Berkas ini bukan UTF-8.", "This file is not UTF-8.") from error
    except plain_yaml.TooDeep as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _broken(file, line, "yaml.too_deep", "Terlalu banyak tingkat.", "Too many levels.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "?"
        raise _broken(
            file,
            # What is missing at the end is told of the last line, not of the one behind it.
            max(1, min(mark.line + 1, len(content.splitlines()))) if mark else 1,
            "yaml.unreadable",
            f"YAML tidak terbaca: {problem}.",
            f"This is not YAML: {problem}.",
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _broken(file, 1, "yaml.unreadable", "YAML tidak terbaca.", "This is not YAML.") from error
    if not isinstance(value, LinedMap):
        raise _broken(
            file,
            1,
            "yaml.no_mapping",
            "Di sini harus ada pasangan kunci dan nilai.",
            "Keys with values were expected here.",
        )
    return value


def walk(value: Any) -> Iterator[Any]:
    """Give a value and everything inside it."""
    yield value
    if isinstance(value, dict):
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def _build(loader: _Plain, node: Node, file: str) -> Any:
    line = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        return _mapping(loader, node, file, line)
    if isinstance(node, SequenceNode):
        items = LinedList(_build(loader, item, file) for item in node.value)
        items.line, items.lines = line, [item.start_mark.line + 1 for item in node.value]
        return items
    return loader.construct_object(node)


def _mapping(loader: _Plain, node: MappingNode, file: str, line: int) -> LinedMap:
    found = LinedMap()
    found.line, found.lines = line, {}
    for key_node, value_node in node.value:
        here = key_node.start_mark.line + 1
        key = loader.construct_object(key_node) if isinstance(key_node, ScalarNode) else None
        if not isinstance(key, str):
            # "on", "yes" and numbers are no texts in YAML; a designer who wrote one as a key must quote it.
            raise _broken(
                file,
                here,
                "yaml.key_no_text",
                'Kunci harus berupa teks; beri tanda kutip, misalnya "1" atau "yes".',
                'A key must be a text; put it in quotes, for example "1" or "yes".',
            )
        if key in found:
            raise _broken(
                file, here, "yaml.key_twice", f"Kunci '{key}' tertulis dua kali.", f"The key '{key}' stands twice."
            )
        found[key] = _build(loader, value_node, file)
        found.lines[key] = here
    return found


def _broken(file: str, line: int, code: str, indonesian: str, english: str) -> BrokenDefinition:
    return BrokenDefinition([Finding(code=code, file=file, line=line, message=say(indonesian, english))])
