"""Files that other tools and hands write: what is legal runs, what would be dropped or read otherwise is refused.

Each refusal names the element that is meant and how to mend it, once, without a trail of complaints that only follow.
"""

import pytest

from unit.engine.drawing import (
    Run,
    boundary,
    catch,
    draw,
    element,
    end,
    event,
    exclusive,
    extensions,
    findings_of,
    flows,
    message,
    parallel,
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
from workflows.engine import expressions, parse

ROOTS = roots(messages="news", signals="go", errors="BAD", escalations="UP")
WAITS = element("conditionalEventDefinition", None, "<bpmn:condition>x = 1</bpmn:condition>")


def refused(content: bytes) -> list[tuple[str, str | None]]:
    errors = [finding for finding in findings_of(content) if finding.severity == "error"]
    assert all(finding.line > 1 and finding.message and finding.fix for finding in errors)
    return [(finding.code, finding.element) for finding in errors]


def around(*parts: str, more: str = "") -> bytes:
    """Draw one element `n` between a start and an end."""
    return draw(start(), *parts, end(), flows("start > n > end"), roots=ROOTS + more)


def lanes(*members: str) -> str:
    drawn = "".join(
        f'<bpmn:lane id="lane{number}" name="Lane {number}"><bpmn:flowNodeRef>{member}</bpmn:flowNodeRef></bpmn:lane>'
        for number, member in enumerate(members)
    )
    return f'<bpmn:laneSet id="lanes">{drawn}</bpmn:laneSet>'


# --- what would be dropped or read otherwise ---


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        pytest.param(
            around(user("n", '<camunda:inputOutput><camunda:outputParameter name="a"/></camunda:inputOutput>')),
            "extension.misplaced",
            "n",
            id="parameters beside extensionElements",
        ),
        pytest.param(
            around(catch("n", event("message", "m")), more='<bpmn:message id="m" name="order-${id}"/>'),
            "message.computed",
            "m",
            id="computed message name",
        ),
        pytest.param(
            around(throw("n", event("signal", "s")), more='<bpmn:signal id="s" name="=name"/>'),
            "signal.computed",
            "s",
            id="computed signal name",
        ),
        pytest.param(
            around(catch("n", timer("P1D").replace("timeDuration>", 'timeDuration language="groovy">', 1))),
            "expression.language",
            "n",
            id="timer in another language",
        ),
        pytest.param(
            around(user("n", repeated(number="3").replace("dinality>", 'dinality language="groovy">', 1))),
            "expression.language",
            "n",
            id="number in another language",
        ),
        pytest.param(around(lanes("n", "n"), user("n")), "lane.two", "n", id="two lanes"),
        pytest.param(
            around(user("n", repeated(number="3"), element("standardLoopCharacteristics", None, loopMaximum="3"))),
            "repetition.two",
            "n",
            id="two repetitions",
        ),
        pytest.param(around(user("n", repeated(number="2.5"))), "repetition.no_number", "n", id="half an instance"),
        pytest.param(around(user("n", repeated(number="-1"))), "repetition.no_number", "n", id="minus one instance"),
        pytest.param(
            around(
                service("n", "post"),
                boundary("one", "n", event("error", "error_BAD")),
                boundary("two", "n", event("error", "error_BAD")),
                flows("one > end", "two > end"),
            ),
            "event.ambiguous",
            "two",
            id="one error caught twice",
        ),
        pytest.param(around(user("n" * 300)).replace(b'"n"', b'"' + b"n" * 300 + b'"'), "id.too_long", None, id="id"),
        pytest.param(around(user("n", name="n" * 3_000)), "name.too_long", "n", id="name"),
    ],
)
def test_what_would_not_run_as_drawn_is_refused(content: bytes, code: str, where: str | None) -> None:
    told = refused(content)

    assert (code, where) in told or (where is None and code in {each for each, _ in told})


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'id="definitions"', b'id="definitions" expressionLanguage="http://www.java.com/java"', "expression.language"),
        (
            b"<bpmn:process",
            b'<bpmn:extension mustUnderstand="true" definition="bpmn:x"/><bpmn:process',
            "extension.must_understand",
        ),
    ],
)
def test_what_the_file_as_a_whole_demands_is_heard(old: bytes, new: bytes, code: str) -> None:
    content = draw(start(), exclusive("n", default="n_end"), user("a"), end(), flows("start > n > end", "n > a if x"))

    assert code in {finding.code for finding in findings_of(content.replace(old, new, 1))}


def test_the_language_that_tools_name_by_default_is_no_demand() -> None:
    content = around(user("n")).replace(
        b'id="definitions"', b'id="definitions" expressionLanguage="http://www.w3.org/1999/XPath"'
    )

    assert refused(content) == []


