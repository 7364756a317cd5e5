"""The custody register: what is entrusted to the office, where it lies, and handing it over."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import form_fields, labels
from webapp.actor import current_actor
from webapp.downloads import send_document
from webapp.extensions import db
from webapp.fields import Field, Option
from webapp.guards import requires
from webapp.languages import spoken
from webapp.navigation import page_number
from webapp.transaction import begin, now
from workflows.cases.models import Case
from workflows.cases.queries import case_by_number
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import CustodyFields
from workflows.custody import operations, queries
from workflows.custody.queries import Kept
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.evidence.queries import Item, items_of
from workflows.letters.models import Letter
from workflows.letters.queries import slip_of
from workflows.people.queries import all_roles, holders_of
from workflows.storage import queries as storage

blueprint = Blueprint("custody", __name__)

PER_PAGE = 25


@blueprint.get("/titipan")
@requires(operations.RIGHT)
def index() -> str:
    """Show what is kept, overdue deposits first; on wish also what has left."""
    session, actor = db.session(), current_actor()
    everything = request.args.get("lihat") == "semua"
    page = page_number()
    found = queries.register(
        session, actor, now(), kept_only=not everything, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
    )
    kept, overdue = queries.counts(session, actor, now())
    return render_template(
        "custody/index.html",
        title=gettext("Titipan"),
        found=found,
        condition=_condition,
        receiver=_receiver,
        kept=kept,
        overdue=overdue,
        everything=everything,
        page=page,
        pages=-(-queries.total(session, kept_only=not everything) // PER_PAGE),
        page_address=lambda number: url_for(
            "custody.index", lihat="semua" if everything else None, halaman=number if number > 1 else None
        ),
    )


@blueprint.get("/titipan/<uuid:custody_id>")
@requires(operations.RIGHT)
def show(custody_id: UUID) -> str:
    """Show one deposit, its way, and the form that hands it over."""
    return _page(custody_id)


@blueprint.get("/titipan/<uuid:custody_id>/tanda-titip.pdf")
@requires(operations.RIGHT)
def slip(custody_id: UUID) -> Response:
    """Send the printed deposit slip."""
    kept, _ = queries.one(db.session(), current_actor(), custody_id, now())
    issued = _slip(kept)
    if issued is None:
        raise NotFound("letter.unknown", slip=kept.slip_number)
    if issued.checksum is None:
        raise Conflict("letter.not_printed", letter=issued.id)
    return send_document(storage.read(db.session(), issued.checksum), f"{kept.slip_number}.pdf")


@blueprint.post("/titipan/<uuid:custody_id>")
@requires(operations.RIGHT)
def hand_over(custody_id: UUID) -> str | tuple[str, int] | Response:
    """Hand a deposit over to another keeper, or note where it lies now."""
    kept, _ = queries.one(db.session(), current_actor(), custody_id, now())
    try:
        with begin() as tx:
            operations.hand_over(
                tx,
                custody_id,
                _mapping(kept.case_type),
                keeper_id=request.form.get("keeper", type=UUID),
                place=request.form.get("place", ""),
                condition=request.form.get("condition", ""),
                reason=request.form.get("reason", ""),
            )
    except InvalidAnswers as error:
        return _page(custody_id, error), 422
    except Conflict as error:
        flash(labels.error_sentence(error), "late")
    else:
        flash(gettext("Perpindahan titipan dicatat."), "done")
    return redirect(url_for("custody.show", custody_id=custody_id), code=303)


@blueprint.post("/titipan/<uuid:custody_id>/keluar")
@requires(operations.RIGHT)
def give_out(custody_id: UUID) -> str | tuple[str, int] | Response:
    """Let the objects of a closed case leave the office."""
    kept, _ = queries.one(db.session(), current_actor(), custody_id, now())
    asked = request.form
    try:
        with begin() as tx:
            operations.give_out(
                tx, custody_id, _mapping(kept.case_type), to=asked.get("to", ""), reason=asked.get("reason", "")
            )
    except InvalidAnswers as error:
        return _page(custody_id, leaving=error), 422
    except Conflict as error:
        flash(labels.error_sentence(error), "late")
    else:
        flash(gettext("Titipan dicatat keluar."), "done")
    return redirect(url_for("custody.show", custody_id=custody_id), code=303)


def _page(custody_id: UUID, invalid: InvalidAnswers | None = None, *, leaving: InvalidAnswers | None = None) -> str:
    kept, moves = queries.one(db.session(), current_actor(), custody_id, now())
    fields = _fields(kept, invalid)
    leaves = _leaving(kept, leaving) if kept.case_closed and not kept.released_at else ()
    case = _readable(kept)
    return render_template(
        "custody/show.html",
        title=gettext("Titipan %(slip)s", slip=kept.slip_number),
        kept=kept,
        moves=moves,
        condition=_condition,
        receiver=_receiver,
        fields=fields,
        leaves=leaves,
        problems=[(field.id, field.error) for field in (*fields, *leaves) if field.error],
        slip=_slip(kept),
        may_read=case is not None,
        photos=_photos(kept, case) if case is not None else (),
    )


def _readable(kept: Kept) -> Case | None:
    """Give the case of a deposit to whoever may read it; keeping its object alone does not open it."""
    try:
        return case_by_number(db.session(), current_actor(), kept.case_number)
    except NotFound:
        return None


def _photos(kept: Kept, case: Case) -> list[Item]:
    """Give the pictures that were taken when the object came in, by the form of the case type's custody."""
    session = db.session()
    edition = catalogue.newest_version(session, kept.case_type)
    taken_with = catalogue.forms(session, edition).get(_mapping(kept.case_type).form)
    fields = form_fields.file_fields(taken_with) if taken_with is not None else ()
    return [item for item in items_of(session, current_actor(), case) if item.field in fields]


