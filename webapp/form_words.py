"""Answers in the words of the form in which they were given: questions by their label, choices by theirs."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from flask_babel import get_locale, gettext

from webapp.case_words import place_name, unit_name
from webapp.formats import day, moment
from webapp.lists import DISTRICTS, OFFICES, VILLAGES
from workflows.feel.values import from_json
from workflows.forms.schema import Component, Form

# Lists that the host offers -> how their codes are named.
_NAMED = {DISTRICTS: place_name, VILLAGES: place_name, OFFICES: unit_name}


def lines(form: Form | None, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give (question, answer) pairs in the order of the form, without what was left empty.

    `answers` are FEEL values as they are written to JSON. What the form does not know, or does not know any more, comes
    last under its own name; what no form asked, such as the reason of an escalation, under the words for it.
    """
    values: Mapping[str, Any] = from_json(dict(answers))
    known = {component.name: component for component in form.everything() if component.name} if form else {}
    ordered = [name for name in known if name in values] + [name for name in values if name not in known]
    return [
        (known[name].label() if name in known else _question(name), _text(known.get(name), values[name]))
        for name in ordered
        if _says_something(values[name])
    ]


def _says_something(value: Any) -> bool:
    """Tell whether there is anything to show; an unticked box is silence, the number 0 is not."""
    return not (value is None or value is False or value in ("", [], {}))


def _question(name: str) -> str:
    asked = {"reason": gettext("Alasan"), "text": gettext("Pesan")}
    return asked.get(name, name.replace("_", " ").capitalize())


def _text(component: Component | None, value: Any) -> str:
    """Write one answer; a code that has lost its words stays visible."""
    if isinstance(value, bool):
        yes: str = gettext("Ya")
        return yes if value else str(gettext("Tidak"))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, time):
        return f"{value:%H.%M}"
    if isinstance(value, int | Decimal):
        # Coordinates keep all their places.
        return format_decimal(value, locale=get_locale(), decimal_quantization=False)
    if isinstance(value, list):
        return ", ".join(_text(component, each) for each in value)
    if isinstance(value, dict):
        return ", ".join(_text(None, each) for each in value.values() if _says_something(each))
    text = str(value)
    if component is None:
        return text
    if component.values_key in _NAMED:
        return _NAMED[component.values_key](text)
    return next((option.label() for option in component.options if option.value == text), text)
