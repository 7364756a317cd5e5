"""Headers on every answer of every method, a token on every form, sessions that end: walked over the whole site."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from complaints import ANSWERS, FORM
from looking import row_counts
from pages import Visitor
from situations.conftest import MovableClock
from stories import Story, person
from webapp.extensions import limiter
from webapp.security import headers_for
from workflows.journal.models import JournalEntry
from workflows.people.mandates import grant_role
from workflows.people.operations import deactivate, reset_password
from workflows.people.queries import unit_by_code, user_by_login

SignIn = Callable[[str], Visitor]
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE")


def every_address(app: Flask, story: Story) -> Iterator[tuple[str, frozenset[str]]]:
    """Give an address of every route, with the methods that it takes."""
    taken: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        taken.setdefault(rule.rule, set()).update(rule.methods or ())
    for pattern, methods in sorted(taken.items()):
        values = {"number": story.number, "case_type": "complaint", "code": "complaint", "name": "nichts.css"}
        address = re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
            lambda found: values.get(found[2], "1" if found[1] == "int" else str(uuid4())),  # noqa: B023
            pattern,
        )
        yield address, frozenset(methods)


def check_headers(address: str, answer: TestResponse) -> None:
    for name, value in headers_for(address).items():
        if name == "Cache-Control" and answer.status_code >= 400:
            value = "no-store"
        if name == "Content-Security-Policy":
            policy = answer.headers[name]
            assert policy == value or "sandbox" in policy
            assert "unsafe" not in policy
            continue
        assert answer.headers.get(name) == value, (address, name, answer.status)
    assert "Server" not in answer.headers or "Python" not in answer.headers["Server"]
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie, cookie
        assert "SameSite=" in cookie, cookie


@pytest.mark.parametrize("login", [None, "petugas"])
def test_every_method_of_every_address_answers_with_its_headers(
    app: Flask, story: Story, another_visitor: Callable[[], Visitor], sign_in: SignIn, login: str | None
) -> None:
    story.file()
    visit = sign_in(login) if login else another_visitor()
    for address, methods in every_address(app, story):
        # Who is signed in differs from a stranger where a page is shown or a form is heard; another method finds no
        # view, whoever asks.
        for method in methods & {"GET", "POST"} if login else METHODS:
            answer = visit.client.open(address, method=method)
            check_headers(address, answer)
            assert answer.status_code < 500 or address == "/sehat", (method, address, answer.status)
            if method not in methods:
                assert answer.status_code in {303, 404, 405}, (method, address, answer.status)


def test_no_post_is_heard_without_its_token(
    app: Flask, story: Story, another_visitor: Callable[[], Visitor], sign_in: SignIn, session: Session
) -> None:
    story.file()
    insider, stranger = sign_in("petugas"), another_visitor()
    posts = [address for address, methods in every_address(app, story) if "POST" in methods]
    assert len(posts) >= 25
    # That somebody tried what they may not is journalled, and that is all that happens.
    kept = {"user_session", "procrastinate_events", "journal_entry", "journal_head", "request_counter"}
    before = row_counts(session, leaving_out=kept)
    entries = row_counts(session)["journal_entry"]
    foreign = stranger("/lacak").form("/lacak").values["csrf_token"]
    tokens = ({}, {"csrf_token": "x"}, {"csrf_token": foreign})
    for number, address in enumerate(posts):
        # One guard looks at all tokens; whether it stands at an address is seen with any of them.
        given = tokens[number % len(tokens)]
        answer = insider.client.post(address, data=given)
        assert answer.status_code in {400, 404}, (address, given, answer.status)
        crossed = insider.client.post(address, data={}, headers={"Origin": "https://jahat.example"})
        assert crossed.status_code in {400, 404}
    assert row_counts(session, leaving_out=kept) == before
    since = session.scalars(select(JournalEntry.kind).order_by(JournalEntry.id).offset(entries))
    assert set(since) <= {"act.refused"}


class TestSessions:
    def test_half_an_hour_of_rest_ends_it_and_use_prolongs_it(self, sign_in: SignIn, clock: MovableClock) -> None:
        visit = sign_in("petugas")
        for _ in range(4):
            clock.instant += timedelta(minutes=29)
            visit("/tugas")
        clock.instant += timedelta(minutes=30, seconds=1)
        assert visit.client.get("/tugas").status_code == 303

    def test_a_working_day_ends_it_however_busy(self, sign_in: SignIn, clock: MovableClock) -> None:
        visit = sign_in("petugas")
        for _ in range(26):
            clock.instant += timedelta(minutes=28)
            answer = visit.client.get("/tugas")
        assert answer.status_code == 303

    @pytest.mark.parametrize("event", ["deactivated", "reset", "promoted", "signed out elsewhere"])
    def test_it_ends_at_once_everywhere(self, sign_in: SignIn, story: Story, session: Session, event: str) -> None:
        here, there = sign_in("petugas"), sign_in("petugas")
        user = user_by_login(session, "petugas")
        unit = unit_by_code(session, "DINKES")
        assert user is not None
        assert unit is not None
        if event == "signed out elsewhere":
            token = here.client.get_cookie("amanah_sesi")
            here.fill(here("/kredit"), "/keluar")
            assert token is not None
            there.client.set_cookie("amanah_sesi", token.value)
        with story.begin(person(session, "admin")) as tx:
            if event == "deactivated":
                deactivate(tx, user.id)
            elif event == "reset":
                reset_password(tx, user.id)
            elif event == "promoted":
                grant_role(tx, user.id, "office_liaison", unit.id)
        for visit in (here, there):
            assert visit.client.get("/tugas").status_code == 303

    def test_the_token_changes_when_somebody_signs_in(
        self, another_visitor: Callable[[], Visitor], passwords_made: dict[str, str]
    ) -> None:
        visit = another_visitor()
        visit.client.set_cookie("amanah_sesi", "gegeben")
        page = visit("/masuk")
        visit.fill(page, "/masuk", {"login": "petugas", "password": passwords_made["petugas"]})
        cookie = visit.client.get_cookie("amanah_sesi")
        assert cookie is not None
        assert cookie.value != "gegeben"


def test_twenty_people_behind_one_address_file_at_once(
    app: Flask, another_visitor: Callable[[], Visitor], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    statuses = []
    for _ in range(20):
        visit = another_visitor()
        form = {**visit(FORM).form(FORM).values, **ANSWERS, "_village_asked": "1"}
        statuses.append(visit.client.post(FORM, data=form).status_code)
    assert statuses == [303] * 20
    assert row_counts(session)["case_file"] == 20
