"""Boundary events: what hangs on an activity, and what happens to the activity."""

import pytest

from unit.engine.drawing import (
    NOW,
    Run,
    boundary,
    draw,
    end,
    event,
    flows,
    message,
    roots,
    service,
    start,
    sub_process,
    timer,
    user,
)
from workflows.engine import BusinessError


class Reminders:
    """A service that remembers how it was called."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def services(self) -> dict[str, object]:
        return {name: (lambda inputs, name=name: self.told.append(name)) for name in ("early", "late", "breach")}


WATCHED = draw(
    start(),
    user("verify"),
    boundary("at_75", "verify", timer("P3D"), interrupting=False),
    boundary("at_90", "verify", timer("P4D"), interrupting=False),
    boundary("at_100", "verify", timer("P5D"), interrupting=False),
    service("tell_early", "early"),
    service("tell_late", "late"),
    service("tell_breach", "breach"),
    user("supervise"),
    end("told"),
    end("done"),
    flows(
        "start > verify > done",
        "at_75 > tell_early > told",
        "at_90 > tell_late > told",
        "at_100 > tell_breach > supervise > told",
    ),
)


def test_the_clock_escalates_without_taking_the_task_from_its_holder() -> None:
    told = Reminders()
    run = Run(WATCHED, services=told.services())
    holder = run.step.tasks[0].id
    assert [timer.element for timer in run.step.timers] == ["at_75", "at_90", "at_100"]
    assert all(timer.attached_to == "verify" and not timer.interrupting for timer in run.step.timers)

    run.wait(days=3)
    assert told.told == ["early"]
    assert [task.id for task in run.step.tasks] == [holder]

    run.wait(days=10)
    assert told.told == ["early", "late", "breach"]
    assert run.tasks == ["supervise", "verify"]
    assert run.step.tasks[0].id == holder
    assert run.step.timers == ()

    run.complete("verify")
    assert run.tasks == ["supervise"]
    assert not run.step.ended
    assert run.complete("supervise").step.ended


def test_a_finished_task_takes_its_timers_with_it() -> None:
    told = Reminders()
    run = Run(WATCHED, services=told.services()).complete("verify")

    assert run.step.ended
    assert run.step.outcome == "done"
    assert run.wait(days=30).step.trace == ()
    assert told.told == []


def test_timers_slept_through_fire_in_the_order_in_which_they_were_due() -> None:
    told = Reminders()
    run = Run(WATCHED, services=told.services()).wait(days=100)

    assert told.told == ["early", "late", "breach"]
    assert [entry for entry in run.went if entry.startswith("+at")] == ["+at_75", "+at_90", "+at_100"]


def test_a_timer_is_counted_once_and_saving_does_not_move_it() -> None:
    run = Run(WATCHED, services=Reminders().services())
    due = [timer.due_at for timer in run.step.timers]

    run.wait(days=1)

    assert [timer.due_at for timer in run.step.timers] == due


def test_an_interrupting_timer_takes_the_task_away() -> None:
    diagram = draw(
        start(),
        user("answer"),
        boundary("too_late", "answer", timer("P2D")),
        user("chase"),
        end(),
        flows("start > answer > end", "too_late > chase > end"),
    )
    run = Run(diagram).wait(days=2)

    assert run.went == ["xanswer", "+too_late", "-too_late", "+chase"]
    assert run.tasks == ["chase"]


def test_a_whole_sub_process_is_watched_while_its_inside_goes_on() -> None:
    diagram = draw(
        start(),
        sub_process(
            "handling", start("begin"), user("one"), user("two"), end("ready"), flows("begin > one > two > ready")
        ),
        boundary("p04", "handling", timer("P5D"), interrupting=False),
        boundary("p05", "handling", timer("P14D"), interrupting=False),
        user("tell_head"),
        user("tell_secretary"),
        end(),
        flows("start > handling > end", "p04 > tell_head > end", "p05 > tell_secretary > end"),
    )
    run = Run(diagram).complete("one").wait(days=6)
    assert run.tasks == ["tell_head", "two"]

    run.wait(days=10)
    assert run.tasks == ["tell_head", "tell_secretary", "two"]

    run.complete("two")
    assert run.tasks == ["tell_head", "tell_secretary"]
    assert "-handling" in run.went


def test_an_interrupting_event_on_a_sub_process_cancels_everything_inside() -> None:
    diagram = draw(
        start(),
        sub_process(
            "handling",
            start("begin"),
            sub_process("deeper", start("go"), user("one"), end("gone"), flows("go > one > gone")),
            end("ready"),
            flows("begin > deeper > ready"),
        ),
        boundary("withdrawn", "handling", message("withdrawn")),
        user("confirm"),
        end(),
        flows("start > handling > end", "withdrawn > confirm > end"),
        roots=roots(messages="withdrawn"),
    )
    run = Run(diagram).deliver("withdrawn", reason="own wish")

    assert run.went == ["xone", "xdeeper", "xhandling", "+withdrawn", "-withdrawn", "+confirm"]
    assert run.variables == {"reason": "own wish"}
    assert run.step.taken_by == ("withdrawn",)


def test_a_non_interrupting_message_may_come_more_than_once() -> None:
    """SpiffWorkflow hears it once only."""
    diagram = draw(
        start(),
        user("work"),
        boundary("more", "work", message("more"), interrupting=False),
        user("read"),
        end(),
        flows("start > work > end", "more > read > end"),
        roots=roots(messages="more"),
    )
    run = Run(diagram).deliver("more").deliver("more").deliver("more")
    assert run.tasks == ["read", "read", "read", "work"]

    run.complete("work")
    assert run.step.messages == ()
    assert run.tasks == ["read", "read", "read"]


def test_an_error_of_a_service_goes_to_the_boundary_event_of_its_code() -> None:
    diagram = draw(
        start(),
        service("check", "check"),
        boundary("unknown", "check", event("error", "error_UNKNOWN", **{"camunda:errorMessageVariable": "why"})),
        boundary("any", "check", event("error", **{"camunda:errorCodeVariable": "code"})),
        user("ask_again"),
        user("look"),
        end(),
        flows("start > check > end", "unknown > ask_again > end", "any > look > end"),
        roots=roots(errors="UNKNOWN"),
    )

    def failing(code: str) -> object:
        def check(inputs: object) -> None:
            raise BusinessError(code, "nobody of that name")

        return check

    exact = Run(diagram, services={"check": failing("UNKNOWN")})
    assert exact.tasks == ["ask_again"]
    assert exact.variables == {"why": "nobody of that name"}

    other = Run(diagram, services={"check": failing("OTHER")})
    assert other.tasks == ["look"]
    assert other.variables == {"code": "OTHER"}


def test_an_error_that_nothing_catches_is_the_callers() -> None:
    diagram = draw(start(), service("check", "check"), end(), flows("start > check > end"))

    def check(inputs: object) -> None:
        raise BusinessError("UNKNOWN")

    with pytest.raises(BusinessError):
        Run(diagram, services={"check": check})


def test_a_loop_through_a_watched_task_leaves_nothing_behind() -> None:
    diagram = draw(
        start(),
        user("write"),
        boundary("slow", "write", timer("P1D"), interrupting=False),
        end("told"),
        user("review", default="review_done"),
        end("done"),
        flows("start > write > review > done", "review > write if again", "slow > told"),
    )
    run = Run(diagram)
    size = len(run.state.tokens)
    for _ in range(100):
        run.wait(days=2)
        run.complete("write").complete("review", again=True)

    assert len(run.step.timers) == 1
    assert len(run.state.tokens) < size + 20
    assert run.step.timers[0].due_at > NOW
