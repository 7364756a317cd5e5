"""The drawn process: valid and inert SVG, states that do not need colours, text that stays text."""

import pytest
from lxml import etree

from workflows.diagrams import drawing
from workflows.diagrams.drawing import draw
from workflows.errors import BrokenDefinition
from workflows.language import speaking

SVG = "{http://www.w3.org/2000/svg}"
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="t">'
)


def shape(element: str, x: int, y: int, width: int, height: int, attributes: str = "") -> str:
    return (
        f'<bpmndi:BPMNShape bpmnElement="{element}" {attributes}>'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
    )


def edge(element: str, *points: tuple[int, int]) -> str:
    waypoints = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge bpmnElement="{element}">{waypoints}</bpmndi:BPMNEdge>'


def bpmn(process: str, shapes: str, *, collaboration: str = "") -> bytes:
    plane = f'<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    return f'{HEAD}{collaboration}<process id="p">{process}</process>{plane}</definitions>'.encode()


VERIFY = bpmn(
    '<startEvent id="filed" name="Laporan masuk"/><userTask id="verify" name="Verifikasi"/>'
    '<boundaryEvent id="late" name="Lewat" attachedToRef="verify" cancelActivity="false"><timerEventDefinition/>'
    '</boundaryEvent><endEvent id="ended" name="Selesai"/>'
    '<sequenceFlow id="f1" sourceRef="filed" targetRef="verify"/>'
    '<sequenceFlow id="f2" name="lengkap" sourceRef="verify" targetRef="ended"/>',
    shape("filed", 0, 22, 36, 36)
    + shape("verify", 90, 0, 100, 80)
    + shape("late", 150, 62, 36, 36)
    + shape("ended", 250, 22, 36, 36)
    + edge("f1", (36, 40), (90, 40))
    + edge("f2", (190, 40), (250, 40)),
)


def parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def element(svg: etree._Element, name: str) -> etree._Element:
    (found,) = svg.xpath("//*[@data-element=$name]", name=name)
    return found


def test_every_drawn_element_and_flow_is_in_the_picture_by_its_id() -> None:
    svg = parsed(draw(VERIFY, title="Alur"))

    assert {node.get("data-element") for node in svg.iter() if node.get("data-element")} == {
        "filed",
        "verify",
        "late",
        "ended",
        "f1",
        "f2",
    }


def test_picture_is_named_and_described_for_those_who_cannot_see_it() -> None:
    svg = parsed(draw(VERIFY, {"filed": "done", "verify": "late"}, title="Kedudukan kasus", prefix="case"))

    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "case-title case-description"
    assert svg.findtext(f"{SVG}title") == "Kedudukan kasus"
    description = svg.findtext(f"{SVG}desc") or ""
    assert "Lewat tenggat: Verifikasi." in description
    assert "1 langkah sudah dilalui." in description


def test_description_speaks_the_language_of_the_reader() -> None:
    with speaking("en"):
        svg = parsed(draw(VERIFY, {"verify": "waiting"}, title="Path"))

    assert "Waiting now: Verifikasi." in (svg.findtext(f"{SVG}desc") or "")


def test_picture_holds_neither_style_nor_script() -> None:
    svg = parsed(draw(VERIFY, {"verify": "waiting", "f1": "done"}, title="Alur"))

    for node in svg.iter():
        assert etree.QName(node).localname not in {"style", "script", "foreignObject", "image", "use", "a"}
        assert not [name for name in node.attrib if name == "style" or name.startswith("on") or "href" in name]


def test_state_is_told_by_class_and_badge_and_not_by_colour_alone() -> None:
    svg = parsed(draw(VERIFY, {"verify": "late", "f1": "done"}, title="Alur"))

    assert "is-late" in (element(svg, "verify").get("class") or "")
    assert "is-done" in (element(svg, "f1").get("class") or "")
    assert svg.xpath("//*[contains(@class, 'diagram__badge') and contains(@class, 'is-late')]")
    assert element(svg, "verify").findtext(f"{SVG}title") == "Verifikasi: Lewat tenggat"


def test_several_tokens_are_counted_on_the_badge() -> None:
    svg = draw(VERIFY, {"verify": "waiting"}, title="Alur", tokens={"verify": 3})

    assert ">3</text>" in svg


def test_legend_explains_the_states_that_occur_and_no_others() -> None:
    svg = parsed(draw(VERIFY, {"verify": "waiting"}, title="Alur"))
    words = " ".join(svg.xpath("//*[@class='diagram__legend']//text()"))

    assert "Sedang menunggu" in words
    assert "Dibatalkan" not in words


def test_picture_without_marks_has_no_legend() -> None:
    assert "diagram__legend" not in draw(VERIFY, title="Alur")


def test_non_interrupting_event_has_a_broken_line() -> None:
    late = element(parsed(draw(VERIFY, title="Alur")), "late")

    assert [circle.get("stroke-dasharray") for circle in late.iter(f"{SVG}circle")][:2] == ["4 3", "4 3"]


