"""Users for whoever manages them: the list, one user's data, roles and deputies, and the account itself.

Nothing is deleted: roles end, accounts are closed. What somebody may do in a role is data of the register of roles.
"""

from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp import labels
from webapp.extensions import db
from webapp.fields import Field, Option
from webapp.guards import requires
from webapp.navigation import page_number
from webapp.transaction import begin, now
from workflows.errors import AmanahError, Conflict, InvalidAnswers
from workflows.people import enrolment, mandates, operations, passwords, queries
from workflows.people.models import User
from workflows.settings import Settings
from workflows.tasks.operations import release_unfit
from workflows.transaction import SYSTEM

blueprint = Blueprint("people", __name__)

# People whom a field offers while one types.
_MOST_OFFERED = 50

# What is asked about a user, in the order of the page.
_DATA = ("name", "employee_number", "position", "email", "phone", "language")


@blueprint.get("/pengguna")
@requires("user.manage")
def index() -> str:
    """Show everybody who can sign in, the closed accounts last."""
    session = db.session()
    wanted = request.args.get("cari", "").strip()[:100]
    unit_id = request.args.get("unit", type=UUID)
    found = queries.find_users(session, now(), words=wanted, unit_id=unit_id, page=page_number())
    return render_template(
        "people/index.html",
        title=gettext("Pengguna"),
        found=found,
        roles=queries.memberships_by_user(session, [each.id for each in found.users], now()),
        deputies=queries.deputies_at(session, now()),
        wanted=wanted,
        unit_id=unit_id,
        units=queries.unit_tree(session),
        page_address=lambda number: url_for(
            "people.index", cari=wanted or None, unit=unit_id, halaman=number if number > 1 else None
        ),
    )


@blueprint.get("/pengguna/baru")
@requires("user.manage")
def new() -> str:
    """Show the form for a new user."""
    return _new_page()


@blueprint.post("/pengguna/baru")
@requires("user.manage")
def add() -> str | tuple[str, int] | Response:
    """Add a user with a password that is good for the first sign-in only."""
    password = passwords.readable_password()
    try:
        with begin() as tx:
            user = operations.add_user(tx, login=request.form.get("login", ""), password=password, **_typed())
    except InvalidAnswers as error:
        return _new_page(error), 422
    return _password_page(user, password)


@blueprint.get("/pengguna/<uuid:user_id>")
@requires("user.manage")
def user(user_id: UUID) -> str:
    """Show one user with all that can be done about them."""
    return _user_page(user_id)


@blueprint.post("/pengguna/<uuid:user_id>")
@requires("user.manage")
def change(user_id: UUID) -> str | tuple[str, int] | Response:
    """Correct a user's data."""
    try:
        with begin() as tx:
            operations.change_user(tx, user_id, **_typed())
    except InvalidAnswers as error:
        return _user_page(user_id, error), 422
    flash(gettext("Data pengguna disimpan."), "done")
    return _back(user_id)


@blueprint.post("/pengguna/<uuid:user_id>/peran")
@requires("user.manage")
def grant(user_id: UUID) -> Response:
    """Give the user a role in a unit."""
    unit_id = request.form.get("unit", type=UUID)
    role = request.form.get("role", "")
    if unit_id is None or not role:
        flash(gettext("Pilih peran dan unitnya."), "late")
        return _back(user_id, "peran")
    try:
        with begin() as tx:
            mandates.grant_role(tx, user_id, role, unit_id)
    except Conflict as error:
        return _refused(user_id, "peran", error)
    flash(gettext("Peran diberikan. Pengguna ini masuk sekali lagi untuk memakainya."), "done")
    return _back(user_id, "peran")


@blueprint.post("/pengguna/<uuid:user_id>/peran/akhiri")
@requires("user.manage")
def end_role(user_id: UUID) -> Response:
    """End a role of the user."""
    unit_id = request.form.get("unit", type=UUID)
    if unit_id is None:
        return _back(user_id, "peran")
    try:
        with begin() as tx:
            mandates.revoke_role(tx, user_id, request.form.get("role", ""), unit_id)
            release_unfit(tx.acting_as(SYSTEM))
    except Conflict as error:
        return _refused(user_id, "peran", error)
    flash(gettext("Peran diakhiri."), "done")
    return _back(user_id, "peran")


