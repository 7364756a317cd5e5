"""Figures for Prometheus and a line for each request: who may read them, and that they name nobody."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from factories import NOW
from pages import Visitor
from stories import Story
from web.conftest import BeginTx, MovableClock
from workflows.cases.models import CaseDeadline
from workflows.incidents.operations import Cause, raise_incident
from workflows.settings import Settings

SignIn = Callable[[str], Visitor]


def figures(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = (line.rsplit(" ", 1) for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_they_are_for_this_machine_alone(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    # A proxy on this machine asks for somebody else.
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_a_token_opens_them_from_anywhere_and_nothing_else_does(app: Flask, settings: Settings) -> None:
    app.extensions["amanah_settings"] = replace(settings, metrics_token="geheim")
    client = app.test_client()

    def status(**headers: str) -> int:
        return client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code

    assert status(Authorization="Bearer geheim") == 200
    assert status(Authorization="Bearer wrong") == 404
    assert client.get("/metrics").status_code == 404


def test_they_tell_the_state_of_the_house_and_no_name(
    client: FlaskClient, a_case: Story, session: Session, clock: MovableClock, begin_tx: BeginTx
) -> None:
    with begin_tx() as tx:
        raise_incident(tx, "job.failed", "x", Cause("OSError", "y"), owner_role="administrator", case_id=a_case.case_id)
    session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (:at)"), {"at": NOW})
    clock.instant = session.scalars(select(CaseDeadline.due_at)).one() + timedelta(hours=1)

    told = figures(client)

    assert (told["amanah_open_cases"], told["amanah_late_cases"], told["amanah_running_processes"]) == (1, 1, 1)
    assert told['amanah_open_incidents{kind="job.failed"}'] == 1
    assert told["amanah_oldest_incident_seconds"] > 86400
    assert told["amanah_due_timers"] >= 1
    assert told["amanah_timer_lateness_seconds"] >= 3600
    assert told['amanah_jobs{state="waiting",task="processes.wake"}'] >= 1
    assert told['amanah_workers{state="silent"}'] == 1
    assert told["amanah_worker_silence_seconds"] == (clock.instant - NOW).total_seconds()
    assert told["amanah_oldest_job_seconds"] >= 3600
    assert told["amanah_kept_messages"] == 0
    assert told["amanah_journal_entries_total"] > 0
    written = client.get("/metrics").get_data(as_text=True)
    assert a_case.number not in written
    assert "Siti" not in written


def test_requests_and_acts_are_counted_by_the_pattern_of_their_address(
    client: FlaskClient, a_case: Story, sign_in: SignIn
) -> None:
    request = 'amanah_request_seconds_count{method="GET",route="/kasus/<number>",status="200"}'
    before = figures(client)

    sign_in("petugas")(f"/kasus/{a_case.number}")

    after = figures(client)
    assert after[request] == before.get(request, 0) + 1
    assert {name for name in after if name.startswith("amanah_acts_total") and after[name] != before.get(name, 0)}
    assert not any(a_case.number in name for name in after)


def test_a_line_for_each_request_says_how_it_was_answered_and_not_by_whom(
    client: FlaskClient, a_case: Story, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "amanah.requests")
    visit = sign_in("petugas")
    caplog.clear()

    visit(f"/kasus/{a_case.number}")
    client.get("/lacak?rahasia=1")

    officer, public = (vars(record) for record in caplog.records)
    assert (officer["route"], officer["method"], officer["status"]) == ("/kasus/<number>", "GET", 200)
    assert officer["case"] == a_case.number
    assert officer["ms"] >= 0
    assert (public["route"], public["case"]) == ("/lacak", None)
    assert "127.0.0.1" not in caplog.text
    assert "petugas" not in caplog.text


def test_an_answer_bears_the_id_of_its_request_which_a_stranger_cannot_choose(client: FlaskClient) -> None:
    answer = client.get("/", headers={"X-Request-ID": "chosen-by-a-stranger"})

    assert len(answer.headers["X-Request-ID"]) == 32
