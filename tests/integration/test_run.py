"""`amanah run` as a person meets it: started, looked at, stopped with Ctrl-C, started again with everything kept."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest
import yaml

from databases import REPOSITORY
from ports import free_port
from workflows.embedded_postgres import EmbeddedPostgres

# On a machine that does much else; an idle one needs a tenth.
PATIENCE_SECONDS = 180
ACCOUNTS = {"warga", "petugas", "admin"}


@pytest.fixture(scope="module")
def home():
    """A home that the database's user may enter, unlike pytest's own folders."""
    with tempfile.TemporaryDirectory(prefix="run") as folder:
        Path(folder).chmod(0o755)
        # One case type is enough to be published; that all of them pass is asked elsewhere.
        for part in ("shared", "complaint"):
            shutil.copytree(REPOSITORY / "bpmn" / part, Path(folder) / "bpmn" / part)
        # Each account costs the real price of a password, so there are no more than are looked for.
        office = Path(folder) / "bpmn" / "shared" / "demonstration" / "office.yml"
        told = yaml.safe_load(office.read_text(encoding="utf-8"))
        told["users"] = [user for user in told["users"] if user["login"] in ACCOUNTS]
        office.write_text(yaml.safe_dump(told), encoding="utf-8")
        yield Path(folder) / ".amanah"


class Running:
    """One `amanah run`, from its start until it has said that it is ready."""

    def __init__(self, home):
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "AMANAH_ENV"}}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workflows.cli", "run"],
            cwd=REPOSITORY,
            env={
                **kept,
                "AMANAH_HOME": str(home),
                "AMANAH_DEFINITIONS": str(home.parent / "bpmn"),
                "PORT": str(self.port),
                "LC_ALL": "en_GB.UTF-8",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self.listen("Ctrl-C")

    def listen(self, words):
        """Read what it says up to the line with the words."""
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return
        raise AssertionError(f"it ended without saying {words!r}:\n{self.said}")

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_SECONDS) as reply:
            return reply.status, reply.read().decode()

    def interrupt(self):
        """Do what Ctrl-C does: tell everybody at the terminal."""
        os.killpg(self.process.pid, signal.SIGINT)
        rest, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, rest


@pytest.fixture
def running(home):
    started = Running(home)
    yield started
    if started.process.poll() is None:
        started.interrupt()


def test_a_first_start_serves_shows_the_accounts_and_leaves_nothing_behind(running, home):
    assert running.get("/sehat")[0] == 200
    assert running.get("/")[0] == 200

    file = home / "demo.json"
    passwords = json.loads(file.read_text())
    assert set(passwords) == ACCOUNTS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"http://127.0.0.1:{running.port}" in running.said
    assert all(
        re.search(rf"^\s*{re.escape(login)}\s+{password}$", running.said, re.M) for login, password in passwords.items()
    )

    status, rest = running.interrupt()

    assert status == 0
    assert "Everything has stopped." in rest
    assert "Traceback" not in running.said + rest
    assert not (EmbeddedPostgres(home / "postgres").folder / "data" / "postmaster.pid").exists()


def test_a_second_start_keeps_the_data_and_the_passwords_and_outlives_its_database(running, home):
    before = (home / "demo.json").read_text()
    assert running.get("/sehat")[0] == 200
    note = EmbeddedPostgres(home / "postgres").folder / "data" / "postmaster.pid"
    os.kill(int(note.read_text().split()[0]), signal.SIGKILL)
    running.listen("The database runs again.")
    assert running.get("/sehat")[0] == 200
    assert running.get("/")[0] == 200

    status, rest = running.interrupt()

    assert status == 0
    assert "Traceback" not in running.said + rest
    assert not note.exists()
    assert (home / "demo.json").read_text() == before
    assert all(password in running.said for password in json.loads(before).values())
