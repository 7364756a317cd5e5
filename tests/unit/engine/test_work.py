"""What tasks do: services, scripts, decisions, parameters, and what a waiting task shows."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from unit.engine.drawing import (
    NOW,
    Run,
    draw,
    element,
    end,
    event,
    extensions,
    flows,
    parameters,
    roots,
    script,
    service,
    start,
    throw,
    user,
)
from workflows.engine import BrokenDefinition, Thrown, parse
from workflows.errors import AmanahError, NotFound


def one(task: str, *more: str, **kept: str) -> bytes:
    return draw(start(), task, end(), flows("start > work > end"), *more, **kept)


def test_a_service_gets_its_inputs_and_gives_its_result() -> None:
    seen = []

    def measure(inputs: dict[str, object]) -> dict[str, object]:
        seen.append(deepcopy(inputs))
        inputs["place"]["lat"] = 0
        return {"count": 2, "near": [Decimal("0.5")]}

    work = service(
        "work",
        "measure",
        parameters({"metres": "100", "text": '"abc"', "place": "place", "twice": "metres * 2", "none": ""}),
        camunda_resultVariable="found",
    )
    run = Run(one(work), {"place": {"lat": 3}}, services={"measure": measure})

    assert seen == [{"metres": 100, "text": "abc", "place": {"lat": 3}, "twice": 200, "none": None}]
    assert type(seen[0]["metres"]) is int
    assert run.variables == {"place": {"lat": 3}, "found": {"count": 2, "near": [{"$number": "0.5"}]}}


def test_a_result_without_a_variable_is_dropped() -> None:
    run = Run(one(service("work", "tell")), services={"tell": lambda inputs: {"ignored": 1}})

    assert run.variables == {}


def test_outputs_see_the_result_and_its_fields() -> None:
    work = service(
        "work",
        "count",
        parameters(outputs={"several": "count > 1", "all": "found.count"}),
        camunda_resultVariable="found",
    )
    run = Run(one(work), services={"count": lambda inputs: {"count": 2}})

    assert run.variables == {"found": {"count": 2}, "several": True, "all": 2}


def test_other_exceptions_are_the_callers_as_they_are() -> None:
    problem = RuntimeError("disk full")

    def fail(inputs: object) -> None:
        raise problem

    with pytest.raises(RuntimeError) as caught:
        Run(one(service("work", "fail")), services={"fail": fail})
    assert caught.value is problem


def test_an_unknown_service_abandons_the_call() -> None:
    with pytest.raises(NotFound, match=r"service\.unknown"):
        Run(one(service("work", "nowhere")))


def test_a_send_task_is_a_service() -> None:
    sent = []
    send = element(
        "sendTask", "work", parameters({"to": '"reporter"'}), camunda_topic="notify", camunda_type="external"
    )
    run = Run(one(send), services={"notify": sent.append})

    assert sent == [{"to": "reporter"}]
    assert run.step.ended


def test_a_thrown_message_calls_its_service_and_is_told() -> None:
    sent = []
    diagram = draw(
        start(),
        throw("tell", event("message", "message_news"), parameters({"text": '"hi"'})).replace(
            'messageRef="message_news"', 'messageRef="message_news" camunda:topic="notify"'
        ),
        end("end", event("message", "message_over")),
        flows("start > tell > end"),
        roots=roots(messages="news over"),
    )
    run = Run(diagram, services={"notify": sent.append})

    assert sent == [{"text": "hi"}]
    assert run.step.thrown == (Thrown("message", "news", "tell"), Thrown("message", "over", "end"))


def test_a_script_writes_its_value() -> None:
    run = Run(one(script("work", 'if level > 2 then "high" else "low"', "grade")), {"level": 3})

    assert run.variables["grade"] == "high"


def test_values_of_every_kind_survive_the_state() -> None:
    values = {
        "number": Decimal("1.10"),
        "whole": 7,
        "day": datetime(2026, 3, 1, tzinfo=UTC).date(),
        "moment": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        "span": timedelta(days=2),
        "typename": {"typename": "anything", "$odd": [1, 1]},
        "nothing": None,
    }
    diagram = one(
        script("work", '[number * 2, day + duration("P1D"), moment + span, typename.typename, nothing]', "seen")
    )
    run = Run(diagram, values)

    assert run.variables["seen"] == [
        {"$number": "2.20"},
        {"$date": "2026-03-02"},
        {"$datetime": "2026-03-03T09:30:00+00:00"},
        "anything",
        None,
    ]


def test_a_user_task_shows_all_that_a_person_needs() -> None:
    work = user(
        "work",
        extensions('<camunda:properties><camunda:property name="stage" value="review"/></camunda:properties>'),
        name="Periksa",
        camunda_formKey="review_form",
        camunda_dueDate="P-01",
        camunda_priority="80",
        camunda_assignee="petugas",
        camunda_candidateGroups="intake_officer, inspector",
    )
    task = Run(one(work)).step.tasks[0]

    assert (task.form, task.due, task.due_at, task.priority) == ("review_form", "P-01", None, "80")
    assert (task.assignee, task.candidate_groups) == ("petugas", ("intake_officer", "inspector"))
    assert dict(task.properties) == {"stage": "review"}


@pytest.mark.parametrize(
    ("due", "days"), [("P3D", 3), ('=now() + duration("P2D")', 2), ("2026-03-03T01:00:00Z", 1), ("P-01", None)]
)
def test_a_due_date_is_a_deadline_or_an_instant(due: str, days: int | None) -> None:
    task = Run(one(user("work", camunda_dueDate=due))).step.tasks[0]

    assert task.due_at == (None if days is None else NOW + timedelta(days=days))


def test_a_decision_may_choose_the_deadline_of_a_task() -> None:
    work = one(user("work", camunda_dueDate="=limits.first"))
    run = Run(work, {"limits": {"first": "P-02"}})

    assert (run.step.tasks[0].due, run.step.tasks[0].due_at) == ("P-02", None)
    assert run.wait(days=1).step.tasks[0].due == "P-02"

    # No deadline at all is never what a decision means: the call is abandoned, and somebody hears of it.
    with pytest.raises(AmanahError, match=r"timer\.no_time"):
        Run(work, {"limits": {"first": None}})


def test_who_works_may_be_computed_once() -> None:
    work = user("work", camunda_assignee="${holder}", camunda_candidateGroups="=[unit, 5, null]")
    run = Run(one(work), {"holder": "petugas", "unit": "inspector"})

    task = run.wait(days=1).step.tasks[0]
    assert (task.assignee, task.candidate_groups) == ("petugas", ("inspector",))
    task = Run(one(work)).step.tasks[0]
    assert (task.assignee, task.candidate_groups) == (None, ())


def test_inputs_of_a_user_task_are_local_and_outputs_choose_what_is_kept() -> None:
    work = user("work", parameters({"limit": "base * 2"}, {"kept": "amount <= limit"}))
    run = Run(one(work), {"base": 50})
    assert dict(run.step.tasks[0].local) == {"limit": 100}

    run.complete("work", amount=70, gossip="never kept")
    assert run.variables == {"base": 50, "kept": True}


def test_a_manual_task_waits_like_a_user_task() -> None:
    run = Run(one(element("manualTask", "work")))

    assert run.step.tasks[0].kind == "manual"
    assert run.complete("work").step.ended


def test_a_receive_task_waits_for_its_message() -> None:
    run = Run(one(element("receiveTask", "work", messageRef="message_news"), roots=roots(messages="news")))
    assert run.tasks == []

    assert run.deliver("news", text="x").step.ended
    assert run.variables == {"text": "x"}


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="route" name="route"><decisionTable id="t" hitPolicy="{policy}">
<input id="i"><inputExpression id="ie" typeRef="string"><text>kind</text></inputExpression></input>
<output id="o1" name="office" typeRef="string"/>{second}
<rule id="r1"><inputEntry id="a"><text>"road"</text></inputEntry>
<outputEntry id="b"><text>"PU"</text></outputEntry>{days}</rule>
<rule id="r2"><inputEntry id="c"><text>-</text></inputEntry>
<outputEntry id="e"><text>"Setda"</text></outputEntry>{days}</rule>
</decisionTable></decision></definitions>"""


