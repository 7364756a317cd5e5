"""What a citizen meets: every public page without a fault, and the core path without scripts and without a mouse."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import assert_accessible
from reporters import FORM, file_report, fill_form


def press_until(page, name, *, key="Tab", limit=80):
    """Go from field to field as somebody without a mouse does, until the focus is on the field of that name."""
    for _ in range(limit):
        page.keyboard.press(key)
        if page.locator(":focus").count() and page.locator(":focus").get_attribute("name") == name:
            return
    raise AssertionError(f"the field {name} cannot be reached with {key}")


in_either_language = pytest.mark.parametrize("language", ["id", "en"])


@in_either_language
def test_public_pages_have_no_fault_in_either_language(quiet_page, site, language):
    # One after the other in one window, as people read them: each new one costs as much as what is judged there.
    for path in ("/", FORM, "/wajib-lapor", "/lacak", "/masuk", "/kredit"):
        quiet_page.goto(site.url(f"{path}?bahasa={language}"))

        assert quiet_page.locator("html").get_attribute("lang") == language
        assert_accessible(quiet_page)


@in_either_language
def test_a_page_that_says_no_has_no_fault_in_either_language(page, site, language):
    page.goto(site.url(f"/halaman/yang/tidak/ada?bahasa={language}"))

    assert page.locator("html").get_attribute("lang") == language
    assert_accessible(page)


def test_a_seal_that_nobody_knows_is_told_without_fault(page, site):
    page.goto(site.url("/verifikasi/tidak-dikenal"))

    assert_accessible(page)


def test_no_script_fails_and_nothing_is_refused_on_the_way_to_the_form(quiet_page, site):
    quiet_page.goto(site.url("/"))
    quiet_page.get_by_role("link", name="Pengaduan masyarakat").first.click()

    expect(quiet_page).to_have_url(site.url(FORM))


def test_a_report_is_filed_with_the_keyboard_alone(quiet_page, site):
    page = quiet_page
    page.goto(site.url(FORM))

    press_until(page, "classification")
    page.keyboard.press("Space")
    press_until(page, "title")
    page.keyboard.type("Sampah menumpuk di tepi jalan")
    press_until(page, "story")
    page.keyboard.type("Sampah menumpuk di tepi jalan sejak dua minggu dan baunya sampai ke sekolah.")
    press_until(page, "privacy_read")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Kirim laporan")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan Anda sudah kami terima")


def test_the_receipt_and_the_reporters_page_have_no_fault(page, site):
    receipt = file_report(page, site.address, title="Air tidak mengalir di Kwala Bingai")
    assert_accessible(page)

    page.goto(site.url("/lacak"))
    page.locator("[name=code]").fill(receipt.code)
    page.locator("main button").first.click()
    expect(page.locator("main")).to_contain_text(receipt.number)
    assert_accessible(page)


def test_what_is_wrong_is_told_in_a_summary_that_leads_to_the_field(page, site):
    page.goto(site.url(FORM))
    fill_form(page)
    page.locator("[name=email]").fill("bukan surel")
    page.get_by_role("button", name="Kirim laporan").click()

    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.locator("[name=email]")).to_be_focused()
    expect(page.locator("[name=title]")).to_have_value("Jalan rusak di Dusun III")
    assert_accessible(page)


def test_the_step_for_the_village_has_no_fault(page, site):
    # The judge is a script itself, so scripts are on, but none of the page's own arrives.
    page.route(re.compile(r"/aset/.*\.js"), lambda route: route.abort())
    page.goto(site.url(FORM))
    fill_form(page)
    page.get_by_role("button", name="Kirim laporan").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Satu langkah lagi"))
    assert_accessible(page)


def test_every_page_offers_a_way_past_its_head(page, site):
    page.goto(site.url("/"))
    page.keyboard.press("Tab")

    expect(page.locator(":focus")).to_have_class(re.compile("skip-link"))
    expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)
