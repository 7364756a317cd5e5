"""Child processes start together and stop together, and nothing is left behind."""

import os
import signal
import subprocess
import sys

import pytest

from workflows.supervision import Company, Ended

FOREVER = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()",
]


def lives(process):
    """Tell whether the process runs; a zombie that nobody has buried does not."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="utf-8") as listed:
        return [process for process in listed.read().split() if lives(process)]


def test_children_are_stopped_when_the_block_ends():
    before = children()

    with Company() as company:
        company.start("one", FOREVER, os.environ)
        company.start("two", FOREVER, os.environ)
        assert len(children()) == len(before) + 2

    assert children() == before


def test_a_child_that_does_not_listen_is_cut_off(monkeypatch):
    monkeypatch.setattr("workflows.supervision.PATIENCE_SECONDS", 0.3)
    before = children()

    with Company() as company:
        company.start("stubborn", STUBBORN, os.environ)

    assert children() == before


def test_a_child_that_ends_by_itself_ends_the_watch():
    with Company() as company:
        company.start("other", FOREVER, os.environ)
        company.start("short", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)

        assert company.watch() == Ended("short", 3)


def test_what_is_done_meanwhile_is_done_at_every_look():
    with Company() as company:
        company.start("one", FOREVER, os.environ)
        assert company.watch(lambda: os.kill(os.getpid(), signal.SIGTERM)) == Ended(child=None)


def test_whoever_stops_them_may_have_less_patience(monkeypatch):
    monkeypatch.setattr("workflows.supervision.PATIENCE_SECONDS", 10**6)
    before = children()
    with Company() as company:
        company.start("one", STUBBORN, os.environ)
        company.start("two", STUBBORN, os.environ)

        company.stop(patience=0.3)

        assert children() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_asks_to_stop_is_heard(number):
    with Company() as company:
        company.start("one", FOREVER, os.environ)
        os.kill(os.getpid(), number)

        assert company.watch() == Ended(child=None)


def test_signals_mean_again_what_they_meant_before():
    before = signal.getsignal(signal.SIGINT)

    with Company():
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before


def test_waiting_ends_when_there_is_no_hope():
    with Company() as company:
        company.start("short", [sys.executable, "-c", ""], os.environ)

        assert company.wait_until(lambda: False, seconds=60) is False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_do_not_outlive_a_parent_that_was_killed():
    program = (
        "import os, sys; from workflows.supervision import Company\n"
        "company = Company()\n"
        f"company.start('one', {FOREVER!r}, os.environ)\n"
        "print(next(iter(company._children.values())).pid, flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        said = {parent.stdout.readline().strip(), parent.stdout.readline().strip()}
        child = int(next(iter(said - {b"up"})))
        assert lives(child)

        parent.kill()

        # Both hold the other end of this pipe: it closes when the child is gone, too.
        assert parent.communicate(timeout=120)[0] == b""
