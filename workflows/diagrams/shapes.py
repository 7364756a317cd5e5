"""The shapes of BPMN as SVG: activities, gateways, pools and lanes, data, and the names beside them."""

from collections.abc import Sequence

from lxml import etree

from workflows.diagrams import strokes
from workflows.diagrams.glyphs import GATEWAYS, MARKERS, TASKS
from workflows.diagrams.plan import NAMES, Extent, Mark, box_of
from workflows.diagrams.strokes import number

# Fill and line of what no case has touched.
PLAIN = ("#ffffff", "#2b3038")
# Activities that hold others.
CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess", "callActivity"})


def activity(
    shape: etree._Element,
    element: etree._Element,
    kind: str,
    box: Extent,
    name: str,
    fill: str,
    line: str,
    mark: Mark | None,
) -> str:
    """A task, sub-process or call: a rounded box with its sign, its name and its markers."""
    opened = shape.get("isExpanded") == "true"
    dash = "6 4" if element.get("triggeredByEvent") == "true" else ""
    width = 4.0 if kind == "callActivity" else 2.6 if mark in {"waiting", "late", "failed"} else 1.6
    out = [strokes.rectangle(box, "#ffffff" if opened and not mark else fill, line, width, radius=10, dash=dash)]
    if kind == "transaction":
        inner = Extent(box.x + 3.5, box.y + 3.5, box.width - 7, box.height - 7)
        out.append(strokes.rectangle(inner, "none", line, 1.2, radius=7))
    sign = TASKS.get(kind)
    if sign:
        out.append(f'<g transform="translate({number(box.x + 5)} {number(box.y + 5)})">{sign.format(c=line)}</g>')
    if opened:
        out.append(strokes.lines(name, box.x + box.width / 2, box.y + 5, box.width - 24, weight="600", top=True))
    else:
        # A sign in the corner takes the first line's place only where the box is low.
        shift = 5.0 if sign and box.height < 90 else 0.0
        out.append(strokes.lines(name, box.x + box.width / 2, box.y + box.height / 2 + shift, box.width - 12))
    markers = ["folded"] if kind in CONTAINERS and not opened else []
    several = element.find("b:multiInstanceLoopCharacteristics", NAMES)
    if several is not None:
        markers.append("sequential" if several.get("isSequential") == "true" else "parallel")
    if element.find("b:standardLoopCharacteristics", NAMES) is not None:
        markers.append("loop")
    begin = box.x + box.width / 2 - 9 * len(markers)
    for index, marker in enumerate(markers):
        drawn = MARKERS[marker].format(c=line)
        out.append(
            f'<g transform="translate({number(begin + 18 * index)} {number(box.y + box.height - 18)})">{drawn}</g>'
        )
    return "".join(out)


def gateway(shape: etree._Element, kind: str, box: Extent, fill: str, line: str, mark: Mark | None) -> str:
    """A diamond with its sign."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    corners = ((x, box.y), (box.x + box.width, y), (x, box.y + box.height), (box.x, y))
    width = 2.4 if mark in {"waiting", "late", "failed"} else 1.6
    drawn = f'<polygon points="{strokes.points(corners)}" fill="{fill}" stroke="{line}" stroke-width="{width}"/>'
    if kind == "exclusiveGateway" and shape.get("isMarkerVisible") == "false":
        return drawn
    sign = GATEWAYS.get(kind, "").format(c=line)
    scale = min(box.width, box.height) / 50
    return f'{drawn}<g transform="translate({number(x)} {number(y)}) scale({number(scale)})">{sign}</g>'


def band(shape: etree._Element, kind: str, box: Extent, name: str) -> str:
    """A pool or lane with its name along the edge."""
    out = [strokes.rectangle(box, "#ffffff", PLAIN[1], 1.6 if kind == "participant" else 1.0)]
    if shape.get("isHorizontal") == "false":
        if kind == "participant":
            out.append(
                f'<path d="{strokes.path("M", box.x, box.y + 30, "h", box.width)}" stroke="{PLAIN[1]}" fill="none"/>'
            )
        out.append(strokes.lines(name, box.x + box.width / 2, box.y + 15, box.width - 10, weight="600"))
        return "".join(out)
    if kind == "participant":
        out.append(
            f'<path d="M{number(box.x + 30)} {number(box.y)}v{number(box.height)}" stroke="{PLAIN[1]}" fill="none"/>'
        )
    turned = strokes.lines(name, 0, 0, box.height - 10, weight="600")
    out.append(
        f'<g transform="translate({number(box.x + 15)} {number(box.y + box.height / 2)}) rotate(-90)">{turned}</g>'
    )
    return "".join(out)


def data(kind: str, box: Extent) -> str:
    """A sheet or a store of data."""
    x, y, width, height = box.x, box.y, box.width, box.height
    if kind == "dataStoreReference":
        lid = strokes.path("c0 10 ", width, 10.0, width, "0")
        back = strokes.path("c0 10 ", -width, 10.0, -width, "0c0-10 ", width, "-10 ", width, "0")
        shape = strokes.path("M", x, y + 8, "v", height - 16) + lid + strokes.path("v", 16 - height) + back
    else:
        sheet = strokes.path("M", x, y, "h", width - 12, "l12 12v", height - 12, "h", -width, "z")
        shape = sheet + strokes.path("M", x + width - 12, y, "v12h12")
    return f'<path d="{shape}" fill="#ffffff" stroke="{PLAIN[1]}" stroke-width="1.4"/>'


def caption(name: str, label: Extent | None, box: Extent) -> str:
    """The name of an event, gateway or data object: where the modeller put it, otherwise below."""
    if not name:
        return ""
    if label is None:
        return strokes.lines(name, box.x + box.width / 2, box.y + box.height + 3, 100, size=11, top=True, halo=True)
    middle = label.x + label.width / 2
    return strokes.lines(name, middle, label.y, max(label.width + 8, 76), size=11, top=True, halo=True)


def flow_name(edge: etree._Element, element: etree._Element, points: Sequence[tuple[float, float]]) -> str:
    """The name of a flow: where the modeller put it, otherwise above its first stretch."""
    name = " ".join((element.get("name") or "").split())
    if not name:
        return ""
    label = box_of(edge.find("di:BPMNLabel/dc:Bounds", NAMES))
    if label is not None:
        middle = label.x + label.width / 2
        return strokes.lines(name, middle, label.y, max(label.width + 8, 64), size=11, top=True, halo=True)
    (ax, ay), (bx, by) = points[0], points[1]
    return strokes.lines(name, (ax + bx) / 2, (ay + by) / 2 - 16, 90, size=11, top=True, halo=True)
