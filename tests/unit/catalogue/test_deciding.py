"""`amanah decide` and the vectors of tables: what is printed, with which status, and what the gate says of vectors."""

import json
from pathlib import Path

import pytest

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.vectors import vectors_hold
from workflows.cli import main

TABLES = Path(__file__).parents[3] / "bpmn" / "gratification" / "decisions"
LAW = TABLES / "reporting_duty.dmn"
SMALL = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">
<decision id="d" name="D"><decisionTable hitPolicy="UNIQUE">
<input label="x"><inputExpression typeRef="number"><text>x</text></inputExpression></input>
<output name="y" typeRef="string"/>
<rule id="r"><inputEntry><text>&gt; 5</text></inputEntry><outputEntry><text>"big"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.fixture(autouse=True)
def indonesian(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the terminal of whoever runs the tests speaks."""
    monkeypatch.setenv("LC_ALL", "id_ID.UTF-8")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.dmn"
    file.write_text(SMALL, encoding="utf-8")
    return file


def test_an_answer_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = {"kind": "l", "value": 1500000, "conflict_of_interest": False, "related_to_office": False}
    status = main(
        ["decide", str(LAW), "--decision", "reporting_duty", "--input", json.dumps(inputs), "--on", "2026-01-20"]
    )
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert (status, printed.err) == (0, "")
    assert list(answer) == ["decision", "result", "rules", "checksum", "effective_on"]
    assert (answer["result"]["ruling"], answer["rules"][0]["id"]) == ("exempt", "l_2026")


@pytest.mark.parametrize(
    ("inputs", "status"), [('{"x": 6}', 0), ('{"x": 5}', 1), ('{"z": 5}', 1), ('{"x": "6"}', 1), ("{", 2), ("[1]", 2)]
)
def test_the_status_tells_answers_refusals_and_what_is_unreadable(small: Path, inputs: str, status: int) -> None:
    assert main(["decide", str(small), "--input", inputs]) == status


@pytest.mark.parametrize(
    ("inputs", "status", "said"),
    [
        ("", 2, "not JSON, from character 1"),
        ('{"x": 6,}', 2, "not JSON, from character 9"),
        ('{"x": NaN}', 2, "NaN is no number"),
        ('{"x": 6, "x": 7}', 2, '"x" stands twice'),
        ('{"x": 1e99999999999999999999}', 2, "too large"),
        (f'{{"x": {"9" * 7000}}}', 1, "x: A number is too large"),
        ("[" * 3000, 2, "nested too deeply"),
        ("null", 2, "a JSON object"),
        ('{"x": true}', 1, "Given: true"),
        ('{"x": {"a": 1.50}}', 1, 'Given: {"a": 1.5}'),
        ('{"X": 6}', 1, 'Did you mean "x"?'),
    ],
)
def test_strange_inputs_are_told_in_a_sentence(
    small: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    inputs: str,
    status: int,
    said: str,
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert main(["decide", str(small), "--input", inputs]) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


def test_an_answer_has_every_digit(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    third = SMALL.replace('"big"', "x / 3").replace('name="y" typeRef="string"', 'name="y" typeRef="number"')
    small.write_text(third, encoding="utf-8")
    assert main(["decide", str(small), "--input", '{"x": 10}']) == 0
    assert '"result": 3.333333333333333333333333333333333,' in capsys.readouterr().out


def test_vectors_of_a_table_with_several_answers_expect_them_all(small: Path) -> None:
    small.write_text(SMALL.replace("UNIQUE", "COLLECT"), encoding="utf-8")
    beside = small.with_name("small.vectors.yml")
    beside.write_text("decision: d\nvectors:\n  - {inputs: {x: 6}, expect: {y: [big]}}\n", encoding="utf-8")
    assert main(["decide", str(small), "--vectors"]) == 0
    beside.write_text("decision: d\nvectors:\n  - {inputs: {x: 5}, expect: {y: [big]}}\n", encoding="utf-8")
    assert main(["decide", str(small), "--vectors"]) == 1


def test_what_cannot_be_read_is_told_beside_the_output(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small.write_text(SMALL.replace("&gt; 5", "&gt;"), encoding="utf-8")
    assert main(["decide", str(small), "--input", "{}"]) == 2
    assert main(["decide", str(small.with_name("gone.dmn")), "--input", "{}"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "small.dmn:5: feel.unfinished" in printed.err
    assert "    Perbaiki FEEL ini: >" in printed.err


def test_a_table_that_cannot_be_read_touches_nothing(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small.write_text(SMALL.replace("&gt; 5", "&gt;"), encoding="utf-8")
    assert main(["touches", str(small)]) == 2
    assert "small.dmn:5: feel.unfinished" in capsys.readouterr().err


def test_a_day_that_is_none_is_told(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["decide", str(small), "--input", "{}", "--on", "2026-02-30"])
    assert stop.value.code == 2
    assert "bukan tanggal; tulislah misalnya 2026-03-02" in capsys.readouterr().err


def test_an_unknown_decision_is_not_understood(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", str(small), "--decision", "e", "--input", "{}"]) == 2
    assert "d" in capsys.readouterr().err


def test_the_law_answers_as_all_its_vectors_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", str(LAW), "--vectors"]) == 0
    assert "contoh terjawab benar" in capsys.readouterr().out


def test_a_vector_that_fails_is_told_with_its_line(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small.with_name("small.vectors.yml").write_text(
        "decision: d\nvectors:\n  - {inputs: {x: 6}, expect: {y: big}}\n  - {inputs: {x: 5}, expect: {y: big}}\n",
        encoding="utf-8",
    )
    assert main(["decide", str(small), "--vectors"]) == 1
    assert "small.vectors.yml:4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "code", "line"),
    [
        ("decision: d\nvectors:\n  - {inputs: {x: 5}, expect: {y: big}}", "vectors.failed", 3),
        ("decision: d\nvectors:\n  - {inputs: {x: 6}, rule: other}", "vectors.failed", 3),
        ("decision: d\nvectors:\n  - {inputs: {x: 6}, refused: true}", "vectors.failed", 3),
        ("decision: d\nvectors:\n  - {inputs: {q: 6}, expect: {y: big}}", "vectors.failed", 3),
        ("decision: d\nvectors:\n  - {inputs: {x: 6}, expect: {yy: big}}", "vectors.failed", 3),
        ("decision: d\nvectors:\n  - {inputs: {x: 6}}", "vectors.unreadable", 3),
        ("decision: d\nvectors:\n  - {inputs: {x: 6}, expect: {y: big}, odd: 1}", "vectors.unreadable", 3),
        ("decision: d\nvectors: []", "vectors.unreadable", 2),
        ("decision: e\nvectors:\n  - {inputs: {x: 6}, expect: {y: big}}", "vectors.unknown_decision", 1),
    ],
)
def test_the_gate_tells_what_is_wrong_with_vectors(written: str, code: str, line: int) -> None:
    bundle = Bundle({"decisions/t.dmn": SMALL.encode(), "decisions/t.vectors.yml": written.encode()})
    assert [(finding.code, finding.line) for finding in vectors_hold(bundle)] == [(code, line)]


def test_vectors_without_a_table_are_told() -> None:
    bundle = Bundle({"decisions/t.vectors.yml": b"decision: d"})
    assert [finding.code for finding in vectors_hold(bundle)] == ["vectors.no_table"]