def test_a_lane_inside_a_lane_is_no_second_lane() -> None:
    held = "<bpmn:flowNodeRef>n</bpmn:flowNodeRef>"
    inner = f'<bpmn:childLaneSet id="c"><bpmn:lane id="in">{held}</bpmn:lane></bpmn:childLaneSet>'
    nested = lanes("n").replace("</bpmn:lane>", f"{inner}</bpmn:lane>")

    definition = parse({"main.bpmn": around(nested, user("n"))})

    assert definition.element("n").lane == "in"


# --- one complaint for one mistake ---


@pytest.mark.parametrize(
    "odd",
    [
        element("complexGateway", "n"),
        element("transaction", "n", start("s")),
        element("adHocSubProcess", "n", user("s")),
    ],
)
def test_what_only_follows_from_a_refused_element_is_not_told(odd: str) -> None:
    watch = boundary("late", "n", timer("P1D")) + flows("late > end") if "transaction" in odd else ""

    assert refused(around(odd, watch)) == [("element.unsupported", "n")]


def test_compensation_is_told_where_it_is_drawn_and_nowhere_else() -> None:
    undo = element("task", "undo", isForCompensation="true")

    told = refused(around(user("n"), boundary("back", "n", event("compensate")), undo))

    assert sorted(told) == [("attribute.unknown", "undo"), ("element.unsupported", "back")]


def test_a_process_without_its_mark_is_pointed_at() -> None:
    unmarked = around(user("n")).replace(b' isExecutable="true"', b"")

    assert refused(unmarked) == [("process.missing", "main")]


def test_the_schema_too_names_the_element() -> None:
    twice = timer("P1D").replace("</bpmn:timerEvent", "<bpmn:timeDate>2026-01-01</bpmn:timeDate></bpmn:timerEvent")

    assert refused(around(catch("n", twice))) == [("schema.misplaced", "n")]


def test_a_marker_may_stand_behind_what_is_repeated() -> None:
    run = Run(around(sub_process("n", start("s"), user("ask"), flows("s > ask"), repeated(number="2"))))

    assert run.tasks == ["ask", "ask"]


def test_a_sentence_is_never_longer_than_anybody_reads() -> None:
    endless = around(exclusive("n", default="n_end"), user("a"), flows("n > a if " + "1+" * 100_000))

    assert max(len(finding.message + finding.fix) for finding in findings_of(endless)) < 2_000


def test_elements_beyond_what_is_drawn_are_counted_and_refused() -> None:
    crowd = draw(start(), extensions("<x/>" * 250_000), end(), flows("start > end"))

    assert [code for code, _ in ((each.code, each) for each in findings_of(crowd))] == ["file.too_many_elements"]


def test_expressions_are_bounded_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MAXIMUM_LETTERS", 10)
    content = draw(
        start(), script("a", "1 + 1 + 1", "x"), script("b", "2 + 2", "y"), end(), flows("start > a > b > end")
    )

    assert refused(content) == [("expression.too_many", "b")]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((throw("n", message("news")),), "message.goes_nowhere"),
        ((user("n"), boundary("one", "n", message("news")), boundary("two", "n", message("news"), interrupting=False),
          flows("one > end", "two > end")), "event.ambiguous"),
        ((user("n"),), "gateway.no_default"),
    ],
)  # fmt: skip
def test_what_hardly_anybody_means_is_pointed_out(parts: tuple[str, ...], code: str) -> None:
    content = around(*parts)
    if code == "gateway.no_default":
        content = draw(
            start(), user("n"), user("a"), end(), flows("start > n", "n > end if x", "n > a if y", "a > end")
        )

    assert (code, "warning") in {(finding.code, finding.severity) for finding in findings_of(content)}


# --- conditions ---


def test_a_condition_that_holds_between_two_steps_only_has_come_true() -> None:
    run = Run(
        draw(
            start(),
            parallel("fork"),
            catch("wait", WAITS),
            user("heard"),
            user("ask"),
            script("on", "1", "x"),
            script("off", "0", "x"),
            end(),
            flows("start > fork > wait > heard > end", "fork > ask > on > off > end"),
        )
    )

    assert run.complete("ask").tasks == ["heard"]


def test_an_interrupting_condition_stops_the_steps_behind_the_one_that_made_it_true() -> None:
    handler = sub_process("handler", start("seen", WAITS), user("look"), flows("seen > look"), triggeredByEvent="true")
    run = Run(
        draw(
            start(), user("ask"), script("on", "1", "x"), service("send", "post"), end(), handler,
            flows("start > ask > on > send > end"),
        ),
        services={"post": lambda inputs: pytest.fail("it was sent all the same")},
    )  # fmt: skip

    assert run.complete("ask").tasks == ["look"]
