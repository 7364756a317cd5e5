"""Filing a report: the form, the step that asks for the village, files ahead of the rest, and the receipt."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import form_fields, form_steps, labels, lists
from webapp import kept_files as files
from webapp.actor import signed_in
from webapp.extensions import db, limiter
from webapp.fields import Field
from webapp.form_steps import Stepped, stepped
from webapp.kept_files import DomainProblem, KeptFile
from webapp.languages import chosen_language
from webapp.portal import codes, village
from webapp.portal.accounts import from_account, told_by_account
from webapp.portal.offers import Offer, offer, season
from webapp.portal.pictures import code_picture
from webapp.transaction import begin, now
from workflows.catalogue.manifest import Season
from workflows.errors import InvalidAnswers, NotFound
from workflows.forms import answers
from workflows.forms.schema import Form
from workflows.intake.operations import ReceiptSlip, submit_report
from workflows.intake.queries import tracking
from workflows.people.queries import reportable_offices

# Names of ours among what is posted; no field of a form begins with an underscore.
KEY = "_key"
VILLAGE_ASKED = "_village_asked"
# Which season's form is asked for in an address.
SEASON = "musim"
# The same among what is posted, so that the form stays the quick one while it is filled in.
QUICK = "_musim"
Typed = Mapping[str, Sequence[str]]


def report(case_type: str) -> str | Response:
    """Show the empty form."""
    offered = offer(case_type)
    if _for_staff_only(offered):
        return redirect(url_for("auth.sign_in", lanjut=request.path), code=303)
    quick = _quick(offered, {})
    known = {**from_account(offered.form), **_from_poster(offered.form)}
    return _form_page(offered, values={**known, **(quick.prefill if quick is not None else {})})


def begin_with(offered: Offer, values: Mapping[str, Any]) -> str | Response:
    """Show the form with what is known already; nothing has been filed yet."""
    if _for_staff_only(offered):
        return redirect(
            url_for("auth.sign_in", lanjut=url_for("portal.report", case_type=offered.case_type.key)), code=303
        )
    return _form_page(offered, values={**from_account(offered.form), **values})


def submit(case_type: str) -> Response:
    """Take the report, or give the form back with everything that was typed."""
    offered = offer(case_type)
    if _for_staff_only(offered):
        return redirect(url_for("auth.sign_in", lanjut=request.path), code=303)
    typed: Typed = form_steps.posted_to(offered.form)
    after = stepped(offered.form, typed)
    if after is not None:
        return _stepped_page(offered, after)
    received = files.receive(form_fields.file_fields(offered.form, typed), typed)
    problems = [*_problems_of(offered.form, typed, received), *received.problems]
    if not problems:
        asked = village.step(offered.form, typed)
        if asked and VILLAGE_ASKED not in typed:
            return make_response(_village_page(offered, asked, typed, _keep(received)))
        try:
            return _file(offered, typed, received)
        except InvalidAnswers as error:
            problems = error.problems
    page = _form_page(offered, typed=typed, problems=problems, kept=_keep(received))
    return make_response(page, files.status_of(problems))


# Far above what a room of people needs who learn behind one address; only a machine comes here.
@limiter.limit("1000 per hour")
def upload(case_type: str) -> tuple[Response, int]:
    """Take one file ahead of its report, for scripts that show how far it has come."""
    form = offer(case_type).form
    # The file of a row comes under the name of its row, whatever rows the page has.
    received = files.receive(form_fields.file_fields(form, dict.fromkeys(request.files, ())))
    if received.problems:
        _, code, facts = received.problems[0]
        return jsonify(problem=labels.problem_sentence(code, facts)), files.status_of(received.problems)
    kept = [file for group in _keep(received).values() for file in group]
    if not kept:
        return jsonify(problem=gettext("Tidak ada berkas yang diterima.")), 422
    return jsonify(token=kept[0].token, name=kept[0].name, size=kept[0].size), 200


def template(case_type: str, list_name: str, ending: str) -> Response:
    """Give the empty spreadsheet of a list of the form."""
    return form_steps.template(offer(case_type).form, list_name, ending)


def receipt(case_type: str) -> str | Response:
    """Show the receipt, for as long as the browser still holds its code."""
    code = codes.recall(codes.RECEIPT)
    if code is None:
        return redirect(url_for("portal.track"), code=303)
    try:
        case = tracking(db.session(), code, now())
    except NotFound:
        return redirect(url_for("portal.track"), code=303)
    return render_template(
        "portal/receipt.html", case=case, code=code, picture_code=code_picture(code), case_type=case_type
    )


def put_receipt_away(case_type: str) -> Response:
    """Take the code out of the browser once its owner has kept it elsewhere."""
    flash(gettext("Kode sudah dihapus dari peramban ini."), "calm")
    return codes.forget(redirect(url_for("portal.index"), code=303), codes.RECEIPT)


def _file(offered: Offer, typed: Typed, received: files.Received) -> Response:
    with begin() as tx:
        slip = submit_report(
            tx,
            offered.case_type.key,
            posted=typed,
            files=received.uploads,
            key=lists.first(typed, KEY) or _new_key(),
            language=chosen_language(),
        )
    return _after_filing(offered, slip)


def _after_filing(offered: Offer, slip: ReceiptSlip) -> Response:
    if not slip.code:
        # The same form came a second time and the code was shown with the first answer.
        return make_response(render_template("portal/repeated.html", slip=slip))
    response = redirect(url_for("portal.receipt", case_type=offered.case_type.key), code=303)
    return codes.remember(response, codes.RECEIPT, slip.code)


def _stepped_page(offered: Offer, after: Stepped) -> Response:
    """Show the form after a row was added or removed, or rows were imported."""
    page = _form_page(offered, typed=after.typed, problems=after.problems, kept=dict(after.kept), focus=after.focus)
    return make_response(page, after.status)


def _problems_of(form: Form, typed: Typed, received: files.Received) -> Sequence[DomainProblem]:
    """Read the answers without filing anything."""
    try:
        answers.read(
            form,
            typed,
            files_present={each.field for each in received.uploads},
            clock=form_fields.clock(),
            choices=lists.values_of(lists.lists_for(form, typed)),
        )
    except InvalidAnswers as error:
        return error.problems
    return ()


def _keep(received: files.Received) -> dict[str, tuple[KeptFile, ...]]:
    if not received.uploads:
        return {}
    with begin() as tx:
        return files.keep(tx, received.uploads)


def _form_page(
    offered: Offer,
    *,
    typed: Typed | None = None,
    values: Mapping[str, Any] | None = None,
    problems: Sequence[DomainProblem] = (),
    kept: dict[str, tuple[KeptFile, ...]] | None = None,
    focus: str = "",
) -> str:
    quick = _quick(offered, typed or {})
    fields, sentences = form_fields.draw(
        offered.form,
        posted=typed,
        values=values,
        problems=problems,
        kept=kept,
        sheet_address=partial(_sheet_address, offered.case_type.key),
        focus=focus,
    )
    return render_template(
        "portal/report.html",
        case_type=offered.case_type,
        season=season(offered.case_type, now()),
        quick=quick is not None,
        fields=_shortened(fields, frozenset(quick.leaves_out)) if quick is not None else fields,
        problems=sentences,
        identity=told_by_account(offered.form),
        key=lists.first(typed or {}, KEY) or _new_key(),
        aids=_aids(offered),
        answered=typed is not None,
    )


def _quick(offered: Offer, typed: Typed) -> Season | None:
    """Give the season whose quick form is asked for, in the address or by the form itself; None for the whole form."""
    running = season(offered.case_type, now())
    asked = request.args.get(SEASON) or lists.first(typed, QUICK)
    return running if running is not None and asked == running.id else None


def _shortened(fields: Sequence[Field], left_out: frozenset[str]) -> tuple[Field, ...]:
    """Take out what the quick form does not ask, except where something was typed or is wrong."""
    return tuple(
        replace(field, children=_shortened(field.children, left_out))
        for field in fields
        if field.value or field.error or field.kept or re.sub(r"\[[^]]*]", "", field.name) not in left_out
    )


def _sheet_address(case_type: str, list_name: str, ending: str) -> str:
    return url_for("portal.template", case_type=case_type, list_name=list_name, ending=ending)


def _aids(offered: Offer) -> dict[str, object]:
    """Give what scripts need to help with the form: the villages of each kecamatan, and where the place is typed."""
    columns = offered.case_type.case_fields
    aids: dict[str, object] = {name: columns[name][0] for name in ("latitude", "longitude") if columns.get(name)}
    picker = village.picker(offered.form)
    return {**aids, "villages": {**asdict(picker), "asked": VILLAGE_ASKED}} if picker else aids


def _village_page(offered: Offer, asked: village.Step, typed: Typed, kept: Mapping[str, tuple[KeptFile, ...]]) -> str:
    ours = {"csrf_token", VILLAGE_ASKED, asked.field.name}
    carried = [(name, value) for name, values in typed.items() if name not in ours for value in values]
    carried = [(name, value) for name, value in carried if not name.endswith("_kept")]
    tokens = [(f"{field}_kept", file.token) for field, group in kept.items() for file in group]
    return render_template(
        "portal/village.html",
        case_type=offered.case_type,
        step=asked,
        carried=[*carried, *tokens, (VILLAGE_ASKED, "1")],
    )


def _from_poster(form: Form) -> dict[str, str]:
    """Give what an empty form starts with: the office whose poster was read."""
    field, code = lists.asking_for(form, lists.OFFICES), request.args.get("instansi", "").upper()
    if field is None or not code:
        return {}
    return {field.name: code} if code in {unit.code for unit in reportable_offices(db.session())} else {}


def _for_staff_only(offered: Offer) -> bool:
    return offered.case_type.reporters == "staff" and signed_in() is None


def _new_key() -> str:
    return secrets.token_urlsafe(24)
