"""Ids for what was drawn without one, written into the file itself, so that they stay when the file is edited.

Only the ids are put in; every other byte of the file remains as it is.
"""

import re
from xml.parsers import expat

from lxml import etree

from workflows.engine import documents
from workflows.engine.report import Report

_NAME = re.compile(rb"<[^\s/>]+")


def with_ids(content: bytes) -> bytes:
    """Give the file with the ids that reading it assigns; as it is when nothing lacks one or it cannot be read.

    The ids are those that `parse` tells of as `id.assigned`, so that a case which runs on them goes on.
    """
    report = Report()
    root = documents.read("", content, report)
    assigned = {} if root is None else _assigned(root, report)
    if not assigned:
        return content
    repaired = bytearray()
    written = 0
    for number, place in enumerate(_starts(content)):
        found = _NAME.match(content, place) if number in assigned else None
        if found is not None:
            repaired += content[written : found.end()]
            repaired += f' id="{assigned[number]}"'.encode("ascii")
            written = found.end()
    repaired += content[written:]
    # In an encoding that writes its letters otherwise, nothing is put in by halves.
    return bytes(repaired) if documents.read("", bytes(repaired), Report()) is not None else content


def _assigned(root: etree._Element, report: Report) -> dict[int, str]:
    """Give the assigned ids by the number of the element in the order of the file."""
    wanted = {finding.element for finding in report.findings if finding.code == "id.assigned"}
    return {
        number: str(element.get("id"))
        for number, element in enumerate(root.iter(etree.Element))
        if element.get("id") in wanted
    }


def _starts(content: bytes) -> list[int]:
    """Give the byte at which each element begins, in the order of the file."""
    places: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: places.append(parser.CurrentByteIndex)
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError):
        # What one reader takes and the other does not is left alone.
        return []
    return places
