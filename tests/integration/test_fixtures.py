"""The fixtures keep what they promise: nothing stays, acts can fail, strangers are refused."""

import contextlib
import socket

import pytest
from sqlalchemy import text

from factories import NOW


def count_jobs(session):
    return session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one()


ADD_JOB = text("INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('a', 'default')")


@pytest.mark.parametrize("time", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(begin_tx, session, time):
    assert count_jobs(session) == 0

    with begin_tx() as tx:
        tx.session.execute(ADD_JOB)

    assert count_jobs(session) == 1


def test_an_act_that_fails_takes_back_only_itself(begin_tx, session):
    with begin_tx() as tx:
        tx.session.execute(ADD_JOB)

    with contextlib.suppress(ZeroDivisionError), begin_tx() as tx:
        tx.session.execute(ADD_JOB)
        raise ZeroDivisionError

    assert count_jobs(session) == 1


def test_acts_take_place_at_the_instant_of_the_tests(begin_tx):
    with begin_tx() as tx:
        assert tx.now == NOW


def test_a_committed_database_is_a_copy_of_its_own(committed_database, session):
    with committed_database.engine.begin() as connection:
        connection.execute(ADD_JOB)

    with committed_database.engine.connect() as connection:
        assert count_jobs(connection) == 1
    assert count_jobs(session) == 0


def test_a_cleared_database_is_as_new_for_whoever_comes_next(database_server):
    def first_job(database):
        with database.engine.begin() as connection:
            connection.execute(ADD_JOB)
            return connection.execute(text("SELECT array_agg(id) FROM procrastinate_jobs")).scalar_one()

    with database_server.cleared_database() as database:
        left = database.engine.connect()
        left.execute(text("SELECT 1 FROM case_file FOR UPDATE"))
        assert first_job(database) == [1]
    with database_server.cleared_database() as again:
        assert again.url == database.url
        assert first_job(again) == [1]
        with database_server.cleared_database() as beside:
            assert beside.url != again.url
    left.invalidate()


def test_reaching_out_is_refused_and_remembered(reached_out_to):
    with socket.socket() as stranger, pytest.raises(OSError, match="may not talk"):
        stranger.connect(("192.0.2.1", 80))
    with pytest.raises(OSError, match="may not look up"):
        socket.getaddrinfo("mail.example", 25)

    assert reached_out_to == ["192.0.2.1", "mail.example"]
    reached_out_to.clear()
