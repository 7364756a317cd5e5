"""Moving a waiting instance to another edition: the table of 1.9 case by case, and what holds for every diagram."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from unit.engine.block_models import Model
from unit.engine.drawing import (
    NOW,
    Run,
    boundary,
    call,
    catch,
    draw,
    element,
    end,
    exclusive,
    file_of,
    flows,
    message,
    parallel,
    pool,
    repeated,
    roots,
    script,
    service,
    start,
    sub_process,
    timer,
    user,
)
from workflows import engine
from workflows.engine import Definition, State, Step, parse
from workflows.engine.concerns import Concern
from workflows.engine.migration import Crossed, Crossing, Hindered, migrate, take_back
from workflows.language import speaking

ABC = draw(start(), user("a"), user("b"), user("c"), end(), flows("start > a > b > c > end"))


def at_b(before: bytes = ABC) -> Run:
    return Run(before).complete("a")


def cross(run: Run, after: bytes, **how: Any) -> Crossed:
    crossing = Crossing(run.definition, parse({"main.bpmn": after}), **how)
    return migrate(crossing, run.state, now=run.now, services=run.services)


def go_on(run: Run, after: bytes, **how: Any) -> Run:
    """Move the run, which then goes on by the new edition."""
    crossed = cross(run, after, **how)
    run.definition = parse({"main.bpmn": after})
    run.state, run.step = crossed.state, crossed.step
    return run


def hindrances(run: Run, after: bytes, **how: Any) -> list[str]:
    with pytest.raises(Hindered) as hindered:
        cross(run, after, **how)
    return [concern.code for concern in hindered.value.concerns if concern.weight != "note"]


def told(run: Run, after: bytes, **how: Any) -> list[tuple[str, str]]:
    return [(concern.code, concern.element) for concern in cross(run, after, **how).concerns]


# --- the table of 1.9 ------------------------------------------------------------------------------------------------


def test_a_task_added_downstream_is_done_and_the_task_stays_the_same() -> None:
    run = at_b()
    task = run.step.tasks[0].id
    after = draw(
        start(), user("a"), user("b", name="Baru"), user("d"), user("c"), end(), flows("start > a > b > d > c > end")
    )

    go_on(run, after)

    assert (run.step.tasks[0].id, run.step.tasks[0].name) == (task, "Baru")
    assert run.complete("b").complete("d").complete("c").step.ended


def test_a_new_condition_downstream_asks_for_what_the_case_lacks() -> None:
    after = draw(
        start(),
        user("a"),
        user("b"),
        exclusive("which", default="which_c"),
        user("c"),
        user("d"),
        end(),
        flows("start > a > b > which > c > end", "which > d if urgent = true", "d > end"),
    )

    assert hindrances(at_b(), after) == ["variable.missing"]
    assert hindrances(at_b(), after, writers={"urgent": ["a"]}) == ["variable.missing"]
    assert told(at_b(), after, writers={"urgent": ["b"]}) == []
    assert told(Run(ABC, {"urgent": True}).complete("a"), after) == []
    assert go_on(at_b(), after, accepted={"variable.missing"}).complete("b").tasks == ["c"]


def test_a_renamed_task_needs_a_mapping() -> None:
    after = draw(start(), user("a"), user("b2"), user("c"), end(), flows("start > a > b2 > c > end"))
    run = at_b()
    task = run.step.tasks[0].id

    assert hindrances(run, after) == ["element.removed"]

    assert told(run, after, mapping={"b": "b2"}) == [("element.renamed", "b")]
    go_on(run, after, mapping={"b": "b2"})
    assert (run.step.tasks[0].id, run.tasks, run.went) == (task, ["b2"], ["xb", "+b2"])
    assert run.complete("b2").complete("c").step.ended


def test_a_task_added_before_is_passed_by_and_told() -> None:
    after = draw(start(), user("a"), user("x"), user("b"), user("c"), end(), flows("start > a > x > b > c > end"))

    assert told(at_b(), after) == [("element.passed_by", "x")]
    assert go_on(at_b(), after).complete("b").complete("c").step.ended


def test_a_removed_task_downstream_is_not_missed() -> None:
    after = draw(start(), user("a"), user("b"), end(), flows("start > a > b > end"))

    assert told(at_b(), after) == []
    assert go_on(at_b(), after).complete("b").step.ended


def test_a_removed_current_task_needs_another_place() -> None:
    after = draw(start(), user("a"), user("c"), end(), flows("start > a > c > end"))
    run = at_b()

    assert hindrances(run, after) == ["element.removed"]

    before = run.step.tasks[0].id
    go_on(run, after, anew={"b": "c"})
    assert (run.tasks, run.went, run.step.ended) == (["c"], ["xb", "+c"], False)
    assert run.step.tasks[0].id != before
    assert run.complete("c").step.ended


@pytest.mark.parametrize(
    "other",
    [script("b", "1", "x"), service("b", "ring"), element("manualTask", "b"), catch("b", timer("P1D"))],
    ids=["script", "service", "manual", "timer"],
)
def test_another_kind_of_element_is_refused(other: str) -> None:
    after = draw(start(), user("a"), other, user("c"), end(), flows("start > a > b > c > end"))

    assert hindrances(at_b(), after) == ["element.retyped"]


def test_swapped_tasks_are_refused_since_one_would_never_be_done() -> None:
    after = draw(start(), user("a"), user("b"), user("c"), end(), flows("start > a > c > b > end"))

    assert hindrances(at_b(), after) == ["element.behind"]
    assert go_on(at_b(), after, accepted={"element.behind"}).complete("b").step.ended


def test_a_timer_added_to_the_current_task_asks_and_then_counts_from_now() -> None:
    after = draw(
        start(),
        user("a"),
        user("b"),
        user("c"),
        user("late"),
        boundary("clock", "b", timer("P3D")),
        end(),
        flows("start > a > b > c > end", "clock > late > end"),
    )
    run = at_b()
    run.now = NOW + timedelta(days=10)

    assert hindrances(run, after) == ["boundary.added"]

    go_on(run, after, accepted={"boundary.added"})
    assert [(each.element, each.due_at) for each in run.step.timers] == [("clock", NOW + timedelta(days=13))]
    assert run.wait(days=3).tasks == ["late"]


def test_a_message_added_to_the_current_task_holds_and_disarms() -> None:
    after = draw(
        start(),
        user("a"),
        user("b"),
        user("c"),
        user("told"),
        boundary("news", "b", message("news")),
        end(),
        flows("start > a > b > c > end", "news > told > end"),
        roots=roots(messages="news"),
    )

    assert told(at_b(), after) == [("boundary.armed", "b")]
    assert go_on(at_b(), after).deliver("news").tasks == ["told"]
    assert go_on(at_b(), after).complete("b").complete("c").step.ended


def test_the_current_task_inside_new_parallel_ways_is_refused() -> None:
    after = draw(
        start(),
        user("a"),
        parallel("split"),
        user("b"),
        user("d"),
        parallel("join"),
        user("c"),
        end(),
        flows("start > a > split > b > join > c > end", "split > d > join"),
    )

    assert hindrances(at_b(), after) == ["parallel.entered"]


SPLIT = (start(), parallel("split"), user("b"), user("d"), parallel("join"), user("c"), end())
BESIDE = draw(*SPLIT, flows("start > split > b > join > c > end", "split > d > join"))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (ABC, ["element.removed", "parallel.left"]),
        (
            draw(
                *SPLIT, user("e"), flows("start > split > b > join > c > end", "split > d > join", "split > e > join")
            ),
            ["parallel.changed"],
        ),
        (
            draw(*SPLIT[:4], user("c"), end(), flows("start > split > b > c > end", "split > d > end")),
            ["parallel.changed"],
        ),
    ],
    ids=["taken away", "one more way", "no join any more"],
)
def test_parallel_ways_may_not_change_while_the_case_is_inside(after: bytes, why: list[str]) -> None:
    found = hindrances(Run(BESIDE), after)

    assert set(why) <= set(found)


def test_a_token_that_waits_at_a_join_finds_its_flow_again() -> None:
    renamed = draw(
        *SPLIT,
        element("sequenceFlow", "other_name", sourceRef="b", targetRef="join"),
        flows("start > split > b", "join > c > end", "split > d > join"),
    )
    run = go_on(Run(BESIDE).complete("b"), renamed)
    assert run.complete("d").tasks == ["c"]

    inserted = draw(*SPLIT, user("e"), flows("start > split > b > e > join > c > end", "split > d > join"))
    assert "join.changed" in hindrances(Run(BESIDE).complete("b"), inserted)
    assert go_on(Run(BESIDE), inserted).complete("b").complete("d").complete("e").tasks == ["c"]


def test_a_case_inside_a_called_process_moves_with_it() -> None:
    def calls(*inside: str, called: str = "examination") -> bytes:
        return file_of(
            pool(start(), call("examine", called), user("after"), end(), flows("start > examine > after > end")),
            pool(start("in"), *inside, end("out"), process=called, executable=True),
        )

    before = calls(user("look"), flows("in > look > out"))
    more = calls(user("look"), user("report"), flows("in > look > report > out"))
    run = go_on(Run(before), more)
    assert run.complete("look").complete("report").complete("after").step.ended

    other = calls(user("look"), flows("in > look > out"), called="audit")
    assert hindrances(Run(before), other) == ["call.changed"]


# --- other structure -------------------------------------------------------------------------------------------------


def test_a_live_element_inside_another_sub_process_is_refused() -> None:
    after = draw(
        start(),
        user("a"),
        sub_process("part", start("in"), user("b"), end("out"), flows("in > b > out")),
        user("c"),
        end(),
        flows("start > a > part > c > end"),
    )

    assert hindrances(at_b(), after) == ["element.moved"]
    assert go_on(at_b(), after, anew={"b": "part"}).tasks == ["b"]


def test_a_repetition_may_not_appear_under_a_live_element() -> None:
    several = user("b", repeated(number="2"))
    after = draw(start(), user("a"), several, user("c"), end(), flows("start > a > b > c > end"))

    assert hindrances(at_b(), after) == ["repetition.changed"]
    assert "repetition.changed" in hindrances(at_b(after), ABC)
    assert go_on(at_b(after), after).complete("b").complete("b").tasks == ["c"]


def test_all_instances_of_a_repeated_task_begin_anew_as_one() -> None:
    several = user("b", repeated(number="3"))
    before = draw(start(), user("a"), several, user("c"), end(), flows("start > a > b > c > end"))

    assert go_on(at_b(before), ABC, anew={"b": "c"}).tasks == ["c"]


WATCHED = draw(
    start(),
    user("a"),
    user("b"),
    user("c"),
    boundary("clock", "b", timer("P3D"), interrupting=False),
    user("remind"),
    end(),
    flows("start > a > b > c > end", "clock > remind > end"),
)


def test_a_waiting_timer_keeps_its_instant() -> None:
    slower = WATCHED.replace(b"P3D", b"P9D")
    run = at_b(WATCHED)
    due = run.step.timers[0].due_at
    run.now += timedelta(days=2)

    assert told(run, slower) == [("timer.kept", "clock")]
    go_on(run, slower)

    assert [(each.element, each.due_at) for each in run.step.timers] == [("clock", due)]
    assert run.wait(days=1).tasks == ["b", "remind"]


def test_a_timer_that_has_fired_does_not_begin_again() -> None:
    run = at_b(WATCHED).wait(days=4)

    go_on(run, WATCHED)

    assert (run.tasks, run.step.timers) == (["b", "remind"], ())


def test_a_removed_watch_is_told_and_gone() -> None:
    assert told(at_b(WATCHED), ABC) == [("boundary.removed", "clock")]
    run = go_on(at_b(WATCHED), ABC)
    assert run.step.timers == ()
    assert run.complete("b").complete("c").step.ended


def test_an_event_handler_that_is_new_begins_to_listen() -> None:
    handler = sub_process(
        "on_stop",
        element("startEvent", "stopped", message("stop"), isInterrupting="true"),
        user("tidy"),
        end("tidied"),
        flows("stopped > tidy > tidied"),
        triggeredByEvent="true",
    )
    after = draw(
        start(),
        user("a"),
        user("b"),
        user("c"),
        handler,
        end(),
        flows("start > a > b > c > end"),
        roots=roots(messages="stop"),
    )

    assert told(at_b(), after) == [("boundary.armed", "stopped")]
    assert go_on(at_b(), after).deliver("stop").tasks == ["tidy"]
    run = go_on(at_b(after), ABC)
    assert run.step.messages == ()
    assert run.complete("b").complete("c").step.ended


def test_a_step_that_would_run_by_itself_is_named_and_not_run_in_a_trial() -> None:
    after = draw(start(), user("a"), service("ring", "bell"), user("c"), end(), flows("start > a > ring > c > end"))
    run, rung = at_b(), []
    crossing = Crossing(run.definition, parse({"main.bpmn": after}), anew={"b": "ring"})

    tried = migrate(crossing, run.state, now=NOW)
    assert [(each.code, each.element) for each in tried.concerns][-1] == ("step.follows", "ring")

    done = migrate(crossing, run.state, now=NOW, services={"bell": lambda inputs: rung.append(inputs)})
    assert (done.ran, len(rung), [task.element for task in done.step.tasks]) == (True, 1, ["c"])


# --- moving in the same edition --------------------------------------------------------------------------------------


def test_a_token_is_moved_back_and_forth() -> None:
    run = at_b(WATCHED)

    def moved(**anew: str) -> None:
        crossed = migrate(Crossing(run.definition, run.definition, anew=anew), run.state, now=run.now)
        run.state, run.step = crossed.state, crossed.step

    moved(b="c")
    assert (run.tasks, run.step.timers, run.went) == (["c"], (), ["xb", "+c"])

    run.now += timedelta(days=1)
    moved(c="b")
    assert [each.due_at for each in run.step.timers] == [NOW + timedelta(days=4)]
    assert run.wait(days=3).tasks == ["b", "remind"]
    moved(b="c")
    assert run.tasks == ["c", "remind"]
    assert run.complete("c").complete("remind").step.ended


def test_a_token_is_not_moved_out_of_its_parallel_way() -> None:
    definition = parse({"main.bpmn": BESIDE})
    run = Run(definition)

    def refused(anew: Mapping[str, str]) -> list[str]:
        with pytest.raises(Hindered) as hindered:
            migrate(Crossing(definition, definition, anew=anew), run.state, now=NOW)
        return [concern.code for concern in hindered.value.concerns if concern.weight == "error"]

    assert refused({"b": "c"}) == ["parallel.left"]
    assert refused({"b": "d"}) == ["parallel.changed"]
    assert refused({"c": "b"}) == ["source.unknown"]
    assert refused({"b": "join"}) == ["target.unfit"]
    assert refused({"b": "start"}) == ["target.unfit"]
    assert refused({"b": "nowhere"}) == ["target.unknown"]


# --- for every diagram -----------------------------------------------------------------------------------------------


def drive(definition: Definition, state: State, step: Step, choose: Any) -> tuple[State, Step]:
    """Move by whatever waits, as `choose` picks."""
    ways: list[tuple[str, Any]] = [("task", task.id) for task in step.tasks]
    ways += [("message", name) for name in dict.fromkeys(each.name for each in step.messages)]
    ways += [("timer", None)] if step.timers else []
    kind, what = choose(ways)
    if kind == "task":
        return engine.complete(definition, state, what, {}, now=NOW)
    if kind == "message":
        return engine.deliver(definition, state, what, {}, now=NOW)
    return engine.wake(definition, state, now=max(each.due_at for each in step.timers))


@pytest.mark.parametrize("seed", range(40))
def test_the_identical_edition_gives_the_same_state_and_the_same_future(seed: int) -> None:
    model = Model(seed)
    here, there = (parse({"main.bpmn": model.bpmn}) for _ in range(2))
    state, step = engine.start(here, {}, now=NOW)
    for turn in range(12):
        if step.ended or not (step.tasks or step.messages or step.timers):
            break
        crossed = migrate(Crossing(here, there), state, now=NOW)
        assert (crossed.state, crossed.step.tasks, crossed.step.timers) == (state, step.tasks, step.timers)
        assert (crossed.concerns, crossed.ran, crossed.step.trace) == ((), False, ())

        def choose(ways: list[Any], turn: int = turn) -> Any:
            return ways[(seed + turn) % len(ways)]

        expected = drive(here, state, step, choose)
        assert drive(there, crossed.state, crossed.step, choose) == expected
        state, step = expected


def test_what_was_taken_back_gives_no_number_twice() -> None:
    run = at_b()
    before = run.state
    here = run.definition
    go_on(run, ABC, anew={"b": "c"})

    back, step = take_back(here, run.definition, before.tokens, run.state, now=NOW)

    # The path leads back too.
    assert [(entry.kind, entry.element) for entry in step.trace] == [("cancelled", "c"), ("entered", "b")]
    again = engine.complete(run.definition, back, "t3", {}, now=NOW)[1]
    assert again.tasks[0].element == "c"
    assert again.tasks[0].id != run.step.tasks[0].id


def test_a_concern_is_a_sentence_in_both_languages_and_survives_storing() -> None:
    concern = Concern("element.retyped", "b", "Periksa", {"old": "userTask", "new": "scriptTask"})

    assert Concern.read(concern.as_json()) == concern
    assert concern.sentence == "“Periksa” berganti jenis: dari userTask menjadi scriptTask."
    with speaking("en"):
        assert concern.sentence == "“Periksa” has become something else: scriptTask instead of userTask."
