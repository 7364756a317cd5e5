"""Branches that run side by side: their data, their meeting again, and how many there may be."""

import time

import pytest

from unit.engine.drawing import (
    boundary,
    draw,
    end,
    exclusive,
    findings_of,
    flows,
    inclusive,
    parallel,
    parameters,
    repeated,
    script,
    start,
    sub_process,
    timer,
    user,
)
from workflows.engine import Finding


def findings(*parts: str) -> list[Finding]:
    return findings_of(draw(start(), end(), *parts))


def told(*parts: str) -> list[tuple[str, str, str | None]]:
    return [(found.severity, found.code, found.element) for found in findings(*parts)]


FORK = (parallel("fork"), parallel("join"), flows("start > fork > a > join > end", "fork > b > join"))


def test_two_branches_may_not_write_one_variable() -> None:
    assert told(*FORK, script("a", "1", "sum"), script("b", "2", "sum")) == [("error", "variable.two_branches", "b")]
    assert told(*FORK, script("a", "1", "sum"), script("b", "2", "other")) == []


def test_what_a_branch_writes_inside_a_sub_process_counts() -> None:
    inside = sub_process("b", start("c"), script("deep", "2", "sum"), end("d"), flows("c > deep > d"))

    assert told(*FORK, script("a", "1", "sum"), inside) == [("error", "variable.two_branches", "deep")]


def test_what_a_watching_event_leads_to_may_not_write_what_its_host_writes() -> None:
    host = sub_process("work", start("s"), script("inner", "1", "sum"), user("u"), end("e"), flows("s > inner > u > e"))
    watched = host, boundary("late", "work", timer("P1D"), interrupting=False), flows("start > work > end", "late > a")
    beside = script("a", "2", "sum"), flows("a > end")

    assert told(*watched, *beside) == [("error", "variable.two_branches", "a")]
    assert told(*watched, script("a", "2", "other"), flows("a > end")) == []
    # What interrupts has the scene to itself.
    assert told(host, boundary("late", "work", timer("P1D")), watched[2], *beside) == []


def test_a_handler_that_lets_the_others_go_on_writes_its_own() -> None:
    def handler(interrupting: str) -> str:
        begin = start("hs", timer("P1D"), isInterrupting=interrupting)
        inside = (begin, script("hx", "2", "sum"), end("he"), flows("hs > hx > he"))
        return sub_process("handler", *inside, triggeredByEvent="true")

    main = script("a", "1", "sum"), user("u"), flows("start > a > u > end")

    assert ("error", "variable.two_branches", "hx") in told(*main, handler("false"))
    assert told(*main, handler("true")) == []


def test_one_after_the_other_may_write_the_same() -> None:
    before, after = script("a", "1", "sum"), script("z", "2", "sum")
    line = (
        parallel("fork"),
        parallel("join"),
        user("b"),
        flows("start > fork > a > join > z > end", "fork > b > join"),
    )

    assert told(*line, before, after) == []


def test_a_choice_runs_one_branch_only() -> None:
    choice = (
        exclusive("which", default="which_b"),
        flows("start > which", "which > a if x", "which > b", "a > end", "b > end"),
    )

    assert told(*choice, script("a", "1", "sum"), script("b", "2", "sum")) == []


def test_branches_of_an_inclusive_gateway_may_run_at_once() -> None:
    some = (
        inclusive("some", default="some_b"),
        inclusive("join"),
        flows("start > some", "some > a if x", "some > b", "a > join > end", "b > join"),
    )

    assert told(*some, script("a", "1", "sum"), script("b", "2", "sum")) == [("warning", "variable.two_branches", "b")]


def test_several_flows_out_of_a_task_are_branches_too() -> None:
    spread = (user("task"), parallel("join"), flows("start > task > a > join > end", "task > b > join"))

    assert told(*spread, script("a", "1", "sum"), script("b", "2", "sum")) == [
        ("note", "flow.means_gateway", "task"),
        ("error", "variable.two_branches", "b"),
    ]


def test_a_parallel_join_of_alternatives_would_wait_for_ever() -> None:
    drawn = (
        exclusive("which", default="which_b"),
        parallel("join"),
        user("a"),
        user("b"),
        flows("start > which", "which > a if x", "which > b", "a > join > end", "b > join"),
    )

    assert told(*drawn) == [("warning", "gateway.waits_for_ever", "join")]


def test_branches_that_are_not_joined_run_what_follows_twice() -> None:
    drawn = (parallel("fork"), user("a"), user("b"), user("c"), flows("start > fork > a > c > end", "fork > b > c"))

    assert told(*drawn) == [("warning", "gateway.runs_twice", "c")]


def test_a_loop_back_before_the_fork_is_no_second_branch() -> None:
    drawn = (
        user("first"),
        parallel("fork"),
        user("a"),
        user("b"),
        parallel("join"),
        exclusive("again", default="again_end"),
        flows("start > first > fork > a > join > again > end", "fork > b > join", "again > first if more"),
    )

    assert told(*drawn) == []


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((parallel("fork"), *(user(f"u{n}") for n in range(120)), flows("start > fork"),
          *(flows(f"fork > u{n} > end") for n in range(120))), "fork.too_wide"),
        ((*(parallel(f"g{n}") for n in range(210)), flows("start > g0"),
          *(flows(f"g{n} > g{n + 1}", f"g{n} > end") for n in range(209)), flows("g209 > end")), "fork.too_many"),
    ],
    ids=["wide", "many"],
)  # fmt: skip
def test_branching_is_bounded(parts: tuple[str, ...], code: str) -> None:
    assert {found.code for found in findings(*parts) if found.severity == "error"} == {code}


def test_many_events_that_watch_are_refused() -> None:
    watches = [boundary(f"w{n}", "u", timer("P1D"), interrupting=False) for n in range(1_001)]

    assert ("error", "fork.too_many", "main") in told(
        user("u"), *watches, flows("start > u > end"), *(flows(f"w{n} > end") for n in range(1_001))
    )


def test_wide_blocks_in_a_row_and_in_a_loop_are_looked_at_soon() -> None:
    """Forty forks of twelve ways whose branches all write the same names, once in a row and once in a circle."""
    parts, here = [], "again"
    for number in range(40):
        fork, join = f"f{number}", f"j{number}"
        parts += [parallel(fork), parallel(join), flows(f"{here} > {fork}")]
        for way in range(12):
            parts += [script(f"{fork}x{way}", "1", f"v{way}"), flows(f"{fork} > {fork}x{way} > {join}")]
        here = join
    row = (exclusive("again"), *parts, user("turn", default="turn_end"), flows("start > again", f"{here} > turn > end"))
    began = time.process_time()

    assert told(*row, flows("turn > again if more")) == [("note", "flow.means_gateway", "turn")]
    assert time.process_time() - began < 3


def test_what_every_instance_writes_over_is_pointed_out() -> None:
    def several(*content: str, sequential: bool = False) -> list[tuple[str, str, str | None]]:
        inside = sub_process(
            "each", repeated(sequential, number="3"), start("s"), *content, end("e"), flows("s > in > e")
        )
        return told(inside, flows("start > each > end"))

    assert several(script("in", "loopCounter", "last")) == [("warning", "variable.every_instance", "in")]
    assert several(user("in", parameters(outputs={"all": "append(all, loopCounter)"}))) == []
    assert several(script("in", "loopCounter", "last"), sequential=True) == []
