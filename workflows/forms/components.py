"""What a form is: components of form-js, read once into frozen values that the checker and the pages share.

Pages draw from these values and never look into the JSON. Which components there are, and what is refused, is in
`schema`; what people post is read by `answers`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from workflows.errors import Finding
from workflows.feel.expressions import Expression
from workflows.language import Language, current_language

Type = Literal[
    "text", "textfield", "textarea", "number", "datetime", "checkbox", "checklist", "taglist", "radio", "select",
    "filepicker", "group", "dynamiclist", "expression", "separator", "spacer",
]  # fmt: skip
INPUT_TYPES = frozenset(
    {"textfield", "textarea", "number", "datetime", "checkbox", "checklist", "taglist", "radio", "select", "filepicker"}
)
CHOICE_TYPES = frozenset({"checklist", "taglist", "radio", "select"})
SEVERAL_TYPES = frozenset({"checklist", "taglist"})
# Properties with words of their own: what a field takes from the account of whoever fills it in, who may read it once
# it is released, and that it is answered anew each time the form comes back.
PROPERTY_WORDS: Mapping[str, tuple[str, ...]] = {
    "account": ("name", "employee_number", "position", "phone", "email"),
    "audience": ("reporter", "public"),
    "refill": ("no",),
}
# Begins the `valuesKey` of a choice among the rows of another list on the page: "rows:givers".
ROWS_OF = "rows:"


@dataclass(frozen=True)
class Words:
    """A text that people read, in both languages; the English one falls back to the Indonesian."""

    # The Indonesian text.
    indonesian: str = ""
    # The English text; empty when the form gives none.
    english: str = ""

    def __call__(self, language: Language | None = None) -> str:
        """Give the text in that language, or in the reader's."""
        chosen = language or current_language()
        return self.english if chosen == "en" and self.english else self.indonesian

    def __bool__(self) -> bool:
        return bool(self.indonesian or self.english)


@dataclass(frozen=True)
class Option:
    """One thing that may be chosen."""

    # What is posted and stored.
    value: str
    # What people read.
    label: Words


@dataclass(frozen=True)
class Limits:
    """What an answer must keep to; None where the form sets no limit."""

    min_length: int | None = None
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    # Places behind the comma that a number may have.
    decimals: int | None = None
    # A pattern in the syntax of `workflows.feel.patterns`, that must be found in the text.
    pattern: str | None = None
    # What is said when the pattern is not found; empty for the ordinary sentence.
    pattern_message: Words = field(default_factory=Words)
    # Whether the text must be an address or a number to call.
    format: Literal["email", "phone"] | None = None
    # Whether a day or an instant must not have passed.
    not_passed: bool = False
    # The first day that may be given, and whether no day after today may.
    earliest: date | None = None
    not_ahead: bool = False


@dataclass(frozen=True)
class Component:
    """One component of a form: a field, a text, or a group of others."""

    # Kind of component, in the words of form-js.
    type: Type
    # Id in the file, for findings and pages.
    id: str
    # Name of the answer inside its group; empty for what takes no answer. Dots make it nested.
    key: str = ""
    # Name of the answer from the top, for example "reporter.name"; inside a list "[]" stands for the number of the row,
    # as in "witnesses[].name", which is posted as "witnesses[0].name".
    name: str = ""
    # The question; `component.label()` speaks the reader's language.
    label: Words = field(default_factory=Words)
    # The line below the question.
    description: Words = field(default_factory=Words)
    # Markdown of a `text` component, without HTML.
    text: Words = field(default_factory=Words)
    # Whether it must be answered while it is visible.
    required: bool = False
    # Whether it is only shown; what is posted under its name is dropped.
    read_only: bool = False
    # What may be chosen, when the form itself lists it.
    options: tuple[Option, ...] = ()
    # Name of the list that the host offers instead ("districts", "offices"); empty when there is none.
    values_key: str = ""
    # What stands in the field at first.
    default: Any = None
    # What an answer must keep to.
    limits: Limits = field(default_factory=Limits)
    # date, time or datetime, for a `datetime` component.
    subtype: Literal["date", "time", "datetime"] = "date"
    # Whether several files may be given, and which ones a chooser offers first, for example ".pdf,.jpg".
    multiple: bool = False
    accept: str = ""
    # What stands before and behind the field, for example "Rp".
    prefix: str = ""
    suffix: str = ""
    # Hides the component while it is true.
    hide: Expression | None = None
    # Computes the value of an `expression` component.
    expression: Expression | None = None
    # Name under which the answers of a group or list are kept; empty for a group that only looks like one.
    path: str = ""
    # How many empty rows a list shows at first, and whether rows may be added and removed.
    rows: int = 1
    may_add_rows: bool = True
    # How many rows a list must and may have, and what people call one of them.
    min_rows: int = 0
    max_rows: int = 50
    row: Words = field(default_factory=Words)
    # Whether the rows of a list may come from a spreadsheet, and how a field's column is called in one.
    takes_sheet: bool = False
    column: Words = field(default_factory=Words)
    # A number that is money: "IDR" for whole rupiah, or the key of the field beside it that holds the currency.
    money: str = ""
    # The components inside a group or a row.
    components: tuple["Component", ...] = ()
    # Further `properties` of the component, for pages.
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes_answer(self) -> bool:
        """Tell whether people fill it in."""
        return self.type in INPUT_TYPES and not self.read_only

    @property
    def fields(self) -> tuple["Component", ...]:
        """The components inside a group or row that people fill in, in the order of the page."""
        return tuple(each for each in self.everything() if each.takes_answer)

    def everything(self) -> Iterator["Component"]:
        """Give this component and every one inside it, in the order of the page."""
        yield self
        for inner in self.components:
            yield from inner.everything()


@dataclass(frozen=True)
class Form:
    """A form as its file says it."""

    # Id of the form, which `camunda:formKey` names.
    id: str
    # The components at the top, in the order of the page.
    components: tuple[Component, ...]
    # Names that conditions and expressions read although no field of the form answers them: variables of the process.
    variables: tuple[str, ...] = ()
    # Warnings and notes about the file; errors never get this far.
    findings: tuple[Finding, ...] = ()

    def everything(self) -> Iterator[Component]:
        """Give every component, those inside groups and rows too, in the order of the page."""
        for component in self.components:
            yield from component.everything()

    @property
    def lists(self) -> tuple[Component, ...]:
        """The lists of rows."""
        return tuple(component for component in self.everything() if component.type == "dynamiclist")

    @property
    def fields(self) -> tuple[Component, ...]:
        """The components that people fill in, those inside groups and rows too."""
        return tuple(component for component in self.everything() if component.takes_answer)

    @property
    def written(self) -> tuple[str, ...]:
        """Those of the `keys` under which something is answered or computed, not only shown."""
        given = (each.name for each in self.everything() if each.name and not each.read_only)
        return tuple(dict.fromkeys(name.partition(".")[0].removesuffix("[]") for name in given))

    @property
    def keys(self) -> tuple[str, ...]:
        """The names at the top of the answers, which become variables or contents of the case."""
        tops = (component.name.partition(".")[0].removesuffix("[]") for component in self.everything())
        return tuple(dict.fromkeys(name for name in tops if name))
