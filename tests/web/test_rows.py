"""Lists of rows in forms: they grow, shrink and are filled from a spreadsheet in a browser without scripts."""

import base64
import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import publish_sample
from complaints import picture
from gifts import JAKARTA, gift_files
from pages import Page, Visitor
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.cases.parties import identity_of
from workflows.catalogue.queries import manifest, newest_version
from workflows.evidence.models import Evidence
from workflows.items.operations import record_items
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM

FORM = "/lapor/sample"
GIFT = {"giver": "Budi", "amount": "1.500.000", "currency": "IDR", "received_on": "2026-02-01", "kind": "l"}
SignIn = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def _gifts_open(app: Flask, begin_tx: Callable[..., Any]) -> None:
    with begin_tx() as tx:
        publish_sample(tx, gift_files())


def gift(number: int, **changes: str) -> dict[str, str]:
    return {f"objects[{number}].{key}": text for key, text in {**GIFT, **changes}.items()}


def press(visit: Visitor, page: Page, answers: dict[str, Any], *, status: int = 200) -> Page:
    return visit.fill(page, FORM, answers, status=status)


def rows(page: Page) -> list[str]:
    return [each.get("data-row") for each in page.tree.xpath("//*[@data-row]")]


def lines(page: Page) -> list[str]:
    return [each.get("data-line") for each in page.tree.xpath("//*[@data-line]")]


def test_rows_come_and_go_by_buttons_and_nothing_typed_is_lost(visit: Visitor) -> None:
    page = visit(FORM)
    assert rows(page) == ["objects[0]"]
    photo = {"objects[0].photo": (picture(), "amplop.jpg")}
    page = press(visit, page, {"title": "Pesta", **gift(0), **photo, "_add_row": "objects"})
    page = press(visit, page, {**gift(1, giver="Siti"), "_add_row": "objects"})
    assert rows(page) == ["objects[0]", "objects[1]", "objects[2]"]
    assert (page.value("title"), page.value("objects[1].giver")) == ("Pesta", "Siti")
    assert "amplop.jpg" in page.text

    page = press(visit, page, {"_remove_row": "objects[1]"})
    assert (page.value("objects[0].giver"), page.value("objects[1].giver")) == ("Budi", "")
    page = press(visit, page, {"_remove_row": "objects[0]"})
    assert rows(page) == ["objects[0]"]
    assert "amplop.jpg" not in page.text


def test_a_file_goes_with_its_row_into_the_report(visit: Visitor, session: Session) -> None:
    page = press(visit, visit(FORM), {"title": "Pesta", **gift(0), "_add_row": "objects"})
    page = press(visit, page, {**gift(1), "objects[1].photo": (picture(), "jam.jpg"), "_remove_row": "objects[0]"})
    page = press(visit, page, {})
    assert page.heading == "Laporan Anda sudah kami terima"
    assert session.scalars(select(Evidence.field)).all() == ["objects[0].photo"]


def test_wrong_rows_are_told_by_row_and_field_and_stand_open(visit: Visitor, session: Session) -> None:
    many = {name: text for number in range(5) for name, text in gift(number).items()}
    page = press(visit, visit(FORM), {"title": "Pesta", **many, "objects[3].amount": "banyak"}, status=422)
    assert page.problems == {"objects-3-amount": "“Objek 4, Nilai”: tulis angka"}
    assert [each.get("open") is not None for each in page.tree.xpath("//details[@data-row]")] == [0, 0, 0, 1, 0]
    assert "Budi, Hadiah pesta, 1.500.000" in page.text
    page = press(visit, visit(FORM), {"title": "Pesta"}, status=422)
    assert page.problems == {"objects": "Isi “Objek”"}
    assert session.scalars(select(Case)).all() == []


def test_a_condition_in_a_row_hides_by_its_own_row(visit: Visitor) -> None:
    page = press(visit, visit(FORM), {**gift(0), **gift(1, currency="USD"), "_add_row": "objects"})
    hidden = (
        page.tree.xpath("//*[@id='objects-0-rate']/ancestor::*[@hidden]"),
        page.tree.xpath("//*[@id='objects-1-rate']/ancestor::*[@hidden]"),
    )
    assert [bool(each) for each in hidden] == [True, False]


def test_the_templates_are_offered_and_titled_in_words(visit: Visitor) -> None:
    page = visit(FORM)
    excel = visit.client.get(page.link("Templat .xlsx"))
    assert [cell.value for cell in load_workbook(io.BytesIO(excel.data)).worksheets[0][1]][:3] == [
        "Nama pemberi", "NIK pemberi", "Jenis",
    ]  # fmt: skip
    plain = visit.client.get(page.link("Templat .csv"))
    assert plain.data.decode("utf-8-sig").startswith("Nama pemberi;NIK pemberi;Jenis")
    assert "attachment" in plain.headers["Content-Disposition"]
    assert visit.client.get(f"{FORM}/templat/nothing.csv").status_code == 404


