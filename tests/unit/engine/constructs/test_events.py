"""Events that begin, stand on the way, hang on a border and end: BPMN 2.0.2, 10.5 and 13.5."""

from collections.abc import Callable

import pytest

from unit.engine.constructs.sections import plays
from unit.engine.drawing import (
    Run,
    boundary,
    catch,
    draw,
    element,
    end,
    event,
    flows,
    message,
    parallel,
    roots,
    start,
    sub_process,
    throw,
    timer,
    user,
)

ROOTS = roots(messages="news", signals="go", errors="BAD OTHER", escalations="UP OTHER")
DEFINITIONS = {
    "message": message("news"),
    "signal": event("signal", "signal_go"),
    "timer": timer("P2D"),
    "conditional": element("conditionalEventDefinition", None, "<bpmn:condition>ready</bpmn:condition>"),
    "error": event("error", "error_BAD"),
    "escalation": event("escalation", "escalation_UP"),
}
HAPPEN: dict[str, Callable[[Run], Run]] = {
    "message": lambda run: run.deliver("news"),
    "signal": lambda run: run.deliver("go", kind="signal"),
    "timer": lambda run: run.wait(days=3),
    "conditional": lambda run: run.complete("inside", ready=True),
    "error": lambda run: run.complete("inside"),
    "escalation": lambda run: run.complete("inside"),
}
# Those after which the task beside the watched one has been done, because that is what made it happen.
BY_TASK = {"conditional", "error", "escalation"}


def drawn(*parts: str) -> bytes:
    return draw(*parts, roots=ROOTS)


# --- starts ---


@plays("13.5.1", *(("start of a process", kind) for kind in ("", "message", "signal", "timer")))
@pytest.mark.parametrize(
    ("trigger", "begun"),
    [(None, "plain"), (("message", "news"), "told"), (("signal", "go"), "called"), (("timer", "daily"), "due")],
)
def test_each_start_event_begins_its_own_instance(trigger: tuple[str, str] | None, begun: str) -> None:
    process = drawn(
        start(),
        start("told_start", DEFINITIONS["message"]),
        start("called_start", DEFINITIONS["signal"]),
        start("daily", timer("R/P1D", "Cycle")),
        *(user(name) for name in ("plain", "told", "called", "due")),
        end(),
        flows("start > plain > end", "told_start > told > end", "called_start > called > end", "daily > due > end"),
    )

    assert Run(process, trigger=trigger).tasks == [begun]


# --- on the way ---


@plays("13.5.2", *(("intermediateCatchEvent", kind) for kind in ("message", "signal", "timer", "conditional")))
@pytest.mark.parametrize("kind", ["message", "signal", "timer", "conditional"])
def test_a_catch_event_waits_until_it_happens(kind: str) -> None:
    process = drawn(
        start(),
        parallel("fork"),
        user("inside"),
        catch("wait", DEFINITIONS[kind]),
        user("after"),
        end(),
        flows("start > fork > inside > end", "fork > wait > after > end"),
    )
    run = Run(process)

    assert run.tasks == ["inside"]
    assert "after" in HAPPEN[kind](run).tasks


@plays("10.5.5", ("intermediateCatchEvent", "link"), ("intermediateThrowEvent", "link"))
def test_a_link_goes_on_where_it_is_caught_from_every_source() -> None:
    link = event("link", name="there")
    process = drawn(
        start(),
        parallel("fork"),
        throw("one", link),
        throw("two", link),
        catch("here", link),
        user("after"),
        end(),
        flows("start > fork > one", "fork > two", "here > after > end"),
    )

    assert Run(process).tasks == ["after", "after"]


@plays("10.5.4", ("intermediateThrowEvent", ""))
def test_a_plain_throw_event_marks_progress() -> None:
    assert "-mark" in Run(drawn(start(), throw("mark"), end(), flows("start > mark > end"))).went


@plays("13.5.2", *(("intermediateThrowEvent", kind) for kind in ("message", "signal", "escalation")))
@pytest.mark.parametrize(("kind", "name"), [("message", "news"), ("signal", "go"), ("escalation", "UP")])
def test_a_throw_event_tells_and_goes_on(kind: str, name: str) -> None:
    run = Run(
        drawn(start(), throw("tell", DEFINITIONS[kind]), user("after"), end(), flows("start > tell > after > end"))
    )

    assert run.tasks == ["after"]
    assert [(thrown.kind, thrown.name) for thrown in run.step.thrown] == [(kind, name)]


@plays("10.5.6", ("intermediateThrowEvent", "signal"))
def test_a_signal_reaches_everybody_who_waits() -> None:
    process = drawn(
        start(),
        parallel("fork"),
        *(catch(name, DEFINITIONS["signal"]) for name in ("c1", "c2")),
        user("first"),
        throw("tell", DEFINITIONS["signal"]),
        user("a"),
        user("b"),
        end(),
        flows("start > fork > c1 > a > end", "fork > c2 > b > end", "fork > first > tell > end"),
    )

    assert Run(process).complete("first").tasks == ["a", "b"]


