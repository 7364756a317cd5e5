"""Files on their way in: how large and of what kind they may be, and what their names become.

Everything here happens before anything is stored, looks at every file, and tells all problems at once, so that the
form can be drawn again with each beside its field.
"""

import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

import pikepdf
from PIL import Image, UnidentifiedImageError

from workflows.errors import InvalidAnswers
from workflows.evidence.kinds import ENDINGS, PDF, Kind, recognise
from workflows.evidence.pictures import opened
from workflows.settings import Settings

# Points of the largest picture that is decoded: 50 million, and more for JPEG, which is decoded at a reduced size. A
# telephone's largest is 12,000 x 9,000.
_MOST_POINTS = 50_000_000
_MOST_POINTS_JPEG = 130_000_000
# A name longer than this has no reader.
_LONGEST_NAME = 120
# Characters that turn the direction of text around, so that "gnp.exe" reads as "exe.png".
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@dataclass(frozen=True)
class Limits:
    """How much may be handed in, in bytes and files. Exactly at the limit is accepted."""

    picture: int
    document: int
    report: int
    files: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits of an installation."""
        return cls(settings.picture_limit, settings.document_limit, settings.report_limit, settings.files_limit)


@dataclass(frozen=True)
class Upload:
    """A file as it came with a form."""

    # Id of the form's field that it belongs to.
    field: str
    # The name that the sender gave it; shown after cleaning, never used as a path.
    name: str
    # The bytes; a stream that can be rewound, as web servers hand them over.
    stream: BinaryIO


@dataclass(frozen=True)
class Examined:
    """A file that may be stored."""

    upload: Upload
    # The cleaned name; a picture's ends as its kind does.
    name: str
    kind: Kind
    size: int


def examine(uploads: Sequence[Upload], limits: Limits) -> list[Examined]:
    """Look at every file and give what each is; InvalidAnswers with all problems when one may not be stored.

    Problems are `file.too_large` (name, limit), `file.empty`, `file.kind_not_taken`, `file.lying` (the name promises
    something else), `file.too_many_points`, `file.broken`, `file.encrypted`, `files.too_many` (limit) and
    `files.too_large` (limit), each with the field it came from.

    A picture that is called after another kind of picture, or after none, is no lie: telephones and messengers save PNG
    and WebP as `.jpg`. It is taken for what it is and called so.
    """
    problems: list[tuple[str, str, dict[str, Any]]] = []
    examined: list[Examined] = []
    for upload in uploads:
        name = clean_name(upload.name)
        size = _size(upload.stream)
        kind = recognise(upload.stream) if size else None
        problem = _problem(upload, name, size, kind, limits)
        if problem is not None:
            code, facts = problem
            problems.append((upload.field, code, {"name": name, **facts}))
        elif kind is not None:
            examined.append(Examined(upload, _true_name(name, kind), kind, size))
    if uploads and len(uploads) > limits.files:
        problems.append((uploads[0].field, "files.too_many", {"limit": limits.files, "count": len(uploads)}))
    if uploads and sum(_size(upload.stream) for upload in uploads) > limits.report:
        problems.append((uploads[0].field, "files.too_large", {"limit": limits.report}))
    if problems:
        raise InvalidAnswers(problems)
    return examined


def clean_name(name: str) -> str:
    """Give the name without folders, control characters and tricks of direction; "berkas" when nothing is left."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(
        character for character in last if unicodedata.category(character)[0] != "C" and character not in _TURNING
    )
    kept = " ".join(kept.split()).strip(". ")
    if len(kept) > _LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = (
            f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) < 10 else kept[:_LONGEST_NAME]
        )
    return kept or "berkas"


def _problem(
    upload: Upload, name: str, size: int, kind: Kind | None, limits: Limits
) -> tuple[str, dict[str, Any]] | None:
    if size == 0:
        return "file.empty", {}
    promised = _promised(name)
    # A file that claims to be a picture is measured as one, whatever it is: the sender is told the simplest truth.
    family = (kind or promised or PDF).family
    limit = limits.picture if family == "picture" else limits.document
    if size > limit:
        return "file.too_large", {"limit": limit, "size": size}
    if kind is None:
        return ("file.lying" if promised is not None else "file.kind_not_taken"), {}
    if promised is not kind and not _is_another_picture(name, promised, kind):
        return "file.lying", {"content_type": kind.content_type}
    if kind.family == "picture":
        return _picture_problem(upload.stream, kind)
    if kind is PDF:
        return _pdf_problem(upload.stream)
    return None


def _promised(name: str) -> Kind | None:
    return ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None


def _is_another_picture(name: str, promised: Kind | None, kind: Kind) -> bool:
    """Tell whether a picture is called after another kind of picture, or has no ending at all."""
    if kind.family != "picture":
        return False
    return "." not in name if promised is None else promised.family == "picture"


def _true_name(name: str, kind: Kind) -> str:
    """Give the name with the ending of what the file is."""
    promised = _promised(name)
    if promised is kind:
        return name
    stem = name.rpartition(".")[0] if promised is not None else name
    return f"{stem}.{kind.endings[0]}"


def _picture_problem(stream: BinaryIO, kind: Kind) -> tuple[str, dict[str, Any]] | None:
    """Read the header alone: a picture of 60,000 x 60,000 points is refused before a byte of it is decoded."""
    try:
        with warnings.catch_warnings():
            # Our own limit is asked below; Pillow's warning in between says nothing new.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with opened(stream, kind.content_type) as picture:
                width, height = picture.size
    except Image.DecompressionBombError:
        return "file.too_many_points", {}
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return "file.broken", {}
    finally:
        stream.seek(0)
    most = _MOST_POINTS_JPEG if kind.content_type == "image/jpeg" else _MOST_POINTS
    if width * height > most:
        return "file.too_many_points", {"width": width, "height": height}
    return None


def _pdf_problem(stream: BinaryIO) -> tuple[str, dict[str, Any]] | None:
    try:
        with pikepdf.open(stream) as document:
            return None if len(document.pages) else ("file.broken", {})
    except pikepdf.PasswordError:
        # Nobody in the office could read it, nor could it be freed of its metadata.
        return "file.encrypted", {}
    except (pikepdf.PdfError, ValueError, RuntimeError, OSError):
        return "file.broken", {}
    finally:
        stream.seek(0)


def _size(stream: BinaryIO) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    return size
