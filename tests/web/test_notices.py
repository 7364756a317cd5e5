"""The bell in the header and the page of notices."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from pages import Visitor
from stories import Story, person
from workflows.processes import by_hand

SignIn = Callable[[str], Visitor]


@pytest.fixture
def told(a_case: Story, begin_tx, session: Session) -> Story:
    """A complaint about which the regional secretary has just been told."""
    with begin_tx(person(session, "petugas")) as tx:
        by_hand.escalate(tx, a_case.case_id, to_role="regional_secretary", reason="Mendesak.")
    return a_case


def test_the_header_counts_what_is_unread(sign_in: SignIn, told: Story) -> None:
    assert "Pemberitahuan 1 belum dibaca" in sign_in("sekda")("/tugas").text
    assert "belum dibaca" not in sign_in("bupati")("/tugas").text


def test_a_notice_leads_to_its_case_and_is_read(sign_in: SignIn, told: Story) -> None:
    visit = sign_in("sekda")
    page = visit("/pemberitahuan")
    action = page.tree.xpath("string(//ul[@class='app-notices']//form/@action)")

    page = visit.fill(page, action)

    assert page.heading == told.number
    assert "belum dibaca" not in page.text


def test_everything_is_read_at_once(sign_in: SignIn, told: Story) -> None:
    visit = sign_in("sekda")

    page = visit.fill(visit("/pemberitahuan"), "/pemberitahuan/dibaca")

    assert "belum dibaca" not in page.text
    assert told.number in page.text


def test_the_notice_of_somebody_else_is_not_found(sign_in: SignIn, told: Story) -> None:
    action = sign_in("sekda")("/pemberitahuan").tree.xpath("string(//ul[@class='app-notices']//form/@action)")
    other = sign_in("bupati")
    token = other("/pemberitahuan").value("csrf_token")

    other.post(action, {"csrf_token": token}, status=404)


def test_nothing_to_tell_is_said(sign_in: SignIn) -> None:
    assert "Belum ada pemberitahuan." in sign_in("warga")("/pemberitahuan").text
