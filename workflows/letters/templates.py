"""The files of a letter's folder as one value that can be frozen into a row and thawed from it.

A folder holds template.html, style.css, perhaps more HTML that it includes, and pictures; texts and pictures together
are bounded, since every issued letter keeps them.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Self

from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

_TEXTS = frozenset({".html", ".css"})
_PICTURES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp"})
# A letterhead with an emblem is about 20 kB.
MOST_BYTES = 500_000


@dataclass(frozen=True)
class LetterTemplate:
    """What a letter is printed from, besides its context."""

    # File name -> text, HTML and CSS.
    texts: Mapping[str, str]
    # File name -> bytes of pictures.
    pictures: Mapping[str, bytes]

    @classmethod
    def of(cls, files: Mapping[str, bytes], *, folder: str = "") -> Self:
        """Take what print needs out of a letter's folder; BrokenDefinition when it cannot be used."""
        texts: dict[str, str] = {}
        pictures: dict[str, bytes] = {}
        for name, content in files.items():
            suffix = PurePosixPath(name).suffix.lower()
            if suffix in _PICTURES:
                pictures[name] = content
            elif suffix in _TEXTS:
                try:
                    texts[name] = content.decode()
                except UnicodeDecodeError as error:
                    raise _broken(folder + name, "letter.not_text", "Berkas ini bukan UTF-8", "Not UTF-8") from error
        if "template.html" not in texts:
            raise _broken(
                f"{folder}template.html",
                "letter.no_template",
                "Surat ini tidak memiliki template.html",
                "This letter has no template.html",
            )
        if sum(map(len, texts.values())) + sum(map(len, pictures.values())) > MOST_BYTES:
            raise _broken(
                f"{folder}template.html",
                "letter.too_large",
                f"Berkas surat ini lebih dari {MOST_BYTES // 1000} kB",
                f"The files of this letter are more than {MOST_BYTES // 1000} kB",
            )
        return cls(texts, pictures)

    @classmethod
    def in_bundle(cls, files: Mapping[str, bytes], name: str) -> Self:
        """Take the letter `name` out of the files of a case type: its own folder, then what letters share."""
        found: dict[str, bytes] = {}
        for folder in ("shared/letters/", f"shared/letters/{name}/", f"letters/{name}/"):
            for path, content in files.items():
                inside = path.removeprefix(folder)
                if inside != path and "/" not in inside:
                    found[inside] = content
        return cls.of(found, folder=f"letters/{name}/")

    @property
    def style(self) -> str:
        """The style sheet; empty when there is none."""
        return self.texts.get("style.css", "")

    @property
    def checksum(self) -> str:
        """SHA-256 over names and contents, hexadecimal."""
        digest = hashlib.sha256()
        for name, content in sorted({**{n: t.encode() for n, t in self.texts.items()}, **self.pictures}.items()):
            digest.update(f"{name}:{len(content)}:".encode() + content)
        return digest.hexdigest()

    def frozen(self) -> dict[str, Any]:
        """The same as JSON."""
        pictures = {name: base64.b64encode(content).decode() for name, content in self.pictures.items()}
        return {"texts": dict(self.texts), "pictures": pictures}

    @classmethod
    def thawed(cls, frozen: Mapping[str, Any]) -> Self:
        """The template that `frozen` wrote."""
        pictures = {name: base64.b64decode(content) for name, content in frozen["pictures"].items()}
        return cls(dict(frozen["texts"]), pictures)


def _broken(file: str, code: str, indonesian: str, english: str) -> BrokenDefinition:
    return BrokenDefinition([Finding(code=code, message=say(indonesian, english), file=file)])
