"""Correcting an object or a giver that was recorded wrongly: the questions of the report's own form, with a reason.

What stood there before is kept beside the new, and sums follow by themselves. A table that has answered is asked again
by the diagram, where it offers that.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from webapp import form_fields, labels, lists
from webapp.actor import current_actor
from webapp.extensions import db
from webapp.form_words import written
from webapp.guards import requires
from webapp.kept_files import DomainProblem
from webapp.transaction import begin
from workflows import money
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.cases.queries import case_by_number
from workflows.catalogue.manifest import ItemFields
from workflows.catalogue.models import ProcessVersion
from workflows.catalogue.queries import form as form_of
from workflows.catalogue.queries import manifest, version
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.feel.values import from_json
from workflows.forms import answers
from workflows.forms.schema import Form
from workflows.forms.wording import Table
from workflows.items import operations, queries, questions
from workflows.items.queries import GiverView, ItemView
from workflows.items.questions import Questions
from workflows.processes.queries import instances_of
from workflows.transaction import Actor, permits


@requires(operations.RIGHT)
def correct_item(number: str, item_id: UUID) -> tuple[str, int] | AnyResponse:
    """Show an object with the questions by which it is corrected, and correct it."""
    session, actor = db.session(), current_actor()
    case, mapping, form = _asked_in(session, actor, number)
    view = next((each for each in queries.items_of(session, actor, case) if each.row.id == item_id), None)
    if view is None:
        raise NotFound("item.unknown")
    asked = questions.of_item(mapping, form, _givers(queries.givers_of(session, actor, case)))
    before = _item_facts(view)
    title = gettext("Perbaiki objek %(ordinal)s", ordinal=view.row.ordinal)
    if request.method == "GET":
        return _page(number, title, asked, values=asked.asked(before | dict(view.row.flags)))
    try:
        told = asked.told(_answers(asked), before)
        told["giver_id"] = UUID(told["giver_id"])
        with begin() as tx:
            operations.amend_item(tx, item_id, told, reason=request.form.get(questions.REASON, ""))
    except InvalidAnswers as invalid:
        return _page(number, title, asked, problems=_by_key(asked, invalid))
    except Conflict as conflict:
        flash(labels.error_sentence(conflict), "late")
        return _back(number)
    flash(
        gettext(
            "Objek diperbaiki dan jumlah setahun sudah mengikuti."
            " Putusan tabel yang lama tidak berlaku lagi sampai tabelnya ditanya lagi."
        ),
        "done",
    )
    return _back(number)


@requires(operations.RIGHT)
def correct_giver(number: str, giver_id: UUID) -> tuple[str, int] | AnyResponse:
    """Show a giver with the questions by which they are corrected, and correct them."""
    session, actor = db.session(), current_actor()
    case, mapping, form = _asked_in(session, actor, number)
    view = next((each for each in queries.givers_of(session, actor, case) if each.id == giver_id), None)
    if view is None:
        raise NotFound("giver.unknown")
    asked = questions.of_giver(mapping, form)
    before = {**view.words, "relation": view.relation}
    title = gettext("Perbaiki pemberi")
    if request.method == "GET":
        return _page(number, title, asked, values=asked.asked(before))
    try:
        told = asked.told(_answers(asked), before)
        with begin() as tx:
            operations.amend_giver(tx, giver_id, told, reason=request.form.get(questions.REASON, ""))
    except InvalidAnswers as invalid:
        return _page(number, title, asked, problems=_by_key(asked, invalid))
    flash(gettext("Pemberi diperbaiki. Jumlah setahun sudah mengikuti."), "done")
    return _back(number)


def corrections(session: Session, actor: Actor, case: Case, edition: ProcessVersion | None) -> Mapping[UUID, Table]:
    """Give, by the content in which each correction is kept, what stood there and what stands now, in words."""
    mapping = manifest(session, edition).items if edition is not None else None
    if edition is None or mapping is None:
        return {}
    form = form_of(session, edition, manifest(session, edition).start_form)
    givers = _givers(queries.givers_of(session, actor, case))
    of_item, of_giver = questions.of_item(mapping, form, givers), questions.of_giver(mapping, form)
    found = {}
    for writing in contents.read(session, actor, case, kinds=(operations.AMENDMENT,)):
        body: Mapping[str, Any] = from_json(dict(writing.body))
        asked = of_giver if "giver" in body else of_item
        about = dict(givers).get(body.get("giver", "")) or gettext("Objek %(ordinal)s", ordinal=body.get("object", ""))
        rows = tuple(_told(asked, change, body) for change in body.get("changes", ()))
        if rows:
            found[writing.id] = Table(str(about), (gettext("Isian"), gettext("Semula"), gettext("Menjadi")), rows)
    return found


def _told(asked: Questions, change: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the question, what stood there, and what stands now; money with the currency of its side."""
    field = questions.field_of(asked, change["fact"])
    currencies: Mapping[str, Any] = next((each for each in body["changes"] if each["fact"] == "currency"), {})
    texts = []
    for side in ("old", "new"):
        value = change.get(side)
        if field is not None and field.money and value is not None:
            currency = currencies.get(side) or body.get("currency") or money.RUPIAH
            texts.append(money.written(value, currency))
        else:
            texts.append(written(field, value) or "–")
    return (questions.label_of(asked, change["fact"]), *texts)


