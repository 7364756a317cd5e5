"""What was written in a case, line by line under the labels of the forms in which it was written."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy.orm import Session

from webapp.form_words import lines
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.catalogue.models import ProcessVersion
from workflows.catalogue.queries import definition, forms
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
            lines=tuple(lines(known.get(writing.kind), writing.body)),
        )
        for writing in contents.read(session, actor, case)
        if writing.kind != contents.SUMMARY
    ]


def _title(kind: str) -> str:
    title: str = gettext("Alasan eskalasi") if kind == "escalation" else gettext("Laporan pelapor")
    return title
