"""Event sub-processes with every start, interrupting or not, at the top and nested: BPMN 2.0.2, 10.3.5 and 13.5.4."""

import pytest

from unit.engine.constructs.sections import plays
from unit.engine.constructs.test_events import BY_TASK, DEFINITIONS, HAPPEN, drawn
from unit.engine.drawing import Run, end, flows, parallel, start, sub_process, throw, user

PLACE = "start of an event sub-process"
TIMES_TWO = ("message", "signal")


def scope(kind: str, interrupting: bool) -> list[str]:
    """Two tasks side by side, and a handler that watches over both; what ends `inside` throws what it handles."""
    thrown = {
        "error": (end("bad", DEFINITIONS["error"]), flows("s > fork > inside > bad")),
        "escalation": (throw("up", DEFINITIONS["escalation"]), end("e1"), flows("s > fork > inside > up > e1")),
    }.get(kind, (end("e1"), flows("s > fork > inside > e1")))
    begin = start("hs", DEFINITIONS[kind], isInterrupting=str(interrupting).lower())
    handler = sub_process(
        "handler", begin, user("handle"), end("he"), flows("hs > handle > he"), triggeredByEvent="true"
    )
    return [
        start("s"),
        parallel("fork"),
        user("inside"),
        user("other"),
        end("e2"),
        *thrown,
        flows("fork > other > e2"),
        handler,
    ]


def run_of(kind: str, interrupting: bool, depth: int) -> Run:
    parts = scope(kind, interrupting)
    for level in range(depth):
        parts = [
            start(f"s{level}"),
            sub_process(f"work{level}", *parts),
            end(f"end{level}"),
            flows(f"s{level} > work{level} > end{level}"),
        ]
    return Run(drawn(*parts))


@plays("13.5.4", *((PLACE, kind) for kind in DEFINITIONS))
@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
def test_an_interrupting_handler_takes_the_place_of_its_scope(kind: str, depth: int) -> None:
    run = HAPPEN[kind](run_of(kind, True, depth))

    assert run.tasks == ["handle"]
    assert "xother" in run.went
    assert (run.step.messages, run.step.signals, run.step.timers) == ((), (), ())
    assert run.complete("handle").step.ended
    assert run.step.error is None


@plays("13.5.4", *((PLACE, kind) for kind in DEFINITIONS if kind != "error"))
@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("kind", sorted(DEFINITIONS.keys() - {"error"}))
def test_another_handler_runs_beside_its_scope_which_waits_for_it(kind: str, depth: int) -> None:
    run = HAPPEN[kind](run_of(kind, False, depth))
    left = ["other"] if kind in BY_TASK else ["inside", "other"]

    assert run.tasks == sorted(["handle", *left])
    for name in left:
        run.complete(name)
    assert (run.tasks, run.step.ended) == (["handle"], False)
    assert run.complete("handle").step.ended


@plays("10.3.5", *((PLACE, kind) for kind in TIMES_TWO))
@pytest.mark.parametrize("kind", TIMES_TWO)
def test_a_handler_that_does_not_interrupt_may_run_many_times(kind: str) -> None:
    run = HAPPEN[kind](HAPPEN[kind](run_of(kind, False, 1)))

    assert run.tasks == ["handle", "handle", "inside", "other"]


@plays("13.5.4", (PLACE, "timer"))
def test_a_handler_that_nobody_called_does_not_keep_its_scope_open() -> None:
    run = run_of("timer", False, 0).complete("inside").complete("other")

    assert run.step.ended
    assert run.step.timers == ()


@plays("13.5.4", (PLACE, "message"))
def test_handlers_nest_and_the_innermost_hears_first() -> None:
    def handler(name: str) -> str:
        begin = start(f"{name}_start", DEFINITIONS["message"], isInterrupting="false")
        inside = (begin, user(name), end(f"{name}_end"), flows(f"{name}_start > {name} > {name}_end"))
        return sub_process(f"{name}_handler", *inside, triggeredByEvent="true")

    work = sub_process("work", start("s"), user("inside"), end("e"), flows("s > inside > e"), handler("inner"))
    run = Run(drawn(start(), work, user("after"), end(), flows("start > work > after > end"), handler("outer")))

    assert run.deliver("news").tasks == ["inner", "inside"]
    assert run.complete("inner").complete("inside").tasks == ["after"]
    assert run.deliver("news").tasks == ["after", "outer"]
