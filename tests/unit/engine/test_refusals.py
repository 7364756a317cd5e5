"""What could not run as drawn is refused with code, element and line."""

from collections.abc import Iterable

import pytest

from unit.engine.drawing import (
    Run,
    boundary,
    call,
    catch,
    draw,
    element,
    end,
    event,
    exclusive,
    extensions,
    file_of,
    findings_of,
    flows,
    inclusive,
    message,
    parallel,
    parameters,
    pool,
    repeated,
    roots,
    script,
    service,
    start,
    sub_process,
    throw,
    timer,
    user,
)
from workflows.engine import BrokenDefinition, parse
from workflows.language import speaking


def errors(content: bytes) -> list[tuple[str, str | None]]:
    return [(found.code, found.element) for found in findings_of(content) if found.severity == "error"]


def plain(*parts: str, path: str = "start > work > end", **kept: str) -> bytes:
    return draw(start(), end(), flows(path), *parts, **kept)


SIGNALS = roots(messages="news", signals="go", errors="BAD", escalations="UP")
HANDLER = sub_process("handle", start("h"), triggeredByEvent="true")

CASES: Iterable[tuple[str, bytes, str, str | None]] = [
    ("a flow to nowhere", plain(user("work"), flows("work > nowhere")), "flow.unknown_target", "work_nowhere"),
    ("a flow from nowhere", plain(user("work"), flows("nowhere > work")), "flow.unknown_source", "nowhere_work"),
    (
        "a flow over a border",
        plain(sub_process("work", start("a"), user("b"), end("c"), flows("a > b > c")), flows("start > b")),
        "flow.crosses_border",
        "start_b",
    ),
    ("a flow into a start", plain(user("work"), flows("work > start")), "flow.misplaced", "work_start"),
    ("a flow out of an end", plain(user("work"), flows("end > work")), "flow.misplaced", "end_work"),
    ("an unreachable task", plain(user("work"), user("lost")), "element.unreachable", "lost"),
    (
        "an unreachable island",
        plain(user("work"), user("a"), user("b"), flows("a > b > a")),
        "element.unreachable",
        "a",
    ),
    ("no start", draw(user("work"), end(), flows("work > end")), "start.missing", "main"),
    ("two plain starts", plain(user("work"), start("again"), flows("again > work")), "start.duplicate", "again"),
    ("one id twice", plain(user("work"), user("work")), "id.duplicate", "work"),
    ("a reserved id", plain(user("End"), path="start > End > end"), "id.reserved", "End"),
    (
        "a reserved suffix",
        plain(user("a.BoundaryEventSplit"), path="start > a.BoundaryEventSplit > end"),
        "id.reserved",
        "a.BoundaryEventSplit",
    ),
    ("an id that is no name", plain(user("1 x"), path="start > 1 x > end"), "id.unusable", "1 x"),
    ("a complex gateway", plain(element("complexGateway", "work")), "element.unsupported", "work"),
    ("an ad-hoc sub-process", plain(element("adHocSubProcess", "work")), "element.unsupported", "work"),
    ("a transaction", plain(element("transaction", "work")), "element.unsupported", "work"),
    ("compensation", plain(throw("work", event("compensate"))), "element.unsupported", "work"),
    ("a cancel end", plain(end("work", event("cancel"))), "element.unsupported", "work"),
    ("an invented element", plain(user("work"), element("magicTask", "magic")), "element.unsupported", "magic"),
    (
        "two definitions in one event",
        plain(catch("work", timer("P1D"), message("news")), roots=SIGNALS),
        "event.multiple",
        "work",
    ),
    ("an empty catch event", plain(catch("work")), "event.unsupported", "work"),
    ("a terminate throw", plain(throw("work", event("terminate"))), "event.unsupported", "work"),
    ("a timer start of a sub-process", plain(sub_process("work", start("s", timer("P1D")))), "event.unsupported", "s"),
    ("an event sub-process without event", plain(user("work"), HANDLER), "event.unsupported", "h"),
    ("an unknown message", plain(catch("work", message("lost"))), "message.unknown", "work"),
    ("a message without name", plain(catch("work", event("message"))), "event.nameless", "work"),
    ("an error without code", plain(end("work", event("error"))), "event.nameless", "work"),
    (
        "an error that does not interrupt",
        plain(service("work", "t"), boundary("b", "work", event("error"), interrupting=False), flows("b > end")),
        "event.must_interrupt",
        "b",
    ),
    (
        "a sub-process with two starts",
        plain(sub_process("work", start("a"), start("b"), end("c"), flows("a > c", "b > c"))),
        "start.not_one",
        "work",
    ),
    (
        "a boundary event without host",
        plain(user("work"), boundary("b", "gone", timer("P1D")), flows("b > end")),
        "boundary.no_host",
        "b",
    ),
    (
        "a boundary event on a gateway",
        plain(exclusive("work"), boundary("b", "work", timer("P1D")), flows("b > end")),
        "boundary.no_host",
        "b",
    ),
    (
        "a boundary event to nowhere",
        plain(user("work"), boundary("b", "work", timer("P1D"))),
        "boundary.no_way_out",
        "b",
    ),
    ("a bad timer", plain(catch("work", timer("soon"))), "timer.invalid", "work"),
    ("an unmarked expression as timer", plain(catch("work", timer("now()"))), "timer.invalid", "work"),
    ("cron", plain(catch("work", timer("0 0 * * *", "Cycle"))), "timer.cycle_misplaced", "work"),
    ("a cycle that cannot repeat", plain(catch("work", timer("R/P1D", "Cycle"))), "timer.cycle_misplaced", "work"),
    ("an empty timer", plain(catch("work", event("timer"))), "timer.invalid", "work"),
    (
        "a gateway flow without condition",
        plain(exclusive("work"), user("a"), flows("work > a")),
        "flow.no_condition",
        "work_end",
    ),
    (
        "a condition after a parallel gateway",
        plain(parallel("work"), user("a"), flows("work > a if x")),
        "condition.ignored",
        "work_a",
    ),
    ("a condition after the start", draw(start(), user("a"), flows("start > a if x")), "condition.ignored", "start_a"),
    ("a default flow of another", plain(exclusive("work", default="start_work")), "flow.unknown_default", "work"),
    (
        "a default flow with condition",
        plain(exclusive("work", default="work_a"), user("a"), flows("work > a if x")),
        "flow.default_with_condition",
        "work_a",
    ),
    ("a gateway to nowhere", draw(start(), inclusive("g"), flows("start > g")), "gateway.no_way_out", "g"),
    (
        "a task behind an event gateway",
        plain(element("eventBasedGateway", "work"), user("a"), path="start > work > a > end"),
        "event_gateway.bad_target",
        "a",
    ),
    ("a service without topic", plain(element("serviceTask", "work")), "service.no_topic", "work"),
    ("a Java class", plain(element("serviceTask", "work", **{"camunda:class": "x.Y"})), "attribute.unknown", "work"),
    ("a foreign attribute", plain(element("userTask", "work", **{"camunda:magic": "x"})), "attribute.unknown", "work"),
    ("a misspelt attribute", plain(element("userTask", "work", nmae="x")), "attribute.unknown", "work"),
    (
        "a listener",
        plain(user("work", extensions('<camunda:executionListener event="start" class="x.Y"/>'))),
        "extension.unknown",
        "work",
    ),
    (
        "a Zeebe extension",
        plain(user("work", extensions('<z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" type="x"/>'))),
        "extension.unknown",
        "work",
    ),
    (
        "a script in Python",
        plain(element("scriptTask", "work", "<bpmn:script>1</bpmn:script>", scriptFormat="python")),
        "expression.language",
        "work",
    ),
    ("an empty script", plain(script("work", "", "x")), "expression.empty", "work"),
    ("a broken expression", plain(script("work", "1 +", "x")), "expression.invalid", "work"),
    ("an unknown function", plain(script("work", 'open_file("x")', "x")), "expression.invalid", "work"),
    (
        "a broken condition",
        plain(exclusive("work"), flows("work > end if ("), path="start > work"),
        "expression.invalid",
        None,
    ),
    ("a broken input", plain(service("work", "t", parameters({"a": "b c d ("}))), "expression.invalid", "work"),
    (
        "a parameter list",
        plain(
            service(
                "work",
                "t",
                extensions(
                    '<camunda:inputOutput><camunda:inputParameter name="a"><camunda:list/></camunda:inputParameter>'
                    "</camunda:inputOutput>"
                ),
            )
        ),
        "parameter.structured",
        "work",
    ),
    (
        "parameters on a gateway",
        plain(element("exclusiveGateway", "work", parameters({"a": "1"}))),
        "parameter.misplaced",
        "work",
    ),
    (
        "an unknown decision",
        plain(element("businessRuleTask", "work", camunda_decisionRef="no")),
        "decision.unknown",
        "work",
    ),
    ("an unknown process", plain(call("work", "gone")), "call.unknown", "work"),
    ("a computed process", plain(call("work", "${x}")), "call.unnamed", "work"),
    ("a call of itself", plain(call("work", "main")), "call.recursive", "work"),
    ("a multi-instance of nothing", plain(user("work", repeated())), "repetition.unclear", "work"),
    ("a loop without end", plain(user("work", element("standardLoopCharacteristics", None))), "loop.unbounded", "work"),
    (
        "an endless loop of gateways",
        plain(exclusive("work"), exclusive("b", default="b_work"), path="start > work > b > work").replace(
            b'<bpmn:endEvent id="end"></bpmn:endEvent>', b""
        ),
        "loop.endless",
        "work",
    ),
    (
        "an endless loop with a choice that nothing changes",
        plain(
            exclusive("work"),
            exclusive("b", default="b_end"),
            flows("work > b > end", "b > work if x"),
            path="start > work",
        ),
        "loop.endless",
        "work",
    ),
    (
        "an endless loop through a link",
        plain(
            exclusive("work", default="work_end"),
            throw("away", event("link", name="back")),
            catch("back", event("link", name="back")),
            flows("work > end", "work > away if x", "back > work"),
            path="start > work",
        ),
        "loop.endless",
        "work",
    ),
    (
        "an endless loop around a sub-process in which nothing happens",
        plain(
            exclusive("work", default="work_end"),
            sub_process("idle", start("is"), end("ie"), flows("is > ie")),
            flows("work > end", "work > idle if x", "idle > work"),
            path="start > work",
        ),
        "loop.endless",
        "work",
    ),
    (
        "a handler that calls itself",
        plain(
            user("ask"),
            sub_process(
                "handler",
                start("work", event("signal", "signal_go"), isInterrupting="false"),
                sub_process(
                    "inner",
                    start("is"),
                    throw("again", event("signal", "signal_go")),
                    end("ie"),
                    flows("is > again > ie"),
                ),
                end("he"),
                flows("work > inner > he"),
                triggeredByEvent="true",
            ),
            path="start > ask > end",
            roots=SIGNALS,
        ),
        "loop.endless",
        "work",
    ),
    (
        "a boundary event that calls itself",
        plain(
            user("ask"),
            boundary("work", "ask", event("signal", "signal_go"), interrupting=False),
            element("task", "note"),
            end("told", event("signal", "signal_go")),
            flows("work > note > told"),
            path="start > ask > end",
            roots=SIGNALS,
        ),
        "loop.endless",
        "work",
    ),
    (
        "instances of instances beyond all bounds",
        plain(
            sub_process(
                "work",
                start("is"),
                user("many", repeated(number="30")),
                end("ie"),
                flows("is > many > ie"),
                repeated(number="30"),
            ),
        ),
        "repetition.too_many",
        "many",
    ),
    (
        "an endless loop of scripts",
        plain(exclusive("work"), script("b", "1", "x"), path="start > work > b > work").replace(
            b'<bpmn:endEvent id="end"></bpmn:endEvent>', b""
        ),
        "loop.endless",
        "work",
    ),
    ("a link to nowhere", plain(throw("work", event("link", name="A"))), "link.uncaught", "work"),
    ("a potential owner", plain(user("work", element("potentialOwner", None))), "element.unsupported", "work"),
    ("an io specification", plain(user("work", element("ioSpecification", None))), "element.unsupported", "work"),
    (
        "a misplaced mapping",
        plain(user("work", extensions('<camunda:in variables="all"/>'))),
        "mapping.misplaced",
        "work",
    ),
]