# --- on the border ---


def watched(kind: str, interrupting: bool) -> Run:
    """A sub-process with work in it, and an event on its border that leads to `handle`."""
    thrown = {
        "error": (end("bad", DEFINITIONS["error"]), flows("s > fork > inside > bad")),
        "escalation": (throw("up", DEFINITIONS["escalation"]), end("e1"), flows("s > fork > inside > up > e1")),
    }.get(kind, (end("e1"), flows("s > fork > inside > e1")))
    work = sub_process(
        "work",
        start("s"),
        parallel("fork"),
        user("inside"),
        user("other"),
        end("e2"),
        *thrown,
        flows("fork > other > e2"),
    )
    border = boundary("border", "work", DEFINITIONS[kind], interrupting=interrupting)
    path = flows("start > work > after > end", "border > handle > end")
    return Run(drawn(start(), work, border, user("after"), user("handle"), end(), path))


@plays("13.5.3", *(("boundaryEvent", kind) for kind in DEFINITIONS))
@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
def test_an_interrupting_boundary_event_cancels_its_activity(kind: str) -> None:
    run = HAPPEN[kind](watched(kind, True))

    assert run.tasks == ["handle"]
    assert "xother" in run.went
    assert run.complete("handle").step.ended


@plays("13.5.3", *(("boundaryEvent", kind) for kind in DEFINITIONS if kind != "error"))
@pytest.mark.parametrize("kind", sorted(DEFINITIONS.keys() - {"error"}))
def test_another_boundary_event_lets_its_activity_go_on(kind: str) -> None:
    run = HAPPEN[kind](watched(kind, False))
    left = ["other"] if kind in BY_TASK else ["inside", "other"]

    assert run.tasks == sorted(["handle", *left])
    for name in left:
        run.complete(name)
    assert run.tasks == ["after", "handle"]
    assert run.complete("after").complete("handle").step.ended


@plays("10.5.4", ("boundaryEvent", "message"))
def test_a_boundary_event_is_gone_with_its_activity() -> None:
    run = watched("message", True).complete("inside").complete("other")

    assert (run.tasks, run.step.messages) == (["after"], ())


# --- ends ---


@plays("13.5.6", *(("endEvent", kind) for kind in ("", "message", "signal", "escalation")))
@pytest.mark.parametrize(("kind", "name"), [("", ""), ("message", "news"), ("signal", "go"), ("escalation", "UP")])
def test_an_end_event_ends_its_token_and_tells(kind: str, name: str) -> None:
    over = end("over", DEFINITIONS.get(kind, ""))
    run = Run(
        drawn(start(), parallel("fork"), user("other"), over, end(), flows("start > fork > over", "fork > other > end"))
    )

    assert run.tasks == ["other"]
    assert [(thrown.kind, thrown.name) for thrown in run.step.thrown] == ([(kind, name)] if kind else [])


@plays("13.5.6", ("endEvent", "error"))
def test_an_error_end_ends_its_scope_and_goes_to_whoever_catches_it() -> None:
    run = watched("error", True).complete("inside")

    assert run.tasks == ["handle"]
    assert run.step.error is None


@plays("10.5.7", ("endEvent", "error"))
@pytest.mark.parametrize(("code", "taken"), [("error_BAD", "exact"), ("error_OTHER", "any")])
def test_an_error_is_caught_by_its_code_before_the_one_that_catches_all(code: str, taken: str) -> None:
    work = sub_process("work", start("s"), end("bad", event("error", code)), flows("s > bad"))
    run = Run(
        drawn(
            start(),
            work,
            boundary("exact_b", "work", DEFINITIONS["error"]),
            boundary("any_b", "work", event("error")),
            user("exact"),
            user("any"),
            end(),
            flows("start > work > end", "exact_b > exact > end", "any_b > any > end"),
        )
    )

    assert run.tasks == [taken]


@plays("13.5.6", ("endEvent", "terminate"))
def test_a_terminate_end_ends_everything_in_its_scope_and_nothing_outside() -> None:
    stop = end("stop", element("terminateEventDefinition", None))
    inside = (
        start("s"),
        parallel("f"),
        user("inside"),
        user("other"),
        stop,
        end("e"),
        flows("s > f > inside > stop", "f > other > e"),
    )
    run = Run(
        drawn(
            start(),
            parallel("fork"),
            sub_process("work", *inside),
            user("beside"),
            user("after"),
            end(),
            flows("start > fork > work > after > end", "fork > beside > end"),
        )
    )

    assert run.complete("inside").tasks == ["after", "beside"]
