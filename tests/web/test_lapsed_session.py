"""A session that ends while somebody is writing: nothing that was typed is lost, and nobody is let in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints import ANSWERS, fill
from pages import Page, Visitor
from workflows.tasks.models import TaskDraft

pytestmark = pytest.mark.usefixtures("complaints_open")

SignIn = Callable[[str], Visitor]


@pytest.fixture
def officer(sign_in: SignIn, another_visitor: Callable[[], Visitor]) -> tuple[Visitor, Page]:
    """An officer with the form of a waiting task open."""
    fill(another_visitor(), ANSWERS)
    visit = sign_in("petugas")
    inbox = visit("/tugas?lingkup=unit")
    return visit, visit(inbox.tree.xpath("string(//tbody//th/a/@href)"))


def post(visit: Visitor, page: Page, **changed: str) -> str:
    address = page.response.request.path
    form = page.form(address).values | {"problem_code": "02"} | changed
    answer = visit.client.post(address, data=form)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_what_was_typed_waits_as_a_draft(officer: tuple[Visitor, Page], clock, passwords_made: dict[str, str]) -> None:
    visit, page = officer
    clock.instant += timedelta(minutes=45)
    target = post(visit, page, verification="verified")
    assert target.startswith("/masuk?lanjut=/tugas/")
    page = visit.fill(visit(target), "/masuk", {"login": "petugas", "password": passwords_made["petugas"]})
    assert page.value("problem_code") == "02"
    assert page.value("verification") == "verified"


def test_a_form_that_is_not_ours_leaves_nothing(officer: tuple[Visitor, Page], clock, session: Session) -> None:
    visit, page = officer
    clock.instant += timedelta(minutes=45)
    post(visit, page, csrf_token="palsu")
    assert session.scalars(select(TaskDraft)).all() == []


def test_a_session_ended_on_purpose_keeps_nothing(officer: tuple[Visitor, Page], session: Session) -> None:
    visit, page = officer
    token = visit.client.get_cookie("amanah_sesi")
    assert token is not None
    form_page = visit.fill(page, "/keluar")
    assert "Anda sudah keluar." in form_page.text
    visit.client.set_cookie("amanah_sesi", token.value)
    post(visit, page)
    assert session.scalars(select(TaskDraft)).all() == []


def test_a_browser_that_lost_every_cookie_is_told_calmly_where_it_stands(
    officer: tuple[Visitor, Page], visit: Visitor
) -> None:
    signed_in, page = officer
    address = page.response.request.path
    signed_in.client.delete_cookie("amanah_sesi")

    page = signed_in(address)

    assert page.heading == "Masuk"
    assert "sesinya sudah berakhir" in page.text
    # Whoever chose to sign in is not told of a session that never was.
    assert "sesinya" not in visit("/masuk").text
    assert "sesinya" not in visit("/masuk?lanjut=/lapor/gratification").text
