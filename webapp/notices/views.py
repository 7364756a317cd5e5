"""The bell: what the house has to tell the reader, and having seen it."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp.actor import current_actor
from webapp.extensions import db
from webapp.guards import signed_in_only
from webapp.navigation import page_number
from webapp.transaction import begin
from workflows.cases.models import Case
from workflows.cases.queries import case_by_id, numbers_of
from workflows.errors import NotFound
from workflows.notices import operations, queries
from workflows.transaction import Tx

blueprint = Blueprint("notices", __name__)

PER_PAGE = 20


@blueprint.get("/pemberitahuan")
@signed_in_only
def index() -> str:
    """Show the reader's notices, newest first."""
    actor, session = current_actor(), db.session()
    found = queries.bells(session, actor, page=page_number(), page_size=PER_PAGE)
    return render_template(
        "notices/index.html",
        title=gettext("Pemberitahuan"),
        found=found,
        numbers=numbers_of(session, actor, {bell.case_id for bell in found.bells if bell.case_id is not None}),
        unread=queries.unread_count(session, actor),
        page_address=lambda number: url_for("notices.index", halaman=number if number > 1 else None),
    )


@blueprint.post("/pemberitahuan/dibaca")
@signed_in_only
def read_all() -> Response:
    """Mark everything as read that was there when the reader looked; what has come since stays unread."""
    with begin() as tx:
        operations.mark_all_read(tx, until=tx.now)
    return redirect(url_for("notices.index"), code=303)


@blueprint.post("/pemberitahuan/<uuid:notice_id>")
@signed_in_only
def open_notice(notice_id: UUID) -> Response:
    """Mark one as read, and lead to its case if the reader may see it."""
    with begin() as tx:
        notice = operations.mark_read(tx, notice_id)
        case = _visible_case(tx, notice.case_id)
    place = url_for("cases.case", number=case.number) if case is not None else url_for("notices.index")
    return redirect(place, code=303)


def _visible_case(tx: Tx, case_id: UUID | None) -> Case | None:
    if case_id is None:
        return None
    try:
        return case_by_id(tx.session, tx.actor, case_id)
    except NotFound:
        return None
