"""The database goes away in the middle of an act: no half of anything, and the reporter is told what was filed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from complaints import ANSWERS, FORM
from factories import NOW
from looking import row_counts
from pages import Page, Visitor
from situations.conftest import LiveOffice
from stories import STEPS
from webapp.app import create_app
from webapp.extensions import db, limiter
from workflows.cases.models import Case
from workflows.intake import operations as intake
from workflows.journal.verification import verify
from workflows.processes import advance, operations
from workflows.processes.outcomes import Outcome
from workflows.transaction import Tx


@pytest.fixture
def live_app(live: LiveOffice, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application on the committed office, with connections of its own."""
    app = create_app(live.settings, clock=lambda: NOW)
    monkeypatch.setattr(limiter, "enabled", False)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def reporter(live_app: Flask) -> Visitor:
    """A citizen's browser."""
    return Visitor(live_app.test_client())


def cut(session: Session) -> None:
    """Cut the session's own connection, as an administrator does who stops the server."""
    bind, process = session.get_bind(), session.connection().connection.driver_connection.info.backend_pid
    with bind.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})


@pytest.fixture
def cut_before(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Cut the connection of the next act at a place: before the engine's answer is written, or at the commit."""

    def arrange(place: str) -> None:
        if place == "advance":
            genuine = operations.advance

            def interrupted(call: advance.Call, *given: Any, **named: Any) -> Outcome:
                monkeypatch.setattr(operations, "advance", genuine)
                cut(call.tx.session)
                return genuine(call, *given, **named)

            monkeypatch.setattr(operations, "advance", interrupted)
            return
        genuine_remember, genuine_commit = intake.remember, Session.commit

        def remember(tx: Tx, *given: Any, **named: Any) -> None:
            tx.session.info["filing"] = True
            genuine_remember(tx, *given, **named)

        monkeypatch.setattr(intake, "remember", remember)

        def commit(session: Session) -> None:
            if not session.info.get("filing"):
                # Not the act that files: whoever draws a page commits as well.
                return genuine_commit(session)
            monkeypatch.setattr(Session, "commit", genuine_commit)
            if place == "commit":
                session.flush()
                cut(session)
                return genuine_commit(session)
            genuine_commit(session)
            raise OperationalError("COMMIT", {}, ConnectionResetError())

        monkeypatch.setattr(Session, "commit", commit)

    return arrange


def cases(live: LiveOffice) -> int:
    with live.look() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def send(reporter: Visitor, *, title: str) -> Page:
    form = {**reporter(FORM).form(FORM).values, **ANSWERS, "title": title}
    return reporter.post(FORM, form, status=503)


@pytest.mark.parametrize("place", ["advance", "commit"])
def test_a_report_that_was_cut_off_is_not_filed_and_says_so(
    live: LiveOffice, reporter: Visitor, cut_before: Callable[[str], None], place: str
) -> None:
    before = cases(live)
    with live.look() as session:
        rows = row_counts(session)
    cut_before(place)

    page = send(reporter, title="Putus di tengah jalan")

    assert "Belum ada yang terkirim" in page.text
    assert page.value("story") == ANSWERS["story"]
    with live.look() as session:
        assert row_counts(session) == rows
    answered = reporter.fill(page, FORM, {})
    assert answered.heading == "Laporan Anda sudah kami terima"
    assert cases(live) == before + 1


def test_a_report_whose_answer_was_lost_is_told_to_be_filed(
    live: LiveOffice, reporter: Visitor, cut_before: Callable[[str], None]
) -> None:
    before = cases(live)
    cut_before("answer")

    page = send(reporter, title="Jawaban hilang di jalan")

    assert "Kiriman Anda sudah tersimpan" in page.text
    assert "Belum ada yang terkirim" not in page.text
    assert cases(live) == before + 1
    answered = reporter.fill(page, FORM, {})
    assert answered.heading == "Laporan Anda sudah kami terima"
    assert cases(live) == before + 1


@pytest.mark.parametrize("element", ["verify", "review_answer"])
def test_a_step_that_was_cut_off_never_happened(
    live: LiveOffice, cut_before: Callable[[str], None], element: str
) -> None:
    story = live.story()
    story.file()
    story.work_through(element)
    with live.look() as session:
        rows, revision = row_counts(session), story.instance(session).revision
        waiting = story.waiting(session)
    cut_before("advance")

    with pytest.raises(DBAPIError):
        story.do(element, dict(STEPS)[element])

    with live.look() as session:
        assert row_counts(session) == rows
        assert (story.instance(session).revision, story.waiting(session)) == (revision, waiting)
        assert verify(session) is None
    story.do(element, dict(STEPS)[element])


def test_serialisation_and_deadlock_are_answered_like_a_rest(
    live: LiveOffice, reporter: Visitor, live_app: Flask
) -> None:
    """Whatever the database gives up is undone whole; the page offers to send it again."""
    with live.look() as session:
        rows = row_counts(session)
    struck: list[str] = []

    def strike(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO case_file") and not struck:
            struck.append(statement)
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'two at once' USING ERRCODE = '40P01'; END $$")

    with live_app.app_context():
        event.listen(db.engine, "before_cursor_execute", strike)
    page = send(reporter, title="Dua sekaligus")

    assert struck
    with live.look() as session:
        assert row_counts(session) == rows
    assert reporter.fill(page, FORM, {}).heading == "Laporan Anda sudah kami terima"
