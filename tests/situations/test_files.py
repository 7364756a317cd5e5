"""Files that lie, explode or point elsewhere: refused, or stored unopened; the site keeps answering."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from time import process_time

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from complaints import ANSWERS, FORM, fill
from due_jobs import run_due_jobs
from evidence_files import docx, pdf, picture
from factories import NOW
from looking import row_counts
from pages import Visitor
from workflows.background.duties import Workshop
from workflows.evidence.models import Evidence
from workflows.journal.verification import verify

NOW_FIELDS = ANSWERS | {"_village_asked": "1"}


def zip_bomb() -> bytes:
    """A document of 300 kB that unpacks to 300 MB."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        with made.open("word/document.xml", "w") as member:
            for _ in range(300):
                member.write(bytes(1_000_000))
    return target.getvalue()


def huge_png(side: int = 60_000) -> bytes:
    """A picture of a few bytes that says that it is 60,000 by 60,000."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


LIARS = {
    "program as photo": ("foto.jpg", b"MZ" + bytes(4000)),
    "page as photo": ("foto.png", b"<!doctype html><script>alert(1)</script>"),
    "picture with a program's name": ("foto.exe", picture("JPEG")),
    "svg": ("gambar.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "shell": ("surat.pdf", b"#!/bin/sh\nrm -rf /\n"),
    "empty": ("kosong.jpg", b""),
    "archive": ("berkas.zip", b"PK\x05\x06" + bytes(18)),
}
QUIET = {
    "zip bomb": ("laporan.docx", zip_bomb),
    "huge picture": ("besar.png", huge_png),
    "broken picture": ("rusak.jpg", lambda: picture("JPEG")[:300]),
    "broken pdf": ("rusak.pdf", lambda: pdf()[:200]),
    "pdf with script": ("skrip.pdf", lambda: pdf(script=True)),
    "two kinds at once": ("dua.jpg", lambda: picture("JPEG") + docx()),
}
NAMES = [
    "../../../etc/passwd.jpg",
    "..\\..\\windows\\system.jpg",
    "/etc/cron.d/x.jpg",
    "C:\\x.jpg",
    "a\x00b.jpg",
    "a\r\nSet-Cookie: x=y.jpg",
    "." * 50 + ".jpg",
    "x" * 5000 + ".jpg",
    "\u202egpj.exe.jpg",
    "CON.jpg",
    "-rf.jpg",
    "~root.jpg",
]


@pytest.mark.parametrize(("name", "content"), LIARS.values(), ids=LIARS)
def test_a_file_that_is_not_what_it_says_is_refused_and_named(
    visit: Visitor, session: Session, name: str, content: bytes
) -> None:
    page = fill(visit, NOW_FIELDS | {"files": [(io.BytesIO(content), name)]}, status=422)
    assert name in page.problems["files"]
    assert page.value("story") == ANSWERS["story"]
    assert "stored_file" not in row_counts(session)


@pytest.mark.parametrize(("name", "make"), QUIET.values(), ids=QUIET)
def test_a_file_that_explodes_is_refused_or_rests_unopened(
    visit: Visitor, session: Session, workshop: Workshop, name: str, make: Callable[[], bytes]
) -> None:
    began = process_time()
    form = {**visit(FORM).form(FORM).values, **NOW_FIELDS, "files": [(io.BytesIO(make()), name)]}
    response = visit.client.post(FORM, data=form)
    assert response.status_code in {303, 422}
    run_due_jobs(session, workshop, NOW)
    assert process_time() - began < 10
    visit("/")
    assert verify(session) is None
    for evidence in session.scalars(select(Evidence)):
        assert evidence.size < 1_000_000


def test_no_name_leads_out_of_its_place(visit: Visitor, session: Session) -> None:
    blank = visit(FORM).form(FORM).values
    for number, name in enumerate(NAMES):
        files = [(io.BytesIO(picture("JPEG", (40, 30 + number))), name)]
        response = visit.client.post(FORM, data={**blank, **NOW_FIELDS, "_key": f"k{number:020d}", "files": files})
        assert response.status_code in {303, 422}, name[:40]
    for kept in session.scalars(select(Evidence.name)):
        assert kept.isprintable(), repr(kept)
        assert not set(kept) & {"/", "\\", "\x00", "\n", "\r"}, repr(kept)
        assert not kept.startswith("."), repr(kept)
        assert len(kept) <= 255
        assert "\u202e" not in kept


def test_a_kept_file_cannot_be_named_by_its_checksum(visit: Visitor, session: Session) -> None:
    """Only a token of ours brings a file that had arrived before; to know its checksum opens nothing."""
    fill(visit, NOW_FIELDS | {"files": [(io.BytesIO(picture("JPEG")), "jalan.jpg")]})
    checksum = session.scalars(select(Evidence.checksum)).one()
    for token in (checksum, f'["files","{checksum}","x.jpg",1]', f"{checksum}.x.y"):
        fill(visit, {**NOW_FIELDS, "files_kept": [token]}, status=422)
    assert session.scalar(text("SELECT count(*) FROM evidence")) == 1
