"""The plan of a process as it is drawn: elements, lanes, and the plane with shapes and edges.

Reading only; nothing is drawn here. The file is untrusted: no entities, no network, no DOCTYPE.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lxml import etree

from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

# How far an element is in one case.
Mark = Literal["done", "waiting", "late", "cancelled", "failed"]

_SPECIFICATION = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
NAMES = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "w": "http://www.omg.org/spec/DD/20100524/DI",
}


@dataclass(frozen=True)
class Extent:
    """A rectangle of the drawing plane, in its own units (pixels of the modeller)."""

    x: float
    y: float
    width: float
    height: float

    def strips(self, width: float, *, overlap: float = 80) -> tuple["Extent", ...]:
        """Cut it into upright strips of at most `width`, of one size and overlapping, for sheets of paper."""
        if self.width <= width:
            return (self,)
        count = 2
        while (self.width + overlap * (count - 1)) / count > width:
            count += 1
        each = (self.width + overlap * (count - 1)) / count
        return tuple(Extent(self.x + index * (each - overlap), self.y, each, self.height) for index in range(count))


@dataclass
class Plan:
    """What the file says: elements by id, the lane of each, and the shapes and edges of its first diagram."""

    elements: dict[str, etree._Element]
    lanes: dict[str, str]
    # Shapes and edges; None for a process that was never drawn.
    plane: etree._Element | None

    @classmethod
    def read(cls, source: bytes) -> "Plan":
        """Read the file; BrokenDefinition (`diagram.not_drawn`) when it cannot be read at all."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            root = etree.fromstring(source, parser)
        except etree.XMLSyntaxError as error:
            raise _not_drawn(say("Berkas ini bukan XML yang benar", "This is not valid XML")) from error
        if root.getroottree().docinfo.doctype:
            raise _not_drawn(say("Berkas BPMN tidak boleh memuat DOCTYPE", "A BPMN file may not hold a DOCTYPE"))
        plane = root.find(".//di:BPMNPlane", NAMES)
        elements = {
            str(element.get("id")): element
            for element in root.iter()
            if isinstance(element.tag, str) and element.tag.startswith(_SPECIFICATION) and element.get("id")
        }
        lanes: dict[str, str] = {}
        # An inner lane comes after the outer one and is the more exact answer.
        for lane in root.iter(f"{_SPECIFICATION}lane"):
            for reference in lane.findall("b:flowNodeRef", NAMES):
                lanes[(reference.text or "").strip()] = lane.get("name") or ""
        return cls(elements, lanes, plane)

    def drawing(self) -> tuple[etree._Element, Extent]:
        """Shapes and edges, and how large they are together; BrokenDefinition (`diagram.not_drawn`) without any."""
        bounds = _bounds_of(self.plane) if self.plane is not None else None
        if self.plane is None or bounds is None:
            raise _not_drawn(
                say("Proses ini belum digambar: bagian BPMNDI kosong", "This process is not drawn: BPMNDI is empty")
            )
        return self.plane, bounds

    @property
    def flows(self) -> Iterable[str]:
        """Ids of the sequence flows."""
        return (name for name, element in self.elements.items() if kind_of(element) == "sequenceFlow")

    def outgoing(self, element: str) -> Iterable[etree._Element]:
        """Give the sequence flows that leave the element."""
        return self._leaving.get(element, ())

    @cached_property
    def _leaving(self) -> dict[str, list[etree._Element]]:
        found: dict[str, list[etree._Element]] = {}
        for element in self.elements.values():
            if kind_of(element) == "sequenceFlow":
                found.setdefault(element.get("sourceRef") or "", []).append(element)
        return found

    def kind(self, element: str) -> str:
        """What the element is, as BPMN names it; empty for an unknown one."""
        return kind_of(self.elements[element]) if element in self.elements else ""

    def name(self, element: str) -> str:
        """What the element is called, on one line."""
        return " ".join((self.elements[element].get("name") or "").split()) if element in self.elements else ""

    def attribute(self, element: str, name: str) -> str:
        """An attribute of the element; empty when it has none."""
        return self.elements[element].get(name) or ""

    def trigger(self, element: etree._Element) -> str:
        """The kind of event ("timer", "message", ...), or an empty text for a plain one."""
        for child in element:
            if isinstance(child.tag, str) and child.tag.endswith("EventDefinition"):
                return etree.QName(child).localname.removesuffix("EventDefinition")
        return ""


def kind_of(element: etree._Element) -> str:
    """The local name of an element, for example "userTask"."""
    return etree.QName(element).localname


def box_of(bounds: etree._Element | None) -> Extent | None:
    """The rectangle of a Bounds element, if there is one and its numbers are numbers."""
    if bounds is None:
        return None
    try:
        x, y, width, height = (float(bounds.get(name) or 0) for name in ("x", "y", "width", "height"))
    except ValueError:
        return None
    return Extent(x, y, width, height)


def _bounds_of(plane: etree._Element) -> Extent | None:
    """The rectangle around everything on the plane, with a margin."""
    xs: list[float] = []
    ys: list[float] = []
    for bounds in plane.iter(f"{{{NAMES['dc']}}}Bounds"):
        box = box_of(bounds)
        if box is not None:
            xs += [box.x, box.x + box.width]
            ys += [box.y, box.y + box.height]
    for point in plane.iter(f"{{{NAMES['w']}}}waypoint"):
        xs.append(float(point.get("x") or 0))
        ys.append(float(point.get("y") or 0))
    if not xs:
        return None
    margin = 16
    x, y = min(xs) - margin, min(ys) - margin
    return Extent(x, y, max(xs) + margin - x, max(ys) + margin - y)


def _not_drawn(message: str) -> BrokenDefinition:
    return BrokenDefinition([Finding(code="diagram.not_drawn", message=message)])
