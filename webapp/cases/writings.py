"""What was written in a case, line by line under the labels of the forms in which it was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from workflows.cases import contents
from workflows.cases.models import Case
from workflows.catalogue.models import ProcessVersion
from workflows.catalogue.queries import definition, forms
from workflows.forms.schema import Form
from workflows.transaction import Actor


@dataclass(frozen=True)
class Written:
    """One writing as the case page shows it."""

    title: str
    at: datetime
    # "user", "reporter" or "system".
    author_kind: str
    audience: str
    # (label, text) pairs in the order of the form.
    lines: tuple[tuple[str, str], ...]


def written_in(session: Session, actor: Actor, case: Case, edition: ProcessVersion | None) -> list[Written]:
    """Give what the actor may read, oldest first; the summary of lists is left out, since the report says it whole."""
    known = forms(session, edition) if edition else {}
    names = {element.id: element.name for element in definition(session, edition).elements} if edition else {}
    return [
        Written(
            title=names.get(writing.element) or _title(writing.kind),
            at=writing.at,
            author_kind=writing.author_kind,
            audience=writing.audience,
            lines=tuple(_lines(known.get(writing.kind), writing.body)),
        )
        for writing in contents.read(session, actor, case)
        if writing.kind != contents.SUMMARY
    ]


def _title(kind: str) -> str:
    title: str = gettext("Alasan eskalasi") if kind == "escalation" else gettext("Laporan pelapor")
    return title


def _lines(form: Form | None, body: Mapping[str, Any]) -> list[tuple[str, str]]:
    labels = {component.name: component for component in form.everything() if component.name} if form else {}
    inside = [name for name in labels if name in body] + [name for name in body if name not in labels]
    return [
        (labels[name].label() if name in labels else name, _text(labels.get(name), body[name]))
        for name in inside
        if body[name] not in (None, "", [], False)
    ]


def _text(component: Any, value: Any) -> str:
    """Write a value in the words of its form: a choice by its label, a tick as yes."""
    if value is True:
        return gettext("Ya")
    options = {option.value: option.label() for option in component.options} if component is not None else {}
    if isinstance(value, list):
        return ", ".join(options.get(str(each), str(each)) for each in value)
    return options.get(str(value), str(value))