@pytest.mark.parametrize(("content", "code", "where"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_cannot_run_as_drawn_is_refused(content: bytes, code: str, where: str | None) -> None:
    found = errors(content)

    assert code in {name for name, _ in found}
    if where is not None:
        assert (code, where) in found


def test_a_handler_that_waits_before_it_calls_again_runs() -> None:
    again = throw("again", event("signal", "signal_go"))
    parts = (start("hs", event("signal", "signal_go"), isInterrupting="false"), again, end("he"))
    waiting = sub_process("h", *parts, user("think"), flows("hs > think > again > he"), triggeredByEvent="true")
    ending = sub_process("h", *parts, flows("hs > again > he"), triggeredByEvent="true")
    once = ending.replace('isInterrupting="false"', 'isInterrupting="true"')

    for handler in (waiting, once):
        assert errors(plain(user("ask"), handler, path="start > ask > end", roots=SIGNALS)) == []


def test_a_finding_names_file_line_and_mend_in_the_language_of_the_reader() -> None:
    content = plain(user("work"), user("lost"))
    with speaking("id"):
        indonesian = next(found for found in findings_of(content) if found.code == "element.unreachable")
    with speaking("en"):
        english = next(found for found in findings_of(content) if found.code == "element.unreachable")

    assert (english.file, english.severity, english.element) == ("main.bpmn", "error", "lost")
    assert content.decode().splitlines()[english.line - 1].count('id="lost"') == 1
    assert english.message == '"lost" is never reached from a start event.'
    assert indonesian.message == '"lost" tidak pernah dicapai dari peristiwa mulai.'
    assert english.fix
    assert indonesian.fix


def test_every_finding_is_told_at_once_in_the_order_of_the_file() -> None:
    found = findings_of(plain(user("work"), user("a"), user("b"), element("magicTask", "m"), flows("work > nowhere")))

    assert len({finding.code for finding in found}) >= 3
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)


def test_missing_ids_are_given_and_told() -> None:
    """S1: SpiffWorkflow 3.2.0 drops flows and boundary events without id; the case ends at its start."""
    content = draw(
        start(),
        user("work"),
        element("boundaryEvent", None, timer("P1D"), attachedToRef="work", cancelActivity="false"),
        end(),
        element("sequenceFlow", None, sourceRef="start", targetRef="work"),
        element("sequenceFlow", None, sourceRef="work", targetRef="end"),
        element("sequenceFlow", None, sourceRef="boundaryEvent_unnamed_1", targetRef="end"),
    )
    definition = parse({"main.bpmn": content})

    assert [found.code for found in definition.findings] == ["id.assigned"] * 4
    assert definition.element("boundaryEvent_unnamed_1").attached_to == "work"
    assert parse({"main.bpmn": content}).flows == definition.flows
    run = Run(definition).wait(days=1)
    assert run.tasks == ["work"]
    assert run.complete("work").step.ended


def test_harmless_attributes_are_noted_or_passed() -> None:
    content = draw(
        start(),
        user("work", camunda_asyncBefore="true"),
        end(),
        flows("start > work > end"),
        '<bpmn:textAnnotation id="note"><bpmn:text>hello</bpmn:text></bpmn:textAnnotation>',
    ).replace(
        b"<bpmn:process ",
        b'<bpmn:process camunda:historyTimeToLive="P5Y" xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
        b' modeler:executionPlatform="Camunda Platform" ',
    )
    found = findings_of(content)

    assert {finding.severity for finding in found} == {"note"}
    assert len(found) == 2


def test_worth_a_look_is_a_warning_and_runs() -> None:
    definition = parse({"main.bpmn": draw(start(), user("work"), flows("start > work"))})

    assert [(found.code, found.severity) for found in definition.findings] == [("element.no_way_out", "warning")]
    assert Run(definition).complete("work").step.ended


@pytest.mark.parametrize(
    ("pools", "wanted", "code"),
    [
        ([pool(start(), process="a"), pool(start("s"), process="b")], None, "process.ambiguous"),
        ([pool(start(), process="a", executable=False)], None, "process.missing"),
        ([pool(start(), process="a")], "b", "process.unknown"),
        ([], None, "process.missing"),
    ],
)
def test_the_process_to_run_must_be_clear(pools: list[str], wanted: str | None, code: str) -> None:
    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": file_of(*pools)}, process=wanted)

    assert code in {finding.code for finding in broken.value.findings}


def test_a_missing_executable_mark_is_not_taken_for_true() -> None:
    """S15."""
    content = draw(start(), end(), flows("start > end")).replace(b' isExecutable="true"', b"")

    assert errors(content) == [("process.missing", "main")]


def test_pools_drawn_for_the_reader_are_not_judged() -> None:
    drawn = pool(element("complexGateway", "strange"), process="citizen", executable=False)
    run = Run(file_of(pool(start(), user("work"), end(), flows("start > work > end")), drawn))

    assert run.tasks == ["work"]
    assert [found.process for found in run.definition.elements] == ["main"] * 3


def test_a_process_that_another_calls_is_not_the_one_to_run() -> None:
    main = pool(start(), call("ask", "helper"), end(), flows("start > ask > end"))
    helper = pool(start("s"), end("e"), flows("s > e"), process="helper")

    assert parse({"main.bpmn": file_of(helper, main)}).process == "main"
    assert parse({"main.bpmn": file_of(helper, main)}, process="helper").process == "helper"


def test_circles_of_calls_are_refused() -> None:
    first = pool(start(), call("one", "second"), end(), flows("start > one > end"), process="first")
    second = pool(start("s"), call("two", "first"), end("e"), flows("s > two > e"), process="second")

    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": file_of(first, second)}, process="first")

    assert {found.element for found in broken.value.findings if found.code == "call.recursive"} == {"one", "two"}


def test_of_what_is_lost_only_the_beginning_is_told() -> None:
    diagram = draw(start(), end(), user("a"), user("b"), end("c"), flows("start > end", "a > b > c"))

    (found,) = [found for found in findings_of(diagram) if found.severity == "error"]

    assert (found.code, found.element) == ("element.unreachable", "a")
    assert "2 elemen setelahnya" in found.message


def test_a_flow_that_leads_nowhere_hides_what_is_only_lost_by_it() -> None:
    diagram = draw(start(), user("a"), end(), flows("start > gone", "a > end"))

    assert errors(diagram) == [("flow.unknown_target", "start_gone")]


def test_a_flow_says_whether_its_source_or_its_target_is_missing() -> None:
    loose = element("sequenceFlow", "loose", sourceRef="start", targetRef="")
    messages = {found.element: found.message for found in findings_of(plain(user("work"), loose, flows("gone > work")))}

    assert messages["loose"] == "Alur ini tidak menyebut tujuannya."
    assert messages["gone_work"] == 'Alur ini berasal dari "gone", yang tidak ada.'


def test_what_stands_inside_a_doubled_element_is_not_told_again() -> None:
    inside = sub_process("work", start("is"), user("ask"), end("ie"), flows("is > ask > ie"))

    assert errors(plain(inside, inside)) == [("id.duplicate", "work")]


def test_a_root_that_many_refer_to_is_missed_once() -> None:
    waits = [catch(name, message("gone")) for name in ("a", "b")]

    assert errors(plain(*waits, path="start > a > b > end")) == [("message.unknown", "a")]


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("Duration", "2026-01-31", "bukan lama waktu"),
        ("Date", "P3D", "bukan tanggal dan jam"),
        ("Cycle", "P3D", "bukan pengulangan waktu"),
        ("Duration", "", "belum ditulis"),
    ],
)
def test_a_timer_is_told_what_its_form_holds(form: str, text: str, said: str) -> None:
    diagram = plain(user("work"), boundary("late", "work", timer(text, form), interrupting=False), flows("late > end"))

    assert [said in found.message for found in findings_of(diagram) if found.code == "timer.invalid"] == [True]


def test_an_element_in_the_wrong_place_is_told_apart_from_one_that_never_runs() -> None:
    found = {f.element: f.message for f in findings_of(plain(user("work", start("inner")))) if "element." in f.code}
    never = {
        f.element: f.message for f in findings_of(plain(element("complexGateway", "work"))) if "element." in f.code
    }

    assert found["inner"] == '"startEvent" tidak boleh ada di dalam userTask.'
    assert never["work"] == 'Elemen "complexGateway" tidak dijalankan oleh mesin ini.'
