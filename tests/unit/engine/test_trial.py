"""The trial run: sample data, written and read between any two steps, and what it finds."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from databases import REPOSITORY
from unit.engine.block_models import Model
from unit.engine.drawing import (
    boundary,
    call,
    draw,
    element,
    end,
    exclusive,
    extensions,
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
from workflows.catalogue.bundle import case_types, read_bundle
from workflows.catalogue.functions import FUNCTIONS
from workflows.engine import codec, parse
from workflows.engine.trial import MOST_ACTS, Trial, try_out

# Where the repository keeps its own files.
_SOURCES = ("bench", "bpmn", "tests", "workflows")


def tried(*parts: str) -> Trial:
    return Trial(parse({"main.bpmn": draw(start(), *parts, roots=roots(messages="news", errors="BAD"))})).run()


def codes(trial: Trial) -> list[tuple[str, str, str | None]]:
    return [(found.severity, found.code, found.element) for found in trial.findings]


def test_values_that_conditions_compare_lead_through_every_branch() -> None:
    trial = tried(
        user("ask"),
        exclusive("sized", default="sized_small"),
        exclusive("routed", default="routed_home"),
        *(user(name) for name in ("small", "large", "home", "north", "south")),
        end(),
        flows("start > ask > sized > small > end", "sized > routed if amount > 500", "routed > home > end"),
        flows('routed > north if office in ("north", "polar")', 'routed > south if substring(office, 1, 1) = "s"'),
        flows("north > end", "south > end", "sized > large if amount in [100..200]", "large > end"),
    )

    assert codes(trial) == []
    # A text that only a function takes apart is not guessed, and not every member of a list is tried.
    assert {found.id for found in trial.unreached} <= {"north", "south"}


def test_timers_messages_repetitions_calls_and_errors_are_walked() -> None:
    inner = pool(start("s"), user("inside"), end("e"), flows("s > inside > e"), process="called")
    main = pool(
        start(),
        sub_process("work", start("ws"), user("do", repeated(number="2")), end("we"), flows("ws > do > we")),
        boundary("late", "work", timer("P1D"), interrupting=False),
        boundary("news", "work", message("news")),
        call("other", "called"),
        end(),
        end("told"),
        flows("start > work > other > end", "late > told", "news > end"),
    )
    trial = Trial(parse({"main.bpmn": file_of(main, inner, roots=roots(messages="news"))})).run()

    assert codes(trial) == []
    assert trial.unreached == []


def test_a_branch_that_never_comes_is_pointed_out() -> None:
    trial = tried(
        exclusive("choose", default="choose_one"),
        *(user(name) for name in ("one", "other")),
        parallel("both"),
        end(),
        flows("start > choose > one > both > end", "choose > other if wanted", "other > both"),
    )

    assert ("warning", "trial.stuck", "both") in codes(trial)


def test_data_without_an_answer_and_endless_rounds_are_pointed_out() -> None:
    hopeless = tried(
        script("count", "if n = null then 1 else n + 1", "n"),
        exclusive("enough", default="enough_count"),
        end(),
        flows("start > count > enough > count", "enough > end if n < 0"),
    )
    senseless = tried(user("ask", repeated(number="how_many")), end(), flows("start > ask > end"))
    untimely = tried(
        user("ask"), boundary("late", "ask", timer("=reply_by")), end(), flows("start > ask > end", "late > end")
    )

    assert {found[:2] for found in codes(hopeless)} == {("warning", "trial.endless")}
    assert codes(senseless) == []
    assert codes(untimely) == []


def test_a_service_that_gives_nothing_is_no_fault_of_the_diagram() -> None:
    wait = extensions(
        '<camunda:inputOutput><camunda:inputParameter name="a">x.y.z</camunda:inputParameter></camunda:inputOutput>'
    )
    trial = tried(service("call", "anything", wait), element("manualTask", "m"), end(), flows("start > call > m > end"))

    assert codes(trial) == []
    assert trial.unreached == []


HOUSES = [
    *case_types(REPOSITORY / "bpmn"),
    REPOSITORY / "workflows" / "chaos" / "drawing",
    REPOSITORY / "tests" / "integration" / "processes" / "sample",
    REPOSITORY / "bench" / "lifecycle" / "ours",
]


@pytest.mark.parametrize("folder", HOUSES, ids=lambda folder: folder.name)
def test_every_diagram_of_the_repository_stands_where_it_should_after_every_reading(folder: Path) -> None:
    def deadline(deadline_id: str, share: object = None, *, now: datetime) -> datetime:
        return now + timedelta(days=len(deadline_id))

    files = read_bundle(folder).executable()
    trial = Trial(parse(files, functions={**FUNCTIONS, "deadline": deadline})).run()

    assert {code for severity, code, _ in codes(trial) if severity == "error"} == set()
    assert trial.acts >= 20


def test_no_diagram_of_the_repository_is_left_out() -> None:
    """But for the spelling of the reference lifecycle that only plain SpiffWorkflow runs, and what the museum keeps."""
    found = {file.parent for folder in _SOURCES for file in (REPOSITORY / folder).rglob("*.bpmn")}
    known = {"stock", *(house.name for house in HOUSES), "diagrams"}

    assert {folder.name for folder in found} <= known


@pytest.mark.parametrize("seed", range(12))
def test_random_processes_stand_where_they_should_after_every_reading(seed: int) -> None:
    trial = Trial(parse({"main.bpmn": Model(seed, rich=bool(seed % 2)).bpmn})).run()

    assert {code for _, code, _ in codes(trial)} <= {"trial.stuck"}
    assert trial.acts <= MOST_ACTS


def test_what_writing_loses_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    load = codec.load

    def forgetful(*arguments: object, **more: object) -> object:
        instance = load(*arguments, **more)  # type: ignore[arg-type]
        for token in instance.tokens():
            token.internal_data.pop("due", None)
        return instance

    monkeypatch.setattr(codec, "load", forgetful)
    trial = tried(
        user("ask"),
        user("more"),
        boundary("late", "more", timer("P9D")),
        end(),
        flows("start > ask > more > end", "late > end"),
    )

    assert ("error", "trial.not_kept") in {found[:2] for found in codes(trial)}


def test_a_fault_of_the_engine_is_an_error_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = parse({"main.bpmn": draw(start(), user("ask"), end(), flows("start > ask > end"))})
    monkeypatch.setattr(codec, "dump", lambda instance: 1 / 0)

    assert [(found.severity, found.code) for found in try_out(definition)] == [("error", "trial.broken")]


def test_what_no_walk_came_to_is_a_note() -> None:
    diagram = draw(
        start(),
        exclusive("g", default="g_end"),
        user("rare"),
        end(),
        flows("start > g > end", "g > rare if f(x)", "rare > end"),
    )
    definition = parse({"main.bpmn": diagram}, functions={"f": lambda x: False})

    assert [(found.severity, found.code, found.element) for found in try_out(definition)] == [
        ("note", "trial.not_reached", "rare")
    ]
