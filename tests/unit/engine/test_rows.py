"""Every row of what stock SpiffWorkflow changes silently, refuses badly or breaks on, and what happens here.

Each either runs as drawn, is repaired in sight, or is refused with element and line. Rows that have a whole file of
tests of their own are named with it at the end.
"""

import time
from decimal import Decimal

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
    flows,
    message,
    parallel,
    parameters,
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
from workflows.engine import BrokenDefinition, BusinessError, Finding, complete, parse
from workflows.errors import AmanahError

ROOTS = roots(messages="news", signals="go", errors="BAD", escalations="UP")


def refused(*parts: str) -> list[Finding]:
    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": draw(start(), end(), *parts, roots=ROOTS)})
    return [found for found in broken.value.findings if found.severity == "error"]


def runs(*parts: str, **variables: object) -> Run:
    return Run(draw(start(), end(), *parts, roots=ROOTS), variables)


def test_s1_flows_and_boundary_events_without_id_run_and_get_one_in_sight() -> None:
    diagram = draw(
        start(),
        user("ask"),
        boundary("late", "ask", timer("P1D"), interrupting=False).replace(' id="late"', ""),
        end(),
        *(flow.replace(' id="', ' name="') for flow in (flows("start > ask"), flows("ask > end"))),
        '<bpmn:sequenceFlow sourceRef="boundaryEvent_unnamed_1" targetRef="end"/>',
    )
    run = Run(diagram)

    assert run.tasks == ["ask"]
    assert {found.code for found in run.definition.findings} == {"id.assigned"}
    assert run.wait(days=2).went[0] == "+boundaryEvent_unnamed_1"


def test_s2_a_loop_may_go_round_as_often_as_people_wish() -> None:
    run = runs(user("ask", default="ask_end"), flows("start > ask > end", "ask > ask if again"))
    for _ in range(1_200):
        run.complete("ask", again=True)

    assert run.tasks == ["ask"]
    assert run.complete("ask", again=False).step.ended


def test_s3_a_signal_end_tells_those_who_wait() -> None:
    run = runs(
        parallel("fork"),
        catch("hear", event("signal", "signal_go")),
        user("ask"),
        end("call", event("signal", "signal_go")),
        flows("start > fork > hear > end", "fork > ask > call"),
    )

    assert run.complete("ask").step.ended
    assert [thrown.name for thrown in run.step.thrown] == ["go"]


@pytest.mark.parametrize("part", [throw("work", event("compensate")), end("work", event("compensate"))])
def test_s4_compensation_is_refused_with_advice(part: str) -> None:
    found = next(each for each in refused(part, flows("start > work")) if each.element == "work")

    assert found.code == "element.unsupported"
    assert found.line > 1
    assert found.fix


def test_s5_a_link_jumps() -> None:
    link = '<bpmn:linkEventDefinition name="on"/>'

    run = runs(throw("jump", link), catch("land", link), user("ask"), flows("start > jump", "land > ask > end"))

    assert run.tasks == ["ask"]


@pytest.mark.parametrize("kind", ["error_BAD", "escalation_UP"])
def test_s6_a_handler_of_an_error_or_escalation_waits_for_it(kind: str) -> None:
    name = kind.partition("_")[0]
    handler = sub_process(
        "handler",
        start("caught", event(name, kind)),
        user("repair"),
        flows("caught > repair"),
        triggeredByEvent="true",
    )
    run = runs(handler, user("ask"), flows("start > ask > bad"), end("bad", event(name, kind)), flows("ask > end"))
    assert run.tasks == ["ask"]

    assert run.complete("ask").tasks == ["repair"]


def _handled(interrupting: str) -> str:
    begin = start("h", message("news"), isInterrupting=interrupting)
    return sub_process("handler", begin, user("look"), flows("h > look"), triggeredByEvent="true")


def test_s7_an_interrupting_handler_takes_the_main_path_away() -> None:
    run = runs(user("ask"), _handled("true"), flows("start > ask > end"))

    assert run.deliver("news").tasks == ["look"]


def test_s8_a_handler_inside_a_sub_process_hears_its_event() -> None:
    inside = sub_process("inner", start("s"), user("ask"), _handled("false"), flows("s > ask"))

    assert runs(inside, flows("start > inner > end")).deliver("news").tasks == ["ask", "look"]


