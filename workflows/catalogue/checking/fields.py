"""Checks about the properties by which the fields of forms tell what form-js has no entry for.

What stands in a published edition is never refused again, so this is asked here and not where forms are read.
"""

from collections.abc import Iterator, Sequence

from workflows.catalogue.checking.findings import did_you_mean, find
from workflows.catalogue.examining import Examined
from workflows.errors import Finding
from workflows.forms.components import PROPERTY_WORDS, Component
from workflows.forms.json_text import read_object
from workflows.language import say

# Properties with a meaning here; those of options begin with `_OPTION`.
_KNOWN = frozenset({
    *PROPERTY_WORDS, "column", "column_en", "description_en", "earliest", "import", "label_en", "latest", "max_rows",
    "min_rows", "money", "pattern_en", "row", "row_en", "text_en",
})  # fmt: skip
_OPTION = "option_en:"


def properties_mean_something(examined: Examined) -> Iterator[Finding]:
    """No property of a field is a misspelt one, and those with words of their own say one of them.

    Others are let be: editors of forms keep their own notes there.
    """
    for form_id, form in examined.forms.items():
        path = examined.form_files[form_id]
        content = examined.bundle.files[path]
        _, report = read_object(content, path)
        written = content.decode("utf-8", "replace").splitlines()
        for component in form.everything():
            for name, word in component.properties.items():
                yield from _said(component, name, word, path, _line(written, report.line(component.id), name))


def _said(component: Component, name: str, word: str, path: str, line: int) -> Iterator[Finding]:
    if name.startswith(_OPTION):
        return
    meant = did_you_mean(name, _KNOWN) if name not in _KNOWN else ""
    if meant:
        yield find(
            "form.unknown_property",
            path,
            line,
            component.id,
            f"Properti '{name}' tidak ada artinya di sini.",
            f"The property '{name}' means nothing here.",
            meant,
        )
    allowed = PROPERTY_WORDS.get(name)
    if allowed is None or word in allowed:
        return
    listed = ", ".join(allowed)
    yield find(
        "form.unknown_word",
        path,
        line,
        component.id,
        f"Properti '{name}' tidak mengenal '{word}'.",
        f"The property '{name}' does not know '{word}'.",
        did_you_mean(word, allowed) or say(f"Pilihannya: {listed}.", f"Choose among: {listed}."),
    )


def _line(written: Sequence[str], start: int, name: str) -> int:
    """Give the line of a property behind the line at which its field begins, or that line."""
    behind = enumerate(written[start - 1 :], start)
    return next((number for number, text in behind if f'"{name}"' in text), start)