@blueprint.post("/pengguna/<uuid:user_id>/pindah")
@requires("user.manage")
def move(user_id: UUID) -> Response:
    """Move the user to another unit: all roles end, and those that are chosen begin there."""
    unit_id = request.form.get("new_unit", type=UUID)
    if unit_id is None:
        flash(gettext("Pilih unit yang baru."), "late")
        return _back(user_id, "pindah")
    try:
        with begin() as tx:
            mandates.move_to_unit(tx, user_id, unit_id, roles=request.form.getlist("roles"))
            release_unfit(tx.acting_as(SYSTEM))
    except Conflict as error:
        return _refused(user_id, "pindah", error)
    flash(gettext("Pengguna dipindahkan. Tugas yang dipegangnya kembali ke unit lama."), "done")
    return _back(user_id, "peran")


@blueprint.post("/pengguna/<uuid:user_id>/pelaksana")
@requires("user.manage")
def name_deputy(user_id: UUID) -> Response:
    """Name who acts in the user's place, from a day to a day."""
    deputy = queries.user_named(db.session(), request.form.get("deputy", "")[:100])
    first, last = _day("from"), _day("to")
    if deputy is None or first is None or last is None:
        flash(gettext("Tulis nama pengguna atau NIP pelaksananya, dan sejak kapan sampai kapan."), "late")
        return _back(user_id, "pelaksana")
    try:
        with begin() as tx:
            mandates.set_deputy(
                tx,
                user_id,
                deputy.id,
                kind="plt" if request.form.get("kind") == "plt" else "plh",
                # Nobody stands in for the past: a first day that is over means from now on.
                begins_at=max(_midnight(first), tx.now),
                ends_at=_midnight(last + timedelta(days=1)),
                order_number=request.form.get("order_number", "").strip()[:100] or None,
            )
    except InvalidAnswers as error:
        _, code, facts = error.problems[0]
        flash(labels.problem_sentence(code, facts), "late")
        return _back(user_id, "pelaksana")
    except Conflict as error:
        return _refused(user_id, "pelaksana", error)
    flash(gettext("Pelaksana ditetapkan."), "done")
    return _back(user_id, "pelaksana")


@blueprint.post("/pengguna/<uuid:user_id>/pelaksana/<uuid:acting_id>/akhiri")
@requires("user.manage")
def end_deputy(user_id: UUID, acting_id: UUID) -> Response:
    """End an acting officer's time."""
    try:
        with begin() as tx:
            mandates.end_deputy(tx, acting_id)
            release_unfit(tx.acting_as(SYSTEM))
    except Conflict as error:
        return _refused(user_id, "pelaksana", error)
    flash(gettext("Masa pelaksana diakhiri."), "done")
    return _back(user_id, "pelaksana")


@blueprint.post("/pengguna/<uuid:user_id>/kata-sandi")
@requires("user.manage")
def reset_password(user_id: UUID) -> str | Response:
    """Make a new password for the user and show it this once."""
    try:
        with begin() as tx:
            password = operations.reset_password(tx, user_id)
    except Conflict as error:
        return _refused(user_id, "akun", error)
    return _password_page(queries.user(db.session(), user_id), password)


@blueprint.post("/pengguna/<uuid:user_id>/kode")
@requires("user.manage")
def remove_second_factor(user_id: UUID) -> Response:
    """Take away the second factor of somebody who has lost the phone."""
    try:
        with begin() as tx:
            enrolment.remove_second_factor(tx, user_id)
    except Conflict as error:
        return _refused(user_id, "akun", error)
    flash(gettext("Kode masuk dicabut. Pengguna ini dapat mendaftarkan yang baru."), "done")
    return _back(user_id, "akun")


@blueprint.post("/pengguna/<uuid:user_id>/nonaktif")
@requires("user.manage")
def deactivate(user_id: UUID) -> Response:
    """Close the account for good."""
    if request.form.get("sure") != "true":
        flash(gettext("Centang dahulu bahwa akun ini memang ditutup."), "late")
        return _back(user_id, "akun")
    try:
        with begin() as tx:
            operations.deactivate(tx, user_id)
            release_unfit(tx.acting_as(SYSTEM))
    except Conflict as error:
        return _refused(user_id, "akun", error)
    flash(gettext("Akun ditutup. Namanya tetap ada di riwayat kasus."), "done")
    return _back(user_id)