def test_s9_a_timer_handler_does_not_keep_the_case_open() -> None:
    handler = sub_process("h", start("t", timer("P9D")), user("look"), flows("t > look"), triggeredByEvent="true")

    assert runs(user("ask"), handler, flows("start > ask > end")).complete("ask").step.ended


def test_s10_a_condition_out_of_a_task_is_asked() -> None:
    run = runs(user("ask", default="ask_end"), user("more"), flows("start > ask > end", "ask > more if x"))

    assert run.complete("ask", x=False).step.ended


@pytest.mark.parametrize(
    ("parts", "code", "where"),
    [
        ((user("ask"), user("lost"), flows("start > ask > end")), "element.unreachable", "lost"),  # S11
        ((user("ask"), user("ask"), flows("start > ask > end")), "id.duplicate", "ask"),  # S12
        (
            (user("ask"), start("second"), flows("start > ask > end", "second > ask")),
            "start.duplicate",
            "second",
        ),  # S14
        ((element("complexGateway", "odd"), flows("start > odd > end")), "element.unsupported", "odd"),
        ((user("ask"), flows("start > ask > end", "ask > nowhere")), "flow.unknown_target", "ask_nowhere"),
        ((sub_process("s", user("a")), flows("start > s > end")), "start.not_one", "s"),
        (
            (sub_process("s", start("a"), start("b"), flows("a > a2", "b > a2"), user("a2")), flows("start > s > end")),
            "start.not_one",
            "s",
        ),
        ((call("c", "main"), flows("start > c > end")), "call.recursive", "c"),
        ((call("c", "${which}"), flows("start > c > end")), "call.unnamed", "c"),
        ((element("serviceTask", "s"), flows("start > s > end")), "service.no_topic", "s"),
        ((element("adHocSubProcess", "a"), flows("start > a > end")), "element.unsupported", "a"),
        ((script("s", "1 +", "x"), flows("start > s > end")), "expression.invalid", "s"),
        ((user("End"), flows("start > End > end")), "id.reserved", "End"),
        ((element("task", "a"), exclusive("x"), flows("start > x > a > x")), "loop.endless", "a"),
    ],
)
def test_rows_that_are_refused_say_where_and_how_to_mend(parts: tuple[str, ...], code: str, where: str) -> None:
    found = next(each for each in refused(*parts) if each.code == code)

    assert found.element == where
    assert found.line > 1
    assert found.file == "main.bpmn"
    assert found.message
    assert found.fix


def test_s13_a_path_that_stops_without_an_end_runs_and_is_pointed_out() -> None:
    run = Run(draw(start(), user("ask"), flows("start > ask")))

    assert [found.code for found in run.definition.findings] == ["element.no_way_out"]
    assert run.complete("ask").step.ended


def test_s15_a_process_without_its_mark_is_not_run() -> None:
    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": draw(start(), end(), flows("start > end")).replace(b' isExecutable="true"', b"")})

    assert [found.code for found in broken.value.findings] == ["process.missing"]


def test_s16_equal_values_in_a_list_all_stay() -> None:
    gifts = parameters(outputs={"gifts": "append(gifts, value)"})
    run = runs(user("gift", gifts, repeated(number="3")), flows("start > gift > end"), gifts=[])
    for value in (100, 100, 50):
        run.complete("gift", value=value)

    assert run.variables["gifts"] == [100, 100, 50]


def test_s17_what_an_earlier_step_left_is_never_changed() -> None:
    run = runs(
        user("a"), script("change", 'context put(case, "phone", "new")', "case"), flows("start > a > change > end")
    )
    before = run.complete("a", case={"phone": "old"})
    assert before.variables["case"] == {"phone": "new"}

    run = runs(user("a"), user("b"), flows("start > a > b > end"))
    earlier = run.complete("a", case={"contact": {"phone": "old"}}).state
    kept = repr(earlier.variables)
    complete(run.definition, earlier, run.step.tasks[0].id, {"case": {"contact": {"phone": "new"}}}, now=run.now)

    assert repr(earlier.variables) == kept


def test_s18_an_error_of_a_service_reaches_its_boundary_event() -> None:
    def fails(inputs: dict[str, object]) -> None:
        raise BusinessError("BAD", "no")

    diagram = draw(
        start(),
        service("send", "post"),
        boundary("failed", "send", event("error", "error_BAD")),
        user("repair"),
        end(),
        flows("start > send > end", "failed > repair > end"),
        roots=ROOTS,
    )

    assert Run(diagram, services={"post": fails}).tasks == ["repair"]


