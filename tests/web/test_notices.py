"""The bell in the header and the page of notices."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from factories import NOW
from pages import Visitor
from stories import VERIFIED, Story, person
from workflows.notices.models import Notice
from workflows.notices.queries import unread_count
from workflows.processes import by_hand
from workflows.tasks import operations as tasks

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
    assert f"Buka kasus {told.number}" in page.text

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


def test_a_task_that_somebody_took_rings_for_nobody_any_more(a_case: Story, begin_tx, session: Session) -> None:
    taker, colleague = person(session, "petugas"), person(session, "petugas2")
    assert (unread_count(session, taker), unread_count(session, colleague)) == (1, 1)

    with begin_tx(taker) as tx:
        tasks.claim(tx, a_case.task(session, "verify").id)

    assert (unread_count(session, taker), unread_count(session, colleague)) == (0, 0)


def test_a_task_that_was_assigned_rings_for_its_new_holder_alone(a_case: Story, begin_tx, session: Session) -> None:
    holder, other = person(session, "petugas2"), person(session, "petugas")
    with begin_tx(person(session, "penyelia")) as tx:
        tasks.assign(tx, a_case.task(session, "verify").id, holder.user_id)

    assert (unread_count(session, holder), unread_count(session, other)) == (1, 0)


def test_a_task_that_is_done_or_gone_rings_for_nobody_any_more(a_case: Story, session: Session) -> None:
    officer = person(session, "petugas")
    a_case.do("verify", VERIFIED)
    # The next task rings now, the one that is done no more.
    assert unread_count(session, officer) == 1

    a_case.send("withdrawn", withdrawal_confirmed="Sudah selesai sendiri.")

    assert unread_count(session, officer) == 0


def test_many_notices_are_turned_by_pages_and_counted_in_two_digits(sign_in: SignIn, session: Session) -> None:
    texts = {language: {"bell": "Ada kabar"} for language in ("id", "en")}
    user = person(session, "bupati").user_id
    row = {"channel": "bell", "user_id": user, "template": "x", "context": {}, "texts": texts, "created_at": NOW}
    session.execute(insert(Notice), [{"id": uuid4(), **row} for _ in range(101)])
    visit = sign_in("bupati")

    page = visit("/pemberitahuan")

    assert "99+ belum dibaca" in page.text
    assert page.text.count("Ada kabar") == 2 * 20
    last = visit("/pemberitahuan?halaman=6")
    assert last.text.count("Ada kabar") == 2
    assert visit("/pemberitahuan?halaman=77").text.count("Ada kabar") == 2
