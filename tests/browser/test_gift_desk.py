"""The gift desk in a real browser: a report is filed, its facts are set right, and every page of the desk is sound."""

import pytest
from playwright.sync_api import Browser, Page, expect

from accessibility import assert_accessible

TITLE = "Parsel buah dari rekanan"
CHOSEN = {
    "event": "holiday",
    "givers[0].giver_relation": "vendor",
    "objects[0].kind": "other",
    "objects[0].object_class": "2",
    "objects[0].form": "goods",
    "objects[0].valued_by": "estimate",
    "objects[0].place": "upg",
}
TYPED = {
    "title": TITLE,
    "received_on": "2026-01-05",
    "received_at": "Ruang kerja",
    "givers[0].giver_name": "CV Rekaan",
    "objects[0].description": "Parsel buah",
    "objects[0].amount": "450.000",
    "chronology": "Diantar kurir ketika saya rapat.",
    "name": "Sari Rekaan",
    "identity_number": "1205015102930077",
    "position": "Pengelola",
    "home_address": "Alamat rekaan",
    "phone": "0800 000 0000",
}


@pytest.fixture(scope="module")
def number(browser: Browser, site) -> str:
    """A gratification report that waits for the UPG, filed through its form."""
    page = browser.new_page(locale="id-ID")
    page.goto(site.url("/lapor/gratification"))
    page.locator("[name=report_kind][value=receipt]").check()
    for name, value in CHOSEN.items():
        page.locator(f'[name="{name}"]').select_option(value)
    for name, text in TYPED.items():
        page.locator(f'[name="{name}"]').fill(text)
    for name in ("truthful", "privacy_read"):
        page.locator(f"[name={name}]").check()
    page.get_by_role("button", name="Kirim laporan").click()
    number = page.locator(".app-number").first.inner_text()
    page.close()
    return number


def test_facts_show_when_the_case_and_the_answer_ask_for_them(quiet_page: Page, site, number: str) -> None:
    page = quiet_page
    site.sign_in(page, "upg")
    page.goto(site.url(f"/tugas?lingkup=semua&cari={number}"))
    page.locator("tbody th a").first.click()
    facts = page.get_by_role("heading", name="Fakta untuk tabel kewajiban lapor")
    entrusted = page.get_by_label("Objek dititipkan kepada UPG")
    expect(facts).to_be_hidden()
    expect(entrusted).to_be_hidden()

    page.locator("[name=completeness][value=complete]").check()

    expect(facts).to_be_visible()
    expect(entrusted).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize(
    ("login", "paths"),
    [
        ("upg", ("/titipan", "/kegiatan", "/kasus/{number}", "/kasus/{number}/paket")),
        ("ketuaupg", ("/rekapitulasi", "/kalender")),
        ("admin", ("/kalender", "/operasi")),
    ],
)
def test_pages_of_the_desk_have_no_fault(page: Page, site, number: str, login: str, paths: tuple[str, ...]) -> None:
    site.sign_in(page, login)
    for path in paths:
        page.goto(site.url(path.format(number=number)))
        assert_accessible(page)
