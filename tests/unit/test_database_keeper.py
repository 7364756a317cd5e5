"""A database that dies under `amanah run` is started again: at once, then after pauses that grow."""

from workflows.embedded_postgres import PostgresUnavailable
from workflows.launch import DatabaseKeeper


class Mortal:
    """A server that dies when told to, and comes back unless it is broken."""

    def __init__(self, clock):
        self.clock = clock
        self.has_died = False
        self.broken = False
        self.tries = []

    def revive(self):
        self.tries.append(self.clock.now)
        if self.broken:
            raise PostgresUnavailable("the disk is full")
        self.has_died = False


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_a_living_database_is_left_alone(capsys):
    server = Mortal(Clock())

    DatabaseKeeper(server, clock=server.clock).look()

    assert server.tries == []
    assert capsys.readouterr().out == ""


def test_a_database_of_somebody_else_is_not_ours_to_start():
    DatabaseKeeper(None).look()


def test_a_dead_database_is_started_at_once_and_that_is_said(capsys):
    server = Mortal(Clock())
    server.has_died = True

    DatabaseKeeper(server, clock=server.clock).look()

    assert server.tries == [1000.0]
    said = capsys.readouterr().out
    assert said == "Basis data berhenti sendiri; dinyalakan lagi.\nBasis data jalan lagi.\n"


def test_one_that_cannot_start_is_tried_again_after_pauses_that_grow(capsys):
    server = Mortal(Clock())
    server.has_died = server.broken = True
    keeper = DatabaseKeeper(server, clock=server.clock)

    for _ in range(100):
        keeper.look()
        server.clock.now += 1

    assert [later - earlier for earlier, later in zip(server.tries, server.tries[1:], strict=False)] == [
        1, 2, 4, 8, 16, 30, 30,
    ]  # fmt: skip
    assert "the disk is full" in capsys.readouterr().out


def test_one_that_lived_long_is_started_at_once_again():
    server = Mortal(Clock())
    server.has_died = True
    keeper = DatabaseKeeper(server, clock=server.clock)
    keeper.look()

    server.clock.now += 3600
    server.has_died = True
    keeper.look()

    assert server.tries == [1000.0, 4600.0]
