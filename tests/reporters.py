"""How a citizen files a report in a real browser, step by step; what a step shows is looked at by the tests."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page

FORM = "/lapor/complaint"


@dataclass(frozen=True)
class Receipt:
    """What the reporter takes home."""

    number: str
    code: str


def fill_form(page: Page, *, title: str = "Jalan rusak di Dusun III") -> None:
    """Fill what the form insists on, and the kecamatan."""
    page.locator("[name=classification][value=complaint]").check()
    page.locator("[name=title]").fill(title)
    page.locator("[name=story]").fill("Jalan di Dusun III rusak parah sejak bulan lalu dan sudah dua orang jatuh.")
    page.locator("[name=district]").select_option("12.05.07")
    page.locator("[name=privacy_read]").check()


def send_form(page: Page) -> None:
    """Send the form, and the step that asks for the village where it comes."""
    page.get_by_role("button", name="Kirim laporan").click()
    page.wait_for_load_state()
    if page.get_by_role("heading", level=1, name=re.compile("Satu langkah lagi")).count():
        page.get_by_role("button", name="Kirim laporan").click()
        page.wait_for_load_state()


def read_receipt(page: Page) -> Receipt:
    """Read number and code as a person does, from the text of the page."""
    text = page.locator("main").inner_text()
    number, code = re.search(r"PGD-\d{4}-\d{5}", text), re.search(r"\b\d{5}(?:-\d{5}){4}\b", text)
    assert number, text
    assert code, text
    return Receipt(number[0], code[0])


def file_report(page: Page, address: str, *, title: str = "Jalan rusak di Dusun III") -> Receipt:
    """File a report from the form to the receipt."""
    page.goto(address + FORM)
    fill_form(page, title=title)
    send_form(page)
    return read_receipt(page)
