"""What a citizen types and sends: a complaint in good order, and pictures to go with it."""

import io
from typing import Any

from PIL import Image

from pages import Page, Visitor

FORM = "/lapor/complaint"
STORY = "Jalan di Dusun III rusak parah sejak bulan lalu dan sudah dua orang jatuh."
ANSWERS = {
    "classification": "complaint",
    "title": "Jalan rusak di Dusun III",
    "story": STORY,
    "event_date": "2026-02-20",
    "district": "12.05.07",
    "village": "12.05.07.2001",
    "privacy_read": "true",
}


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, kind)
    content.seek(0)
    return content


def fill(visit: Visitor, answers: dict[str, Any], *, status: int = 200, page: Page | None = None) -> Page:
    return visit.fill(page or visit(FORM), FORM, answers, status=status)
