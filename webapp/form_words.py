"""Answers in words as pages show them: days in full, codes of the host's lists by name."""

from collections.abc import Mapping
from typing import Any

from webapp.case_words import place_name, unit_name
from webapp.formats import day, moment
from webapp.lists import DISTRICTS, OFFICES, VILLAGES
from workflows.forms import wording
from workflows.forms.schema import Component, Form
from workflows.forms.wording import Table

# Lists that the host offers -> how their codes are named.
_NAMED = {DISTRICTS: place_name, VILLAGES: place_name, OFFICES: unit_name}

_MANNER = wording.Manner(day=day, moment=moment, name_of=lambda values_key, code: _NAMED.get(values_key, str)(code))


def lines(form: Form | None, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give (question, answer) pairs; see `wording.lines`."""
    return wording.lines(form, answers, _MANNER)


def tables(form: Form | None, answers: Mapping[str, Any]) -> list[Table]:
    """Give the lists of the form that were answered, as tables; see `wording.tables`."""
    return wording.tables(form, answers, _MANNER)


def written(component: Component | None, value: Any) -> str:
    """Write one answer; nothing for one that is not there."""
    return "" if value is None else wording.written(component, value, _MANNER)
