"""The check before publishing that needs this floor: every letter fills with its example.

Handed to `catalogue.checks.check(..., extra=...)` by the command line and the designer's page.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.lined_yaml import read_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.letters.context import EXAMPLE
from workflows.letters.filling import problems
from workflows.letters.operations import with_qr
from workflows.letters.templates import LetterTemplate


def letters_fill(bundle: Bundle) -> Iterator[Finding]:
    """Fill every letter of the case type with EXAMPLE and its own example.yml, and yield what does not work."""
    for path, _ in bundle.under("letters", "/template.html"):
        folder = path.removesuffix("template.html")
        try:
            template = LetterTemplate.in_bundle(bundle.files, PurePosixPath(folder).name)
            own = bundle.files.get(f"{folder}example.yml")
            example = _merged(EXAMPLE, read_yaml(own, f"{folder}example.yml") if own is not None else {})
            # Once as every recipient reads it, and once with what is said in English besides.
            for spoken in ({}, {"letter": {"language": "en"}}):
                filled = with_qr(_merged(example, spoken), "contoh")
                found = list(problems(template.texts, "template.html", filled, file=path))
                yield from found
                if found:
                    break
        except BrokenDefinition as broken:
            yield from broken.findings


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `more` over `base`, key by key, down into dictionaries."""
    result = dict(base)
    for name, value in more.items():
        below = result.get(name)
        result[name] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result
