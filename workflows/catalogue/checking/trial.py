"""The trial run of a case type: every task filled in as its form allows, deadlines counted by the register."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from workflows.calendar.sources import packaged_calendar
from workflows.catalogue.checking.variables import form_of
from workflows.catalogue.examining import Examined
from workflows.catalogue.functions import Counting, counting_by
from workflows.engine import trial
from workflows.engine.trial import Asked, Blank
from workflows.errors import Finding

_DAY = date(2026, 3, 2)
# What a field of a declared type may hold, when no expression asks for anything in particular.
_VALUES: Mapping[str, tuple[Any, ...]] = {
    "string": ("?",),
    "number": (Decimal(1),),
    "boolean": (True, False),
    "date": (_DAY,),
    "datetime": (datetime(2026, 3, 2, 9, tzinfo=UTC),),
    "duration": (timedelta(days=1),),
    "list": ([],),
    "context": ({},),
}


def it_runs(examined: Examined) -> Iterator[Finding]:
    """The diagram runs with sample data, written and read between any two steps, and stands where it should."""
    definition = examined.definition
    if definition is None:
        return
    if not examined.bundle.is_folder:
        yield from trial.try_out(definition)
        return
    if examined.register is None:
        return
    register, began = examined.register, trial.BEGINNING.year

    def counting() -> Counting:
        return Counting(register, packaged_calendar(range(began - 1, began + 4)), definition.zone)

    with counting_by(counting):
        for finding in trial.try_out(definition, lambda asked: _blanks(examined, asked)):
            # What no walk came to is a note for single files; a case type has scenarios.
            if finding.severity != "note":
                yield finding


def _blanks(examined: Examined, asked: Asked) -> dict[str, Blank]:
    """Name the declared variables that the form of an element fills in, with what each of them may hold."""
    case_type, definition = examined.case_type, examined.definition
    if case_type is None or definition is None:
        return {}
    form = examined.forms.get(form_of(examined, definition.element(asked.element)) or "")
    if form is None:
        return {}
    blanks = {}
    for field in form.fields:
        variable = case_type.variables.get(field.name)
        if variable is None:
            continue
        options = tuple(option.value for option in field.options)
        if options:
            several = variable.type == "list"
            blanks[field.name] = Blank(tuple([each] for each in options) if several else options, closed=True)
        else:
            blanks[field.name] = Blank(_VALUES[variable.type])
    return blanks
