"""The officers' desk in a real browser: what waits is in sight, and every further screen is without a fault."""

import pytest
from playwright.sync_api import expect

from accessibility import assert_accessible
from reporters import file_report


@pytest.fixture(scope="module")
def receipt(browser, site):
    """A report that waits for its first officer."""
    page = browser.new_page(locale="id-ID")
    receipt = file_report(page, site.address, title="Tanggul sungai retak di Tanjung Pura")
    page.close()
    return receipt


@pytest.mark.parametrize(("login", "path"), [("petugas", "/akun"), ("opd", "/akun/kode")])
def test_a_page_of_the_account_has_no_fault(page, site, login, path):
    site.sign_in(page, login)
    page.goto(site.url(path))

    assert_accessible(page)


def test_the_page_of_a_user_has_no_fault(quiet_page, site):
    site.sign_in(quiet_page, "admin")
    quiet_page.goto(site.url("/pengguna?cari=zulkarnain"))
    quiet_page.locator("tbody th a").first.click()
    # All folds of that page, and none of the list that led there.
    quiet_page.wait_for_url(lambda url: "cari=" not in url)
    for fold in quiet_page.locator("summary").all():
        fold.click()

    assert_accessible(quiet_page)


def test_what_waits_is_in_sight_and_the_page_stays_at_its_top(quiet_page, site, receipt):
    site.sign_in(quiet_page, "petugas")
    quiet_page.goto(site.url(f"/kasus/{receipt.number}"))

    region = quiet_page.locator(".app-diagram")
    inside = region.evaluate(
        """region => {
            const here = region.getBoundingClientRect();
            const there = region.querySelector(".diagram__userTask.is-waiting").getBoundingClientRect();
            return there.left >= here.left && there.right <= here.right
                && there.top >= here.top && there.bottom <= here.bottom;
        }"""
    )
    assert inside
    assert quiet_page.evaluate("scrollY") == 0


def test_the_diagram_scrolls_by_keyboard(quiet_page, site, receipt):
    site.sign_in(quiet_page, "petugas")
    quiet_page.goto(site.url(f"/kasus/{receipt.number}/diagram"))
    region = quiet_page.locator(".app-diagram")
    region.focus()
    before = region.evaluate("region => region.scrollTop")
    quiet_page.keyboard.press("ArrowDown")

    quiet_page.wait_for_function("before => document.querySelector('.app-diagram').scrollTop > before", arg=before)
    assert_accessible(quiet_page)


def test_the_diagram_can_be_seen_large_without_scripts(browser, site, receipt):
    context = browser.new_context(java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    site.sign_in(page, "petugas")
    page.goto(site.url(f"/kasus/{receipt.number}"))
    page.get_by_role("link", name="Buka diagram sebesar layar").click()

    expect(page.locator("main svg")).to_be_visible()
    width = page.locator("main svg").bounding_box()["width"]
    assert width >= 2000
    context.close()


def test_a_report_is_asked_for_and_its_page_has_no_fault(quiet_page, site, receipt):
    site.sign_in(quiet_page, "petugas")
    quiet_page.goto(site.url(f"/kasus/{receipt.number}/laporan"))
    quiet_page.get_by_role("button", name="Cetak laporan").click()

    expect(quiet_page.get_by_text("Menunggu giliran")).to_be_visible()
    assert_accessible(quiet_page)
