"""What the cells of decision tables may give: the constant texts of each output column, with their lines.

A diagram takes deadlines and dispositions from tables; whether those exist is a question about the cells. Only what
is needed for that is read here: tables are parsed and evaluated in `decisions`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from workflows.catalogue.bundle import Bundle

_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Output:
    """One constant that a decision may give."""

    # Id of the decision, and name of the column.
    decision: str
    column: str
    value: str
    file: str
    line: int


def outputs_of(bundle: Bundle) -> Iterator[Output]:
    """Give the constant texts in the output cells of all tables; a file that is no XML has none."""
    for path, content in bundle.executable().items():
        if path.endswith(".dmn"):
            yield from _outputs(path, content)


def _outputs(path: str, content: bytes) -> Iterator[Output]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is None:
        return
    for decision in root.iterfind("{*}decision"):
        table = decision.find("{*}decisionTable")
        if table is None:
            continue
        columns = [output.get("name") or "" for output in table.iterfind("{*}output")]
        for rule in table.iterfind("{*}rule"):
            for column, entry in zip(columns, rule.iterfind("{*}outputEntry"), strict=False):
                text = entry.findtext("{*}text") or ""
                for value in _TEXT.findall(text):
                    yield Output(decision.get("id") or "", column, value, path, entry.sourceline or 1)