def test_s19_an_uncaught_error_is_no_success() -> None:
    run = runs(end("bad", event("error", "error_BAD")), user("ask"), flows("start > ask > bad", "ask > end"))

    assert run.complete("ask").step.error == "BAD"


def test_s20_a_second_token_on_one_flow_is_kept_for_the_next_round() -> None:
    run = runs(
        parallel("fork"),
        user("a"),
        user("b"),
        user("c"),
        exclusive("one"),
        parallel("join"),
        flows("start > fork > a > one > join > end", "fork > b > one", "fork > c > join"),
    )
    run.complete("a").complete("b")
    assert run.tasks == ["c"]

    assert run.complete("c").step.ended is False
    assert run.step.tokens == ("join",)
    assert run.step.stuck


def test_a_fixed_count_with_a_collection_that_exists_runs() -> None:
    results = parameters(outputs={"results": "append(results, loopCounter)"})
    run = runs(user("ask", results, repeated(number="2")), flows("start > ask > end"), results=[7])

    assert run.complete("ask").complete("ask").variables["results"] == [7, 0, 1]


def test_decimals_dates_and_the_key_typename_survive() -> None:
    run = runs(
        user("ask"),
        script("day", 'date("2026-01-31")', "when"),
        user("after"),
        flows("start > ask > day > after > end"),
    )

    run.complete("ask", amount=Decimal("1.50"), typename={"typename": "x"}).complete("after")

    assert run.variables["typename"] == {"typename": "x"}
    assert "1.5" in repr(run.variables["amount"])
    assert "2026-01-31" in repr(run.variables["when"])


def test_a_task_that_is_done_or_not_yet_there_is_never_run() -> None:
    run = runs(user("a"), user("b"), flows("start > a > b > end"))
    first = run.step.tasks[0].id
    run.complete("a")

    for task in (first, "t999"):
        with pytest.raises(AmanahError, match=r"task\.not_waiting"):
            complete(run.definition, run.state, task, {}, now=run.now)


def test_a_conditional_event_on_an_unknown_variable_waits() -> None:
    condition = (
        "<bpmn:conditionalEventDefinition><bpmn:condition>x > 3</bpmn:condition></bpmn:conditionalEventDefinition>"
    )
    run = runs(
        parallel("fork"), catch("wait", condition), user("ask"), flows("start > fork > wait > end", "fork > ask > end")
    )
    assert run.tasks == ["ask"]

    assert run.complete("ask", x=4).step.ended


def test_a_data_store_and_a_data_object_deep_inside_are_drawing_only() -> None:
    deep = sub_process("deep", start("s2"), user("ask"), '<bpmn:dataObject id="o"/>', flows("s2 > ask"))
    run = runs(
        sub_process("outer", start("s1"), deep, flows("s1 > deep")),
        '<bpmn:dataStoreReference id="store"/>',
        flows("start > outer > end"),
    )

    assert run.tasks == ["ask"]


def test_a_conditional_expression_in_the_way_of_camunda_runs() -> None:
    run = runs(
        exclusive("x", default="x_end"), user("ask"), flows("start > x > end", "x > ask if ${go = true}"), go=True
    )

    assert run.tasks == ["ask"]


def test_a_thousand_nodes_and_two_hundred_branches_start_at_once() -> None:
    began = time.process_time()
    names = [f"n{number}" for number in range(1_000)]
    chain = [element("task", name) for name in names]
    assert runs(*chain, flows(" > ".join(["start", *names, "end"]))).step.ended

    pairs = [f"p{number}" for number in range(90)]
    fan = [user(name) for name in pairs]
    run = runs(
        *fan, parallel("f"), parallel("j"), flows("start > f", "j > end", *(f"f > {name} > j" for name in pairs))
    )

    assert len(run.tasks) == 90
    assert time.process_time() - began < 5


def test_a_foreign_extension_is_named() -> None:
    odd = extensions('<x:y xmlns:x="http://example.test/x"/>')

    assert [found.code for found in refused(user("ask", odd), flows("start > ask > end"))] == ["extension.unknown"]


# S21 and 2.5 (DMN): tests/unit/decisions. 2.6 (scripts): test_hostile_files. 2.7 (time): test_timers. 1.2 (D1 to D13):
# test_spiffworkflow holds the probes, test_gateways and test_random_models what happens instead.
