"""What every check says its findings with."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from workflows.catalogue.bundle import MANIFEST
from workflows.catalogue.examining import Examined
from workflows.engine import Element
from workflows.engine.expressions import bare
from workflows.engine.kinds import Use
from workflows.errors import Finding, Severity
from workflows.feel import nodes
from workflows.language import say


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
    """Give the texts that an input may be, each with file and line, as far as that can be told.

    A text that is written there, in either answer of an `if`, in a script whose variable is named there, or in the
    column of a decision's result.
    """
    text = bare(element.input_texts.get(name, ""))
    uses = examined.definition.uses if examined.definition is not None else ()
    found = (use for use in uses if (use.element, use.process, use.text) == (element.id, element.process, text))
    use = next(found, None)
    return [] if use is None else list(dict.fromkeys(_texts(examined, use.root, use, frozenset())))


def _texts(examined: Examined, node: nodes.Node, use: Use, seen: frozenset[str]) -> Iterator[tuple[str, str, int]]:
    match node:
        case nodes.Literal(content=str() as content):
            yield content, use.file, use.line
        case nodes.Conditional():
            yield from _texts(examined, node.then, use, seen)
            yield from _texts(examined, node.otherwise, use, seen)
        case nodes.Path(operand=nodes.Name(name=variable), name=column):
            decisions = {each.decision for each in examined.elements if each.decision and variable in each.writes}
            for output in examined.outputs:
                if output.decision in decisions and output.column == column:
                    yield output.value, output.file, output.line
        case nodes.Name(name=variable) if variable not in seen and examined.definition is not None:
            scripts = {each.id for each in examined.elements if each.kind == "scriptTask" and variable in each.writes}
            for script in examined.definition.uses:
                if script.element in scripts and script.process == use.process:
                    yield from _texts(examined, script.root, script, seen | {variable})
