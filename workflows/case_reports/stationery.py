"""The stationery of reports: templates, style sheets, emblem and words, read from `bpmn/shared/reports/`.

They are the office's own, not a case type's: a report about an old case is printed on today's paper.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from workflows import plain_yaml
from workflows.language import Language

_PICTURES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp"})


@dataclass(frozen=True)
class Stationery:
    """What reports are printed on."""

    # File name -> text, HTML and CSS.
    texts: Mapping[str, str]
    # File name -> bytes of pictures.
    pictures: Mapping[str, bytes]
    # Language -> words of the templates.
    words: Mapping[Language, Mapping[str, Any]]
    # Kinds of journal entries that a reporter may read about.
    told_to_reporters: frozenset[str]


@lru_cache(maxsize=4)
def stationery_in(folder: Path) -> Stationery:
    """Read the stationery of a folder; a missing file is an OSError that names it."""
    texts: dict[str, str] = {}
    pictures: dict[str, bytes] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix in {".html", ".css"}:
            texts[file.name] = file.read_text(encoding="utf-8")
        elif file.suffix in _PICTURES:
            pictures[file.name] = file.read_bytes()
    words = plain_yaml.load((folder / "words.yml").read_text(encoding="utf-8"))
    return Stationery(texts, pictures, {"id": words["id"], "en": words["en"]}, frozenset(words["journal_reporter"]))
