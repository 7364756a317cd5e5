"""The reporter's way in a real browser: with scripts and without, on a phone and at a desk."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from accessibility import PHONE, assert_accessible

FORM = "/lapor/complaint"
STORY = "Jalan di Dusun III rusak parah sejak bulan lalu.\n\nSudah dua orang jatuh."


def photo(name: str = "jalan.jpg") -> dict[str, object]:
    content = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(content, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": content.getvalue()}


def write_report(page: Page) -> None:
    page.get_by_label("Pengaduan", exact=True).check()
    page.get_by_label("Judul singkat").fill("Jalan rusak di Dusun III")
    page.get_by_label("Ceritakan kejadiannya").fill(STORY)
    page.get_by_label("Kecamatan").select_option(label="Stabat")


@pytest.fixture
def plain_page(browser: Browser, browser_context_args: dict) -> Page:
    """A phone whose browser runs no scripts."""
    window = {"width": PHONE, "height": 800}
    context = browser.new_context(**{**browser_context_args, "viewport": window}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_report_is_filed_and_followed_with_scripts(quiet_page: Page, site) -> None:
    page = quiet_page
    page.goto(site.url("/"))
    page.get_by_role("link", name=re.compile("^Buat")).click()
    write_report(page)
    page.get_by_label("Desa atau kelurahan").select_option(label="Sidomulyo")
    page.locator("#files").set_input_files([photo(), photo("lubang.jpg")])
    expect(page.locator(".app-file", has_text="sudah diterima")).to_have_count(2)
    page.locator("#privacy_read").check()
    assert_accessible(page)
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan Anda sudah kami terima")
    assert_accessible(page)
    code = page.locator(".app-code").inner_text()
    page.goto(site.url(f"/lacak#{code}"))
    expect(page.get_by_label("Kode tanda terima")).to_have_value(code)
    assert code not in page.url
    page.get_by_role("button", name="Buka laporan").click()
    expect(page.get_by_text("Jalan di Dusun III rusak parah sejak bulan lalu.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_report_is_filed_and_followed_without_scripts(plain_page: Page, site) -> None:
    page = plain_page
    page.goto(site.url(FORM))
    write_report(page)
    page.locator("#files").set_input_files([photo()])
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page).to_have_title(re.compile("^Kesalahan:"))
    expect(page.get_by_text("sudah diterima")).to_be_visible()
    page.locator("#privacy_read").check()
    # The kecamatan is known now, so its villages stand in the form itself.
    page.get_by_label("Desa atau kelurahan").select_option(label="Sidomulyo")
    page.get_by_role("button", name="Kirim laporan").click()
    code = page.locator(".app-code").inner_text()
    page.goto(site.url("/lacak"))
    page.get_by_label("Kode tanda terima").fill(code)
    page.get_by_role("button", name="Buka laporan").click()
    expect(page.get_by_text("jalan.jpg")).to_be_visible()


def test_what_was_typed_outlives_a_reload(quiet_page: Page, site) -> None:
    page = quiet_page
    page.goto(site.url(FORM))
    write_report(page)
    page.get_by_label("Desa atau kelurahan").select_option(label="Sidomulyo")
    page.reload()
    expect(page.get_by_label("Ceritakan kejadiannya")).to_have_value(STORY)
    expect(page.get_by_label("Desa atau kelurahan")).to_have_value("12.05.07.1006")
    expect(page.get_by_text("Yang Anda ketik tadi sudah kami kembalikan.")).to_be_visible()


def test_a_refused_file_says_why_and_is_not_left_out_unasked(page: Page, site) -> None:
    page.goto(site.url(FORM))
    liar = {"name": "bohong.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + bytes(3000)}
    page.locator("#files").set_input_files([liar, photo()])
    expect(page.locator(".app-file--failed")).to_contain_text("isinya bukan seperti namanya")
    expect(page.locator(".app-file", has_text="sudah diterima")).to_have_count(1)

    # Nothing is sent behind the back of whoever believes that the file has gone along.
    page.evaluate("window.untouched = true")
    page.get_by_role("button", name="Kirim laporan").click()
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Berkas bohong.jpg belum terkirim; hapus dari daftar atau pilih lagi.")
    expect(summary).to_contain_text("isinya bukan seperti namanya")
    assert page.evaluate("window.untouched") is True
    assert_accessible(page)
    summary.get_by_role("link").click()
    expect(page.get_by_role("button", name="Hapus bohong.jpg")).to_be_focused()

    # Choosing it again, now that it is what its name says, settles it as taking it away does.
    page.locator("#files").set_input_files([photo("bohong.jpg"), {**liar, "name": "lagi.jpg"}])
    expect(page.locator(".app-file", has_text="sudah diterima")).to_have_count(2)
    expect(summary).to_have_count(0)
    page.get_by_role("button", name="Kirim laporan").click()
    expect(summary).to_contain_text("Berkas lagi.jpg belum terkirim")
    page.get_by_role("button", name="Hapus lagi.jpg").click()
    expect(page.locator(".app-file")).to_have_count(2)
    expect(summary).to_have_count(0)
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page).to_have_title(re.compile("^Kesalahan:"))
    expect(page.get_by_text("sudah diterima")).to_have_count(2)


def test_a_refusal_moves_the_focus_to_what_is_wrong(page: Page, site) -> None:
    page.goto(site.url(FORM))
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.locator(".govuk-error-summary__list a").first.click()
    expect(page.locator("#classification")).to_be_focused()
