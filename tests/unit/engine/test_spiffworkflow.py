"""Probes of stock SpiffWorkflow: each shows a defect that a class of ours stands in for.

When one of these fails after an upgrade, upstream has mended it: look whether our repair is still needed.
"""

import inspect
from datetime import UTC, datetime
from importlib.metadata import version

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from unit.engine.drawing import (
    catch,
    draw,
    element,
    end,
    event,
    exclusive,
    flows,
    parallel,
    roots,
    start,
    timer,
    user,
)


def stock(diagram: bytes) -> BpmnWorkflow:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(diagram))
    workflow = BpmnWorkflow(parser.get_spec("main"), parser.get_subprocess_specs("main"))
    workflow.do_engine_steps()
    return workflow


def ready(workflow: BpmnWorkflow) -> list[str]:
    return sorted(task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True))


def finish(workflow: BpmnWorkflow, name: str, **data: object) -> None:
    task = workflow.get_next_task(state=TaskState.READY, spec_name=name)
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()


def test_the_pinned_version_is_the_one_that_was_studied() -> None:
    assert version("SpiffWorkflow") == "3.2.0"


def test_row_1_tree_walks_stop_at_depth_one_thousand() -> None:
    assert inspect.signature(BpmnTaskIterator).parameters["max_depth"].default == 1000


def test_row_2_a_join_in_a_loop_fires_on_the_arrival_of_an_earlier_round() -> None:
    workflow = stock(
        draw(
            start(),
            exclusive("back"),
            parallel("fork"),
            user("a"),
            user("b"),
            parallel("join"),
            exclusive("again", default="again_end"),
            end(),
            flows("start > back > fork > a > join", "fork > b > join > again > end", "again > back if True"),
        )
    )
    finish(workflow, "a")
    finish(workflow, "b")
    assert ready(workflow) == ["a", "b"]

    finish(workflow, "b")

    assert ready(workflow) != ["a"]


FORK = draw(
    start(),
    user("first"),
    parallel("fork"),
    user("a"),
    user("b"),
    parallel("join"),
    user("after"),
    end(),
    flows("start > first > fork > a > join", "fork > b > join > after > end"),
)


def test_row_3_the_last_branch_brings_old_values_back() -> None:
    workflow = stock(FORK)
    finish(workflow, "first", x=0)
    finish(workflow, "a", x=1)
    finish(workflow, "b", y=1)

    assert workflow.get_next_task(spec_name="after").data["x"] == 0


def test_row_4_branches_share_nested_values() -> None:
    workflow = stock(FORK)
    finish(workflow, "first", contact={"home": {"phone": "old"}})
    one, other = (workflow.get_next_task(spec_name=name) for name in ("a", "b"))

    one.data["contact"]["home"]["phone"] = "new"

    assert other.data["contact"]["home"]["phone"] == "new"


def test_row_5_prediction_doubles_with_each_parallel_block() -> None:
    def tasks(blocks: int) -> int:
        parts, path = [], "start"
        for number in range(blocks):
            fork, join = f"fork{number}", f"join{number}"
            parts += [parallel(fork), parallel(join), user(f"a{number}"), user(f"b{number}")]
            parts.append(flows(f"{path} > {fork} > a{number} > {join}", f"{fork} > b{number} > {join}"))
            path = join
        return len(stock(draw(start(), end(), *parts, flows(f"{path} > end"))).tasks)

    assert tasks(5) > 1.7 * tasks(4) > 2.5 * tasks(3)


def test_row_7_timers_of_an_event_gateway_share_one_due_date() -> None:
    workflow = stock(
        draw(
            start(),
            element("eventBasedGateway", "wait"),
            catch("long", timer('"P10D"')),
            catch("short", timer('"P2D"')),
            end(),
            flows("start > wait > long > end", "wait > short > end"),
        )
    )
    waiting = workflow.get_next_task(state=TaskState.WAITING, spec_name="wait")

    due = datetime.fromisoformat(waiting.internal_data["event_value"])
    assert (due - datetime.fromtimestamp(waiting.last_state_change, UTC)).days >= 9


def test_row_10_a_task_named_end_vanishes() -> None:
    workflow = stock(draw(start(), user("End"), end(), flows("start > End > end")))

    assert ready(workflow) == []
    assert workflow.is_completed()


def test_s1_flows_without_id_are_dropped() -> None:
    workflow = stock(draw(start(), user("work"), element("sequenceFlow", None, sourceRef="start", targetRef="work")))

    assert ready(workflow) == []


def test_s3_a_signal_end_throws_nothing() -> None:
    workflow = stock(
        draw(start(), end("end", event("signal", "signal_go")), flows("start > end"), roots=roots(signals="go"))
    )

    assert workflow.is_completed()
    assert workflow.get_events() == []


def test_s5_a_link_loses_its_token() -> None:
    diagram = draw(
        start(),
        element("intermediateThrowEvent", "jump", event("link", name="A")),
        catch("land", event("link", name="A")),
        user("work"),
        flows("start > jump", "land > work"),
    )

    assert ready(stock(diagram)) == []


def test_s10_conditions_out_of_a_task_are_ignored() -> None:
    workflow = stock(draw(start(), user("ask"), user("never"), flows("start > ask", "ask > never if False")))
    finish(workflow, "ask")

    assert ready(workflow) == ["never"]


def test_s15_a_process_without_mark_is_taken_for_executable() -> None:
    diagram = draw(start(), user("work"), flows("start > work")).replace(b' isExecutable="true"', b"")

    assert ready(stock(diagram)) == ["work"]


def test_task_states_read_the_wall_clock() -> None:
    assert "time.time()" in inspect.getsource(Task._set_state)


@pytest.mark.parametrize("text", ["__import__('os').getcwd()", "().__class__.__mro__[1].__subclasses__()"])
def test_conditions_are_python(text: str) -> None:
    diagram = draw(
        start(),
        exclusive("g", default="g_end"),
        user("reached"),
        end(),
        flows("start > g > end", f"g > reached if {text}"),
    )

    assert ready(stock(diagram)) == ["reached"]
