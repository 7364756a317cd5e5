"""Prepares fields for `components/fields.html`: what a form says, what was typed, and what is wrong with it.

A template draws a `Field` and computes nothing. Process forms come from `workflows.forms`; the few screens with fields
of their own make theirs with `field`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field as default
from typing import Any, Literal

Kind = Literal[
    "text",
    "email",
    "tel",
    "number",
    "date",
    "textarea",
    "select",
    "radios",
    "checkboxes",
    "checkbox",
    "files",
    "heading",
    "separator",
    "group",
]
# (field id, sentence), in the order of the form: what an error summary lists.
Problems = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Option:
    """One thing that may be chosen."""

    value: str
    label: str
    chosen: bool
    hint: str = ""


@dataclass(frozen=True)
class KeptFile:
    """A file that has already arrived and waits for the form to be sent."""

    # What stands for the file in the form; signed, so that nobody can name a file that is not theirs.
    token: str
    name: str
    size: int


@dataclass(frozen=True)
class Field:
    """One field, ready to be drawn."""

    kind: Kind
    # Id in the page; error summaries lead to it.
    id: str
    # Name under which it is posted.
    name: str
    label: str = ""
    hint: str = ""
    # The sentence that says what is wrong; empty when nothing is.
    error: str = ""
    # What stands in the field now.
    value: str | bool = ""
    required: bool = False
    # Whether a field that may stay empty says so.
    mark_optional: bool = True
    options: tuple[Option, ...] = ()
    # Files that have arrived already.
    kept: tuple[KeptFile, ...] = ()
    children: tuple["Field", ...] = ()
    # HTML attributes beyond those that every field of the kind has.
    attributes: Mapping[str, Any] = default(default_factory=dict)
    rows: int = 5
    prefix: str = ""
    suffix: str = ""
    multiple: bool = False
    # What a file chooser offers first, for example "image/*,.pdf".
    accept: str = ""
    # For scripts only: "name=value" of another field that reveals this one; the server decides all the same.
    shown_when: str = ""

    @property
    def input_type(self) -> str:
        """The type attribute of an input element."""
        return {"email": "email", "tel": "tel"}.get(self.kind, "text")


def options(
    pairs: Sequence[tuple[str, str]], chosen: Collection[str] = (), hints: Mapping[str, str] | None = None
) -> tuple[Option, ...]:
    """Make options of (value, label) pairs."""
    return tuple(Option(value, label, value in chosen, (hints or {}).get(value, "")) for value, label in pairs)