def _slip(kept: Kept) -> Letter | None:
    """Give the letter that was issued for the deposit; None where the case type has no such letter."""
    name = _mapping(kept.case_type).letter
    return slip_of(db.session(), kept.case_id, name, kept.slip_number) if name is not None else None


def _fields(kept: Kept, invalid: InvalidAnswers | None) -> tuple[Field, ...]:
    typed = request.form if invalid else None
    words = {
        "keeper": gettext("Penyimpan"),
        "place": gettext("Tempat penyimpanan"),
        "condition": gettext("Keadaan objek"),
        "reason": gettext("Alasan perpindahan"),
    }

    def value(name: str, now_there: str) -> str:
        return typed.get(name, "") if typed is not None else now_there

    error = partial(_error, invalid, words)
    keepers = _keepers()
    chosen = value("keeper", "")
    state = value("condition", kept.condition)
    return (
        Field(
            "select", "keeper", "keeper", words["keeper"], "", error("keeper"), chosen, required=True,
            options=tuple(
                Option(key, name, key == chosen or (not chosen and name == kept.keeper)) for key, name in keepers
            ),
        ),
        Field(
            "text", "place", "place", words["place"], gettext("Ruang, lemari, rak."), error("place"),
            value("place", kept.place), required=True,
        ),
        Field(
            "select", "condition", "condition", words["condition"], "", error("condition"), state, required=True,
            options=tuple(
                Option(each.id, spoken(each), each.id == state) for each in _mapping(kept.case_type).conditions.values()
            ),
        ),
        Field(
            "text", "reason", "reason", words["reason"], gettext("Jangan menulis nama pelapor."), error("reason"),
            value("reason", ""), required=True,
        ),
    )  # fmt: skip


def _leaving(kept: Kept, invalid: InvalidAnswers | None) -> tuple[Field, ...]:
    """Draw whom the objects go to, and why."""
    typed = request.form if invalid else {}
    words = {"to": gettext("Keluar kepada"), "reason": gettext("Alasan atau bukti penyerahan")}
    error = partial(_error, invalid, words)
    chosen = typed.get("to", "")
    return (
        Field(
            "select", "leaving-to", "to", words["to"], "", error("to"), chosen, required=True,
            options=tuple(
                Option(each.id, spoken(each), each.id == chosen)
                for each in _mapping(kept.case_type).released_to.values()
            ),
        ),
        Field(
            "text", "leaving-reason", "reason", words["reason"], gettext("Jangan menulis nama pelapor."),
            error("reason"), typed.get("reason", ""), required=True,
        ),
    )  # fmt: skip


def _error(invalid: InvalidAnswers | None, words: Mapping[str, str], name: str) -> str:
    found = next((problem for problem in invalid.problems if problem[0] == name), None) if invalid else None
    return labels.problem_sentence(found[1], found[2], words[name]) if found else ""


def _keepers() -> list[tuple[str, str]]:
    """Give those who may keep what is entrusted: whoever holds the right now."""
    session = db.session()
    roles = [role.id for role in all_roles(session) if operations.RIGHT in role.rights]
    found = {str(user.id): user.name for role in roles for user in holders_of(session, role, now())}
    return sorted(found.items(), key=lambda pair: pair[1])


def _mapping(case_type: str) -> CustodyFields:
    mapping = catalogue.manifest(db.session(), catalogue.newest_version(db.session(), case_type)).custody
    if mapping is None:
        raise NotFound("custody.none", case_type=case_type)
    return mapping


def _condition(kept: Kept, code: str) -> str:
    named = _mapping(kept.case_type).conditions.get(code)
    return spoken(named) if named is not None else code


def _receiver(kept: Kept) -> str:
    named = _mapping(kept.case_type).released_to.get(kept.released_to or "")
    return spoken(named) if named is not None else kept.released_to or ""