@pytest.mark.parametrize("kind", ["timer", "message", "signal", "error", "escalation", "terminate", "conditional"])
def test_each_kind_of_event_has_its_own_sign(kind: str) -> None:
    plain = draw(bpmn('<endEvent id="e"/>', shape("e", 0, 0, 36, 36)), title="t")
    signed = draw(bpmn(f'<endEvent id="e"><{kind}EventDefinition/></endEvent>', shape("e", 0, 0, 36, 36)), title="t")

    assert len(signed) > len(plain)


@pytest.mark.parametrize(
    "kind", ["userTask", "serviceTask", "businessRuleTask", "scriptTask", "sendTask", "receiveTask", "manualTask"]
)
def test_each_kind_of_task_has_its_own_sign(kind: str) -> None:
    plain = draw(bpmn('<task id="e"/>', shape("e", 0, 0, 100, 80)), title="t")
    signed = draw(bpmn(f'<{kind} id="e"/>', shape("e", 0, 0, 100, 80)), title="t")

    assert len(signed) > len(plain)


@pytest.mark.parametrize(
    "kind", ["exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"]
)
def test_each_kind_of_gateway_has_its_own_sign(kind: str) -> None:
    svg = parsed(draw(bpmn(f'<{kind} id="g"/>', shape("g", 0, 0, 50, 50)), title="t"))

    assert element(svg, "g").find(f"{SVG}g") is not None


def test_pools_and_lanes_lie_below_the_lines_with_their_names_upright() -> None:
    source = bpmn(
        '<laneSet><lane id="desk" name="Meja pengaduan"><flowNodeRef>verify</flowNodeRef></lane></laneSet>'
        '<userTask id="verify" name="Verifikasi"/>',
        shape("office", 0, 0, 400, 200, 'isHorizontal="true"')
        + shape("desk", 30, 0, 370, 200, 'isHorizontal="true"')
        + shape("verify", 100, 60, 100, 80),
        collaboration='<collaboration><participant id="office" name="Inspektorat" processRef="p"/></collaboration>',
    )
    svg = parsed(draw(source, title="Alur"))
    order = [node.get("data-element") for node in svg.iter() if node.get("data-element")]

    assert order == ["office", "desk", "verify"]
    assert element(svg, "desk").xpath(".//*[contains(@transform, 'rotate(-90)')]")


def test_open_sub_process_lies_below_what_it_contains() -> None:
    source = bpmn(
        '<subProcess id="outer" name="Pemeriksaan"><userTask id="inner" name="Periksa"/></subProcess>',
        shape("inner", 50, 40, 100, 80) + shape("outer", 0, 0, 250, 160, 'isExpanded="true"'),
    )
    svg = parsed(draw(source, title="Alur"))

    assert [node.get("data-element") for node in svg.iter() if node.get("data-element")] == ["outer", "inner"]


def test_long_names_are_broken_into_lines_that_fit() -> None:
    name = "Pemeriksaan pertanggungjawaban pengadaan barang dan jasa"
    source = bpmn(f'<userTask id="e" name="{name}"/>', shape("e", 0, 0, 100, 80))
    lines = [node.text or "" for node in element(parsed(draw(source, title="t")), "e").iter(f"{SVG}text")]

    assert len(lines) > 2
    assert max(map(len, lines)) <= 14
    assert "".join(lines).replace("-", "").replace(" ", "") == name.replace(" ", "")


def test_markup_in_names_stays_text() -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;"
    source = bpmn(f'<userTask id="e" name="{evil}"/>', shape("e", 0, 0, 300, 80))
    svg = draw(source, title='<img src=x onerror="1">')

    assert "<script" not in svg
    assert "<img" not in svg
    assert parsed(svg).findtext(f"{SVG}title") == '<img src=x onerror="1">'


def test_window_shows_a_part_of_the_plane() -> None:
    whole = drawing.extent(VERIFY)
    left, right = whole.strips(200, overlap=20)
    svg = parsed(draw(VERIFY, {"verify": "done"}, title="t", window=right))

    assert left.width == right.width <= 200
    assert right.x + right.width == pytest.approx(whole.x + whole.width)
    assert float((svg.get("viewBox") or "").split()[2]) == pytest.approx(right.width, abs=0.01)
    assert not svg.xpath("//*[@class='diagram__legend']")


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"<definitions/>",
        b'<!DOCTYPE x [<!ENTITY e "boom">]><definitions>&e;</definitions>',
        bpmn('<userTask id="e"/>', ""),
    ],
)
def test_what_is_not_drawn_is_a_finding(source: bytes) -> None:
    with pytest.raises(BrokenDefinition) as caught:
        draw(source, title="t")

    assert [finding.code for finding in caught.value.findings] == ["diagram.not_drawn"]


def test_same_input_gives_the_same_picture() -> None:
    assert draw(VERIFY, {"verify": "done"}, title="t") == draw(VERIFY, {"verify": "done"}, title="t")
