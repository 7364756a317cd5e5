"""What was written in a case, line by line under the labels of the forms in which it was written.

The pages of a case and of its tasks show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.orm import Session

from webapp.form_words import lines, tables
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.catalogue.models import ProcessVersion
from workflows.catalogue.queries import definition, forms, manifest
from workflows.forms.wording import Table
from workflows.items import models as item_models
from workflows.items.operations import AMENDMENT, MATCH
from workflows.language import say
from workflows.people.queries import users_by_id
from workflows.transaction import Actor


@dataclass(frozen=True)
class Written:
    """One writing as the case page shows it."""

    id: UUID
    title: str
    at: datetime
    # "user", "reporter" or "system", and the name of an officer.
    author_kind: str
    author: str
    audience: str
    # (label, text) pairs in the order of the form.
    lines: tuple[tuple[str, str], ...]
    # Lists of rows.
    tables: tuple[Table, ...] = ()


def written_in(
    session: Session,
    actor: Actor,
    case: Case,
    edition: ProcessVersion | None,
    *,
    amended: Mapping[UUID, Table] = MappingProxyType({}),
) -> list[Written]:
    """Give what the actor may read, oldest first.

    The summary of lists is left out, since the report says it whole; so is what was taken from it about objects.
    `amended` tells what corrections changed, by the id of their writing.
    """
    known = forms(session, edition) if edition else {}
    titles = _titles(session, edition) if edition else {}
    writings = [each for each in contents.read(session, actor, case) if each.kind not in _SAID_ELSEWHERE]
    officers = users_by_id(session, {each.author_id for each in writings if each.author_id and _by_officer(each)})
    return [
        Written(
            id=writing.id,
            title=titles.get(writing.element) or titles.get(writing.kind) or _title(writing.kind),
            at=writing.at,
            author_kind=writing.author_kind,
            author=officers[writing.author_id].name if writing.author_id in officers else "",
            audience=writing.audience,
            lines=tuple(lines(known.get(writing.kind), _said(writing))),
            tables=(amended[writing.id],)
            if writing.id in amended
            else tuple(tables(known.get(writing.kind), writing.body)),
        )
        for writing in writings
    ]


_SAID_ELSEWHERE = frozenset({contents.SUMMARY, item_models.WORDS})


def _said(writing: contents.Writing) -> dict[str, Any]:
    """Give the answers that stand line by line; of a correction the reason alone, since a table tells the rest."""
    body = dict(writing.body)
    return {"reason": body.get("reason")} if writing.kind == AMENDMENT else body


def _by_officer(writing: contents.Writing) -> bool:
    """Tell whether an officer wrote it; a reporter with an account is never named here."""
    return writing.author_kind == "user"


def _titles(session: Session, edition: ProcessVersion) -> dict[str, str]:
    """Give what writings are called, by the element of the diagram or by the form that a reporter sent."""
    case_type = manifest(session, edition)
    # The report itself is a report, also where a draft is sent with the same form.
    sent = {
        message.form: say(message.title, message.title_en)
        for message in case_type.reporter_messages.values()
        if message.form != case_type.start_form
    }
    return sent | {element.id: element.name for element in definition(session, edition).elements if element.name}


def _title(kind: str) -> str:
    titles = {
        "escalation": gettext("Alasan eskalasi"),
        AMENDMENT: gettext("Perbaikan objek atau pemberi"),
        MATCH: gettext("Alasan putusan tentang pemberi"),
        "recusal": gettext("Pernyataan benturan kepentingan"),
        "intervention": gettext("Alasan tindakan operator"),
        "message": gettext("Keterangan tambahan dari pelapor"),
    }
    return titles.get(kind) or str(gettext("Laporan pelapor"))
