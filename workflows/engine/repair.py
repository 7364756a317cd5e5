"""Ids for what was drawn without one, written into the file itself, so that they stay when the file is edited.

Only the ids are put in; every other byte of the file remains as it is, in whatever encoding it is written.
"""

import re
from xml.parsers import expat

from lxml import etree

from workflows.engine import documents
from workflows.engine.report import Report

_NAME = re.compile(rb"<[^\s/>]+")
# How a file begins whose letters take two or four bytes each, with its mark or without (XML 1.0, appendix F).
_WIDE = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"<\x00", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x00<", "utf-16-be"),
)


def with_ids(content: bytes) -> bytes:
    """Give the file with the ids that reading it assigns; as it is when nothing lacks one or it cannot be read.

    The ids are those that `parse` tells of as `id.assigned`, so that a case which runs on them goes on.
    """
    report = Report()
    root = documents.read("", content, report)
    assigned = {} if root is None else _assigned(root, report)
    if not assigned:
        return content
    wide = next((codec for beginning, codec in _WIDE if content.startswith(beginning)), None)
    try:
        repaired = _put_in(content, assigned) if wide is None else _put_in_wide(content, wide, assigned)
    except UnicodeError:
        return content
    # In an encoding that writes its letters otherwise still, nothing is put in by halves.
    return repaired if documents.read("", repaired, Report()) is not None else content


def _put_in_wide(content: bytes, codec: str, assigned: dict[int, str]) -> bytes:
    """Put the ids into a file whose letters take several bytes, mark and all; UnicodeError when it is damaged."""
    return _put_in(content.decode(codec).encode(), assigned, encoding="utf-8").decode().encode(codec)


def _put_in(content: bytes, assigned: dict[int, str], *, encoding: str | None = None) -> bytes:
    """Put the ids behind the names of their elements; `encoding` overrules what the file says of itself."""
    repaired = bytearray()
    written = 0
    for number, place in enumerate(_starts(content, encoding)):
        found = _NAME.match(content, place) if number in assigned else None
        if found is not None:
            repaired += content[written : found.end()]
            repaired += f' id="{assigned[number]}"'.encode("ascii")
            written = found.end()
    return bytes(repaired + content[written:])


def _assigned(root: etree._Element, report: Report) -> dict[int, str]:
    """Give the assigned ids by the number of the element in the order of the file."""
    wanted = {finding.element for finding in report.findings if finding.code == "id.assigned"}
    return {
        number: str(element.get("id"))
        for number, element in enumerate(root.iter(etree.Element))
        if element.get("id") in wanted
    }


def _starts(content: bytes, encoding: str | None) -> list[int]:
    """Give the byte at which each element begins, in the order of the file."""
    places: list[int] = []
    parser = expat.ParserCreate(encoding)
    parser.StartElementHandler = lambda name, attributes: places.append(parser.CurrentByteIndex)
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError):
        # What one reader takes and the other does not is left alone.
        return []
    return places