def sheet(*lines: list[Any]) -> tuple[io.BytesIO, str]:
    book = Workbook()
    for line in (["Nama pemberi", "Nilai", "Tanggal terima"], *lines):
        book.active.append(line)
    kept = io.BytesIO()
    book.save(kept)
    kept.seek(0)
    return kept, "kado.xlsx"


def test_three_hundred_gifts_come_from_a_sheet_and_three_bad_rows_are_mended_in_place(
    visit: Visitor, session: Session
) -> None:
    good = [[f"Tamu {number}", 100_000, "1/2/2026"] for number in range(297)]
    bad = [["Tanpa nilai", "", "1/2/2026"], ["Berumus", "=5*2", "1/2/2026"], ["Esok", 5, "31/2/2026"]]
    upload = {"_sheet:objects": sheet(*good[:5], bad[0], *good[5:], *bad[1:]), "_import": "objects"}

    page = press(visit, visit(FORM), {"title": "Pesta nikah", **upload}, status=422)

    assert page.problems == {
        "objects-5-amount": "Isi “Baris 7, kolom Nilai”",
        "objects-298-amount": "Sel B300 berisi rumus. Salin selnya, lalu tempel sebagai nilai",
        "objects-299-received_on": "“Baris 301, kolom Tanggal terima”: tulis tanggal yang ada, misalnya 21/11/2026",
    }
    assert "297 baris dibaca" in page.text
    # The three stand open; the others are listed, a page of them at a time, and travel packed.
    assert rows(page) == ["objects[5]", "objects[298]", "objects[299]"]
    assert len(lines(page)) == 24
    assert "Objek 1 sampai 25 dari 300" in page.text
    assert "100.000" in page.tree.xpath("string(//tr[@data-line='objects[0]'])")
    assert len(etree.tostring(page.tree)) < 60_000

    page = press(visit, page, {"objects[5].amount": "1", "_turn_rows": "objects:12"})
    assert lines(page)[-1] == "objects[299]"
    page = press(visit, page, {"_edit_row": "objects[290]"})
    assert rows(page) == ["objects[290]"]
    assert page.value("objects[290].giver") == "Tamu 289"
    page = press(visit, page, {"objects[290].giver": "Tamu lain", "_remove_row": "objects[0]"})
    assert "Objek 276 sampai 299 dari 299" in page.text
    page = press(visit, page, {}, status=422)
    assert set(page.problems) == {"objects-297-amount", "objects-298-received_on"}
    page = press(
        visit,
        page,
        {"objects[297].amount": "2", "objects[298].received_on": "2026-02-03"},
    )
    assert page.heading == "Laporan Anda sudah kami terima"
    case = session.scalars(select(Case)).one()
    assert identity_of(session, case.id) == {}
    (told,) = contents.read(session, SYSTEM, case, kinds=("report",))
    assert len(told.body["objects"]) == 299
    assert [told.body["objects"][row]["giver"] for row in (0, 4, 289)] == ["Tamu 1", "Tanpa nilai", "Tamu lain"]
    assert told.body["objects"][297]["amount"] == 2


def test_a_file_of_a_row_that_is_not_shown_goes_along(visit: Visitor, session: Session) -> None:
    many = {name: text for number in range(30) for name, text in gift(number).items()}
    photo = {"objects[2].photo": (picture(), "amplop.jpg")}
    page = press(visit, visit(FORM), {"title": "Pesta", **many, **photo, "_turn_rows": "objects:2"})
    assert (rows(page), len(lines(page))) == ([], 5)
    page = press(visit, page, {"_remove_row": "objects[0]"})
    page = press(visit, page, {"_edit_row": "objects[1]"})
    assert "amplop.jpg" in page.text
    page = press(visit, page, {"_add_row": "objects"})
    assert rows(page) == ["objects[29]"]
    page = press(visit, page, {**gift(29, giver="Terakhir")})
    assert page.heading == "Laporan Anda sudah kami terima"
    assert session.scalars(select(Evidence.field)).all() == ["objects[1].photo"]


