"""Signing in and out: password, then the code or its enrolment, then a password of one's own, then open.

What each step asks and forgives is the law of `workflows.people.sign_in`; here it gets a page.
"""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from webapp import labels
from webapp.actor import SESSION_COOKIE, signed_in
from webapp.auth import sessions
from webapp.auth.enrolment import key_of, picture_of
from webapp.extensions import limiter
from webapp.fields import Field
from webapp.formats import moment
from webapp.guards import PUBLIC, signed_in_only
from webapp.navigation import menu
from webapp.transaction import begin
from workflows.errors import Conflict, InvalidAnswers
from workflows.people import sign_in as steps
from workflows.people.sessions import close_session
from workflows.people.sign_in import SignIn
from workflows.settings import Settings
from workflows.transaction import NOBODY

blueprint = Blueprint("auth", __name__)

PAGES = {
    "password": "auth.sign_in",
    "second_factor": "auth.second_factor",
    "enrolment": "auth.enrol",
    "new_password": "auth.choose_password",
}


def _typed_login() -> str:
    return request.form.get("login", "").strip().lower()[:100]


@blueprint.get("/masuk")
def sign_in() -> str | Response:
    """Ask who is there."""
    if signed_in():
        return redirect(_target(), code=303)
    return _password_page()


@blueprint.post("/masuk")
# A guess costs a hash anyway; these only keep a machine from asking all day.
@limiter.limit("10 per minute", key_func=_typed_login)
@limiter.limit("60 per minute")
def give_password() -> str | tuple[str, int] | Response:
    """Take login and password."""
    settings: Settings = current_app.extensions["amanah_settings"]
    try:
        with begin(NOBODY) as tx:
            result = steps.sign_in(
                tx,
                _typed_login(),
                request.form.get("password", ""),
                second_factor_required=settings.require_totp,
            )
    except Conflict as error:
        return _password_page(labels.error_sentence(error)), 409
    if result.wrong:
        return _password_page(gettext("Nama pengguna atau kata sandi tidak cocok.")), 422
    return _go_on(result)


@blueprint.get("/masuk/kode")
def second_factor() -> str | Response:
    """Ask for the code of the second factor."""
    return _code_page()


@blueprint.post("/masuk/kode")
@limiter.limit("30 per minute")
def give_code() -> str | tuple[str, int] | Response:
    """Take the code of the second factor."""
    with begin(NOBODY) as tx:
        result = steps.give_code(tx, _token(), request.form.get("code", ""))
    if result.paused_until is not None:
        until = moment(result.paused_until)
        return _code_page(gettext("Terlalu banyak kode yang salah. Coba lagi setelah %(until)s.", until=until)), 429
    if result.wrong:
        return _code_page(gettext("Kode itu tidak cocok. Ketik kode yang sedang tampil di aplikasi.")), 422
    return _go_on(result)


@blueprint.get("/masuk/daftar-kode")
def enrol() -> str | Response:
    """Show the picture that an authenticator reads."""
    return _enrolment_page()


@blueprint.post("/masuk/daftar-kode")
@limiter.limit("30 per minute")
def finish_enrolment() -> str | tuple[str, int] | Response:
    """Take the first code of a new authenticator."""
    with begin(NOBODY) as tx:
        result = steps.finish_enrolment(tx, _token(), request.form.get("code", ""))
    if result.wrong:
        page = _enrolment_page(gettext("Kode itu tidak cocok. Ketik kode yang sedang tampil di aplikasi."))
        return (page, 422) if isinstance(page, str) else page
    return _go_on(result)


@blueprint.get("/masuk/kata-sandi")
def choose_password() -> str:
    """Ask for a password of one's own."""
    return _new_password_page()


@blueprint.post("/masuk/kata-sandi")
def give_new_password() -> str | tuple[str, int] | Response:
    """Take a password of one's own."""
    try:
        with begin(NOBODY) as tx:
            result = steps.choose_password(tx, _token(), request.form.get("chosen", ""))
    except InvalidAnswers as error:
        _, code, facts = error.problems[0]
        return _new_password_page(labels.problem_sentence(code, facts, gettext("Kata sandi baru"))), 422
    return _go_on(result)


