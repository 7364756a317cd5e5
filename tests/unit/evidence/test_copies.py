"""Working copies: the same picture, without where and with what it was taken."""

import io

import pikepdf
import pytest
from PIL import Image

from evidence_files import HEIC_PHOTO, pdf, picture
from workflows.evidence.copies import CannotCopy, copy_of, without_application_segments


def copied(content: bytes, content_type: str) -> bytes:
    return copy_of(io.BytesIO(content), content_type).content


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_copy_of_a_picture_tells_neither_place_nor_telephone(form: str) -> None:
    original = picture(form, gps=True)
    assert b"Telepon Rahasia" in original

    content = copied(original, f"image/{form.lower()}")

    assert b"Telepon Rahasia" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == form
        assert image.size == (40, 30)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)


def test_a_photograph_of_a_telephone_becomes_one_that_everything_shows() -> None:
    assert b"Telepon Rahasia" in HEIC_PHOTO

    copy = copy_of(io.BytesIO(HEIC_PHOTO), "image/heic")

    assert copy.content_type == "image/jpeg"
    assert b"Telepon Rahasia" not in copy.content
    with Image.open(io.BytesIO(copy.content)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 30))
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)
        red, blue = image.getpixel((30, 20)), image.getpixel((2, 2))
        assert red[0] > 150 > red[2]
        assert blue[2] > 150 > blue[0]


def test_a_photograph_that_was_cut_short_cannot_be_copied() -> None:
    with pytest.raises(CannotCopy):
        copy_of(io.BytesIO(HEIC_PHOTO[:600]), "image/heic")


def test_copy_is_upright_though_the_note_about_turning_is_gone() -> None:
    with Image.open(io.BytesIO(copied(picture("PNG", rotated=True), "image/png"))) as image:
        assert image.size == (30, 40)
        assert image.getpixel((29, 0)) == (0, 0, 255)


def test_comment_and_text_chunks_do_not_survive() -> None:
    target = io.BytesIO()
    Image.new("RGB", (9, 9)).save(target, "JPEG", comment=b"ditulis oleh Budi")

    assert b"Budi" not in copied(target.getvalue(), "image/jpeg")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_colour_mode_are_copied(mode: str) -> None:
    target = io.BytesIO()
    Image.new(mode, (9, 9)).save(target, "PNG")

    with Image.open(io.BytesIO(copied(target.getvalue(), "image/png"))) as image:
        assert image.size == (9, 9)


def test_printers_colours_are_copied_as_screen_colours() -> None:
    target = io.BytesIO()
    Image.new("CMYK", (9, 9)).save(target, "JPEG")

    with Image.open(io.BytesIO(copied(target.getvalue(), "image/jpeg"))) as image:
        assert image.mode == "RGB"


def test_very_large_picture_is_copied_at_a_readable_size() -> None:
    with Image.open(io.BytesIO(copied(picture("JPEG", (9_000, 300)), "image/jpeg"))) as image:
        assert max(image.size) == 4_096


def test_copy_of_a_document_names_no_author_and_runs_nothing() -> None:
    original = pdf(author="Budi Pelapor", script=True)

    content = copied(original, "application/pdf")

    with pikepdf.open(io.BytesIO(content)) as document:
        assert len(document.pages) == 1
        assert "/Info" not in document.trailer or "/Author" not in document.docinfo
        assert "/Metadata" not in document.Root
        assert "/OpenAction" not in document.Root
        assert not document.attachments
        assert all(
            not isinstance(thing, pikepdf.Dictionary) or thing.get("/S") != pikepdf.Name.JavaScript
            for thing in document.objects
        )


def test_photographs_inside_a_document_lose_their_traces_too() -> None:
    photograph = picture("JPEG", gps=True)

    content = copied(pdf(photograph=photograph), "application/pdf")

    with pikepdf.open(io.BytesIO(content)) as document:
        inside = document.pages[0].Resources.XObject.P.read_raw_bytes()
    assert b"Telepon Rahasia" not in inside
    with Image.open(io.BytesIO(inside)) as image:
        assert image.size == (40, 30)
        assert not image.getexif()


def test_jpeg_that_cannot_be_read_is_left_as_it_is() -> None:
    for strange in (b"", b"no jpeg", b"\xff\xd8\xff\xe1\xff\xff", b"\xff\xd8\xff\xe1"):
        assert without_application_segments(strange) == strange


def test_photograph_that_was_cut_short_is_copied_as_far_as_it_goes() -> None:
    whole = picture("JPEG", (900, 900))

    with Image.open(io.BytesIO(copied(whole[: len(whole) // 2], "image/jpeg"))) as image:
        assert image.size == (900, 900)


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png", "application/pdf"])
def test_damaged_file_cannot_be_copied(content_type: str) -> None:
    with pytest.raises(CannotCopy):
        copied(b"damaged", content_type)


def test_same_document_gives_the_same_copy() -> None:
    original = pdf(author="x")

    assert copied(original, "application/pdf") == copied(original, "application/pdf")
