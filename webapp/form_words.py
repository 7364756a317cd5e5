"""Answers in the words of the form in which they were given: questions by their label, choices by theirs."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from workflows.forms.schema import Component, Form

# A value that says nothing.
_NOTHING = (None, "", [], False)


def lines(form: Form | None, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give (question, answer) pairs in the order of the form, without what was left empty.

    What the form does not know, or does not know any more, comes last under its own name.
    """
    known = {component.name: component for component in form.everything() if component.name} if form else {}
    ordered = [name for name in known if name in answers] + [name for name in answers if name not in known]
    return [
        (known[name].label() if name in known else name, _text(known.get(name), answers[name]))
        for name in ordered
        if answers[name] not in _NOTHING
    ]


def _text(component: Component | None, value: Any) -> str:
    if value is True:
        yes: str = gettext("Ya")
        return yes
    words = {option.value: option.label() for option in component.options} if component is not None else {}
    if isinstance(value, list):
        return ", ".join(words.get(str(each), str(each)) for each in value)
    return words.get(str(value), str(value))
