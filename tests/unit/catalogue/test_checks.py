"""Each check has a folder that fails it and no other, with the line to mend."""

import io
import json
import os
import pickle
import re
import sys
from dataclasses import replace

import pytest

from databases import REPOSITORY
from workflows import cli
from workflows.catalogue import apart, bundle, checks, confined, deciding, verdict
from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.checking import names
from workflows.catalogue.examining import examine
from workflows.engine import parse
from workflows.errors import BrokenDefinition, Finding
from workflows.language import speaking


def _replace(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def _line(file, words):
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if words in line)


def test_a_case_type_of_the_house_passes(a_case_type):
    assert checks.check(a_case_type) == []


# File, what stands there, what is written instead, the one code that must be told, words on the line that is named.
MISTAKES = [
    ("case-type.yml", "  intake: {role: intake_officer}\n", "", "lane.without_role", "lanes:"),
    ("case-type.yml", "role: information_officer", "role: information_oficer", "role.unknown", "oficer"),
    ("case-type.yml", "by: intake_supervisor", "by: intake_supervisr", "role.unknown", "supervisr"),
    ("case-type.yml", "circle: [intake_officer,", "circle: [nobody,", "role.unknown", "circle:"),
    ("case-type.yml", "deadline: P-06, role", "deadline: P-66, role", "deadline.unknown", "P-66"),
    ("case-type.yml", "start_form: report", "start_form: raport", "form.unknown", "raport"),
    ("case-type.yml", "confidential_field: confidential", "confidential_field: secret", "field.unknown", "secret"),
    ("case-type.yml", "category: problem_code", "category: problem", "field.unknown", "category:"),
    ("case-type.yml", "form: withdrawal}", "form: withdraw}", "form.unknown", "form: withdraw}"),
    ("case-type.yml", "[mark_reply, mark_reopening]", "[mark_reply]", "variable.undeclared_writer", "entry:"),
    ("case-type.yml", "writers: [refer]", "writers: [refer, verify]", "variable.writer_is_silent", "refer, verify"),
    ("case-type.yml", "writers: [refer]", "writers: [refer, nobody]", "variable.unknown_writer", "refer, nobody"),
    ("process.bpmn", '</outgoing>\n    </startEvent>',
     '</outgoing><timerEventDefinition><timeDuration>duration("P1D")</timeDuration></timerEventDefinition>\n</startEvent>',
     "start.opens_no_case", 'id="complaint_filed"'),
    ("process.bpmn", 'camunda:formKey="refer"', 'camunda:formKey="reefer"', "form.unknown", "reefer"),
    ("process.bpmn", 'camunda:dueDate="P-10"', 'camunda:dueDate="P-99"', "deadline.unknown", "P-99"),
    ("process.bpmn", 'deadline("P-13")', 'deadline("P-31")', "deadline.unknown", "P-31"),
    ("process.bpmn", '<camunda:inputParameter name="stage">"postponed"', '<camunda:inputParameter name="stage">"p"',
     "stage.unknown", 'id="set_postponed"'),
    ("process.bpmn", 'name="stage" value="examined"', 'name="stage" value="exam"',
     "stage.unknown", 'id="record_result"'),
    ("process.bpmn", '>"withdrawn"<', '>"with"<', "disposition.unknown", 'id="close_withdrawn"'),
    ("process.bpmn", '>"withdrawn"<', '>if entry = null then "withdrawn" else "with"<', "disposition.unknown",
     'id="close_withdrawn"'),
    ("process.bpmn", 'name="four_eyes" value="write_answer"', 'name="four_eyes" value="wrote"',
     "task.four_eyes_unknown", 'id="review_answer"'),
    ("process.bpmn", '>"ombudsman_referral"<', '>"ombudsman"<', "letter.unknown", 'id="issue_ombudsman_letter"'),
    ("process.bpmn", '"information_extended"', '"extended"', "notice.unknown", 'id="notify_extended"'),
    ("process.bpmn", '>"write_answer"<', '>"wrote"<', "form.unknown", 'id="release_answer"'),
    ("process.bpmn", 'reply_kind = "accepted"', 'replykind = "accepted"',
     "variable.unwritten", 'id="reply_kind_gateway"'),
    ("process.bpmn", 'reply_kind = "accepted"', "reply_kind = 3", "expression.kinds_differ", "reply_kind = 3"),
    ("decisions/closing.dmn", '"aspiration_received"', '"aspiration"', "disposition.unknown", '"aspiration"<'),
    ("decisions/service_levels.dmn", '"P-04"', '"P-40"', "deadline.unknown", "P-40"),
    ("forms/report.form", '"label_en": "Short title"', '"account": "naem", "label_en": "X"',
     "form.unknown_word", '"naem"'),
    ("forms/report.form", '"label_en": "Short title"', '"refill": "yes", "label_en": "X"',
     "form.unknown_word", '"refill"'),
    ("forms/report.form", '"label_en": "Short title"', '"acount": "name", "label_en": "X"',
     "form.unknown_property", '"acount"'),
    ("forms/write_answer.form", '"audience": "reporter"', '"audience": "reporters"',
     "form.unknown_word", '"reporters"'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "code", "near"), MISTAKES, ids=[f"{m[3]}-{m[2]}" for m in MISTAKES])
