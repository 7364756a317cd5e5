"""One's own account: what one is, another password, and the second factor."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import labels
from webapp.actor import SignedIn, signed_in
from webapp.auth import sessions
from webapp.auth.enrolment import key_of, picture_of
from webapp.extensions import db, limiter
from webapp.fields import Field
from webapp.guards import signed_in_only
from webapp.transaction import begin, now
from workflows.errors import InvalidAnswers, NotAllowed
from workflows.people import enrolment, operations, queries

blueprint = Blueprint("account", __name__)


@blueprint.get("/akun")
@signed_in_only
def index() -> str:
    """Show the account with what can be done about it."""
    return _page()


@blueprint.post("/akun/kata-sandi")
@signed_in_only
@limiter.limit("10 per minute")
def change_password() -> str | tuple[str, int] | Response:
    """Choose another password; every browser signs in anew with it."""
    me = _me()
    try:
        with begin() as tx:
            operations.change_password(
                tx, me.user_id, current=request.form.get("current", ""), chosen=request.form.get("chosen", "")
            )
    except InvalidAnswers as error:
        return _page(error), 422
    session.clear()
    flash(gettext("Kata sandi diganti. Masuklah dengan yang baru."), "done")
    return sessions.drop(redirect(url_for("auth.sign_in", lanjut=url_for("account.index")), code=303))


@blueprint.get("/akun/kode")
@signed_in_only
def enrol() -> str | Response:
    """Show the picture that an authenticator reads."""
    if queries.user(db.session(), _me().user_id).has_second_factor:
        return redirect(url_for("account.index"), code=303)
    return _enrolment_page()


@blueprint.post("/akun/kode")
@signed_in_only
@limiter.limit("30 per minute")
def finish_enrolment() -> str | tuple[str, int] | Response:
    """Take the first code of a new authenticator."""
    try:
        with begin() as tx:
            enrolment.confirm_enrolment(tx, _me().user_id, request.form.get("code", ""))
    except InvalidAnswers:
        return _enrolment_page(gettext("Kode itu tidak cocok. Ketik kode yang sedang tampil di aplikasi.")), 422
    flash(gettext("Kode masuk terdaftar. Mulai sekarang kode itu ditanyakan setelah kata sandi."), "done")
    return redirect(url_for("account.index"), code=303)


def _me() -> SignedIn:
    me = signed_in()
    if me is None:
        raise NotAllowed("page.not_allowed")
    return me


def _page(invalid: InvalidAnswers | None = None) -> str:
    me = queries.user(db.session(), _me().user_id)
    fields = (
        _secret("current", gettext("Kata sandi sekarang"), "current-password", invalid),
        _secret(
            "chosen",
            gettext("Kata sandi baru"),
            "new-password",
            invalid,
            gettext(
                "Paling sedikit dua belas tanda. Kalimat yang hanya Anda ketahui lebih baik daripada kata yang rumit."
            ),
        ),
    )
    return render_template(
        "account/index.html",
        title=gettext("Akun saya"),
        me=me,
        memberships=queries.memberships_of(db.session(), me.id, now()),
        standing_in=[
            acting
            for acting in queries.deputies_at(db.session(), now())
            if acting.deputy_id == me.id and acting.begins_at <= now()
        ],
        fields=fields,
        problems=[(field.id, field.error) for field in fields if field.error],
    )


def _secret(name: str, label: str, autocomplete: str, invalid: InvalidAnswers | None, hint: str = "") -> Field:
    found = next((problem for problem in invalid.problems if problem[0] == name), None) if invalid else None
    error = labels.problem_sentence(found[1], found[2], label) if found else ""
    return Field("password", name, name, label, hint, error, required=True, attributes={"autocomplete": autocomplete})


def _enrolment_page(error: str = "") -> str:
    me = _me()
    with begin() as tx:
        secret = enrolment.begin_enrolment(tx, me.user_id)
    code = Field(
        "text",
        "code",
        "code",
        gettext("Kode enam angka"),
        "",
        error,
        required=True,
        attributes={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "7"},
    )
    return render_template(
        "account/enrol.html",
        title=gettext("Daftarkan kode masuk"),
        fields=(code,),
        problems=[(code.id, code.error)] if error else [],
        picture_code=picture_of(secret, me.login),
        secret=key_of(secret),
    )
