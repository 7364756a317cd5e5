"""The path through a diagram: flows that were taken, how far each element is, and the words for it."""

from workflows.diagrams.footsteps import Footstep, marks_of, path_taken, plain_path
from workflows.language import speaking

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' targetNamespace="t">'
)
PLANE = (
    '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane><bpmndi:BPMNShape bpmnElement="filed">'
    '<dc:Bounds x="0" y="0" width="36" height="36"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
)
# filed -> verify -> complete? -(ya)-> split -> (office, audit) -> join -> answered; -(tidak)-> verify
SOURCE = f"""{HEAD}<process id="p">
<laneSet><lane name="Admin instansi"><flowNodeRef>verify</flowNodeRef></lane>
<lane name="OPD"><flowNodeRef>office</flowNodeRef></lane></laneSet>
<startEvent id="filed" name="Laporan masuk"/><userTask id="verify" name="Verifikasi"/>
<boundaryEvent id="reminder" name="75 persen waktu" attachedToRef="verify"><timerEventDefinition/></boundaryEvent>
<serviceTask id="remind" name="Ingatkan petugas"/>
<exclusiveGateway id="complete" name="Lengkap?"/><parallelGateway id="split"/>
<userTask id="office" name="Tindak lanjut"/>
<serviceTask id="audit" name="Catat"/><parallelGateway id="join"/>
<intermediateCatchEvent id="reply" name="Balasan pelapor"><messageEventDefinition/></intermediateCatchEvent>
<endEvent id="answered" name="Dijawab"/>
<sequenceFlow id="f1" sourceRef="filed" targetRef="verify"/>
<sequenceFlow id="f2" sourceRef="verify" targetRef="complete"/>
<sequenceFlow id="yes" name="ya" sourceRef="complete" targetRef="split"/>
<sequenceFlow id="no" name="tidak" sourceRef="complete" targetRef="verify"/>
<sequenceFlow id="f3" sourceRef="split" targetRef="office"/><sequenceFlow id="f4" sourceRef="split" targetRef="audit"/>
<sequenceFlow id="f5" sourceRef="office" targetRef="join"/><sequenceFlow id="f6" sourceRef="audit" targetRef="join"/>
<sequenceFlow id="f7" sourceRef="join" targetRef="reply"/><sequenceFlow id="f8" sourceRef="reply" targetRef="answered"/>
<sequenceFlow id="f9" sourceRef="reminder" targetRef="remind"/>
</process>{PLANE}</definitions>""".encode()


def steps(text: str) -> list[Footstep]:
    """Read "+a -a +b" as a was entered and left, b entered; "!b" as b cancelled."""
    events = {"+": "entered", "-": "left", "!": "cancelled"}
    return [Footstep(word[1:], events[word[0]]) for word in text.split()]  # type: ignore[arg-type]


def test_flow_is_taken_when_its_source_was_left_and_its_target_entered() -> None:
    assert path_taken(SOURCE, steps("+filed -filed +verify")) == {"f1"}


def test_only_the_chosen_way_out_of_a_gateway_is_taken() -> None:
    path = path_taken(SOURCE, steps("+filed -filed +verify -verify +complete -complete +split"))

    assert "yes" in path
    assert "no" not in path


def test_loop_back_is_taken_along_the_way_that_was_passed_last() -> None:
    path = path_taken(SOURCE, steps("+filed -filed +verify -verify +complete -complete +verify"))

    assert path == {"f1", "f2", "no"}


def test_join_is_reached_along_every_branch() -> None:
    path = path_taken(SOURCE, steps("+split -split +office +audit -audit +join -office +join -join +reply"))

    assert {"f3", "f4", "f5", "f6", "f7"} <= path


def test_marks_tell_what_is_passed_what_waits_and_what_is_late() -> None:
    marks = marks_of(
        SOURCE, steps("+filed -filed +verify +reminder -reminder +remind -remind"), late=["verify", "audit"]
    )

    assert marks == {
        "filed": "done",
        "verify": "late",
        "reminder": "done",
        "remind": "done",
        "f1": "done",
        "f9": "done",
    }


def test_cancelled_element_is_marked_so() -> None:
    assert marks_of(SOURCE, steps("+office !office"))["office"] == "cancelled"


def test_event_on_a_border_says_nothing_until_it_happens() -> None:
    walked = steps("+verify +reminder -verify !reminder")

    assert "reminder" not in marks_of(SOURCE, walked)
    assert [line.element for line in plain_path(SOURCE, walked)] == ["verify"]


def test_gateway_tells_each_time_which_way_it_was_left() -> None:
    path = plain_path(SOURCE, steps("+complete -complete +verify -verify +complete -complete +split"))

    assert [line.text for line in path if line.element == "complete"] == ["Lengkap? tidak", "Lengkap? ya"]


def test_element_that_is_entered_again_waits_again() -> None:
    assert marks_of(SOURCE, steps("+verify -verify +complete -complete +verify"))["verify"] == "waiting"


def test_path_reads_like_sentences() -> None:
    path = plain_path(
        SOURCE,
        steps(
            "+filed -filed +verify +reminder -reminder +remind -remind -verify +complete -complete +split -split"
            " +office +audit -audit -office +join -join +reply -reply +answered -answered"
        ),
    )

    assert [line.text for line in path] == [
        "Dimulai: Laporan masuk",
        "Waktunya tiba: 75 persen waktu",
        "Otomatis: Ingatkan petugas",
        "Admin instansi: Verifikasi selesai",
        "Lengkap? ya",
        "Otomatis: Catat",
        "OPD: Tindak lanjut selesai",
        "Diterima: Balasan pelapor",
        "Berakhir: Dijawab",
    ]


def test_path_without_what_the_system_does_tells_what_people_did() -> None:
    path = plain_path(SOURCE, steps("+filed -filed +verify +remind -remind -verify +audit -audit"), automatic=False)

    assert [line.element for line in path] == ["filed", "verify"]


def test_path_ends_with_what_is_awaited() -> None:
    path = plain_path(SOURCE, steps("+filed -filed +verify"), late=["verify"])

    assert path[-1].mark == "late"
    assert path[-1].text == "Menunggu Admin instansi: Verifikasi (lewat tenggat)"
    assert path[-1].index == 2


def test_path_speaks_english_when_asked_to() -> None:
    with speaking("en"):
        path = plain_path(SOURCE, steps("+filed -filed +verify"))

    assert [line.text for line in path] == ["Began: Laporan masuk", "Waiting for Admin instansi: Verifikasi"]


def test_unknown_elements_of_another_version_are_passed_over() -> None:
    assert path_taken(SOURCE, steps("+gone -gone +verify")) == frozenset()
    assert plain_path(SOURCE, steps("+gone -gone")) == ()