def test_a_mistake_is_told_once_with_its_line(a_case_type, name, old, new, code, near):
    file = a_case_type / name
    _replace(file, old, new)

    findings = checks.check(a_case_type)

    assert {finding.code for finding in findings} == {code}
    assert findings[0].file == name
    assert abs(findings[0].line - _line(file, near)) <= 2
    assert all(finding.message for finding in findings)


ITEMS = """
items:
  list: {list}
  fields: {{amount: {amount}, received_on: event_date, kind: {kind}}}
  flags: [{flag}]
  givers: {{list: gifts, link: {link}, name: giver}}
"""
GIFTS = {
    "type": "dynamiclist", "id": "gifts", "path": "gifts", "label": "Kado", "properties": {"label_en": "Gifts"},
    "components": [
        {"type": "textfield", "id": "g_giver", "key": "giver", "label": "Pemberi", "properties": {"label_en": "Giver"}},
        {"type": "number", "id": "g_sum", "key": "sum", "label": "Nilai", "properties": {"label_en": "Value"}},
    ],
}  # fmt: skip
RIGHT = {"list": "gifts", "amount": "sum", "kind": "classification", "flag": "anonymous", "link": "null"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, None),
        ({"list": "gift"}, "items.no_such_list"),
        ({"amount": "summ"}, "field.unknown"),
        ({"amount": "giver"}, "items.wrong_type"),
        ({"kind": "story"}, "items.wrong_type"),
        ({"flag": "story"}, "items.wrong_type"),
        ({"link": "giver"}, "items.no_link"),
    ],
)
def test_what_items_says_of_the_forms_is_true_of_them(a_case_type, wrong, code):
    manifest, form = a_case_type / "case-type.yml", a_case_type / "forms" / "report.form"
    written = ITEMS.format(**{**RIGHT, **wrong}).replace("link: null, ", "")
    manifest.write_text(manifest.read_text() + written)
    document = json.loads(form.read_text())
    form.write_text(json.dumps({**document, "components": [*document["components"], GIFTS]}))

    findings = [finding for finding in checks.check(a_case_type) if finding.severity == "error"]

    assert [finding.code for finding in findings] == ([code] if code else [])


def test_a_task_without_a_form_and_without_a_lane(a_case_type):
    diagram = a_case_type / "process.bpmn"
    _replace(diagram, ' camunda:formKey="refer"', "")
    _replace(diagram, "<flowNodeRef>refer</flowNodeRef>", "")

    codes = {finding.code for finding in checks.check(a_case_type) if finding.element == "refer"}

    assert codes >= {"task.without_form", "task.without_lane"}


def test_a_letter_without_its_files_and_a_missing_notice(a_case_type):
    (a_case_type / "letters" / "closing" / "style.css").unlink()
    (a_case_type / "notices" / "closed.yml").unlink()

    assert {finding.code for finding in checks.check(a_case_type)} == {"letter.missing_file", "notice.unknown"}


