"""Takes the pictures and the printed sample of this folder anew, from a running demonstration.

    make run                                  in one terminal
    .venv/bin/amanah demo                     in another, then
    .venv/bin/python docs/take_pictures.py    (ADDRESS=http://127.0.0.1:8001 for another port)

With the beginning of a name, such as `gift`, only the pictures that are called so are taken, and no sample is printed.

The pictures show invented people and complaints only.
"""

import io
import json
import os
import shutil
import sys
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

# A day at the gift desk, for gift-desk.md: name -> (who looks, at which address, at which width).
GIFT_DESK = {
    "gift-duty": (None, "/wajib-lapor", 390),
    "gift-report": ("asn", "/lapor/gratification", 390),
    "gift-inbox": ("upg", "/tugas?lingkup=semua", 1280),
    "gift-completeness": ("upg", "task: Periksa kelengkapan", 1280),
    "gift-review": ("upg", "task: Telaah dan tetapkan klasifikasi", 1280),
    "gift-checklist": ("ketuaupg", "task: Periksa dan tandatangani daftar periksa", 1280),
    "gift-custody": ("upg", "/titipan", 1280),
    "gift-package": ("upg", "package: Menunggu penetapan", 1280),
    "gift-surrender": ("upg", "task: Verifikasi bukti penyerahan", 1280),
    "gift-activities": ("ketuaupg", "/kegiatan", 1280),
    "gift-recapitulation": ("ketuaupg", "/rekapitulasi", 1280),
    "gift-tracked": ("asn", "own report", 390),
}

# What is called so -> how the list of cases is narrowed to it.
CASES = {
    "a running case": "keadaan=berjalan&cari=ambruk",
    "a closed case": "keadaan=selesai&cari=jembatan",
}


def main() -> None:
    """Take the pictures that are asked for, all at first, and print the sample."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    passwords = json.loads((HOME / "demo.json").read_text(encoding="utf-8"))
    (DOCS / "screenshots").mkdir(exist_ok=True)
    executable = os.environ.get("CHROME") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    plan = [(f"{name}-{width}.png", *page, width) for width in WIDTHS for name, page in PAGES.items()]
    plan += [(f"{name}.webp", *page) for name, page in GIFT_DESK.items()]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for file, login, address, width in plan:
            if file.startswith(wanted):
                page = open_as(browser, login, passwords, width)
                go(page, address)
                picture(page, DOCS / "screenshots" / file)
                page.context.close()
        if not wanted:
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
        page.wait_for_url(lambda address: "/masuk" not in address)
    return page


def go(page: Page, address: str) -> None:
    """Go to an address, or to what is called so."""
    if address == "first task":
        page.goto(f"{ADDRESS}/tugas?lingkup=unit")
        page.locator("tbody th a").first.click()
    elif address.startswith("task: "):
        page.goto(f"{ADDRESS}/tugas?lingkup=semua")
        page.get_by_role("link", name=address.removeprefix("task: "), exact=True).first.click()
    elif address.startswith("package: "):
        page.goto(f"{ADDRESS}/kasus?keadaan=berjalan")
        page.locator("tbody tr").filter(has_text=address.removeprefix("package: ")).locator("th a").first.click()
        page.goto(f"{page.url}/paket")
    elif address == "own report":
        page.goto(f"{ADDRESS}/lacak")
        page.locator("main li a, main td a, main th a").last.click()
    elif address in CASES:
        page.goto(f"{ADDRESS}/kasus?{CASES[address]}")
        page.locator("tbody th a").first.click()
    else:
        page.goto(f"{ADDRESS}{address}")
    page.wait_for_load_state("networkidle")


def picture(page: Page, target: Path) -> None:
    """Take the beginning of the page as a small picture; `.webp` is for pages that are full of photos and tables."""
    taken = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    part = taken.crop((0, 0, taken.width, min(taken.height, TALLEST)))
    if target.suffix == ".webp":
        part.save(target, quality=55, method=6)
    else:
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