def deciding(policy: str, mapped: str | None, *, second: bool = False) -> Run:
    work = element(
        "businessRuleTask",
        "work",
        camunda_decisionRef="route",
        camunda_resultVariable="found",
        **({} if mapped is None else {"camunda_mapDecisionResult": mapped}),
    )
    table = TABLE.format(
        policy=policy,
        second='<output id="o2" name="days" typeRef="number"/>' if second else "",
        days="<outputEntry><text>5</text></outputEntry>" if second else "",
    )
    return Run(parse({"main.bpmn": one(work), "route.dmn": table.encode()}), {"kind": "road"})


@pytest.mark.parametrize(
    ("policy", "mapped", "second", "found"),
    [
        ("FIRST", "singleEntry", False, "PU"),
        ("FIRST", "singleResult", True, {"office": "PU", "days": 5}),
        ("COLLECT", "collectEntries", False, ["PU", "Setda"]),
        ("COLLECT", "resultList", False, [{"office": "PU"}, {"office": "Setda"}]),
        ("FIRST", None, False, [{"office": "PU"}]),
    ],
)
def test_a_decision_is_mapped_as_drawn(policy: str, mapped: str | None, second: bool, found: object) -> None:
    run = deciding(policy, mapped, second=second)

    assert run.variables["found"] == found
    assert [(taken.element, taken.decision) for taken in run.step.decided] == [("work", "route")]
    assert run.step.decided[0].outcome.rules[0].id == "r1"
    assert len(run.step.decided[0].checksum) == 64


@pytest.mark.parametrize(("policy", "mapped"), [("UNIQUE", "singleEntry"), ("COLLECT", "singleResult")])
def test_a_decision_with_too_many_answers_abandons_the_call(policy: str, mapped: str) -> None:
    with pytest.raises(AmanahError, match="decision"):
        deciding(policy, mapped)


def test_a_broken_table_is_told_with_the_rest() -> None:
    work = element("businessRuleTask", "work", camunda_decisionRef="route", camunda_resultVariable="found")

    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": one(work), "route.dmn": b"<nothing/>"})

    assert {finding.file for finding in broken.value.findings} == {"main.bpmn", "route.dmn"}