def test_releasing_a_form_that_marks_nothing_for_the_reporter_is_told(a_case_type):
    form = a_case_type / "forms" / "write_answer.form"
    form.write_text(form.read_text().replace('"audience"', '"listeners"'))

    (finding,) = checks.check(a_case_type)

    assert (finding.code, finding.file) == ("content.nothing_released", "forms/write_answer.form")


def test_a_form_that_cannot_be_read_is_told_by_its_own_file(a_case_type):
    (a_case_type / "forms" / "reopen.form").write_text("{")

    files = {finding.file for finding in checks.check(a_case_type)}

    assert "forms/reopen.form" in files


def test_a_case_type_without_scenarios_is_accepted_with_a_warning(a_case_type):
    for file in (a_case_type / "scenarios").iterdir():
        file.unlink()

    (finding,) = checks.check(a_case_type)

    assert (finding.code, finding.severity) == ("scenario.none", "warning")


def test_the_reader_gets_a_hint_in_their_language(a_case_type):
    _replace(a_case_type / "case-type.yml", "start_form: report", "start_form: raport")

    with speaking("en"):
        (finding,) = [each for each in checks.check(a_case_type) if each.code == "form.unknown"]

    assert finding.fix == "Did you mean 'report'?"


def test_services_are_known_by_name_and_input(a_case_type):
    services = {
        "set_stage": ["stage"],
        "notify": ["template", "to", "delay?"],
        "suggest_duplicates": ["distance_metres", "days", "category"],
        "escalate": ["deadline"],
    }

    findings = checks.check(a_case_type, extra=[checks.known_services(services)])

    told = {(finding.code, finding.element) for finding in findings}
    assert ("service.unknown", "close_case") in told
    assert ("service.missing_input", "find_lookalikes") in told
    assert ("service.unknown_input", "escalate_regent") in told
    assert not any(element == "acknowledge" for _, element in told)


def test_checks_of_higher_floors_are_asked_too(a_case_type):
    def suspicious(bundle):
        yield Finding("ours.suspicious", f"{len(bundle.files)} files", file="process.bpmn")

    (finding,) = checks.check(a_case_type, extra=[suspicious])

    assert finding.code == "ours.suspicious"


def test_single_files_are_checked_as_far_as_they_go(a_case_type):
    diagram = checks.check(a_case_type / "decisions" / "closing.dmn")

    assert [(finding.code, finding.severity) for finding in diagram] == [("file.alone", "note")]


CALLS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="http://amanah.example/alone">
  <process id="alone" isExecutable="true">
    <startEvent id="begin"/><sequenceFlow id="a" sourceRef="begin" targetRef="call"/>
    <callActivity id="call" calledElement="elsewhere"/><sequenceFlow id="b" sourceRef="call" targetRef="rule"/>
    <businessRuleTask id="rule" camunda:decisionRef="table" camunda:resultVariable="x"/>
    <sequenceFlow id="c" sourceRef="rule" targetRef="end"/><endEvent id="end"/>
  </process></definitions>"""


@pytest.fixture
def in_this_process(monkeypatch):
    """Let `amanah check` do here what it has done in processes of their own, which `test_apart` tries."""

    def ask(job):
        return json.loads(json.dumps(confined.answer(pickle.loads(pickle.dumps(job)))))

    monkeypatch.setattr(confined, "_confine", lambda job: None)
    monkeypatch.setattr(confined, "_allow_seconds", lambda seconds: None)
    monkeypatch.setattr(apart, "_ask", ask)


@pytest.mark.usefixtures("in_this_process")
def test_what_a_single_file_calls_elsewhere_is_a_note_and_keeps_it_from_being_accepted(tmp_path, capsys):
    """Architecture 7: a note, status 0, and accepted is what `engine.parse` accepts."""
    path = tmp_path / "alone.bpmn"
    path.write_bytes(CALLS)

    status = cli.main(["check", str(path), "--json"])

    told = json.loads(capsys.readouterr().out)
    codes = {(finding["code"], finding["severity"], finding["line"]) for finding in told["findings"]}
    assert codes == {("file.alone", "note", 1), ("call.unknown", "note", 5), ("decision.unknown", "note", 6)}
    assert (status, told["accepted"]) == (0, False)
    with pytest.raises(BrokenDefinition):
        parse({"alone.bpmn": CALLS})
    cli.main(["check", str(path)])
    assert "Diterima." not in capsys.readouterr().out


ELSEWHERE = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://amanah.example/e">
  <process id="elsewhere" isExecutable="true">
    <startEvent id="begin"/><sequenceFlow id="a" sourceRef="begin" targetRef="end"/><endEvent id="end"/>
  </process></definitions>"""
TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="http://amanah.example/t"
  name="t" id="t">
  <decision id="table" name="Table"><variable name="x"/>
    <literalExpression><text>1</text></literalExpression></decision>
</definitions>"""


@pytest.mark.usefixtures("in_this_process")
def test_files_that_are_named_together_are_seen_together(tmp_path, capsys):
    """Also beside a diagram that has nothing to do with them, and beside a second one that calls the same."""
    other = CALLS.replace(b'process id="alone"', b'process id="other"').replace(b'id="call"', b'id="visit"')
    for name, content in {
        "alone.bpmn": CALLS,
        "other.bpmn": other.replace(b'"call"', b'"visit"'),
        "t.dmn": TABLE,
        "e.bpmn": ELSEWHERE,
        "own.bpmn": ELSEWHERE.replace(b'"elsewhere"', b'"own"'),
    }.items():
        (tmp_path / name).write_bytes(content)

    status = cli.main(["check", *(str(path) for path in sorted(tmp_path.iterdir())), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert {(each["file"], each["code"]) for each in told["findings"]} == {
        (path.name, "file.alone") for path in tmp_path.iterdir()
    }
    assert (status, told["accepted"], len(told["findings"])) == (0, True, 5)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path, capsys):
    for folder, content in {"a": CALLS, "b": ELSEWHERE}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.bpmn").write_bytes(content)

    cli.main(["check", *(str(tmp_path / folder / "p.bpmn") for folder in "ab"), "--json"])

    told = json.loads(capsys.readouterr().out)["findings"]
    assert [each["file"] for each in told if each["code"] == "decision.unknown"] == [f"{tmp_path}/a/p.bpmn"]


@pytest.mark.usefixtures("in_this_process")
def test_files_that_call_each_other_in_a_circle_are_told_so(tmp_path, capsys):
    back = CALLS.replace(b'"alone"', b'"elsewhere"').replace(b'calledElement="elsewhere"', b'calledElement="alone"')
    (tmp_path / "a.bpmn").write_bytes(CALLS)
    (tmp_path / "b.bpmn").write_bytes(back)

    status = cli.main(["check", str(tmp_path / "a.bpmn"), str(tmp_path / "b.bpmn"), "--json"])

    codes = [each["code"] for each in json.loads(capsys.readouterr().out)["findings"]]
    assert (status, codes.count("call.recursive")) == (1, 2)


@pytest.mark.parametrize(
    ("named", "code"), [(b' calledElement="elsewhere"', "call"), (b' camunda:decisionRef="table"', "decision")]
)
def test_who_calls_nobody_by_name_is_wrong_alone_too(tmp_path, named, code):
    path = tmp_path / "alone.bpmn"
    path.write_bytes(CALLS.replace(named, b""))

    assert (f"{code}.unnamed", "error") in [(finding.code, finding.severity) for finding in checks.check(path)]


def test_a_disposition_that_a_script_chooses_exists():
    ours = read_bundle(REPOSITORY / "bpmn" / "gratification")
    misspelt = ours.files["process.bpmn"].replace(b'"recipient_property" else', b'"recipients" else')

    (finding,) = names.dispositions_exist(examine(replace(ours, files={**ours.files, "process.bpmn": misspelt})))

    assert (finding.code, finding.element) == ("disposition.unknown", "close_case")
    assert b'id="settle"' in misspelt.splitlines()[finding.line - 1]


def test_an_early_message_names_stages_that_exist(a_case_type):
    manifest = a_case_type / "case-type.yml"
    early = "\nearly_messages:\n  reply: {for: P9D, stages: [nowhere], title: Sudah tahu?, title_en: Known already?}\n"
    manifest.write_text(manifest.read_text() + early)

    (finding,) = (each for each in checks.check(a_case_type) if each.code == "stage.unknown")

    assert (finding.file, finding.line) == ("case-type.yml", len(manifest.read_text().splitlines()))


def test_a_case_type_without_what_it_calls_is_refused(a_case_type):
    (a_case_type / "decisions" / "closing.dmn").unlink()

    findings = checks.check(a_case_type)

    assert "error" in {finding.severity for finding in findings if finding.code == "decision.unknown"}
    assert not verdict.accepts(findings)


def test_json_says_whether_it_was_accepted():
    note = Finding("x.y", "Pesan", severity="note", file="a.bpmn", line=3, element="e")

    accepted = json.loads(verdict.as_json([note]))
    refused = json.loads(verdict.as_json([note, Finding("x.z", "Salah")]))

    assert accepted == {
        "findings": [
            {
                "code": "x.y",
                "message": "Pesan",
                "fix": "",
                "severity": "note",
                "file": "a.bpmn",
                "line": 3,
                "element": "e",
            }
        ],
        "accepted": True,
    }
    assert refused["accepted"] is False


def test_a_path_that_cannot_be_read_is_the_callers_matter(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        checks.check(tmp_path / "nowhere")


def test_an_empty_folder_is_told(tmp_path):
    (finding,) = checks.check(tmp_path)

    assert finding.code == "bundle.empty"


SOUND = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
    b'<process id="p" isExecutable="true"><startEvent id="s"/><endEvent id="e"/>'
    b'<sequenceFlow id="f" sourceRef="s" targetRef="e"/></process></definitions>'
)
RUBBISH = [b"", b"\x00\xff\xfe", b"<", b"<definitions/>", b"[" * 9000, b"{" * 9000, b"a: *b", b"\xef\xbb\xbf", b"- 1"]


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize(
    "name", ["case-type.yml", "process.bpmn", "decisions/closing.dmn", "forms/verify.form", "scenarios/on_time.yml"]
)
def test_whatever_the_bytes_there_are_findings_and_never_a_traceback(a_case_type, name, rubbish):
    (a_case_type / name).write_bytes(rubbish)

    findings = checks.check(a_case_type)

    assert any(finding.severity == "error" for finding in findings) or name.startswith("scenarios")
    assert all(finding.line >= 1 for finding in findings)
    json.loads(verdict.as_json(findings))


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize("ending", [".bpmn", ".dmn"])
def test_a_single_file_of_rubbish_is_refused(rubbish, ending):
    findings = checks.check(Bundle({f"file{ending}": rubbish}, is_folder=False))

    assert any(finding.severity == "error" for finding in findings)


@pytest.mark.parametrize("name", ["x.bpmn20.xml", "x.BPMN", "x.DMN", "x.xml", "x.txt", "x"])
def test_a_single_file_is_read_whatever_its_name_ends_with(tmp_path, a_case_type, name):
    rubbish, good = tmp_path / name, tmp_path / f"good-{name}"
    rubbish.write_bytes(b"no diagram")
    table = (a_case_type / "decisions" / "closing.dmn").read_bytes()
    good.write_bytes(table if name.endswith("DMN") else SOUND)

    assert any(finding.severity == "error" for finding in checks.check(rubbish))
    assert [finding.code for finding in checks.check(good)] == ["file.alone"]


def test_a_table_under_another_name_is_read_as_a_table(tmp_path, a_case_type):
    table = tmp_path / "closing.dmn.xml"
    table.write_bytes((a_case_type / "decisions" / "closing.dmn").read_bytes())

    assert [finding.code for finding in checks.check(table)] == ["file.alone"]


@pytest.mark.parametrize("kind", ["pipe", "circle", "long"])
def test_what_is_no_file_is_not_waited_for(tmp_path, kind):
    path = tmp_path / ("x" * 300 if kind == "long" else kind)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "circle":
        path.symlink_to(path)

    with pytest.raises(OSError, match=re.escape(path.name)):
        checks.check(path)
    with pytest.raises(OSError, match=re.escape(path.name)):
        deciding.read_decisions(path)
    assert cli.main(["check", str(path)]) == 2


def test_names_that_nobody_can_write_are_no_trouble(tmp_path, capsys):
    odd = os.fsencode(tmp_path) + b"/\xff\x1b[31m.bpmn"
    with open(odd, "wb") as file:
        file.write(SOUND)

    assert cli.main(["check", "--json", os.fsdecode(odd)]) == 0
    (told,) = json.loads(capsys.readouterr().out)["findings"]
    assert told["file"] == "\ufffd\ufffd[31m.bpmn"
    assert [finding.code for finding in checks.check(tmp_path)] == ["file.alone"]


def test_what_the_terminal_cannot_write_is_escaped(monkeypatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)

    assert cli.main(["check", "--json", "/nowhere/é\udcff🎁.bpmn"]) == 2

    terminal.flush()
    (told,) = json.loads(terminal.buffer.getvalue())["findings"]
    assert told["file"] == "é\udcff🎁.bpmn"


def test_a_whole_disk_is_refused_before_it_has_been_walked(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "MOST_ENTRIES", 2)
    for number in range(3):
        (tmp_path / f"{number}.txt").touch()

    assert [finding.code for finding in checks.check(tmp_path)] == ["bundle.too_large"]


def test_no_check_is_left_out():
    asked = {check.__name__ for check in checks.CHECKS}

    assert all(re.fullmatch(r"[a-z_]+", name) for name in asked)
    assert len(asked) == len(checks.CHECKS)


PARALLEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://example.test">
  <bpmn:process id="main" isExecutable="true">
    <bpmn:startEvent id="begun" />
    <bpmn:parallelGateway id="fork" />
    <bpmn:userTask id="one" camunda:formKey="same" />
    <bpmn:userTask id="two" camunda:formKey="same" />
    <bpmn:parallelGateway id="join" />
    <bpmn:endEvent id="done" />
    <bpmn:sequenceFlow id="f1" sourceRef="begun" targetRef="fork" />
    <bpmn:sequenceFlow id="f2" sourceRef="fork" targetRef="one" />
    <bpmn:sequenceFlow id="f3" sourceRef="fork" targetRef="two" />
    <bpmn:sequenceFlow id="f4" sourceRef="one" targetRef="join" />
    <bpmn:sequenceFlow id="f5" sourceRef="two" targetRef="join" />
    <bpmn:sequenceFlow id="f6" sourceRef="join" targetRef="done" />
  </bpmn:process>
</bpmn:definitions>
"""