def _asked_in(session: Session, actor: Actor, number: str) -> tuple[Case, ItemFields, Form]:
    """Give the case with the form that told of its objects; NotFound, NotAllowed, and NotFound where it knows none."""
    case = case_by_number(session, actor, number)
    if not permits(session, actor, operations.RIGHT, case):
        raise NotAllowed("act.not_allowed", act=operations.RIGHT)
    runs = instances_of(session, case.id)
    edition = version(session, runs[-1].version_id) if runs else None
    case_type = manifest(session, edition) if edition is not None else None
    if edition is None or case_type is None or case_type.items is None:
        raise NotFound("item.unknown")
    return case, case_type.items, form_of(session, edition, case_type.start_form)


def _item_facts(view: ItemView) -> dict[str, Any]:
    row = view.row
    columns = {name: getattr(row, name) for name in operations.AMENDABLE if name != "description"}
    return {**columns, "giver_id": str(row.giver_id), "description": view.description}


def _givers(views: Sequence[GiverView]) -> list[tuple[str, str]]:
    named = sorted(((each.name or gettext("tidak disebut")), str(each.id)) for each in views)
    return [(key, name) for name, key in named]


def _answers(asked: Questions) -> Mapping[str, Any]:
    typed = {name: request.form.getlist(name) for name in request.form}
    choices = lists.values_of(lists.lists_for(asked.form, typed))
    return answers.read(asked.form, typed, clock=form_fields.clock(), choices=choices).values


def _by_key(asked: Questions, invalid: InvalidAnswers) -> Sequence[DomainProblem]:
    """Give the problems by the keys of the form, also those that the verb told by fact."""
    keys = {fact: key for key, fact in asked.facts.items()} | {"reason": questions.REASON}
    return [(keys.get(name, name), code, facts) for name, code, facts in invalid.problems]


def _page(
    number: str,
    title: str,
    asked: Questions,
    *,
    values: Mapping[str, Any] | None = None,
    problems: Sequence[DomainProblem] = (),
) -> tuple[str, int]:
    typed = {name: request.form.getlist(name) for name in request.form} if values is None else None
    fields, sentences = form_fields.draw(asked.form, posted=typed, values=values, problems=problems)
    page = render_template("cases/correct.html", title=title, number=number, fields=fields, problems=sentences)
    return page, 422 if sentences else 200


def _back(number: str) -> AnyResponse:
    return redirect(url_for("cases.case", number=number, _anchor="objek-pemberi"), code=303)