def _typed() -> dict[str, Any]:
    """Give the data as they were typed; what may be missing is missing when nothing was typed."""
    typed = {name: request.form.get(name, "").strip()[:200] for name in _DATA}
    optional = {name: text or None for name, text in typed.items() if name not in {"name", "language"}}
    language = "en" if typed["language"] == "en" else "id"
    return {"name": typed["name"], "language": language, **optional}


def _new_page(invalid: InvalidAnswers | None = None) -> str:
    login = _field(
        "login",
        request.form.get("login", ""),
        invalid,
        gettext("Huruf kecil, angka, titik, garis; sering kali NIP."),
        required=True,
        attributes={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    fields = (login, *_data_fields(None, invalid))
    return render_template(
        "people/new.html", title=gettext("Tambah pengguna"), fields=fields, problems=_problems(fields)
    )


def _user_page(user_id: UUID, invalid: InvalidAnswers | None = None) -> str:
    session = db.session()
    found = queries.user(session, user_id)
    fields = _data_fields(found, invalid)
    memberships = queries.memberships_of(session, user_id, now())
    deputies = queries.deputies_at(session, now())
    return render_template(
        "people/user.html",
        title=found.name,
        user=found,
        fields=fields,
        problems=_problems(fields),
        memberships=memberships,
        units=queries.unit_tree(session),
        all_roles=queries.all_roles(session),
        colleagues=_colleagues(user_id, {each.unit_id for each in memberships}),
        deputies=[each for each in deputies if each.principal_id == user_id],
        standing_in=[each for each in deputies if each.deputy_id == user_id],
    )


def _colleagues(user_id: UUID, unit_ids: set[UUID]) -> list[User]:
    """Give who is likely to stand in: the people of the same units. Anybody else is named by login or NIP."""
    found = {each.id: each for unit_id in unit_ids for each in queries.members_of(db.session(), unit_id, now())}
    return sorted((each for each in found.values() if each.id != user_id), key=lambda each: each.name)[:_MOST_OFFERED]


def _password_page(user: User, password: str) -> Response:
    """Show a password once: it stands in this answer alone, never in a message that waits in a cookie."""
    page = render_template("people/password.html", title=gettext("Kata sandi sementara"), user=user, password=password)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _data_fields(user: User | None, invalid: InvalidAnswers | None) -> tuple[Field, ...]:
    def value(name: str) -> str:
        return request.form.get(name, "") if invalid or user is None else str(getattr(user, name) or "")

    language = value("language") or "id"
    return (
        _field("name", value("name"), invalid, required=True),
        _field("employee_number", value("employee_number"), invalid, attributes={"inputmode": "numeric"}),
        _field("position", value("position"), invalid, gettext("Seperti yang tercetak di atas tanda tangan.")),
        _field("email", value("email"), invalid),
        _field("phone", value("phone"), invalid),
        Field(
            "select",
            "language",
            "language",
            gettext("Bahasa pemberitahuan"),
            required=True,
            options=(
                Option("id", "Bahasa Indonesia", language == "id"),
                Option("en", "English", language == "en"),
            ),
        ),
    )


def _field(
    name: str,
    value: str,
    invalid: InvalidAnswers | None,
    hint: str = "",
    *,
    required: bool = False,
    attributes: dict[str, str] | None = None,
) -> Field:
    words = {
        "login": gettext("Nama pengguna"),
        "name": gettext("Nama lengkap dan gelar"),
        "employee_number": gettext("NIP"),
        "position": gettext("Jabatan"),
        "email": gettext("Surel"),
        "phone": gettext("Telepon"),
    }
    found = next((problem for problem in invalid.problems if problem[0] == name), None) if invalid else None
    return Field(
        "email" if name == "email" else "tel" if name == "phone" else "text",
        name,
        name,
        words[name],
        hint,
        labels.problem_sentence(found[1], found[2], words[name]) if found else "",
        value,
        required=required,
        attributes=attributes or {"autocomplete": "off"},
    )


def _problems(fields: tuple[Field, ...]) -> list[tuple[str, str]]:
    return [(field.id, field.error) for field in fields if field.error]


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    settings: Settings = current_app.extensions["amanah_settings"]
    return datetime.combine(day, clock_time(), settings.zone)


def _refused(user_id: UUID, place: str, error: AmanahError) -> Response:
    flash(labels.error_sentence(error), "late")
    return _back(user_id, place)


def _back(user_id: UUID, place: str = "") -> Response:
    return redirect(url_for("people.user", user_id=user_id, _anchor=place or None), code=303)
