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
    # What the form itself proposes (one piece, rupiah) is no answer yet.
    expect(rows(page, "objects").locator("summary")).to_have_text("Objek 1")
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


def test_a_long_list_is_paged_in_place_and_outlives_the_page(quiet_page: Page, site) -> None:
    page = quiet_page
    page.goto(site.url(FORM))
    head = "nama pemberi;hubungan;uraian;jenis;golongan;bentuk;nilai;mata uang;dasar nilai;lokasi\n"
    gifts = [f"Tamu {number};public;kado;l;3;goods;100000;IDR;estimate;reporter" for number in range(30)]
    sheet = {"name": "kado.csv", "mimeType": "text/csv", "buffer": (head + "\n".join(gifts)).encode()}
    page.locator("summary", has_text="Isi dari lembar kerja").last.click()
    page.set_input_files('[name="_sheet:objects"]', sheet)
    page.locator('[name="_import"][value="objects"]').click()
    expect(page.locator('[data-line^="objects["]')).to_have_count(25)
    page.evaluate("window.untouched = true")
    page.locator('[name="_turn_rows"][value="objects:2"]').click()
    expect(page.get_by_text("Objek 26 sampai 30 dari 30")).to_be_visible()
    assert page.evaluate("window.untouched") is True
    assert_accessible(page)

    # The page that the sheet was sent from: to load that again would send the sheet again.
    page.goto(site.url(FORM))
    expect(page.get_by_text("Objek 26 sampai 30 dari 30")).to_be_visible()
    page.locator('[name="_edit_row"][value="objects[27]"]').click()
    expect(page.locator('[name="objects[27].description"]')).to_have_value("kado")
