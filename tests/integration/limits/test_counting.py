"""Counting requests within a window."""

from datetime import timedelta

from factories import NOW
from workflows.limits.operations import add, count_kept, forget, forget_passed, look

MINUTE = timedelta(minutes=1)


def test_a_window_counts_on(session) -> None:
    connection = session.connection()

    assert [add(connection, "masuk:petugas", window=MINUTE, now=NOW) for _ in range(3)] == [1, 2, 3]
    assert look(connection, "masuk:petugas", now=NOW) == (3, NOW + MINUTE)


def test_a_window_that_has_passed_begins_anew(session) -> None:
    connection = session.connection()
    add(connection, "k", window=MINUTE, now=NOW, amount=9)

    assert look(connection, "k", now=NOW + MINUTE) == (0, NOW + MINUTE)
    assert add(connection, "k", window=MINUTE, now=NOW + MINUTE) == 1


def test_keys_do_not_mix_and_are_not_readable(session) -> None:
    connection = session.connection()
    add(connection, "masuk:petugas", window=MINUTE, now=NOW)

    assert add(connection, "masuk:warga", window=MINUTE, now=NOW) == 1
    stored = connection.exec_driver_sql("select string_agg(key, ' ') from request_counter").scalar_one()
    assert "petugas" not in stored


def test_counters_are_dropped_when_their_window_has_passed(session) -> None:
    connection = session.connection()
    add(connection, "old", window=MINUTE, now=NOW)
    add(connection, "new", window=MINUTE, now=NOW + MINUTE)

    assert forget_passed(connection, NOW + MINUTE) == 1
    assert count_kept(connection) == 1
    assert forget(connection, "new") == 1
