"""Working copies: the same picture or document again, without the traces that its maker left in it.

A photograph tells where and with which telephone it was taken; a PDF tells who wrote it. Handlers get the copy, the
original keeps its checksum. Pure functions of bytes; sizes were checked when the file came in.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
from pikepdf.sanitize import Sanitizer
from PIL import Image, ImageCms, ImageFile, ImageOps

from workflows.evidence.pictures import FORMATS, opened

# Content types of which handlers get a copy instead of the original.
COPIED = frozenset({*FORMATS, "application/pdf"})
# Longest side of a copied picture: enough to read a photographed page, little enough to decode anywhere.
_LONGEST_SIDE = 4_096

# A photograph that a bad connection cut short is evidence as far as it goes. The printer sets the same for the whole
# process as soon as it is loaded, so it is said here once and for all.
ImageFile.LOAD_TRUNCATED_IMAGES = True


class CannotCopy(Exception):
    """The file cannot be read as what it says it is."""


@dataclass(frozen=True)
class Copy:
    """A working copy."""

    content: bytes
    content_type: str


def copy_of(stream: BinaryIO, content_type: str) -> Copy:
    """Make the working copy; CannotCopy when the file is damaged, ValueError for a type that is not copied."""
    if content_type not in COPIED:
        raise ValueError(content_type)
    stream.seek(0)
    try:
        if content_type == "application/pdf":
            return Copy(_document(stream), content_type)
        # What only telephones can show becomes what everything can.
        shown_as = "image/jpeg" if content_type == "image/heic" else content_type
        return Copy(_picture(stream, content_type, shown_as), shown_as)
    except (OSError, SyntaxError, ValueError, RuntimeError, pikepdf.PdfError, Image.DecompressionBombError) as error:
        raise CannotCopy(type(error).__name__) from error


def _picture(stream: BinaryIO, content_type: str, shown_as: str) -> bytes:
    form = FORMATS[shown_as]
    with warnings.catch_warnings():
        # Our own limits are kept at the door; Pillow's warning below them says nothing new.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with opened(stream, content_type) as original:
            # JPEG can be decoded at a half or a quarter, so that a huge one never stands whole in memory.
            original.draft(None, (_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(original)
            picture = _plain_colours(upright, original.info.get("icc_profile"))
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    # Only the points go over; whatever else the file carried stays behind.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    if form == "JPEG" and bare.mode != "L":
        bare = bare.convert("RGB")
    target = io.BytesIO()
    options: Mapping[str, Mapping[str, Any]] = {
        "JPEG": {"quality": 88, "optimize": True},
        "PNG": {"optimize": False, "compress_level": 6},
        "WEBP": {"quality": 88},
    }
    bare.save(target, form, **options[form])
    return target.getvalue()


def _plain_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Turn palettes and wide colours into plain sRGB, since the profile stays behind."""
    if picture.mode in {"P", "PA"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    elif picture.mode not in {"L", "LA", "RGB", "RGBA"}:
        # 16-bit greys, CMYK, single bits.
        picture = picture.convert("L" if picture.mode in {"1", "I", "F", "I;16"} else "RGB")
    if profile and picture.mode in {"RGB", "RGBA"}:
        try:
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            return picture
        return converted or picture
    return picture


def _document(stream: BinaryIO) -> bytes:
    with pikepdf.open(stream) as document:
        (
            Sanitizer()
            .remove_javascript()
            .remove_external_access()
            .remove_attachments()
            .remove_thumbnails()
            .remove_search_index()
            .remove_multimedia()
            .remove_web_capture()
            .remove_private_app_data()
            .remove_collection()
            .apply(document)
        )
        if "/OpenAction" in document.Root:
            del document.Root["/OpenAction"]
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        for thing in document.objects:
            _strip(thing)
        target = io.BytesIO()
        # The identifier that a writer gives a document can be traced to its other editions.
        document.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return target.getvalue()


def _strip(thing: Any) -> None:
    """Take metadata off one object of a PDF: XMP of pictures and pages, and EXIF inside photographs."""
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return
    for name in ("/Metadata", "/PieceInfo", "/LastModified", "/AA"):
        if name in thing:
            del thing[name]
    if isinstance(thing, pikepdf.Stream) and thing.get("/Filter") == pikepdf.Name.DCTDecode:
        raw = thing.read_raw_bytes()
        bare = without_application_segments(raw)
        if bare != raw:
            parameters: Any = thing.get("/DecodeParms")
            thing.write(bare, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)


def without_application_segments(jpeg: bytes) -> bytes:
    """Take EXIF, XMP, IPTC and comments out of a JPEG without decoding it; what cannot be read comes back unchanged.

    APP0 (size of a point) and APP14 (Adobe, which says how the colours are meant) stay.
    """
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, position = bytearray(b"\xff\xd8"), 2
    while position + 4 <= len(jpeg) and jpeg[position] == 0xFF:
        marker = jpeg[position + 1]
        if marker == 0xDA:
            # From here on there are only points.
            return bytes(kept + jpeg[position:])
        end = position + 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
        if end > len(jpeg):
            return jpeg
        is_trace = marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)
        if not is_trace:
            kept += jpeg[position:end]
        position = end
    return jpeg
