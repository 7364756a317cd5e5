"""Takes the pictures and the printed sample of this folder anew, from a running demonstration.

    make run                                  in one terminal
    .venv/bin/amanah demo                     in another, then
    .venv/bin/python docs/take_pictures.py    (ADDRESS=http://127.0.0.1:8001 for another port)

The pictures show invented people and complaints only.
"""

import json
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).parent
ADDRESS = os.environ.get("ADDRESS", "http://127.0.0.1:8000")
HOME = Path(os.environ.get("AMANAH_HOME", ".amanah"))
WIDTHS = (390, 1280)
# Enough to see how a page begins; a whole page of a long case would be a ribbon.
TALLEST = 2200
# Name of the picture -> who looks, and at which address.
PAGES = {
    "home": (None, "/"),
    "report": (None, "/lapor/complaint"),
    "inbox": ("petugas", "/tugas?lingkup=unit"),
    "task": ("petugas", "first task"),
    "case": ("penyelia", "a running case"),
    "escalations": ("sekda", "/eskalasi"),
}

# What is called so -> how the list of cases is narrowed to it.
CASES = {
    "a running case": "keadaan=berjalan&cari=ambruk",
    "a closed case": "keadaan=selesai&cari=jembatan",
}


def main() -> None:
    """Take every picture at both widths, and print the sample."""
    passwords = json.loads((HOME / "demo.json").read_text(encoding="utf-8"))
    (DOCS / "screenshots").mkdir(exist_ok=True)
    executable = os.environ.get("CHROME") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for width in WIDTHS:
            for name, (login, address) in PAGES.items():
                page = open_as(browser, login, passwords, width)
                go(page, address)
                picture(page, DOCS / "screenshots" / f"{name}-{width}.png")
                page.context.close()
        sample(open_as(browser, "petugas", passwords, 1280))
        browser.close()


def open_as(browser: Browser, login: str | None, passwords: dict[str, str], width: int) -> Page:
    """Open a page as somebody, or as nobody."""
    page = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True).new_page()
    if login:
        page.goto(f"{ADDRESS}/masuk")
        page.fill("[name=login]", login)
        page.fill("[type=password]", passwords[login])
        page.locator("main button").first.click()
        page.wait_for_url("**/tugas*")
    return page


def go(page: Page, address: str) -> None:
    """Go to an address, or to what is called so."""
    if address == "first task":
        page.goto(f"{ADDRESS}/tugas?lingkup=unit")
        page.locator("tbody th a").first.click()
    elif address in CASES:
        page.goto(f"{ADDRESS}/kasus?{CASES[address]}")
        page.locator("tbody th a").first.click()
    else:
        page.goto(f"{ADDRESS}{address}")
    page.wait_for_load_state("networkidle")


def picture(page: Page, target: Path) -> None:
    """Take the beginning of the page as a small picture."""
    page.screenshot(path=target, full_page=True)
    with Image.open(target) as whole:
        part = whole.crop((0, 0, whole.width, min(whole.height, TALLEST)))
        part.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(target, optimize=True)


def sample(page: Page) -> None:
    """Print the report of a closed case and keep it as the sample."""
    go(page, "a closed case")
    page.goto(f"{page.url.split('#')[0]}/laporan")
    links = page.get_by_role("link", name="Unduh PDF")
    printed_before = links.count()
    page.get_by_role("button", name="Cetak laporan").click()
    # The newest stands first once it is there.
    links.nth(printed_before).wait_for(timeout=120_000)
    with page.expect_download() as download:
        links.first.click()
    download.value.save_as(DOCS / "sample-report.pdf")


if __name__ == "__main__":
    main()
