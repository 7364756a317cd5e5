"""Printed reports of a case: asked for, printed by the worker, fetched, in every edition."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from sqlalchemy.orm import Session

from pages import Visitor
from stories import BeginTx, Story, person
from workflows.case_reports.operations import ask_report
from workflows.storage.operations import put

SignIn = Callable[[str], Visitor]


@pytest.mark.parametrize(
    ("edition", "variant", "language"),
    [("internal", "archival", ""), ("reporter", "accessible", "en"), ("ombudsman", "archival", "id")],
)
def test_each_edition_is_asked_for_printed_and_fetched(
    sign_in: SignIn, a_case: Story, do_what_is_due: Callable[[], int], edition: str, variant: str, language: str
) -> None:
    visit = sign_in("petugas")
    place = f"/kasus/{a_case.number}/laporan"

    page = visit.fill(visit(place), place, {"edition": edition, "variant": variant, "language": language})
    assert "Menunggu giliran" in page.text
    do_what_is_due()
    page = visit(place)

    number = page.tree.xpath("string(//*[@id='cetakan']//span[@class='app-checksum'])")
    assert "Tanpa segel elektronik." in visit(f"/verifikasi/{number}").text
    answer = visit.client.get(page.link("Unduh PDF"))
    assert answer.mimetype == "application/pdf"
    assert a_case.number in answer.headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(answer.data)) as printed:
        assert len(printed.pages) >= 1
        assert str(printed.Root.Lang) == (language or "id")


def test_progress_renews_itself_and_can_be_asked_for(sign_in: SignIn, a_case: Story) -> None:
    visit = sign_in("petugas")
    place = f"/kasus/{a_case.number}/laporan"

    page = visit.fill(visit(place), place)

    assert page.tree.xpath("//section[@id='cetakan']/@hx-trigger") == ["every 3s"]
    assert page.link("Lihat kemajuan terbaru") == place


@pytest.mark.parametrize(("seal", "said"), [("trial", "Segel percobaan."), ("office", "Segel elektronik kantor.")])
def test_whoever_verifies_is_told_whose_seal_it_is(
    visit: Visitor,
    a_case: Story,
    begin_tx: BeginTx,
    session: Session,
    seal: str,
    said: str,
) -> None:
    with begin_tx(person(session, "petugas")) as tx:
        report = ask_report(tx, a_case.case_id)
        report.seal = seal

    assert said in visit(f"/verifikasi/{report.document_id}").text


def test_a_report_of_another_office_is_not_found(
    sign_in: SignIn, a_case: Story, begin_tx: BeginTx, session: Session
) -> None:
    visit = sign_in("petugas")
    with begin_tx(person(session, "petugas")) as tx:
        report = ask_report(tx, a_case.case_id)
        report.ready_at, report.state, report.progress = tx.now, "ready", 100
        report.checksum, report.size, report.pages = put(tx, io.BytesIO(b"%PDF")).checksum, 4, 1
    address = visit(f"/kasus/{a_case.number}/laporan").link("Unduh PDF")

    assert visit.client.get(address).data == b"%PDF"
    sign_in("opd")(address, status=404)
