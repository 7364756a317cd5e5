"""The picture of a process: diagram interchange in, SVG out. The same text stands in the page and in the PDF.

A pure function of the file's bytes and of marks that say how far a case is. The SVG holds attributes only (no style,
no script), so the strictest content policy lets it through and WeasyPrint draws it alike; its classes let a page's
style sheet add to it. A state is told by colour, by the width of the line and by a badge, never by colour alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from math import atan2, cos, pi, sin

from lxml import etree

from workflows.diagrams import shapes, strokes
from workflows.diagrams.glyphs import BADGES, EVENTS
from workflows.diagrams.meanings import meaning
from workflows.diagrams.plan import NAMES, Extent, Mark, Plan, box_of, kind_of
from workflows.diagrams.strokes import number
from workflows.language import say

# Fill and line of each state. Lines and text on fill have a contrast of at least 4.5 to 1.
_COLOURS: Mapping[Mark, tuple[str, str]] = {
    "done": ("#dff1e3", "#1a6331"),
    "waiting": ("#dbeaf9", "#0b4a84"),
    "late": ("#fbe3e0", "#a51d14"),
    "cancelled": ("#ececec", "#565656"),
    "failed": ("#efe3f7", "#5c2383"),
}
_FONT = "'Source Sans 3', 'Source Sans Pro', 'DejaVu Sans', Arial, sans-serif"
# Width of one entry of the legend.
_LEGEND_STEP = 172.0
_DATA = frozenset({"dataObject", "dataObjectReference", "dataStoreReference", "dataInput", "dataOutput"})
_DASHES = {"messageFlow": "8 5", "association": "2 4", "dataInputAssociation": "2 4", "dataOutputAssociation": "2 4"}


def draw(
    source: bytes,
    marks: Mapping[str, Mark] | None = None,
    *,
    title: str,
    description: str = "",
    tokens: Mapping[str, int] | None = None,
    legend: bool = True,
    prefix: str = "diagram",
    window: Extent | None = None,
) -> str:
    """Draw the first diagram of the file; BrokenDefinition (`diagram.not_drawn`) when it holds none.

    `marks` say how far elements and flows are; `tokens` how many tokens wait where, when more than one. `title` and
    `description` are read out instead of the picture; without a description one is made of the marks. `prefix` keeps
    ids apart where a page shows several pictures. `window` shows a part of the plane only, without the legend.
    """
    plan = Plan.read(source)
    plane, whole = plan.drawing()
    drawing = _Drawing(plan, plane, dict(marks or {}), dict(tokens or {}))
    drawing.shapes()
    drawing.edges()
    seen = [mark for mark in _COLOURS if mark in drawing.marks.values()]
    view = window or whole
    below = ""
    if legend and seen and window is None:
        below = _legend(seen, view)
        view = Extent(view.x, view.y, max(view.width, _LEGEND_STEP * len(seen)), view.height + 44)
    words = description or " ".join([_summary(plan, drawing.marks), *_meanings(plan)])
    name, text = f"{prefix}-title", f"{prefix}-description"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" aria-labelledby="{name} {text}"'
        f' viewBox="{number(view.x)} {number(view.y)} {number(view.width)} {number(view.height)}"'
        f' width="{number(view.width)}" height="{number(view.height)}" font-family="{_FONT}" font-size="12">'
        f'<title id="{escape(name)}">{strokes.escaped(title)}</title>'
        f'<desc id="{escape(text)}">{strokes.escaped(words)}</desc>'
        + "".join([*drawing.under, *drawing.lines, *drawing.over, *drawing.badges, below, "</svg>"])
    )


def extent(source: bytes) -> Extent:
    """Tell how large the picture is, without its legend."""
    return Plan.read(source).drawing()[1]


@dataclass
class _Drawing:
    """The pieces of the picture in the order in which they lie on each other."""

    plan: Plan
    plane: etree._Element
    marks: dict[str, Mark]
    tokens: dict[str, int]
    under: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    badges: list[str] = field(default_factory=list)

    def shapes(self) -> None:
        """Draw every shape: pools and lanes lie below, activities and events above the lines."""
        for shape in self.plane.findall("di:BPMNShape", NAMES):
            element = self.plan.elements.get(str(shape.get("bpmnElement")))
            box = box_of(shape.find("dc:Bounds", NAMES))
            if element is None or box is None:
                continue
            kind, mark = kind_of(element), self.marks.get(str(element.get("id")))
            is_floor = kind in {"participant", "lane"} or (
                kind in shapes.CONTAINERS and shape.get("isExpanded") == "true"
            )
            pieces = self.under if is_floor else self.over
            pieces.append(self._opened(element, mark))
            pieces.append(self._shape(shape, element, kind, box, mark))
            pieces.append("</g>")
            if mark is not None and kind not in {"participant", "lane"}:
                self.badges.append(self._badge(element, kind, box, mark))

    def edges(self) -> None:
        """Draw every line with its arrowhead and its name."""
        for edge in self.plane.findall("di:BPMNEdge", NAMES):
            element = self.plan.elements.get(str(edge.get("bpmnElement")))
            waypoints = edge.findall("w:waypoint", NAMES)
            points = [(float(point.get("x") or 0), float(point.get("y") or 0)) for point in waypoints]
            if element is None or len(points) < 2:
                continue
            mark = self.marks.get(str(element.get("id")))
            self.lines.append(self._opened(element, mark))
            self.lines.append(self._line(element, points, mark))
            self.lines.append(shapes.flow_name(edge, element, points))
            self.lines.append("</g>")

    def _opened(self, element: etree._Element, mark: Mark | None) -> str:
        name = self.plan.name(str(element.get("id")))
        states = f" is-{mark}" if mark else ""
        hint = f"{name}: {_state_words(mark)}" if name and mark else name
        if told := meaning(self.plan, element):
            hint = f"{hint}. {told}" if hint else told
        title = f"<title>{strokes.escaped(hint)}</title>" if hint else ""
        return f'<g class="diagram__{kind_of(element)}{states}" data-element="{escape(str(element.get("id")))}">{title}'

    def _shape(self, shape: etree._Element, element: etree._Element, kind: str, box: Extent, mark: Mark | None) -> str:
        fill, line = _COLOURS[mark] if mark else shapes.PLAIN
        name = self.plan.name(str(element.get("id")))
        label = box_of(shape.find("di:BPMNLabel/dc:Bounds", NAMES))
        if kind in {"participant", "lane"}:
            return shapes.band(shape, kind, box, name)
        if kind.endswith("Event"):
            return self._event(element, kind, box, fill, line) + shapes.caption(name, label, box)
        if kind.endswith("Gateway"):
            return shapes.gateway(shape, kind, box, fill, line, mark) + shapes.caption(name, label, box)
        if kind in _DATA:
            return shapes.data(kind, box) + shapes.caption(name, label, box)
        if kind == "textAnnotation":
            note = " ".join((element.findtext("b:text", "", NAMES) or "").split())
            bracket = strokes.path("M", box.x + 10, box.y, "h-10v", box.height, "h10")
            return f'<path d="{bracket}" fill="none" stroke="{strokes.INK}"/>' + strokes.lines(
                note, box.x + 6, box.y + 3, box.width - 8, size=11, anchor="start", top=True
            )
        if kind == "group":
            return strokes.rectangle(box, "none", strokes.INK, 1.2, radius=8, dash="10 6 2 6")
        return shapes.activity(shape, element, kind, box, name, fill, line, mark)

    def _event(self, element: etree._Element, kind: str, box: Extent, fill: str, line: str) -> str:
        radius = min(box.width, box.height) / 2
        x, y = box.x + box.width / 2, box.y + box.height / 2
        quiet = element.get("cancelActivity") == "false" or element.get("isInterrupting") == "false"
        dash = ' stroke-dasharray="4 3"' if quiet else ""
        width = 3.6 if kind == "endEvent" else 1.6
        out = [
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" stroke="{line}"'
            f' stroke-width="{width}"{dash}/>'
        ]
        if kind in {"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}:
            out.append(
                f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius - 3.2)}" fill="none" stroke="{line}"'
                f' stroke-width="1.3"{dash}/>'
            )
        sign = EVENTS.get(self.plan.trigger(element))
        if sign:
            throws = kind in {"endEvent", "intermediateThrowEvent"}
            drawn = sign.format(c=line, f=line if throws else "none", g="#ffffff" if throws else line)
            scale = radius * 1.12 / 16
            out.append(
                f'<g transform="translate({number(x - 8 * scale)} {number(y - 8 * scale)}) scale({number(scale)})">'
                f"{drawn}</g>"
            )
        return "".join(out)

    def _line(self, element: etree._Element, points: Sequence[tuple[float, float]], mark: Mark | None) -> str:
        kind = kind_of(element)
        colour, width = (_COLOURS[mark][1], 2.8) if mark else (shapes.PLAIN[1], 1.4)
        dash = f' stroke-dasharray="{_DASHES[kind]}"' if kind in _DASHES else ""
        out = [
            f'<path d="{strokes.rounded(points)}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}'
            ' stroke-linecap="round" stroke-linejoin="round"/>'
        ]
        if kind == "sequenceFlow":
            out.append(strokes.arrow(points[-2], points[-1], colour, colour))
            out.append(self._beginning(element, points, colour))
        elif kind == "messageFlow":
            out.append(strokes.arrow(points[-2], points[-1], "#ffffff", colour))
            start = points[0]
            out.append(
                f'<circle cx="{number(start[0])}" cy="{number(start[1])}" r="4" fill="#ffffff" stroke="{colour}"/>'
            )
        elif kind.startswith("data"):
            out.append(strokes.arrow(points[-2], points[-1], "none", colour))
        return "".join(out)

    def _beginning(self, element: etree._Element, points: Sequence[tuple[float, float]], colour: str) -> str:
        """The stroke of a default flow, or the diamond of a conditional one that leaves an activity."""
        origin = self.plan.elements.get(element.get("sourceRef") or "")
        if origin is None:
            return ""
        (x, y), (nx, ny) = points[0], points[1]
        angle = atan2(ny - y, nx - x)
        along, across = cos(angle), sin(angle)
        if origin.get("default") == element.get("id"):
            mx, my = x + along * 12, y + across * 12
            dx, dy = cos(angle + pi * 0.7) * 6, sin(angle + pi * 0.7) * 6
            stroke = strokes.path("M", mx - dx, my - dy, "L", mx + dx, my + dy)
            return f'<path d="{stroke}" stroke="{colour}" stroke-width="1.6" fill="none"/>'
        if element.find("b:conditionExpression", NAMES) is not None and not kind_of(origin).endswith("Gateway"):
            corners = (
                (x, y),
                (x + along * 8 - across * 4, y + across * 8 + along * 4),
                (x + along * 16, y + across * 16),
                (x + along * 8 + across * 4, y + across * 8 - along * 4),
            )
            return f'<polygon points="{strokes.points(corners)}" fill="#ffffff" stroke="{colour}"/>'
        return ""

    def _badge(self, element: etree._Element, kind: str, box: Extent, mark: Mark) -> str:
        # On events and gateways a smaller one, so that the names of flows beside them stay readable.
        small = kind.endswith(("Event", "Gateway"))
        x, y = (box.x + box.width * 0.86, box.y + box.height * 0.14) if small else (box.x + box.width - 8, box.y + 1)
        count = self.tokens.get(str(element.get("id")), 0)
        sign = BADGES[mark]
        if count > 1:
            bold = 'font-size="13" font-weight="700" text-anchor="middle" fill="#ffffff"'
            sign = f'<text x="0" y="4.5" {bold}>{count}</text>'
        return _disc(x, y, mark, sign, scale=0.72 if small else 1)


def _legend(seen: Sequence[Mark], view: Extent) -> str:
    out, x, y = ['<g class="diagram__legend" aria-hidden="true">'], view.x + 14, view.y + view.height + 18
    for mark in seen:
        fill, line = _COLOURS[mark]
        out.append(strokes.rectangle(Extent(x, y - 11, 30, 22), fill, line, 2, radius=5))
        out.append(_disc(x + 28, y - 9, mark, BADGES[mark], scale=0.7))
        words = strokes.escaped(_state_words(mark))
        out.append(
            f'<text x="{number(x + 44)}" y="{number(y + 4.5)}" font-size="13" fill="{strokes.INK}">{words}</text>'
        )
        x += _LEGEND_STEP
    return "".join(out) + "</g>"


def _disc(x: float, y: float, mark: Mark, sign: str, *, scale: float) -> str:
    return (
        f'<g class="diagram__badge is-{mark}" transform="translate({number(x)} {number(y)}) scale({number(scale)})"'
        f' aria-hidden="true"><circle r="10" fill="{_COLOURS[mark][1]}" stroke="#ffffff" stroke-width="1.5"/>{sign}</g>'
    )


def _summary(plan: Plan, marks: Mapping[str, Mark]) -> str:
    """What the picture shows, for whoever cannot see it."""
    parts: list[str] = []
    for mark in ("late", "waiting", "failed"):
        names = [plan.name(element) for element, found in marks.items() if found == mark and plan.name(element)]
        if names:
            parts.append(f"{_state_words(mark)}: {', '.join(names)}.")
    done = sum(found == "done" and plan.kind(element) != "sequenceFlow" for element, found in marks.items())
    if done:
        parts.append(say(f"{done} langkah sudah dilalui.", f"{done} steps have been passed."))
    steps = sum(plan.kind(element).endswith(("Task", "callActivity", "subProcess")) for element in plan.elements)
    parts.append(say(f"Gambar ini memuat {steps} kegiatan.", f"The picture holds {steps} activities."))
    return " ".join(parts)


def _meanings(plan: Plan) -> Iterator[str]:
    """What is meant and not drawn, for whoever does not see the hints."""
    for element in plan.elements.values():
        if told := meaning(plan, element):
            yield f"{plan.name(str(element.get('id'))) or element.get('id')}: {told}"


def _state_words(mark: Mark | None) -> str:
    words = {
        "done": say("Sudah dilalui", "Passed"),
        "waiting": say("Sedang menunggu", "Waiting now"),
        "late": say("Lewat tenggat", "Overdue"),
        "cancelled": say("Dibatalkan", "Cancelled"),
        "failed": say("Terganggu", "In trouble"),
    }
    return words[mark] if mark else ""
