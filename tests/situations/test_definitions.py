"""Diagrams and tables from anywhere: `amanah check` gives findings, soon, in bounded memory, never a traceback.

The command opens each file in a process of its own, whose limits `tests/integration/catalogue/test_apart.py` tries.
Here the checks stand without that net: in one process, so that what they cost can be measured.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from databases import REPOSITORY

# Checks each file and tells for each how it went, in processor time; memory is bounded for all.
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
from workflows.garbage import look_less_often
look_less_often()
from workflows.catalogue import checks, verdict
told = []
# What is read once, whatever is checked, counts for none of the files.
checks.check(Path("bpmn/complaint"))
for path in sys.argv[1:]:
    began = time.process_time()
    findings = checks.check(Path(path))
    told.append([path, time.process_time() - began, json.loads(verdict.as_json(findings))])
print(json.dumps([told, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""
HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
)
START = b'<process id="p" isExecutable="true"><startEvent id="begin"/>'
TAIL = b"</process></definitions>"
TASK = b'<userTask id="ask" name="x"/>'


def flow(number: int, source: str, target: str, condition: str = "") -> bytes:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'.encode()


def diagram(inner: bytes) -> bytes:
    return HEAD + START + inner + TAIL


DOCTYPES = {
    "doctype": b"<!DOCTYPE definitions>",
    "entity": b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "laughs": b'<!DOCTYPE d [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + step, b"&%c;" % (97 + step) * 10) for step in range(9))
    + b"]>",
    "parameter": b'<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>',
}
DMN = (
    b'<?xml version="1.0"?>'
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">'
)


def hostile(*, much: int = 50_000_000) -> dict[str, bytes]:
    """Give the files by name, the large ones with so many letters."""
    good = diagram(TASK + b'<endEvent id="end"/>' + flow(1, "begin", "ask") + flow(2, "ask", "end"))
    files = {f"{name}.bpmn": declared + good.partition(b"?>")[2] for name, declared in DOCTYPES.items()}
    table = DMN.partition(b"?>")[2] + b"</definitions>"
    files |= {f"{name}.dmn": declared + table for name, declared in DOCTYPES.items()}
    endless = "1+" * 200_000 + "1"
    return files | {
        "empty.bpmn": b"",
        "bytes.bpmn": bytes(range(256)) * 20,
        "utf16.bpmn": good.decode().replace("UTF-8", "UTF-16").encode("utf-16")[:-1],
        "cut.bpmn": good[:-30],
        "large.bpmn": diagram(b"<documentation>" + b"x" * much + b"</documentation>"),
        "deep.bpmn": HEAD + b"<process>" * 10_000 + b"</process>" * 10_000 + b"</definitions>",
        "deep_elements.bpmn": diagram(
            b"".join(b'<subProcess id="s%d">' % step for step in range(3000)) + b"</subProcess>" * 3000
        ),
        "wide.bpmn": diagram(b"".join(b'<userTask id="t%d"/>' % step for step in range(20_000))),
        "attributes.bpmn": diagram(b"<userTask id='x' " + b" ".join(b'a%d="x"' % n for n in range(50_000)) + b"/>"),
        "no_end.bpmn": diagram(TASK + flow(1, "begin", "ask") + flow(2, "ask", "ask")),
        "no_target.bpmn": diagram(TASK + flow(1, "begin", "nowhere")),
        "twice.bpmn": diagram(TASK * 2 + flow(1, "begin", "ask")),
        "no_true_branch.bpmn": diagram(
            b'<exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>'
            + flow(1, "begin", "g")
            + flow(2, "g", "a", "1 = 2")
            + flow(3, "g", "b", "false")
        ),
        "spin.bpmn": diagram(b'<exclusiveGateway id="g" default="f2"/>' + flow(1, "begin", "g") + flow(2, "g", "g")),
        "python.bpmn": diagram(
            b'<scriptTask id="s" scriptFormat="python"><script>__import__("os").system("id")</script></scriptTask>'
            + flow(1, "begin", "s")
        ),
        "expression.bpmn": diagram(
            b'<exclusiveGateway id="g"/><endEvent id="a"/>'
            + flow(1, "begin", "g")
            + flow(2, "g", "a", "(" * 20_000 + "1" + ")" * 20_000)
        ),
        "long_expression.bpmn": diagram(
            b'<exclusiveGateway id="g"/><endEvent id="a"/>' + flow(1, "begin", "g") + flow(2, "g", "a", endless)
        ),
        "self_call.bpmn": diagram(
            b'<callActivity id="c" calledElement="p"/><endEvent id="a"/>' + flow(1, "begin", "c") + flow(2, "c", "a")
        ),
        "reserved.bpmn": diagram(b'<userTask id="Root"/>' + flow(1, "begin", "Root")),
        "nameless.bpmn": diagram(b"<userTask/><sequenceFlow/>"),
        "timer.bpmn": diagram(
            b'<intermediateCatchEvent id="t"><timerEventDefinition><timeCycle>R/PT0S</timeCycle></timerEventDefinition>'
            b"</intermediateCatchEvent>" + flow(1, "begin", "t")
        ),
        "html.bpmn": b"<!doctype html><html><body>hello</body></html>",
        "empty.dmn": b"",
        "large.dmn": DMN + b"<description>" + b"x" * much + b"</description></definitions>",
        "deep.dmn": DMN + b"<decision>" * 10_000 + b"</decision>" * 10_000 + b"</definitions>",
        "loop.dmn": DMN
        + b'<decision id="a" name="a"><informationRequirement id="i"><requiredDecision href="#a"/>'
        + b'</informationRequirement><literalExpression id="l"><text>a</text></literalExpression>'
        + b"</decision></definitions>",
        "rules.dmn": DMN
        + b'<decision id="a" name="a"><decisionTable id="t" hitPolicy="UNIQUE"><input id="i"><inputExpression id="e">'
        + b'<text>x</text></inputExpression></input><output id="o" name="o"/>'
        + b"".join(
            b'<rule id="r%d"><inputEntry id="n%d"><text>%s</text></inputEntry><outputEntry id="u%d"><text>1</text>'
            b"</outputEntry></rule>" % (step, step, b"(" * 100, step)
            for step in range(3000)
        )
        + b"</decisionTable></decision></definitions>",
    }


# Unusual, but nothing in them is forbidden.
ALLOWED = {"spin.bpmn", "no_true_branch.bpmn", "timer.bpmn", "no_end.bpmn", "long_expression.bpmn"}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, tuple[float, dict]], int]:
    """What the command says of every file, how long it took, and the most memory in KiB."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, content in hostile().items():
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, sorted(folder.iterdir()))],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=REPOSITORY,
        env={**os.environ, "LANG": "en_GB.UTF-8", "AMANAH_DEFINITIONS": str(REPOSITORY / "bpmn")},
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert done.returncode == 0, done.stderr[-2000:]
    told, memory = json.loads(done.stdout)
    return {Path(path).name: (spent, answer) for path, spent, answer in told}, memory


@pytest.mark.parametrize("name", sorted(hostile(much=1)))
def test_a_hostile_definition_is_a_list_of_findings(
    checked: tuple[dict[str, tuple[float, dict]], int], name: str
) -> None:
    spent, answer = checked[0][name]

    assert spent < 5, spent
    errors = [finding for finding in answer["findings"] if finding["severity"] == "error"]
    assert answer["accepted"] == (not errors)
    assert errors or name in ALLOWED
    assert len(answer["findings"]) < 5_000
    for finding in answer["findings"]:
        assert finding["line"] >= 1
        assert finding["message"]
        assert "passwd:" not in finding["message"]
        assert len(finding["message"]) < 2_000


def test_memory_stays_bounded(checked: tuple[dict[str, tuple[float, dict]], int]) -> None:
    assert checked[1] < 1_000_000