@blueprint.post("/keluar")
@signed_in_only
def sign_out() -> Response:
    """Close the session, here and on the server."""
    with begin() as tx:
        close_session(tx, _token())
    session.clear()
    flash(gettext("Anda sudah keluar."), "calm")
    return sessions.drop(redirect(url_for("portal.index"), code=303))


def _go_on(result: SignIn) -> Response:
    """Lead to the page of the next step with the session's new token."""
    if result.step == "password":
        flash(gettext("Waktu untuk masuk sudah habis. Mulailah lagi."), "calm")
    if result.step == "open":
        # The form token of whoever used this browser before counts for nothing any more.
        target = _target()
        session.clear()
        response = redirect(target, code=303)
    else:
        response = redirect(url_for(PAGES[result.step], lanjut=request.values.get("lanjut")), code=303)
    return sessions.put(response, result.token) if result.token else sessions.drop(response)


def _target() -> str:
    """Give the page that opens after signing in: what was asked for, if it is one of ours."""
    asked = request.values.get("lanjut") or ""
    parts = urlsplit(asked)
    ours = asked.startswith("/") and not asked.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    # A line break would be somebody else's header; the other control signs are read by browsers as if they were absent.
    ours = ours and asked.isprintable()
    return asked if ours and asked != "/" else url_for("auth.arrive")


@blueprint.get("/masuk/tiba")
@signed_in_only
def arrive() -> Response:
    """Lead whoever has just signed in to the first screen of their menu; citizens to their reports."""
    user = signed_in()
    places = menu() if user is not None and user.rights else []
    return redirect(places[0].address if places else url_for("portal.track"), code=303)


def _password_page(error: str = "") -> str:
    fields = (
        Field(
            "text",
            "login",
            "login",
            gettext("Nama pengguna atau NIP"),
            required=True,
            value=request.form.get("login", ""),
            attributes={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
            error=error,
        ),
        Field(
            "password",
            "password",
            "password",
            gettext("Kata sandi"),
            required=True,
            attributes={"autocomplete": "current-password"},
        ),
    )
    return _page("auth/sign_in.html", fields, needed=_is_guarded(request.values.get("lanjut") or ""))


def _is_guarded(target: str) -> bool:
    """Tell whether the page that was asked for opens to nobody but who is signed in."""
    pages = current_app.create_url_adapter(request)
    try:
        endpoint = pages.match(urlsplit(target).path, method="GET")[0] if pages is not None and target else None
    except (HTTPException, ValueError):
        return False
    return endpoint is not None and endpoint not in PUBLIC


def _code_page(error: str = "") -> str:
    return _page("auth/second_factor.html", (_code_field(error),))


def _enrolment_page(error: str = "") -> str | Response:
    with begin(NOBODY) as tx:
        secret = steps.enrolment_secret(tx, _token())
    if secret is None:
        return redirect(url_for("auth.sign_in"), code=303)
    picture = picture_of(secret, gettext("akun Anda"))
    return _page("auth/enrol.html", (_code_field(error),), picture_code=picture, secret=key_of(secret))


def _new_password_page(error: str = "") -> str:
    hint = gettext(
        "Paling sedikit dua belas tanda. Kalimat yang hanya Anda ketahui lebih baik daripada kata yang rumit."
    )
    chosen = Field(
        "password",
        "chosen",
        "chosen",
        gettext("Kata sandi baru"),
        hint,
        error,
        required=True,
        attributes={"autocomplete": "new-password"},
    )
    return _page("auth/choose_password.html", (chosen,))


def _code_field(error: str) -> Field:
    return Field(
        "text",
        "code",
        "code",
        gettext("Kode enam angka"),
        "",
        error,
        required=True,
        attributes={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "7"},
    )


def _page(template: str, fields: tuple[Field, ...], **values: object) -> str:
    problems = [(field.id, field.error) for field in fields if field.error]
    return render_template(
        template, fields=fields, problems=problems, target=request.values.get("lanjut") or "", **values
    )


def _token() -> str:
    return request.cookies.get(SESSION_COOKIE, "")
