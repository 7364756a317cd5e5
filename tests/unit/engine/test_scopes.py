"""Sub-processes, called processes, event sub-processes, and how errors and escalations travel between them."""

import pytest

from unit.engine.drawing import (
    Run,
    boundary,
    call,
    catch,
    draw,
    end,
    event,
    exclusive,
    extensions,
    file_of,
    flows,
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
from workflows.engine import BusinessError, Conflict, Thrown, parse


def mapping(**lines: str) -> str:
    """Make camunda:in and camunda:out: `in_x="expression"`, `out_y="expression"`; `in_all="all"`."""
    made = []
    for name, text in lines.items():
        direction, _, target = name.partition("_")
        if target == "all":
            made.append(f'<camunda:{direction} variables="all"/>')
        else:
            made.append(f'<camunda:{direction} sourceExpression="{text}" target="{target}"/>')
    return extensions(*made)


CALLED = pool(
    start("begin"),
    user("examine"),
    script("judge", "amount * 2", "result"),
    end("ready"),
    flows("begin > examine > judge > ready"),
    process="examination",
)


def test_a_called_process_has_variables_of_its_own() -> None:
    caller = pool(
        start(),
        call("examine_it", "examination", mapping(in_amount="price + 1", out_verdict="result")),
        user("after"),
        flows("start > examine_it > after"),
    )
    run = Run(file_of(caller, CALLED), {"price": 20, "secret": "s"})
    assert run.step.tasks[0].process == "examination"

    run.complete("examine", note="inside")

    assert run.variables == {"price": 20, "secret": "s", "verdict": 42}
    assert run.step.changed == ("verdict",)
    assert run.went == ["-examine", "+judge", "-judge", "+ready", "-ready", "-examine_it", "+after"]


def test_everything_can_be_handed_in_and_out() -> None:
    caller = pool(
        start(), call("call", "examination", mapping(in_all="", out_all="")), end(), flows("start > call > end")
    )
    run = Run(file_of(caller, CALLED), {"amount": 4}).complete("examine", extra=1)

    assert run.variables == {"amount": 4, "extra": 1, "result": 8}


def test_a_called_process_without_mapping_neither_gets_nor_gives() -> None:
    caller = pool(start(), call("call", "examination"), end(), flows("start > call > end"))
    run = Run(file_of(caller, CALLED), {"amount": 4}).complete("examine", extra=1)

    assert run.variables == {"amount": 4}


def test_called_processes_may_stand_in_other_files_and_use_the_same_ids() -> None:
    caller = draw(start(), call("call", "shared"), end(), flows("start > call > end"))
    shared = draw(start(), user("work"), end(), flows("start > work > end"), process="shared")
    run = Run(parse({"main.bpmn": caller, "shared.bpmn": shared}))
    assert run.tasks == ["work"]
    assert (run.complete("work").step.ended, run.step.outcome) == (True, "end")


def test_a_lane_reaches_into_sub_processes_and_calls_without_lanes() -> None:
    lanes = (
        '<bpmn:laneSet><bpmn:lane id="office" name="Dinas"><bpmn:flowNodeRef>inside</bpmn:flowNodeRef>'
        "<bpmn:flowNodeRef>call</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )
    caller = pool(
        lanes,
        start(),
        sub_process("inside", start("go"), user("one"), end("gone"), flows("go > one > gone")),
        call("call", "examination"),
        end(),
        flows("start > inside > call > end"),
    )
    run = Run(file_of(caller, CALLED))
    assert run.step.tasks[0].lane == "office"
    assert run.definition.lanes == {"office": "Dinas"}
    assert run.complete("one").step.tasks[0].lane == "office"


def test_a_sub_process_lives_on_the_variables_around_it() -> None:
    diagram = draw(
        start(),
        sub_process("inner", start("go"), script("add", "x + 1", "x"), end("gone"), flows("go > add > gone")),
        end(),
        flows("start > inner > end"),
    )
    assert Run(diagram, {"x": 1}).variables == {"x": 2}


def test_an_input_of_a_sub_process_is_seen_inside_and_goes_with_it() -> None:
    diagram = draw(
        start(),
        sub_process(
            "inner",
            parameters({"local": "x * 10"}),
            start("go"),
            script("add", "local + 1", "y"),
            end("gone"),
            flows("go > add > gone"),
        ),
        end(),
        flows("start > inner > end"),
    )
    assert Run(diagram, {"x": 2}).variables == {"x": 2, "y": 21}


def test_an_error_end_leads_out_through_the_boundary_event() -> None:
    diagram = draw(
        start(),
        sub_process(
            "inner",
            start("go"),
            parallel("fork"),
            user("one"),
            user("two"),
            end("broken", event("error", "error_REJECTED")),
            end("fine"),
            flows("go > fork > one > broken", "fork > two > fine"),
        ),
        boundary("rejected", "inner", event("error", "error_REJECTED")),
        user("explain"),
        end(),
        flows("start > inner > end", "rejected > explain > end"),
        roots=roots(errors="REJECTED"),
    )
    run = Run(diagram).complete("one")

    assert run.went == [
        "-one", "+broken", "-broken", "xtwo", "xinner", "+rejected", "-rejected", "+explain",
    ]  # fmt: skip
    assert run.tasks == ["explain"]


def test_an_error_passes_levels_that_do_not_catch_it() -> None:
    caller = pool(
        start(),
        sub_process("outer", start("go"), call("call", "failing"), end("gone"), flows("go > call > gone")),
        boundary("caught", "outer", event("error")),
        user("explain"),
        end(),
        flows("start > outer > end", "caught > explain > end"),
    )
    failing = pool(start("s"), end("e", event("error", "error_DEEP")), flows("s > e"), process="failing")
    run = Run(file_of(caller, failing, roots=roots(errors="DEEP")))

    assert run.tasks == ["explain"]
    assert "xcall" in run.went


def test_an_error_that_nothing_catches_ends_the_instance_and_says_so() -> None:
    """S19: SpiffWorkflow calls this a success."""
    diagram = draw(
        start(),
        parallel("fork"),
        user("one"),
        user("two"),
        end("broken", event("error", "error_LOST")),
        flows("start > fork > one > broken", "fork > two"),
        roots=roots(errors="LOST"),
    )
    run = Run(diagram).complete("one")

    assert (run.step.ended, run.step.error, run.step.outcome) == (True, "LOST", "broken")
    assert run.tasks == []


def test_an_escalation_reaches_the_one_around_and_the_thrower_goes_on() -> None:
    diagram = draw(
        start(),
        sub_process(
            "inner",
            start("go"),
            throw("call_head", event("escalation", "escalation_HEAD")),
            user("work"),
            end("gone"),
            flows("go > call_head > work > gone"),
        ),
        boundary("head", "inner", event("escalation", "escalation_HEAD"), interrupting=False),
        user("decide"),
        end(),
        flows("start > inner > end", "head > decide > end"),
        roots=roots(escalations="HEAD"),
    )
    run = Run(diagram)
    assert run.tasks == ["decide", "work"]
    assert run.step.thrown == ()


def test_an_interrupting_escalation_takes_the_others_and_not_its_thrower() -> None:
    diagram = draw(
        start(),
        sub_process(
            "inner",
            start("go"),
            parallel("fork"),
            user("one"),
            user("two"),
            end("up", event("escalation", "escalation_HEAD")),
            end("fine"),
            flows("go > fork > one > up", "fork > two > fine"),
        ),
        boundary("head", "inner", event("escalation", "escalation_HEAD")),
        user("decide"),
        end(),
        flows("start > inner > end", "head > decide > end"),
        roots=roots(escalations="HEAD"),
    )
    run = Run(diagram).complete("one")

    assert run.went == ["-one", "+up", "-up", "xtwo", "xinner", "+head", "-head", "+decide"]
    assert run.tasks == ["decide"]


def test_an_uncaught_escalation_is_told_and_changes_nothing() -> None:
    diagram = draw(
        start(),
        throw("call_head", event("escalation", "escalation_HEAD")),
        user("work"),
        flows("start > call_head > work"),
        roots=roots(escalations="HEAD"),
    )
    run = Run(diagram)
    assert run.step.thrown == (Thrown("escalation", "HEAD", "call_head"),)
    assert run.tasks == ["work"]


def test_a_terminate_end_takes_the_other_tokens_of_its_scope_only() -> None:
    diagram = draw(
        start(),
        parallel("fork"),
        user("outside"),
        sub_process(
            "inner",
            start("go"),
            parallel("split"),
            user("one"),
            user("two"),
            end("stop", event("terminate")),
            end("gone"),
            flows("go > split > one > stop", "split > two > gone"),
        ),
        user("after"),
        end(),
        flows("start > fork > outside > end", "fork > inner > after > end"),
    )
    run = Run(diagram).complete("one")
    assert run.tasks == ["after", "outside"]
    assert "xtwo" in run.went
    assert "-inner" in run.went


def test_a_terminate_end_at_the_top_ends_everything() -> None:
    diagram = draw(
        start(),
        parallel("fork"),
        user("one"),
        user("two"),
        boundary("slow", "two", timer("P1D"), interrupting=False),
        end("stop", event("terminate")),
        end(),
        flows("start > fork > one > stop", "fork > two > end", "slow > end"),
    )
    run = Run(diagram).complete("one")
    assert (run.step.ended, run.step.outcome, run.step.timers) == (True, "stop", ())


# --- event sub-processes (S6 to S9) -----------------------------------------------------------------------------------


def handler(identity: str, definition: str, *, interrupting: bool) -> str:
    return sub_process(
        identity,
        start(f"{identity}_start", definition, isInterrupting="true" if interrupting else "false"),
        user(f"{identity}_task"),
        end(f"{identity}_end"),
        flows(f"{identity}_start > {identity}_task > {identity}_end"),
        triggeredByEvent="true",
    )


def watched(definition: str, *, interrupting: bool, **names: str) -> bytes:
    return draw(
        start(),
        user("work"),
        end(),
        flows("start > work > end"),
        handler("handle", definition, interrupting=interrupting),
        roots=roots(**names),
    )


def test_a_non_interrupting_event_sub_process_runs_beside_the_main_path_as_often_as_called() -> None:
    run = Run(watched(message("more"), interrupting=False, messages="more"))
    assert run.tasks == ["work"]

    run.deliver("more", a=1).deliver("more", b=2)
    assert run.tasks == ["handle_task", "handle_task", "work"]

    run.complete("work")
    assert not run.step.ended
    assert [awaited.name for awaited in run.step.messages] == ["more"]
    run.complete("handle_task").complete("handle_task")
    assert run.step.ended
    assert run.step.messages == ()


def test_an_interrupting_event_sub_process_takes_the_main_path_away() -> None:
    run = Run(watched(message("stop"), interrupting=True, messages="stop")).deliver("stop")

    assert run.went == ["xwork", "+handle", "+handle_start", "-handle_start", "+handle_task"]
    assert run.step.messages == ()
    assert (run.complete("handle_task").step.ended, run.step.outcome) == (True, "handle_end")


def test_a_timer_event_sub_process_does_not_keep_the_case_open() -> None:
    run = Run(watched(timer("P14D"), interrupting=False))
    assert len(run.step.timers) == 1

    assert run.complete("work").step.ended
    assert run.step.timers == ()


def test_a_timer_event_sub_process_escalates_while_the_work_goes_on() -> None:
    run = Run(watched(timer("P14D"), interrupting=False)).wait(days=15)

    assert run.tasks == ["handle_task", "work"]
    assert run.step.timers == ()


def test_an_error_event_sub_process_catches_what_its_scope_throws() -> None:
    diagram = draw(
        start(),
        service("check", "check"),
        end(),
        flows("start > check > end"),
        handler("handle", event("error", "error_BAD"), interrupting=True),
        roots=roots(errors="BAD"),
    )

    def check(inputs: object) -> None:
        raise BusinessError("BAD")

    run = Run(diagram, services={"check": check})
    assert run.tasks == ["handle_task"]


def test_event_sub_processes_nest() -> None:
    diagram = draw(
        start(),
        sub_process(
            "inner",
            start("go"),
            user("work"),
            end("gone"),
            flows("go > work > gone"),
            handler("near", message("call"), interrupting=False),
        ),
        end(),
        flows("start > inner > end"),
        handler("far", message("call"), interrupting=False),
        roots=roots(messages="call"),
    )
    run = Run(diagram).deliver("call")
    assert run.tasks == ["near_task", "work"]

    run.complete("work").complete("near_task")
    assert run.step.ended


def test_an_event_sub_process_does_not_catch_its_own_error() -> None:
    inside = sub_process(
        "handle",
        start("handle_start", event("error", "error_BAD")),
        end("again", event("error", "error_BAD")),
        flows("handle_start > again"),
        triggeredByEvent="true",
    )
    diagram = draw(
        start(),
        sub_process("inner", start("go"), end("bad", event("error", "error_BAD")), flows("go > bad"), inside),
        boundary("outside", "inner", event("error", "error_BAD")),
        user("explain"),
        flows("start > inner > explain", "outside > explain"),
        roots=roots(errors="BAD"),
    )
    assert Run(diagram).tasks == ["explain"]


# --- messages, signals, links, conditions -----------------------------------------------------------------------------


def test_a_message_reaches_exactly_one_the_innermost_that_waits() -> None:
    diagram = draw(
        start(),
        parallel("fork"),
        catch("here", message("news")),
        sub_process("inner", start("go"), catch("deep", message("news")), end("gone"), flows("go > deep > gone")),
        parallel("join"),
        end(),
        flows("start > fork > here > join", "fork > inner > join > end"),
        roots=roots(messages="news"),
    )
    run = Run(diagram).deliver("news", a=1)
    assert run.step.taken_by == ("deep",)
    assert run.deliver("news", b=2).step.taken_by == ("here",)
    assert run.step.ended
    assert run.variables == {"a": 1, "b": 2}


def test_a_signal_reaches_everybody_inside_and_is_told_outside() -> None:
    diagram = draw(
        start(),
        parallel("fork"),
        catch("one", event("signal", "signal_go")),
        catch("two", event("signal", "signal_go")),
        user("press"),
        throw("shout", event("signal", "signal_go")),
        end("end1"),
        end("end2"),
        end("end3", event("signal", "signal_over")),
        flows("start > fork > one > end1", "fork > two > end2", "fork > press > shout > end3"),
        roots=roots(signals="go over"),
    )
    run = Run(diagram).complete("press")
    assert run.step.ended
    assert [(thrown.kind, thrown.name) for thrown in run.step.thrown] == [("signal", "go"), ("signal", "over")]

    outside = Run(diagram).deliver("go", kind="signal")
    assert sorted(outside.step.taken_by) == ["one", "two"]


def test_links_jump() -> None:
    """S5: in SpiffWorkflow the token is lost at the throw, and the case completes."""
    diagram = draw(
        start(),
        exclusive("merge"),
        user("one"),
        exclusive("enough", default="enough_end"),
        throw("again", event("link", name="A")),
        catch("here", event("link", name="A")),
        end(),
        flows("start > merge > one > enough > end", "enough > again if more", "here > merge"),
    )
    run = Run(diagram).complete("one", more=True)
    assert run.tasks == ["one"]
    assert run.complete("one", more=False).step.ended


def condition(text: str) -> str:
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"


def test_a_conditional_event_happens_when_its_data_come_true() -> None:
    diagram = draw(
        start(),
        parallel("fork"),
        user("collect"),
        boundary("much", "collect", condition("amount > 100"), interrupting=False),
        user("inspect"),
        catch("ready", condition("done = true")),
        user("answer"),
        user("report"),
        user("tell"),
        flows("start > fork > collect > answer", "fork > inspect > tell", "fork > ready > report", "much > tell"),
    )
    run = Run(diagram, {"amount": 1, "done": False})
    assert run.tasks == ["collect", "inspect"]

    run.complete("inspect", amount=500)
    assert run.tasks == ["collect", "tell", "tell"]

    run.complete("tell", done=True)
    assert "report" in run.tasks
    run.complete("report")
    assert run.tasks == ["collect", "tell"]


STARTS = draw(
    start("by_hand"),
    start("by_mail", message("filed")),
    start("by_call", event("signal", "signal_call")),
    start("by_clock", timer("R/P1M", "Cycle")),
    *(user(f"from_{way}") for way in ("hand", "mail", "call", "clock")),
    *(flows(f"by_{way} > from_{way}") for way in ("hand", "mail", "call", "clock")),
    roots=roots(messages="filed", signals="call"),
)


@pytest.mark.parametrize(
    ("trigger", "task"),
    [
        (None, "from_hand"),
        (("message", "filed"), "from_mail"),
        (("signal", "call"), "from_call"),
        (("timer", "by_clock"), "from_clock"),
    ],
)
def test_the_trigger_chooses_the_start(trigger: tuple[str, str] | None, task: str) -> None:
    assert Run(STARTS, trigger=trigger).tasks == [task]


@pytest.mark.parametrize("trigger", [("message", "other"), ("signal", "filed"), ("timer", "by_hand")])
def test_a_process_starts_only_as_it_is_drawn(trigger: object) -> None:
    with pytest.raises(Conflict, match=r"start\.unawaited"):
        Run(STARTS, trigger=trigger)


def test_a_process_without_plain_start_needs_its_trigger() -> None:
    diagram = draw(start("by_mail", message("filed")), end(), flows("by_mail > end"), roots=roots(messages="filed"))

    assert Run(diagram, trigger=("message", "filed")).step.ended
    with pytest.raises(Conflict):
        Run(diagram)


def test_what_a_boundary_event_leads_to_is_not_caught_by_the_activity_beside_it() -> None:
    """The path out of a non-interrupting boundary event is outside its activity (BPMN 2.0.2, 10.5.1, 10.5.7)."""
    diagram = draw(
        start(),
        sub_process("work", start("ws"), user("ask"), end("we"), flows("ws > ask > we")),
        boundary("called", "work", message("news"), interrupting=False),
        throw("tell", event("escalation", "escalation_UP")),
        end("told"),
        boundary("heard", "work", event("escalation", "escalation_UP"), interrupting=False),
        user("seen"),
        end(),
        flows("start > work > end", "called > tell > told", "heard > seen > end"),
        roots=roots(messages="news", escalations="UP"),
    )

    run = Run(diagram).deliver("news")

    assert run.tasks == ["ask"]
    assert [thrown.element for thrown in run.step.thrown] == ["tell"]


def test_what_a_handler_throws_is_not_caught_by_the_handlers_beside_it() -> None:
    """An event sub-process hands on to what is around its scope (BPMN 2.0.2, 10.5.6)."""
    calls = sub_process(
        "calls",
        start("cs", message("news"), isInterrupting="false"),
        throw("tell", event("escalation", "escalation_UP")),
        end("ce"),
        flows("cs > tell > ce"),
        triggeredByEvent="true",
    )
    hears = sub_process(
        "hears",
        start("hs", event("escalation", "escalation_UP"), isInterrupting="false"),
        user("seen"),
        end("he"),
        flows("hs > seen > he"),
        triggeredByEvent="true",
    )
    inside = sub_process("work", start("ws"), user("ask"), end("we"), flows("ws > ask > we"), calls, hears)
    around = (boundary("heard", "work", event("escalation", "escalation_UP"), interrupting=False), user("outside"))
    diagram = draw(
        start(),
        inside,
        *around,
        end(),
        flows("start > work > end", "heard > outside > end"),
        roots=roots(messages="news", escalations="UP"),
    )

    assert Run(diagram).deliver("news").tasks == ["ask", "outside"]


def test_an_error_of_one_of_several_instances_is_caught_by_their_boundary_event() -> None:
    def refuses(inputs: object) -> dict[str, object]:
        raise BusinessError("BAD", "no")

    diagram = draw(
        start(),
        service("send", "send", repeated(number="2")),
        boundary("failed", "send", event("error", "error_BAD")),
        user("mend"),
        end(),
        flows("start > send > end", "failed > mend > end"),
        roots=roots(errors="BAD"),
    )

    assert Run(diagram, services={"send": refuses}).tasks == ["mend"]
