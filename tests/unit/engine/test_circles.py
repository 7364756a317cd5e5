"""What goes round: refused when it is certain never to rest, with the line and the mend; run when it may."""

import pytest

from unit.engine.drawing import (
    Run,
    boundary,
    catch,
    conditional,
    draw,
    end,
    event,
    exclusive,
    findings_of,
    flows,
    message,
    parallel,
    roots,
    script,
    service,
    start,
    sub_process,
    throw,
    timer,
    user,
)
from workflows.engine import instance, parse
from workflows.errors import AmanahError

NAMED = roots(messages="news", signals="a b c", errors="BAD", escalations="UP")


def handler(name: str, heard: str, thrown: str, *, condition: str = "", interrupting: bool = False) -> str:
    """Draw an event sub-process that one signal starts and that throws another."""
    begin = start(f"{name}_s", event("signal", f"signal_{heard}"), isInterrupting=str(interrupting).lower())
    tell = throw(f"{name}_t", event("signal", f"signal_{thrown}"))
    if not condition:
        return sub_process(
            name, begin, tell, end(f"{name}_e"), flows(f"{name}_s > {name}_t > {name}_e"), triggeredByEvent="true"
        )
    ask = exclusive(f"{name}_x", default=f"{name}_x_{name}_e")
    paths = flows(f"{name}_s > {name}_x > {name}_e", f"{name}_x > {name}_t if {condition}", f"{name}_t > {name}_e")
    return sub_process(name, begin, ask, tell, end(f"{name}_e"), paths, triggeredByEvent="true")


def around(*parts: str) -> bytes:
    return draw(start(), user("ask"), end(), flows("start > ask > end"), *parts, roots=NAMED)


def endless(diagram: bytes) -> list[str | None]:
    return [found.element for found in findings_of(diagram) if found.code == "loop.endless"]


def test_two_handlers_whose_signals_start_each_other_are_refused_once() -> None:
    diagram = around(handler("one", "a", "b"), handler("two", "b", "a"))

    (found,) = [found for found in findings_of(diagram) if found.severity == "error"]

    assert (found.code, found.element) == ("loop.endless", "one_s")
    assert found.line == 1 + diagram[: diagram.index(b'id="one_s"')].count(b"\n")
    assert '"a" → "b" → "a"' in found.message
    assert "sinyal lain" in found.fix


def test_a_published_edition_with_a_circle_runs_on() -> None:
    """The engine stops the step that turns; the case must not stop because the gate grew stricter."""
    diagram = around(handler("one", "a", "b"), handler("two", "b", "a"))

    definition = parse({"main.bpmn": diagram}, judge=False)

    assert Run(definition).tasks == ["ask"]
    with pytest.raises(AmanahError, match=r"engine\.endless"):
        Run(definition).deliver("a", "signal")


def test_three_signals_in_a_circle_are_refused() -> None:
    assert endless(around(handler("one", "a", "b"), handler("two", "b", "c"), handler("three", "c", "a"))) == ["one_s"]


def test_a_boundary_event_and_a_handler_that_call_each_other_are_refused() -> None:
    border = boundary("heard", "ask", event("signal", "signal_a"), interrupting=False)
    path = throw("told", event("signal", "signal_b")) + end("told_end") + flows("heard > told > told_end")

    assert endless(around(border, path, handler("two", "b", "a"))) == ["heard"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (handler("one", "a", "b", condition="again"), handler("two", "b", "a")),
        (handler("one", "a", "b", interrupting=True), handler("two", "b", "a")),
        (handler("one", "a", "b"), handler("two", "b", "c")),
    ],
    ids=["a condition between", "one of them interrupts", "no circle"],
)
def test_handlers_that_need_not_turn_for_ever_are_accepted(one: str, two: str) -> None:
    assert endless(around(one, two)) == []


def test_handlers_that_never_listen_at_the_same_time_are_accepted() -> None:
    inside = (user("u1"), flows("s1 > u1 > e1"), handler("one", "a", "b"))
    other = (user("u2"), flows("s2 > u2 > e2"), handler("two", "b", "a"))
    diagram = draw(
        start(),
        sub_process("first", start("s1"), end("e1"), *inside),
        sub_process("second", start("s2"), end("e2"), *other),
        end(),
        flows("start > first > second > end"),
        roots=NAMED,
    )

    assert endless(diagram) == []


def test_a_condition_that_holds_still_when_its_path_comes_back_is_refused() -> None:
    diagram = around(boundary("ripe", "ask", conditional("x = 1")), flows("ripe > ask"))

    assert endless(diagram) == ["ask"]


