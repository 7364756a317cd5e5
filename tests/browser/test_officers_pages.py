"""What an officer meets: every page without a fault, and a task taken and worked on."""

import pytest
from playwright.sync_api import expect

from accessibility import assert_accessible
from reporters import file_report

TITLE = "Jembatan gantung putus di Bahorok"


@pytest.fixture(scope="module")
def receipt(browser, site):
    """A report that waits for its first officer."""
    page = browser.new_page(locale="id-ID")
    receipt = file_report(page, site.address, title=TITLE)
    page.close()
    return receipt


@pytest.mark.parametrize(
    ("login", "paths"),
    [
        ("petugas", ["/tugas", "/kasus"]),
        ("sekda", ["/eskalasi", "/pemberitahuan"]),
        ("admin", ["/insiden", "/operasi", "/pengguna", "/pengguna/baru"]),
        ("bupati", ["/kasus"]),
    ],
)
def test_lists_have_no_fault(page, site, receipt, login, paths):
    site.sign_in(page, login)
    for path in paths:
        page.goto(site.url(path))

        assert_accessible(page)


def test_the_case_page_with_its_diagram_has_no_fault(quiet_page, site, receipt):
    site.sign_in(quiet_page, "petugas")
    quiet_page.goto(site.url(f"/kasus/{receipt.number}"))

    expect(quiet_page.get_by_role("heading", level=1)).to_contain_text(receipt.number)
    expect(quiet_page.locator("main svg").first).to_be_visible()
    assert_accessible(quiet_page)


def test_a_task_is_found_taken_and_opened(quiet_page, site, receipt):
    site.sign_in(quiet_page, "petugas")
    quiet_page.get_by_role("link", name="Unit saya").click()
    row = quiet_page.get_by_role("row").filter(has_text=receipt.number)
    expect(row).to_contain_text(TITLE)
    row.get_by_role("link").click()
    quiet_page.wait_for_load_state()
    assert_accessible(quiet_page)

    quiet_page.get_by_role("button", name="Ambil").first.click()
    quiet_page.wait_for_load_state()
    expect(quiet_page.locator("main form")).not_to_have_count(0)
    assert_accessible(quiet_page)


def test_a_wrong_password_is_told_calmly(page, site):
    page.goto(site.url("/masuk"))
    page.locator("[name=login]").fill("petugas")
    page.locator("[name=password]").fill("bukan ini kata sandinya")
    page.locator("main button").first.click()

    expect(page.locator(".govuk-error-summary")).to_be_visible()
    assert_accessible(page)