@pytest.mark.parametrize(
    "packed",
    [
        b"x", b"eJw=", zlib.compress(b"[1]"),
        zlib.compress(b'{"objects[1].giver": [1], "title": ["lain"], "objects[9999].giver": ["x"]}'),
        zlib.compress(b'{"a": "' + b"x" * 20_000_000 + b'"}'),
    ],
    ids=["nothing", "cut off", "no rows", "others", "a bomb"],
)  # fmt: skip
def test_what_is_packed_and_is_no_row_is_left_out(visit: Visitor, session: Session, packed: bytes) -> None:
    page = visit(FORM)
    page = press(visit, page, {"title": "Pesta", **gift(0), "objects~": base64.b64encode(packed).decode()})
    assert page.heading == "Laporan Anda sudah kami terima"
    case = session.scalars(select(Case)).one()
    (told,) = contents.read(session, SYSTEM, case, kinds=("report",))
    assert (told.body["title"], len(told.body["objects"])) == ("Pesta", 1)


def test_a_sheet_that_cannot_be_read_is_told_beside_the_list_and_the_form_stays(visit: Visitor) -> None:
    wrong = {"_sheet:objects": (io.BytesIO(b"x;y\n1;2\n"), "kado.csv"), "_import": "objects"}
    page = press(visit, visit(FORM), {"title": "Pesta", **gift(0), **wrong}, status=422)
    assert page.problems["objects"].startswith("Kolom “Nama pemberi”, “Nilai”, “Tanggal terima” tidak ada")
    assert page.value("objects[0].giver") == "Budi"
    page = press(visit, page, {"_import": "objects"}, status=422)
    assert page.problems == {"objects": "Pilih dahulu berkas lembar kerjanya"}


def test_the_list_speaks_english(visit: Visitor) -> None:
    page = visit(f"{FORM}?bahasa=en", language="en")
    assert "Add object" in page.text
    page = visit.fill(page, FORM, {"title": "Wedding", **gift(0, amount="many")}, status=422, language="en")
    assert page.problems == {"objects-0-amount": "“Object 1, Nilai”: write a number"}


@pytest.fixture
def task(visit: Visitor, session: Session) -> str:
    """The address of the first task of a report of two gifts."""
    press(visit, visit(FORM), {"title": "Pesta", "nip": "198001012005011001", **gift(0), **gift(1, giver="Siti")})
    return f"/tugas/{session.scalars(select(Task.id)).one()}"


def test_a_task_form_keeps_rows_and_files_over_steps_drafts_and_refusals(
    sign_in: SignIn, task: str, session: Session
) -> None:
    officer = sign_in("petugas")
    page = officer(task)
    page = officer.fill(page, task, {"notes[0].what": "Retak", "_add_row": "notes"})
    photo = {"notes[1].photo": (picture(), "retak.jpg")}
    page = officer.fill(page, task, {"notes[1].what": "Tua", **photo, "simpan": "ya"})
    assert (page.value("notes[1].what"), "retak.jpg" in page.text) == ("Tua", True)
    page = officer.fill(page, task, {"notes[0].what": "", "notes[1].what": ""}, status=422)
    assert page.problems == {"notes-1-what": "Isi “Temuan 2, Apa”"}
    officer.fill(page, task, {"notes[0].what": "Retak", "notes[1].what": "Tua", "valid": "true"})
    assert session.scalars(select(Evidence.field)).all() == ["notes[1].photo"]


def test_a_message_of_the_reporter_has_rows_that_the_reporter_reads_again(
    visit: Visitor, sign_in: SignIn, task: str, session: Session
) -> None:
    officer, liaison = sign_in("petugas"), sign_in("dinkes")
    officer.fill(officer(task), task, {"valid": "true"})
    second = f"/tugas/{session.scalars(select(Task.id).where(Task.element == 'answer')).one()}"
    liaison.fill(liaison(second), second, {"answer": "Sudah", "_no_conflict": "true"})
    send, code = "/lacak/pesan/reply", visit(f"{FORM}/tanda-terima").tree.xpath("string(//*[@class='app-code'])")
    visit.fill(visit("/lacak"), "/lacak", {"code": code})

    page = visit("/lacak")
    # What the office said last stands beside the form that answers it.
    assert "Yang terakhir dari kantor" in page.tree.xpath("string(//section[contains(@class, 'app-card--gold')])")
    assert visit.client.get(page.link("Templat .csv")).data.decode("utf-8-sig") == "Apa\r\n"
    photo = {"notes[0].photo": (picture(), "retak.jpg")}
    page = visit.fill(page, send, {"words": "Belum", "notes[0].what": "Retak", **photo, "_add_row": "notes"})
    assert (page.value("words"), page.value("notes[0].what"), "retak.jpg" in page.text) == ("Belum", "Retak", True)
    page = visit.fill(page, send, {"notes[0].what": "", "notes[1].what": ""}, status=422)
    assert page.problems == {"reply-notes-0-what": "Isi “Temuan 1, Apa”"}
    page = visit.fill(page, send, {"notes[0].what": "Retak", "notes[1].what": "Tua"})
    assert "Terkirim" in page.text
    assert page.tree.xpath("//ol[@class='app-rowfacts']/li[2][contains(., 'Tua')]")
    assert session.scalars(select(Evidence.field)).all() == ["notes[0].photo"]


