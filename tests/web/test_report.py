"""Filing a report: the form, its refusals, the village, files, the receipt."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from complaints import ANSWERS, FORM, STORY, fill, picture
from pages import Page, Visitor
from web.conftest import BeginTx, MovableClock
from workflows.calendar.operations import seed_years
from workflows.cases.models import Case
from workflows.evidence.models import Evidence

pytestmark = pytest.mark.usefixtures("complaints_open")


def cases(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Case)) or 0


def test_the_home_page_offers_what_is_published_and_says_what_happens(visit: Visitor) -> None:
    page = visit("/")
    assert page.link("Pengaduan masyarakat") == FORM
    assert "3 hari kerja" in page.text
    assert "Yang tidak dapat kami lindungi" in page.text


def test_a_report_is_filed_without_account_and_script(visit: Visitor, session: Session) -> None:
    page = fill(visit, ANSWERS)
    assert page.heading == "Laporan Anda sudah kami terima"
    case = session.scalars(select(Case)).one()
    assert case.number in page.text
    assert (case.district, case.village) == ("12.05.07", "12.05.07.2001")
    assert page.tree.xpath("//*[local-name()='svg'][contains(@class, 'app-qr')]")
    assert "Paling lambat" in page.text


def test_an_empty_form_says_what_is_missing_and_files_nothing(visit: Visitor, session: Session) -> None:
    page = fill(visit, {}, status=422)
    assert {"classification", "title", "story", "privacy_read"} <= set(page.problems)
    assert page.title.startswith("Kesalahan:")
    assert "tiap foto 10 MB, tiap dokumen 25 MB" in page.tree.xpath("string(//*[@id='files-petunjuk'])")
    assert cases(session) == 0


def test_everything_typed_comes_back_with_a_refusal(visit: Visitor) -> None:
    mistakes = {"title": "Abc", "email": "bukan surel", "phone": "dua belas", "latitude": "utara"}
    wrong = ANSWERS | mistakes | {"name": "Siti"}
    page = fill(visit, wrong, status=422)
    assert set(mistakes) <= set(page.problems)
    for field, typed in wrong.items():
        assert page.value(field) == typed, field


def test_the_village_is_asked_in_a_step_of_its_own(visit: Visitor, session: Session) -> None:
    answers = {name: value for name, value in ANSWERS.items() if name != "village"}
    page = fill(visit, answers)
    assert page.heading == "Satu langkah lagi: desa atau kelurahan"
    assert cases(session) == 0
    assert page.value("story") == STORY
    page = fill(visit, {"village": "12.05.07.2001"}, page=page)
    assert page.heading == "Laporan Anda sudah kami terima"
    assert session.scalars(select(Case.village)).one() == "12.05.07.2001"


def test_the_village_may_stay_unknown(visit: Visitor, session: Session) -> None:
    answers = {name: value for name, value in ANSWERS.items() if name != "village"}
    page = fill(visit, {}, page=fill(visit, answers))
    assert page.heading == "Laporan Anda sudah kami terima"


def test_a_village_of_another_kecamatan_is_refused(visit: Visitor) -> None:
    page = fill(visit, ANSWERS | {"village": "12.05.01.2001"}, status=422)
    assert "village" in page.problems


def test_the_same_form_sent_twice_files_one_report_and_shows_the_same_receipt(visit: Visitor, session: Session) -> None:
    page = visit(FORM)
    first = fill(visit, ANSWERS, page=page)
    second = fill(visit, ANSWERS, page=page)
    assert cases(session) == 1
    codes = [each.tree.xpath("string(//*[@class='app-code'])") for each in (first, second)]
    assert codes[0] == codes[1] != ""


def test_a_stale_token_hands_everything_back(visit: Visitor, session: Session) -> None:
    page = visit(FORM)
    form = page.form(FORM).values | ANSWERS
    visit.client.delete_cookie("amanah_form")
    page = visit.post(FORM, form, status=400)
    assert page.heading == "Formulir ini terbuka terlalu lama"
    assert cases(session) == 0
    page = fill(visit, {}, page=page)
    assert page.heading == "Laporan Anda sudah kami terima"


def test_files_come_along(visit: Visitor, session: Session) -> None:
    fill(visit, ANSWERS | {"files": [(picture(), "jalan.jpg"), (picture("PNG"), "lubang.png")]})
    assert session.scalars(select(Evidence.name).order_by(Evidence.ordinal)).all() == ["jalan.jpg", "lubang.png"]


def test_a_file_is_kept_while_the_form_is_mended(visit: Visitor, session: Session) -> None:
    page = fill(visit, ANSWERS | {"title": "", "files": [(picture(), "jalan.jpg")]}, status=422)
    assert "jalan.jpg" in page.text
    fill(visit, ANSWERS, page=page)
    assert session.scalars(select(Evidence.name)).all() == ["jalan.jpg"]


def test_a_kept_file_can_be_left_out_again(visit: Visitor, session: Session) -> None:
    page = fill(visit, ANSWERS | {"title": "", "files": [(picture(), "jalan.jpg")]}, status=422)
    fill(visit, ANSWERS | {"files_kept": []}, page=page)
    assert session.scalars(select(Evidence.name)).all() == []


def test_a_made_up_token_brings_no_file(visit: Visitor, session: Session) -> None:
    page = fill(visit, ANSWERS | {"files_kept": ["palsu.token"]}, status=422)
    assert "sudah tidak disimpan lagi" in page.problems["files"]
    assert session.scalars(select(Evidence.name)).all() == []


def test_a_lying_file_is_refused_and_the_good_one_kept(visit: Visitor, session: Session) -> None:
    liar = (io.BytesIO(b"MZ" + bytes(4000)), "foto.jpg")
    page = fill(visit, ANSWERS | {"files": [liar, (picture(), "jalan.jpg")]}, status=422)
    assert "foto.jpg" in page.problems["files"]
    assert "jalan.jpg" in page.text
    assert page.value("story") == STORY


def test_a_picture_over_the_limit_is_refused_with_everything_typed_kept(visit: Visitor, app, session: Session) -> None:
    limit = app.extensions["amanah_settings"].picture_limit
    body = picture().getvalue()
    at_limit, over = (io.BytesIO(body + bytes(limit + more - len(body))) for more in (0, 1))
    page = fill(visit, ANSWERS | {"files": [(over, "besar.jpg")]}, status=413)
    assert "besar.jpg terlalu besar: paling besar 10 MB" in page.problems["files"]
    assert page.value("story") == STORY
    fill(visit, ANSWERS | {"files": [(at_limit, "pas.jpg")]}, page=page)
    assert session.scalars(select(Evidence.size)).all() == [limit]


def test_a_thirty_megabyte_photo_keeps_what_was_typed(visit: Visitor) -> None:
    huge = io.BytesIO(picture().getvalue() + bytes(30_000_000))
    page = fill(visit, ANSWERS | {"files": [(huge, "raksasa.jpg")]}, status=413)
    assert page.value("title") == ANSWERS["title"]


def test_a_script_sends_files_ahead(visit: Visitor, session: Session) -> None:
    page = visit(FORM)
    token = page.form(FORM).values["csrf_token"]
    answer = visit.client.post(f"{FORM}/berkas", data={"csrf_token": token, "files": (picture(), "jalan.jpg")})
    assert answer.json is not None
    assert answer.json["name"] == "jalan.jpg"
    fill(visit, ANSWERS | {"files_kept": [answer.json["token"]]}, page=page)
    assert session.scalars(select(Evidence.name)).all() == ["jalan.jpg"]
    refused = visit.client.post(
        f"{FORM}/berkas", data={"csrf_token": token, "files": (io.BytesIO(b"MZ" + bytes(99)), "x.jpg")}
    )
    assert refused.status_code == 422
    assert "x.jpg" in refused.json["problem"]  # type: ignore[index]


def test_an_unknown_case_type_is_not_found(visit: Visitor) -> None:
    visit("/lapor/tidak-ada", status=404)


def test_a_poster_leads_to_the_form_of_its_office(visit: Visitor) -> None:
    page = visit("/poster/complaint-DINKES")
    assert page.heading == "Pengaduan masyarakat"
    assert page.value("office") == "DINKES"
    assert visit("/poster/entah").heading == "Pengaduan masyarakat"


def test_markup_in_answers_stays_text(visit: Visitor) -> None:
    page = fill(visit, ANSWERS | {"title": "", "story": "<script>alert(1)</script> \"'><img src=x>"}, status=422)
    assert "<script>alert" not in page.source


def test_the_form_fits_a_slow_line(visit: Visitor) -> None:
    response = visit.client.get(FORM, headers={"Accept-Encoding": "br, gzip"})
    page = Page(visit.client.get(FORM))
    loaded = {page.tree.xpath("//link[@rel='stylesheet']/@href")[0], *page.tree.xpath("//script/@src")}
    sent = {name: len(visit.client.get(name, headers={"Accept-Encoding": "br, gzip"}).data) for name in loaded}
    css = sum(size for name, size in sent.items() if name.endswith(".css"))
    assert len(response.data) + css <= 40_000
    font = 28_740
    assert len(response.data) + sum(sent.values()) + font <= 80_000
    plain = len(page.source) + sum(len(visit.client.get(name).data) for name in loaded) + font
    assert plain <= 200_000


def test_around_a_feast_a_note_leads_to_a_form_that_is_filled_in_part(
    visit: Visitor, clock: MovableClock, begin_tx: BeginTx
) -> None:
    with begin_tx() as tx:
        seed_years(tx, (2025, 2026, 2027))
    page = visit("/")
    assert "Menjelang dan sesudah Idulfitri" in page.text
    form = visit("/lapor/gratification?musim=idulfitri")
    assert form.value("event") == "holiday"
    assert form.value("report_kind") == "receipt"
    assert not visit("/lapor/gratification?musim=natal").value("event")
    # What need not be answered is not asked, and stays so while the form comes back, unless something stands there.
    whole = visit("/lapor/gratification")
    asked = {"rank", "givers[0].giver_address", "name", "objects[0].amount"}
    assert {name for name in asked if whole.tree.xpath(f"//*[@name='{name}']")} == asked
    again = visit.fill(form, "/lapor/gratification", {"rank": "III/a", "title": ""}, status=422)
    for page, left in ((form, set()), (again, {"rank"})):
        shown = {name for name in asked if page.tree.xpath(f"//*[@name='{name}']")}
        assert shown == {"name", "objects[0].amount", *left}
        assert "Ini formulir singkat" in page.text

    clock.instant += timedelta(days=60)
    assert "musim=" not in visit("/").source
    assert not visit("/lapor/gratification?musim=idulfitri").value("event")


def test_offices_are_offered_by_their_english_names_too(visit: Visitor) -> None:
    offered = visit(f"{FORM}?bahasa=en", language="en").tree.xpath("//select[@name='office']/option/text()")

    assert "Health Office" in offered
    assert not [name for name in offered if name.startswith("Dinas")]
