"""The one chart of a report: deadlines as bars over time, kept ones and missed ones. SVG with attributes only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from babel.dates import format_date

from workflows.language import Language

_COLOURS = {"met": "#1a6331", "late": "#9a5f00", "breached": "#a51d14", "running": "#0b4a84", "stopped": "#47544f"}
_GROUNDS = {"met": "#cfe8d5", "late": "#f6dfb3", "breached": "#f4c9c4", "running": "#c9def2", "stopped": "#e3e8e6"}
_FONT = "'Source Sans 3', 'DejaVu Sans', sans-serif"
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 720.0, 78.0, 20.0, 30.0, 26.0


@dataclass(frozen=True)
class Bar:
    """One running of a deadline."""

    label: str
    began_on: date
    due_on: date
    # None while it has not been met.
    met_on: date | None
    # "met", "late", "breached", "running" or "stopped".
    state: str

    def end(self, today: date) -> date:
        """The day on which it was met, or today while it is not."""
        return self.met_on or today


def deadline_bars(
    bars: Sequence[Bar], today: date, *, title: str, states: Mapping[str, str], language: Language = "id"
) -> str:
    """Draw the deadlines; `states` gives the word of each state, which stands beside its bar."""
    if not bars:
        return ""
    first = min(bar.began_on for bar in bars)
    last = max(max(bar.due_on, bar.end(today)) for bar in bars)
    days = max((last - first).days, 1)
    scale = (_WIDTH - _LEFT - _RIGHT - 92) / days

    def x(day: date) -> float:
        return _LEFT + (day - first).days * scale

    height = _TOP + _ROW * len(bars) + 8
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {_WIDTH:g} {height:g}"'
        f' width="{_WIDTH:g}" height="{height:g}" font-family="{_FONT}" font-size="12">'
        f"<title>{escape(title)}</title><desc>{escape(_description(bars, states, language))}</desc>"
    ]
    for day in _ticks(first, last, days):
        out.append(
            f'<path d="M{x(day):.1f} {_TOP - 6:g}V{height - 8:g}" stroke="#c3d0cb" fill="none"/>'
            f'<text x="{x(day):.1f}" y="{_TOP - 10:g}" font-size="10.5" text-anchor="middle" fill="#47544f">'
            f"{escape(format_date(day, 'd MMM', locale=language))}</text>"
        )
    for index, bar in enumerate(bars):
        y = _TOP + _ROW * index + 4
        colour, ground = _COLOURS[bar.state], _GROUNDS[bar.state]
        end = bar.end(today)
        out.append(f'<text x="0" y="{y + 14:g}" font-weight="700" fill="#14211e">{escape(bar.label)}</text>')
        # The span that the rule allows, then the span that was taken, then the day of the deadline.
        out.append(_box(x(bar.began_on), y, x(bar.due_on), 18, ground))
        out.append(_box(x(bar.began_on), y + 5, max(x(end), x(bar.began_on) + 3), 8, colour))
        out.append(
            f'<path d="M{x(bar.due_on):.1f} {y - 3:g}v24" stroke="#14211e" stroke-width="2" fill="none"/>'
            f'<text x="{max(x(end), x(bar.due_on)) + 6:.1f}" y="{y + 14:g}" font-size="11" font-weight="700"'
            f' fill="{colour}">{escape(states[bar.state])}</text>'
        )
    return "".join(out) + "</svg>"


def _ticks(first: date, last: date, days: int) -> list[date]:
    step = next((step for step in (1, 2, 7, 14, 30, 60, 90, 180) if days / step <= 7), 365)
    return [first + timedelta(days=offset) for offset in range(0, (last - first).days + 1, step)]


def _box(left: float, top: float, right: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 2):.1f}" height="{height:g}" rx="2"'
        f' fill="{colour}"/>'
    )


def _description(bars: Sequence[Bar], states: Mapping[str, str], language: Language) -> str:
    return " ".join(
        f"{bar.label}: {format_date(bar.began_on, 'd MMM y', locale=language)} – "
        f"{format_date(bar.due_on, 'd MMM y', locale=language)}, {states[bar.state]}."
        for bar in bars
    )
