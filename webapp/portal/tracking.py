"""Following a report: the code opens it, and the reporter sees, answers and adds without an account."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import form_fields, form_steps, labels
from webapp import kept_files as files
from webapp.actor import current_actor, signed_in
from webapp.downloads import send_download
from webapp.extensions import db, limiter
from webapp.fields import Field, Problems
from webapp.form_steps import Stepped, stepped
from webapp.kept_files import DomainProblem, KeptFile
from webapp.portal import codes
from webapp.portal.accounts import from_account
from webapp.transaction import begin, now
from workflows.case_reports.queries import editions_of, reports_of
from workflows.cases.models import Case
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.evidence import queries as evidence
from workflows.intake.operations import Opening, OwnReport, send_reporter_message
from workflows.intake.operations import add_information as add_information_to
from workflows.intake.queries import ReporterMessage, TrackedCase, own_reports, tracking
from workflows.letters.queries import letters_of
from workflows.transaction import Actor

KEY = "_key"
# The code, typed once more beside a form because the browser has forgotten it.
CODE = "_code"
Typed = Mapping[str, Sequence[str]]
# Ids of the plain form's fields.
INFORMATION = "information"
INFORMATION_FILES = "information_files"


@dataclass(frozen=True)
class MessageForm:
    """A message that the reporter may send now, ready to be drawn."""

    name: str
    title: str
    fields: tuple[Field, ...]
    # Opened, because it is being mended.
    open: bool
    # Instant after which it is taken no more; None where the process names none.
    until: datetime | None


def track() -> str | Response:
    """Show the report whose code the browser holds, or ask for a code."""
    case = tracked(None)
    if case is None:
        return _code_page()
    return codes.remember(make_response(_case_page(case)), codes.TRACKING, codes.recall(codes.TRACKING) or "")


@limiter.limit("60 per minute")
def open_with_code() -> Response:
    """Take a code and open the report that it belongs to."""
    typed = request.form.get("code", "")[:100]
    try:
        tracking(db.session(), typed, now())
    except NotFound:
        return make_response(_code_page(_wrong_code(), typed), 422)
    return codes.remember(redirect(url_for("portal.track"), code=303), codes.TRACKING, typed)


def own_report(number: str) -> str:
    """Show a report that was filed from the account of whoever is signed in."""
    case = tracked(number)
    if case is None:
        raise NotFound("receipt.unknown")
    return _case_page(case, number=number)


@limiter.limit("60 per minute", exempt_when=lambda: CODE not in request.form)
def send_message(message: str, number: str | None = None) -> Response:
    """Send what the process waits for from the reporter."""
    return _opened(number, partial(_send, message, number))


def _send(message: str, number: str | None, case: TrackedCase, opening: Opening) -> Response:
    awaited = next((each for each in case.messages if each.name == message), None)
    if awaited is None:
        raise Conflict("message.unawaited")
    typed = form_steps.posted_to(awaited.form)
    after = stepped(awaited.form, typed) if awaited.form else None
    if after is not None:
        return make_response(_case_page(case, after.problems, message, number, after=after), after.status)
    received = files.receive(form_fields.file_fields(awaited.form, typed) if awaited.form else (), typed)
    problems: Sequence[DomainProblem] = received.problems
    if not problems:
        try:
            with begin() as tx:
                outcome = send_reporter_message(
                    tx,
                    opening,
                    message,
                    posted=typed,
                    files=received.uploads,
                    key=request.form.get(KEY) or secrets.token_urlsafe(24),
                )
        except InvalidAnswers as error:
            problems = error.problems
    if problems:
        kept = _keep(received)
        return _refused(case, problems, message=message, number=number, after=Stepped(typed, kept))
    if outcome.kept:
        flash(
            gettext("Terkirim dan disimpan. Kiriman Anda diteruskan begitu penanganan laporan ini berlanjut."), "done"
        )
    else:
        flash(gettext("Terkirim. Terima kasih."), "done")
    return redirect(address_of(number), code=303)


def message_template(message: str, list_name: str, ending: str, number: str | None = None) -> Response:
    """Give the empty spreadsheet of a list in the form of a message."""
    case = tracked(number)
    awaited = next((each for each in case.messages if each.name == message), None) if case else None
    if awaited is None or awaited.form is None:
        raise NotFound("receipt.unknown")
    return form_steps.template(awaited.form, list_name, ending)


@limiter.limit("60 per minute", exempt_when=lambda: CODE not in request.form)
def add_information(number: str | None = None) -> Response:
    """Add a text and files to the report."""
    return _opened(number, partial(_add, number))


def _add(number: str | None, case: TrackedCase, opening: Opening) -> Response:
    received = files.receive((INFORMATION_FILES,))
    problems: Sequence[DomainProblem] = received.problems
    if not problems:
        try:
            with begin() as tx:
                add_information_to(
                    tx,
                    opening,
                    text=request.form.get(INFORMATION, "").strip(),
                    files=received.uploads,
                    key=request.form.get(KEY) or secrets.token_urlsafe(24),
                )
        except InvalidAnswers as error:
            problems = [(INFORMATION, code, facts) for _, code, facts in error.problems]
    if problems:
        return _refused(case, problems, number=number)
    flash(gettext("Keterangan sudah ditambahkan."), "done")
    return redirect(address_of(number), code=303)


def file(evidence_id: UUID, number: str | None = None) -> Response:
    """Hand out a photo or document that was released to the reporter, or that they sent."""
    case = tracked(number)
    if case is None or evidence_id not in {each.evidence_id for each in case.files}:
        raise NotFound("evidence.unknown")
    return send_download(evidence.download(db.session(), reader_of(case), evidence_id))


def reader_of(case: TrackedCase) -> Actor:
    """Give the reporter of the case as an actor: what opened the report proves who reads."""
    return Actor(kind="reporter", case_id=case.case_id)


def close() -> Response:
    """Take the code out of the browser."""
    flash(gettext("Laporan sudah ditutup di peramban ini."), "calm")
    return codes.forget(redirect(url_for("portal.track"), code=303), codes.TRACKING)


def _opened(number: str | None, act: Callable[[TrackedCase, Opening], Response]) -> Response:
    """Let the reporter act on their report; where the browser has forgotten what opens it, nothing typed is lost.

    Then the code is asked for beside what was posted, or the account to sign in once more.
    """
    opening = _opening(number)
    again = "" if opening else request.form.get(CODE, "")[:100]
    case = _found(opening or again)
    if case is None and number is None:
        return _ask_code_again(again)
    if case is None and signed_in() is None:
        return redirect(url_for("auth.sign_in", lanjut=address_of(number)), code=303)
    if case is None:
        return redirect(url_for("portal.track"), code=303)
    response = act(case, opening or again)
    return codes.remember(response, codes.TRACKING, again) if again else response


def _ask_code_again(wrong: str) -> Response:
    error = _wrong_code() if wrong else ""
    field = _code_field(CODE, error)
    page = render_template(
        "portal/code_again.html",
        code_field=field,
        problems=[(field.id, error)] if error else [],
        posted=[(name, text) for name, text in request.form.items(multi=True) if name not in {"csrf_token", CODE}],
        files_lost=any(upload.filename for upload in request.files.values()),
    )
    return make_response(page, 422)


def _opening(number: str | None) -> Opening:
    """Give what opens the report of this request: an account's own number, or the code that the browser holds."""
    return codes.recall(codes.TRACKING) or "" if number is None else OwnReport(number)


