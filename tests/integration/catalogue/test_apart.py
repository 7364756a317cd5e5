"""The gate in a process of its own: the same findings, and an end to whatever takes too much."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from databases import REPOSITORY
from workflows import cli
from workflows.catalogue import apart, checks, confined
from workflows.catalogue.apart import Job, check_apart
from workflows.catalogue.bundle import Bundle
from workflows.language import speaking

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
GOOD = (
    f'{HEAD}<process id="p" isExecutable="true"><startEvent id="s"/><endEvent id="e"/>'
    '<sequenceFlow sourceRef="s" targetRef="e"/></process></definitions>'
)


@pytest.fixture
def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "good.bpmn"
    path.write_text(GOOD, encoding="utf-8")
    return path


def job(path: Path, **limits: int) -> Job:
    return Job(path, None, "", "id", **limits)


def test_it_says_what_the_checks_say_in_the_language_of_the_reader() -> None:
    on_no_disk = Bundle({"x.bpmn": GOOD.replace("isExecutable", "isMagic").encode()}, is_folder=False)

    with speaking("en"):
        found = check_apart(on_no_disk)
        assert found == checks.check(on_no_disk)
    assert "process" in " ".join(finding.message for finding in found)


def test_what_takes_too_long_is_ended_and_told(a_file: Path) -> None:
    found = check_apart(a_file, seconds_each=-1)

    assert [finding.code for finding in found] == ["check.too_long"]


def test_what_takes_too_much_memory_is_told(a_file: Path) -> None:
    assert [finding.code for finding in check_apart(a_file, memory=1_000_000)] == ["check.too_much_memory"]


def test_the_process_knows_no_secret_and_reaches_nobody() -> None:
    reach = (
        "import os, socket, workflows.catalogue.confined as c\n"
        "from workflows.catalogue.apart import Job\n"
        "c._confine(Job(None, None, '', 'id'))\n"
        "try: socket.socket().connect(('127.0.0.1', 9))\n"
        "except RuntimeError as refused: print(refused)\n"
        "try: os.system('true')\n"
        "except RuntimeError as refused: print(refused)\n"
    )
    done = subprocess.run([sys.executable, "-c", reach], capture_output=True, text=True, check=True, cwd=REPOSITORY)

    assert done.stdout.count("not allowed while a file is checked") == 2
    assert not {name for name in apart._ENVIRONMENT if "KEY" in name or "URL" in name or "AMANAH" in name}


@pytest.mark.parametrize("fault", [RuntimeError, RecursionError, KeyError, MemoryError])
def test_a_fault_in_a_check_accepts_nothing(
    a_file: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(confined, "_confine", lambda job: None)
    monkeypatch.setattr(confined, "_allow_seconds", lambda seconds: None)
    monkeypatch.setattr(confined, "check", fail)
    told = confined.answer(job(a_file))["findings"]

    assert [finding["severity"] for finding in told] == ["error"]


def test_the_command_prints_one_object_and_nothing_else(
    a_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", "--json", str(a_file)]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"]

    assert cli.main(["check", "--json", str(tmp_path / "nowhere.bpmn")]) == 2
    told = json.loads(capsys.readouterr().out)
    assert ([finding["code"] for finding in told["findings"]], told["accepted"]) == (["file.unreadable"], False)


def test_the_command_writes_missing_ids_into_the_file(a_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--repair", str(a_file)]) == 0

    assert "good.bpmn" in capsys.readouterr().out
    assert a_file.read_text(encoding="utf-8") == GOOD.replace(
        "<sequenceFlow ", '<sequenceFlow id="sequenceFlow_unnamed_1" '
    )
    assert "id.assigned" not in {finding.code for finding in checks.check(a_file)}
