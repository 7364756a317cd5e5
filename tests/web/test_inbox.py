"""The inbox and the page of one task, as an officer meets them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints import ANSWERS, fill
from gifts import FULL
from pages import Page, Visitor
from stories import posted
from workflows.cases.models import Case
from workflows.intake.operations import submit_report
from workflows.transaction import NOBODY

pytestmark = pytest.mark.usefixtures("complaints_open")

SignIn = Callable[[str], Visitor]
VERIFIED = {
    "verification": "verified",
    "confirmed_class": "complaint",
    "problem_code": "02",
    "_no_conflict": "true",
}


@pytest.fixture
def filed(another_visitor: Callable[[], Visitor]) -> str:
    """The number of a complaint that a citizen has just filed."""
    page = fill(another_visitor(), ANSWERS)
    return page.tree.xpath("string(//dt[contains(., 'Nomor')]/following-sibling::dd)").strip()


def first_task(visit: Visitor, scope: str = "unit") -> str:
    """Give the address of the first task in a scope of the inbox."""
    page = visit(f"/tugas?lingkup={scope}")
    return page.tree.xpath("string(//tbody//th/a/@href)")


def test_a_new_complaint_waits_in_the_unit_s_inbox(sign_in: SignIn, filed: str) -> None:
    page = sign_in("petugas")("/tugas?lingkup=unit")

    assert "Verifikasi pengaduan" in page.text
    assert filed in page.text
    assert "sisa 3 hari kerja" in page.text


def test_a_stage_that_two_kinds_of_case_share_is_offered_under_both_its_names(sign_in: SignIn, filed: str) -> None:
    page = sign_in("petugas")("/tugas?lingkup=unit&status=received")

    assert filed in page.text
    assert page.tree.xpath("string(//select[@name='status']/option[@value='received'])") == (
        "Menunggu verifikasi / Diterima UPG"
    )


def test_the_task_tells_where_it_happened_and_by_what_it_is_due(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")

    page = visit(first_task(visit))

    assert "P-01 Verifikasi dan penerusan pengaduan" in page.text
    assert page.tree.xpath("string(//dt[.='Tempat']/following-sibling::dd)") == "Karang Rejo, Stabat"


def test_the_inbox_tells_what_is_overdue(sign_in: SignIn, filed: str, clock) -> None:
    clock.instant += timedelta(days=7)

    page = sign_in("petugas")("/tugas?lingkup=unit&lewat=ya")

    assert filed in page.text
    assert "lewat 2 hari kerja" in page.text


def test_words_of_the_story_find_the_task(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")

    assert filed in visit("/tugas?lingkup=unit&cari=" + ANSWERS["title"].split()[0]).text
    assert filed not in visit("/tugas?lingkup=unit&cari=zebra").text


def test_a_view_is_saved_and_forgotten(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")
    page = visit("/tugas?lingkup=unit&lewat=ya")

    page = visit.fill(page, "/tugas/tampilan", {"nama": "Yang lewat"})
    assert "Tampilan “Yang lewat” disimpan." in page.text
    assert page.tree.xpath("//a[.='Yang lewat']/@href")[0].endswith("lingkup=unit&lewat=ya")

    action = page.tree.xpath("//form[contains(@action, '/hapus')]/@action")[0]
    assert "Yang lewat" not in visit.fill(page, action).tree.xpath("string(//ul[@class='app-chips'][last()])")


def test_a_task_is_claimed_and_released(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")
    address = first_task(visit)

    page = visit.fill(visit(address), f"{address}/ambil")
    assert "Lepas tugas ini" in page.text

    page = visit.fill(page, f"{address}/lepas")
    assert "Tugas dilepas" in page.text


def test_completing_says_what_follows(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")
    address = first_task(visit)

    page = visit.fill(visit(address), address, VERIFIED)

    assert f"Kasus {filed} berlanjut ke: Disposisi ke perangkat daerah." in page.text


def test_a_missing_answer_keeps_what_was_typed(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")
    address = first_task(visit)

    page = visit.fill(visit(address), address, {"verification": "postponed", "requested": ""}, status=422)

    assert page.title.startswith("Kesalahan:")
    assert page.value("verification") == "postponed"
    assert "tanpa-benturan" in page.problems


def test_who_was_too_late_is_told_calmly_and_loses_nothing(sign_in: SignIn, filed: str) -> None:
    early, late = sign_in("petugas"), sign_in("petugas2")
    address = first_task(early)
    opened: Page = late(address)
    early.fill(early(address), address, VERIFIED)

    page = late.fill(opened, address, {**VERIFIED, "note": "Sudah saya telepon pelapornya."}, status=409)

    assert "Rekan Anda lebih cepat" in page.text
    assert "Rina Marlina" in page.text
    assert "Sudah saya telepon pelapornya." in page.text


def test_a_form_sent_twice_counts_once(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")
    address = first_task(visit)
    opened = visit(address)

    visit.fill(opened, address, VERIFIED)
    page = visit.fill(opened, address, VERIFIED)

    assert "Tugas selesai." in page.text


def test_a_draft_is_kept_for_its_writer_alone(sign_in: SignIn, filed: str) -> None:
    visit, colleague = sign_in("petugas"), sign_in("petugas2")
    address = first_task(visit)

    page = visit.fill(
        visit(address), address, {"verification": "archived", "explanation": "Belum selesai", "simpan": "ya"}
    )

    assert "hanya Anda yang melihatnya" in page.text
    assert "Belum selesai" in visit(address).source
    assert "Belum selesai" not in colleague(address).source


def test_a_superior_gives_the_task_to_somebody(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("penyelia")
    address = first_task(visit, "semua")
    page = visit(address)
    person = page.tree.xpath("string(//select[@name='person']/option[contains(., 'Fadli')]/@value)")

    page = visit.fill(page, f"{address}/tugaskan", {"person": person})

    assert "Tugas diberikan kepada Muhammad Fadli" in page.text


def test_a_conflict_of_interest_ends_all_sight_of_the_case(sign_in: SignIn, filed: str) -> None:
    visit = sign_in("petugas")
    address = first_task(visit)

    page = visit.fill(visit(address), f"{address}/benturan", {"reason": "Pelapor adik saya."})

    assert "tidak lagi terbuka bagi Anda" in page.text
    visit(address, status=404)
    visit(f"/kasus/{filed}", status=404)
    assert filed in sign_in("petugas2")("/tugas?lingkup=unit").text


@pytest.mark.parametrize("login", ["warga", "opd", "inspektur"])
def test_whose_business_it_is_not_finds_no_task(sign_in: SignIn, filed: str, login: str) -> None:
    address = first_task(sign_in("petugas"))

    sign_in(login)(address, status=404)


def test_objects_and_what_the_table_says_of_them_stand_beside_the_form(
    sign_in: SignIn, begin_tx, session: Session
) -> None:
    with begin_tx(NOBODY) as tx:
        number = submit_report(tx, "gratification", posted=posted(FULL), key="a gift of a watch").number
    desk = sign_in("upg")
    address = first_task(desk)
    page = desk(address)
    assert "Kakak Kandung" in page.text
    assert "Rp2.500.000" in page.text
    assert "Putusan tabel" not in page.text
    assert page.tree.xpath("//section[@aria-labelledby='tertulis']//details")
    assert not page.tree.xpath("//section[@aria-labelledby='tertulis']//details[@open]")

    noted = {"completeness": "complete", "check_note": "Kakak pelapor bukan rekanan.", "_no_conflict": "true"}
    desk.fill(page, address, noted)
    page = desk(first_task(desk))
    before = page.tree.xpath("//section[@aria-labelledby='tertulis']//details[@open]")
    assert ["Kakak pelapor bukan rekanan." in each.text_content() for each in before] == [True]

    cell = page.tree.xpath("string(//td[@data-label='Putusan tabel'])")
    assert cell.startswith("Tidak wajib dilaporkan")
    assert "Pasal 2 ayat (3) huruf a" in cell
    assert page.tree.xpath("string(//td[@data-label='Pemberi'])") == "Kakak Kandung"
    case = desk(f"/kasus/{number}")
    assert "Tidak wajib dilaporkan" in case.text
    # A few rows of many columns stand one below the other, and a single thing is not counted.
    assert "Objek 1" in case.tree.xpath("//article//h4/text()")
    assert case.tree.xpath("string(//article//dd[../dt[.='Dari pemberi']])").strip() == "Kakak Kandung"
    assert "1 ×" not in case.text
    # By its code, as a command writes it, a confidential case opens for those alone who see it.
    code = session.scalars(select(Case.id).where(Case.number == number)).one()
    assert desk.client.get(f"/kasus/{code}").headers["Location"].endswith(f"/kasus/{number}")
    sign_in("petugas")(f"/kasus/{code}", status=404)

    # Asked once more, the table answers anew, and the review begins without what was chosen for that.
    again = first_task(desk)
    desk.fill(desk(again), again, {"classification": "ask_again", "_no_conflict": "true"})
    page = desk(first_task(desk))
    assert first_task(desk) != again
    assert page.heading == "Telaah dan tetapkan klasifikasi"
    assert not page.tree.xpath("//input[@name='classification'][@checked]")
