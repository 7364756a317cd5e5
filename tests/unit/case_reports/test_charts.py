"""The chart of deadlines: inert SVG that says in words what its bars show."""

from datetime import date

import pytest
from lxml import etree

from workflows.case_reports.charts import Bar, deadline_bars

SVG = "{http://www.w3.org/2000/svg}"
STATES = {"met": "Tepat waktu", "late": "Terlambat", "breached": "Terlewati", "running": "Berjalan"}
TODAY = date(2026, 3, 20)


def bar(state: str, *, met_on: date | None = None) -> Bar:
    return Bar("P-01 <x>", date(2026, 3, 2), date(2026, 3, 5), met_on, state)


def drawn(*bars: Bar) -> etree._Element:
    return etree.fromstring(deadline_bars(bars, TODAY, title="Batas & waktu", states=STATES).encode())


def test_chart_has_a_title_and_tells_its_figures_in_words() -> None:
    svg = drawn(bar("met", met_on=date(2026, 3, 4)), bar("breached"))

    assert svg.findtext(f"{SVG}title") == "Batas & waktu"
    description = svg.findtext(f"{SVG}desc") or ""
    assert "P-01 <x>: 2 Mar 2026 – 5 Mar 2026, Tepat waktu." in description
    assert "Terlewati." in description


@pytest.mark.parametrize("state", STATES)
def test_state_stands_beside_its_bar_in_words(state: str) -> None:
    assert STATES[state] in [text.text for text in drawn(bar(state)).iter(f"{SVG}text")]


def test_chart_holds_neither_style_nor_script() -> None:
    for node in drawn(bar("late", met_on=date(2026, 3, 9))).iter():
        assert etree.QName(node).localname not in {"style", "script", "foreignObject"}
        assert "style" not in node.attrib


def test_breached_deadline_reaches_until_today() -> None:
    widths = [float(box.get("width") or 0) for box in drawn(bar("breached")).iter(f"{SVG}rect")]

    assert widths[1] > widths[0]


def test_without_deadlines_there_is_nothing_to_draw() -> None:
    assert deadline_bars([], TODAY, title="x", states=STATES) == ""
