"""A process that loads much looks for garbage less often, and at its end no more."""

import atexit
import gc
from collections.abc import Callable, Iterator

import pytest

from workflows import cli
from workflows.garbage import look_less_often


class Ends:
    """What is done at the end of the process, instead of the list of this one."""

    def __init__(self) -> None:
        self.kept: list[Callable[[], object]] = []

    def register(self, what: Callable[[], object]) -> None:
        self.kept.append(what)

    def unregister(self, what: Callable[[], object]) -> None:
        self.kept = [each for each in self.kept if each is not what]


@pytest.fixture(autouse=True)
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    """Python as it comes."""
    ends = Ends()
    monkeypatch.setattr(atexit, "register", ends.register)
    monkeypatch.setattr(atexit, "unregister", ends.unregister)
    measure = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield ends
    gc.set_threshold(*measure)


def test_a_process_looks_less_often_and_once_less_at_its_end(ends: Ends) -> None:
    look_less_often()
    look_less_often()

    assert gc.isenabled()
    assert gc.get_threshold() == (20_000, 20, 20)
    assert ends.kept == [gc.freeze]


def test_every_command_begins_with_it(ends: Ends, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["deadline", "P-01", "--from", "2026-03-02"])

    assert capsys.readouterr().out
    assert gc.get_threshold() == (20_000, 20, 20)
    assert ends.kept == [gc.freeze]
