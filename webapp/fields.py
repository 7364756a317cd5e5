"""Fields as a page draws them: values that say everything, so that `components/fields.html` computes nothing.

Those of a process form are made by `form_fields`; the few screens with fields of their own make them themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

from webapp.kept_files import KeptFile

Kind = Literal[
    "text",
    "email",
    "tel",
    "password",
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
    # A list of rows, a row of one, and an input that proposes what may be typed.
    "rows",
    "row",
    "lookup",
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
class Listing:
    """What a list of rows offers beside its rows."""

    # What one row is called, in the middle of a sentence: "objek".
    word: str
    count: int
    may_add: bool
    may_remove: bool
    # Where the empty spreadsheets are, by their endings; empty when the list takes none.
    sheets: Mapping[str, str] = default(default_factory=dict)
    # Of a long list: its rows that are only listed (those that stand in the page with their fields are its children),
    # the number of the first row of this page of them and of the last, from 1, the page and how many there are, and all
    # rows that have no fields here, packed.
    lines: tuple["Field", ...] = ()
    span: tuple[int, int] = (0, 0)
    page: int = 1
    pages: int = 1
    packed: str = ""


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
    # What that is called, where the list that it was chosen from stands elsewhere in the page.
    words: str = ""
    required: bool = False
    # Whether a field that may stay empty says so.
    mark_optional: bool = True
    options: tuple[Option, ...] = ()
    # Files that have arrived already.
    kept: tuple[KeptFile, ...] = ()
    children: tuple["Field", ...] = ()
    # HTML attributes beyond those that every field of the kind has.
    attributes: Mapping[str, Any] = default(default_factory=dict)
    # Lines of a text area.
    rows: int = 5
    prefix: str = ""
    suffix: str = ""
    multiple: bool = False
    # What a file chooser offers first, for example "image/*,.pdf".
    accept: str = ""
    # The FEEL condition that hides the field, for scripts; the server decides all the same.
    hide: str = ""
    # Of what that condition names, what the case knows: the form does not ask it.
    known: Mapping[str, Any] = default(default_factory=dict)
    # Whether the condition holds for what has been typed so far.
    hidden: bool = False
    # For a list of rows.
    listing: Listing | None = None
    # For a row: what stands in it, in brief, and whether it is shown open.
    summary: str = ""
    open: bool = True

    @property
    def input_type(self) -> str:
        """The type attribute of an input element."""
        return {"email": "email", "tel": "tel", "password": "password"}.get(self.kind, "text")
