"""The check before publishing that needs this floor: every letter fills with its example.

Handed to `catalogue.checks.check(..., extra=...)` by the command line and the designer's page.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.lined_yaml import read_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.letters.context import EXAMPLE
from workflows.letters.filling import problems, qr_picture
from workflows.letters.templates import LetterTemplate


def letters_fill(bundle: Bundle) -> Iterator[Finding]:
    """Fill every letter of the case type with EXAMPLE and its own example.yml, and yield what does not work."""
    for path, _ in bundle.under("letters", "/template.html"):
        folder = path.removesuffix("template.html")
        files = {
            name.removeprefix(folder): content for name, content in bundle.files.items() if name.startswith(folder)
        }
        try:
            template = LetterTemplate.of(files, folder=folder)
            example = (
                _merged(EXAMPLE, read_yaml(files["example.yml"], f"{folder}example.yml"))
                if ("example.yml" in files)
                else dict(EXAMPLE)
            )
            example["qr"] = qr_picture(EXAMPLE["letter"]["address"], title="QR")
            yield from problems(template.texts, "template.html", example, file=path)
        except BrokenDefinition as broken:
            yield from broken.findings


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `more` over `base`, key by key, down into dictionaries."""
    result = dict(base)
    for name, value in more.items():
        below = result.get(name)
        result[name] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result
