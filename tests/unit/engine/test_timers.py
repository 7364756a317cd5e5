"""Time: literals, FEEL, month ends, cycles, sleep."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from unit.engine.drawing import NOW, Run, boundary, catch, draw, end, exclusive, flows, start, timer, user
from workflows.engine import Conflict, parse, retime, timers, wake
from workflows.errors import AmanahError
from workflows.feel.values import YearsMonths

JAKARTA = ZoneInfo("Asia/Jakarta")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("begin", "duration", "due"),
    [
        ("2026-01-31T10:00", "P1M", "2026-02-28T10:00"),
        ("2024-01-31T10:00", "P1M", "2024-02-29T10:00"),
        ("2024-02-29T10:00", "P1Y", "2025-02-28T10:00"),
        ("2026-01-31T10:00", "P1M1D", "2026-03-01T10:00"),
        ("2026-12-31T23:30", "PT1H", "2027-01-01T00:30"),
        ("2026-01-01T00:00", "P2W", "2026-01-15T00:00"),
        ("2026-01-01T00:00", "P1DT12H", "2026-01-02T12:00"),
    ],
)
def test_durations_end_where_a_calendar_would_say(begin: str, duration: str, due: str) -> None:
    span = timers.read_span(duration)

    assert span is not None
    assert span.after(at(begin), JAKARTA) == at(due)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
def test_local_times_are_read_in_the_zone_of_the_office(zone: str) -> None:
    there = ZoneInfo(zone)

    assert timers.read_instant("2026-03-01T09:00:00", there) == datetime(2026, 3, 1, 9, tzinfo=there)
    assert timers.read_instant("2026-03-01", there) == datetime(2026, 3, 1, tzinfo=there)
    assert timers.read_instant("2026-03-01T09:00:00+00:00", there) == datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
@pytest.mark.parametrize(
    ("begin", "duration", "due"),
    [
        ("2026-01-31T00:30", "P1M", "2026-02-28T00:30"),
        ("2028-01-31T23:30", "P1M", "2028-02-29T23:30"),
        ("2028-02-29T00:30", "P1Y", "2029-02-28T00:30"),
    ],
)
def test_months_end_by_the_calendar_of_the_office_wherever_it_is(
    zone: str, begin: str, duration: str, due: str
) -> None:
    """An hour that is another day in UTC, and another month."""
    there = ZoneInfo(zone)
    span = timers.read_span(duration)

    assert span is not None
    assert span.after(datetime.fromisoformat(begin).replace(tzinfo=there), there) == datetime.fromisoformat(
        due
    ).replace(tzinfo=there)


@pytest.mark.parametrize("text", ["", "P", "PT", "3 days", "P-1D", "-P1D", "P1.5D", "P1DT", "P0.5M", "1D", "P1D "])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert timers.read_span(text) is None


@pytest.mark.parametrize("text", ["R3", "R/PT0S", "R/P0D", "R3/P1D/2026-01-01", "0 0 * * *", "Rx/P1D", "R/2026-01-01"])
def test_what_is_no_cycle_is_refused(text: str) -> None:
    assert timers.read_cycle(text, JAKARTA) is None


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("P1D", NOW + timedelta(days=1)),
        (timedelta(hours=5), NOW + timedelta(hours=5)),
        (YearsMonths(1), datetime(2026, 4, 2, 1, 0, tzinfo=UTC)),
        (datetime(2026, 5, 1, tzinfo=timezone(timedelta(hours=7))), datetime(2026, 4, 30, 17, tzinfo=UTC)),
        (date(2026, 5, 1), datetime(2026, 4, 30, 17, tzinfo=UTC)),
    ],
)
def test_values_of_feel_say_when(value: object, due: datetime) -> None:
    assert timers.due_of(value, NOW, JAKARTA) == due


@pytest.mark.parametrize("value", [None, 5, True, "soon", [], {}])
def test_other_values_say_nothing(value: object) -> None:
    with pytest.raises(timers.TimerProblem):
        timers.due_of(value, NOW, JAKARTA)


def test_rounds_of_a_monthly_cycle_do_not_drift_from_the_end_of_the_month() -> None:
    cycle = timers.read_cycle("R/P1M", JAKARTA)
    assert cycle is not None

    rounds = [cycle.round(number, at("2026-01-31T08:00"), JAKARTA) for number in (1, 2, 3)]

    assert rounds == [at("2026-02-28T08:00"), at("2026-03-31T08:00"), at("2026-04-30T08:00")]


def waiting(when: str, form: str = "Duration", **variables: object) -> Run:
    diagram = draw(start(), catch("wait", timer(when, form)), end(), flows("start > wait > end"))
    definition = parse(
        {"main.bpmn": diagram},
        functions={"deadline": lambda name, share=1, *, now: now + timedelta(days=float(share) * 8)},
    )
    return Run(definition, variables)


@pytest.mark.parametrize(
    ("text", "form", "days"),
    [
        ("P3D", "Duration", 3),
        ("=duration(text)", "Duration", 2),
        ("${duration(text)}", "Duration", 2),
        ("=text", "Duration", 2),
        ('=deadline("P-01")', "Date", 8),
        ('=deadline("P-01", 0.75)', "Date", 6),
        ('=deadline("P-01")', "Duration", 8),
        ('=now() + duration("P3D")', "Date", 3),
        ("2026-03-05T01:00:00Z", "Date", 3),
    ],
)
def test_a_timer_is_armed_by_literal_or_feel(text: str, form: str, days: int) -> None:
    run = waiting(text, form, text="P2D")

    assert run.step.timers[0].due_at == NOW + timedelta(days=days)
    assert run.step.timers[0].due_at.utcoffset() == timedelta(0)
    assert not run.wait(days=days, seconds=-1).step.ended
    assert run.wait(seconds=1).step.ended


def test_an_expression_that_gives_no_time_abandons_the_call() -> None:
    with pytest.raises(AmanahError, match=r"timer\.no_time.*wait"):
        waiting("=missing")


def test_a_clock_set_back_fires_nothing_and_loses_nothing() -> None:
    run = waiting("P3D")

    assert not run.wait(days=-10).step.ended
    assert run.step.timers[0].due_at == NOW + timedelta(days=3)
    assert run.wait(days=13).step.ended


LADDER = draw(
    start(),
    user("work"),
    boundary("late", "work", timer("P7D"), interrupting=False),
    boundary("soon", "work", timer("P2D"), interrupting=False),
    boundary("over", "work", timer("P5D")),
    user("nudge"),
    user("raise"),
    user("close"),
    end(),
    flows("start > work > end", "soon > nudge > end", "late > raise > end", "over > close > end"),
)


def test_timers_that_were_slept_through_fire_in_the_order_in_which_they_were_due() -> None:
    """The first of them may take the later ones away, as it would have done had nobody slept."""
    run = Run(LADDER).wait(days=10)

    assert run.tasks == ["close", "nudge"]
    fired = [entry.element for entry in run.step.trace if entry.kind == "entered"]
    assert fired.index("nudge") < fired.index("close")
    assert run.step.timers == ()


def test_only_what_was_due_by_an_earlier_instant_fires_when_something_else_comes_next() -> None:
    run = Run(LADDER)

    later = NOW + timedelta(days=10)
    state, step = wake(run.definition, run.state, now=later, by=NOW + timedelta(days=3))
    assert sorted(task.element for task in step.tasks) == ["nudge", "work"]
    _, step = wake(run.definition, state, now=later)
    assert sorted(task.element for task in step.tasks) == ["close", "nudge"]


CYCLE = draw(
    start(),
    user("work"),
    boundary("daily", "work", timer("R/P1D", "Cycle"), interrupting=False),
    user("nudge"),
    end("nudged"),
    end(),
    flows("start > work > end", "daily > nudge > nudged"),
)


def test_rounds_slept_through_fire_once_and_the_rhythm_stays() -> None:
    run = Run(CYCLE).wait(days=1)
    assert run.tasks == ["nudge", "work"]

    run.wait(days=6, hours=12)
    assert run.tasks == ["nudge", "nudge", "work"]
    assert run.step.timers[0].due_at == NOW + timedelta(days=8)

    run.wait(hours=12)
    assert run.tasks == ["nudge", "nudge", "nudge", "work"]


def test_a_cycle_of_three_rounds_ends_with_the_third() -> None:
    run = Run(CYCLE.replace(b"R/P1D", b"R3/P1D"))
    for _ in range(5):
        run.wait(days=1)

    assert run.tasks == ["nudge"] * 3 + ["work"]
    assert run.step.timers == ()


def test_a_cycle_slept_through_to_its_end_fires_once() -> None:
    run = Run(CYCLE.replace(b"R/P1D", b"R3/P1D")).wait(days=50)

    assert run.tasks == ["nudge", "work"]
    assert run.step.timers == ()


def test_a_cycle_of_seconds_slept_through_for_years_is_found_at_once() -> None:
    run = Run(CYCLE.replace(b"R/P1D", b"R/PT1S")).wait(days=3650)

    assert run.tasks == ["nudge", "work"]
    assert run.step.timers[0].due_at == run.now + timedelta(seconds=1)


def test_a_timer_that_never_lets_time_pass_runs_into_the_budget() -> None:
    diagram = draw(start(), exclusive("back"), catch("wait", timer("PT0S")), flows("start > back > wait > back"))
    run = Run(diagram)

    with pytest.raises(AmanahError, match=r"engine\.endless"):
        run.wait(seconds=1)


def test_a_deadline_counted_anew_moves_its_timer() -> None:
    run = waiting("P3D")
    name = run.step.timers[0].id

    state, step = retime(run.definition, run.state, {name: NOW + timedelta(days=1)}, now=NOW)
    assert step.timers[0].due_at == NOW + timedelta(days=1)
    _, step = wake(run.definition, state, now=NOW + timedelta(days=1))
    assert step.ended

    with pytest.raises(Conflict, match=r"timer\.not_running"):
        retime(run.definition, run.state, {"t99": NOW}, now=NOW)