def test_forms_on_branches_that_run_at_once_may_not_fill_one_variable(a_case_type):
    refer = json.loads((a_case_type / "forms" / "verify.form").read_text())
    refer["id"] = "same"
    (a_case_type / "forms" / "same.form").write_text(json.dumps(refer))
    (a_case_type / "process.bpmn").write_text(PARALLEL)

    told = {(finding.code, finding.element, finding.line) for finding in checks.check(a_case_type)}

    assert ("variable.two_branches", "two", 8) in told


def test_a_single_table_is_told_what_is_wrong_with_it_as_a_whole(tmp_path):
    cells = [f"<rule><inputEntry><text>&lt;= {n}</text></inputEntry><outputEntry/></rule>" for n in (1, 2)]
    table = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">'
        '<decision id="d" name="D"><decisionTable hitPolicy="UNIQUE"><input label="x">'
        '<inputExpression typeRef="number"><text>x</text></inputExpression></input><output name="y"/>{}'
        "</decisionTable></decision></definitions>"
    )
    (tmp_path / "gap.dmn").write_text(table.format(cells[0]), encoding="utf-8")
    (tmp_path / "overlap.dmn").write_text(table.format("".join(cells)), encoding="utf-8")

    gap, overlap = (checks.check(tmp_path / name) for name in ("gap.dmn", "overlap.dmn"))

    assert {(each.code, each.severity) for each in gap} >= {("decision.gap", "warning")}
    assert {(each.code, each.severity) for each in overlap} >= {("decision.overlap", "error")}