def test_a_condition_that_its_own_path_changes_runs() -> None:
    path = boundary("ripe", "ask", conditional("x = 1")), script("reset", "0", "x"), flows("ripe > reset > ask")

    run = Run(around(*path), {"x": 1})

    assert (run.tasks, run.variables) == (["ask"], {"x": 0})


@pytest.mark.parametrize(("kind", "named"), [("error", "error_BAD"), ("escalation", "escalation_UP")])
def test_a_sub_process_that_throws_at_once_and_is_begun_again_is_refused(kind: str, named: str) -> None:
    inside = (start("s"), end("thrown", event(kind, named)), flows("s > thrown"))
    diagram = draw(
        start(),
        sub_process("work", *inside),
        boundary("again", "work", event(kind, named)),
        boundary("late", "work", timer("P3D")),
        end(),
        flows("start > work > end", "again > work", "late > end"),
        roots=NAMED,
    )

    assert endless(diagram) == ["work"]


def test_a_sub_process_that_a_person_sends_back_to_its_beginning_runs() -> None:
    inside = (
        start("s"),
        user("review"),
        exclusive("fine", default="fine_done"),
        end("done"),
        end("refused", event("error", "error_BAD")),
        flows("s > review > fine > done", "fine > refused if sent_back"),
    )
    diagram = draw(
        start(),
        sub_process("work", *inside),
        boundary("again", "work", event("error", "error_BAD")),
        end(),
        flows("start > work > end", "again > work"),
        roots=NAMED,
    )

    run = Run(diagram)
    run.complete("review", sent_back=True)
    assert run.tasks == ["review"]
    assert run.complete("review", sent_back=False).step.ended


def test_a_service_that_is_tried_again_after_an_error_is_accepted() -> None:
    diagram = draw(
        start(),
        service("send", "send"),
        boundary("failed", "send", event("error", "error_BAD")),
        end(),
        flows("start > send > end", "failed > send"),
        roots=NAMED,
    )

    assert endless(diagram) == []


def test_a_condition_waited_for_in_a_loop_that_changes_data_is_accepted() -> None:
    parts = (
        exclusive("merge"),
        catch("until", conditional("ready = true")),
        script("used", "false", "ready"),
        flows("start > merge > until > used > merge"),
    )

    assert endless(draw(start(), *parts)) == []


def test_a_loop_that_comes_back_to_a_parallel_gateway_is_told_what_it_waits_for() -> None:
    diagram = draw(
        start(),
        parallel("merge"),
        user("ask"),
        exclusive("fine", default="fine_end"),
        end(),
        flows("start > merge > ask > fine > end", "fine > merge if again"),
    )

    (found,) = [found for found in findings_of(diagram) if found.severity == "error"]

    assert (found.code, found.element) == ("gateway.waits_for_itself", "merge")
    assert '"fine"' in found.message
    assert "eksklusif" in found.fix


def test_a_parallel_join_inside_a_loop_is_accepted() -> None:
    diagram = draw(
        start(),
        exclusive("merge"),
        parallel("fork"),
        user("one"),
        user("two"),
        parallel("join"),
        exclusive("fine", default="fine_end"),
        end(),
        flows("start > merge > fork > one > join > fine > end", "fork > two > join", "fine > merge if again"),
    )

    assert [found.code for found in findings_of(diagram) if found.severity == "error"] == []


def test_conditions_that_multiply_are_not_asked_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further step asks all that wait for their data: what is endless is told soon, not after minutes."""
    monkeypatch.setattr(instance, "ASK_BUDGET", 500)
    multiplying = sub_process("work", start("s"), user("inside"), end("e"), flows("s > inside > e"))
    diagram = draw(
        start(),
        multiplying,
        boundary("ripe", "work", conditional("x = 1"), interrupting=False),
        script("note", "next", "x"),
        end(),
        flows("start > work > end", "ripe > note > work"),
    )

    with pytest.raises(AmanahError, match=r"engine\.endless"):
        Run(diagram, {"x": 1, "next": 1})
    assert Run(diagram, {"x": 1, "next": 2}).tasks == ["inside", "inside"]


def test_a_message_that_begins_the_same_again_is_a_wait() -> None:
    """What has people in it and is begun anew by a message does not turn by itself."""
    inside = sub_process("work", start("s"), user("inside"), end("e"), flows("s > inside > e"))
    border = boundary("anew", "work", message("news"))
    diagram = draw(start(), inside, border, end(), flows("start > work > end", "anew > work"), roots=NAMED)

    assert endless(diagram) == []
    assert Run(diagram).deliver("news").tasks == ["inside"]
