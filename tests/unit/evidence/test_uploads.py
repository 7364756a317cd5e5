"""Files at the door: what they are, how large, and the one sentence each problem gets."""

import io
import struct
import zipfile
import zlib

import pytest

from evidence_files import HEIC_PHOTO, LIMITED, M4A, MP3, MP4, ODT, OGG, archive, docx, pdf, picture, upload, xlsx
from workflows.errors import InvalidAnswers
from workflows.evidence.kinds import recognise
from workflows.evidence.uploads import Limits, clean_name, examine
from workflows.settings import Settings

LIMITS = Limits(**LIMITED)
# Says that it is a photograph and ends before it begins.
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64
AVIF = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif" + b"\x00" * 64
GIF = b"GIF89a" + b"\x01\x00\x01\x00\x00\x00\x00;"


def problems(*uploads: object, limits: Limits = LIMITS) -> list[str]:
    with pytest.raises(InvalidAnswers) as caught:
        examine(uploads, limits)  # type: ignore[arg-type]
    return [code for _, code, _ in caught.value.problems]


def png_that_claims(width: int, height: int) -> bytes:
    """A tiny file whose header promises a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("a.jpg", picture("JPEG"), "image/jpeg"),
        ("a.JPEG", picture("JPEG"), "image/jpeg"),
        ("a.png", picture("PNG"), "image/png"),
        ("a.webp", picture("WEBP"), "image/webp"),
        ("a.HEIC", HEIC_PHOTO, "image/heic"),
        ("a.pdf", pdf(), "application/pdf"),
        ("a.docx", docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("a.txt", "Jalan berlubang – lihat §3".encode(), "text/plain"),
        ("a.csv", b"nama,umur\r\nA,3\r\n", "text/plain"),
        ("a.mp4", MP4, "video/mp4"),
        ("a.m4a", M4A, "audio/mp4"),
        ("a.opus", OGG, "audio/ogg"),
        ("a.mp3", MP3, "audio/mpeg"),
    ],
)
def test_kind_is_told_from_the_content(name: str, content: bytes, content_type: str) -> None:
    (examined,) = examine([upload(name, content)], LIMITS)

    assert examined.kind.content_type == content_type
    assert examined.size == len(content)


@pytest.mark.parametrize(
    ("name", "content", "called"),
    [
        ("foto.jpg", picture("PNG"), "foto.png"),
        ("foto.heic", picture("JPEG"), "foto.jpg"),
        ("foto.jpeg", HEIC_PHOTO, "foto.heic"),
        ("foto.2026.png", picture("WEBP"), "foto.2026.webp"),
        ("gambar", picture("JPEG"), "gambar.jpg"),
        ("foto.JPG", picture("JPEG"), "foto.JPG"),
    ],
)
def test_a_picture_called_after_another_kind_is_taken_for_what_it_is(name: str, content: bytes, called: str) -> None:
    (examined,) = examine([upload(name, content)], LIMITS)

    assert (examined.name, examined.kind.family) == (called, "picture")
    assert examined.kind is recognise(io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", picture("JPEG")),
        ("a.mp4", picture("PNG")),
        ("a.exe", picture("JPEG")),
        ("a.jpg", pdf()),
        ("gambar", pdf()),
        ("a.png", b"MZ\x90\x00" + b"\x00" * 200),
        ("a.jpg", b"<html><script>alert(1)</script>"),
        ("a.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a.txt", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.txt", b"\x00\x01\x02"),
        ("a.txt", b"\xff\xfe\x00caf\xe9"),
        ("a.docx", archive(a_dot_txt=b"x")),
        ("a.docx", xlsx()),
        ("a.docx", docx(word__vbaProject_dot_bin=b"x")),
        ("a.pdf", b"MZ junk before %PDF-1.4"),
        ("a.mp4", HEIC),
        ("a.heic", AVIF),
    ],
)
def test_name_that_promises_something_else_is_refused(name: str, content: bytes) -> None:
    assert problems(upload(name, content)) == ["file.lying"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ\x90\x00" + b"\x00" * 200),
        ("a.gif", GIF),
        ("a.svg", b"<svg/>"),
        ("a.zip", archive(a_dot_txt=b"x")),
        ("a", b"\x00\x01"),
    ],
)
def test_kind_that_the_office_does_not_take_is_refused(name: str, content: bytes) -> None:
    assert problems(upload(name, content)) == ["file.kind_not_taken"]


def test_file_at_the_limit_is_taken_and_one_byte_over_is_refused() -> None:
    image, document = picture("PNG"), b"a" * 5_000
    limits = Limits(picture=len(image), document=5_000, report=60_000, files=10)

    assert len(examine([upload("a.png", image), upload("b.txt", document)], limits)) == 2
    assert problems(upload("a.png", image + b"\x00"), limits=limits) == ["file.too_large"]
    assert problems(upload("b.txt", document + b"a"), limits=limits) == ["file.too_large"]


def test_whole_report_at_the_limit_is_taken_and_one_byte_over_is_refused() -> None:
    limits = Limits(picture=100, document=100, report=150, files=10)

    assert len(examine([upload("a.txt", b"a" * 100), upload("b.txt", b"b" * 50)], limits)) == 2
    assert problems(upload("a.txt", b"a" * 100), upload("b.txt", b"b" * 51), limits=limits) == ["files.too_large"]


def test_as_many_files_as_allowed_are_taken_and_one_more_is_refused() -> None:
    limits = Limits(picture=100, document=100, report=1_000, files=2)

    assert len(examine([upload("a.txt", b"a")] * 2, limits)) == 2
    assert problems(*[upload("a.txt", b"a")] * 3, limits=limits) == ["files.too_many"]


def test_limits_are_those_of_the_installation() -> None:
    assert Limits.of(Settings.from_env({})) == LIMITS


def test_every_problem_is_told_at_once_beside_its_field() -> None:
    with pytest.raises(InvalidAnswers) as caught:
        examine([upload("a.txt", b"", "letter"), upload("b.txt", b"ok"), upload("c.exe", b"MZ\0\0", "photo")], LIMITS)

    assert [(field, code) for field, code, _ in caught.value.problems] == [
        ("letter", "file.empty"),
        ("photo", "file.kind_not_taken"),
    ]


def test_picture_of_sixty_thousand_points_square_is_refused_unopened() -> None:
    assert problems(upload("a.png", png_that_claims(60_000, 60_000))) == ["file.too_many_points"]
    assert problems(upload("a.png", png_that_claims(10_000, 9_000))) == ["file.too_many_points"]


def test_office_document_that_swells_without_measure_is_refused_unopened() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "x")
        bomb.writestr("word/document.xml", b"\x00" * 30_000_000)

    assert len(target.getvalue()) < 100_000
    assert problems(upload("a.docx", target.getvalue())) == ["file.lying"]


def test_encrypted_and_damaged_documents_are_refused() -> None:
    assert problems(upload("a.pdf", pdf(password="x"))) == ["file.encrypted"]
    assert problems(upload("a.pdf", b"%PDF-1.7\nnothing")) == ["file.broken"]
    assert problems(upload("a.png", picture("PNG")[:30])) == ["file.broken"]
    assert problems(upload("a.heic", HEIC)) == ["file.broken"]


def test_stream_is_left_at_its_beginning() -> None:
    stream = io.BytesIO(docx())

    recognise(stream)

    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("foto.jpg", "foto.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Budi\\foto rumah.jpg", "foto rumah.jpg"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("foto\u202egnp.exe", "fotognp.exe"),
        ("  ..hidden.. ", "hidden"),
        ("", "berkas"),
        ("..", "berkas"),
        ("x" * 300 + ".jpg", "x" * 116 + ".jpg"),
        ("cafe\u0301.txt", "café.txt"),
    ],
)
def test_names_lose_their_folders_and_tricks(name: str, clean: str) -> None:
    assert clean_name(name) == clean
