"""Strokes of a drawing as SVG text: numbers, wrapped words, boxes, rounded lines, arrowheads. No BPMN here."""

from collections.abc import Iterable, Sequence
from html import escape
from math import atan2, cos, hypot, sin

from workflows.diagrams.plan import Extent

INK = "#16191f"
# Average width of a letter as a share of its height; a little generous, so that text stays inside its box.
_LETTER = 0.53


def _wrapped(text: str, width: float, size: float) -> list[str]:
    """Break text into lines; a word that is longer than a line is broken with a hyphen."""
    room = max(int(width / (size * _LETTER)), 4)
    lines: list[str] = []
    current = ""
    for whole in text.split():
        word = whole
        if current and len(current) + 1 + len(word) > room:
            lines.append(current)
            current = ""
        while len(word) > room:
            lines.append(word[: room - 1] + "-")
            word = word[room - 1 :]
        current = f"{current} {word}".strip()
    return [*lines, current] if current else lines


def lines(
    text: str,
    x: float,
    y: float,
    width: float,
    *,
    size: float = 12,
    anchor: str = "middle",
    weight: str = "400",
    top: bool = False,
    halo: bool = False,
) -> str:
    """Text in several lines around `y`, or beginning at it with `top`; `halo` keeps it readable across lines."""
    wrapped = _wrapped(text, width, size)
    height = size * 1.2
    first = y + size * 0.85 if top else y - height * (len(wrapped) - 1) / 2 + size * 0.35
    weight_of = f' font-weight="{weight}"' if weight != "400" else ""
    common = f'font-size="{number(size)}" text-anchor="{anchor}"{weight_of}'
    out = []
    for index, line in enumerate(wrapped):
        place = f'x="{number(x)}" y="{number(first + index * height)}"'
        if halo:
            # A second, wider copy below instead of paint-order, which printers do not know.
            out.append(
                f'<text {place} {common} fill="#ffffff" stroke="#ffffff" stroke-width="3.5" stroke-linejoin="round"'
                f' aria-hidden="true">{escaped(line)}</text>'
            )
        out.append(f'<text {place} {common} fill="{INK}">{escaped(line)}</text>')
    return "".join(out)


def rectangle(box: Extent, fill: str, line: str, width: float, *, radius: float = 0, dash: str = "") -> str:
    """A box with square or rounded corners."""
    corners = f' rx="{number(radius)}"' if radius else ""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" height="{number(box.height)}"'
        f'{corners} fill="{fill}" stroke="{line}" stroke-width="{number(width)}"{dashes}/>'
    )


def rounded(points: Sequence[tuple[float, float]], radius: float = 6) -> str:
    """A line through the points with rounded corners."""
    drawn = [path("M", *points[0])]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        into = hypot(here[0] - before[0], here[1] - before[1]) or 1
        out = hypot(after[0] - here[0], after[1] - here[1]) or 1
        a, b = min(radius, into / 2) / into, min(radius, out / 2) / out
        drawn.append(
            path("L", here[0] - (here[0] - before[0]) * a, here[1] - (here[1] - before[1]) * a)
            + path("Q", *here, here[0] + (after[0] - here[0]) * b, here[1] + (after[1] - here[1]) * b)
        )
    return "".join(drawn) + path("L", *points[-1])


def arrow(before: tuple[float, float], tip: tuple[float, float], fill: str, line: str) -> str:
    """The head of an arrow at `tip`; open when `fill` is "none"."""
    angle = atan2(tip[1] - before[1], tip[0] - before[0])
    back, side = 11.0, 4.6
    wings = [
        (
            tip[0] - back * cos(angle) + hand * side * sin(angle),
            tip[1] - back * sin(angle) - hand * side * cos(angle),
        )
        for hand in (1, -1)
    ]
    shape, corners = "polyline" if fill == "none" else "polygon", points((wings[0], tip, wings[1]))
    return f'<{shape} points="{corners}" fill="{fill}" stroke="{line}" stroke-linejoin="round"/>'


def path(*parts: str | float) -> str:
    """Letters and numbers as the `d` attribute wants them."""
    words: list[str] = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
        else:
            words.append((" " if words and words[-1][-1:].isdigit() else "") + number(part))
    return "".join(words)


def points(corners: Iterable[tuple[float, float]]) -> str:
    """Corners as the `points` attribute wants them."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def number(value: float) -> str:
    """A number as short as it can be written."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def escaped(text: str) -> str:
    """Text for SVG: escaped, and without the characters that XML does not know."""
    return escape("".join(character for character in text if character >= " " or character in "\t\n"))
