"""What every print must keep to for a screen reader: PDF/UA-1 (ISO 14289-1), as far as it can be counted.

Whether words, order and alternative texts make sense only people can tell.
"""

import io
from collections.abc import Iterator

import pikepdf

# 14289-1, 7.4.2; the deepest that our prints use.
_HEADINGS = {f"/H{level}": level for level in range(1, 7)}


def faults(content: bytes) -> list[str]:
    """Give what is wrong, each with the clause of ISO 14289-1; an empty list for a print as it should be."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return [*_document(document), *_structure(document), *_pages(document)]


def _document(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    with document.open_metadata() as metadata:
        if metadata.get("pdfuaid:part") != "1":
            yield "5: the document does not say that it is PDF/UA-1"
        if not metadata.get("dc:title"):
            yield "7.1: the document has no title"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "7.1: the title is not shown"
    if not root.get("/MarkInfo", {}).get("/Marked") or "/StructTreeRoot" not in root:
        yield "7.1: the content is not tagged"
    if not str(root.get("/Lang", "")):
        yield "7.2: the document has no language"
    if str(root.get("/Version", "/1.7")) != "/1.7":
        yield f"6: the document calls itself PDF {root.Version}"


def _structure(document: pikepdf.Pdf) -> Iterator[str]:
    level = 0
    for element in _elements(document.Root.get("/StructTreeRoot")):
        role = str(element.get("/S", ""))
        if role == "/Figure" and not (str(element.get("/Alt", "")) or str(element.get("/ActualText", ""))):
            yield "7.3: a figure has no alternative text"
        if role in _HEADINGS:
            if _HEADINGS[role] > level + 1:
                yield f"7.4.2: {role[1:]} comes after H{level}"
            level = _HEADINGS[role]


def _elements(node: pikepdf.Object | None) -> Iterator[pikepdf.Dictionary]:
    """Walk through the structure in the order of reading."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, pikepdf.Array):
            waiting += reversed(list(here))
        elif isinstance(here, pikepdf.Dictionary):
            if "/S" in here:
                yield here
            waiting.append(here.get("/K"))


def _pages(document: pikepdf.Pdf) -> Iterator[str]:
    for page in document.pages:
        notes = list(page.get("/Annots", []))
        if notes and page.get("/Tabs") != "/S":
            yield "7.18.3: tabs do not follow the structure"
        for note in notes:
            left, bottom, right, top = note.Rect
            # What takes no room is not on the page, as the seal.
            if "/StructParent" not in note and left < right and bottom < top:
                yield f"7.18.1: {note.Subtype} is not in the structure"
            if note.Subtype == "/Link" and not str(note.get("/Contents", "")):
                yield "7.18.5: a link has no description"
        for font in page.Resources.get("/Font", {}).values():
            descriptor = font.get("/DescendantFonts", [font])[0].FontDescriptor
            if not any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3")):
                yield "7.21.4: a font is not inside the document"
