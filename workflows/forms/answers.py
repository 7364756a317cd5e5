"""Reading what people posted: only visible fields, typed, checked on the server whatever the browser did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.feel.clock import Clock
from workflows.forms.schema import Form

Posted = Mapping[str, Sequence[str]]
# For each list that the host offers (`Component.values_key`), the values that may be chosen.
Choices = Mapping[str, Collection[str]]

# Every code that a problem may have, with the facts that come with it.
PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "required": ("label",),
    "choose": ("label",),
    "agree": ("label",),
    "too_short": ("label", "minimum", "length"),
    "too_long": ("label", "maximum", "length"),
    "pattern": ("label", "message"),
    "not_text": ("label",),
    "not_email": ("label",),
    "not_phone": ("label",),
    "not_number": ("label",),
    "decimals": ("label", "decimals"),
    "below_minimum": ("label", "minimum"),
    "above_maximum": ("label", "maximum"),
    "not_date": ("label",),
    "not_time": ("label",),
    "unknown_option": ("label",),
    "too_many": ("label", "maximum"),
}


@dataclass(frozen=True)
class Answers:
    """What was answered, ready to become variables and contents."""

    # Typed values by key; groups are nested, lists are lists of rows. Whole numbers are int, others Decimal.
    values: dict[str, Any]
    # How many posted names were not taken: hidden, read-only or unknown ones.
    dropped: int = 0
    # Names of the fields of the form that were hidden when it was posted.
    hidden: tuple[str, ...] = ()


def read(
    form: Form,
    posted: Posted,
    *,
    files_present: Collection[str] = (),
    clock: Clock,
    variables: Mapping[str, Any] | None = None,
    choices: Choices | None = None,
) -> Answers:
    """Read and check the posted form; InvalidAnswers lists (field name, code of PROBLEMS, facts) in its order.

    `variables` are what conditions may see besides the answers. `choices` are the lists of the host; a list that is
    not among them is not checked here. `files_present` names the fields for which files came or are kept.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class Shown:
    """One component as it is to be drawn: whether it is seen, and what stands in it."""

    # Name under which it is posted, with its row put in, for example "witnesses[0].name".
    name: str
    # Whether the conditions show it.
    visible: bool
    # Texts to show again: one, or several for checklists; True or False for a checkbox.
    value: str | bool | tuple[str, ...]
    # For a list, its rows; each holds the components of one row by key.
    rows: tuple[Mapping[str, "Shown"], ...] = ()


def show(
    form: Form,
    *,
    clock: Clock,
    values: Mapping[str, Any] | None = None,
    posted: Posted | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Mapping[str, Shown]:
    """Give by component id what drawing needs: of stored values, or of a rejected form exactly what was typed."""
    raise NotImplementedError
