"""Rows of a list in a real browser: they come without the page being loaded anew, outlive a reload, and fit a phone."""

import re

from playwright.sync_api import Page, expect

from accessibility import assert_accessible

FORM = "/lapor/gratification"


def rows(page: Page, list_name: str):
    return page.locator(f'[data-row^="{list_name}["]')


def test_rows_come_and_go_in_place_and_outlive_a_reload(quiet_page: Page, site) -> None:
    page = quiet_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site.url(FORM))
    page.locator('[name="givers[0].giver_name"]').fill("Budi Santoso")
    page.evaluate("window.untouched = true")
    page.get_by_role("button", name=re.compile("^Tambah pemberi", re.IGNORECASE)).click()
    expect(rows(page, "givers")).to_have_count(2)
    expect(page.locator('[name="givers[1].giver_name"]')).to_be_focused()
    page.locator('[name="givers[1].giver_name"]').fill("Siti Aminah")
    assert page.evaluate("window.untouched") is True
    assert_accessible(page)

    page.reload()
    expect(page.locator('[name="givers[1].giver_name"]')).to_have_value("Siti Aminah")
    expect(page.locator('[name="givers[0].giver_name"]')).to_have_value("Budi Santoso")

    page.get_by_role("button", name=re.compile("^Hapus Pemberi 1$")).click()
    expect(page.locator('[name="givers[0].giver_name"]')).to_have_value("Siti Aminah")