def tracked(number: str | None) -> TrackedCase | None:
    """Give the report of this request; None without anything that opens it."""
    return _found(_opening(number))


def _found(opening: Opening) -> TrackedCase | None:
    if not opening:
        return None
    try:
        return tracking(db.session(), opening, now(), current_actor())
    except NotFound:
        return None


def address_of(number: str | None) -> str:
    """Give the page of a report: the one whose code the browser holds, or an account's own."""
    return url_for("portal.track") if number is None else url_for("portal.own_report", number=number)


def _code_page(error: str = "", typed: str = "") -> str:
    field = _code_field("code", error, typed)
    problems: Problems = [("code", error)] if error else []
    own = own_reports(db.session(), current_actor()) if signed_in() else ()
    return render_template("portal/track.html", code_field=field, problems=problems, own_reports=own)


def _code_field(name: str, error: str, typed: str = "") -> Field:
    return Field(
        "text",
        name,
        name,
        label=gettext("Kode tanda terima"),
        hint=gettext("Dua puluh lima angka dalam lima kelompok. Spasi dan tanda hubung tidak berpengaruh."),
        error=error,
        value=typed,
        required=True,
        attributes={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"},
    )


def _wrong_code() -> str:
    return gettext("Kode itu tidak membuka laporan mana pun. Periksa setiap angka, lalu coba lagi.")


def _keep(received: files.Received) -> dict[str, tuple[KeptFile, ...]]:
    if not received.uploads:
        return {}
    with begin() as tx:
        return files.keep(tx, received.uploads)


def _refused(
    case: TrackedCase,
    problems: Sequence[DomainProblem],
    *,
    message: str = "",
    number: str | None = None,
    after: Stepped | None = None,
) -> Response:
    return make_response(_case_page(case, problems, message, number, after=after), files.status_of(problems))


def _case_page(
    case: TrackedCase,
    problems: Sequence[DomainProblem] = (),
    message: str = "",
    number: str | None = None,
    *,
    after: Stepped | None = None,
) -> str:
    """Draw the report; `problems` belong to the form of `message`, or to the plain one when it is empty.

    `after` is what stands in the form of the message: after a step within it, or as it was refused.
    """
    typed: Typed | None = after.typed if after else dict(request.form.lists()) if problems else None
    forms: list[MessageForm] = []
    summary: Problems = ()
    for awaited in case.messages:
        mending = awaited.name == message
        fields, sentences = _message_fields(
            awaited,
            typed if mending else None,
            problems if mending else (),
            number,
            after if mending else None,
        )
        summary = sentences or summary
        forms.append(MessageForm(awaited.name, awaited.title, fields, mending, awaited.until))
    information = _information_fields(None if message else typed, () if message else problems)
    if problems and not message:
        summary = [(field.id, field.error) for field in information if field.error]
    file_of_case = db.session().get_one(Case, case.case_id)
    return render_template(
        "portal/tracked.html",
        case=case,
        letters=letters_of(db.session(), reader_of(case), file_of_case),
        reports=reports_of(db.session(), reader_of(case), file_of_case, limit=5),
        editions=editions_of(db.session(), file_of_case),
        number=number,
        forms=forms,
        information=information,
        problems=summary,
        key=request.form.get(KEY) or secrets.token_urlsafe(24),
    )


def _message_fields(
    awaited: ReporterMessage,
    typed: Typed | None,
    problems: Sequence[DomainProblem],
    number: str | None,
    after: Stepped | None,
) -> tuple[tuple[Field, ...], Problems]:
    if awaited.form is None:
        return (), ()
    # A code may be in other hands than the account that is signed in here; a number is the account's own.
    known = from_account(awaited.form) if number is not None else {}
    return form_fields.draw(
        awaited.form,
        posted=typed,
        values={**known, **awaited.values},
        problems=problems,
        kept=after.kept if after else None,
        prefix=f"{awaited.name}-",
        sheet_address=partial(_sheet_address, awaited.name, number),
        focus=after.focus if after else "",
    )


def _sheet_address(message: str, number: str | None, list_name: str, ending: str) -> str:
    # Without a number the route of whoever holds the code is found.
    return url_for("portal.message_template", message=message, list_name=list_name, ending=ending, number=number)


def _information_fields(typed: Typed | None, problems: Sequence[DomainProblem]) -> tuple[Field, ...]:
    words = {INFORMATION: gettext("Keterangan"), INFORMATION_FILES: gettext("Foto atau dokumen")}
    errors = {
        name: labels.problem_sentence(code, facts, words.get(name, "")) for name, code, facts in reversed(problems)
    }
    return (
        Field(
            "textarea",
            INFORMATION,
            INFORMATION,
            label=words[INFORMATION],
            error=errors.get(INFORMATION, ""),
            value="".join((typed or {}).get(INFORMATION, ())),
            mark_optional=False,
            attributes={"maxlength": "10000"},
        ),
        Field(
            "files",
            INFORMATION_FILES,
            INFORMATION_FILES,
            label=words[INFORMATION_FILES],
            hint=form_fields.limits_told(),
            error=errors.get(INFORMATION_FILES, ""),
            multiple=True,
        ),
    )
