"""What a case rests upon is kept, and a table with a new row tells which open cases it would answer otherwise."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SAMPLE, create_case, publish_sample
from factories import NOW
from workflows.cases.models import Case
from workflows.decisions.graph import Decision
from workflows.decisions.reader import parse
from workflows.journal.models import JournalEntry
from workflows.processes import operations as processes
from workflows.processes.models import DecisionRecord
from workflows.processes.touching import touched
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]
ROW = (
    '<rule id="{}"><inputEntry><text>{}</text></inputEntry><inputEntry><text>{}</text></inputEntry>'
    "<outputEntry><text>{}</text></outputEntry></rule>"
)
TASK = (
    '<businessRuleTask id="ask_limit" camunda:decisionRef="limit" camunda:resultVariable="allowed" '
    'camunda:mapDecisionResult="singleEntry" /><sequenceFlow id="to_really_check" sourceRef="ask_limit" '
    'targetRef="check" />'
)


def table(*rows: tuple[str, str, str, str]) -> bytes:
    """Write the table `limit` over the day and the amount; rows are (id, day, amount, answer)."""
    written = "".join(ROW.format(*(part.replace("<", "&lt;").replace(">", "&gt;") for part in row)) for row in rows)
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">'
        '<decision id="limit" name="Batas"><decisionTable hitPolicy="FIRST">'
        '<input label="on"><inputExpression typeRef="date"><text>received_on</text></inputExpression></input>'
        '<input label="amount"><inputExpression typeRef="number"><text>amount</text></inputExpression></input>'
        f'<output name="allowed" typeRef="boolean"/>{written}</decisionTable></decision></definitions>'
    ).encode()


OLD = table(("small", "-", "<= 1000000", "true"), ("large", "-", "-", "false"))
NEW = table(
    ("small", '< date("2026-01-20")', "<= 1000000", "true"),
    ("small_2026", '>= date("2026-01-20")', "<= 1500000", "true"),
    ("large", "-", "-", "false"),
)


def limit(content: bytes) -> Decision:
    return parse(content, "limit.dmn")["limit"]


@pytest.fixture
def cases(begin_tx: BeginTx) -> list[Case]:
    """Three cases of the sample, of which each asked the table before anything else."""
    diagram = (SAMPLE / "process.bpmn").read_text(encoding="utf-8")
    diagram = diagram.replace(
        'sourceRef="filed" targetRef="check" />', f'sourceRef="filed" targetRef="ask_limit" />{TASK}'
    )
    replacing = {"process.bpmn": diagram.encode(), "decisions/limit.dmn": OLD}
    with begin_tx() as tx:
        version = publish_sample(tx, replacing)
        made = []
        for amount, day in ((900_000, "2026-02-01"), (1_200_000, "2026-02-01"), (1_200_000, "2026-01-02")):
            case = create_case(tx)
            processes.start(tx, case.id, version.id, {"amount": amount, "received_on": day})
            made.append(case)
    return made


def test_a_decision_is_kept_with_what_it_read_and_journalled_with_its_rules(
    session: Session, cases: list[Case]
) -> None:
    first = session.scalars(select(DecisionRecord).where(DecisionRecord.inputs["amount"].as_integer() == 900_000)).one()
    assert (first.element, first.decision, first.rules, first.place) == ("ask_limit", "limit", ["small"], 0)
    assert (first.inputs, first.answer) == ({"received_on": "2026-02-01", "amount": 900_000}, [{"allowed": True}])
    assert (str(first.effective_on), first.checksum) == ("2026-02-01", limit(OLD).checksum)
    entries = session.scalars(select(JournalEntry).where(JournalEntry.kind == "step.decided")).all()
    assert [entry.facts["rules"] for entry in entries] == ["small", "large", "large"]
    assert entries[0].facts["effective_on"] == "2026-02-01"


def test_a_new_row_touches_the_open_cases_whose_answer_it_changes(session: Session, cases: list[Case]) -> None:
    looked = touched(session, limit(NEW))

    assert looked.asked == 3
    (only,) = looked.touched
    assert (only.number, only.element, only.rules_then, only.rules_now) == (
        cases[1].number,
        "ask_limit",
        ("large",),
        ("small_2026",),
    )
    assert (only.then, only.now) == ([{"allowed": False}], [{"allowed": True}])
    assert only.changes == (("allowed", False, True),)


def test_the_same_table_touches_nothing_and_closed_cases_are_left_alone(session: Session, cases: list[Case]) -> None:
    assert touched(session, limit(OLD)).touched == []
    assert touched(session, limit(NEW), case_type="another").asked == 0
    cases[1].closed_at = NOW
    assert touched(session, limit(NEW)).touched == []


def test_a_confidential_case_is_told_without_its_number(session: Session, cases: list[Case]) -> None:
    cases[1].confidential = True
    (only,) = touched(session, limit(NEW)).touched
    assert (only.case_id, only.number) == (cases[1].id, None)


def test_a_table_that_takes_the_inputs_no_more_says_so(session: Session, cases: list[Case]) -> None:
    stricter = NEW.replace(b"<text>amount</text></inputExpression>", b"<text>amount</text></inputExpression>"
                           b"<inputValues><text>[0..1000000]</text></inputValues>")  # fmt: skip
    looked = touched(session, limit(stricter))
    assert len(looked.touched) == 2
    assert "amount" in looked.touched[0].refusal
