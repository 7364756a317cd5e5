"""What every check says its findings with."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from workflows.catalogue.bundle import MANIFEST
from workflows.catalogue.examining import Examined
from workflows.engine import Element
from workflows.errors import Finding, Severity
from workflows.language import say

_CONSTANT = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*')
_PATH = re.compile(r"\s*([A-Za-z_]\w*)\.([A-Za-z_]\w*)\s*")


def find(
    code: str,
    file: str,
    line: int,
    element: str | None,
    indonesian: str,
    english: str,
    fix: str = "",
    severity: Severity = "error",
) -> Finding:
    """Make a finding at a place in a file."""
    return Finding(code, say(indonesian, english), fix, severity, file, max(line, 1), element)


def at(
    element: Element, code: str, indonesian: str, english: str, fix: str = "", severity: Severity = "error"
) -> Finding:
    """Make a finding at an element of the diagram."""
    return find(code, element.file, element.line, element.id, indonesian, english, fix, severity)


def in_manifest(
    examined: Examined,
    path: str,
    code: str,
    indonesian: str,
    english: str,
    fix: str = "",
    severity: Severity = "error",
) -> Finding:
    """Make a finding at a dotted path of the manifest."""
    return find(code, MANIFEST, examined.line_in_manifest(path), None, indonesian, english, fix, severity)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Ask whether a known word was meant; empty when none is near."""
    close = get_close_matches(word, sorted(known), n=1)
    return say(f"Apakah maksudnya '{close[0]}'?", f"Did you mean '{close[0]}'?") if close else ""


def values(examined: Examined, element: Element, name: str) -> list[tuple[str, str, int]]:
    """Give the constants that an input may be, each with file and line; none when that cannot be told.

    An input is a constant text, or `variable.column` of a decision's result.
    """
    text = element.input_texts.get(name, "")
    constant = _CONSTANT.fullmatch(text)
    if constant:
        return [(constant.group(1), element.file, element.line)]
    path = _PATH.fullmatch(text)
    if path is None:
        return []
    variable, column = path.groups()
    decisions = {each.decision for each in examined.elements if each.decision and variable in each.writes}
    return [
        (output.value, output.file, output.line)
        for output in examined.outputs
        if output.decision in decisions and output.column == column
    ]
