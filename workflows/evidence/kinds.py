"""What a file is, decided from its content: the kinds that the office takes, and how each is recognised.

The name only has to agree; that of a picture has to promise a picture. puremagic gives the first opinion; what it
cannot tell apart (office documents are all ZIP archives, text has no mark at all) is looked at here, without unpacking
or decoding anything.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Literal

import puremagic

Family = Literal["picture", "document", "recording"]


@dataclass(frozen=True)
class Kind:
    """A sort of file that may be evidence."""

    # Media type under which it is kept and served.
    content_type: str
    # Endings of names that may claim to be of this kind, the usual one first.
    endings: tuple[str, ...]
    family: Family


JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "picture")
PNG = Kind("image/png", ("png",), "picture")
WEBP = Kind("image/webp", ("webp",), "picture")
HEIC = Kind("image/heic", ("heic", "heif"), "picture")
PDF = Kind("application/pdf", ("pdf",), "document")
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",), "document")
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",), "document")
ODT = Kind("application/vnd.oasis.opendocument.text", ("odt",), "document")
TEXT = Kind("text/plain", ("txt", "csv"), "document")
MP4 = Kind("video/mp4", ("mp4", "m4v"), "recording")
M4A = Kind("audio/mp4", ("m4a",), "recording")
MP3 = Kind("audio/mpeg", ("mp3",), "recording")
OGG = Kind("audio/ogg", ("ogg", "oga", "opus"), "recording")

KINDS = (JPEG, PNG, WEBP, HEIC, PDF, DOCX, XLSX, ODT, TEXT, MP4, M4A, MP3, OGG)
ENDINGS: Mapping[str, Kind] = {ending: kind for kind in KINDS for ending in kind.endings}

# How much of the beginning is looked at.
_HEAD = 8_192
# An office document that swells beyond this, or by more than this factor, is a bomb and not a letter.
_LARGEST_UNPACKED = 500_000_000
_STEEPEST = 300
_MOST_MEMBERS = 10_000


def recognise(stream: BinaryIO) -> Kind | None:
    """Tell what the content is; None for whatever the office does not take. Leaves the stream at its beginning."""
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    guess = _guess(head)
    if guess in _ARCHIVES:
        return _office_document(stream)
    if guess in _BY_GUESS:
        kind = _BY_GUESS[guess]
        return kind if _CERTAIN[kind](head) else None
    return TEXT if not guess and _is_text(stream) else None


def _guess(head: bytes) -> str:
    """puremagic's best opinion as an ending without the dot; empty when it has none."""
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head[4:8] == b"ftyp":
        # The brand tells sound from film and both from a photograph; puremagic knows only some of them.
        return "m4a" if head[8:12] in {b"M4A ", b"M4B "} else "heic" if _brands(head) & _PHOTO_BRANDS else "mp4"
    try:
        return str(puremagic.from_string(head)).removeprefix(".").lower()
    except (puremagic.PureError, ValueError):
        return ""


def _brands(head: bytes) -> frozenset[bytes]:
    """Give what the first box of an ISO file says it is, and what it says it is compatible with."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return frozenset({head[8:12], *(head[place : place + 4] for place in range(16, end, 4))})


# Brands of single photographs in HEVC; a sequence of them is a film, and AV1 would need another decoder.
_PHOTO_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
# Brands of films as telephones and messengers write them; a HEIC picture begins with the same box.
_FILM_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5"}
)
_ARCHIVES = frozenset({"zip", "docx", "xlsx", "pptx", "odt", "xlsb"})
_BY_GUESS: Mapping[str, Kind] = {
    **{ending: kind for kind in (JPEG, PNG, WEBP, HEIC, PDF, MP4, M4A, MP3, OGG) for ending in kind.endings},
    "fdf": PDF,
    "koz": MP3,
    "ogv": OGG,
}
_CERTAIN: Mapping[Kind, Callable[[bytes], bool]] = {
    JPEG: lambda head: head.startswith(b"\xff\xd8\xff"),
    PNG: lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    WEBP: lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    HEIC: lambda head: head[8:12] in _PHOTO_BRANDS | {b"mif1"},
    # A PDF that begins later than at its first byte may be something else at the same time.
    PDF: lambda head: head.startswith(b"%PDF-"),
    MP4: lambda head: head[8:12] in _FILM_BRANDS,
    M4A: lambda head: head[8:12] in {b"M4A ", b"M4B "},
    MP3: lambda head: head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2),
    OGG: lambda head: head.startswith(b"OggS") and (b"OpusHead" in head[:64] or b"\x01vorbis" in head[:64]),
}


def _office_document(stream: BinaryIO) -> Kind | None:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members)
            if (
                len(members) > _MOST_MEMBERS
                or unpacked > _LARGEST_UNPACKED
                or unpacked > _STEEPEST * max(packed, 1_000)
            ):
                return None
            names = {member.filename for member in members}
            # Macros make a document a program; the office's own formats for that are not taken either.
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if "[Content_Types].xml" in names:
                return DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else None
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                return ODT if archive.read("mimetype").strip() == ODT.content_type.encode() else None
            return None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return None
    finally:
        stream.seek(0)


def _is_text(stream: BinaryIO) -> bool:
    """Tell whether all of it is UTF-8 without control characters, read in pieces."""
    reader = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        beginning = True
        while piece := reader.read(65_536):
            if any(character < " " and character not in "\t\r\n\f" for character in piece):
                return False
            # A page that a browser would run does not become harmless by being called text.
            if beginning and piece.lstrip().lower().startswith(("<!doctype", "<html", "<svg", "<?xml", "<script")):
                return False
            beginning = False
    except UnicodeDecodeError:
        return False
    else:
        return not beginning
    finally:
        reader.detach()
        stream.seek(0)
