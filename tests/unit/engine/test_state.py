"""The state: small, versioned, the same again after reading, and free of the definition."""

import pickle

import orjson
import pytest

from unit.engine.block_models import Model
from unit.engine.drawing import (
    NOW,
    Run,
    boundary,
    call,
    draw,
    end,
    file_of,
    flows,
    pool,
    start,
    sub_process,
    timer,
    user,
)
from workflows.engine import codec, complete, parse, wake
from workflows.engine import start as start_instance
from workflows.errors import AmanahError, NewerState
from workflows.feel.clock import Clock

LOOP = draw(
    start(),
    user("write", default="write_end"),
    boundary("slow", "write", timer("P1D"), interrupting=False),
    end(),
    end("told"),
    flows("start > write > end", "write > write if again", "slow > told"),
)


@pytest.mark.parametrize("seed", range(40, 60))
def test_reading_and_writing_gives_the_same_bytes(seed: int) -> None:
    definition = parse({"main.bpmn": Model(seed, rich=bool(seed % 2)).bpmn})
    state, step = start_instance(definition, now=NOW)
    for _ in range(10):
        instance = codec.load(
            state.tokens, definition.plan, state.variables, clock=Clock(NOW, definition.zone), services={}
        )
        assert codec.dump(instance) == state.tokens
        if not step.tasks:
            break
        state, step = complete(definition, state, step.tasks[0].id, {"a": 1}, now=NOW)


def test_the_state_names_elements_and_nothing_else_of_the_definition() -> None:
    run = Run(LOOP, {"secret": "never in the tokens"})

    assert len(run.state.tokens) < 200
    assert b"secret" not in run.state.tokens
    assert b"P1D" not in run.state.tokens
    assert run.state.variables == {"secret": "never in the tokens"}


def test_another_spelling_of_the_diagram_with_the_same_ids_goes_on() -> None:
    run = Run(LOOP)
    other = LOOP.replace(b"<bpmn:", b"<").replace(b"</bpmn:", b"</").replace(b"xmlns:bpmn=", b"xmlns=")
    other = other.replace(b'id="write"', b'name="Tulis" id="write"')
    definition = parse({"renamed.bpmn": other})

    _state, step = complete(definition, run.state, run.step.tasks[0].id, {"again": True}, now=NOW)

    assert [(task.element, task.name) for task in step.tasks] == [("write", "Tulis")]


def test_a_definition_without_the_element_is_told() -> None:
    run = Run(LOOP)
    other = parse({"main.bpmn": draw(start(), user("other"), flows("start > other"))})

    with pytest.raises(AmanahError, match=r"state\.unknown_element"):
        wake(other, run.state, now=NOW)


@pytest.mark.parametrize(
    "tokens", [b"", b"{}", b"[]", b"null", b"[-1,1,0,0,[]]", b"\xff\xfe", b'["x"]', b"[1]", b"[1,1,0,0,[]]"]
)
def test_unreadable_tokens_are_told(tokens: bytes) -> None:
    run = Run(LOOP)

    with pytest.raises(AmanahError, match=r"state\.unreadable"):
        wake(run.definition, type(run.state)(tokens, {}), now=NOW)


def test_what_a_newer_version_wrote_is_left_to_it() -> None:
    run = Run(LOOP)

    with pytest.raises(NewerState, match=r"state\.newer"):
        wake(run.definition, type(run.state)(b"[99,1,0,0,[]]", {}), now=NOW)


def test_an_older_version_is_migrated_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(LOOP)
    old = orjson.loads(run.state.tokens)
    old[0] = -1

    def newer(number: int):  # type: ignore[no-untyped-def]
        return lambda document: [number, *document[1:]]

    monkeypatch.setattr(codec, "MIGRATIONS", {-1: newer(0), 0: newer(1)})
    state, step = wake(run.definition, type(run.state)(orjson.dumps(old), {}), now=NOW)

    assert state.tokens == run.state.tokens
    assert step.tasks == run.step.tasks


# What version 1 wrote on the day it was made; every later version must finish it.
VERSION_1 = (
    b'[1,13,0,0,[[0,"main",0,[[2,0,64,"call.BoundaryEventSplit",0,0],'
    b'[3,2,8,"slow",{"due":"2026-03-03T01:00:00+00:00"},0],[4,2,32,"call",0,0]]],'
    b'[4,"examination",{"amount":5},[[6,0,32,"inner",0,0]]],[6,"examination/inner",0,[[8,0,16,"examine",0,0]]]]]'
)


def test_the_first_version_is_finished_by_this_one() -> None:
    main = pool(
        start(),
        call("call", "examination"),
        boundary("slow", "call", timer("P1D"), interrupting=False),
        end(),
        flows("start > call > end", "slow > end"),
    )
    called = pool(
        start("begin"),
        sub_process("inner", start("go"), user("examine"), end("gone"), flows("go > examine > gone")),
        end("ready"),
        flows("begin > inner > ready"),
        process="examination",
    )
    definition = parse({"main.bpmn": file_of(main, called)})
    run = Run(definition)
    state = type(run.state)(VERSION_1, {"case": 1})

    state, step = wake(definition, state, now=NOW)
    assert [task.id for task in step.tasks] == ["t8"]
    assert len(step.timers) == 1

    state, step = complete(definition, state, "t8", {"amount": 6}, now=NOW)
    assert step.ended
    assert state.variables == {"case": 1}


def test_variables_that_nobody_touched_are_handed_on_unchanged() -> None:
    odd = {"kept": {"$number": "1.50"}, "list": [1, {"a": None}], "typename": {"typename": "x"}}
    run = Run(LOOP)
    state = type(run.state)(run.state.tokens, odd)

    after, _ = complete(run.definition, state, run.step.tasks[0].id, {"again": True}, now=NOW)

    assert after.variables == {**odd, "again": True}
    assert after.variables["kept"] is odd["kept"]
    assert "again" not in odd


def test_a_definition_can_be_shared_by_instances_that_do_not_disturb_each_other() -> None:
    definition = parse({"main.bpmn": LOOP})
    one, two = Run(definition), Run(definition)
    one.complete("write", again=False)

    assert one.step.ended
    assert two.tasks == ["write"]
    assert Run(definition).state == Run(definition).state


def test_state_and_step_can_be_pickled() -> None:
    run = Run(LOOP)

    assert pickle.loads(pickle.dumps(run.state)) == run.state
