"""Following a report with the code of its receipt."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from complaints import ANSWERS, FORM, STORY, fill, picture
from gifts import DRAFT, FULL
from pages import Page, Visitor
from stories import BeginTx, Story
from webapp.extensions import db
from workflows.case_reports.operations import MOST_A_DAY, ask_report
from workflows.cases.models import Case
from workflows.evidence.models import Evidence
from workflows.transaction import Actor

pytestmark = pytest.mark.usefixtures("complaints_open")


@pytest.fixture
def code(visit: Visitor) -> str:
    """The code of a report that has just been filed."""
    page = fill(visit, ANSWERS | {"files": [(picture(), "jalan.jpg")]})
    return page.tree.xpath("string(//*[@class='app-code'])")


@pytest.fixture
def tracked(visit: Visitor, code: str) -> Page:
    """The tracking page of that report."""
    return visit.fill(visit("/lacak"), "/lacak", {"code": code})


def test_the_code_opens_the_report(tracked: Page, session: Session) -> None:
    assert tracked.heading == session.scalars(select(Case.number)).one()
    assert "Diterima" in tracked.text
    assert "Paling lambat" in tracked.text
    assert "Mengapa tanggal ini" in tracked.text
    assert STORY in tracked.text
    assert "Karang Rejo, Stabat" in tracked.text
    assert "jalan.jpg" in tracked.text


def test_a_photograph_is_shown_as_soon_as_there_is_a_copy_to_give(
    visit: Visitor, tracked: Page, session: Session, do_what_is_due: Callable[[], int]
) -> None:
    photographs = "//*[@class='app-photos']"
    assert not tracked.tree.xpath(f"{photographs}//img | {photographs}//a")
    assert "jalan.jpg" in tracked.text
    assert "sedang disiapkan" in tracked.text

    do_what_is_due()
    page = visit("/lacak")
    (address,) = page.tree.xpath(f"{photographs}//img/@src")
    assert page.tree.xpath(f"string({photographs}//a/@href)") == address
    assert visit.client.get(address).status_code == 200
    assert "sedang disiapkan" not in page.text

    session.scalars(select(Evidence)).one().working_checksum = None
    session.scalars(select(Evidence)).one().copy_failed = True
    session.commit()
    page = visit("/lacak")
    assert not page.tree.xpath(f"{photographs}//a")
    assert "tidak dapat disalin dengan aman" in page.text


def test_spaces_and_hyphens_in_the_code_do_not_matter(visit: Visitor, code: str) -> None:
    page = visit.fill(visit("/lacak"), "/lacak", {"code": code.replace("-", "  ")})
    assert page.heading.startswith("PGD-")


def test_a_wrong_code_says_so_and_keeps_what_was_typed(visit: Visitor) -> None:
    page = visit.fill(visit("/lacak"), "/lacak", {"code": "11111-22222"}, status=422)
    assert page.value("code") == "11111-22222"
    assert "tidak membuka laporan mana pun" in page.problems["code"]


def test_the_number_alone_opens_nothing(visit: Visitor, tracked: Page, another_visitor: Callable[[], Visitor]) -> None:
    stranger = another_visitor()
    stranger.fill(stranger("/lacak"), "/lacak", {"code": tracked.heading}, status=422)


def test_the_code_is_never_in_an_address(visit: Visitor, code: str, tracked: Page) -> None:
    assert code not in tracked.response.request.url
    assert all(code not in each.request.url for each in tracked.response.history)


def test_the_browser_forgets_when_asked(visit: Visitor, tracked: Page) -> None:
    page = visit.fill(tracked, "/lacak/tutup")
    assert page.heading == "Lacak laporan"


def test_another_browser_sees_nothing_without_the_code(tracked: Page, another_visitor: Callable[[], Visitor]) -> None:
    assert another_visitor()("/lacak").heading == "Lacak laporan"


def test_information_is_added_with_a_photo(visit: Visitor, tracked: Page, session: Session) -> None:
    words = {"information": "Tadi malam ada yang jatuh lagi.", "information_files": [(picture(), "malam.jpg")]}
    page = visit.fill(tracked, "/lacak/keterangan", words)
    assert "Keterangan sudah ditambahkan." in page.text
    assert "Tadi malam ada yang jatuh lagi." in page.text
    assert session.scalars(select(Evidence.name).order_by(Evidence.ordinal)).all() == ["jalan.jpg", "malam.jpg"]


def test_empty_information_is_refused(visit: Visitor, tracked: Page) -> None:
    page = visit.fill(tracked, "/lacak/keterangan", {"information": "  "}, status=422)
    assert "information" in page.problems


def test_a_lying_file_keeps_the_information_typed(visit: Visitor, tracked: Page) -> None:
    liar = (io.BytesIO(b"MZ" + bytes(500)), "foto.jpg")
    page = visit.fill(
        tracked, "/lacak/keterangan", {"information": "Ada foto.", "information_files": [liar]}, status=422
    )
    assert page.value("information") == "Ada foto."
    assert "foto.jpg" in page.problems["information_files"]


def test_what_the_process_awaits_can_be_sent(visit: Visitor, tracked: Page) -> None:
    actions = {form.action for form in tracked.forms()}
    assert "/lacak/pesan/withdrawn" in actions
    page = visit.fill(tracked, "/lacak/pesan/withdrawn", {}, status=422)
    assert page.problems
    page = visit.post("/lacak/pesan/reopen", page.form("/lacak/pesan/withdrawn").values, status=409)
    assert page.heading == "Keadaan sudah berubah"


def test_a_photo_of_ones_own_can_be_opened_by_nobody_else(
    visit: Visitor, tracked: Page, another_visitor: Callable[[], Visitor], session: Session
) -> None:
    evidence = session.scalars(select(Evidence)).one()
    address = f"/lacak/berkas/{evidence.id}"
    # The copy without metadata is made by the worker; until then there is nothing to hand out.
    assert visit.client.get(address).status_code == 409
    assert another_visitor().client.get(address).status_code == 404


def test_the_code_is_forgotten_after_half_an_hour(visit: Visitor, tracked: Page, monkeypatch) -> None:
    monkeypatch.setattr("webapp.portal.codes.LIFETIME", -1)
    assert visit("/lacak").heading == "Lacak laporan"


def test_a_forgotten_code_is_asked_for_again_and_nothing_typed_is_lost(
    visit: Visitor, tracked: Page, code: str
) -> None:
    visit.client.delete_cookie("amanah_lacak", path="/lacak")
    page = visit.fill(tracked, "/lacak/keterangan", {"information": "Kejadian terulang."}, status=422)
    assert page.heading == "Ketik kode Anda sekali lagi"
    assert "Belum ada yang terkirim" in page.text
    page = visit.fill(page, "/lacak/keterangan", {"_code": "11111-22222"}, status=422)
    assert "tidak membuka laporan mana pun" in page.problems["_code"]

    page = visit.fill(page, "/lacak/keterangan", {"_code": code})

    assert "Keterangan sudah ditambahkan." in page.text
    assert "Kejadian terulang." in page.text


def test_the_receipt_can_be_put_away(visit: Visitor) -> None:
    page = fill(visit, ANSWERS)
    page = visit.fill(page, f"{FORM}/tanda-terima")
    assert "Kode sudah dihapus dari peramban ini." in page.text
    assert visit(f"{FORM}/tanda-terima").heading == "Lacak laporan"


def test_promises_move_with_the_clock(visit: Visitor, code: str, clock) -> None:
    clock.instant += timedelta(days=30)
    page = visit.fill(visit("/lacak"), "/lacak", {"code": code})
    assert "sudah lewat" in page.text


def test_a_promise_tells_its_strict_day_where_joint_leave_makes_one(visit: Visitor, clock) -> None:
    clock.instant = datetime(2026, 3, 16, 3, tzinfo=UTC)
    page = fill(visit, ANSWERS)
    assert "Paling lambat Kamis, 26 Maret 2026" in page.text
    assert "Hitungan ketat: Jumat, 20 Maret 2026" in page.text


def test_a_document_of_ours_is_told_from_a_stranger(visit: Visitor) -> None:
    page = visit("/verifikasi/tidak-dikenal", status=404)
    assert "Kami tidak mengenal dokumen ini." in page.text


def test_a_stopped_database_is_a_calm_page_that_keeps_what_was_typed(
    app: Flask, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = visit(FORM).form(FORM).values | ANSWERS

    def stopped(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, ConnectionRefusedError())

    monkeypatch.setattr(db.session(), "execute", stopped)
    monkeypatch.setattr(db.session(), "scalar", stopped)
    monkeypatch.setattr(db.session(), "scalars", stopped)
    page = visit.post(FORM, form, status=503)
    assert "Belum ada yang terkirim" in page.text
    assert page.form(FORM).values["story"] == [STORY]


def test_health_speaks_of_database_and_migrations(visit: Visitor) -> None:
    # The tables of the tests were made from the models, without a revision.
    answer = visit.client.get("/sehat")
    assert (answer.status_code, answer.json) == (503, {"status": "migrations"})


def test_an_account_sees_its_own_reports_without_a_code(sign_in: Callable[[str], Visitor], session: Session) -> None:
    visit = sign_in("warga")
    fill(visit, ANSWERS)
    number = session.scalars(select(Case.number)).one()
    assert visit("/lacak").tree.xpath("string(//li[contains(@class, 'app-card')]//b)") == "Diterima"
    page = visit(f"/lacak/akun/{number}")
    assert page.heading == number
    page = visit.fill(page, f"/lacak/akun/{number}/keterangan", {"information": "Masih rusak."})
    assert "Masih rusak." in page.text


def test_an_account_sees_no_report_of_another(
    sign_in: Callable[[str], Visitor], session: Session, visit: Visitor
) -> None:
    fill(visit, ANSWERS)
    number = session.scalars(select(Case.number)).one()
    other = sign_in("warga")
    assert number not in other("/lacak").text
    other(f"/lacak/akun/{number}", status=404)
    assert visit(f"/lacak/akun/{number}").heading == "Masuk"


def test_an_officers_session_opens_no_report_by_account(sign_in: Callable[[str], Visitor], session: Session) -> None:
    fill(sign_in("warga"), ANSWERS)
    number = session.scalars(select(Case.number)).one()
    sign_in("petugas")(f"/lacak/akun/{number}", status=404)


def test_the_reporter_fetches_letters_and_prints_reports(
    visit: Visitor, a_case: Story, do_what_is_due: Callable[[], int], another_visitor: Callable[[], Visitor]
) -> None:
    a_case.work_through()
    page = visit.fill(visit("/lacak"), "/lacak", {"code": a_case.code})
    page = visit.fill(page, "/lacak/laporan", {"edition": "ombudsman"})
    assert "Menunggu giliran" in page.text
    do_what_is_due()
    page = visit("/lacak")

    addresses = page.tree.xpath("//*[@id='surat']/following-sibling::ul[1]//@href")
    fetched = [visit.client.get(address) for address in addresses]

    assert [answer.mimetype for answer in fetched] == ["application/pdf"] * 2
    assert "Ringkasan" in fetched[1].headers["Content-Disposition"]
    stranger = another_visitor()
    for address in addresses:
        assert stranger.client.get(address).status_code == 404
    assert stranger.client.get(f"/lacak/akun/{a_case.number}{address.removeprefix('/lacak')}").status_code == 404


def test_a_reporter_prints_only_so_often_and_never_the_internal_edition(
    visit: Visitor, a_case: Story, begin_tx: BeginTx, clock
) -> None:
    page = visit.fill(visit("/lacak"), "/lacak", {"code": a_case.code})
    visit.fill(page, "/lacak/laporan", {"edition": "internal"}, status=404)
    with begin_tx(Actor(kind="reporter", case_id=a_case.case_id)) as tx:
        for _ in range(MOST_A_DAY):
            ask_report(tx, a_case.case_id, edition="reporter").state = "ready"

    assert "paling banyak 6" in visit.fill(page, "/lacak/laporan", {"edition": "reporter"}).text
    clock.instant += timedelta(days=2)
    assert "Sedang dicetak." in visit.fill(visit("/lacak"), "/lacak/laporan", {"edition": "reporter"}).text


def test_a_draft_goes_on_with_what_the_account_and_the_draft_know(sign_in: Callable[[str], Visitor]) -> None:
    reporter = sign_in("asn")
    address = "/lapor/gratification"
    page = reporter(address)
    known = {name: page.value(name) for name in ("name", "employee_number", "position", "email")}
    assert known == {
        "name": "Rahmadani Putri Sitepu, S.Pd.", "employee_number": "199302112019032922",
        "position": "Guru Ahli Pertama", "email": "asn@langkat.example",
    }  # fmt: skip
    assert "Anda masuk sebagai Rahmadani Putri Sitepu, S.Pd.;" in page.text
    assert "sudah terisi: Nama lengkap, NIP, Jabatan, Surel." in page.text
    receipt = reporter.fill(page, address, {**DRAFT, "phone": ""})
    assert "Draf Anda tersimpan, tetapi belum dikirim" in receipt.text
    assert "juga terbuka di sana tanpa kode" in receipt.text
    assert "sudah kami terima" not in receipt.text
    own = reporter("/lacak").tree.xpath("string(//a[contains(@href, 'GRT-')]/@href)")

    page = reporter(own)
    values = page.form(f"{own}/pesan/submission").values
    assert "Laporan ini belum kami terima." in page.text
    assert not page.tree.xpath("//*[@aria-current='step']")

    assert (values["title"], values["received_on"]) == ([DRAFT["title"]], [DRAFT["received_on"]])
    assert values["name"] == [known["name"]]
    assert not values.get("draft")
    assert "Cetak laporan penanganan" in page.text
    assert "Ombudsman" not in page.text.partition("Surat dan laporan")[2].partition("Tambahkan keterangan")[0]

    page = reporter.fill(page, f"{own}/pesan/submission", FULL)
    assert "Sekarang: Diterima UPG." in page.text
    # The dates that still run come first, and the next of them stands beside the status.
    days = page.tree.xpath("//time[parent::*[@class='app-promises__day']]/@datetime")
    assert "dipenuhi" in page.tree.xpath("string((//*[@class='app-promises']/li)[last()])")
    assert page.tree.xpath("string(//*[contains(@class, 'app-note')]//b/time/@datetime)") == days[0]
    # A row is read line by line, and what was chosen among the rows of another list by its name there.
    rows = page.tree.xpath("//*[@class='app-rowfacts']/li")
    assert [row.xpath("string(b)") for row in rows] == ["Kakak Kandung", "Jam tangan"]
    assert "Dari pemberi: Kakak Kandung" in [" ".join(li.text_content().split()) for li in rows[1].iter("li")]


def test_until_when_something_may_be_sent_is_told_and_what_comes_after_it(visit: Visitor, a_case: Story) -> None:
    a_case.work_through()
    page = visit.fill(visit("/lacak"), "/lacak", {"code": a_case.code})
    assert "Tanggapi jawaban Paling lambat" in page.text

    a_case.send("reply", reply_kind="accepted", reply="Terima kasih, jalannya sudah baik.")
    page = visit("/lacak")
    assert "Ditutup" in page.text
    assert "Minta dibuka kembali: dapat dikirim sampai Rabu, 1 April 2026." in page.text

    a_case.send("reopen", reopen_reason="Jalannya rusak lagi di tempat yang sama.")
    page = visit("/lacak")
    assert "Saat ini tidak ada tanggal yang sedang berjalan. Begitu langkah ini selesai" in page.text