def test_the_case_page_shows_rows_as_a_table(sign_in: SignIn, task: str, session: Session) -> None:
    number = session.scalars(select(Case.number)).one()
    page = sign_in("petugas")(f"/kasus/{number}")
    (table,) = page.tree.xpath("//table[contains(@class, 'app-answers')]")
    head = [cell.text_content().strip() for cell in table.xpath(".//thead//th")]
    assert head[:3] == ["Objek", "Nama pemberi", "Jenis"]
    assert "Siti" in table.text_content()
    assert "Rp1.500.000" in table.text_content()


def test_the_case_page_sums_by_giver_and_an_officer_says_who_is_one_person(
    sign_in: SignIn, visit: Visitor, session: Session, begin_tx: Callable[..., Any]
) -> None:
    for giver in ("H. Budi, S.E.", "Budi"):
        told = {**gift(0, giver=giver), **gift(1, giver="Siti", currency="USD", amount="10", rate="16.000", kind="o")}
        press(visit, visit(FORM), {"title": "Pesta", "nip": "198001012005011001", **told})
    first, second = session.scalars(select(Case).order_by(Case.number))
    with begin_tx() as tx:
        mapping = manifest(tx.session, newest_version(tx.session, "sample")).items
        assert mapping is not None
        for case in (first, second):
            record_items(tx, case, mapping, zone=JAKARTA)
    officer = sign_in("petugas")

    page = officer(f"/kasus/{second.number}")
    assert "2 objek, seluruhnya Rp1.660.000." in page.text
    assert "Rp160.000 (USD = 16.000)" in page.text
    assert "1 objek, seluruhnya Rp160.000." in officer(f"/kasus/{second.number}?jenis=o").text
    decide = next(form for form in page.forms() if "/pemberi/" in form.action and "Budi" in str(form.buttons))
    page = officer.post(decide.action, {**decide.values, "putusan": "sama"})
    assert "tanpa alasan tidak ada yang diputuskan" in page.text
    page = officer.post(decide.action, {**decide.values, "reason": "Alamatnya sama", "putusan": "sama"})
    assert "Dicatat: orang yang sama." in page.text
    assert "Rp3.000.000" in page.text
    assert "Alamatnya sama" in page.text

    second.search, second.confidential = None, True
    session.flush()
    assert not officer(f"/kasus/{second.number}?jenis=o").tree.xpath("//*[@aria-label='Menurut jenis']")


def test_an_officer_corrects_an_object_and_its_giver_and_the_sums_follow(
    sign_in: SignIn, visit: Visitor, session: Session, begin_tx: Callable[..., Any]
) -> None:
    told = {**gift(0, giver="Budy"), **gift(1, giver="Budi")}
    press(visit, visit(FORM), {"title": "Pesta", "nip": "198001012005011001", **told})
    case = session.scalars(select(Case)).one()
    with begin_tx() as tx:
        mapping = manifest(tx.session, newest_version(tx.session, "sample")).items
        assert mapping is not None
        record_items(tx, case, mapping, zone=JAKARTA)
    officer = sign_in("petugas")
    page = officer(f"/kasus/{case.number}")
    item, giver = (
        page.tree.xpath(f"string(//a[contains(@href, '/{what}/')][contains(., 'Perbaiki')]/@href)")
        for what in ("objek", "pemberi")
    )

    page = officer.fill(officer(item), item, {"amount": "2.000.000", "_reason": ""}, status=422)
    assert "Isi “Alasan perbaikan”" in page.text
    page = officer.fill(officer(item), item, {"amount": "2.000.000", "_reason": "Salah baca nol"})
    assert "Objek diperbaiki" in page.text
    assert "2 objek, seluruhnya Rp3.500.000." in page.text
    (row,) = page.tree.xpath("//tr[contains(., 'Salah baca nol')] | //article[contains(., 'Salah baca nol')]//tbody/tr")
    assert [cell.text_content().strip() for cell in row] == ["Nilai", "Rp1.500.000", "Rp2.000.000"]
    page = officer.fill(officer(giver), giver, {"giver": "Budi", "nik": "1205015102930001", "_reason": "Lihat KTP"})
    assert "Pemberi diperbaiki" in page.text
    assert "Lihat KTP" in page.text
    assert "Budy" in page.text
    assert "Perbaiki" in officer(f"/kasus/{case.number}").text
    # Who works on a case does not by that correct it.
    assert sign_in("penyelia")(item, status=404).status == 404
    assert "Perbaiki" not in sign_in("penyelia")(f"/kasus/{case.number}").text
